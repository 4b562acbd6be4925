"""A cell that catches its own time limit is ended from outside; the rest of the batch is graded."""

from __future__ import annotations

HOSTILE = r"""
import signal
signal.signal(signal.SIGALRM, signal.SIG_IGN)
while True:
    try:
        while True:
            pass
    except BaseException:
        pass
"""

ANSWERS = {"square": HOSTILE}
