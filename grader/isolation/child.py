"""Starting, watching and ending a confined child.

At level A the child is the first process of its own namespace, and the kernel ends all the rest with it. At the other levels
all that it starts stays in its process group (the filter sees to that), so that one signal ends them together, even those that
are just being started; orphans come to this process, which reaps them.
"""

from __future__ import annotations

import math
import os
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from grader.errors import IsolationError
from grader.isolation import cgroup, kernel, processes, walls
from grader.isolation.processes import MB
from grader.isolation.room import Level, Room, Usage

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

REMEDY = "`atelier doctor` says which level this machine offers, and how to get a better one."
_READY = b"ready"


class Watched:
    """Processes confined to a room, seen from outside: what they use, and whether that is too much."""

    def __init__(self, pid: int, room: Room, level: Level, user: int | None) -> None:
        self.pid, self.room, self.level = pid, room, level
        self.user = user
        self._began = time.monotonic()

    def _pids(self) -> list[int]:
        return [self.pid, *processes.tree(self.pid)]

    def usage(self) -> Usage:
        """Return what all its processes use now."""
        with processes.seen_as(self.user):
            pids = self._pids()
            memory = sum(map(processes.proportional, pids))
            return Usage(memory_mb=memory, processes=len(pids), disk_mb=self._disk(pids))

    def exceeded(self) -> str:
        """Say which bound is exceeded and by how much, or nothing."""
        bounds = self.room.bounds
        spent = time.monotonic() - self._began
        if spent > bounds.seconds:
            return f"took {spent:.1f} seconds, more than the {bounds.seconds:g} allowed"
        with processes.seen_as(self.user):
            return self._oversized(self._pids())

    def _oversized(self, pids: Sequence[int]) -> str:
        bounds = self.room.bounds
        if len(pids) > bounds.processes:
            return f"ran {len(pids)} processes at once, more than the {bounds.processes} allowed"
        # What is resident bounds the proportional figure from above, and is read a hundred times faster.
        if sum(map(processes.resident, pids)) > bounds.memory_mb:
            memory = sum(map(processes.proportional, pids))
            if memory > bounds.memory_mb:
                return f"used {memory:.0f} MB of memory, more than the {bounds.memory_mb} allowed"
        disk = self._disk(pids)
        if math.isinf(disk):
            return "kept the grader from seeing which files it holds"
        if disk > bounds.disk_mb:
            return f"wrote {disk:.0f} MB of files, more than the {bounds.disk_mb} allowed"
        return ""

    def _disk(self, pids: Sequence[int]) -> float:
        scratch = self.room.scratch.absolute()
        outside = processes.occupied(self.room.sockets) if self.room.sockets else 0.0
        if self.level is not Level.A:
            return processes.occupied(scratch) + processes.unlinked(pids, scratch)
        with suppress(OSError):
            there = os.statvfs(f"/proc/{self.pid}/root{scratch}")
            return outside + (there.f_blocks - there.f_bfree) * there.f_frsize / MB
        return outside


class Confined(Watched):
    """A confined child of this process, with all its descendants."""

    def __init__(self, pid: int, room: Room, level: Level, user: int | None, group: cgroup.Group | None) -> None:
        super().__init__(pid, room, level, user)
        self._group = group
        self._overrun = False
        self._code: int | None = None

    def exceeded(self) -> str:
        """Say which bound is exceeded and by how much, or nothing."""
        if self._overrun or (self._group is not None and self._group.overrun()):
            return f"used more memory than the {self.room.bounds.memory_mb} MB allowed"
        return "" if self._code is not None else super().exceeded()

    def poll(self) -> int | None:
        """Return the exit status when it ended (negative: by that signal), else None. Nothing is left then."""
        if self._code is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self._ended(status)
        return self._code

    def wait(self, seconds: float) -> int | None:
        """Return the exit status, waiting for it at most `seconds`; None if it still runs."""
        until = time.monotonic() + seconds
        pause = 0.001
        while self.poll() is None and time.monotonic() < until:
            time.sleep(pause)
            pause = min(pause * 2, 0.05)
        return self._code

    def kill(self) -> None:
        """End it and all that it started; return when none is left."""
        if self._code is not None:
            return
        escaped = list(processes.tree(self.pid)) if self.level is Level.D else []
        processes.kill(self.pid)
        for pid in escaped:  # without a filter some may have left the group
            processes.kill(pid)
        self._ended(os.waitpid(self.pid, 0)[1])

    def _ended(self, status: int) -> None:
        self._code = os.waitstatus_to_exitcode(status)
        if self.level is Level.A:
            self._leave()
            return
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
        with suppress(ChildProcessError):
            while True:
                os.waitpid(-self.pid, 0)
        _warden.forget(self.pid)
        self._leave()

    def _leave(self) -> None:
        if self._group is not None:
            self._overrun = self._group.overrun()
            self._group.remove()

    def __enter__(self) -> Confined:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()


