"""One person on a track: labs, level per practice line, what the next level still needs, the next lab and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from atelier.kits.base import percent
from grader.model import CheckResult, Lab, Level, Line, Role, Score, Skills, Status

VALIDATES = "validates"  # the level, by its id in skills.toml, that an ambassador has on every line of the track


class LabState(StrEnum):
    """Where a learner stands with a lab."""

    NOT_HANDED_IN = "not handed in"
    UNGRADED = "ungraded"
    GRADED = "graded"


@dataclass(frozen=True, slots=True)
class LearnerScores:
    """A learner of a cohort with the present score of each lab handed in. `name` is empty where none is known.

    sessions days on which they led a session for others, oldest first
    stated   per decision with a confidence, in labs that ask for one: how sure (0.5 to 1), and whether it was right
    """

    learner: str
    scores: tuple[Score, ...]
    name: str = ""
    stated: tuple[tuple[float, bool], ...] = ()
    sessions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LabProgress:
    """A learner and a lab of the track. `earned` is None unless graded."""

    lab: str
    title: str
    state: LabState
    points: float
    earned: Decimal | None = None
    cap: str = ""
    rescaled: bool = False

    @property
    def share(self) -> float | None:
        """Return the share of the points earned, 0 to 1; None unless graded."""
        return None if self.earned is None or not self.points else float(self.earned) / self.points


@dataclass(frozen=True, slots=True)
class NeedProgress:
    """What a level asks for, and what the learner has. `has` is None while the check was not evaluated."""

    lab: str
    check: str
    wanted: float
    has: float | None

    @property
    def met(self) -> bool:
        """Return whether the need is met; no evidence is no."""
        return self.has is not None and self.has >= self.wanted


@dataclass(frozen=True, slots=True)
class LineProgress:
    """A learner's level on a practice line.

    level      title of the level reached; empty for none
    upcoming   title of the next level that labs of this track can give; empty if there is none
    missing    what that level still needs
    """

    line: str
    title: str
    level: str
    upcoming: str
    missing: tuple[NeedProgress, ...]


@dataclass(frozen=True, slots=True)
class NextStep:
    """The lab to open next, and why."""

    lab: str
    title: str
    why: str


@dataclass(frozen=True, slots=True)
class Ambassador:
    """What the ambassador's badge needs: the whole track graded, each line that it can bring to "validates" there, a session led.

    labs       titles of labs without a score
    lines      titles of practice lines below "validates"; all of them on a track that brings nobody there
    sessions   days of the sessions led, oldest first
    """

    labs: tuple[str, ...]
    lines: tuple[str, ...]
    sessions: tuple[str, ...]

    @property
    def earned(self) -> bool:
        """Return whether the badge is earned."""
        return bool(self.sessions) and not self.labs and not self.lines


@dataclass(frozen=True, slots=True)
class LearnerProgress:
    """One learner's guide. `next` is None when the track and every level it can give are complete."""

    learner: str
    name: str
    role: str
    labs: tuple[LabProgress, ...]
    lines: tuple[LineProgress, ...]
    next: NextStep | None
    ambassador: Ambassador


def learner(record: LearnerScores, role: Role, labs: Sequence[Lab], skills: Skills) -> LearnerProgress:
    """Return the guide of one learner on the track of `role`. `labs` may be the whole catalogue."""
    track = track_of(role, labs)
    scores = {score.lab: score for score in record.scores}
    progress = tuple(_lab(lab, scores.get(lab.id)) for lab in track)
    best = _best(scores, labs)
    lines = tuple(_line(line, best, {lab.id for lab in track}) for line in skills.lines)
    following = _next(role, track, best, lines)
    ambassador = _ambassador(track, best, lines, skills, record.sessions)
    return LearnerProgress(record.learner, record.name, role.id, progress, lines, following, ambassador)


def _share(score: Score) -> float:
    return float(score.earned) / score.points


def _best(scores: dict[str, Score], labs: Sequence[Lab]) -> dict[str, Score]:
    """Return the scores by lab; where a variant was done better than its lab, the same work in another mode, its score."""
    best = dict(scores)
    for lab in labs:
        score = scores.get(lab.id)
        if lab.file.variant_of and score is not None and score.graded:
            own = best.get(lab.file.variant_of)
            if own is None or not own.graded or _share(score) > _share(own):
                best[lab.file.variant_of] = score
    return best


