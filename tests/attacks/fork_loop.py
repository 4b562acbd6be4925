"""A loop of forks is bounded, and ended."""

from __future__ import annotations

HOSTILE = r"""
import os
while True:
    try:
        os.fork()
    except OSError:
        pass
"""

ANSWERS = {"square": HOSTILE}
