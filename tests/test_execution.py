"""Learner cells in one process, checks in another: what a check sees, what a limit costs, and what a lost process leaves."""

from __future__ import annotations

import base64
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from grader import isolation
from grader.execution.host import Setting, start_zygotes
from grader.execution.workers import Worker
from grader.isolation import Level, processes
from grader.jobs import Cell, CellResult, Done, Job, Outcome, Role
from grader.model import Limits

LIMITS = Limits(seconds=20, cell_seconds=1, memory_mb=300, processes=16, disk_mb=16, output_kb=2)
Run = Callable[..., Done]


@pytest.fixture(scope="module")
def worker() -> Iterator[Worker]:
    level = isolation.best()
    if level is Level.D:
        pytest.skip("no isolation on this machine: learners' code is not run here")
    with Worker(Setting(level.value, warm=("numpy", "pandas"), judge=("numpy", "pandas"))) as found:
        yield found


def _job(*cells: str | tuple[str, str], **more: Any) -> Job:
    """Return a job: text is a learner's cell, ("check", text) a check of 2 points, ("locked", text) the release's own."""
    made = []
    for place, cell in enumerate(cells):
        role, source = cell if isinstance(cell, tuple) else ("learner", cell)
        made.append(Cell(f"c{place}", Role(role), source, 2.0 if role == "check" else 0.0))
    return Job("job", tuple(made), **{"limits": LIMITS, **more})


@pytest.fixture
def run(worker: Worker) -> Run:
    return lambda *cells, **more: worker.run(_job(*cells, **more))


def _check(run: Run, code: str, check: str, **more: Any) -> CellResult:
    done = run(code, ("check", check), **more)
    assert not done.ended.fault
    return done.cells[-1]


def test_workers_share_what_was_loaded_and_outlive_it() -> None:
    """Each has its part of one warm process; whoever loses it starts another, and nobody loses a submission."""
    setting = Setting(isolation.best().value)
    job = _job("x = 1", ("check", "assert x == 1"))
    zygote, sockets = start_zygotes(setting, 2)
    with Worker(setting, sockets[0]) as first, Worker(setting, sockets[1]) as second:
        for _turn in range(2):
            assert [worker.run(job).cells[-1].earned for worker in (first, second)] == [2, 2]
            zygote.kill()
            zygote.wait()


# What a check sees

