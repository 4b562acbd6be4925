"""Ends confined children whose parent ended without ending them (killed itself, say): `python warden.py`.

It reads lines on stdin, "+GROUP" and "-GROUP", process groups that are there and that are gone. When stdin ends, so has the
parent, and the groups that are left are killed. A program of its own, so that it shares no memory with the warm process.
"""

from __future__ import annotations

import os
import signal
import sys
from contextlib import suppress


def main() -> None:
    """Watch until the parent ends."""
    groups: set[int] = set()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    for line in sys.stdin:
        group = int(line[1:])
        if line[0] == "+":
            groups.add(group)
        else:
            groups.discard(group)
    for group in groups:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(group, signal.SIGKILL)


if __name__ == "__main__":
    main()
