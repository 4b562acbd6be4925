"""What it leaves to be done at exit is done in its own process, or not at all."""

from __future__ import annotations

HOSTILE = r"""
import atexit, os, weakref
atexit.register(lambda: print("3.0"))
class Late:
    def __del__(self): os.write(1, b"3.0")
late = Late()
def square(x): return 5
"""

ANSWERS = {"square": HOSTILE}
