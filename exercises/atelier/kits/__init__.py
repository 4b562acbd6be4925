"""The kits, by name. Importing this module imports no kit; `load` does."""

from __future__ import annotations

from functools import cache
from importlib import import_module

from atelier.kits.base import Kit

NAMES = ("prompting", "validation", "redaction", "decisions", "testing", "functions")


@cache
def load(name: str) -> Kit:
    """Return the kit called `name`. KeyError if there is none."""
    if name not in NAMES:
        raise KeyError(name)
    kit = import_module(f"atelier.kits.{name}").KIT
    assert isinstance(kit, Kit)
    return kit
