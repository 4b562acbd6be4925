"""Handlers, timers and masks that learner code sets hold in its own process."""

from __future__ import annotations

HOSTILE = r"""
import signal
for number in range(1, 65):
    try:
        signal.signal(number, lambda *args: None)
    except (OSError, ValueError):
        pass
signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))
def square(x):
    while True: pass
"""

ANSWERS = {"square": HOSTILE}
