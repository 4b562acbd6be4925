"""Workers from the scheduler's side: hosts as child processes, one job at a time each."""

from __future__ import annotations

import json
import os
import socket
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from subprocess import PIPE, Popen
from typing import IO, Any

from atelier import records
from grader.errors import GraderError
from grader.execution.host import Setting, _own_path
from grader.execution.wire import Lines, Message
from grader.jobs import CellResult, Done, Ended, Job, Marked, Task
from grader.model import Score

_START = 120.0  # seconds that a worker may take to load
_LATE = 30.0  # seconds past a job's own bounds after which the worker itself is given up


class WorkerError(GraderError):
    """A worker could not be started or was lost."""


class Worker:
    """One host process, and its socket of a zygote that others use too, if it gets one. Not for two threads at once."""

    def __init__(self, setting: Setting, zygote: socket.socket | None = None) -> None:
        self._setting, self._zygote = setting, zygote
        self._process: Popen[bytes] | None = None
        self._errors: IO[bytes] | None = None
        self._words = ""
        self._stopped = False

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def start(self) -> Popen[bytes]:
        """Return the running host. WorkerError, with its last words, if it does not start."""
        if self._process is not None and self._process.poll() is None:
            return self._process
        self.close()
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115  # closed with the host
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(_own_path()), "PYTHONHASHSEED": "0"}
        environment |= dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
        shared = [] if self._zygote is None else [self._zygote.fileno()]
        self._process = Popen(  # noqa: S603  # our own program
            [sys.executable, "-P", "-m", "grader.execution.host", *map(str, shared)],
            stdin=PIPE, stdout=PIPE, stderr=self._errors, env=environment, start_new_session=True, pass_fds=shared,
        )  # fmt: skip
        self._leave()  # a host that takes this one's place starts a zygote of its own
        assert self._process.stdout is not None
        self._lines = Lines(self._process.stdout.fileno())
        self._send(self._process, records.dump(self._setting))
        if self._line(_START) is None:
            raise WorkerError(f"A worker did not start. {self._last_words()}", "Run: atelier doctor")
        return self._process

    def run(self, job: Job, told: Callable[[CellResult], None] = lambda _cell: None) -> Done:
        """Run a job to its end, telling its cells' results as they come."""
        cells: list[CellResult] = []

        def tell(cell: CellResult) -> None:
            cells.append(cell)
            told(cell)

        message = self._ask({"job": records.dump(job)}, job.limits.seconds + _LATE, tell, cells.clear)
        if message is not None:
            return Done(tuple(cells), records.load(Ended, message["ended"]))
        return Done(tuple(cells), Ended(job.id, complete=False, fault=self._lost(), level=self._setting.level))

    def mark(self, task: Task, seconds: float) -> Marked:
        """Grade a submission, in at most `seconds`."""
        message = self._ask({"task": records.dump(task)}, seconds + _LATE, lambda _cell: None, lambda: None)
        if message is not None:
            found: Marked = records.load(Marked, message["marked"])
            return found
        remedy = "The learner need not do anything. See `atelier doctor`; then grade again."
        return Marked(
            task, Score(task.lab, "", "", task.engine, reason=self._lost(), remedy=remedy), self._setting.level
        )

    def _ask(
        self, what: Any, seconds: float, told: Callable[[CellResult], None], again: Callable[[], None]
    ) -> Message | None:
        """Return the host's answer. A host that is lost is started again, and asked once more; then None."""
        for _attempt in range(2):
            if self._stopped:
                return None
            again()
            with suppress(OSError):
                self._send(self.start(), what)
                until = time.monotonic() + seconds
                while (message := self._line(until - time.monotonic())) is not None:
                    if "cell" not in message:
                        return message
                    told(records.load(CellResult, message["cell"]))
            self._words = self._last_words()
            self.close()
        return None

    def _lost(self) -> str:
        return f"The worker that ran this submission was lost twice. {self._words}".strip()

    def interrupt(self) -> None:
        """End the host at once, from another thread; what it was doing is lost."""
        if self._process is not None:
            self._stopped = True
            with suppress(OSError):
                self._process.kill()

    def _leave(self) -> None:
        if self._zygote is not None:
            self._zygote.close()
            self._zygote = None

    def close(self) -> None:
        """End the host and all that it started."""
        if self._process is not None:
            with suppress(OSError):
                assert self._process.stdin is not None
                self._process.stdin.close()
            try:
                self._process.wait(timeout=5)
            except Exception:  # noqa: BLE001  # whatever keeps it: it is ended
                self._process.kill()
                self._process.wait()
            assert self._process.stdout is not None
            self._process.stdout.close()
            self._process = None
        if self._errors is not None:
            self._errors.close()
            self._errors = None

    def _send(self, process: Popen[bytes], data: Any) -> None:
        assert process.stdin is not None
        process.stdin.write(json.dumps(data, ensure_ascii=False).encode() + b"\n")
        process.stdin.flush()

    def _line(self, seconds: float) -> Message | None:
        """Return the host's next message; None if it ended or stays silent for `seconds`."""
        try:
            return self._lines.read(time.monotonic() + seconds)
        except TimeoutError:
            return None

    def _last_words(self) -> str:
        if self._errors is None:
            return ""
        with suppress(OSError, ValueError):
            self._errors.seek(0)
            lines = self._errors.read()[-2000:].decode("utf-8", "replace").strip().splitlines()
            return lines[-1][:300] if lines else ""
        return ""
