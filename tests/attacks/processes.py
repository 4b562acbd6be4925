"""Processes that it starts, detached ones too, end with it."""

from __future__ import annotations

HOSTILE = r"""
import os, signal, time
for _ in range(60):
    try:
        if os.fork() == 0:
            try:
                os.setsid()
            except OSError:
                pass
            for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
                signal.signal(number, signal.SIG_IGN)
            if os.fork() == 0:
                time.sleep(600)
            os._exit(0)
    except OSError:
        break
"""

ANSWERS = {"square": HOSTILE}