HOLD = {
    "functions": ("def f(a, *, b=2): return a * b", "assert f(3) == 6\nassert f('x', b=3) == 'xxx'"),
    "signatures": ("def f(a, *, b=2): 'Doubles.'", "import inspect\nassert str(inspect.signature(f)) == '(a, *, b=2)'\nassert f.__doc__ == 'Doubles.'\nassert f.__name__ == 'f'"),
    "no docstring": ("def f(): pass", "assert f.__doc__ is None\nassert callable(f)"),
    "variables": ("n = {'a': [1, (2, 3)]}", "assert n == {'a': [1, (2, 3)]}\nn['b'] = 1\nassert n['b'] == 1"),
    "functions that return functions": ("def add(n): return lambda m: n + m", "assert add(2)(3) == 5"),
    "classes": ("class Bag:\n    def __init__(self): self.items = []\n    def add(self, x): self.items.append(x); return self\n    def __len__(self): return len(self.items)\n    def __contains__(self, x): return x in self.items",
                "bag = Bag()\nassert bag.add(3) is not None\nassert len(bag) == 1\nassert 3 in bag and 4 not in bag\nassert bag.items == [3]\nassert isinstance(bag, Bag)\nassert not isinstance(3, Bag)"),
    "operators": ("class V:\n    def __init__(self, x): self.x = x\n    def __add__(self, o): return V(self.x + o.x)\n    def __mul__(self, n): return V(self.x * n)\n    def __eq__(self, o): return self.x == o.x\n    def __abs__(self): return abs(self.x)",
                  "assert (V(1) + V(2)).x == 3\nassert V(2) * 3 == V(6)\nassert abs(V(-2) * 2) == 4"),
    "linked objects": ("class Node:\n    def __init__(self, v, after=None): self.v, self.after = v, after\n    def last(self): return self.after.last() if self.after else self", "assert Node(1, Node(2)).after.v == 2\nassert Node(1, Node(2)).last().v == 2"),
    "objects that functions make": ("class P:\n    def __init__(self, x): self.x = x\ndef make(x): return P(x)", "assert make(3).x == 3"),
    "errors": ("def f(x): raise ValueError(f'bad {x}')", "try:\n    f(3)\nexcept ValueError as error:\n    assert str(error) == 'bad 3'\nelse:\n    assert False"),
    "own errors": ("class TooLow(ValueError): pass\ndef f(): raise TooLow('x', 3)", "try:\n    f()\nexcept TooLow as error:\n    assert error.args == ('x', 3)\nassert issubclass(TooLow, ValueError)"),
    "changes in place": ("def f(items, table, seen): items.sort(); table['n'] = 1; seen.add(3)", "a, b, c = [2, 1], {}, set()\nf(a, b, c)\nassert (a, b, c) == ([1, 2], {'n': 1}, {3})"),
    "changed arrays": ("def f(a): a[0] = 9", "import numpy as np\na = np.arange(3)\nf(a)\nassert a.tolist() == [9, 1, 2]"),
    "callbacks": ("def twice(f, x): return f(f(x))", "assert twice(lambda x: x + 3, 1) == 7"),
    "callbacks that raise": ("def safe(f):\n    try:\n        return f()\n    except KeyError:\n        return 'caught'", "def bad(): raise KeyError('x')\nassert safe(bad) == 'caught'"),
    "generators": ("def f():\n    got = yield 1\n    yield got", "g = f()\nassert next(g) == 1\nassert g.send(5) == 5\nassert list(f()) == [1, None]"),
    "context managers": ("from contextlib import contextmanager\n@contextmanager\ndef f():\n    yield 3", "with f() as x:\n    assert x == 3"),
    "printing": ("def f(): print('hello')", "import io, contextlib\nout = io.StringIO()\nwith contextlib.redirect_stdout(out):\n    f()\nassert out.getvalue() == 'hello\\n'"),
    "frames": ("import pandas as pd\ndf = pd.DataFrame({'a': [1, 2]})\ndef f(d): return d.assign(b=d.a * 2)", "assert f(df).equals(df.assign(b=[2, 4]))\nassert df.shape == (2, 1)"),
    "modules": ("import numpy as np\nx = np.arange(3)", "assert np.allclose(x, [0, 1, 2])"),
    "iterables": ("class It:\n    def __iter__(self): return iter([1, 2])\ndef f(): return It()", "assert list(f()) == [1, 2]\nassert 2 in f()"),
    "magics": ("%time _ = 1\n%precision 3\n!true\nx = !echo hi\ny = 1", "assert y == 1\nassert list(x) == ['hi']"),
    "await": ("import asyncio\nawait asyncio.sleep(0)\nx = 3", "assert x == 3"),
    "names given way to": ("def f(): return 1", "f2 = f\nassert f() == 1"),
}  # fmt: skip


@pytest.mark.parametrize("name", HOLD)
def test_a_check_sees_what_a_learner_made(run: Run, name: str) -> None:
    """Checks of honest code hold as they would in one kernel."""
    code, check = HOLD[name]
    from grader.submissions import classes_defined, names_defined

    found = _check(run, code, check, asked=names_defined([code]), classes=classes_defined([code]))
    assert (found.outcome, found.says) == (Outcome.RAN, "")
    assert found.earned == 2.0


_YES = (
    "class Yes:\n    __eq__ = __contains__ = lambda self, other: True\n    __sub__ = __rsub__ = lambda self, other: 0\n"
    "    __hash__ = None\n    def __getattr__(self, name): return lambda *args: True\n    ok = 1\ndef f(*args): return Yes()"
)


