"""A cohort for its trainer: grid, hardest checks, lures that caught most, who needs a hand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import fmean

from atelier.kits.base import percent, wilson
from grader.kpi import KpiResult
from grader.model import Lab, Role, Score, Skills, Status
from grader.progress.guide import LabState, LearnerProgress, LearnerScores, learner, share, track_of

LOW_SHARE = 0.4  # under this share of a lab's points a learner is offered help


class Hand(StrEnum):
    """Why a learner is worth a call, the most urgent first."""

    UNGRADED = "ungraded"
    NOT_STARTED = "not started"
    STUCK = "stuck"
    LOW = "low"


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


def cohort(records: Iterable[LearnerScores], role: Role, labs: Sequence[Lab], skills: Skills) -> CohortProgress:
    """Return a whole cohort on the track of `role`, learners sorted by id."""
    everyone = sorted(records, key=lambda record: record.learner)
    track = track_of(role, labs)
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
        others = f"; {len(low) - 1} more under {percent(LOW_SHARE)}" if len(low) > 1 else ""
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
    return f'; weakest check "{check}" at {percent(got)}'


def _advice(score: Score) -> str:
    if score.cap:
        return f"Start with what caps the lab: {score.cap}"
    kinds = [kind for result in score.results for kind in result.survived]
    if kinds:
        return f'Take one example of "{kinds[0]}" from the practice cases and find it together.'
    return "Look at the practice result together, weakest check first."
