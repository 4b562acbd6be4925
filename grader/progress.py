"""Who is where on a track, what a cohort trips over, and what may be told of a group.

Pure: records in, records out; no clock, disk or network. Three views, for three readers:

    learner(...)    one person: labs, level per practice line, what the next level still needs, the next lab and why
    cohort(...)     the trainer: grid, hardest checks, lures that caught most, who needs a hand
    aggregate(...)  the organisation: groups of at least five people, rounded, without any id
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from statistics import fmean
from typing import Literal

from atelier.kits.base import wilson
from atelier.policy import Policy
from grader.kpi import KpiResult
from grader.model import Adoption, CheckResult, Evidence, Lab, Level, Line, Role, Score, Skills, Status
from grader.templates import day

SMALLEST_GROUP = 5
VALIDATES = "validates"  # the level, by its id in skills.toml, that an ambassador has on every line of the track
LOW_SHARE = 0.4  # under this share of a lab's points a learner is offered help
ROUND_TO = 0.05  # aggregates are rounded, so that one more hand-in does not give away its score
BAND_EDGES = (0, 40, 60, 80, 100)
MOST_LURES = 8


class LabState(StrEnum):
    """Where a learner stands with a lab."""

    NOT_HANDED_IN = "not handed in"
    UNGRADED = "ungraded"
    GRADED = "graded"


class Hand(StrEnum):
    """Why a learner is worth a call, the most urgent first."""

    UNGRADED = "ungraded"
    NOT_STARTED = "not started"
    STUCK = "stuck"
    LOW = "low"


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


@dataclass(frozen=True, slots=True)
class LabSummary:
    """A lab across a cohort. `mean` (0 to 1) and its 95 % `interval` are None while nobody is graded.

    engines, versions   what graded it, and which version of the lab; more than one after a change in mid-course
    rescaled            submissions where a check could not be evaluated
    """

    lab: str
    title: str
    points: int
    handed_in: int
    graded: int
    mean: float | None
    interval: tuple[float, float] | None
    engines: tuple[str, ...]
    versions: tuple[str, ...]
    rescaled: int


@dataclass(frozen=True, slots=True)
class CheckSummary:
    """A check across a cohort: `n` evaluated results, their mean share, and how many passed (Wilson interval)."""

    lab: str
    lab_title: str
    check: str
    says: str
    n: int
    mean: float
    passed: int
    interval: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Lure:
    """A kind of fault, leak or trick, and how many of the `n` graded submissions it got through."""

    lab: str
    lab_title: str
    kind: str
    caught: int
    n: int


@dataclass(frozen=True, slots=True)
class NeedsHand:
    """A reason to call a learner, and what to suggest. `lab` is empty when it is about no lab.

    A cohort's are in the order to call: by learner, whose most urgent reason comes first.
    """

    learner: str
    name: str
    kind: Hand
    lab: str
    reason: str
    step: str


@dataclass(frozen=True, slots=True)
class Ungraded:
    """A submission without a score, the reason and the remedy."""

    learner: str
    name: str
    lab: str
    reason: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Flag:
    """A fact about a submission that changed no point."""

    learner: str
    name: str
    lab: str
    says: str


@dataclass(frozen=True, slots=True)
class Confidence:
    """Decisions of similar confidence: how many of how many people, how sure on average, how often right."""

    low: int
    high: int
    people: int
    decisions: int
    said: float
    right: float


@dataclass(frozen=True, slots=True)
class CohortProgress:
    """A cohort as its trainer sees it. Personal data: it never reaches the site.

    confidence   decisions by how sure they were, in labs that ask for it
    course       the cohort's id; `begun` is the month of its first score, such as "2026-11"
    """

    role: str
    learners: tuple[LearnerProgress, ...]
    labs: tuple[LabSummary, ...]
    checks: tuple[CheckSummary, ...]
    lures: tuple[Lure, ...]
    hands: tuple[NeedsHand, ...]
    ungraded: tuple[Ungraded, ...]
    flags: tuple[Flag, ...]
    confidence: tuple[Confidence, ...] = ()
    course: str = ""
    begun: str = ""
    kpi: KpiResult | None = None


@dataclass(frozen=True, slots=True)
class Cell:
    """A stretch of an ordered scale, from `low` to `high` (labels, both included), and how many people are in it."""

    low: str
    high: str
    people: int


@dataclass(frozen=True, slots=True)
class LabAggregate:
    """A lab in a group of at least five graded people. `mean` and `interval` are rounded to 0.05."""

    lab: str
    n: int
    mean: float
    interval: tuple[float, float]
    bands: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class LineAggregate:
    """Levels reached on a practice line, in stretches that hold at least five people each."""

    line: str
    levels: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class LureAggregate:
    """A kind of fault that got past at least `at_least` of `n` people: five or more, and five or more it did not get past."""

    lab: str
    kind: str
    n: int
    at_least: int


@dataclass(frozen=True, slots=True)
class ConfidenceAggregate:
    """Decisions of five or more people: how sure they were on average, and how often right, rounded to 0.05."""

    low: int
    high: int
    said: float
    right: float


@dataclass(frozen=True, slots=True)
class Wave:
    """A cohort of five or more graded people: their mean share of points, rounded to 0.05, and its interval."""

    course: str
    begun: str
    people: int
    mean: float
    interval: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Group:
    """The people of one role who have at least one graded lab: five or more, and nobody in particular.

    waves   the cohorts they were in, oldest first; none if one is so small that the others would give it away
    kpis    the figure of their workflow, from cases of work
    """

    role: str
    people: int
    labs: tuple[LabAggregate, ...]
    lines: tuple[LineAggregate, ...]
    lures: tuple[LureAggregate, ...] = ()
    confidence: tuple[ConfidenceAggregate, ...] = ()
    waves: tuple[Wave, ...] = ()
    kpis: tuple[KpiResult, ...] = ()


@dataclass(frozen=True, slots=True)
class Aggregate:
    """All that the organisation's site may know of learners. Written as JSON. `day` is when it was read, such as "2026-11-30"."""

    format: Literal[1]
    groups: tuple[Group, ...] = ()
    day: str = ""