@pytest.mark.parametrize(
    "check", ["f() == 4", "4 == f()", "f() in [4]", "f() - 4", "4 - f()", "f().equals(4)", "f().ok", "f()[0]", "f() < 4", "f != 4"]
)  # fmt: skip
def test_an_object_is_not_asked_about_itself(run: Run, check: str) -> None:
    """Whatever would be answered by an object's own word is refused, and the message says to return plain data."""
    found = _check(run, _YES, f"assert {check} or True", asked=frozenset({"f", "Yes"}))
    assert found.outcome is Outcome.NOT_PLAIN
    assert "own word" in found.says
    assert found.earned == 0


def test_a_class_that_was_not_asked_for_is_not_believed(run: Run) -> None:
    """A class in place of a function that the release asks for has no more say than any object."""
    found = _check(
        run, _YES + "\nf = Yes", "assert abs(f() - 4) < 1", asked=frozenset({"f"}), classes=frozenset({"Other"})
    )
    assert found.outcome is Outcome.NOT_PLAIN


def test_a_built_in_stays_the_built_in(run: Run) -> None:
    """What a learner calls `len` is theirs; a check's `len` is Python's, unless the release asks for one."""
    assert _check(run, "len = lambda x: 99\nx = [1]", "assert len(x) == 1").earned == 2
    assert _check(run, "def sum(x): return 99", "assert sum([1]) == 99", asked=frozenset({"sum"})).earned == 2


def test_what_the_release_defines_is_not_the_learners(run: Run) -> None:
    """A helper of a locked cell, and a name that the release imports, mean the same whatever a learner calls so."""
    locked = ("locked", "import random\ndef close(a, b): return abs(a - b) < 1\nrandom.seed(1)")
    done = run(locked, "close = isclose = lambda *a: True", ("check", "assert close(1, 5)"), ("check", "assert isclose(1, 5)"),
               imports=("from math import isclose",))  # fmt: skip
    assert [cell.outcome for cell in done.cells[2:]] == [Outcome.RAISED, Outcome.RAISED]


def test_a_name_that_learners_define_later_gives_way(run: Run) -> None:
    """A check's own helper of a name that is asked for does not hide what a later cell defines."""
    done = run("x = 1", ("check", "x = 5\nassert x == 5"), "x = 2", ("check", "assert x == 2"), asked=frozenset({"x"}))
    assert [cell.earned for cell in done.cells] == [0, 2, 0, 2]


def test_an_error_in_a_hidden_test_is_not_told(run: Run) -> None:
    """A learner reads that a hidden test did not pass, and not which one or how; a shown one is told."""
    hidden = "### BEGIN HIDDEN TESTS\nassert f(2) == 77, 'secret'\n### END HIDDEN TESTS"
    found = _check(run, "def f(x): return x", f"assert f(1) == 1\n{hidden}")
    assert found.says == "A hidden test did not pass."
    found = _check(run, "def f(x): return x", f"assert f(1) == 2, 'one is two'\n{hidden}")
    assert found.says == "one is two"
    found = _check(run, "def f(x): return x", f"{hidden}\nassert f(1) == 2, 'one is two'")
    assert found.says == "A hidden test did not pass."


@pytest.mark.parametrize(
    ("last", "earned"),
    [
        ("1.5", 1.5),
        ("None", 2),
        ("7", 2),
        ("-3", 0),
        ("float('nan')", 0),
        ("float('inf')", 0),
        ("x * 2", 0),
        ("'ok'", 2),
    ],
)
def test_the_last_value_is_the_points(run: Run, last: str, earned: float) -> None:
    """A finite number counts from 0 to the check's points; a calculation that gave no number counts nothing."""
    assert _check(run, "x = [1]", f"assert x\n{last}").earned == earned


# Limits


def test_a_cell_that_takes_too_long_is_ended_and_the_next_one_runs(run: Run) -> None:
    """The time of a cell is up: it failed, what was defined before stays."""
    done = run("x = 1\nwhile True: pass", ("check", "assert x == 1"))
    assert done.cells[0].outcome is Outcome.RAISED
    assert "took longer than 1 s" in str(done.cells[0].outputs)
    assert done.cells[1].earned == 2


