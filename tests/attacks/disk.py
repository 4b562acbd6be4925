"""Files without end fill its own small disk and nothing else."""

from __future__ import annotations

HOSTILE = r"""
import os
print("TRIED")
for place in (".", "/tmp", "/dev/shm"):
    try:
        for number in range(100):
            with open(f"{place}/x{number}", "wb") as file:
                file.write(b"x" * (1 << 20))
    except OSError as error:
        print(error)
"""

ANSWERS = {"square": HOSTILE}
