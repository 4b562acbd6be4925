"""A check that ends in a calculation gives no points for what is no number."""

from __future__ import annotations

HOSTILE = r"""
import numpy as np
square = lambda x: np.array([[x * x + 1.0]])
"""

ANSWERS = {"square": HOSTILE}
