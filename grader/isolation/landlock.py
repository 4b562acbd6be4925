"""Landlock: the kernel refuses this process, and all that it starts, whatever its rules do not name."""

from __future__ import annotations

import os
import stat
import struct
from functools import cache
from typing import TYPE_CHECKING

from grader.isolation import kernel

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_FILE = {"execute": 1 << 0, "write": 1 << 1, "read": 1 << 2, "truncate": 1 << 14}
_ALL_1 = (1 << 13) - 1  # ABI 1: everything up to making symbolic links
_MAKE_DEVICES = 1 << 6 | 1 << 11
_READ_DIR, _REMOVE_FILE, _MAKE_SOCKET = 1 << 3, 1 << 5, 1 << 9

READ = _FILE["execute"] | _FILE["read"] | _READ_DIR
WRITE = (_ALL_1 | 1 << 13 | _FILE["truncate"]) & ~_MAKE_DEVICES
DEVICE = _FILE["read"] | _FILE["write"]
SOCKETS = _READ_DIR | _REMOVE_FILE | _MAKE_SOCKET
_ON_FILES = _FILE["execute"] | _FILE["write"] | _FILE["read"] | _FILE["truncate"]

_TCP, _SCOPE_ABSTRACT, _SCOPE_SIGNAL = 3, 1, 2
SCOPES = 6  # the ABI that scopes signals and abstract sockets
TRUNCATE = 3  # the ABI that guards truncation


@cache
def abi() -> int:
    """Return the kernel's Landlock version, 0 for none."""
    try:
        return kernel.syscall(kernel.LANDLOCK_CREATE, None, 0, 1)
    except OSError:
        return 0


def _handled() -> int:
    version = abi()
    handled = _ALL_1
    for since, right in ((2, 1 << 13), (TRUNCATE, 1 << 14), (5, 1 << 15)):
        if version >= since:
            handled |= right
    return handled


def restrict(rules: Iterable[tuple[Path | str, int]]) -> None:
    """Allow what `rules` name (a path and its rights), and refuse all other files, TCP, outside signals and sockets."""
    handled = _handled()
    # Files, TCP, scopes: the structure grew with the versions, and older kernels refuse a longer one.
    size = 8 if abi() < 4 else 16 if abi() < SCOPES else 24
    attributes = struct.pack("=QQQ", handled, _TCP, _SCOPE_ABSTRACT | _SCOPE_SIGNAL)[:size]
    ruleset = kernel.syscall(kernel.LANDLOCK_CREATE, attributes, size, 0)
    for path, rights in rules:
        try:
            fd = os.open(path, os.O_PATH | os.O_CLOEXEC)
        except FileNotFoundError:
            continue
        folder = stat.S_ISDIR(os.fstat(fd).st_mode)
        allowed = rights & handled if folder else rights & handled & _ON_FILES
        kernel.syscall(kernel.LANDLOCK_ADD, ruleset, 1, struct.pack("=Qi", allowed, fd), 0)
        os.close(fd)
    kernel.no_new_privileges()
    kernel.syscall(kernel.LANDLOCK_RESTRICT, ruleset, 0)
    os.close(ruleset)
