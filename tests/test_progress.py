"""Progress: evidence only, nobody is asked for another track's lab, and no group under five is told of."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
import sample
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sample import BASICS, CHECKS, LABS, ROLE, SKILLS, person, score, ungraded

from atelier import records
from atelier.kits.base import wilson
from grader import progress
from grader.kpi import KpiResult, Measured
from grader.model import Kpi, Lab, Score
from grader.progress.adoption import standing
from grader.progress.group import Aggregate, Cell, Group, merged
from grader.progress.guide import LabState, LearnerProgress, LearnerScores
from grader.progress.overview import CohortProgress, Hand


def _guide(*scores: Score, labs: tuple[Lab, ...] = LABS) -> LearnerProgress:
    return progress.learner(person("ada", *scores), ROLE, labs, SKILLS)


def _level(guide: LearnerProgress) -> str:
    return next(line.level for line in guide.lines if line.line == "validation")


def test_a_lab_is_open_ungraded_or_graded() -> None:
    """An ungraded hand-in has no points, not zero points."""
    guide = _guide(score(BASICS, 0.0), ungraded(CHECKS))
    assert [(lab.state, lab.share) for lab in guide.labs] == [(LabState.GRADED, 0.0), (LabState.UNGRADED, None)]
    assert [lab.state for lab in _guide().labs] == [LabState.NOT_HANDED_IN] * 2


@pytest.mark.parametrize(
    ("start", "caught", "field", "level"),
    [
        (0.4, 1.0, 1.0, ""),  # a higher level does not make up for a lower one
        (0.5, 0.4, 1.0, "Discovers"),
        (0.5, 0.5, 1.0, "Practises"),
        (0.5, 0.8, 0.7, "Practises"),
        (0.5, 0.8, 0.8, "Validates"),
        (1.0, 1.0, 1.0, "Validates"),  # no lab gives "Owns"
    ],
)
def test_a_level_needs_every_level_below(start: float, caught: float, field: float, level: str) -> None:
    """Needs on labs of another track ("other") are not asked for; a level without needs is not given."""
    assert _level(_guide(score(BASICS, start), score(CHECKS, caught, field))) == level


def test_rescaled_points_are_no_evidence() -> None:
    """A check that was not evaluated counts in the points, but earns no level."""
    guide = _guide(score(BASICS, 1.0), score(CHECKS, None, 1.0))
    assert guide.labs[1].earned == 65
    line = guide.lines[0]
    assert (line.level, line.upcoming) == ("Discovers", "Practises")
    assert [(need.check, need.has) for need in line.missing] == [("caught", None)]


@pytest.mark.parametrize(
    ("form", "code", "level"),
    [((0.5, 0.5), (0.9, 0.9), "Validates"), ((0.9, 0.9), (0.1, 0.1), "Validates"), (None, (0.9, 0.9), "Validates"), ((0.9, 0.1), (0.1, 0.9), "Practises")],
)  # fmt: skip
def test_skills_count_a_lab_or_its_variant(
    form: tuple[float, float] | None, code: tuple[float, float], level: str
) -> None:
    """Whichever of the two was done better, as a whole; the other is not asked for again, and the track shows its own score."""
    variant = replace(CHECKS, id="checks-code", file=replace(CHECKS.file, mode="code", variant_of="checks"))
    forms = [score(CHECKS, *form)] if form else []
    guide = _guide(score(BASICS, 1.0), *forms, score(variant, *code), labs=(*LABS, variant))
    assert _level(guide) == level
    assert [lab.lab for lab in guide.labs] == ["basics", "checks"]
    assert (guide.labs[1].state is LabState.GRADED) is bool(form)
    assert guide.next is None or "level" in guide.next.why


def test_an_ungraded_variant_changes_nothing() -> None:
    variant = replace(CHECKS, id="checks-code", file=replace(CHECKS.file, mode="code", variant_of="checks"))
    scores = (score(BASICS, 1.0), score(CHECKS, 0.6, 0.6))
    assert _guide(*scores, ungraded(variant), labs=(*LABS, variant)) == _guide(*scores)


def test_a_line_that_the_track_does_not_touch_stays_empty() -> None:
    """Nothing is earned, and nothing is asked for."""
    line = _guide(score(BASICS, 1.0), score(CHECKS, 1.0, 1.0)).lines[1]
    assert (line.level, line.upcoming, line.missing) == ("", "", ())


def test_next_is_what_could_not_be_graded_first() -> None:
    """A hand-in without a score comes before everything else, with its reason and remedy."""
    step = _guide(score(BASICS, 1.0), ungraded(CHECKS)).next
    assert step is not None
    assert step.lab == "checks"
    assert "answers.json is empty. Hand in again." in step.why


def test_next_is_the_first_open_lab_whose_requirements_are_handed_in() -> None:
    """It comes with the reason why it stands at this place of the track."""
    step = _guide().next
    assert step is not None
    assert (step.lab, step.why) == ("basics", "Because it is short.")
    step = _guide(score(BASICS, 0.1)).next
    assert step is not None
    assert (step.lab, step.why) == ("checks", "It builds on it.")


def test_next_is_the_nearest_level_once_all_is_handed_in() -> None:
    """It names the check that misses most, with what it has and needs."""
    step = _guide(score(BASICS, 1.0), score(CHECKS, 0.78, 0.5)).next
    assert step is not None
    assert step.lab == "checks"
    assert (
        step.why
        == 'Validation, level "Validates": the check "field" is at 50\N{NO-BREAK SPACE}%, it needs 80\N{NO-BREAK SPACE}%.'
    )


@pytest.mark.parametrize("shares", [(1.0, 1.0), (None, 1.0)])
def test_a_complete_track_has_no_next_lab(shares: tuple[float | None, float]) -> None:
    """Neither has one where only a check is missing that this model cannot evaluate: trying again changes nothing."""
    assert _guide(score(BASICS, 1.0), score(CHECKS, *shares)).next is None


def test_a_check_counts_evaluated_results_only() -> None:
    """Two of three were evaluated: n is 2, one passed, with the Wilson interval of 1 in 2."""
    everyone = [person(f"p{i}", score(CHECKS, share, 1.0)) for i, share in enumerate((0.9, 0.3, None))]
    check = progress.cohort(everyone, ROLE, LABS, SKILLS).checks[0]
    assert (check.check, check.n, check.passed, check.interval) == ("caught", 2, 1, wilson(1, 2))
    assert check.mean == pytest.approx(0.6)


def test_a_lure_counts_once_per_hand_in() -> None:
    """The same kind in two checks of one hand-in fooled one person; the most frequent comes first."""
    everyone = [
        person("a", score(CHECKS, 0.5, 0.5, survived=("digit swap",))),
        person("b", score(CHECKS, 0.5, 0.5, survived=("net as gross", "digit swap"))),
        person("c", ungraded(CHECKS)),
    ]
    lures = progress.cohort(everyone, ROLE, LABS, SKILLS).lures
    assert [(lure.kind, lure.caught, lure.n) for lure in lures] == [("digit swap", 2, 2), ("net as gross", 1, 2)]


def test_who_needs_a_hand_most_urgent_first() -> None:
    """No score, nothing handed in, stuck behind the cohort, low: one learner's reasons stay together."""
    everyone = [
        person("fine", score(BASICS, 1.0), score(CHECKS, 0.9, 0.9)),
        person("good", score(BASICS, 0.9), score(CHECKS, 0.7, 0.9)),
        person("low", score(BASICS, 1.0), score(CHECKS, 0.1, 0.3, survived=("digit swap",))),
        person("none"),
        person("stuck", score(BASICS, 0.2)),
        person("zap", ungraded(BASICS), score(CHECKS, 0.2, 0.2, cap="a name leaked")),
    ]
    hands = progress.cohort(everyone, ROLE, LABS, SKILLS).hands
    assert [(hand.learner, hand.kind, hand.lab) for hand in hands] == [
        ("zap", Hand.UNGRADED, "basics"),
        ("zap", Hand.LOW, "checks"),
        ("none", Hand.NOT_STARTED, ""),
        ("stuck", Hand.STUCK, "checks"),
        ("stuck", Hand.LOW, "basics"),
        ("low", Hand.LOW, "checks"),
    ]
    by_learner = {(hand.learner, hand.kind): hand for hand in hands}
    assert "a name leaked" in by_learner["zap", Hand.LOW].step
    assert "digit swap" in by_learner["low", Hand.LOW].step
    assert 'earned 16 of 100; weakest check "caught" at 10\N{NO-BREAK SPACE}%' in by_learner["low", Hand.LOW].reason


