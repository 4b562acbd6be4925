"""How a child is confined, step by step, at each level. Runs in the child only; whatever fails raises OSError.

A   new namespaces, and in them a root made of nothing but the room.
B   Landlock and seccomp on the machine's own files.
C   the same without what the kernel lacks: the operator's container does the rest.
D   limits only.
"""

from __future__ import annotations

import itertools
import os
import resource
import shutil
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from grader.isolation import kernel, landlock, seccomp
from grader.isolation.processes import MB
from grader.isolation.room import Level, Room
from grader.isolation.seccomp import Guard

# What programs of the system need. Nothing of it is anyone's work; /etc only in so far as loaders and fonts want it.
_SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/nix/store", "/gnu/store")
_SETTINGS = (
    "ld.so.cache",
    "ld.so.conf",
    "ld.so.conf.d",
    "alternatives",
    "fonts",
    "localtime",
    "timezone",
    "mime.types",
)
_DEVICES = ("null", "zero", "full", "random", "urandom")
_FACTS = ("/proc/cpuinfo", "/proc/meminfo", "/proc/stat", "/sys/devices/system/cpu")
_RESERVED = 0x6A000000  # users that no system gives to anybody, one per child
_DYNAMIC = range(61184, 65520)  # where a container maps fewer: what systemd keeps for users of the moment


def is_root() -> bool:
    """Whether this process may become another user."""
    needed = 1 << 0 | 1 << 5 | 1 << 6 | 1 << 7  # CHOWN, KILL, SETGID, SETUID
    return os.geteuid() == 0 and kernel.effective_capabilities() & needed == needed


@cache
def _highest_user() -> int:
    lines = Path("/proc/self/uid_map").read_text(encoding="ascii").splitlines()
    return max(int(first) + int(count) for first, _, count in map(str.split, lines)) - 1


_turn = itertools.count()


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the parent is (`uid`, `gid`), and who a child of root becomes: nobody else at the moment; None of a user."""

    uid: int
    gid: int
    becomes: int | None


def identity(level: Level) -> Identity:
    """Return this process's identity, and the one that its next child takes on."""
    return Identity(os.geteuid(), os.getegid(), _spare_user() if level is not Level.D and is_root() else None)


def _spare_user() -> int:
    number = os.getpid() * 64 + next(_turn) % 64
    top = _highest_user()
    if top >= _RESERVED + (1 << 28):
        return _RESERVED + number % (1 << 28)
    if top >= _DYNAMIC.stop:
        return _DYNAMIC[number % len(_DYNAMIC)]
    return max(1, top)


def fork(level: Level, who: Identity) -> int:
    """Fork; at level A into new namespaces, for an ordinary user with a user namespace, which gives the right to."""
    if level is not Level.A:
        return os.fork()
    kinds = kernel.NEW_NS | kernel.NEW_PID | kernel.NEW_NET | kernel.NEW_IPC | kernel.NEW_UTS | kernel.NEW_CGROUP
    return kernel.fork(kinds if who.becomes is not None else kinds | kernel.NEW_USER)


def enter(level: Level, room: Room, who: Identity) -> None:
    """Confine this process, forked by `who`, to `room`."""
    user = who.becomes
    _limits(level, room, user)
    match level:
        case Level.A:
            if user is None:
                _map(who)
            _strong(room, user)
        case Level.B | Level.C:
            _confined(level, room, user)
        case Level.D:
            os.chdir(room.scratch)
            kernel.die_with_parent()


# A


def _map(who: Identity) -> None:
    """Be in the new user namespace who we were outside, and nobody else."""
    Path("/proc/self/setgroups").write_text("deny", encoding="ascii")
    Path("/proc/self/uid_map").write_text(f"{who.uid} {who.uid} 1", encoding="ascii")
    Path("/proc/self/gid_map").write_text(f"{who.gid} {who.gid} 1", encoding="ascii")


