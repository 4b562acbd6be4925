"""The judge's process: runs check cells of the release's master against proxies of the learner's names, and tells results.

Forked per submission from a warm host. A result is told as soon as it is known, so a process that dies later costs nothing.
"""

from __future__ import annotations

import ast
import builtins
import contextlib
import io
import numbers
import time
from collections.abc import Callable
from typing import Any

from grader.execution.learner import MAX_OUTPUT
from grader.execution.proxies import LearnerGone, Link, NotPlainData, TookTooLong
from grader.execution.wire import Channel, NotPlain
from grader.jobs import Cell, CellResult, Job, Outcome, Role
from grader.notebook import plain_python

Tell = Callable[[CellResult], None]
# Names that check cells use although no cell defines them.
_GIVEN = frozenset({"__name__", "__builtins__", "__file__", "__doc__", "__spec__"})


class Names(dict[str, Any]):
    """The namespace of check cells. What they do not define themselves is looked up with the learner.

    A built-in stays the built-in whatever a learner calls so, unless the release asks learners to define it (`asked`).
    """

    def __init__(self, link: Link, asked: frozenset[str]) -> None:
        super().__init__(__name__="__main__", __builtins__=builtins)
        self._link, self._asked = link, asked

    def __missing__(self, name: str) -> Any:
        if name in _GIVEN or (hasattr(builtins, name) and name not in self._asked):
            raise KeyError(name)
        return self._link.name(name)

    def __setitem__(self, name: str, value: Any) -> None:
        """Bind a name; one that learners are asked to define is bound with them too, for their functions may use it."""
        super().__setitem__(name, value)
        if name in self._asked:
            with contextlib.suppress(NotPlain, NotPlainData):
                self._link.bind(name, value)

    def __delitem__(self, name: str) -> None:
        """Unbind a name; one of the learner's is unbound with them, as where checks and answers share a kernel."""
        if name in self:
            super().__delitem__(name)
        elif name not in self._asked:
            raise KeyError(name)
        if name in self._asked:
            self._link.unbind(name)

    def give_way(self) -> None:
        """Forget what earlier checks called by a name that learners are asked to define: theirs comes after."""
        for name in self._asked & self.keys():
            super().__delitem__(name)


def run(job: Job, channel: Channel, tell: Tell, given: dict[str, Any]) -> dict[str, str]:
    """Run the cells of `job` in order; `given` are names of the judge's own. Returns the learner's files if the job asks for them."""
    link = Link(channel)
    names = Names(link, job.asked)
    names.update(given)
    for cell in job.cells:
        if cell.role is Role.CHECK:
            tell(_check(cell, names, link, job))
            continue
        if cell.role is Role.LOCKED and _defines_only(cell.source):
            with contextlib.suppress(Exception):
                _execute(cell.source, cell.id, names)
        tell(_learner(cell, link, job))
        names.give_way()
        link.forget()
    return _files(link) if job.files else {}


def _files(link: Link) -> dict[str, str]:
    """Return what the learner's process left in its folder: relative path -> base64."""
    link.until = time.monotonic() + 30
    try:
        found = link.ask("files").get("files")
    except (LearnerGone, TookTooLong):
        return {}
    return {
        str(name): str(wired["v"])
        for name, wired in (found.items() if isinstance(found, dict) else ())
        if isinstance(wired, dict) and wired.get("t") == "bytes"
    }


def _learner(cell: Cell, link: Link, job: Job) -> CellResult:
    start = time.monotonic()
    link.until = start + job.limits.cell_seconds
    try:
        message = link.ask("run", source=cell.source)
    except (LearnerGone, TookTooLong) as error:
        return CellResult(cell.id, Outcome.GONE, says=str(error), seconds=time.monotonic() - start)
    outputs = message.get("outputs")
    kept = tuple(item for item in outputs if isinstance(item, dict)) if isinstance(outputs, list) else ()
    outcome = Outcome.RAN if message.get("good") is True else Outcome.RAISED
    return CellResult(cell.id, outcome, outputs=kept, seconds=time.monotonic() - start)


