"""Half characters in output, errors and answers stop neither the submission nor the batch."""

from __future__ import annotations

HOSTILE = r"""
print("\ud800 and \udfff")
def square(x): raise ValueError("\ud800")
def mean(values): return "\ud800"
def capital(country): return "P\ud800"
raise ValueError("\udc00")
"""

ANSWERS = {"square": HOSTILE}
