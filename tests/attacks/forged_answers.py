"""Answers to questions that were not asked yet earn nothing."""

from __future__ import annotations

HOSTILE = r"""
import gc, json, os, socket, struct
from grader.execution.wire import Channel
line = next(thing for thing in gc.get_objects() if isinstance(thing, Channel)).socket
def send(data, raw=False):
    data = data if raw else json.dumps(data).encode()
    line.sendall(struct.pack(">I", len(data)) + data)

for number in range(1, 60):
    send({"re": number, "value": 4, "good": True, "outputs": []})
"""

ANSWERS = {"square": HOSTILE}