def _check(cell: Cell, names: Names, link: Link, job: Job) -> CellResult:
    start = time.monotonic()
    link.until = start + job.limits.cell_seconds
    shown = io.StringIO()
    value: Any = None
    outcome, says, hidden = Outcome.RAN, "", False
    try:
        with contextlib.redirect_stdout(shown), contextlib.redirect_stderr(io.StringIO()):
            value = _execute(cell.source, cell.id, names)
    except LearnerGone as error:
        outcome, says = Outcome.GONE, f"The learner's program is no longer there: {error}."
    except TookTooLong as error:
        outcome, says = Outcome.TOO_LONG, f"A call {error}."
    except (NotPlainData, NotPlain) as error:
        outcome, says = Outcome.NOT_PLAIN, f"This check wants plain data: {error}"
    except BaseException as error:  # noqa: BLE001  # a failed assertion, or whatever learner code raised
        outcome, says, hidden = Outcome.RAISED, _told(error), _in_hidden(error, cell)
    earned = _points(value, cell.points) if outcome is Outcome.RAN else 0.0
    outputs = _outputs(shown.getvalue(), value, outcome, says)
    shown_says = "A hidden test did not pass." if hidden else says
    note = getattr(value, "note", None)
    return CellResult(cell.id, outcome, earned, outputs, shown_says, note, time.monotonic() - start)


def _told(error: BaseException) -> str:
    text = str(getattr(error, "__learner__", "")) or str(error)
    if isinstance(error, AssertionError) and not hasattr(error, "__learner__"):
        return text or "An assertion did not hold."
    return text if hasattr(error, "__learner__") else f"{type(error).__name__}: {text}"


def _in_hidden(error: BaseException, cell: Cell) -> bool:
    """Return whether the line that failed stands in the cell's hidden tests, which feedback must not show."""
    line, trace = 0, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == f"<{cell.id}>":
            line = trace.tb_lineno
        trace = trace.tb_next
    inside = False
    for number, text in enumerate(cell.source.splitlines(), 1):
        mark = text.strip().upper()
        if "BEGIN HIDDEN TESTS" in mark:
            inside = True
        if number == line:
            return inside
        if "END HIDDEN TESTS" in mark:
            inside = False
    return False


def _points(value: Any, points: float) -> float:
    """Return what a check that ran to its end earned: its last value if that is a number, else all, as nbgrader does.

    Unlike nbgrader's, a value outside 0..points is cut to that range, and NaN earns nothing.
    """
    if isinstance(value, numbers.Real) and not isinstance(value, bool):
        return min(max(float(value), 0.0), points) if value == value else 0.0  # noqa: PLR0124  # NaN
    return points


def _outputs(shown: str, value: Any, outcome: Outcome, says: str) -> tuple[dict[str, Any], ...]:
    found: list[dict[str, Any]] = []
    if shown:
        found.append({"output_type": "stream", "name": "stdout", "text": shown[:MAX_OUTPUT]})
    if outcome is not Outcome.RAN:
        name = says.partition(":")[0] if outcome is Outcome.RAISED else outcome.name
        found.append({"output_type": "error", "ename": name[:80], "evalue": says[:2000], "traceback": [says[:5000]]})
    elif isinstance(value, numbers.Real) and not isinstance(value, bool):
        text = repr(float(value))
        found.append(
            {"output_type": "execute_result", "execution_count": None, "metadata": {}, "data": {"text/plain": text}}
        )
    return tuple(found)


def _execute(source: str, name: str, names: Names) -> Any:
    """Execute a cell's source and return the value of its last expression, or None."""
    tree = ast.parse(plain_python(source), filename=f"<{name}>")
    last = tree.body[-1] if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    if last is not None:
        tree.body.pop()
    exec(compile(tree, f"<{name}>", "exec"), names)  # noqa: S102  # a cell of the release's master, ours
    if last is None:
        return None
    return eval(compile(ast.Expression(last.value), f"<{name}>", "eval"), names)  # noqa: S307


def _defines_only(source: str) -> bool:
    """Return whether a cell of the release only imports and defines: then the judge has these names too, as the release made them."""
    try:
        body = ast.parse(plain_python(source)).body
    except SyntaxError:
        return False
    return bool(body) and all(
        isinstance(node, ast.Import | ast.ImportFrom | ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Pass)
        or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
        or (isinstance(node, ast.Assign) and _literal(node.value))
        for node in body
    )


def _literal(node: ast.expr) -> bool:
    try:
        ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return False
    return True
