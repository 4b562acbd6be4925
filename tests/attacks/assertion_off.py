"""Asserts that learner code switches off, or errors that it redefines, change no check."""

from __future__ import annotations

HOSTILE = r"""
import sys, builtins
class Never(Exception): pass
builtins.AssertionError = Never
AssertionError = Never
sys.flags = None
sys.excepthook = lambda *args: None
__debug__none = False
square = mean = lambda x: -1
"""

ANSWERS = {"square": HOSTILE}
