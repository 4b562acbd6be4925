"""One submission, from its folder to a score and an autograded folder. What every grading process does.

Forms are read and scored here; code is rebuilt from the release, handed to `run`, and its results become a score. Whatever is
wrong with a submission ends as *ungraded* with a reason; nothing here raises for what a learner handed in.
"""

from __future__ import annotations

import ast
import json
import os
import shutil
import tempfile
import traceback
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from atelier import answers, records
from grader import catalog, notebook, release, scoring
from grader.engines import gate
from grader.jobs import Cell, Done, Job, Marked, Outcome, Role, Task
from grader.model import CheckResult, Lab, Limits, Score, Status
from grader.workspace import Workspace

Run = Callable[[Job], Done]
SPLIT, KERNEL = "split", "kernel"
MOST_FILES = 5000
SLIPS = ("timestamp.txt", "submission_secret.txt")
_SKIPPED = {answers.FILE, *SLIPS}


@dataclass(frozen=True, slots=True)
class Assignment:
    """What is graded: a lab of the catalogue, or an assignment that somebody made with nbgrader alone.

    notebooks   per notebook the release and the sources of its locked cells, hidden tests included
    asked       names that learners are asked to define
    classes     those of them that the source defines as classes
    imports     import statements of its cells that ask for nothing
    warm        modules that the release imports
    judge       those of them that its checks need, and those whose values they are given
    limits      bounds of one submission
    built       notebooks as their author wrote them, by name
    engine      how code is run: "split", apart from its checks, or "kernel", whole in a sandboxed kernel
    """

    id: str
    version: str
    lab: Lab | None
    cases: tuple[Any, ...]
    notebooks: Mapping[str, notebook.Notebook]
    sources: Mapping[str, Mapping[str, str]]
    asked: frozenset[str] = frozenset()
    warm: tuple[str, ...] = ()
    limits: Limits = field(default_factory=Limits)
    classes: frozenset[str] = frozenset()
    imports: tuple[str, ...] = ()
    built: Mapping[str, notebook.Notebook] = field(default_factory=dict)
    engine: str = SPLIT
    judge: tuple[str, ...] = ()

    @property
    def code(self) -> bool:
        """Return whether grading runs the learner's code."""
        return self.lab is None or self.lab.file.mode == "code"


def assignment(space: Workspace, labs: Mapping[str, Lab], name: str, engine: str) -> Assignment:
    """Return the assignment called `name` as it was released to the cohort; `engine` is the id of the practice model."""
    lab = labs.get(name)
    released = _notebooks(space.root / "release" / name)
    sources = _notebooks(space.root / "source" / name)
    kept = _kept(space, name)
    locked = {
        book: {n: "".join(c["source"]) for c in cells["cells"] if (n := notebook.name_of(c)) is not None}
        for book, cells in sources.items()
    }
    for book, cells in kept.items():
        locked.setdefault(book, {}).update(cells)
    code = [
        "".join(c["source"])
        for made in (*sources.values(), *released.values())
        for c in made["cells"]
        if c["cell_type"] == "code"
    ]
    answered = [
        "".join(c["source"])
        for made in (*sources.values(), *released.values())
        for c in made["cells"]
        if c["cell_type"] == "code" and not c["metadata"].get("nbgrader", {}).get("locked")
    ]
    asked, classes, warm = names_defined(answered), classes_defined(answered), imports(code)
    given = statements("".join(c["source"]) for made in released.values() for c in made["cells"] if _gives(c))
    fixed = [
        "".join(c["source"]) for made in (*sources.values(), *released.values()) for c in made["cells"] if _gives(c)
    ]
    judge = needed_by_checks(fixed, warm)
    if lab is None:
        version = notebook.fingerprint(released, locked)
        limits = space.settings.limits
        engine = KERNEL if name in space.settings.kernel else SPLIT
        return Assignment(
            name, version, None, (), released, locked, asked, warm, limits, classes, given, sources, engine, judge
        )
    lab = release.qualified(lab, gate.read(lab.root / "gate.json", engine))
    cases = catalog.hidden_cases(lab, space.secret) if lab.file.mode == "form" else ()
    limits, engine = lab.file.limits, lab.file.execution
    return Assignment(
        name, lab.version, lab, cases, released, locked, asked, warm, limits, classes, given, sources, engine, judge
    )


