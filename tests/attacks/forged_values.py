"""Values of the wire that were never encoded (types, shapes, zones, frequencies) are refused."""

from __future__ import annotations

HOSTILE = r"""
import gc, json, os, socket, struct
from grader.execution.wire import Channel
line = next(thing for thing in gc.get_objects() if isinstance(thing, Channel)).socket
def send(data, raw=False):
    data = data if raw else json.dumps(data).encode()
    line.sendall(struct.pack(">I", len(data)) + data)

from grader.execution import learner
values = iter([
    {"t": "fraction", "v": "1e999999999"}, {"t": "decimal", "v": "1e999999999"}, {"t": "range", "v": [0, 10 ** 300, 1]},
    {"t": "array", "v": {"s": [10 ** 12], "k": "<f8", "b": ""}}, {"t": "array", "v": {"s": [0], "k": "O", "b": ""}},
    {"t": "timestamp", "v": "2020-01-01", "z": "dateutil//etc/passwd", "u": "ns"}, {"t": "ref", "back": 0}, {"t": "ref", "n": -5, "k": "class", "name": "int", "bases": ["SystemExit"]},
    {"t": "named", "n": "T", "f": ["startswith", "equals"], "v": [{"t": "ref", "n": 1, "k": "function"}] * 2},
    {"t": "period", "v": "2020", "q": "x" * 1000}, {"t": "ref", "n": 1, "k": "module", "name": "unittest.mock"}, {"t": ["d"]}, {"t": "zzz"},
    {"t": "steps", "v": [0, 10 ** 15, 1], "n": None}, {"t": "counter", "v": [[[], 1]]}, {"t": "bytes", "v": "!!"}] * 20)
learner.encode = lambda value, *args: next(values)
"""

ANSWERS = {"square": HOSTILE}