def test_a_cell_that_swallows_the_alarm_ends_its_process(run: Run) -> None:
    """Where the alarm is caught, the process is given up; earlier points stay, later checks are not run."""
    loop = "import time\nwhile True:\n    try:\n        time.sleep(9)\n    except BaseException: pass"
    done = run("x = 1", ("check", "assert x == 1"), loop, ("check", "assert x == 1"))
    assert [cell.outcome for cell in done.cells] == [Outcome.RAN, Outcome.RAN, Outcome.GONE, Outcome.GONE]
    assert [cell.earned for cell in done.cells] == [0, 2, 0, 0]
    assert not done.ended.fault


def test_a_check_that_works_on_and_on_over_an_answer_is_ended(run: Run) -> None:
    """An answer that keeps the judge busy costs that check; the next one is judged."""
    code = "text = 'a' * 40 + 'b'\nx = 1"
    done = run(code, ("check", "import re\nassert re.match(r'(a+)+$', text)"), ("check", "assert x == 1"))
    assert [cell.outcome for cell in done.cells[1:]] == [Outcome.TOO_LONG, Outcome.RAN]


def test_memory_beyond_the_limit_ends_the_process(run: Run) -> None:
    """Memory is watched over all processes together; the reason says how much was allowed."""
    done = run("import os, time\nif os.fork() == 0:\n    x = b'x' * (250 << 20); time.sleep(9)\nx = b'x' * (250 << 20)\ntime.sleep(0.9)\ny = 1", ("check", "assert y == 1"))  # fmt: skip
    assert done.cells[-1].outcome is Outcome.GONE
    assert "memory" in done.ended.why


def test_output_beyond_the_limit_is_cut(run: Run) -> None:
    """The first part is kept, and a line says that it was cut."""
    [cell] = run("print('x' * 100_000)").cells
    text = "".join(item["text"] for item in cell.outputs)
    assert len(text) < 3000
    assert "output cut after 2,048 characters" in text


def test_files_come_back_within_bounds(run: Run, tmp_path: Path) -> None:
    """What a notebook wrote is given back: no links, nothing huge; what lay beside it was there to read."""
    (tmp_path / "data.txt").write_text("given")
    tmp_path.chmod(0o755)
    code = "import os\nopen('out.txt', 'w').write(open('data.txt').read() * 2)\nos.symlink('/etc/passwd', 'link')\nopen('big', 'wb').truncate(9 << 20)"
    done = run(code, files=True, inputs=str(tmp_path))
    assert base64.b64decode(done.ended.files["out.txt"]) == b"givengiven"
    assert set(done.ended.files) == {"data.txt", "out.txt"}
    assert not (tmp_path / "out.txt").exists()


# Lost processes


def test_a_worker_that_is_killed_is_started_again(run: Run, worker: Worker) -> None:
    """A host that dies, idle or at work, costs nothing: the job is run again, its results told once."""
    host = worker.start()
    host.kill()
    host.wait()
    assert _check(run, "x = 1", "assert x == 1").earned == 2
    left = [1]

    def kill_once(_cell: CellResult) -> None:
        if left.pop() if left else 0:
            os.kill(worker.start().pid, signal.SIGKILL)

    done = worker.run(_job("x = 1", ("check", "assert x == 1"), ("check", "assert x + 1 == 2")), kill_once)
    assert [cell.earned for cell in done.cells] == [0, 2, 2]
    assert not done.ended.fault


def test_a_zygote_that_is_killed_is_started_again(run: Run, worker: Worker) -> None:
    """Without its warm process a worker makes a new one; at worst one submission is ungraded, never a zero."""
    for pid in list(processes.tree(worker.start().pid)):
        processes.kill(pid)
    first, second = run("x = 1", ("check", "assert x == 1")), run("x = 1", ("check", "assert x == 1"))
    assert first.ended.fault or first.cells[-1].earned == 2
    assert second.cells[-1].earned == 2


def test_a_judge_that_dies_is_a_fault_and_no_zero(run: Run) -> None:
    """What goes wrong on the judge's side is said as such; the worker takes the next job."""
    done = run("x = 1", ("check", "import os\nos._exit(3)"), ("check", "assert x == 1"))
    assert "judge's process ended early (exit 3)" in done.ended.fault
    assert not done.ended.complete
    assert _check(run, "x = 1", "assert x == 1").earned == 2