def test_nobody_is_stuck_in_a_cohort_of_one() -> None:
    """Behind whom?"""
    assert progress.cohort([person("ada", score(BASICS, 1.0))], ROLE, LABS, SKILLS).hands == ()


def test_the_means_leave_ungraded_out() -> None:
    """One graded 0.6, one ungraded: the mean is 0.6 on one, and both were handed in."""
    found = progress.cohort([person("a", score(BASICS, 0.6)), person("b", ungraded(BASICS))], ROLE, LABS, SKILLS)
    summary = found.labs[0]
    assert (summary.handed_in, summary.graded, summary.mean) == (2, 1, pytest.approx(0.6))
    assert [(item.learner, item.remedy) for item in found.ungraded] == [("b", "Hand in again.")]


def _aggregate(n: int, labs: int = 2) -> Aggregate:
    everyone = [
        person(f"learner-{i}", *[score(BASICS, i / n), score(CHECKS, 0.5, i / n)][:labs], name=f"Name {i}")
        for i in range(n)
    ]
    return progress.aggregate([(progress.cohort(everyone, ROLE, LABS, SKILLS), SKILLS)])


@pytest.mark.parametrize("n", range(5))
def test_a_group_under_five_is_not_in_the_aggregate(n: int) -> None:
    """Four people are nobody's business."""
    assert _aggregate(n).groups == ()