def _gives(cell: notebook.Cell) -> bool:
    return cell["cell_type"] == "code" and not cell["metadata"].get("nbgrader", {}).get("solution")


def _notebooks(folder: Path) -> dict[str, notebook.Notebook]:
    found = {path.stem: notebook.read(path).notebook for path in sorted(folder.glob("*.ipynb"))}
    return {name: made for name, made in found.items() if made is not None}


def _kept(space: Workspace, name: str) -> dict[str, dict[str, str]]:
    """Return the sources that the gradebook keeps, as `keep_sources` wrote them down for all processes."""
    with suppress(OSError, ValueError):
        found: dict[str, dict[str, str]] = json.loads(sources_file(space, name).read_text(encoding="utf-8"))
        return found
    return {}


def sources_file(space: Workspace, name: str) -> Path:
    """Return where the sources of an assignment's locked cells are written down for all grading processes."""
    return space.runs / "sources" / f"{name}.json"


class Marker:
    """Marks submissions of one workspace. Loads each assignment once."""

    def __init__(self, space: Workspace, labs: Iterable[Lab]) -> None:
        self._space, self._labs = space, {lab.id: lab for lab in labs}
        self._loaded: dict[tuple[str, str], Assignment] = {}

    def assignment(self, name: str, engine: str, *, fresh: bool = False) -> Assignment:
        """Return an assignment, loaded once, or now if it is to be `fresh`."""
        key = (name, engine)
        if fresh or key not in self._loaded:
            self._loaded[key] = assignment(self._space, self._labs, name, engine)
        return self._loaded[key]

    def mark(self, task: Task, run: Run) -> Marked:
        """Grade one submission and write its autograded folder. A fault of ours is nobody's zero: it ends as ungraded."""
        what = self.assignment(task.lab, task.engine)
        folder = Path(task.folder)
        try:
            return self._code(what, task, folder, run) if what.code else self._form(what, task, folder)
        except Exception as error:  # noqa: BLE001  # whatever a kit, a notebook or a disk does
            # The reason says where the fault is, and not the exception's words: they might name a hidden case.
            at = traceback.extract_tb(error.__traceback__)[-1]
            reason = f"The grader failed on this submission ({type(error).__name__} at {Path(at.filename).name}:{at.lineno})."
            remedy = "The learner need not do anything. Report it to the lab's author; once it is mended, grade again."
            digest = fingerprint(what, folder)
            return Marked(task, _ungraded(what, digest, task.engine, reason, remedy))

    def _form(self, what: Assignment, task: Task, folder: Path) -> Marked:
        assert what.lab is not None
        submission = scoring.read(what.lab, folder, what.notebooks.get(what.id))
        score = scoring.score(what.lab, submission, what.cases, task.replies, task.engine)
        if score.graded:
            outputs = {
                r.check: notebook.points_output(None if r.earned is None else float(r.earned), r.says)
                for r in score.results
            }
            made = notebook.graded(what.built[what.id], submission.notebook, outputs)
            self._autograded(what, task, folder, made, what.id)
        return Marked(task, score)

    def _code(self, what: Assignment, task: Task, folder: Path, run: Run) -> Marked:
        digest = fingerprint(what, folder)
        if reason := _too_much(folder, what.limits.megabytes):
            return Marked(
                task,
                _ungraded(what, digest, what.engine, reason, "Take large files out, clear all outputs, hand in again."),
            )
        flags: list[str] = []
        ran: dict[str, tuple[notebook.Notebook | None, Done]] = {}
        for name, released in what.notebooks.items():
            reading = notebook.read(folder / f"{name}.ipynb")
            if reading.notebook is None and len(what.notebooks) == 1:
                remedy = "Open the notebook, clear all outputs (menu Edit), save, and hand in again."
                reason = f"{reading.reason[:1].upper()}{reading.reason[1:]}."
                return Marked(task, _ungraded(what, digest, what.engine, reason, remedy))
            if reading.notebook is None:
                flags.append(f"{name}: {reading.reason}")
            else:
                flags += notebook.changes(released, reading.notebook)
            with _staged(self._space.root / "release" / what.id, folder) as inputs:
                done = run(job(what, task.learner, name, reading.notebook, inputs))
            ran[name] = reading.notebook, done
        score = code_score(what, digest, ran, flags)
        level = next((done.ended.level for _, done in ran.values()), "")
        if not score.graded:
            return Marked(task, score, level)
        comments: dict[str, bool] = {}
        manual: list[str] = []
        for name, (theirs, done) in ran.items():
            parts, _odd = _parts(what, name, theirs)
            outputs = {cell.cell: list(cell.outputs) for cell in done.cells}
            self._autograded(
                what,
                task,
                folder,
                notebook.executed(what.built.get(name, what.notebooks[name]), theirs, parts, outputs),
                name,
            )
            for cell in notebook.answer_cells(what.notebooks[name]):
                key = f"{name}/{notebook.name_of(cell)}"
                comments[key] = notebook.untouched(cell, theirs)
                if cell["metadata"]["nbgrader"].get("grade") and not comments[key]:
                    manual.append(key)
            if what.lab is None:
                # Somebody else's check, and an object that it cannot be asked about from here: a person looks.
                manual += [f"{name}/{cell.cell}" for cell in done.cells if cell.outcome is Outcome.NOT_PLAIN]
        return Marked(task, score, level, comments, tuple(manual))

    def _autograded(self, what: Assignment, task: Task, folder: Path, made: notebook.Notebook, name: str) -> None:
        """Write `autograded/<learner>/<lab>/`: the release's files, what was handed in beside them, the graded notebook."""
        target = self._space.step("autograded", task.learner, what.id)
        text = notebook.dumps(made, indent=None)
        if name != next(iter(what.notebooks), name) and target.is_dir():
            (target / f"{name}.ipynb").write_text(text, encoding="utf-8")
            return
        aside = target.with_name(f".{target.name}.new")
        shutil.rmtree(aside, ignore_errors=True)
        shutil.copytree(self._space.root / "source" / what.id, aside, copy_function=shutil.copyfile)
        for kept in (answers.FILE, *SLIPS):
            if (folder / kept).is_file() and not (folder / kept).is_symlink():
                shutil.copyfile(folder / kept, aside / kept)
        (aside / f"{name}.ipynb").write_text(text, encoding="utf-8")
        shutil.rmtree(target, ignore_errors=True)
        aside.replace(target)


