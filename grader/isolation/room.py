"""What is asked of the ladder: a level, a room to be confined to, and its bounds."""

from __future__ import annotations

import sys
import sysconfig
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

# Set by an operator who vouches that this worker runs in a container of its own.
VOUCHED = "ATELIER_WORKER_CONTAINER"


class Level(StrEnum):
    """How strongly learner code is confined, best first."""

    A = "A"
    B = "B"
    C = "C"
    D = "D"

    @property
    def says(self) -> str:
        """The level in a trainer's words."""
        return _SAYS[self]


_SAYS = {
    Level.A: "strong: a world of its own, with nothing in it but its own files",
    Level.B: "confined: the kernel refuses everything outside its own files",
    Level.C: "container per worker: what the operator's container refuses",
    Level.D: "none: limits on time and size only",
}


@dataclass(frozen=True, slots=True)
class Bounds:
    """What one submission may use: MB of memory over all its processes, processes, MB of files, wall seconds."""

    memory_mb: int = 1024
    processes: int = 32
    disk_mb: int = 256
    seconds: float = 120.0


@dataclass(frozen=True, slots=True)
class Room:
    """All of the machine that a confined child may see.

    `scratch` is the one writable folder, the child's working folder and home; the caller makes and deletes it. At level A
    the child writes to a copy of it in memory, gone with the child: what is to survive goes over a kept descriptor.
    `readable` are read-only trees (see `runtime`), `inputs` a read-only folder with this submission's files.
    `sockets` is a folder, not below `scratch`, that both sides see and where nothing but sockets can be made.
    Trees hold what is theirs by resolved path, and by the path that was given if that leads over links.
    """

    scratch: Path
    readable: tuple[Path, ...] = ()
    inputs: Path | None = None
    bounds: Bounds = Bounds()
    sockets: Path | None = None


@dataclass(frozen=True, slots=True)
class Usage:
    """What a confined child and its descendants use at the moment. Pages that several share are counted once."""

    memory_mb: float
    processes: int
    disk_mb: float


@cache
def runtime() -> tuple[Path, ...]:
    """Return the trees that this Python itself needs: its prefix, its base, its installed packages."""
    names = {sys.prefix, sys.base_prefix, *(sysconfig.get_path(name) for name in ("stdlib", "purelib", "platlib"))}
    return tuple(sorted(Path(name) for name in names if Path(name).is_dir()))
