"""The flows of a cohort, each readable from top to bottom: release, collect, grade, feedback, report.

Run, score, store and tell are separate and restartable. A submission's result is keyed by (submission, lab version,
engine), written last and atomically; a killed run that is started again ends in the same gradebook.
"""

from __future__ import annotations

import json
import shutil
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from atelier import records
from atelier.kits.base import Replies, Request
from grader import catalog, evidence, nbg, notebook, scoring
from grader import feedback as feedback_page
from grader import release as releasing
from grader.catalog import Catalog
from grader.engines import Engine, gate
from grader.engines.recorder import Recorder
from grader.errors import EngineError, NotFound, WorkspaceError
from grader.model import Lab, Score
from grader.workspace import Workspace, write_text

# (done, total, what is being done)
Progress = Callable[[int, int, str], None]


def _quiet(done: int, total: int, what: str) -> None:
    """Report progress to nobody."""


def labs_of(space: Workspace, known: Catalog, only: Sequence[str] = ()) -> tuple[Lab, ...]:
    """Return the labs of the cohort's track, or those of `only` in track order."""
    track = known.track(space.settings.role)
    for lab in only:
        if lab not in {t.id for t in track}:
            raise NotFound(f"lab of the {space.settings.role} track", lab, [t.id for t in track])
    return tuple(lab for lab in track if not only or lab.id in only)


def released(space: Workspace, known: Catalog) -> tuple[Lab, ...]:
    """Return the labs of the track that the cohort has so far. WorkspaceError if there is none."""
    found = tuple(lab for lab in labs_of(space, known) if releasing.released_version(space, lab.id) is not None)
    if not found:
        raise WorkspaceError("Nothing was released to this cohort.", "Run: atelier release")
    return found


def release(space: Workspace, labs: Sequence[Lab], engine_id: str, progress: Progress = _quiet) -> list[str]:
    """Release `labs` to the cohort; returns the ids of those that were new or changed."""
    done = []
    for index, lab in enumerate(labs):
        progress(index, len(labs), lab.id)
        if releasing.release(space, releasing.qualified(lab, gate.read(lab.root / "gate.json", engine_id))):
            done.append(lab.id)
    progress(len(labs), len(labs), "")
    return done


def collect(space: Workspace, labs: Sequence[Lab], progress: Progress = _quiet) -> int:
    """Collect new and newer submissions from the exchange; returns how many there are now."""
    for index, lab in enumerate(labs):
        progress(index, len(labs), lab.id)
        nbg.collect(space.course, lab.id)
    progress(len(labs), len(labs), "")
    return sum(1 for lab in labs for _ in space.submissions(lab.id))


@dataclass(frozen=True, slots=True)
class Told:
    """One submission after grading: whose, its score, and whether this run made it."""

    learner: str
    score: Score
    fresh: bool


@dataclass(frozen=True, slots=True)
class _Work:
    """A submission that needs scoring."""

    learner: str
    folder: Path
    lab: Lab
    submission: scoring.Submission
    cases: tuple[Any, ...]


def grade(
    space: Workspace,
    labs: Sequence[Lab],
    engine: Engine,
    *,
    by: str,
    students: Sequence[str] = (),
    force: bool = False,
    progress: Progress = _quiet,
) -> list[Told]:
    """Grade the collected submissions of `labs`, by lab and learner.

    What was graded before with the same submission, lab version and engine is left as it is, unless `force`.
    A submission that cannot be graded ends as *ungraded* with a reason, and the others are graded.
    """
    labs = tuple(releasing.qualified(lab, gate.read(lab.root / "gate.json", engine.id)) for lab in labs)
    told: list[Told] = []
    work: list[_Work] = []
    for lab in labs:
        if releasing.released_version(space, lab.id) is None:
            raise WorkspaceError(f"{lab.id} was not released to this cohort.", f"Run: atelier release --lab {lab.id}")
        released = notebook.read(space.root / "release" / lab.id / f"{lab.id}.ipynb").notebook
        cases = catalog.hidden_cases(lab, space.secret)
        for learner, folder in space.submissions(lab.id):
            if students and learner not in students:
                continue
            submission = scoring.read(lab, folder, released)
            before = stored(space, lab.id, learner)
            if before and not force and _same(before, lab, submission, engine):
                told.append(Told(learner, before, fresh=False))
            else:
                work.append(_Work(learner, folder, lab, submission, cases))
    replies, trouble = _ask(space, engine, work, progress)
    if work:
        with nbg.scores(space.course) as book:
            for index, item in enumerate(work):
                progress(index, len(work), f"{item.lab.id}: {item.learner}")
                score = _score(item, engine, replies, trouble)
                _store(space, book, item, score, by=by, why="regrade" if force else "grade")
                told.append(Told(item.learner, score, fresh=True))
    progress(len(work), len(work), "")
    return sorted(told, key=lambda t: (t.score.lab, t.learner))


def _same(before: Score, lab: Lab, submission: scoring.Submission, engine: Engine) -> bool:
    """Return whether a stored score is the one that grading would make again.

    Ungraded ones are always tried again: what stood in the way may be mended.
    """
    return before.graded and (before.submission, before.version, before.engine) == (
        submission.hash,
        lab.version,
        engine.id,
    )