def _strong(room: Room, user: int | None) -> None:
    scratch = room.scratch.absolute()
    owner = os.geteuid() if user is None else user
    reading = None if user is None else _reading_right(tuple(_inner(room)), owner, above=False)
    kernel.private_mounts()
    trees = _trees(room)
    begun = any(scratch.iterdir())
    old = kernel.clone_tree(scratch, 0) if begun else None
    if room.sockets and user is not None:
        os.chown(room.sockets, owner, -1)
    sockets = kernel.clone_tree(room.sockets, kernel.NOSUID | kernel.NODEV | kernel.NOEXEC) if room.sockets else None
    shell = {"size": "1m", "nr_inodes": "4k", "mode": "0755"}
    root = kernel.new_mount("tmpfs", shell, kernel.NOSUID | kernel.NODEV)
    base = os.dup(root)
    kernel.attach(root, "/tmp")  # noqa: S108  # only a place that exists everywhere; it becomes the root
    os.fchdir(base)
    os.close(base)
    _furnish(owner, scratch)
    _disk(room, scratch, owner, old)
    for path, (fd, folder) in sorted(trees.items()):
        inside = f".{path}"
        if folder:
            Path(inside).mkdir(parents=True, exist_ok=True)
        else:
            Path(inside).parent.mkdir(parents=True, exist_ok=True)
            Path(inside).touch()
        kernel.attach(fd, inside)
    if sockets is not None and room.sockets is not None:
        Path(f".{room.sockets.absolute()}").mkdir(parents=True, exist_ok=True)
        kernel.attach(sockets, f".{room.sockets.absolute()}")
    kernel.sethostname(b"atelier")
    kernel.read_only(".")
    kernel.pivot_here()
    os.chdir(scratch)
    _become(user, reading)
    if landlock.abi():
        rules: list[tuple[Path | str, int]] = [("/", landlock.READ), (scratch, landlock.WRITE)]
        rules += [(place, landlock.WRITE) for place in ("/dev/shm", "/tmp") if not _holds(place, room.sockets)]  # noqa: S108  # ours alone, made above
        rules += [(f"/dev/{name}", landlock.DEVICE) for name in _DEVICES]
        if room.sockets:
            rules.append((room.sockets.absolute(), landlock.SOCKETS))
        landlock.restrict(rules)
    seccomp.load(Guard())


def _holds(place: str, folder: Path | None) -> bool:
    """Whether `folder` is below `place`: Landlock adds up what is allowed on the way down to it."""
    return folder is not None and folder.absolute().is_relative_to(place)


def _inner(room: Room) -> list[Path]:
    return [*room.readable, *([room.inputs] if room.inputs else [])]


def _trees(room: Room) -> dict[str, tuple[int, bool]]:
    """Detached read-only copies of all that is shown, by the path where they will stand."""
    closed = kernel.RDONLY | kernel.NOSUID
    found: dict[str, tuple[int, bool]] = {}
    wanted = [Path(name) for name in _SYSTEM if not Path(name).is_symlink()]
    wanted += [Path("/etc", name) for name in _SETTINGS]
    for path in _inner(room):
        wanted += [path.absolute(), path.resolve()]
    for path in sorted(wanted):
        if str(path) in found or any(str(parent) in found for parent in path.parents) or not path.exists():
            continue
        found[str(path)] = kernel.clone_tree(path, closed | kernel.NODEV), path.is_dir()
    for name in _DEVICES:
        found[f"/dev/{name}"] = kernel.clone_tree(f"/dev/{name}", kernel.NOSUID | kernel.NOEXEC), False
    return found


def _furnish(owner: int, scratch: Path) -> None:
    """Make what stands in the root besides the trees."""
    for name in ("proc", "dev", "etc", "tmp"):
        Path(name).mkdir()
    for name in _SYSTEM:
        if (link := Path(name)).is_symlink():
            Path(f".{name}").symlink_to(link.readlink())
    for name, target in (("fd", "/proc/self/fd"), ("stdin", "fd/0"), ("stdout", "fd/1"), ("stderr", "fd/2")):
        Path("dev", name).symlink_to(target)
    Path("etc/passwd").write_text(f"learner:x:{owner}:{owner}::{scratch}:/bin/sh\n", encoding="utf-8")
    Path("etc/group").write_text(f"learner:x:{owner}:\n", encoding="utf-8")
    closed = kernel.NOSUID | kernel.NODEV | kernel.NOEXEC
    # An ordinary user in a container whose /proc is masked gets none: then there is none in the room either.
    with suppress(OSError):
        kernel.attach(kernel.new_mount("proc", {"subset": "pid"}, closed), "proc")


def _disk(room: Room, scratch: Path, owner: int, old: int | None) -> None:
    """Make scratch, /tmp and /dev/shm on one file system in memory, so that one size bounds them together."""
    size = {"size": f"{room.bounds.disk_mb}m", "nr_inodes": str(room.bounds.disk_mb * 64), "mode": "0755"}
    Path("disk").mkdir()
    kernel.attach(kernel.new_mount("tmpfs", size, kernel.NOSUID | kernel.NODEV), "disk")
    for name, target in (("tmp", "./tmp"), ("shm", "./dev/shm"), ("scratch", f".{scratch}")):
        part = Path("disk", name)
        part.mkdir(mode=0o700)
        if name == "scratch" and old is not None:
            Path("old").mkdir()
            kernel.attach(old, "old")
            shutil.copytree("old", part, symlinks=True, dirs_exist_ok=True)
            kernel.detach("old")
            Path("old").rmdir()
            _give(part, owner)
        os.chown(part, owner, -1)
        Path(target).mkdir(parents=True, exist_ok=True)
        kernel.attach(kernel.clone_tree(part, 0), target)
    kernel.detach("disk")
    Path("disk").rmdir()


