"""Starting, watching and ending a confined child.

    caller ── keeper ── child ── whatever it starts
The keeper is a fork of the caller that runs nothing of the learner's. It is the child's door: orphans come to it, it ends
them all when the child or the caller ends or time is up, and only then ends itself. Caller and keeper talk over one
socket, one JSON object a message:
    {"pid": n}        keeper: the child is there
    {"ready": true}   child: confined, about to run; or {"failed": says}, and nothing was run
    {"ended": code}   keeper: none is left; the code as `subprocess` has it
    the caller closes its end: end it now
"""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from grader.errors import IsolationError
from grader.isolation import kernel, landlock, walls
from grader.isolation.room import Bounds, Level, Room, Usage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

_GRACE = 5.0  # seconds by which the keeper outwaits the caller
_PAGE_MB = os.sysconf("SC_PAGE_SIZE") / walls.MB
_REMEDY = "`atelier doctor` says which level this machine offers, and how to get a better one."


class Confined:
    """A confined child with all its descendants, seen from outside."""

    def __init__(
        self, channel: socket.socket, keeper: int, room: Room, level: Level, reap: Callable[[], object]
    ) -> None:
        self._channel, self._keeper, self._reap = channel, keeper, reap
        self._heard = b""
        self._code: int | None = None
        self.room, self.level = room, level
        self.began = time.monotonic()
        self.pid = 0
        self._base = _anonymous(os.getpid())
        self._greet()

    def _greet(self) -> None:
        """Wait until the child is confined; raise IsolationError if it could not be."""
        while True:
            match self._hear():
                case {"pid": pid}:
                    self.pid = pid
                case {"ready": _}:
                    return
                case {"failed": says}:
                    self.kill()
                    raise IsolationError(f"Level {self.level} cannot be entered: {says}.", _REMEDY)
                case _:
                    self.kill()
                    raise IsolationError(f"Level {self.level} cannot be entered: the child ended at once.", _REMEDY)

    def _hear(self, wait: float = 10.0) -> dict[str, Any] | None:
        """Return the next message, None at the end; TimeoutError if there is none in time."""
        self._channel.settimeout(wait)
        while b"\n" not in self._heard:
            try:
                part = self._channel.recv(4096)
            except BlockingIOError:
                raise TimeoutError from None
            except OSError as error:
                if isinstance(error, TimeoutError):
                    raise
                part = b""
            if not part:
                return None
            self._heard += part
        line, _, self._heard = self._heard.partition(b"\n")
        message: dict[str, Any] = json.loads(line)
        return message

    def poll(self) -> int | None:
        """Return the exit status when it ended (negative: by that signal), else None."""
        if self._code is None:
            with suppress(TimeoutError):
                self._close(self._hear(0.0))
        return self._code

    def wait(self, seconds: float) -> int | None:
        """Return the exit status, waiting for it at most `seconds`; None if it still runs."""
        if self._code is None:
            with suppress(TimeoutError):
                self._close(self._hear(max(seconds, 0.0)))
        return self._code

    def _close(self, last: dict[str, Any] | None) -> None:
        self._code = -signal.SIGKILL if last is None else int(last.get("ended", -signal.SIGKILL))
        self._channel.close()
        self._reap()

    def kill(self) -> None:
        """End it and all that it started; return when none is left."""
        if self._code is not None:
            return
        last: dict[str, Any] | None = {}
        with suppress(OSError):
            self._channel.shutdown(socket.SHUT_WR)
        try:
            while last is not None and "ended" not in last:
                last = self._hear()
        except TimeoutError:
            # A keeper that does not answer in ten seconds was stopped or starved.
            for pid in [*_tree(self._keeper), self._keeper]:
                _signal(pid)
            last = None
        self._close(last)

    def __enter__(self) -> Confined:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def usage(self) -> Usage:
        """Return what all its processes use now."""
        pids = list(_tree(self._keeper))
        return Usage(
            memory_mb=sum(_proportional(pid, self._base) for pid in pids),
            processes=len(pids),
            disk_mb=self._disk(),
        )

    def _disk(self) -> float:
        scratch = self.room.scratch.absolute()
        if self.level is Level.A:
            try:
                there = os.statvfs(f"/proc/{self.pid}/root{scratch}")
            except OSError:
                return 0.0
            return (there.f_blocks - there.f_bfree) * there.f_frsize / walls.MB
        return _occupied(scratch) / walls.MB + _unlinked(_tree(self._keeper), scratch)

    def exceeded(self) -> str:
        """Say which bound is exceeded and by how much, or nothing."""
        bounds = self.room.bounds
        spent = time.monotonic() - self.began
        if spent > bounds.seconds:
            return f"took {spent:.0f} seconds, more than the {bounds.seconds:.0f} allowed"
        pids = list(_tree(self._keeper))
        if len(pids) > bounds.processes:
            return f"ran {len(pids)} processes at once, more than the {bounds.processes} allowed"
        # What is resident bounds the proportional figure from above, and is read a hundred times faster.
        if sum(map(_resident, pids)) > bounds.memory_mb:
            memory = sum(_proportional(pid, self._base) for pid in pids)
            if memory > bounds.memory_mb:
                return f"used {memory:.0f} MB of memory, more than the {bounds.memory_mb} allowed"
        if (disk := self._disk()) > bounds.disk_mb:
            return f"wrote {disk:.0f} MB of files, more than the {bounds.disk_mb} allowed"
        return ""