class _Warden:
    """The program that ends what this process leaves behind, started when first needed."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None
        self._owner = 0

    def watch(self, group: int) -> None:
        if self._process is None or self._owner != os.getpid() or self._process.poll() is not None:
            program = str(Path(__file__).with_name("warden.py"))
            self._process = subprocess.Popen(  # noqa: S603  # our own program
                [sys.executable, "-I", "-S", program],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                text=True,
                bufsize=1,
                start_new_session=True,
                env={},
            )
            self._owner = os.getpid()
        self._say(f"+{group}")

    def forget(self, group: int) -> None:
        self._say(f"-{group}")

    def _say(self, line: str) -> None:
        if self._process is not None and self._process.stdin is not None and self._owner == os.getpid():
            with suppress(OSError):
                self._process.stdin.write(line + "\n")


_warden = _Warden()


def spawn(
    level: Level, room: Room, main: Callable[[], object], keep: Sequence[int], *, streams: bool = False
) -> Confined:
    """Fork this single-threaded process, confine the fork to `room` and run `main` in it.

    In the child only `keep` and 0 to 2 stay open, these leading nowhere, and the environment is clean; `streams` leaves 0 to
    2 and the environment as they are. Raises IsolationError if the level cannot be entered; then `main` did not run.
    """
    hear, tell = os.pipe()
    group = cgroup.make(room.bounds)
    try:
        who = walls.identity(level)
        if level is not Level.A:
            kernel.become_subreaper()
        pid = walls.fork(level, who)
    except OSError as error:
        os.close(hear)
        os.close(tell)
        if group is not None:
            group.remove()
        raise _refused(level, _words(error)) from None
    if pid == 0:
        _run(level, room, main, keep, tell, who, group, streams=streams)
    os.close(tell)
    child = Confined(pid, room, level, who.becomes, group)
    if level is not Level.A:
        _warden.watch(pid)
    with os.fdopen(hear, "rb") as told:
        says = told.read()
    if says != _READY:
        child.kill()
        raise _refused(level, says.decode(errors="replace") or "the child ended at once")
    return child


def _refused(level: Level, says: str) -> IsolationError:
    return IsolationError(f"Level {level} of isolation cannot be entered: {says}.", REMEDY)


def _run(
    level: Level,
    room: Room,
    main: Callable[[], object],
    keep: Sequence[int],
    tell: int,
    who: walls.Identity,
    group: cgroup.Group | None,
    *,
    streams: bool,
) -> NoReturn:
    code = 70
    try:
        try:
            if group is not None:
                with suppress(OSError):  # then the watch alone holds it to its bounds
                    group.join()
            _prepare(room, {0, 1, 2, tell, *keep}, streams=streams)
            walls.enter(level, room, who)
        except Exception as error:  # noqa: BLE001  # whatever it is, the caller is told
            os.write(tell, _words(error).encode()[:500])
            os._exit(code)
        os.write(tell, _READY)
        os.close(tell)
        code = 1
        main()
        code = 0
    except SystemExit as leave:
        code = leave.code if isinstance(leave.code, int) else int(leave.code is not None)
    finally:
        os._exit(code & 0xFF)


def _prepare(room: Room, keep: set[int], *, streams: bool) -> None:
    """Leave behind what the parent had: its session, signal handlers, descriptors, environment."""
    os.setsid()
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD):
        signal.signal(number, signal.SIG_DFL)
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")  # memory short: this one first
    if not streams:
        nowhere = os.open(os.devnull, os.O_RDWR)
        for fd in (0, 1, 2):
            os.dup2(nowhere, fd)
        os.environ.clear()
        os.environ.update(clean_environment(room))
        kernel.wipe_environment()
    tempfile.tempdir = None
    start = 0
    for fd in sorted(keep):
        if start < fd:  # an empty range would close everything
            os.closerange(start, fd)
        start = fd + 1
    os.closerange(start, 1 << 20)


def clean_environment(room: Room) -> dict[str, str]:
    """Return the variables that a confined program starts with."""
    home = str(room.scratch.absolute())
    return {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "HOME": home,
        "TMPDIR": home,
        "USER": "learner",
        "LANG": "C.UTF-8",
        **dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"),
    }


def _words(error: Exception) -> str:
    return str(error.strerror or error) if isinstance(error, OSError) else f"{type(error).__name__}: {error}"
