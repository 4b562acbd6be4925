"""The judge's process: runs check cells of the release's master against proxies of the learner's names, and tells results.

Forked per submission from a warm host. A result is told as soon as it is known, so a process that dies later costs nothing.
"""

from __future__ import annotations

import ast
import builtins
import contextlib
import io
import json
import math
import numbers
import signal
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

from grader.execution.learner import MAX_OUTPUT
from grader.execution.proxies import GRACE, LearnerGone, Link, NotPlainData, TookTooLong
from grader.execution.wire import Channel, NotPlain
from grader.jobs import Cell, CellResult, Job, Outcome, Role
from grader.notebook import plain_python

MAX_SAYS = 2000  # characters of a check's message that are kept: a learner's exception may say more
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
    link = Link(channel, job.classes)
    names = Names(link, job.asked - given.keys())
    for statement in job.imports:
        with contextlib.suppress(Exception):
            exec(statement, names)  # noqa: S102  # the release's own
    names.update(given)
    for cell in job.cells:
        if cell.role is Role.CHECK:
            tell(_check(cell, names, link, job))
            continue
        if cell.role is Role.LOCKED:
            for defining in _definitions(cell.source):
                with contextlib.suppress(Exception):
                    exec(compile(defining, f"<{cell.id}>", "exec"), names)  # noqa: S102  # a cell of the release, ours
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
    kept = shown(message.get("outputs"), job.limits.output_kb * 1024)
    outcome = Outcome.RAN if message.get("good") is True else Outcome.RAISED
    return CellResult(cell.id, outcome, outputs=kept, seconds=time.monotonic() - start)


def _check(cell: Cell, names: Names, link: Link, job: Job) -> CellResult:
    start = time.monotonic()
    link.until = start + job.limits.cell_seconds
    printed = io.StringIO()
    value: Any = None
    outcome, says, hidden = Outcome.RAN, "", False
    try:
        with (
            contextlib.redirect_stdout(printed),
            contextlib.redirect_stderr(io.StringIO()),
            _at_most(link.until + 2 * GRACE - start),
        ):
            value = _execute(cell.source, cell.id, names)
    except LearnerGone as error:
        outcome, says = Outcome.GONE, f"The learner's program is no longer there: {error}."
    except TookTooLong as error:
        outcome, says = Outcome.TOO_LONG, f"A call {error}."
    except (NotPlainData, NotPlain) as error:
        outcome, says = Outcome.NOT_PLAIN, f"This check wants plain data: {error}"
    except BaseException as error:  # noqa: BLE001  # a failed assertion, or whatever learner code raised
        outcome, says, hidden = Outcome.RAISED, _told(error), _in_hidden(error, cell)
    says = _readable(says)
    earned = _points(value, cell) if outcome is Outcome.RAN else 0.0
    outputs = _outputs(_readable(printed.getvalue()), value, outcome, says)
    note = getattr(value, "note", None) if isinstance(value, float) else None
    told = "A hidden test did not pass." if hidden else says[:MAX_SAYS]
    return CellResult(cell.id, outcome, earned, outputs, told, note, time.monotonic() - start)


@contextlib.contextmanager
def _at_most(seconds: float) -> Iterator[None]:
    """Raise TookTooLong in a check that works on and on over what it was given, without asking the learner's process."""

    def late(_signal: int, _frame: Any) -> None:
        raise TookTooLong("returned something that the check did not get to the end of")

    before = signal.signal(signal.SIGALRM, late)
    # Again and again: a check may catch the first.
    signal.setitimer(signal.ITIMER_REAL, seconds, 1.0)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _readable(text: str) -> str:
    """Return text that every file can hold: no half characters."""
    return text.encode("utf-8", "replace").decode()


_OUTPUTS: dict[str, dict[str, type]] = {
    "stream": {"name": str, "text": str},
    "display_data": {"data": dict, "metadata": dict},
    "execute_result": {"data": dict, "metadata": dict},
    "error": {"ename": str, "evalue": str, "traceback": list},
}


def shown(outputs: Any, limit: int) -> tuple[dict[str, Any], ...]:
    """Return of what a learner's process says a cell showed what is an output by nbformat, up to about `limit` characters."""
    kept: list[dict[str, Any]] = []
    left = limit + 20_000  # beyond the process's own limit: an error, and the word that output was cut
    for item in outputs if isinstance(outputs, list) else ():
        fields = _OUTPUTS.get(str(item.get("output_type"))) if isinstance(item, dict) else None
        if fields is None or not all(isinstance(item.get(name), kind) for name, kind in fields.items()):
            continue
        made: dict[str, Any] = {"output_type": item["output_type"], **{name: item[name] for name in fields}}
        if "traceback" in made:
            made["traceback"] = [line for line in made["traceback"] if isinstance(line, str)]
        if "data" in made:
            made["data"] = {str(mime): made["data"][mime] for mime in made["data"] if "/" in mime}
            made["metadata"] = {}
        if made["output_type"] == "execute_result":
            made["execution_count"] = None
        text = json.dumps(made, ensure_ascii=False)
        left -= len(text)
        if left < 0:
            break
        kept.append(json.loads(_readable(text)))
    return tuple(kept)


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


def _points(value: Any, cell: Cell) -> float:
    """Return what a check that ran to its end earned: its last value if that is a number, else all, as nbgrader does.

    Unlike nbgrader's, a value outside 0..points is cut to that range; what is no finite number, or no number although it was
    calculated, earns nothing.
    """
    if isinstance(value, numbers.Real | Decimal) and not isinstance(value, bool):
        return min(max(float(value), 0.0), cell.points) if math.isfinite(value) else 0.0
    return 0.0 if _calculates(cell.source) else cell.points


def _calculates(source: str) -> bool:
    """Return whether a cell ends in a calculation, such as `right / 10 * 3`."""
    body = ast.parse(plain_python(source)).body
    return bool(body) and isinstance(body[-1], ast.Expr) and isinstance(body[-1].value, ast.BinOp)


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


def _definitions(source: str) -> list[ast.Module]:
    """Return what a cell of the release imports, defines or sets to a plain value: the judge has these as the release made them."""
    try:
        body = ast.parse(plain_python(source)).body
    except SyntaxError:
        return []
    return [
        ast.Module([node], [])
        for node in body
        if isinstance(node, ast.Import | ast.ImportFrom | ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        or (isinstance(node, ast.Assign) and _literal(node.value))
    ]


def _literal(node: ast.expr) -> bool:
    try:
        ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return False
    return True
