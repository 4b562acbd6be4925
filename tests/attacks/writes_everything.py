"""Nothing outside its own folder can be written: not the gradebook, not its own grade, not the release."""

from __future__ import annotations

HOSTILE = r"""
import os, sqlite3
from pathlib import Path
print("TRIED")
for path in PLACES:
    for attempt in (lambda: Path(path).write_bytes(b"x"), lambda: Path(path).unlink(), lambda: os.truncate(path, 0),
                    lambda: os.chmod(path, 0o777), lambda: sqlite3.connect(path).execute("update grade set manual_score = 9").connection.commit(),
                    lambda: os.symlink("/etc/passwd", path + ".link")):
        try:
            attempt()
        except Exception:
            pass
"""

ANSWERS = {"square": HOSTILE}
