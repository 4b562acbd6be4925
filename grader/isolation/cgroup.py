"""The kernel's own bound on a confined child's memory and processes, where the grader may make control groups.

The watch on processes (see `processes`) looks ten times a second; a control group also stops what happens in between. It is
used where it is offered, in version 2 (a delegated group with `memory` and `pids` enabled for its children) or version 1, and
nothing rests on it.
"""

from __future__ import annotations

import itertools
import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from grader.isolation.room import Bounds

if TYPE_CHECKING:
    from collections.abc import Iterator

_ROOT = Path("/sys/fs/cgroup")
_TASKS_EACH = 16  # the kernel counts threads: a process may have some
_numbers = itertools.count()


@dataclass(frozen=True, slots=True)
class Group:
    """Folders of one control group: one in version 2, one per controller in version 1."""

    folders: tuple[Path, ...]

    def join(self) -> None:
        """Put this process, and all that it will start, into the group. It leaves it by ending only."""
        for folder in self.folders:
            (folder / "cgroup.procs").write_text("0", encoding="ascii")

    def overrun(self) -> bool:
        """Return whether the kernel ended a process of the group because its memory was used up."""
        for folder in self.folders:
            for name in ("memory.events", "memory.oom_control"):
                with suppress(OSError):
                    told = (folder / name).read_text(encoding="ascii").split()
                    return told[told.index("oom_kill") + 1] != "0"
        return False

    def remove(self) -> None:
        """Remove the group once it is empty."""
        for folder in self.folders:
            with suppress(OSError):
                folder.rmdir()


def make(bounds: Bounds) -> Group | None:
    """Return a new group that holds to `bounds`; None where the grader may make none."""
    # What is written below a memory file system counts as memory, and the watch, which tells figures, should come first.
    memory = str((bounds.memory_mb * 5 // 4 + bounds.disk_mb) << 20)
    tasks = str(bounds.processes * _TASKS_EACH)
    name = f"atelier-{os.getpid()}-{next(_numbers)}"
    for parents, bound in ((_version_2(), "memory.max"), (_version_1(), "memory.limit_in_bytes")):
        group = Group(tuple(parent / name for parent in parents))
        try:
            for folder in group.folders:
                folder.mkdir()
                for file, value in ((bound, memory), ("pids.max", tasks), ("memory.oom.group", "1")):
                    if (folder / file).exists():
                        (folder / file).write_text(value, encoding="ascii")
            if group.folders:
                return group
        except OSError:
            group.remove()
    return None


def sweep() -> None:
    """Remove the groups of graders that were killed."""
    for parent in (*_version_2(), *_version_1()):
        for folder in parent.glob("atelier-*-*"):
            owner = folder.name.split("-")[1]
            if owner.isdigit() and not Path("/proc", owner).exists():
                Group((folder,)).remove()


def bounded_by() -> str:
    """Return in words what keeps a submission's memory and processes within bounds on this machine."""
    watched = "watched ten times a second"
    if (group := make(Bounds())) is None:
        return f"{watched}. The grader may make no control groups here: for a moment code may hold more than allowed."
    group.remove()
    return f"held by a control group of the kernel, and {watched}."


def _memberships() -> Iterator[tuple[str, str]]:
    """Yield (controllers, path) of the groups that this process is in; no controllers are version 2."""
    with suppress(OSError):
        for line in Path("/proc/self/cgroup").read_text(encoding="utf-8").splitlines():
            _, controllers, path = line.split(":", 2)
            yield controllers, path.lstrip("/")


def _version_2() -> tuple[Path, ...]:
    """Return the folder to make groups in: ours, or, as a group with groups below it holds no processes, the one above."""
    for controllers, path in _memberships():
        if not controllers:
            for folder in (_ROOT / path, (_ROOT / path).parent):
                with suppress(OSError):
                    if "memory" in (folder / "cgroup.subtree_control").read_text(encoding="ascii").split():
                        return (folder,)
    return ()


def _version_1() -> tuple[Path, ...]:
    """Return the folders to make groups in, a controller each."""
    found = {controllers: _ROOT / controllers / path for controllers, path in _memberships() if controllers}
    return tuple(
        folder for controller in ("memory", "pids") for names, folder in found.items() if controller in names.split(",")
    )