def test_people_without_a_score_do_not_make_a_group() -> None:
    """Five learners of whom four are graded are a group of four."""
    everyone = [person(f"p{i}", score(BASICS, 0.5)) for i in range(4)] + [person("p5", ungraded(BASICS)), person("p6")]
    assert progress.aggregate([(progress.cohort(everyone, ROLE, LABS, SKILLS), SKILLS)]).groups == ()


def test_two_small_cohorts_of_a_role_make_one_group() -> None:
    """Three and three are six of the same role."""
    cohorts = [
        (progress.cohort([person(f"{c}{i}", score(BASICS, 0.5)) for i in range(3)], ROLE, LABS, SKILLS), SKILLS)
        for c in "ab"
    ]
    (group,) = progress.aggregate(cohorts).groups
    assert (group.role, group.people) == ("finance", 6)


def test_a_lab_of_fewer_than_five_is_left_out_of_a_larger_group() -> None:
    """Six people did the first lab, four of them the second: only the first is told."""
    everyone = [person(f"p{i}", score(BASICS, 0.5), *([score(CHECKS, 0.5, 0.5)] if i < 4 else [])) for i in range(6)]
    (group,) = progress.aggregate([(progress.cohort(everyone, ROLE, LABS, SKILLS), SKILLS)]).groups
    assert [(lab.lab, lab.n) for lab in group.labs] == [("basics", 6)]


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.floats(0, 1), min_size=5, max_size=40))
def test_an_aggregate_tells_nothing_of_fewer_than_five(shares: list[float]) -> None:
    """Cells hold five at least and all people in all; figures are rounded to 0.05; no id or name is in the JSON."""
    everyone = [person(f"learner-{i}", score(BASICS, share), name=f"Name {i}") for i, share in enumerate(shares)]
    found = progress.aggregate([(progress.cohort(everyone, ROLE, LABS, SKILLS), SKILLS)])
    (group,) = found.groups
    for cells in (group.labs[0].bands, *(line.levels for line in group.lines)):
        assert sum(cell.people for cell in cells) == len(shares)
        assert all(cell.people >= 5 for cell in cells)
    for figure in (group.labs[0].mean, *group.labs[0].interval):
        assert round(figure / 0.05, 6) == round(figure / 0.05)
    text = json.dumps(records.dump(found))
    assert "learner-" not in text
    assert "Name" not in text
    assert records.load(Aggregate, json.loads(text)) == found


