"""A learner's functions as text, for the "take to work" card."""

from __future__ import annotations

import inspect
import linecache
from collections.abc import Callable, Iterable
from typing import Any


def written(functions: Iterable[Callable[..., Any]]) -> str:
    """Return the cells that `functions` were defined in, each once: imports and helpers beside a function belong to it."""
    return "\n\n".join(dict.fromkeys(map(_cell, functions)))


def _cell(function: Callable[..., Any]) -> str:
    code = getattr(function, "__code__", None)
    try:
        # Of a function that comes from a library, the function alone.
        if code is None or function.__module__ != "__main__":
            return inspect.getsource(function).strip()
        text = "".join(linecache.getlines(code.co_filename)).strip()
    except (OSError, TypeError):
        text = ""
    return text or f"# {getattr(function, '__name__', 'function')}: its code does not stand in the notebook"
