"""Grading a cohort: what is new is marked by a scheduler's workers, stored by one writer, and told as it comes.

A submission's result is keyed by (submission, lab version, engine) and written last and atomically, so a killed run that is
started again ends in the same gradebook. Memory does not grow with the number of submissions.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from atelier import kits, records
from atelier.files import write_text
from atelier.kits.base import Kit, Replies, Request
from grader import catalog, evidence, gradebook, isolation, nbg, scheduler, scoring, submissions
from grader.engines import Engine, gate
from grader.engines.recorder import Recorder
from grader.errors import EngineError, IsolationError, WorkspaceError
from grader.execution.host import Setting
from grader.isolation import Level
from grader.jobs import Marked, Task, Timed
from grader.model import Lab, Score
from grader.submissions import Assignment, Marker
from grader.workspace import Workspace

# (done, total, what is being done)
Progress = Callable[[int, int, str], None]
SMALL = 24  # forms up to which starting workers would take longer than scoring here
_ASKED_AT_ONCE = 32  # submissions whose prompts go to the practice model together
AUTO, NONE = "auto", "none"


def quiet(done: int, total: int, what: str) -> None:
    """Report progress to nobody."""


@dataclass(frozen=True, slots=True)
class Told:
    """One submission after grading: whose, its score, and whether this run made it."""

    learner: str
    score: Score
    fresh: bool


@dataclass(frozen=True, slots=True)
class Means:
    """What a grading run works with.

    jobs        worker processes; 0: as many as there are cores, or none for a few forms
    isolation   a level's letter, "auto" for the best that is proved here, "none" to do without
    cluster     address of a Dask scheduler, or ""
    """

    jobs: int = 0
    isolation: str = AUTO
    cluster: str = ""


def grade(
    space: Workspace,
    labs: Sequence[Lab | str],
    engine: Engine,
    *,
    by: str,
    students: Sequence[str] = (),
    force: bool = False,
    progress: Progress = quiet,
    means: Means = Means(),
) -> list[Told]:
    """Grade the collected submissions of `labs`, and return them all by lab and learner. See `grading`."""
    told = grading(space, labs, engine, by=by, students=students, force=force, progress=progress, means=means)
    return sorted(told, key=lambda t: (t.score.lab, t.learner))


def grading(
    space: Workspace,
    labs: Sequence[Lab | str],
    engine: Engine,
    *,
    by: str,
    students: Sequence[str] = (),
    force: bool = False,
    progress: Progress = quiet,
    means: Means = Means(),
) -> Iterator[Told]:
    """Grade the collected submissions of `labs` (a name is an assignment made with nbgrader alone), told as they come.

    What was graded before with the same submission, lab version and engine is left as it is, unless `force`.
    A submission that cannot be graded ends as *ungraded* with a reason, and the others are graded.
    """
    marker = Marker(space, [lab for lab in labs if isinstance(lab, Lab)])
    plan = _Plan(space, engine, students, force, progress)
    for lab in labs:
        name = lab if isinstance(lab, str) else lab.id
        _refuse_unreleased(space, name, ours=not isinstance(lab, str))
        plan.assignments.append(marker.assignment(name, engine.id))
    root = next((str(lab.root.parents[2]) for lab in labs if isinstance(lab, Lab)), "")
    forms = Setting("", root, str(space.root))
    workers, setting = _workers(plan, marker, means, forms, plan.unseen)
    try:
        # What follows needs nbgrader, which takes its time to load; the workers load meanwhile.
        plan.assignments = [_with_kept_sources(space, marker, what, engine.id) for what in plan.assignments]
        yield from plan.stand()
        if not setting.level and any(plan.waiting[a.id] for a in plan.assignments if a.code):
            # A newer hand-in of code that was graded before: what is ready runs no code.
            workers.close()
            workers, setting = _workers(plan, marker, means, forms, lambda what: len(plan.waiting[what.id]))
        yield from _mark(space, plan, workers, setting, by=by)
    finally:
        workers.close()
    progress(plan.total, plan.total, "")


def _workers(
    plan: _Plan, marker: Marker, means: Means, forms: Setting, count: Callable[[Assignment], int]
) -> tuple[scheduler.Scheduler, Setting]:
    """Return workers for as much as `count` says there is, loading already, and what they run under."""
    code = any(count(a) for a in plan.assignments if a.code)
    setting = _for_code(forms, level(means.isolation), plan.assignments) if code else forms
    small = not code and sum(map(count, plan.assignments)) <= SMALL
    workers = scheduler.chosen(means.jobs, means.cluster, marker, small=small)
    if not small:
        workers.prepare(setting)  # while nbgrader and the gradebook load
    return workers, setting


def _mark(space: Workspace, plan: _Plan, workers: scheduler.Scheduler, setting: Setting, *, by: str) -> Iterator[Told]:
    """Mark what waits and store it, one submission after the other."""
    if not plan.total:
        return
    by_id = {a.id: a for a in plan.assignments}
    why = "regrade" if plan.force else "grade"
    plan.progress(0, plan.total, "")
    with gradebook.scores(space.course) as book:
        for done, marked in enumerate(plan.merged(workers.mark(plan.tasks(), setting)), 1):
            what = by_id[marked.task.lab]
            score = _store(space, book, what, marked, by=by, why=why)
            plan.progress(done, plan.total, f"{what.id}: {marked.task.learner}")
            yield Told(marked.task.learner, score, fresh=True)


def _refuse_unreleased(space: Workspace, name: str, *, ours: bool) -> None:
    if not any((space.root / "release" / name).glob("*.ipynb")):
        how = f"atelier release --lab {name}" if ours else f"nbgrader generate_assignment {name}"
        raise WorkspaceError(f"{name} was not released to this cohort.", f"Run: {how}")


def _with_kept_sources(space: Workspace, marker: Marker, what: Assignment, engine: str) -> Assignment:
    """Return `what` with the cells that nbgrader's gradebook keeps, written down for the workers, if it is nbgrader's own."""
    if what.lab is not None:
        return what
    text = json.dumps(nbg.sources(space.course, what.id), ensure_ascii=False)
    write_text(submissions.sources_file(space, what.id), text)
    return marker.assignment(what.id, engine, fresh=True)


def level(wanted: str) -> str:
    """Return the level that learners' code runs at. IsolationError if there is none and nobody asked for none."""
    if wanted == NONE:
        return Level.D.value
    if wanted != AUTO:
        return Level(wanted).value
    best = isolation.best()
    if best is Level.D:
        raise IsolationError(
            "Learners' code would run without isolation on this machine.",
            "`atelier doctor` says how to get some; to grade all the same: --isolation none",
        )
    return best.value


