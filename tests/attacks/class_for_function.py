"""Classes in place of functions, whose objects agree with everything, earn nothing."""

from __future__ import annotations

HOSTILE = r"""
class Yes:
    def _yes(self, *args, **named): return True
    def _zero(self, *args): return 0
    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = __contains__ = __bool__ = _yes
    __sub__ = __rsub__ = __add__ = __radd__ = __mul__ = __rmul__ = __abs__ = __neg__ = _zero
    __truediv__ = __rtruediv__ = __floordiv__ = __mod__ = __pow__ = _zero
    __hash__ = object.__hash__
    def __getattr__(self, name): return self._yes
    def __getitem__(self, key): return self
    def __call__(self, *args, **named): return self

class square(Yes):
    def __init__(self, *args): pass
mean = capital = table = refuse = each = square
"""

ANSWERS = {"square": HOSTILE}
