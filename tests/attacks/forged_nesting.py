"""A value nested a thousand deep is refused."""

from __future__ import annotations

HOSTILE = r"""
import gc, json, os, socket, struct
from grader.execution.wire import Channel
line = next(thing for thing in gc.get_objects() if isinstance(thing, Channel)).socket
def send(data, raw=False):
    data = data if raw else json.dumps(data).encode()
    line.sendall(struct.pack(">I", len(data)) + data)

def square(x):
    send(b'{"re": 2, "value": ' + b"[" * 900 + b"]" * 900 + b"}", raw=True)
    return 5
"""

ANSWERS = {"square": HOSTILE}
