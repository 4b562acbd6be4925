"""Recursion without end, in calls, in callbacks and in data, is an error of its own."""

from __future__ import annotations

HOSTILE = r"""
import sys
def square(x): return square(x)
def mean(values):
    deep = []
    for _ in range(100_000): deep = [deep]
    return deep
def each(function, items): return function(each(function, items))
loop = []
loop.append(loop)
capital = lambda country: loop
sys.setrecursionlimit(10 ** 6)
"""

ANSWERS = {"square": HOSTILE}