def spawn(level: Level, room: Room, main: Callable[[], object], keep: Sequence[int]) -> Confined:
    """Fork this single-threaded process, confine the fork to `room` and run `main` in it.

    In the child only `keep` and 0 to 2 (nowhere) stay open, and the environment is clean. Raises IsolationError if the
    level cannot be entered; then `main` did not run.
    """
    ours, theirs = socket.socketpair()
    pid = os.fork()
    if pid == 0:
        run_keeper(level, room, main, keep, theirs, quiet=True)
    theirs.close()
    return Confined(ours, pid, room, level, lambda: os.waitpid(pid, 0))


# The keeper and the child


def run_keeper(
    level: Level, room: Room, main: Callable[[], object], keep: Sequence[int], channel: socket.socket, *, quiet: bool
) -> NoReturn:
    """Be the keeper from here on. `quiet`: the child's 0 to 2 lead nowhere."""
    code = 70
    try:
        _close_all_but({0, 1, 2, channel.fileno(), *keep})
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.set_wakeup_fd(-1)
        user = walls.spare_user(os.getpid()) if level is not Level.D and walls.is_root() else None
        together = False
        try:
            if level is Level.A:
                walls.leave(user=user is None)
            else:
                kernel.become_subreaper()
                together = level is not Level.D and landlock.scope_signals()
        except OSError as error:
            _tell(channel, failed=_words(error))
            os._exit(code)
        pid = os.fork()
        if pid == 0:
            _run_child(level, room, main, keep, channel, user, quiet=quiet)
        _tell(channel, pid=pid)
        _close_all_but({0, 1, 2, channel.fileno()})
        code = _watch(pid, channel, room.bounds)
        _end_rest(user, together=together)
        _tell(channel, ended=code)
        code = 0
    finally:
        os._exit(code)


def _watch(pid: int, channel: socket.socket, bounds: Bounds) -> int:
    """Wait until the child ends, the caller wants it to, or time is up; return its exit status."""
    door = os.pidfd_open(pid)
    poll = select.poll()
    poll.register(door, select.POLLIN)
    poll.register(channel.fileno(), select.POLLIN)
    happened = poll.poll(int((bounds.seconds + _GRACE) * 1000))
    if door not in dict(happened):
        _signal(pid)
    _, status = os.waitpid(pid, 0)
    os.close(door)
    return os.waitstatus_to_exitcode(status)


def _end_rest(user: int | None, *, together: bool) -> None:
    """End the descendants that outlived the child. In a namespace of its own the kernel has done so already."""
    while True:
        try:
            pid, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid:
            continue
        if together:
            _signal(-1)
        elif user is not None:
            _signal_all_of(user)
        else:
            for descendant in _tree(os.getpid()):
                _signal(descendant)
        with suppress(ChildProcessError):
            os.waitpid(-1, 0)


def _signal_all_of(user: int) -> None:
    """Kill every process of `user` at once, as that user: nothing can fork away from it."""
    pid = os.fork()
    if pid == 0:
        with suppress(OSError):
            os.setresuid(user, user, user)
            os.kill(-1, signal.SIGKILL)
        os._exit(0)
    with suppress(ChildProcessError):
        os.waitpid(pid, 0)


