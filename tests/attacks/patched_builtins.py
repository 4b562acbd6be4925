"""Built-ins that learner code replaces are replaced in its own process only."""

from __future__ import annotations

HOSTILE = r"""
import builtins, math
for name in ("len", "abs", "sum", "all", "any", "isinstance", "range", "min", "list", "print", "repr", "AssertionError"):
    real = getattr(builtins, name)
    setattr(builtins, name, lambda *args, **named: True)
    globals()[name] = lambda *args, **named: True
math.isclose = lambda *args, **named: True
"""

ANSWERS = {"square": HOSTILE}