def _ambassador(
    track: Sequence[Lab],
    scores: dict[str, Score],
    lines: Sequence[LineProgress],
    skills: Skills,
    sessions: tuple[str, ...],
) -> Ambassador:
    on_track = {lab.id for lab in track}
    asked = {
        # Per line that the track can bring to "validates": the titles of that level and of those above it.
        line.id: {above.title for above in line.levels[place:]}
        for line in skills.lines
        for place, level in enumerate(line.levels)
        if level.id == VALIDATES and any(need.lab in on_track for need in level.needs)
    }
    # A track that brings nobody to "validates" makes no ambassadors.
    below = [line.title for line in lines if not asked or (line.line in asked and line.level not in asked[line.line])]
    without = [lab.file.title for lab in track if lab.id not in scores or not scores[lab.id].graded]
    return Ambassador(tuple(without), tuple(below), sessions)


def track_of(role: Role, labs: Sequence[Lab]) -> tuple[Lab, ...]:
    """Return the labs of a role's track, in its order, as far as `labs` has them."""
    by_id = {lab.id: lab for lab in labs}
    return tuple(by_id[lab] for lab in role.labs if lab in by_id)


def _lab(lab: Lab, score: Score | None) -> LabProgress:
    title = lab.file.title
    if score is None:
        return LabProgress(lab.id, title, LabState.NOT_HANDED_IN, lab.points)
    if not score.graded:
        return LabProgress(lab.id, title, LabState.UNGRADED, lab.points)
    return LabProgress(lab.id, title, LabState.GRADED, score.points, score.earned, score.cap, score.rescaled)


def share(result: CheckResult) -> float | None:
    """Return the share of a check's points that was earned; None if it was not evaluated, even where rescaled."""
    if result.status is Status.NOT_EVALUATED or result.earned is None or not result.points:
        return None
    return float(result.earned) / result.points


def _needs(level: Level, scores: dict[str, Score], track: set[str]) -> tuple[NeedProgress, ...]:
    """Return the needs of `level` that lie on the track: nobody is asked for another role's lab."""
    found = []
    for need in level.needs:
        if need.lab in track:
            score = scores.get(need.lab)
            has = next((share(r) for r in score.results if r.check == need.check), None) if score else None
            found.append(NeedProgress(need.lab, need.check, need.share, has))
    return tuple(found)


def _line(line: Line, scores: dict[str, Score], track: set[str]) -> LineProgress:
    reached, missing = "", []
    for level in line.levels:
        needs = _needs(level, scores, track)
        if not needs:
            # Labs of this track give no evidence for the level, nor for any above it.
            return LineProgress(line.id, line.title, reached, "", ())
        missing = [need for need in needs if not need.met]
        if missing:
            return LineProgress(line.id, line.title, reached, level.title, tuple(missing))
        reached = level.title
    return LineProgress(line.id, line.title, reached, "", ())


def _next(role: Role, track: Sequence[Lab], scores: dict[str, Score], lines: Sequence[LineProgress]) -> NextStep | None:
    for lab in track:
        score = scores.get(lab.id)
        if score is not None and not score.graded:
            return NextStep(
                lab.id, lab.file.title, f"Your hand-in could not be graded: {score.reason} {score.remedy}".strip()
            )
    waiting = [lab for lab in track if lab.id not in scores]
    on_track = {lab.id for lab in track}
    ready = [lab for lab in waiting if all(need in scores or need not in on_track for need in lab.file.requires)]
    for lab in ready or waiting:
        why = next(module.why for module in role.file.modules if lab.id in module.labs)
        return NextStep(lab.id, lab.file.title, why)
    # Everything is handed in: the level that is nearest, by what is missing for it in all.
    within_reach = [line for line in lines if line.missing and all(need.has is not None for need in line.missing)]
    if not within_reach:
        return None
    line = min(within_reach, key=lambda found: sum(need.wanted - (need.has or 0) for need in found.missing))
    need = max(line.missing, key=lambda found: found.wanted - (found.has or 0))
    title = next(lab.file.title for lab in track if lab.id == need.lab)
    return NextStep(
        need.lab,
        title,
        f'{line.title}, level "{line.upcoming}": the check "{need.check}" is at {percent(need.has or 0)}, '
        f"it needs {percent(need.wanted)}.",
    )