@given(st.lists(st.integers(0, 12), min_size=1, max_size=8))
def test_merged_cells_cover_the_scale_without_a_gap(counts: list[int]) -> None:
    """From the first label to the last, in order, nobody lost; under five only if there is one cell left."""
    cells = merged([Cell(str(i), str(i), n) for i, n in enumerate(counts)])
    covered = [i for cell in cells for i in range(int(cell.low), int(cell.high) + 1)]
    assert covered == list(range(len(counts)))
    assert sum(cell.people for cell in cells) == sum(counts)
    assert len(cells) == 1 or all(cell.people >= 5 for cell in cells)


def test_levels_that_no_lab_gives_are_not_named() -> None:
    """ "Owns" has no need, so no count stands beside it."""
    (group,) = _aggregate(6).groups
    assert group.lines[0].levels[-1].high == "Validates"


def test_a_phase_needs_its_proofs_and_those_below() -> None:
    """With a graded group and a policy, only the baseline is missing for phase 3."""
    phases = standing(sample.ADOPTION, [ROLE], sample.POLICY, _aggregate(6))
    assert [phase.reached for phase in phases] == [True, True, False, False]
    assert [(p.evidence.id, p.found) for p in phases[2].proofs] == [("policy", True), ("kpi", False)]
    measured = replace(ROLE, file=replace(ROLE.file, kpi=Kpi("Minutes", "minutes", "14.5", "12", counts_review=True)))
    phases = standing(sample.ADOPTION, [measured], sample.POLICY, _aggregate(6))
    assert [phase.reached for phase in phases] == [True, True, True, False]
    phases = standing(sample.ADOPTION, [measured], sample.POLICY, None)
    assert [phase.reached for phase in phases] == [True, False, False, False]


def test_a_declared_proof_is_there_once_it_says_where() -> None:
    """An empty `proof` is a missing one."""
    last = sample.ADOPTION.phases[-1]
    declared = replace(last, evidence=(replace(last.evidence[0], proof="Register 7, quality office"),))
    adoption = replace(sample.ADOPTION, phases=(*sample.ADOPTION.phases[:1], declared))
    phases = standing(adoption, [ROLE], sample.POLICY, None)
    assert phases[-1].reached
    assert phases[-1].proofs[0].where == "Register 7, quality office"


def _wave(course: str, begun: str, people: int, share: float = 0.5, survived: tuple[str, ...] = ()) -> CohortProgress:
    everyone = [
        replace(
            person(f"{course}-{i}", score(BASICS, share, survived=survived)), stated=((0.9, i % 2 == 0), (0.55, True))
        )
        for i in range(people)
    ]
    return replace(progress.cohort(everyone, ROLE, LABS, SKILLS), course=course, begun=begun)


def _group(*waves: CohortProgress) -> Group:
    [group] = progress.aggregate([(wave, SKILLS) for wave in waves]).groups
    return group


def test_waves_are_told_apart_oldest_first() -> None:
    """With people, mean and interval."""
    group = _group(_wave("autumn", "2026-09", 7, 0.8), _wave("spring", "2026-03", 6, 0.4))
    assert [(w.course, w.people, w.mean) for w in group.waves] == [("spring", 6, 0.4), ("autumn", 7, 0.8)]
    assert all(w.interval[0] <= w.mean <= w.interval[1] for w in group.waves)