def learner(record: LearnerScores, role: Role, labs: Sequence[Lab], skills: Skills) -> LearnerProgress:
    """Return the guide of one learner on the track of `role`. `labs` may be the whole catalogue."""
    track = _track(role, labs)
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


def _track(role: Role, labs: Sequence[Lab]) -> tuple[Lab, ...]:
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
        f'{line.title}, level "{line.upcoming}": the check "{need.check}" is at {_percent(need.has or 0)}, '
        f"it needs {_percent(need.wanted)}.",
    )


def _percent(value: float) -> str:
    return f"{value:.0%}".replace("%", " %")


def cohort(records: Iterable[LearnerScores], role: Role, labs: Sequence[Lab], skills: Skills) -> CohortProgress:
    """Return a whole cohort on the track of `role`, learners sorted by id."""
    everyone = sorted(records, key=lambda record: record.learner)
    track = _track(role, labs)
    guides = tuple(learner(record, role, labs, skills) for record in everyone)
    by_lab = {lab.id: [(r, s) for r in everyone for s in r.scores if s.lab == lab.id] for lab in track}
    pairs = [(record, score) for found in by_lab.values() for record, score in found]
    return CohortProgress(
        role=role.id,
        learners=guides,
        labs=tuple(_summary(lab, [score for _, score in by_lab[lab.id]]) for lab in track),
        checks=tuple(
            found for lab in track for found in _checks(lab, [score for _, score in by_lab[lab.id] if score.graded])
        ),
        lures=_lures(track, {lab: [score for _, score in found if score.graded] for lab, found in by_lab.items()}),
        hands=_hands(everyone, guides, track),
        ungraded=tuple(
            Ungraded(record.learner, record.name, score.lab, score.reason, score.remedy)
            for record, score in pairs
            if not score.graded
        ),
        flags=tuple(
            Flag(record.learner, record.name, score.lab, says) for record, score in pairs for says in score.flags
        ),
        confidence=_confidence(everyone),
    )


