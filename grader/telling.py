"""Telling: report, progress guides and site of a cohort, from its stored scores. Scores nothing, changes no score."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from pathlib import Path

from atelier import records
from grader import nbg, pipeline
from grader import report as report_page
from grader.catalog import Catalog
from grader.engines import gate
from grader.errors import GraderError, NotFound
from grader.items import Item, analyse
from grader.model import Score
from grader.progress import Aggregate, CohortProgress, LearnerProgress, LearnerScores, aggregate, cohort
from grader.workspace import Workspace, write_text

AGGREGATE = "aggregate.json"
BUILT_SITE = Path("build/site")


def progress(space: Workspace, known: Catalog) -> CohortProgress:
    """Return the progress of everybody in the gradebook or with a score, on the cohort's track."""
    return _progress(space, known, list(pipeline.scores(space, known.track(space.settings.role))))


def _progress(space: Workspace, known: Catalog, scores: Sequence[tuple[str, Score]]) -> CohortProgress:
    names = {learner: f"{first} {last}".strip() for learner, first, last in nbg.students(space.course)}
    people = sorted({*names, *(learner for learner, _ in scores)})
    everyone = [
        LearnerScores(person, tuple(score for learner, score in scores if learner == person), names.get(person, ""))
        for person in people
    ]
    return cohort(everyone, known.role(space.settings.role), known.labs, known.skills)


def report(space: Workspace, known: Catalog, path: Path) -> tuple[Item, ...]:
    """Write the trainer's report to the file `path`; returns its item analysis."""
    track = known.track(space.settings.role)
    scores = list(pipeline.scores(space, track))
    items = analyse(track, [score for _, score in scores])
    made = report_page.Report(
        course=space.settings.course,
        role=space.settings.role,
        day=f"{date.today():%d %B %Y}",  # noqa: DTZ011  # the trainer's own day
        cohort=_progress(space, known, scores),
        gates={lab.id: gate.load(lab.root / "gate.json") for lab in track},
        items=items,
    )
    write_text(path, report_page.render(made))
    return items


def guides(space: Workspace, known: Catalog, student: str | None) -> tuple[LearnerProgress, ...]:
    """Return the guides of the cohort, or of one learner. NotFound names the nearest id."""
    found = progress(space, known).learners
    if student is None:
        return found
    mine = tuple(guide for guide in found if guide.learner == student)
    if not mine:
        raise NotFound("learner", student, [guide.learner for guide in found])
    return mine


def lines(guides: Iterable[LearnerProgress]) -> Iterator[str]:
    """Yield the guides as lines for a terminal."""
    for guide in guides:
        done = sum(lab.earned is not None for lab in guide.labs)
        yield f"{guide.learner}{f' ({guide.name})' if guide.name else ''}: {done} of {len(guide.labs)} labs graded"
        for lab in guide.labs:
            points = f"{lab.earned} of {lab.points}" if lab.earned is not None else str(lab.state)
            yield f"  {lab.lab:<20} {points}{f'  ({lab.cap})' if lab.cap else ''}"
        for line in guide.lines:
            needs = "; ".join(f"{need.lab}/{need.check} {need.wanted:.0%}" for need in line.missing)
            yield f"  {line.title:<20} {line.level or '-'}{f'; for {line.upcoming}: {needs}' if line.upcoming else ''}"
        if guide.next is not None:
            yield f"  next: {guide.next.lab}. {guide.next.why}"


def build_site(known: Catalog, space: Workspace | None) -> Path:
    """Build the organisation's site into build/site, with the cohort's aggregates if there is one; returns the folder.

    Raises GraderError with MkDocs' own words if it fails.
    """
    environment = dict(os.environ)
    if space is not None:
        found: Aggregate = aggregate([(progress(space, known), known.skills)])
        path = space.root / AGGREGATE
        write_text(path, json.dumps(records.dump(found), ensure_ascii=False, indent=1) + "\n")
        environment["ATELIER_AGGREGATE"] = str(path)
    done = subprocess.run(  # argv is ours
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet"],
        cwd=known.root,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        missing = "No module named mkdocs" in done.stderr
        raise GraderError(
            f"The site cannot be built: {(done.stderr or done.stdout).strip()[-2000:]}",
            "Install it: pip install 'atelier[trainer]'" if missing else "",
        )
    return known.root / BUILT_SITE
