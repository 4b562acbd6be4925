"""What the machine tells about processes and folders: who descends from whom, and what they use."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

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


def proportional(pid: int, base: float) -> float:
    """Return the MB of `pid`, shared pages divided among those who share them."""
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) / 1024
    except OSError:
        # Not ours to look into (a container's root, say): what it has that we had not when it began.
        return max(anonymous(pid) - base, 0.0)
    return 0.0


def anonymous(pid: int) -> float:
    """Return the resident MB of `pid` that no file holds."""
    found = 0
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace").splitlines():
            if line.startswith(("RssAnon:", "RssShmem:")):
                found += int(line.split()[1])
    return found / 1024


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
    """Return the MB of files below `folder` that `pids` hold open without a name."""
    found: dict[tuple[int, int], float] = {}
    for pid in pids:
        with suppress(OSError):
            for entry in Path(f"/proc/{pid}/fd").iterdir():
                with suppress(OSError):
                    if str(entry.readlink()).startswith(f"{folder}/"):
                        status = entry.stat()
                        if status.st_nlink == 0:
                            found[status.st_dev, status.st_ino] = status.st_blocks * 512 / MB
    return sum(found.values())
