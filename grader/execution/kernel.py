"""The kernel engine: a notebook run whole in one confined Jupyter kernel, checks and answers together, by nbclient.

    python -m grader.execution.kernel LEVEL SCRATCH

For labs whose checks need more than plain data (a figure, a generator's state, the kernel itself) and say so. A job comes in on
standard input, cell results go out, then its end: the lines of a judge. Points earned here are the learner's own process's
word: nbgrader's rule is applied to what the cells showed.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path
from subprocess import DEVNULL
from typing import Any

import nbformat
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning.local_provisioner import LocalProvisioner
from nbclient import NotebookClient
from nbclient.exceptions import DeadKernelError

from atelier import records
from grader.execution.host import environment, readable
from grader.execution.wire import write_line
from grader.isolation import Bounds, Level, Room, launch
from grader.jobs import Cell, CellResult, Job, Outcome, Role

_START = 60  # seconds that a kernel may take to come up


class Provisioner(LocalProvisioner):
    """Starts a kernel confined. What is launched is a `Popen` as far as Jupyter asks."""

    room: Room
    level: Level
    process: Any

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:  # noqa: ARG002  # Jupyter's signature
        """Launch the kernel in its room, with a clean environment."""
        env = environment() | {"HOME": str(self.room.scratch)}
        self.process = launch(self.level, self.room, cmd, env=env, stdin=DEVNULL, stdout=DEVNULL, stderr=DEVNULL)
        self.pid = self.process.pid
        return self.connection_info

    async def wait(self) -> int | None:
        """Wait for the kernel; nothing of it is left then."""
        if self.process is not None:
            while self.process.poll() is None:
                await asyncio.sleep(0.05)
            self.process = None
        return 0

    async def send_signal(self, signum: int) -> None:
        """Send a signal to the kernel alone; what it started ends with it."""
        if self.process is not None:
            self.process.send_signal(signum)

    async def kill(self, restart: bool = False) -> None:  # noqa: ARG002  # Jupyter's signature
        """End the kernel and all that it started."""
        if self.process is not None:
            self.process.kill()

    terminate = kill


class Manager(AsyncKernelManager):
    """A kernel manager whose kernels are confined to `room`."""

    def __init__(self, level: Level, room: Room, **more: Any) -> None:
        super().__init__(**more)
        self.confined = Provisioner(kernel_id="", kernel_spec=self.kernel_spec, parent=self)
        self.confined.room, self.confined.level = room, level
        self.provisioner = self.confined


class Runner:
    """Runs one job."""

    def __init__(self, job: Job, level: Level, scratch: Path, sockets: Path) -> None:
        limits = job.limits
        bounds = Bounds(limits.memory_mb, max(limits.processes, 64), limits.disk_mb, limits.seconds)
        room = Room(scratch, tuple(map(Path, readable())), None, bounds, sockets)
        self._job, self._why = job, ""
        self._until = time.monotonic() + limits.seconds
        self._manager = Manager(
            level,
            room,
            kernel_name="python3",
            transport="ipc",
            ip=str(sockets / "k"),
            connection_file=str(scratch / ".kernel.json"),
        )
        cells = [nbformat.v4.new_code_cell(cell.source) for cell in job.cells]
        self._notebook = nbformat.v4.new_notebook(cells=cells)
        self._client = NotebookClient(
            self._notebook,
            km=self._manager,
            timeout=limits.cell_seconds,
            startup_timeout=_START,
            interrupt_on_timeout=True,
            allow_errors=True,
            error_on_timeout={"ename": "CellTimeout", "evalue": "the cell took too long", "traceback": []},
            resources={"metadata": {"path": str(scratch)}},
        )

    async def run(self) -> str:
        """Run the cells, telling each result; returns why the kernel was ended early, or ""."""
        gone = ""
        async with self._client.async_setup_kernel():
            watch = asyncio.create_task(self._watch())
            try:
                for place, cell in enumerate(self._job.cells):
                    start = time.monotonic()
                    if not gone:
                        try:
                            await self._client.async_execute_cell(self._notebook.cells[place], place)
                        except (TimeoutError, DeadKernelError, RuntimeError) as error:
                            gone = self._why or self._exceeded() or f"the kernel ended ({type(error).__name__})"
                    seconds = time.monotonic() - start
                    write_line(sys.stdout, {"cell": records.dump(self._result(cell, place, gone, seconds))})
            finally:
                watch.cancel()
                await self._manager.confined.kill()
        return self._why

    async def _watch(self) -> None:
        """End a kernel that takes more than its bounds."""
        while True:
            await asyncio.sleep(0.1)
            if why := self._exceeded():
                self._why = why
                self._manager.confined.process.kill()
                return

    def _exceeded(self) -> str:
        """Say which bound the kernel exceeded, or nothing."""
        process = self._manager.confined.process
        return "" if process is None else process.exceeded()

    def _result(self, cell: Cell, place: int, gone: str, seconds: float) -> CellResult:
        if gone:
            says = f"The learner's program is no longer there: {gone}."
            return CellResult(cell.id, Outcome.GONE, says=says, seconds=seconds)
        limit = self._job.limits.output_kb * 1024
        outputs = tuple(_cut(json.loads(json.dumps(item)), limit) for item in self._notebook.cells[place].outputs)
        error = next((item for item in outputs if item["output_type"] == "error"), None)
        outcome = Outcome.RAISED if error else Outcome.RAN
        says = f"{error['ename']}: {error['evalue']}"[:2000] if error else ""
        earned = _points(outputs, cell.points) if cell.role is Role.CHECK else 0.0
        return CellResult(cell.id, outcome, earned, outputs, says, None, seconds)


def _cut(output: dict[str, Any], limit: int) -> dict[str, Any]:
    if output["output_type"] == "stream" and len(output["text"]) > limit:
        output["text"] = f"{output['text'][:limit]}\n[output cut after {limit:,} characters]\n"
    elif len(json.dumps(output)) > 4 * limit and "data" in output:
        output["data"] = {"text/plain": "[output left out: too long]"}
    return output


def _points(outputs: tuple[dict[str, Any], ...], points: float) -> float:
    """Return what nbgrader gives for a check that showed `outputs`: nothing after an error, its value, else everything."""
    for output in outputs:
        if output["output_type"] == "error":
            return 0.0
        if output["output_type"] == "execute_result":
            try:
                value = float(output["data"].get("text/plain", ""))
            except ValueError:
                return points
            return min(max(value, 0.0), points) if value == value else 0.0  # noqa: PLR0124  # NaN
    return points


def main() -> None:
    """Run the job on standard input."""
    level, scratch = Level(sys.argv[1]), Path(sys.argv[2])
    job: Job = records.load(Job, json.loads(sys.stdin.readline()))
    if job.inputs:
        shutil.copytree(job.inputs, scratch, dirs_exist_ok=True, copy_function=shutil.copyfile)
    # Not below scratch: both sides see it, and nothing but sockets can be made in it.
    sockets = Path(tempfile.mkdtemp(prefix="k"))
    os.environ["JUPYTER_RUNTIME_DIR"] = str(sockets)
    try:
        why = asyncio.run(Runner(job, level, scratch, sockets).run())
        write_line(sys.stdout, {"why": why})
    finally:
        shutil.rmtree(sockets, ignore_errors=True)


if __name__ == "__main__":
    main()