def fingerprint(what: Assignment, folder: Path) -> str:
    """Return 16 hex digits over the files of a submission that count."""
    return scoring.fingerprint(what.id, folder, [*(f"{name}.ipynb" for name in what.notebooks), answers.FILE])


def _ungraded(what: Assignment, digest: str, engine: str, reason: str, remedy: str) -> Score:
    return Score(what.id, what.version, digest, engine, reason=reason, remedy=remedy)


def _too_much(folder: Path, megabytes: int) -> str:
    """Return why a submission's files are too many or too large to be looked at, or ""."""
    total = 0
    for count, path in enumerate(folder.rglob("*")):
        if count >= MOST_FILES:
            return f"More than {MOST_FILES:,} files were handed in."
        if path.is_file() and not path.is_symlink():
            total += path.stat().st_size
            if total > megabytes * 1024 * 1024:
                return f"The files handed in have more than {megabytes} MB."
    return ""


class _staged:  # noqa: N801  # used as a function
    """Stage what a notebook finds beside it: the learner's own files, under the release's. No links, no notebooks."""

    def __init__(self, released: Path, folder: Path) -> None:
        self._released, self._folder = released, folder
        self._stage: Path | None = None

    def __enter__(self) -> str:
        found: dict[str, Path] = {}
        for root in (self._folder, self._released):
            for path in root.rglob("*"):
                relative = path.relative_to(root)
                if path.is_symlink() or not path.is_file() or path.suffix == ".ipynb":
                    continue
                if any((root / parent).is_symlink() for parent in relative.parents):
                    continue
                if root == self._folder and (
                    relative.parts[0] in _SKIPPED - {answers.FILE} or relative.name.startswith(".")
                ):
                    continue
                found[relative.as_posix()] = path
        if not found:
            return ""
        self._stage = Path(tempfile.mkdtemp(prefix=f"atelier-run-{os.getpid()}-"))
        self._stage.chmod(0o755)
        for name, path in found.items():
            target = self._stage / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
            target.chmod(0o644)
        return str(self._stage)

    def __exit__(self, *_error: object) -> None:
        if self._stage is not None:
            shutil.rmtree(self._stage, ignore_errors=True)


