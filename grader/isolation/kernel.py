"""The Linux calls that Python does not have: mounts, namespaces, capabilities, Landlock, seccomp. Each raises OSError."""

from __future__ import annotations

import ctypes
import os
import platform
import struct
from pathlib import Path

_libc = ctypes.CDLL(None, use_errno=True)
_locked = ctypes.PyDLL(None, use_errno=True)  # keeps Python's lock: a fork must
MACHINE = platform.machine()

# From 424 on, numbers are the same on every architecture.
OPEN_TREE, MOVE_MOUNT, FSOPEN, FSCONFIG, FSMOUNT, MOUNT_SETATTR = 428, 429, 430, 431, 432, 442
LANDLOCK_CREATE, LANDLOCK_ADD, LANDLOCK_RESTRICT = 444, 445, 446
CLONE, PIVOT_ROOT, SECCOMP, CAPGET, CAPSET = {
    "x86_64": (56, 155, 317, 125, 126),
    "aarch64": (220, 41, 277, 90, 91),
}.get(MACHINE, (-1,) * 5)


NEW_USER, NEW_NS, NEW_PID, NEW_NET = 0x10000000, 0x00020000, 0x20000000, 0x40000000
NEW_IPC, NEW_UTS, NEW_CGROUP = 0x08000000, 0x04000000, 0x02000000
_SET_TID, _CLEAR_TID, _SIGCHLD = 0x01000000, 0x00200000, 17

RDONLY, NOSUID, NODEV, NOEXEC = 1, 2, 4, 8
_AT_EMPTY_PATH, _AT_RECURSIVE, _AT_FDCWD = 0x1000, 0x8000, -100
_MS_REC, _MS_PRIVATE, _MNT_DETACH = 0x4000, 0x40000, 2

_PDEATHSIG, _DUMPABLE, _KEEPCAPS, _CAPBSET_DROP, _SUBREAPER, _NO_NEW_PRIVS = 1, 4, 8, 24, 36, 38
_GET_TID_ADDRESS, _CAP_AMBIENT = 40, 47
CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH, CAP_SYS_PTRACE = 1, 2, 19
_CAP_VERSION = 0x20080522


def _call(function: str, *args: object) -> int:
    # Integers go as long: ctypes would pass 32 bits where the kernel reads 64.
    passed = [ctypes.c_long(arg) if isinstance(arg, int) else arg for arg in args]
    result: int = getattr(_libc, function)(*passed)
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{function}: {os.strerror(number)}")
    return result


def syscall(number: int, *args: object) -> int:
    """Make a system call by its number."""
    if number < 0:
        raise OSError(38, f"no system call numbers for {MACHINE}")
    return _call("syscall", number, *args)


def fork(flags: int) -> int:
    """Fork as `os.fork` does, the child in new namespaces as `flags` say; for a process of one thread.

    Python has no such call, and `unshare` before a second fork costs that fork: as much as all the rest for a warm process.
    """
    if CLONE < 0:
        raise OSError(38, f"no system call numbers for {MACHINE}")
    # The C library keeps the thread's number at this address, and its own fork has the kernel renew it.
    address = ctypes.c_uint64()
    known = _libc.prctl(_GET_TID_ADDRESS, ctypes.byref(address), 0, 0, 0) == 0
    flags |= _SIGCHLD | (_SET_TID | _CLEAR_TID if known else 0)
    where = ctypes.c_void_p(address.value)
    rest = (where, None) if MACHINE == "x86_64" else (None, where)
    ctypes.pythonapi.PyOS_BeforeFork()
    pid: int = _locked.syscall(ctypes.c_long(CLONE), ctypes.c_ulong(flags), None, None, *rest)
    if pid == 0:
        ctypes.pythonapi.PyOS_AfterFork_Child()
        return 0
    number = ctypes.get_errno()
    ctypes.pythonapi.PyOS_AfterFork_Parent()
    if pid < 0:
        raise OSError(number, f"clone: {os.strerror(number)}")
    return pid


def sethostname(name: bytes) -> None:
    """Name this UTS namespace."""
    _call("sethostname", name, len(name))


def private_mounts() -> None:
    """Let no mount of ours reach the namespace that we came from."""
    _call("mount", None, b"/", None, _MS_REC | _MS_PRIVATE, None)


def clone_tree(path: Path | str, attributes: int, *, recursive: bool = True) -> int:
    """Return a detached copy of the tree at `path` as a descriptor, with mount `attributes` on all of it."""
    deep = _AT_RECURSIVE if recursive else 0
    fd = syscall(OPEN_TREE, _AT_FDCWD, os.fsencode(path), 1 | os.O_CLOEXEC | deep)
    syscall(MOUNT_SETATTR, fd, b"", _AT_EMPTY_PATH | deep, struct.pack("=QQQQ", attributes, 0, 0, 0), 32)
    return fd


