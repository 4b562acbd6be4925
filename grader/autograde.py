"""nbgrader's own `autograde`, run on our executor: for trainers who keep to nbgrader's commands.

In `nbgrader_config.py`:

    from grader.autograde import use
    use(c)

Learner cells then run confined, checks in a judge's process; everything else stays nbgrader's: overwritten cells, late
penalties, comments, its log. One notebook at a time, so `atelier grade` is faster.
"""

from __future__ import annotations

import atexit
import base64
import builtins
from functools import cache
from pathlib import Path
from typing import Any

from jupyter_client.kernelspec import NATIVE_KERNEL_NAME, get_kernel_spec
from nbgrader.preprocessors import Execute
from nbgrader.utils import is_grade, is_locked, is_solution
from traitlets import Unicode

from grader import submissions
from grader.execution.host import Setting
from grader.execution.workers import Worker
from grader.grading import AUTO, level
from grader.jobs import Cell, Job, Outcome, Role
from grader.model import Limits


class SplitExecute(Execute):  # type: ignore[misc]
    """Executes a submission: learner cells confined, checks apart from them.

    Stands in for nbgrader's `Execute` and heeds its settings: `Execute.timeout`, `--no-execute`.
    """

    isolation = Unicode(AUTO, help='Isolation level: "auto", "A", "B", "C", or "none".').tag(config=True)

    def preprocess(self, nb: Any, resources: Any, km: Any = None) -> tuple[Any, Any]:  # noqa: ARG002  # its signature
        """Run the notebook and give its cells their outputs; what it wrote goes beside it.

        Raises NoSuchKernel where the notebook asks for a kernel that is not installed, as nbgrader's own does.
        """
        asked_for = nb.metadata.get("kernelspec", {}).get("name", "python")
        # Jupyter's own name for the kernel of the Python it runs on.
        spec = get_kernel_spec(NATIVE_KERNEL_NAME if asked_for == "python" else asked_for)
        if spec.language.lower() != "python":
            raise RuntimeError(
                f"{resources['unique_key']}: only Python runs apart from its checks, not {spec.language}"
            )
        folder = Path(resources["metadata"]["path"])
        code = [cell for cell in nb.cells if cell.cell_type == "code"]
        sources = [cell.source for cell in code]
        cells = tuple(Cell(str(place), _role(cell), cell.source, _points(cell)) for place, cell in enumerate(code))
        answered = [cell.source for cell in code if not is_locked(cell)]
        # The release is not at hand here: what a learner calls like a built-in stays the built-in.
        asked = submissions.names_defined(answered) - set(dir(builtins))
        classes = submissions.classes_defined(answered)
        limits = Limits(cell_seconds=self.timeout or Limits().cell_seconds)
        job = Job(resources["unique_key"], cells, asked, str(folder), limits=limits, files=True, classes=classes)
        done = _worker(self.isolation, submissions.imports(sources)).run(job)
        if done.ended.fault:
            raise RuntimeError(f"{resources['unique_key']}: {done.ended.fault}")
        told = {result.cell: result for result in done.cells}
        for place, cell in enumerate(code):
            result = told.get(str(place))
            cell.execution_count = place + 1
            cell.outputs = [self._output(item) for item in result.outputs] if result else []
            if result is None or result.outcome is Outcome.GONE:
                cell.outputs.append(self._output(_lost(result.says if result else done.ended.why)))
        for name, data in done.ended.files.items():
            _write(folder, name, base64.b64decode(data))
        return nb, resources

    @staticmethod
    def _output(item: dict[str, Any]) -> Any:
        from nbformat import from_dict

        return from_dict(item)


def _lost(says: str) -> dict[str, Any]:
    return {"output_type": "error", "ename": "DeadKernelError", "evalue": says, "traceback": [says]}


def _role(cell: Any) -> Role:
    if is_grade(cell) and not is_solution(cell):
        return Role.CHECK
    return Role.LOCKED if is_locked(cell) else Role.LEARNER


def _points(cell: Any) -> float:
    return float(cell.metadata.nbgrader["points"]) if is_grade(cell) else 0.0


@cache
def _worker(isolation: str, warm: tuple[str, ...]) -> Worker:
    """Return the worker of this process for notebooks that import `warm`."""
    worker = Worker(Setting(level(isolation), warm=warm, judge=warm))
    atexit.register(worker.close)
    return worker


def _write(folder: Path, name: str, data: bytes) -> None:
    """Write a file that learner code made into `folder`, never out of it and never over a notebook."""
    target = folder / name
    if target.suffix == ".ipynb" or ".." in target.parts or target.is_symlink():
        return
    if not target.resolve().is_relative_to(folder.resolve()):
        return
    if not (target.is_file() and target.read_bytes() == data):
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)


def use(config: Any) -> None:
    """Make nbgrader's `autograde` use our executor: call it with the `c` of `nbgrader_config.py`."""
    from nbgrader.converters import Autograde

    usual = Autograde.autograde_preprocessors.default_args[0]
    config.Autograde.autograde_preprocessors = [SplitExecute if step is Execute else step for step in usual]