# B and C


def _confined(level: Level, room: Room, user: int | None) -> None:
    scratch = room.scratch.absolute()
    if level is Level.B and not landlock.abi():
        raise OSError(95, "this kernel has no Landlock")
    reading = None
    if user is not None:
        shown = (*_inner(room), *([scratch] if landlock.abi() else []))
        reading = _reading_right(tuple(shown), user, above=True)
        _give(scratch, user)
    os.chdir(scratch)
    rules: list[tuple[Path | str, int]] = [(name, landlock.READ) for name in (*_SYSTEM, *_FACTS)]
    rules += [(f"/etc/{name}", landlock.READ) for name in _SETTINGS]
    rules += [(path, landlock.READ) for path in _inner(room)]
    rules += [(f"/dev/{name}", landlock.DEVICE) for name in _DEVICES]
    rules += [(f"/proc/{os.getpid()}", landlock.READ), (scratch, landlock.WRITE)]
    if room.sockets:
        rules.append((room.sockets.absolute(), landlock.SOCKETS))
        if user is not None:
            os.chown(room.sockets, user, -1)
    _become(user, reading)
    if landlock.abi():
        landlock.restrict(rules)
    # Another user's files and processes are out of reach anyway; our own need the filter.
    own = user is None or reading == kernel.CAP_DAC_OVERRIDE
    seccomp.load(
        Guard(
            shared=True,
            owned=own,
            truncate=own and landlock.abi() < landlock.TRUNCATE,
            signals=own and landlock.abi() < landlock.SCOPES,
            pid=os.getpid() if own and landlock.abi() < landlock.SCOPES else 0,
        )
    )


def _give(folder: Path, owner: int) -> None:
    """Make `owner` the owner of all in `folder`, links themselves and not what they lead to."""
    os.chown(folder, owner, -1)
    for at, folders, files in os.walk(folder):
        for name in (*folders, *files):
            os.chown(Path(at, name), owner, -1, follow_symlinks=False)


# All


def _become(user: int | None, reading: int | None) -> None:
    """Hold no right from here on, save to read what was shown if its owner kept others from it."""
    kernel.drop_bounding(reading)
    if user is not None:
        if reading is not None:
            kernel.keep_capabilities()
        os.setgroups([])
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)
    if user is not None or kernel.effective_capabilities():
        kernel.set_capabilities(reading)
    kernel.set_dumpable(True)  # the change of user took it away; the keeper's side counts our memory
    kernel.die_with_parent()
    kernel.no_new_privileges()


@cache
def _open_to_all(path: Path, *, above: bool) -> bool:
    parents = path.resolve().parents if above else ()
    return all(parent.stat().st_mode & 0o001 for parent in parents)


def _reading_right(shown: tuple[Path, ...], user: int, *, above: bool) -> int | None:
    """Return the capability to read what is not open to all, if anything shown needs it.

    Landlock or the root of its own still bound what it can be used on; the filter refuses files by handle.
    """
    for path in shown:
        if not _open_to_all(path, above=above):
            return _reader()
        mode = path.stat().st_mode
        if mode & 0o005 != 0o005 and path.stat().st_uid != user:
            return _reader()
    return None


def _reader() -> int | None:
    """Return the least right that reads what its owner keeps to itself; containers often have the larger one only."""
    held = kernel.effective_capabilities()
    return next((c for c in (kernel.CAP_DAC_READ_SEARCH, kernel.CAP_DAC_OVERRIDE) if held >> c & 1), None)


def _limits(level: Level, room: Room, user: int | None) -> None:
    """Set the limits of each process. Sums over all of them are watched from outside."""
    bounds = room.bounds
    size, _, _, _, _, data, _ = (
        int(pages) * resource.getpagesize() for pages in Path("/proc/self/statm").read_text(encoding="ascii").split()
    )
    memory = bounds.memory_mb * MB
    processes = bounds.processes
    if level is not Level.A and user is None:
        # All of this user's processes count. The machine's total is as near as can be had without reading them all.
        processes += int(Path("/proc/loadavg").read_text(encoding="ascii").split()[3].partition("/")[2])
    seconds = int(bounds.seconds) + 1
    for kind, limit in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 256),
        (resource.RLIMIT_NPROC, processes),
        (resource.RLIMIT_FSIZE, bounds.disk_mb * MB),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_DATA, data + memory),
        # Threads reserve far more than they use: only what is out of all proportion is refused here.
        (resource.RLIMIT_AS, size + 4 * memory),
        (resource.RLIMIT_MSGQUEUE, 0),
        (resource.RLIMIT_MEMLOCK, 64 << 10),
        (resource.RLIMIT_SIGPENDING, 256),
    ):
        _, hard = resource.getrlimit(kind)
        most = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
        resource.setrlimit(kind, (most, most))
