"""Links in the folder lead nowhere: what they point to is not brought in."""

from __future__ import annotations

from pathlib import Path

ANSWERS = {
    "square": r"""
from pathlib import Path
print("TRIED", sorted(Path().rglob("*")))
for name in ("book.db", "secret.txt", "all/.secret", "all/gradebook.db"):
    try:
        print(Path(name).read_bytes())
    except OSError as error:
        print(error)
""",
}


def prepare(folder: Path) -> None:
    root = folder.parents[2]
    (folder / "book.db").symlink_to(root / "gradebook.db")
    (folder / "secret.txt").symlink_to(root / ".secret")
    (folder / "all").symlink_to(root)
    (folder / "loop").symlink_to(folder)
    (folder / "timestamp.txt").symlink_to("/etc/passwd")
