"""Objects whose repr, str, hash or eq raise or never return stop nothing."""

from __future__ import annotations

HOSTILE = r"""
class Odd:
    def __repr__(self): raise SystemExit
    __str__ = __repr__
    def __hash__(self): raise KeyboardInterrupt
    def __eq__(self, other):
        while True: pass
    def __iter__(self): raise GeneratorExit
    def __len__(self): return 1 << 80
    def __bool__(self): raise MemoryError
    def __getattribute__(self, name): raise OSError(name)
square = lambda x: Odd()
mean = lambda values: [Odd()]
capital = lambda country: {Odd} and Odd
Odd()
"""

ANSWERS = {"square": HOSTILE}
