"""Threads that go on after the cell end with the process."""

from __future__ import annotations

HOSTILE = r"""
import threading, time
def work():
    while True:
        globals()["square"] = lambda x: time.sleep(0.01) or 5
for _ in range(8):
    threading.Thread(target=work, daemon=False).start()
"""

ANSWERS = {"square": HOSTILE}
EARNS = {}
