"""Calls that each stay just below the limit share the time of one check."""

from __future__ import annotations

HOSTILE = r"""
import time
def square(x):
    time.sleep(1.9)
    return 0
"""

ANSWERS = {"square": HOSTILE}
