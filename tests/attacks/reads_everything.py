"""The gradebook, hidden tests, secret, other learners' work, environment and other processes are out of sight."""

from __future__ import annotations

HOSTILE = r"""
import os, glob, sys
from pathlib import Path
print("TRIED")
roots = [Path.cwd(), *Path.cwd().parents, Path("/tmp"), Path("/proc"), Path("/root"), Path("/home"), Path("/var"), Path("/dev/shm"), Path("/work")]
for root in roots:
    try:
        for path in list(root.iterdir())[:200]:
            print(path)
    except OSError as error:
        print(root, error)
target = PLACES
for path in target:
    try:
        print(Path(path).read_bytes()[:2000])
    except OSError as error:
        print(path, error)
for path in glob.glob("/proc/[0-9]*/environ") + glob.glob("/proc/[0-9]*/cmdline") + glob.glob("/proc/[0-9]*/fd/*"):
    try:
        print(path, Path(path).read_bytes()[:500] if "fd" not in path else os.readlink(path))
    except OSError:
        pass
"""

ANSWERS = {"square": HOSTILE}
