"""Sources with NUL bytes, half characters and megabytes stop nothing."""

from __future__ import annotations

from typing import Any

ANSWERS = {
    "square": r"""
def square(x):
    return x * x
""",
}
EARNS = {"t-square": 2.0, "t-share": 3.0}


def change(book: Any) -> None:
    book["cells"].append({"cell_type": "code", "metadata": {}, "source": "x = 1\x00"})
    book["cells"].append({"cell_type": "code", "metadata": {}, "source": "'\ud800'"})
    book["cells"].append({"cell_type": "code", "metadata": {}, "source": "# " + "x" * 3_000_000})
    book["cells"].append({"cell_type": "code", "metadata": {}, "source": "(" * 5000})
