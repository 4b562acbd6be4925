"""The bench: everything a lab notebook imports. It knows nothing of the grader."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from IPython.display import HTML

    from atelier.notebook import Notebook

__all__ = ["my_track", "open_lab"]

# Widgets load inside these functions, not with the package: the command line imports `atelier` too.


def open_lab(lab: str) -> Notebook:
    """Open the lab of the notebook that calls this, from the files beside it."""
    from atelier.notebook import Notebook

    return Notebook(lab, Path.cwd())


def my_track() -> HTML:
    """Show the start page of the learner whose folder this is."""
    from atelier.notebook import start_page

    return start_page(Path.cwd())
