"""Top-level await works as in a notebook, and earns what it gives."""

from __future__ import annotations

ANSWERS = {
    "square": r"""
import asyncio
await asyncio.sleep(0)
def square(x):
    return x * x
""",
}
EARNS = {"t-square": 2.0, "t-share": 3.0}
