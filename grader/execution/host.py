"""One worker: a warm judge side, and the warm zygote of learners' processes. Trusted, single-threaded, one thing at a time.

    python -m grader.execution.host [FD]

FD is the socket of a zygote that several workers share; without one, this host starts its own. Speaks JSON lines: first a `Setting` in, then a task or a job in, its cell results and its end out, and so on. Each job gets a judge
process forked from this one and a learner's process forked from the zygote, joined by a socket that nobody else has.
"""

from __future__ import annotations

import contextlib
import ctypes
import importlib
import json
import os
import resource
import shutil
import signal
import socket
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from subprocess import DEVNULL, PIPE, Popen
from typing import IO

import atelier
from atelier import records
from grader import catalog, isolation, workspace
from grader import judge as hidden
from grader.execution import judge
from grader.execution.wire import Channel, Closed, Lines, Message, write_line
from grader.jobs import CellResult, Done, Ended, Job, Marked, Task
from grader.submissions import Marker

JUDGE_MEMORY = 4 * 1024**3
_KERNEL_START = 60.0  # seconds that a kernel may take to come up
_LATE = 5.0  # seconds past the submission's own bound after which the judge's side is at fault
_PR_SET_PDEATHSIG = 1
_SCRATCH = "atelier-run-"


@dataclass(frozen=True, slots=True)
class Setting:
    """What a worker is started with.

    level   isolation level of learners' code; "" where none will be run
    root    checkout that the labs are in
    space   the cohort's workspace, or ""
    secret  what hidden cases are drawn from, where there is no workspace
    warm    modules to load once in the learners' warm process
    judge   modules to load once where checks run
    """

    level: str
    root: str = ""
    space: str = ""
    secret: str = ""
    warm: tuple[str, ...] = ()
    judge: tuple[str, ...] = ()


def sweep() -> None:
    """Delete what hosts left that were killed while learners' code ran."""
    isolation.sweep_groups()
    for folder in Path(tempfile.gettempdir()).glob(f"{_SCRATCH}*"):
        owner = folder.name[len(_SCRATCH) :].partition("-")[0]
        if owner.isdigit() and not Path("/proc", owner).exists():
            shutil.rmtree(folder, ignore_errors=True)


def readable() -> tuple[str, ...]:
    """Return the trees that a learner's process may read: Python, its packages, and the bench."""
    return tuple(sorted({*map(str, isolation.runtime()), str(Path(atelier.__file__).parent)}))


def environment() -> dict[str, str]:
    """Return the environment of processes that are to be confined: nothing of the trainer's, and one thread each."""
    return {
        "PATH": os.defpath,
        "PYTHONPATH": os.pathsep.join(_own_path()),
        "HOME": tempfile.gettempdir(),
        "LANG": "C.UTF-8",
        "PYTHONHASHSEED": "0",
        **dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS"), "1"),
    }


def start_zygotes(setting: Setting, count: int) -> tuple[Popen[bytes], list[socket.socket]]:
    """Start the process that learners' processes are forked from, once for `count` workers.

    It loads once, and forks itself for each worker. Returns it, and each worker's socket. It ends when they are closed.
    """
    pairs = [socket.socketpair() for _ in range(count)]
    fds = [theirs.fileno() for _ours, theirs in pairs]
    # -P: the current folder is no place to import from. The environment holds nothing of the trainer's.
    process = Popen(  # noqa: S603  # our own program
        [sys.executable, "-P", "-m", "grader.execution.zygote", ",".join(map(str, fds)), setting.level, *setting.warm],
        env=environment(), pass_fds=fds, stdin=DEVNULL, stdout=DEVNULL, preexec_fn=_die_with_parent,  # noqa: PLW1509
    )  # fmt: skip
    for _ours, theirs in pairs:
        theirs.close()
    return process, [ours for ours, _theirs in pairs]


