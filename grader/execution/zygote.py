"""The warm process that learners' processes are forked from. It runs no learner code and holds no secret.

    python -m grader.execution.zygote FD,FD... LEVEL MODULE...

It loads once, and forks itself for each socket FD, so that each host has one. It answers on its socket, one JSON frame a question: spawn (with the socket of the conversation as ancillary data), end,
and tells on its own when a bound was exceeded. Single-threaded, so that forking it is safe.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import os
import select
import socket
import sys
import tempfile
from pathlib import Path
from typing import Any

from grader.errors import GraderError
from grader.execution import learner
from grader.execution.wire import Channel, Closed, Message
from grader.isolation import Bounds, Confined, Level, Room, spawn

WATCH_EVERY = 0.1


def warm(modules: list[str]) -> tuple[Any, learner.Outputs]:
    """Load what most cells need, once: the shell, a rendered error, and `modules` as far as they are installed."""
    for name in modules:
        with contextlib.suppress(Exception):
            importlib.import_module(name)
    outputs = learner.Outputs()
    with tempfile.TemporaryDirectory() as profile:
        os.environ["IPYTHONDIR"] = profile  # IPython writes a profile when it starts, and needs none later
        shell = learner.make_shell(outputs)
    shell.run_cell("1/0", silent=True)
    if "pandas" in sys.modules:
        shell.run_cell("import pandas as _warm; _warm.DataFrame({'a': [1]})", silent=False, store_history=False)
        shell.run_cell("del _warm", silent=True)
    shell.reset(new_session=True)
    outputs.start()
    return shell, outputs


class Zygote:
    """Serves one host."""

    def __init__(self, control: socket.socket, level: Level, shell: Any, outputs: learner.Outputs) -> None:
        self._control = Channel(control, limit=1 << 50)
        self._level = level
        self._child: Confined | None = None
        self._why = ""
        self._shell, self._outputs = shell, outputs

    def serve(self) -> None:
        """Serve until the host goes; then nothing of this process is left."""
        try:
            self._control.send({"ready": self._level.value})
            while True:
                wait = WATCH_EVERY if self._child is not None else None
                if not select.select([self._control.socket], [], [], wait)[0]:
                    self._watch()
                    continue
                self._answer()
        except (Closed, BrokenPipeError):
            pass
        finally:
            if self._child is not None:
                self._child.kill()

    def _watch(self) -> None:
        """Kill a learner's process that takes more than its bounds."""
        assert self._child is not None
        if not self._why and (why := self._child.exceeded()):
            self._why = why
            self._child.kill()

    def _answer(self) -> None:
        # The frame's first bytes may carry the conversation's socket.
        head, fds, _flags, _address = socket.recv_fds(self._control.socket, 1, 1)
        if not head:
            raise Closed
        message = self._control.receive()
        if message["op"] == "spawn":
            self._control.send(self._spawn(message, fds[0]))
        elif message["op"] == "end":
            if self._child is not None:
                if not self._why:
                    self._why = self._child.exceeded()
                self._child.kill()
            self._control.send({"why": self._why})
            self._child = None

    def _spawn(self, message: Message, fd: int) -> Message:
        bounds = Bounds(**message["bounds"])
        inputs = Path(message["inputs"]) if message["inputs"] else None
        room = Room(Path(message["scratch"]), tuple(map(Path, message["readable"])), inputs, bounds)
        self._why = ""

        def main() -> None:
            learner.serve(socket.socket(fileno=fd), self._shell, self._outputs, inputs, int(message["output"]))

        try:
            self._child = spawn(self._level, room, main, [fd])
        except GraderError as error:
            return {"refused": str(error)}
        finally:
            os.close(fd)
        return {"pid": self._child.pid}


def main() -> None:
    """Start a zygote as told by the command line."""
    fds, level, *modules = sys.argv[1:]
    # matplotlib would look for a screen.
    os.environ["MPLBACKEND"] = "Agg"
    sockets = [socket.socket(fileno=int(fd)) for fd in fds.split(",")]
    shell, outputs = warm(modules)
    gc.collect()
    gc.freeze()
    others: list[int] = []
    while len(sockets) > 1:
        mine = sockets.pop()
        if (other := os.fork()) == 0:
            for theirs in sockets:
                theirs.close()
            sockets, others = [mine], []
        else:
            mine.close()
            others.append(other)
    Zygote(sockets[0], Level(level), shell, outputs).serve()
    for other in others:  # whoever waits for this process waits for all of them
        os.waitpid(other, 0)


if __name__ == "__main__":
    main()
