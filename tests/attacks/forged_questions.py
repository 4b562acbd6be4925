"""A learner's process may ask for functions that it was lent, and for nothing else."""

from __future__ import annotations

HOSTILE = r"""
import gc, json, os, socket, struct
from grader.execution.wire import Channel
line = next(thing for thing in gc.get_objects() if isinstance(thing, Channel)).socket
def send(data, raw=False):
    data = data if raw else json.dumps(data).encode()
    line.sendall(struct.pack(">I", len(data)) + data)

def square(x):
    send({"ask": 1, "op": "eval", "source": "names"})
    return 5
def each(function, items):
    for number in (-1, 0, 10 ** 9):
        send({"ask": 1, "op": "back", "n": number, "args": [], "named": {"t": "d", "v": {}}})
"""

ANSWERS = {"square": HOSTILE}
