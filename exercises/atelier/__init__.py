"""The bench: everything a lab notebook imports. It knows nothing of the grader."""

from __future__ import annotations

from atelier.notebook import open_lab

__all__ = ["open_lab"]
