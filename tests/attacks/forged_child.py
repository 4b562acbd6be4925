"""A forked child that writes on the conversation's socket cannot speak for a check."""

from __future__ import annotations

HOSTILE = r"""
import gc, json, os, socket, struct
from grader.execution.wire import Channel
line = next(thing for thing in gc.get_objects() if isinstance(thing, Channel)).socket
def send(data, raw=False):
    data = data if raw else json.dumps(data).encode()
    line.sendall(struct.pack(">I", len(data)) + data)

if os.fork() == 0:
    while True:
        for number in range(1, 50):
            send({"re": number, "value": 4, "good": True, "outputs": []})
"""

ANSWERS = {"square": HOSTILE}
