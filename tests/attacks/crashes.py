"""A segmentation fault ends a learner's process and nothing else."""

from __future__ import annotations

HOSTILE = r"""
import ctypes
ctypes.string_at(0)
"""

ANSWERS = {"square": HOSTILE}