def _for_code(forms: Setting, level: str, assignments: Iterable[Assignment]) -> Setting:
    """Return what workers are started with that run code: its isolation level, and what it loads."""
    code = [a for a in assignments if a.code]
    labs = {"atelier.notebook"} if any(a.lab for a in code) else set()
    warm, judge = labs.union(*(a.warm for a in code)), labs.union(*(a.judge for a in code))
    return replace(forms, level=level, warm=tuple(sorted(warm)), judge=tuple(sorted(judge)))


@dataclass(slots=True)
class _Plan:
    """What is to be graded, and what stands from before."""

    space: Workspace
    engine: Engine
    students: Sequence[str]
    force: bool
    progress: Progress
    assignments: list[Assignment] = field(default_factory=list)
    waiting: dict[str, list[tuple[str, Path]]] = field(default_factory=dict)
    _refused: list[Marked] = field(default_factory=list)

    @property
    def total(self) -> int:
        """Return how many submissions are to be graded."""
        return sum(map(len, self.waiting.values()))

    def unseen(self, what: Assignment) -> int:
        """Return how many submissions have no score yet, or are to get a new one; nothing is opened for it."""
        return sum(
            self.force or not _score_file(self.space, what.id, learner).is_file()
            for learner, _ in self.space.submissions(what.id)
            if not self.students or learner in self.students
        )

    def stand(self) -> Iterator[Told]:
        """Yield what stands as it is; the rest waits to be graded."""
        kept = gradebook.graded(self.space.course)
        for what in self.assignments:
            self.waiting[what.id] = []
            for learner, folder in self.space.submissions(what.id):
                if self.students and learner not in self.students:
                    continue
                before = None if self.force else stored(self.space, what.id, learner)
                # A power cut may have kept the result and lost the grade: then it is graded again.
                if before and (what.id, learner) in kept and _same(before, what, folder, self.engine.id):
                    yield Told(learner, before, fresh=False)
                else:
                    self.waiting[what.id].append((learner, folder))

    def tasks(self) -> Iterator[Timed]:
        """Yield a task per waiting submission, with the model's replies where its kit asks for some."""
        for what in self.assignments:
            made = [Task(what.id, learner, str(folder), self.engine.id) for learner, folder in self.waiting[what.id]]
            seconds = float(what.limits.seconds) * max(1, len(what.notebooks))
            if what.lab is None or kits.load(what.lab.file.kit).requests is _silent():
                yield from ((task, seconds) for task in made)
                continue
            for start in range(0, len(made), _ASKED_AT_ONCE):
                for task in self._answered(what, what.lab, made[start : start + _ASKED_AT_ONCE]):
                    yield task, seconds

    def _answered(self, what: Assignment, lab: Lab, tasks: Sequence[Task]) -> Iterator[Task]:
        """Ask the model what the prompts of `tasks` need; those that it cannot answer are refused, not scored."""
        asked = {task.learner: _asked(what, lab, Path(task.folder)) for task in tasks}
        replies, trouble = self._ask([request for requests in asked.values() for request in requests])
        for task in tasks:
            wanted = [request.key for request in asked[task.learner]]
            if trouble and any(key not in replies for key in wanted):
                score = Score(lab.id, lab.version, "", self.engine.id, reason=trouble.says, remedy=trouble.remedy)
                self._refused.append(Marked(task, score))
            else:
                yield replace(task, replies={key: replies[key] for key in wanted})

    def _ask(self, requests: Sequence[Request]) -> tuple[Replies, EngineError | None]:
        """Ask the engine; identical requests cost once.

        An engine that fails leaves what it answered, and the error for those who still wait.
        """
        if not requests:
            return {}, None
        recorder = Recorder(self.space.replies, self.engine)
        try:
            return recorder.replies(requests, lambda done, total: self.progress(done, total, "model replies")), None
        except EngineError as error:
            return recorder.recorded(requests), error

    def merged(self, marks: Iterator[Marked]) -> Iterator[Marked]:
        """Yield the workers' marks, and what was refused on the way to them."""
        for marked in marks:
            yield marked
            while self._refused:
                yield self._refused.pop()
        yield from self._refused