class Zygote:
    """The process that learners' processes are forked from; started again when it is gone."""

    def __init__(self, setting: Setting, shared: socket.socket | None = None) -> None:
        self._setting = setting
        self._process: Popen[bytes] | None = None
        self._control = None if shared is None else Channel(shared, limit=1 << 50)
        self._ready = False

    def begin(self) -> Channel:
        """Start the zygote without waiting for it to have loaded; returns its control channel."""
        self.stop()
        self._process, [ours] = start_zygotes(self._setting, 1)
        self._control = Channel(ours, limit=1 << 50)
        self._ready = False
        return self._control

    def start(self) -> Channel:
        """Return the control channel of a living zygote that has loaded."""
        gone = self._process is not None and self._process.poll() is not None
        control = self.begin() if self._control is None or gone else self._control
        if not self._ready:
            control.receive(timeout=60)
            self._ready = True
        return control

    def ask(self, message: Message, pass_fd: int | None = None) -> Message:
        """Ask the zygote. wire.Closed if it is gone."""
        control = self.start()
        try:
            socket.send_fds(control.socket, [b"!"], [] if pass_fd is None else [pass_fd])
        except OSError as error:
            raise Closed from error
        control.send(message)
        return control.receive(timeout=60)

    def stop(self) -> None:
        """End the zygote and what it started."""
        if self._control is not None:
            self._control.socket.close()
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        self._control = self._process = None


def _own_path() -> list[str]:
    """Return where `grader` and `atelier` are imported from."""
    return [str(Path(atelier.__file__).parents[1]), str(Path(__file__).parents[2])]


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


class Host:
    """Marks submissions and runs jobs."""

    def __init__(self, setting: Setting, out: IO[str], shared: socket.socket | None = None) -> None:
        self._setting, self._out = setting, out
        self._zygote = Zygote(setting, shared)
        self._marker: Marker | None = None
        self._root = Path(setting.root) if setting.root else catalog.find_root()
        if setting.level:
            sweep()
            if shared is None:
                self._zygote.begin()
        for name in setting.judge:  # while the zygote loads
            with contextlib.suppress(Exception):
                importlib.import_module(name)
        if setting.level:
            self._zygote.start()

    def mark(self, task: Task) -> Marked:
        """Grade one submission."""
        if self._marker is None:
            self._marker = Marker(workspace.load(Path(self._setting.space)), catalog.load(self._root).labs)
        return self._marker.mark(task, self.run)

    def run(self, job: Job) -> Done:
        """Run one job; its results are told as they come, and returned."""
        start = time.monotonic()
        if job.lab:
            secret = self._setting.secret or workspace.load(Path(self._setting.space)).secret
            hidden.prepare(job.lab, secret, self._root)
        scratch = Path(tempfile.mkdtemp(prefix=f"{_SCRATCH}{os.getpid()}-"))
        cells: list[CellResult] = []
        try:
            run = self._in_kernel if job.engine == "kernel" else self._run
            ended = run(job, scratch, start, cells)
        except Closed:
            self._zygote.stop()
            fault = "The warm process of this worker ended."
            ended = Ended(job.id, complete=False, fault=fault, level=self._setting.level)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
        return Done(tuple(cells), ended)

    def _run(self, job: Job, scratch: Path, start: float, cells: list[CellResult]) -> Ended:
        level = self._setting.level
        inputs = Path(job.inputs) if job.inputs else None
        ours, theirs = socket.socketpair()
        limits = job.limits
        asked = {
            "op": "spawn",
            "scratch": str(scratch),
            "inputs": job.inputs,
            "readable": list(readable()),
            "output": limits.output_kb * 1024,
            "bounds": {
                "memory_mb": limits.memory_mb,
                "processes": limits.processes,
                "disk_mb": limits.disk_mb,
                "seconds": limits.seconds,
            },
        }
        with theirs:
            try:
                told = self._zygote.ask(asked, theirs.fileno())
            except Closed:  # lost while it had nothing to do
                self._zygote.stop()
                told = self._zygote.ask(asked, theirs.fileno())
        if "refused" in told:
            ours.close()
            return Ended(job.id, complete=False, fault=str(told["refused"]), level=level)
        read, write = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(read)
            _judge(job, ours, write, inputs)
        ours.close()
        os.close(write)
        files, fault = self._relay(job, read, child, start + limits.seconds + _LATE, cells)
        why = str(self._zygote.ask({"op": "end"}).get("why", ""))
        return Ended(job.id, not fault, fault, why, level, round(time.monotonic() - start, 4), files)

    def _in_kernel(self, job: Job, scratch: Path, start: float, cells: list[CellResult]) -> Ended:
        """Run a job whole in a confined kernel, by a process of its own: what talks to kernels has threads."""
        level, why, late = self._setting.level, "", False
        until = start + job.limits.seconds + _KERNEL_START + _LATE
        process = Popen(  # noqa: S603  # our own program
            [sys.executable, "-P", "-m", "grader.execution.kernel", level, str(scratch)],
            stdin=PIPE, stdout=PIPE, preexec_fn=_die_with_parent,  # noqa: PLW1509
        )  # fmt: skip
        assert process.stdin is not None
        assert process.stdout is not None
        with process.stdin as jobs, contextlib.suppress(BrokenPipeError):
            jobs.write(json.dumps(records.dump(job)).encode() + b"\n")
        lines = Lines(process.stdout.fileno())
        try:
            while (message := lines.read(until)) is not None:
                if "cell" in message:
                    write_line(self._out, message)
                    cells.append(records.load(CellResult, message["cell"]))
                why = str(message.get("why", why))
        except TimeoutError:
            late = True
            process.kill()
        finally:
            process.stdout.close()
            status = process.wait()
        fault = "The kernel did not come to its end." if late else ""
        if not fault and (status or len(cells) < len(job.cells)):
            fault = f"What runs the kernel ended early (exit {status})."
        return Ended(job.id, not fault, fault, why, level, round(time.monotonic() - start, 4))

    def _relay(
        self, job: Job, read: int, child: int, until: float, cells: list[CellResult]
    ) -> tuple[dict[str, str], str]:
        """Take and pass on what the judge tells until it ends; returns (the learner's files, what went wrong)."""
        files: dict[str, str] = {}
        late = False
        lines = Lines(read)
        try:
            while (message := lines.read(until)) is not None:
                if "files" in message:
                    files = message["files"]
                else:
                    write_line(self._out, message)
                    cells.append(records.load(CellResult, message["cell"]))
        except TimeoutError:
            late = True
            os.kill(child, signal.SIGKILL)
        finally:
            os.close(read)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        if late:
            return files, "A check did not come to its end on this submission."
        if status != 0 or len(cells) < len(job.cells):
            how = f"signal {-status}" if status < 0 else f"exit {status}"
            return files, f"The judge's process ended early ({how})."
        return files, ""

    def close(self) -> None:
        """End the zygote."""
        self._zygote.stop()