def of_lab(lab: Lab, built: notebook.Notebook) -> Assignment:
    """Return a code lab as an assignment, straight from its source notebook, without a cohort."""
    code = ["".join(cell["source"]) for cell in built["cells"] if cell["cell_type"] == "code"]
    sources = {str(notebook.name_of(c)): "".join(c["source"]) for c in built["cells"] if notebook.name_of(c)}
    answered = ["".join(cell["source"]) for cell in notebook.answer_cells(built)]
    warm = tuple(sorted({*imports(code), "atelier.notebook"}))
    asked, classes, limits = names_defined(answered), classes_defined(answered), lab.file.limits
    return Assignment(
        lab.id, lab.version, lab, (), {lab.id: built}, {lab.id: sources}, asked, warm, limits, classes,
        engine=lab.file.execution, judge=needed_by_checks(code, warm),
    )  # fmt: skip


def job(what: Assignment, learner: str, name: str, theirs: notebook.Notebook | None, inputs: str = "") -> Job:
    """Return what there is to run of the notebook `name` as it was handed in."""
    parts, _odd = _parts(what, name, theirs)
    cells = tuple(Cell(part.name, Role(part.kind), part.source, part.points) for part in parts)
    lab = what.id if what.lab else ""
    name = f"{learner}/{what.id}"
    asked, classes, imported = what.asked, what.classes, what.imports
    return Job(name, cells, asked, inputs, lab, what.limits, engine=what.engine, classes=classes, imports=imported)


def _parts(
    what: Assignment, name: str, theirs: notebook.Notebook | None
) -> tuple[tuple[notebook.Part, ...], tuple[str, ...]]:
    return notebook.rebuild(what.notebooks[name], what.sources.get(name, {}), theirs or {"cells": []})


def code_score(
    what: Assignment, digest: str, ran: Mapping[str, tuple[notebook.Notebook | None, Done]], flags: Sequence[str] = ()
) -> Score:
    """Return the score of a submission whose notebooks were run: per notebook what was handed in, and what came of it.

    A fault of the judge's side makes it ungraded.
    """
    fault = next((done.ended.fault for _, done in ran.values() if done.ended.fault), "")
    if fault:
        remedy = "The learner need not do anything. See `atelier doctor`; once it is mended, grade again."
        return _ungraded(what, digest, what.engine, fault, remedy)
    results: list[CheckResult] = []
    told = list(flags)
    for name, (theirs, done) in ran.items():
        parts, odd = _parts(what, name, theirs)
        told += odd
        results += _results(what, parts, done, "" if what.lab else f"{name}/")
    if what.engine == KERNEL:
        told.append("checks ran in the learner's own process: its points are only as good as the learner's word")
    return Score(what.id, what.version, digest, what.engine, tuple(results), flags=tuple(told))