def new_mount(kind: str, options: dict[str, str], attributes: int) -> int:
    """Return a detached mount of the file system `kind` as a descriptor."""
    fs = syscall(FSOPEN, kind.encode(), 1)
    try:
        for key, value in options.items():
            syscall(FSCONFIG, fs, 1, key.encode(), value.encode(), 0)
        syscall(FSCONFIG, fs, 6, None, None, 0)
        return syscall(FSMOUNT, fs, 1, attributes)
    finally:
        os.close(fs)


def attach(fd: int, target: str) -> None:
    """Attach a detached mount at `target` and close its descriptor."""
    syscall(MOVE_MOUNT, fd, b"", _AT_FDCWD, os.fsencode(target), 4)
    os.close(fd)


def read_only(target: str) -> None:
    """Make the mount at `target` read-only."""
    syscall(MOUNT_SETATTR, _AT_FDCWD, os.fsencode(target), 0, struct.pack("=QQQQ", RDONLY, 0, 0, 0), 32)


def detach(target: str) -> None:
    """Unmount `target`, now by name and for good when nobody uses it."""
    _call("umount2", os.fsencode(target), _MNT_DETACH)


def pivot_here() -> None:
    """Make the current folder, a mount, the root; nothing of the old root remains."""
    syscall(PIVOT_ROOT, b".", b".")
    detach(".")
    os.chdir("/")


def become_subreaper() -> None:
    """Orphaned descendants become our children."""
    _call("prctl", _SUBREAPER, 1, 0, 0, 0)


def die_with_parent() -> None:
    """Be killed when the parent ends. A change of user clears it, so it comes after."""
    _call("prctl", _PDEATHSIG, 9, 0, 0, 0)


def set_dumpable(yes: bool) -> None:
    """Say whether processes of the same user may look into this one."""
    _call("prctl", _DUMPABLE, int(yes), 0, 0, 0)


def no_new_privileges() -> None:
    """From now on no program that is started gains rights."""
    _call("prctl", _NO_NEW_PRIVS, 1, 0, 0, 0)


def keep_capabilities() -> None:
    """Let the next change of user keep what is permitted."""
    _call("prctl", _KEEPCAPS, 1, 0, 0, 0)


def drop_bounding(keep: int | None) -> None:
    """Take every capability but `keep` from all programs that are ever started."""
    for capability in range(64):
        if capability == keep:
            continue
        try:
            _call("prctl", _CAPBSET_DROP, capability, 0, 0, 0)
        except OSError:  # past the last one, or not ours to drop
            return


def set_capabilities(keep: int | None) -> None:
    """Hold no capability but `keep`, which programs that are started inherit."""
    mask = 0 if keep is None else 1 << keep
    header = struct.pack("=Ii", _CAP_VERSION, 0)
    syscall(CAPSET, header, struct.pack("=6I", mask, mask, mask, 0, 0, 0))
    _call("prctl", _CAP_AMBIENT, 4, 0, 0, 0)
    if keep is not None:
        _call("prctl", _CAP_AMBIENT, 2, keep, 0, 0)


def load_filter(program: bytes) -> None:
    """Install a seccomp filter, for this process and all that it starts."""
    buffer = ctypes.create_string_buffer(program, len(program))
    header = struct.pack("=HxxxxxxQ", len(program) // 8, ctypes.addressof(buffer))
    syscall(SECCOMP, 1, 0, header)


def wipe_environment() -> None:
    """Overwrite the environment that this process was started with; /proc/self/environ shows that memory."""
    fields = Path("/proc/self/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    start, end = int(fields[47]), int(fields[48])
    if 0 < start < end:
        ctypes.memset(start, 0, end - start)


def look_as(user: int, group: int) -> None:
    """Open files as `user` and `group` from now on, but act as before. For a process of one thread."""
    _libc.setfsgid(group)
    _libc.setfsuid(user)
    # The kernel takes file capabilities away with it; whoever looks into a process must have those that it has.
    header = struct.pack("=Ii", _CAP_VERSION, 0)
    held = ctypes.create_string_buffer(24)
    syscall(CAPGET, header, held)
    _, low, low_inherited, _, high, high_inherited = struct.unpack("=6I", held.raw)
    syscall(CAPSET, header, struct.pack("=6I", low, low, low_inherited, high, high, high_inherited))


def effective_capabilities() -> int:
    """Return the capabilities that this process holds, as a bit mask."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return next(int(line.split()[1], 16) for line in status.splitlines() if line.startswith("CapEff"))
