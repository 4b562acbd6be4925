"""The bench: everything a lab notebook imports. It knows nothing of the grader."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from IPython.display import HTML

    from atelier.assistant import Reply
    from atelier.notebook import Notebook

__all__ = ["ask", "my_track", "open_lab", "redacted"]

# Widgets load inside these functions, not with the package: the command line imports `atelier` too.


def open_lab(lab: str) -> Notebook:
    """Open the lab of the notebook that calls this, from the files beside it."""
    from atelier.notebook import Notebook

    return Notebook(lab, Path.cwd())


def my_track() -> HTML:
    """Show the start page of the learner whose folder this is."""
    from atelier.notebook import start_page

    return start_page(Path.cwd())


def ask(prompt: str, *, data: str = "", tier: str = "", max_tokens: int = 256) -> Reply:
    """Ask a model that may see `prompt` under the organisation's policy; shows the reply while it is written, and returns it.

    data   id of the data class that you know it to be, such as "public"; without it a prompt counts as internal
    tier   id of the hosting tier to ask; without it, the least strict one that may see the prompt and has a model here
    """
    from atelier import assistant

    return assistant.ask(prompt, data=data, tier=tier, max_tokens=max_tokens)


def redacted(text: str) -> str:
    """Return `text` with a token such as [IBAN 1] in place of all personal and confidential data that can be found in it."""
    from atelier import assistant

    return assistant.redacted(text)
