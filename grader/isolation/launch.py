"""Confining a whole new program, such as a kernel: `launch`, for processes with threads too.

    caller ── enter (this file, a small process of its own) ── the program, confined by `spawn`
Caller and `enter` talk over a socket, one JSON object a line: the order; {"pid", "user"} or {"failed"}; {"ended"}. When the
caller closes its end, or is gone, the program is ended.
"""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from grader.errors import IsolationError
from grader.isolation.child import REMEDY, Watched, spawn
from grader.isolation.room import Bounds, Level, Room

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_PATIENCE = 30.0  # seconds for a loaded machine to start a small Python


class Launched(Watched):
    """A confined program with all that it started. `process` is what holds it, with its stdin, stdout and stderr."""

    def __init__(
        self,
        told: dict[str, Any],
        room: Room,
        level: Level,
        process: subprocess.Popen[Any],
        channel: socket.socket,
    ) -> None:
        super().__init__(told["pid"], room, level, told["user"])
        self.process = process
        self._channel = channel
        self._code: int | None = None
        self._why = ""

    def exceeded(self) -> str:
        """Say which bound is exceeded and by how much, or nothing."""
        return self._why if self.poll() is not None else super().exceeded()

    def poll(self) -> int | None:
        """Return the exit status when it ended (negative: by that signal), else None. Nothing is left then."""
        return self.wait(0.0)

    def wait(self, seconds: float | None = None) -> int | None:
        """Return the exit status, waiting for it at most `seconds`; None if it still runs."""
        if self._code is None:
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(seconds)
                self._ended()
        return self._code

    def kill(self) -> None:
        """End it and all that it started; return when none is left."""
        if self._code is None:
            with suppress(OSError):
                self._channel.shutdown(socket.SHUT_WR)
            self.process.wait()
            self._ended()

    def send_signal(self, number: int) -> None:
        """Send a signal to the program, such as SIGINT to interrupt it."""
        if self.poll() is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def _ended(self) -> None:
        told = _hear(self._channel)
        self._code, self._why = int(told.get("ended", -signal.SIGKILL)), str(told.get("why", ""))
        self._channel.close()

    def __enter__(self) -> Launched:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()


def launch(
    level: Level,
    room: Room,
    argv: Sequence[str],
    *,
    env: Mapping[str, str],
    pass_fds: Sequence[int] = (),
    cwd: Path | None = None,
    **popen: Any,
) -> Launched:
    """Start the program `argv` confined to `room`, with exactly the environment `env`, in `cwd` (default: scratch).

    `popen` goes to `subprocess.Popen`: stdin, stdout, stderr. What the caller put in scratch is there, and sockets to talk
    over go into `room.sockets`. Raises IsolationError if the level cannot be entered; then nothing was started.
    """
    ours, theirs = socket.socketpair()
    order = {
        "level": level.value,
        "scratch": str(room.scratch.absolute()),
        "readable": list(map(str, room.readable)),
        "inputs": room.inputs and str(room.inputs),
        "sockets": room.sockets and str(room.sockets.absolute()),
        "bounds": [room.bounds.memory_mb, room.bounds.processes, room.bounds.disk_mb, room.bounds.seconds],
        "argv": list(argv),
        "env": dict(env),
        "fds": list(pass_fds),
        "cwd": cwd and str(cwd.absolute()),
    }
    here = str(Path(__file__).parents[2])
    start = (
        f"import sys; sys.path.insert(0, {here!r}); from grader.isolation.launch import enter; enter({theirs.fileno()})"
    )
    with theirs:
        process = subprocess.Popen(  # noqa: S603  # our own program
            [sys.executable, "-I", "-S", "-c", start], env={}, pass_fds=(theirs.fileno(), *pass_fds), **popen
        )
    ours.sendall(json.dumps(order).encode() + b"\n")
    ours.settimeout(_PATIENCE)
    told = _hear(ours)
    if "pid" not in told:
        ours.close()
        process.wait()
        says = told.get("failed", f"Level {level} of isolation cannot be entered: its helper ended at once.")
        raise IsolationError(says, REMEDY)
    return Launched(told, room, level, process, ours)


def _hear(channel: socket.socket) -> dict[str, Any]:
    """Return the next message, {} if there is none to come. Messages are answered one at a time."""
    heard = b""
    with suppress(OSError):
        while not heard.endswith(b"\n"):
            part = channel.recv(65536)
            if not part:
                break
            heard += part
    message: dict[str, Any] = json.loads(heard) if heard.endswith(b"\n") else {}
    return message


def _tell(channel: socket.socket, **message: object) -> None:
    with suppress(OSError):
        channel.sendall(json.dumps(message).encode() + b"\n")


def enter(fd: int) -> None:
    """Start the program that the order on `fd` names, confined, and hold it until it ends or the caller goes."""
    channel = socket.socket(fileno=fd)
    order = _hear(channel)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    optional = {name: Path(order[name]) if order[name] else None for name in ("inputs", "sockets")}
    room = Room(
        Path(order["scratch"]), tuple(map(Path, order["readable"])), bounds=Bounds(*order["bounds"]), **optional
    )

    def main() -> None:
        os.chdir(order["cwd"] or room.scratch)
        for passed in order["fds"]:
            os.set_inheritable(passed, True)
        os.execvpe(order["argv"][0], order["argv"], order["env"])  # noqa: S606  # it is what was asked for

    try:
        child = spawn(Level(order["level"]), room, main, order["fds"], streams=True)
    except IsolationError as error:
        _tell(channel, failed=error.says)
        return
    # The program's streams are its own: whoever reads them must see their end when the program closes them.
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    for passed in order["fds"]:
        os.close(passed)
    _tell(channel, pid=child.pid, user=child.user)
    door = os.pidfd_open(child.pid)
    select.select([door, channel.fileno()], [], [])
    code = child.poll()
    if code is None:
        child.kill()
        code = child.poll()
    _tell(channel, ended=code, why=child.exceeded())
