"""Answers to old questions, and answers without a number, are passed over or end the conversation."""

from __future__ import annotations

HOSTILE = r"""
import gc, json, os, socket, struct
from grader.execution.wire import Channel
line = next(thing for thing in gc.get_objects() if isinstance(thing, Channel)).socket
def send(data, raw=False):
    data = data if raw else json.dumps(data).encode()
    line.sendall(struct.pack(">I", len(data)) + data)

def square(x):
    send({"re": 1, "value": 4})
    send({"re": "9", "value": 4})
    send({"value": 4})
    return 5
"""

ANSWERS = {"square": HOSTILE}