def _silent() -> object:
    """Return what a kit has for `requests` when it asks no model."""
    return Kit.__dataclass_fields__["requests"].default


def _asked(what: Assignment, lab: Lab, folder: Path) -> tuple[Request, ...]:
    """Return the model requests of a submission; none if its kit fails, which marking then tells."""
    with suppress(Exception):
        return scoring.requests(lab, scoring.read(lab, folder, None), what.cases)
    return ()


def _same(before: Score, what: Assignment, folder: Path, engine: str) -> bool:
    """Return whether a stored score is the one that grading would make again.

    Ungraded ones are always tried again: what stood in the way may be mended.
    """
    if not before.graded or (before.version, before.engine) != (what.version, what.engine if what.code else engine):
        return False
    return before.submission == submissions.fingerprint(what, folder)


def _score_file(space: Workspace, lab: str, learner: str) -> Path:
    return space.runs / "scores" / lab / f"{learner}.json"


def stored(space: Workspace, lab: str, learner: str) -> Score | None:
    """Return the present score of a submission, or None if it was never graded."""
    try:
        raw = json.loads(_score_file(space, lab, learner).read_text(encoding="utf-8"))
        found = records.load(Score, raw)
    except (OSError, ValueError):
        return None
    assert isinstance(found, Score)
    return found


def _store(space: Workspace, book: gradebook.Scores, what: Assignment, marked: Marked, *, by: str, why: str) -> Score:
    """Store a score: gradebook, evidence, and last the result that says "done"; the autograded notebook is there already."""
    learner, folder, score = marked.task.learner, Path(marked.task.folder), marked.score
    if not score.submission:
        score = replace(score, version=what.version, submission=submissions.fingerprint(what, folder))
    if score.graded:
        when = nbg.parse_time(slip(folder, "timestamp.txt"))
        book.save(_entry(what, marked, when))
    else:
        # The newest hand-in counts: points of an earlier one must not stand for it.
        book.withdraw(what.id, learner)
        shutil.rmtree(space.step("autograded", learner, what.id), ignore_errors=True)
    evidence.append(
        space,
        learner,
        score,
        by=by,
        why=why,
        isolation=f"level {marked.isolation}" if marked.isolation else "nothing executed",
        gate=evidence.gate_of(what.lab, gate.read(what.lab.root / "gate.json", score.engine)) if what.lab else "",
        policy=catalog.policy_over(what.lab) if what.lab else "",
    )
    write_text(
        _score_file(space, what.id, learner),
        json.dumps(records.dump(score), ensure_ascii=False, default=str),
    )
    return score


def _entry(what: Assignment, marked: Marked, when: object) -> gradebook.GradeEntry:
    def place(check: str) -> tuple[str, str]:
        name, _, cell = check.partition("/")
        return (name, cell) if what.lab is None else (what.id, check)

    earned = {place(r.check): float(r.earned) for r in marked.score.results if r.earned is not None}
    untouched = frozenset(tuple(name.split("/", 1)) for name, same in marked.comments.items() if same)
    manual = frozenset(tuple(name.split("/", 1)) for name in marked.manual)
    return gradebook.GradeEntry(what.id, marked.task.learner, earned, when, manual, untouched)  # type: ignore[arg-type]


def slip(folder: Path, name: str) -> str:
    """Return the text of a file that the exchange adds to a hand-in; empty if it is missing or not text."""
    path = folder / name
    try:
        return path.read_text(encoding="utf-8") if path.is_file() and not path.is_symlink() else ""
    except (OSError, UnicodeDecodeError):
        return ""


def scores(space: Workspace, labs: Iterable[Lab | str]) -> Iterator[tuple[str, Score]]:
    """Yield (learner, score) of every submission that was graded or found ungradable, by lab and learner."""
    for lab in labs:
        name = lab if isinstance(lab, str) else lab.id
        for path in sorted((space.runs / "scores" / name).glob("*.json")):
            score = stored(space, name, path.stem)
            if score is not None:
                yield path.stem, score
