"""What the machine tells about processes and folders: who descends from whom, and what they use."""

from __future__ import annotations

import math
import os
import signal
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from grader.isolation import kernel

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MB = 1 << 20
_PAGE_MB = os.sysconf("SC_PAGE_SIZE") / MB


def kill(pid: int) -> None:
    """End `pid`, if it is there and ours to end."""
    with suppress(ProcessLookupError, PermissionError):
        os.kill(pid, signal.SIGKILL)


def _children(pid: int) -> Iterator[int]:
    with suppress(OSError):
        for thread in Path(f"/proc/{pid}/task").iterdir():
            with suppress(OSError):
                yield from map(int, (thread / "children").read_text(encoding="ascii").split())


def tree(pid: int) -> Iterator[int]:
    """Yield all descendants of `pid`, itself not."""
    for child in _children(pid):
        yield child
        yield from tree(child)


def resident(pid: int) -> float:
    """Return the MB of `pid` in memory, shared pages counted in full."""
    with suppress(OSError, IndexError):
        return int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]) * _PAGE_MB
    return 0.0


def proportional(pid: int) -> float:
    """Return the MB of `pid`, shared pages divided among those who share them; in full if it does not let us look."""
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) / 1024
    except PermissionError:
        return resident(pid)
    except OSError:  # it has ended
        pass
    return 0.0


def occupied(folder: Path) -> float:
    """Return the MB that the files below `folder` occupy, an empty one as much as a block."""
    total = 0
    for at, folders, files in os.walk(folder):
        total += 4096 * len(folders)
        for name in files:
            with suppress(OSError):
                total += max(os.lstat(Path(at, name)).st_blocks * 512, 4096)
    return total / MB


def unlinked(pids: Iterable[int], folder: Path) -> float:
    """Return the MB of files below `folder` that `pids` hold open without a name; without end if one hides them."""
    found: dict[tuple[int, int], float] = {}
    for pid in pids:
        try:
            entries = list(Path(f"/proc/{pid}/fd").iterdir())
        except PermissionError:
            if resident(pid):  # else it is ending: it has no memory any more, and soon no files
                return math.inf
            continue
        except OSError:
            continue
        for entry in entries:
            with suppress(OSError):
                if str(entry.readlink()).startswith(f"{folder}/"):
                    status = entry.stat()
                    if status.st_nlink == 0:
                        found[status.st_dev, status.st_ino] = status.st_blocks * 512 / MB
    return sum(found.values())


@contextmanager
def seen_as(user: int | None) -> Iterator[None]:
    """Look into processes of `user` as that user, where we are root without the right to look into others'."""
    if user is None or kernel.effective_capabilities() >> kernel.CAP_SYS_PTRACE & 1:
        yield
        return
    kernel.look_as(user, user)
    try:
        yield
    finally:
        kernel.look_as(os.geteuid(), os.getegid())