def _score(item: _Work, engine: Engine, replies: Replies, trouble: EngineError | None) -> Score:
    """Score one submission. A fault of ours is nobody's zero and stops nobody else: it ends as ungraded.

    The reason says where the fault is, and not the exception's words: they might name a hidden case.
    """
    try:
        asked = scoring.requests(item.lab, item.submission, item.cases)
        if trouble and any(request.key not in replies for request in asked):
            return scoring.ungraded(item.lab, item.submission, engine.id, trouble.says, trouble.remedy)
        return scoring.score(item.lab, item.submission, item.cases, replies, engine.id)
    except Exception as error:  # noqa: BLE001  # whatever a kit does
        at = traceback.extract_tb(error.__traceback__)[-1]
        return scoring.ungraded(
            item.lab,
            item.submission,
            engine.id,
            f"The grader failed on this submission ({type(error).__name__} at {Path(at.filename).name}:{at.lineno}).",
            "The learner need not do anything. Report it to the lab's author; once it is mended, grade again.",
        )


def _asked(item: _Work) -> tuple[Request, ...]:
    """Return the model requests of a submission; none if its kit fails, which `_score` then tells."""
    with suppress(Exception):
        return scoring.requests(item.lab, item.submission, item.cases)
    return ()


def _ask(
    space: Workspace, engine: Engine, work: Sequence[_Work], progress: Progress
) -> tuple[Replies, EngineError | None]:
    """Ask the engine for every reply that the submissions need; identical requests cost once.

    An engine that fails leaves what it answered, and the error for those who still wait.
    """
    wanted: dict[str, Request] = {r.key: r for item in work for r in _asked(item)}
    if not wanted:
        return {}, None
    recorder = Recorder(space.replies, engine)
    try:
        return recorder.replies(list(wanted.values()), lambda done, total: progress(done, total, "model replies")), None
    except EngineError as error:
        return recorder.recorded(list(wanted.values())), error


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


def _store(space: Workspace, book: nbg.Scores, item: _Work, score: Score, *, by: str, why: str) -> None:
    """Store a score: gradebook, autograded notebook, evidence, and last the result that says "done"."""
    if score.graded:
        earned = {r.check: float(r.earned) for r in score.results if r.earned is not None}
        when = nbg.parse_time(_slip(item.folder, "timestamp.txt"))
        book.save(nbg.GradeEntry(item.lab.id, item.learner, earned, when))
        _write_autograded(space, item, score, earned)
    else:
        # The newest hand-in counts: points of an earlier one must not stand for it.
        book.withdraw(item.lab.id, item.learner)
        shutil.rmtree(space.step("autograded", item.learner, item.lab.id), ignore_errors=True)
    evidence.append(
        space,
        item.learner,
        score,
        by=by,
        why=why,
        # A form lab executes nothing of the learner's, so no isolation level applies.
        isolation="nothing executed",
        gate=evidence.gate_of(item.lab, gate.read(item.lab.root / "gate.json", score.engine)),
        policy=catalog.policy_over(item.lab),
    )
    write_text(
        _score_file(space, item.lab.id, item.learner),
        json.dumps(records.dump(score), ensure_ascii=False, default=str),
    )


def _slip(folder: Path, name: str) -> str:
    """Return the text of a file that the exchange adds to a hand-in; empty if it is missing or not text."""
    path = folder / name
    try:
        return path.read_text(encoding="utf-8") if path.is_file() and not path.is_symlink() else ""
    except (OSError, UnicodeDecodeError):
        return ""


def _write_autograded(space: Workspace, item: _Work, score: Score, earned: dict[str, float]) -> None:
    target = space.step("autograded", item.learner, item.lab.id)
    aside = target.with_name(f".{target.name}.new")
    shutil.rmtree(aside, ignore_errors=True)
    shutil.copytree(space.root / "source" / item.lab.id, aside)
    for name in ("answers.json", "timestamp.txt", "submission_secret.txt"):
        if (item.folder / name).is_file() and not (item.folder / name).is_symlink():
            shutil.copyfile(item.folder / name, aside / name)
    built = notebook.read(aside / f"{item.lab.id}.ipynb").notebook
    assert built is not None
    outputs = {r.check: (earned.get(r.check), r.says) for r in score.results}
    theirs = notebook.read(item.folder / f"{item.lab.id}.ipynb").notebook
    (aside / f"{item.lab.id}.ipynb").write_text(
        notebook.dumps(notebook.graded(built, theirs, outputs)), encoding="utf-8"
    )
    shutil.rmtree(target, ignore_errors=True)
    aside.replace(target)


def scores(space: Workspace, labs: Iterable[Lab]) -> Iterator[tuple[str, Score]]:
    """Yield (learner, score) of every submission that was graded or found ungradable, by lab and learner."""
    for lab in labs:
        for path in sorted((space.runs / "scores" / lab.id).glob("*.json")):
            score = stored(space, lab.id, path.stem)
            if score is not None:
                yield path.stem, score


def _badge(space: Workspace, learner: str, score: Score) -> bytes:
    """Return the picture of the badge that was issued for a score; nothing if there is none."""
    path = space.badges(learner) / f"{score.lab}.svg"
    return path.read_bytes() if evidence.earns_badge(score) and path.is_file() else b""


def feedback(space: Workspace, labs: Sequence[Lab], progress: Progress = _quiet) -> int:
    """Write each learner's feedback page and put it into the exchange; returns how many pages there are."""
    written = 0
    for index, lab in enumerate(labs):
        progress(index, len(labs), lab.id)
        pages = 0
        for learner, score in scores(space, [lab]):
            submitted, target = space.step("submitted", learner, lab.id), space.step("feedback", learner, lab.id)
            slips = {name: _slip(submitted, name) for name in ("timestamp.txt", "submission_secret.txt")}
            if not all(slips.values()):
                continue  # handed over outside the exchange: there is no address to send it back to
            for name, text in slips.items():
                write_text(target / name, text)
            write_text(target / f"{lab.id}.html", feedback_page.render(lab, score, _badge(space, learner, score)))
            pages += 1
        if pages:
            nbg.release_feedback(space.course, lab.id)
        written += pages
    progress(len(labs), len(labs), "")
    return written