def _confidence(everyone: Iterable[LearnerScores]) -> tuple[Confidence, ...]:
    """Return the decisions in steps of ten per cent; certainty is in the last step."""
    steps: dict[int, list[tuple[str, float, bool]]] = {}
    for record in everyone:
        for said, right in record.stated:
            steps.setdefault(min(int(round(said * 100) // 10 * 10), 90), []).append((record.learner, said, right))
    return tuple(
        Confidence(
            low,
            100 if low == 90 else low + 9,
            len({who for who, _, _ in found}),
            len(found),
            fmean(said for _, said, _ in found),
            fmean(right for _, _, right in found),
        )
        for low, found in sorted(steps.items())
    )


def _summary(lab: Lab, scores: Sequence[Score]) -> LabSummary:
    shares = [float(s.earned) / s.points for s in scores if s.graded and s.points]
    mean = fmean(shares) if shares else None
    interval = None if mean is None else wilson(mean * len(shares), len(shares))
    return LabSummary(
        lab=lab.id,
        title=lab.file.title,
        points=lab.points,
        handed_in=len(scores),
        graded=len(shares),
        mean=mean,
        interval=interval,
        engines=tuple(sorted({s.engine for s in scores})),
        versions=tuple(sorted({s.version for s in scores})),
        rescaled=sum(s.rescaled for s in scores),
    )


def _checks(lab: Lab, scores: Sequence[Score]) -> list[CheckSummary]:
    found = []
    for check in lab.file.checks:
        results = [(r, got) for s in scores for r in s.results if r.check == check.id and (got := share(r)) is not None]
        if results:
            n, passed = len(results), sum(r.status is Status.PASSED for r, _ in results)
            mean = fmean(got for _, got in results)
            found.append(CheckSummary(lab.id, lab.file.title, check.id, check.says, n, mean, passed, wilson(passed, n)))
    return found


def _lures(track: Sequence[Lab], graded: dict[str, list[Score]]) -> tuple[Lure, ...]:
    """Return what got through, the most frequent first. A kind counts once per submission."""
    found = []
    for lab in track:
        scores = graded[lab.id]
        counts = Counter(kind for s in scores for kind in {k for r in s.results for k in r.survived})
        found += [Lure(lab.id, lab.file.title, kind, caught, len(scores)) for kind, caught in sorted(counts.items())]
    return tuple(sorted(found, key=lambda lure: -lure.caught / lure.n))


def _hands(
    everyone: Sequence[LearnerScores], guides: Sequence[LearnerProgress], track: Sequence[Lab]
) -> tuple[NeedsHand, ...]:
    # Nobody is behind in a cohort of one.
    handed_in = Counter(score.lab for record in everyone for score in record.scores)
    expected = {lab.id for lab in track if 2 * handed_in[lab.id] >= len(everyone) > 1}
    found = [hand for record, guide in zip(everyone, guides, strict=True) for hand in _reasons(record, guide, expected)]
    urgency = list(Hand)
    first = {hand.learner: min(urgency.index(h.kind) for h in found if h.learner == hand.learner) for hand in found}
    return tuple(sorted(found, key=lambda hand: (first[hand.learner], hand.learner, urgency.index(hand.kind))))


def _reasons(record: LearnerScores, guide: LearnerProgress, expected: set[str]) -> list[NeedsHand]:
    scores = {score.lab: score for score in record.scores}
    found = []

    def add(kind: Hand, lab: str, reason: str, step: str) -> None:
        found.append(NeedsHand(record.learner, record.name, kind, lab, reason, step))

    for lab in guide.labs:
        score = scores.get(lab.lab)
        if score is not None and not score.graded:
            add(Hand.UNGRADED, lab.lab, score.reason, score.remedy or "Ask the learner to hand in again.")
    low = sorted((got, lab.lab) for lab in guide.labs if (got := lab.share) is not None and got < LOW_SHARE)
    if low:
        # One conversation starts with one lab: the lowest.
        score = scores[low[0][1]]
        others = f"; {len(low) - 1} more under {_percent(LOW_SHARE)}" if len(low) > 1 else ""
        reason = f"earned {score.earned:.0f} of {score.points}{_weakest(score)}{others}"
        add(Hand.LOW, score.lab, reason, _advice(score))
    behind = [lab for lab in guide.labs if lab.state is LabState.NOT_HANDED_IN and lab.lab in expected]
    if not scores:
        if guide.labs:
            step = "Ask whether the lab opens on their machine, and do the first one together."
            add(Hand.NOT_STARTED, "", "has handed in nothing", step)
    elif behind:
        step = "Ask where it stops, and look at the practice result together."
        add(Hand.STUCK, behind[0].lab, "not handed in, while at least half of the cohort did", step)
    return found


def _weakest(score: Score) -> str:
    shares = [(got, r.check) for r in score.results if (got := share(r)) is not None]
    if not shares:
        return ""
    got, check = min(shares)
    return f'; weakest check "{check}" at {_percent(got)}'


def _advice(score: Score) -> str:
    if score.cap:
        return f"Start with what caps the lab: {score.cap}"
    kinds = [kind for result in score.results for kind in result.survived]
    if kinds:
        return f'Take one example of "{kinds[0]}" from the practice cases and find it together.'
    return "Look at the practice result together, weakest check first."


def aggregate(cohorts: Iterable[tuple[CohortProgress, Skills]]) -> Aggregate:
    """Return what the organisation may see: groups by role, each of at least five people, rounded, without ids.

    A lab graded for fewer than five people is left out. Bands and levels with fewer than five people are merged
    with their neighbours. Means are rounded to five points and intervals follow from the rounded mean, so that
    two aggregates a day apart do not give away the score of whoever handed in between.
    """
    roles: dict[str, list[tuple[CohortProgress, Skills]]] = {}
    for progress, skills in cohorts:
        roles.setdefault(progress.role, []).append((progress, skills))
    groups = []
    for role, found in sorted(roles.items()):
        guides = [guide for progress, _ in found for guide in _graded(progress)]
        if len(guides) >= SMALLEST_GROUP:
            together = [progress for progress, _ in found]
            groups.append(
                Group(
                    role,
                    len(guides),
                    _lab_aggregates(guides),
                    _line_aggregates(guides, found[0][1]),
                    _lure_aggregates(together),
                    _confidence_aggregates(together),
                    _waves(together),
                    tuple(p.kpi for p in together if p.kpi and p.kpi.moments and len(_graded(p)) >= SMALLEST_GROUP),
                )
            )
    return Aggregate(1, tuple(groups))


def _graded(progress: CohortProgress) -> list[LearnerProgress]:
    return [guide for guide in progress.learners if any(lab.share is not None for lab in guide.labs)]


def _lure_aggregates(cohorts: Sequence[CohortProgress]) -> tuple[LureAggregate, ...]:
    """Return the kinds that got past most, each told so that at least five people are on either side of it."""
    n: Counter[str] = Counter()
    caught: Counter[tuple[str, str]] = Counter()
    for cohort in cohorts:
        n.update({summary.lab: summary.graded for summary in cohort.labs})
        caught.update({(lure.lab, lure.kind): lure.caught for lure in cohort.lures})
    found = [
        LureAggregate(lab, kind, n[lab], min(count, n[lab] - SMALLEST_GROUP))
        for (lab, kind), count in caught.items()
        if min(count, n[lab] - SMALLEST_GROUP) >= SMALLEST_GROUP
    ]
    return tuple(sorted(found, key=lambda lure: (-lure.at_least / lure.n, lure.lab, lure.kind))[:MOST_LURES])


def _confidence_aggregates(cohorts: Sequence[CohortProgress]) -> tuple[ConfidenceAggregate, ...]:
    steps: dict[tuple[int, int], list[Confidence]] = {}
    for found in (step for cohort in cohorts for step in cohort.confidence):
        steps.setdefault((found.low, found.high), []).append(found)
    return tuple(
        ConfidenceAggregate(
            low,
            high,
            _rounded(sum(f.said * f.decisions for f in found) / sum(f.decisions for f in found)),
            _rounded(sum(f.right * f.decisions for f in found) / sum(f.decisions for f in found)),
        )
        for (low, high), found in sorted(steps.items())
        if sum(f.people for f in found) >= SMALLEST_GROUP
    )


def _waves(cohorts: Sequence[CohortProgress]) -> tuple[Wave, ...]:
    """Return the cohorts one by one; none at all if a small one could be told from the group and the others."""
    found = []
    for cohort in sorted(cohorts, key=lambda c: (c.begun, c.course)):
        guides = _graded(cohort)
        shares = [lab.share for guide in guides for lab in guide.labs if lab.share is not None]
        if 0 < len(guides) < SMALLEST_GROUP:
            return ()
        if guides:
            mean = _rounded(fmean(shares))
            low, high = wilson(mean * len(guides), len(guides))
            between = (_rounded(low), _rounded(high))
            found.append(Wave(cohort.course, cohort.begun, len(guides), mean, between))
    return tuple(found)


def _lab_aggregates(guides: Sequence[LearnerProgress]) -> tuple[LabAggregate, ...]:
    found = []
    for lab in guides[0].labs:
        shares = [p.share for guide in guides for p in guide.labs if p.lab == lab.lab and p.share is not None]
        if len(shares) < SMALLEST_GROUP:
            continue
        mean = _rounded(fmean(shares))
        low, high = wilson(mean * len(shares), len(shares))
        counts = [0] * (len(BAND_EDGES) - 1)
        for value in shares:
            counts[sum(round(value * 100) >= edge for edge in BAND_EDGES[1:-1])] += 1
        # The top edge belongs to the last band; every other band ends a point below the next one.
        tops = [*(edge - 1 for edge in BAND_EDGES[1:-1]), BAND_EDGES[-1]]
        cells = [Cell(str(low), str(top), n) for low, top, n in zip(BAND_EDGES, tops, counts, strict=False)]
        interval = (_rounded(low), _rounded(high))
        found.append(LabAggregate(lab.lab, len(shares), mean, interval, merged(cells)))
    return tuple(found)


def _line_aggregates(guides: Sequence[LearnerProgress], skills: Skills) -> tuple[LineAggregate, ...]:
    track = {lab.lab for lab in guides[0].labs}
    found = []
    for line in skills.lines:
        reached = Counter(p.level for guide in guides for p in guide.lines if p.line == line.id)
        # Nobody can have a level that no lab of the track gives; naming it beside a count would suggest it.
        titles = ["", *(level.title for level in line.levels if any(need.lab in track for need in level.needs))]
        cells = [Cell(title or "not yet", title or "not yet", reached[title]) for title in titles]
        found.append(LineAggregate(line.id, merged(cells)))
    return tuple(found)


def _rounded(value: float) -> float:
    return round(round(value / ROUND_TO) * ROUND_TO, 2)


def merged(cells: Sequence[Cell]) -> tuple[Cell, ...]:
    """Merge neighbouring cells until each holds at least five people (or there is only one left)."""
    done: list[Cell] = []
    for cell in cells:
        if done and done[-1].people < SMALLEST_GROUP:
            done[-1] = Cell(done[-1].low, cell.high, done[-1].people + cell.people)
        else:
            done.append(cell)
    if len(done) > 1 and done[-1].people < SMALLEST_GROUP:
        last = done.pop()
        done[-1] = Cell(done[-1].low, last.high, done[-1].people + last.people)
    return tuple(done)


@dataclass(frozen=True, slots=True)
class Proof:
    """A piece of evidence, whether it is there, and where it is or what is missing."""

    evidence: Evidence
    found: bool
    where: str


@dataclass(frozen=True, slots=True)
class PhaseStanding:
    """A phase of adoption with its proofs. Reached when they and those of every phase below are there."""

    id: str
    title: str
    says: str
    proofs: tuple[Proof, ...]
    reached: bool


def standing(
    adoption: Adoption, roles: Sequence[Role], policy: Policy, aggregate: Aggregate | None
) -> tuple[PhaseStanding, ...]:
    """Return every phase with the proof that is there and the proof that is missing, in order."""
    phases: list[PhaseStanding] = []
    for phase in adoption.phases:
        proofs = tuple(_proof(evidence, roles, policy, aggregate) for evidence in phase.evidence)
        reached = all(proof.found for proof in proofs) and all(before.reached for before in phases)
        phases.append(PhaseStanding(phase.id, phase.title, phase.says, proofs, reached))
    return tuple(phases)


def _baseline(group: Group) -> bool:
    """Return whether the group's figure was measured before the training, on enough cases to compare with."""
    return any(m.moment == "before" and m.median is not None for kpi in group.kpis for m in kpi.moments)


def _proof(evidence: Evidence, roles: Sequence[Role], policy: Policy, aggregate: Aggregate | None) -> Proof:
    match evidence.source:
        case "gradebook":
            seen = Counter(dict.fromkeys(evidence.labs, 0))
            for group in aggregate.groups if aggregate else ():
                seen.update({lab.lab: lab.n for lab in group.labs if lab.lab in evidence.labs})
            fewest = min(seen.values(), default=0)
            where = f"{fewest} people in the gradebook" if fewest else "no group of five or more in the gradebook yet"
            return Proof(evidence, bool(evidence.labs) and fewest >= max(evidence.people, SMALLEST_GROUP), where)
        case "kpi":
            measured = {group.role for group in aggregate.groups if _baseline(group)} if aggregate else set()
            without = [r.file.title for r in roles if not r.file.kpi.baseline.strip() and r.id not in measured]
            where = f"no baseline yet: {', '.join(without)}" if without else "each role has its baseline"
            return Proof(evidence, bool(roles) and not without, where)
        case "policy":
            whole = bool(policy.owner.strip() and policy.data_classes and policy.tiers and policy.validation)
            return Proof(
                evidence, whole, f"owner: {policy.owner}; reviewed {day(policy.reviewed)}" if whole else "incomplete"
            )
        case "declared":
            return Proof(evidence, bool(evidence.proof.strip()), evidence.proof.strip() or "nobody has shown it yet")


class Answered(StrEnum):
    """Whether a question is answered by proofs that can be seen."""

    YES = "yes"
    PARTLY = "in part"
    NO = "not yet"


@dataclass(frozen=True, slots=True)
class Answer:
    """A committee's question with the proofs that answer it, and what to do until all of them are there."""

    asks: str
    answered: Answered
    proofs: tuple[Proof, ...]
    until: str


def answers(adoption: Adoption, phases: Iterable[PhaseStanding]) -> tuple[Answer, ...]:
    """Return every question of `adoption`, answered by the proofs of `phases`, as `standing` gives them."""
    proofs = {proof.evidence.id: proof for phase in phases for proof in phase.proofs}
    found = []
    for question in adoption.questions:
        own = tuple(proofs[name] for name in question.evidence)
        there = sum(proof.found for proof in own)
        answered = Answered.NO if not there else Answered.YES if there == len(own) else Answered.PARTLY
        found.append(Answer(question.asks, answered, own, question.until))
    return tuple(found)