def test_a_small_wave_hides_all_waves() -> None:
    """Else the group less the others would tell about its few people."""
    assert _group(_wave("autumn", "2026-09", 7), _wave("spring", "2026-03", 4)).waves == ()


@pytest.mark.parametrize(("fooled", "others", "told"), [(5, 5, 5), (12, 1, 8), (4, 9, None), (9, 0, None), (10, 0, 5)])
def test_a_lure_is_told_with_five_people_on_either_side(fooled: int, others: int, told: int | None) -> None:
    """At least so many: never fewer than five, and never all but a few."""
    cohort = progress.cohort(
        [person(f"a{i}", score(BASICS, 0.5, survived=("digit swap",))) for i in range(fooled)]
        + [person(f"b{i}", score(BASICS, 0.5)) for i in range(others)],
        ROLE,
        LABS,
        SKILLS,
    )
    assert [lure.at_least for lure in _group(cohort).lures] == ([] if told is None else [told])


def test_confidence_is_gathered_in_steps_of_ten() -> None:
    """For the trainer with counts; for the organisation rounded, from five people."""
    wave = _wave("autumn", "2026-09", 6)
    assert [(c.low, c.high, c.people, c.decisions, c.right) for c in wave.confidence] == [
        (50, 59, 6, 6, 1.0),
        (90, 100, 6, 6, 0.5),
    ]
    assert [(c.low, c.said, c.right) for c in _group(wave).confidence] == [(50, 0.55, 1.0), (90, 0.9, 0.5)]
    few = replace(wave, confidence=tuple(replace(c, people=4) for c in wave.confidence))
    assert _group(few).confidence == ()


def test_a_small_team_s_figure_stays_with_its_trainer() -> None:
    """The figure of a cohort of four is not in the aggregate, even where its role's group is larger."""
    figure = KpiResult("c", "Minutes", "minutes", True, (Measured("before", 30, 9.0, (8.0, 10.0)),), ())
    small, large = (replace(_wave(c, "2026-09", n), kpi=replace(figure, course=c)) for c, n in (("s", 4), ("l", 5)))
    assert [k.course for k in _group(small, large).kpis] == ["l"]


def test_a_measured_baseline_is_proof() -> None:
    """Where the role's file states none."""
    figure = KpiResult("c", "Minutes", "minutes", True, (Measured("before", 30, 9.0, (8.0, 10.0)),), ())
    found = progress.aggregate([(replace(_wave("l", "2026-09", 6), kpi=figure), SKILLS)])
    for aggregate, there in ((None, False), (found, True)):
        phases = standing(sample.ADOPTION, [ROLE], sample.POLICY, aggregate)
        assert [p.found for phase in phases for p in phase.proofs if p.evidence.source == "kpi"] == [there]


@pytest.mark.parametrize(
    ("scores", "days", "missing"),
    [
        ((score(BASICS, 1.0), score(CHECKS, 0.9, 0.9)), ("2026-11-20",), ((), ())),
        ((score(BASICS, 1.0), score(CHECKS, 0.9, 0.9)), (), ((), ())),
        ((score(BASICS, 1.0), score(CHECKS, 0.9, 0.7)), ("2026-11-20",), ((), ("Validation",))),
        ((score(BASICS, 1.0), ungraded(CHECKS)), ("2026-11-20",), (("Title of checks",), ("Validation",))),
    ],
)
def test_an_ambassador_has_the_whole_track_and_led_a_session(
    scores: tuple[Score, ...], days: tuple[str, ...], missing: tuple[tuple[str, ...], ...]
) -> None:
    """A line that the track gives no "validates" on ("elsewhere") is not asked for; a session alone is not enough."""
    found = progress.learner(LearnerScores("ada", scores, sessions=days), ROLE, LABS, SKILLS).ambassador
    assert (found.labs, found.lines) == missing
    assert found.earned is (bool(days) and missing == ((), ()))