def _run_child(
    level: Level,
    room: Room,
    main: Callable[[], object],
    keep: Sequence[int],
    channel: socket.socket,
    user: int | None,
    *,
    quiet: bool,
) -> NoReturn:
    code = 70
    try:
        os.setsid()
        signal.signal(signal.SIGINT, signal.default_int_handler)
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)
        with suppress(OSError):
            Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")  # memory short: this one first
        if quiet:
            nowhere = os.open(os.devnull, os.O_RDWR)
            for fd in (0, 1, 2):
                os.dup2(nowhere, fd)
            _clean_environment(room)
        _close_all_but({0, 1, 2, channel.fileno(), *keep})
        try:
            walls.enter(level, room, user)
        except Exception as error:  # noqa: BLE001  # whatever it is, the caller is told
            _tell(channel, failed=_words(error))
            os._exit(code)
        _tell(channel, ready=True)
        channel.close()
        code = 1
        main()
        code = 0
    except SystemExit as leave:
        code = leave.code if isinstance(leave.code, int) else int(leave.code is not None)
    finally:
        os._exit(code & 0xFF)


def clean_environment(room: Room) -> dict[str, str]:
    """Return the variables that a confined program starts with."""
    home = str(room.scratch.absolute())
    return {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "HOME": home,
        "TMPDIR": home,
        "LANG": "C.UTF-8",
        "PYTHONHASHSEED": "0",
        **dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"),
    }


def _clean_environment(room: Room) -> None:
    os.environ.clear()
    os.environ.update(clean_environment(room))
    kernel.wipe_environment()
    tempfile.tempdir = None


def _close_all_but(keep: set[int]) -> None:
    start = 0
    for fd in sorted(keep):
        if start < fd:  # an empty range would close everything
            os.closerange(start, fd)
        start = fd + 1
    os.closerange(start, 1 << 20)


def _tell(channel: socket.socket, **message: object) -> None:
    with suppress(OSError):
        channel.sendall(json.dumps(message).encode() + b"\n")


def _words(error: Exception) -> str:
    return str(error.strerror or error) if isinstance(error, OSError) else str(error)


# Looking at processes


def _signal(pid: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.kill(pid, signal.SIGKILL)


def _children(pid: int) -> Iterator[int]:
    with suppress(OSError):
        for thread in Path(f"/proc/{pid}/task").iterdir():
            with suppress(OSError):
                yield from map(int, (thread / "children").read_text(encoding="ascii").split())


def _tree(pid: int) -> Iterator[int]:
    """Yield all descendants of `pid`, itself not."""
    for child in _children(pid):
        yield child
        yield from _tree(child)


def _resident(pid: int) -> float:
    with suppress(OSError, IndexError):
        return int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]) * _PAGE_MB
    return 0.0


def _proportional(pid: int, base: float) -> float:
    """Return the MB of `pid`, shared pages divided among those who share them."""
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) / 1024
    except OSError:
        # Not ours to look into (a container's root, say): what it has that we had not when it began.
        return max(_anonymous(pid) - base, 0.0)
    return 0.0


def _anonymous(pid: int) -> float:
    """Return the resident MB of `pid` that no file holds."""
    found = 0
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace").splitlines():
            if line.startswith(("RssAnon:", "RssShmem:")):
                found += int(line.split()[1])
    return found / 1024


def _occupied(folder: Path) -> int:
    """Return the bytes that the files below `folder` occupy, an empty one as much as a block."""
    total = 0
    for at, folders, files in os.walk(folder):
        total += 4096 * len(folders)
        for name in files:
            with suppress(OSError):
                total += max(os.lstat(Path(at, name)).st_blocks * 512, 4096)
    return total


def _unlinked(pids: Iterator[int], folder: Path) -> float:
    """Return the MB of files below `folder` that `pids` hold open without a name."""
    found: dict[tuple[int, int], float] = {}
    for pid in pids:
        with suppress(OSError):
            for entry in Path(f"/proc/{pid}/fd").iterdir():
                with suppress(OSError):
                    if str(entry.readlink()).startswith(f"{folder}/"):
                        status = entry.stat()
                        if status.st_nlink == 0:
                            found[status.st_dev, status.st_ino] = status.st_blocks * 512 / walls.MB
    return sum(found.values())
