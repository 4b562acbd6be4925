"""Huge, nested, cut and unreadable frames end the conversation."""

from __future__ import annotations

HOSTILE = r"""
import gc, json, os, socket, struct
from grader.execution.wire import Channel
line = next(thing for thing in gc.get_objects() if isinstance(thing, Channel)).socket
def send(data, raw=False):
    data = data if raw else json.dumps(data).encode()
    line.sendall(struct.pack(">I", len(data)) + data)

line.sendall(struct.pack(">I", 0xFFFFFFFF) + b"x" * 1000)
"""

ANSWERS = {
    "square": r"""
import gc, json, os, socket, struct
from grader.execution.wire import Channel
line = next(thing for thing in gc.get_objects() if isinstance(thing, Channel)).socket
def send(data, raw=False):
    data = data if raw else json.dumps(data).encode()
    line.sendall(struct.pack(">I", len(data)) + data)
line.sendall(struct.pack('>I', 0xFFFFFFFF) + b'x' * 1000)
""",
    "mean": r"""
import gc, json, os, socket, struct
from grader.execution.wire import Channel
line = next(thing for thing in gc.get_objects() if isinstance(thing, Channel)).socket
def send(data, raw=False):
    data = data if raw else json.dumps(data).encode()
    line.sendall(struct.pack(">I", len(data)) + data)
send(b'[' * 1000000, raw=True)
""",
}
