"""abort(), and signals to its own group and to all, end a learner's process and nothing else."""

from __future__ import annotations

HOSTILE = r"""
import os, signal
for pid in (0, -1, os.getppid()):
    try:
        os.kill(pid, signal.SIGTERM)
    except OSError:
        pass
os.abort()
"""

ANSWERS = {"square": HOSTILE}
