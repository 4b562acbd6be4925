"""A named tuple whose fields are functions named like methods is an object, not plain data."""

from __future__ import annotations

HOSTILE = r"""
from collections import namedtuple
yes = lambda *args: True
T = namedtuple("T", ["startswith", "equals"])
capital = lambda country: T(yes, yes)
table = lambda n: T(yes, yes)
"""

ANSWERS = {"square": HOSTILE}
