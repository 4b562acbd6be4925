"""Telling: report, progress guides and site of a cohort, from its stored scores. Scores nothing, changes no score."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

from atelier import records
from atelier.files import write_private, write_text
from atelier.kits.base import percent
from atelier.kits.decisions.scoring import decided
from grader import catalog, evidence, kpi, nbg, pipeline, scoring, sessions
from grader import report as report_page
from grader.catalog import Catalog
from grader.engines import gate
from grader.errors import GraderError, KpiError, NotFound
from grader.items import Item, analyse
from grader.kpi import Case
from grader.model import Lab, Score
from grader.progress import aggregate, cohort
from grader.progress.guide import Ambassador, LearnerProgress, LearnerScores
from grader.progress.overview import CohortProgress
from grader.workspace import Workspace

AGGREGATE, KPI = "aggregate.json", "kpi.csv"
BUILT_SITE = Path("build/site")


def progress(space: Workspace, known: Catalog) -> CohortProgress:
    """Return the progress of everybody in the gradebook or with a score, on the cohort's track."""
    return _progress(space, known, _scores(space, known))


def _scores(space: Workspace, known: Catalog) -> Iterator[tuple[str, Score]]:
    """Yield learner and score, of the track's labs and of those beside it: skills count a variant too."""
    role = space.settings.role
    return pipeline.scores(space, (*known.track(role), *known.optional(role)))


def _progress(space: Workspace, known: Catalog, scores: Iterable[tuple[str, Score]]) -> CohortProgress:
    role = known.role(space.settings.role)
    names = {learner: f"{first} {last}".strip() for learner, first, last in nbg.students(space.course)}
    by_learner: dict[str, list[Score]] = {learner: [] for learner in names}
    for learner, score in scores:
        by_learner.setdefault(learner, []).append(score)
    stated = _stated(space, known.track(role.id))
    led: dict[str, list[str]] = {}
    for session in sessions.read(space):
        led.setdefault(session.learner, []).append(session.day)
    everyone = [
        LearnerScores(
            person, tuple(found), names.get(person, ""), tuple(stated.get(person, ())), tuple(led.get(person, ()))
        )
        for person, found in by_learner.items()
    ]
    begun = min((entry.occasion.at for entry in evidence.read(space)), default="")[:7]
    cases = kpi_cases(space)
    figure = kpi.result(space.settings.course, role.file.kpi, cases) if cases else None
    found = cohort(everyone, role, known.labs, known.skills)
    return replace(found, course=space.settings.course, begun=begun, kpi=figure)


def _stated(space: Workspace, track: Iterable[Lab]) -> dict[str, list[tuple[float, bool]]]:
    """Return every decision with a confidence, by learner, in the labs that ask for one: how sure, and whether right."""
    found: dict[str, list[tuple[float, bool]]] = {}
    for lab in track:
        if not getattr(lab.setup, "confidence", False):
            continue
        cases = None
        for learner, folder in space.submissions(lab.id):
            cases = catalog.hidden_cases(lab, space.secret) if cases is None else cases
            table = scoring.read(lab, folder, None).answer
            truths = {case.card.id: case.truth for case in cases}
            for card, decision in decided(table, cases).items() if table else ():
                if decision.confidence is not None:
                    sure = min(max(decision.confidence, 50), 100) / 100
                    found.setdefault(learner, []).append((sure, decision.choice == truths[card]))
    return found


def kpi_cases(space: Workspace) -> tuple[Case, ...]:
    """Return the cases of the workspace's `kpi.csv`. KpiError names every bad line."""
    path = space.root / KPI
    return _kpi_file(path) if path.exists() else ()


def add_kpi_cases(space: Workspace, path: Path | None, more: Iterable[Case] = ()) -> int:
    """Add the cases of a CSV file, and `more`, to the workspace's; returns how many there are now."""
    found = (*kpi_cases(space), *(_kpi_file(path) if path else ()), *more)
    write_text(space.root / KPI, kpi.text(found))
    return len(found)


def _kpi_file(path: Path) -> tuple[Case, ...]:
    try:
        return kpi.parse(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        raise KpiError([f"{path} cannot be read: {error}"]) from error


def report(space: Workspace, known: Catalog, path: Path) -> tuple[Item, ...]:
    """Write the trainer's report to the file `path`; returns its item analysis."""
    track = known.track(space.settings.role)
    scores = list(_scores(space, known))
    items = analyse(track, [score for _, score in scores])
    made = report_page.Report(
        course=space.settings.course,
        role=space.settings.role,
        day=f"{date.today():%d %B %Y}",  # noqa: DTZ011  # the trainer's own day
        cohort=_progress(space, known, scores),
        gates={lab.id: gate.load(lab.root / "gate.json") for lab in track},
        items=items,
    )
    write_private(path, report_page.render(made).encode())
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
            needs = "; ".join(f"{need.lab}/{need.check} {percent(need.wanted)}" for need in line.missing)
            yield f"  {line.title:<20} {line.level or '-'}{f'; for {line.upcoming}: {needs}' if line.upcoming else ''}"
        yield f"  {'Ambassador':<20} {_ambassador(guide.ambassador)}"
        if guide.next is not None:
            yield f"  next: {guide.next.lab}. {guide.next.why}"


def _ambassador(found: Ambassador) -> str:
    if found.earned:
        return f"earned; sessions led: {', '.join(found.sessions)}. Next: atelier export badges"
    asks = (
        f"a score on: {', '.join(found.labs)}" if found.labs else "",
        f'"Validates" on: {", ".join(found.lines)}' if found.lines else "",
        "" if found.sessions else "a session led for others",
    )
    return f"still needs {'; '.join(filter(None, asks))}"


def build_site(known: Catalog, *spaces: Workspace) -> Path:
    """Build the organisation's site into build/site, with the aggregates of cohorts, if any; returns the folder.

    Raises GraderError with MkDocs' own words if it fails.
    """
    environment = dict(os.environ)
    if spaces:
        found = aggregate([(progress(space, known), known.skills) for space in spaces])
        found = replace(found, day=date.today().isoformat())  # noqa: DTZ011  # the trainer's own day
        path = spaces[-1].root / AGGREGATE
        write_text(path, records.text(found))
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