def _results(what: Assignment, parts: Iterable[notebook.Part], done: Done, prefix: str) -> list[CheckResult]:
    """Return one result per check, in the order of the cells. A check without a result has earned nothing, and says why."""
    told = {cell.cell: cell for cell in done.cells}
    labs = {check.id: check.points for check in what.lab.file.checks} if what.lab else {}
    found = []
    for part in parts:
        if part.kind != "check":
            continue
        cell = told.get(part.name)
        points: int | float = labs.get(part.name, _tidy(part.points))
        name = prefix + part.name
        if cell is not None and cell.note is not None and cell.outcome is Outcome.RAN:
            found.append(replace(_noted(cell.note), check=name))
            continue
        earned = Decimal(repr(cell.earned)) if cell else Decimal(0)
        why = done.ended.why or "The learner's program ended before this check."
        says = (
            cell.says
            if cell and cell.outcome is not Outcome.GONE
            else f"{cell.says if cell else why} {done.ended.why}".strip()
        )
        status = Status.PASSED if float(earned) >= points else Status.PARTIAL if earned > 0 else Status.FAILED
        found.append(CheckResult(name, status, earned, points, says or ("Passed." if earned else "Not passed.")))
    return found


def _noted(note: Any) -> CheckResult:
    found: CheckResult = records.load(CheckResult, note)
    return found


def _tidy(points: float) -> int | float:
    return int(points) if points == int(points) else points


def _trees(sources: Iterable[str]) -> Iterable[ast.Module]:
    for source in sources:
        with suppress(SyntaxError, ValueError):
            yield ast.parse(notebook.plain_python(source))


def names_defined(sources: Iterable[str]) -> frozenset[str]:
    """Return the names that cells assign or define at their top level."""
    found: set[str] = set()
    for tree in _trees(sources):
        for node in tree.body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                found.add(node.name)
            elif isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign | ast.For | ast.With):
                leaves = (leaf for leaf in ast.walk(node) if isinstance(leaf, ast.Name))
                found |= {leaf.id for leaf in leaves if isinstance(leaf.ctx, ast.Store)}
            found |= _changed(node)
    return frozenset(found)


def _changed(node: ast.stmt) -> set[str]:
    """Return the names whose objects a statement may change in place: `data[0] = 1`, `data.append(1)`."""
    found: set[str] = set()
    for leaf in ast.walk(node) if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) else ():
        if isinstance(leaf, ast.Subscript | ast.Attribute) and isinstance(leaf.ctx, ast.Store | ast.Del):
            target = leaf.value
        elif (
            isinstance(leaf, ast.Expr)
            and isinstance(leaf.value, ast.Call)
            and isinstance(leaf.value.func, ast.Attribute)
        ):
            target = leaf.value.func.value
        else:
            continue
        if isinstance(target, ast.Name):
            found.add(target.id)
    return found


def classes_defined(sources: Iterable[str]) -> frozenset[str]:
    """Return the names that cells define as classes at their top level."""
    return frozenset(node.name for tree in _trees(sources) for node in tree.body if isinstance(node, ast.ClassDef))


def statements(sources: Iterable[str]) -> tuple[str, ...]:
    """Return the import statements at the top level of cells."""
    nodes = (node for tree in _trees(sources) for node in tree.body)
    return tuple(ast.unparse(node) for node in nodes if isinstance(node, ast.Import | ast.ImportFrom))


def needed_by_checks(fixed: Iterable[str], warm: Iterable[str]) -> tuple[str, ...]:
    """Return what checks need loaded: what the cells of the release import, and what tables and arrays arrive as."""
    arriving = {name for name in warm if name.partition(".")[0] in ("numpy", "pandas")}
    return tuple(sorted({*imports(fixed), *arriving}))


def imports(sources: Iterable[str]) -> tuple[str, ...]:
    """Return the modules that cells import anywhere, sorted."""
    found: set[str] = set()
    for tree in _trees(sources):
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                found |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.add(node.module)
    return tuple(sorted(name for name in found if not name.startswith("grader")))
