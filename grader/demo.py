"""The sample cohort, start to end on the real path: exchange, practice model, gradebook, report, site.

Its learners' submissions are files under `tests/cohort/`; each is fetched, answered and handed in through nbgrader's
exchange as a learner would. The cohort's secret is fixed, so the scores are known and tested.
"""

from __future__ import annotations

import shutil
import time
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from atelier import exchange, records
from grader import engines, models, nbg, pipeline, serve, telling, workspace
from grader.catalog import Catalog
from grader.model import EngineSettings
from grader.pipeline import Progress

COHORT = Path("tests/cohort")


@dataclass(frozen=True, slots=True)
class Expected:
    """What a sample submission earns of 100; `earns` is None where it must end ungraded.

    within   how far a score that rests on model replies may differ on another processor
    """

    earns: float | None = None
    within: float = 0.05


@dataclass(frozen=True, slots=True)
class Learner:
    """A sample learner: id, invented name, who they are, and what each submission deserves."""

    id: str
    first: str
    last: str
    story: str
    labs: dict[str, Expected] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Cohort:
    """`tests/cohort/cohort.toml`."""

    course: str
    role: str
    secret: str
    learners: tuple[Learner, ...]


@dataclass(frozen=True, slots=True)
class Result:
    """What the demo made: the figures of the closing JSON line, and the folders to serve."""

    figures: dict[str, Any]
    site: Path
    report: Path


def cohort(root: Path) -> Cohort:
    """Read the sample cohort of the checkout at `root`."""
    found: Cohort = records.load(Cohort, tomllib.loads((root / COHORT / "cohort.toml").read_text(encoding="utf-8")))
    return found


def run(known: Catalog, target: Path, progress: Progress, say: Callable[[str], None]) -> Result:
    """Build the whole demo in the folder `target`; what an earlier run finished is not done again."""
    start = time.monotonic()
    sample = cohort(known.root)
    say("1/7  Practice model")
    models.fetch(progress)
    say(f"2/7  Cohort's workspace in {target / 'course'}")
    space = workspace.create(target / "course", sample.course, sample.role, sample.secret)
    labs = pipeline.labs_of(space, known)
    with engines.configured(EngineSettings()) as engine:
        say("3/7  Releasing the track")
        pipeline.release(space, labs, engine.id, progress)
        say(f"4/7  {len(sample.learners)} learners fetch, answer and hand in")
        _hand_in(known, sample, space, target / "learners", progress)
        pipeline.collect(space, labs, progress)
        say("5/7  Grading, with the practice model")
        told = pipeline.grade(space, labs, engine, by="demo", progress=progress)
    say("6/7  Feedback and report")
    pipeline.feedback(space, labs, progress)
    report = target / "report" / "index.html"
    telling.report(space, known, report)
    say("7/7  Site")
    site = telling.build_site(known, space)
    graded = [t.score for t in told if t.score.graded]
    figures = {
        "learners": len(sample.learners),
        "submissions": len(told),
        "graded": len(graded),
        "ungraded": len(told) - len(graded),
        "points": float(sum(s.earned for s in graded)),
        "seconds": round(time.monotonic() - start, 1),
        "gradebook": str(space.root / "gradebook.db"),
        "report": str(report),
        "site": str(site),
    }
    return Result(figures, site, report)


def _hand_in(known: Catalog, sample: Cohort, space: workspace.Workspace, homes: Path, progress: Progress) -> None:
    """Let every sample learner fetch, answer and hand in what they have not handed in yet."""
    inbound = space.course.exchange / sample.course / "inbound"
    for index, learner in enumerate(sample.learners):
        progress(index, len(sample.learners), learner.id)
        nbg.add_student(space.course, learner.id, learner.first, learner.last)
        seat = exchange.Seat(space.course.exchange, sample.course, learner.id, homes / learner.id)
        for lab in learner.labs:
            if any(inbound.glob(f"{learner.id}+{lab}+*")):
                continue
            folder = seat.home / lab
            if folder.exists():
                shutil.rmtree(folder)
            exchange.fetch_lab(lab, seat)
            made = known.root / COHORT / learner.id / lab
            for path in sorted(made.iterdir()) if made.is_dir() else ():
                shutil.copyfile(path, folder / path.name)
            exchange.submit(lab, seat)
    progress(len(sample.learners), len(sample.learners), "")


@contextmanager
def serving(result: Result, port: int) -> Iterator[dict[str, str]]:
    """Serve the demo's site and report on loopback; yields their addresses by name."""
    with serve.folders({"": result.site, "report": result.report.parent}, port) as address:
        yield {"Site": address, "Report": f"{address}report/", "Gradebook": result.figures["gradebook"]}


wait = serve.wait