def _judge(job: Job, sock: socket.socket, write: int, inputs: Path | None) -> None:
    """Be the judge of one job; never returns."""
    status = 1
    try:
        _die_with_parent()
        resource.setrlimit(resource.RLIMIT_DATA, (JUDGE_MEMORY, JUDGE_MEMORY))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        if inputs is not None:
            os.chdir(inputs)
        with os.fdopen(write, "w", encoding="utf-8") as out:

            def tell(result: CellResult) -> None:
                write_line(out, {"cell": records.dump(result)})

            files = judge.run(job, Channel(sock), tell, {"lab": hidden.Quiet()} if job.lab else {})
            if job.files:
                write_line(out, {"files": files})
        status = 0
    except BaseException:  # noqa: BLE001  # the host sees the exit status; nothing may run on in this copy of it
        import traceback

        traceback.print_exc(file=sys.__stderr__)
    finally:
        os._exit(status)


def main() -> None:
    """Serve jobs from standard input until it ends."""
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # whatever a check prints goes nowhere near the results
    setting = records.load(Setting, json.loads(sys.stdin.readline()))
    host = Host(setting, out, socket.socket(fileno=int(sys.argv[1])) if sys.argv[1:] else None)
    write_line(out, {"ready": setting.level})
    try:
        for line in sys.stdin:
            asked = json.loads(line)
            if "task" in asked:
                write_line(out, {"marked": records.dump(host.mark(records.load(Task, asked["task"])))})
            else:
                write_line(out, {"ended": records.dump(host.run(records.load(Job, asked["job"])).ended)})
    finally:
        host.close()


if __name__ == "__main__":
    main()
