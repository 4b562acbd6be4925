"""What a manager can read out of a group's figures, and do about each. Pure.

Every figure is told with how many people or cases are behind it and its interval. Where the interval leaves both answers open,
it says "not shown either way", as plainly as it tells a success: a flat result is one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from atelier.kits.base import percent
from grader.kpi import FEWEST, Change, KpiResult
from grader.model import Role, Skills
from grader.progress.group import Group, LabAggregate
from grader.templates import span

HOLDS, WEAK = 0.6, 0.6  # a whole interval above the first, or below the second
SURER = 0.1  # surer than right by more than this, on average
_LURES, _CHANGED = 3, "no difference shown"


class Shown(StrEnum):
    """What a figure shows."""

    HOLDS = "holds"
    OPEN = "not shown either way"
    WEAK = "weak"
    MISSING = "not measured"


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of a group in words. `lab` is the id of the lab that it is about; empty if it is about none."""

    about: str
    says: str
    lab: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """Something that a manager can do, what the figures that call for it show, and those figures."""

    do: str
    shown: Shown
    figures: tuple[Figure, ...]


def read(group: Group, role: Role | None, titles: Mapping[str, str], skills: Skills) -> tuple[Step, ...]:
    """Return what can be done, each once with all figures that call for it: about the work first, then the labs, then the rest."""
    target = role.file.kpi.target if role else ""
    found = (
        *_work(group, target),
        *_labs(group, titles),
        *_levels(group, skills),
        *_lures(group),
        *_sure(group),
        *_waves(group),
    )
    steps: dict[tuple[str, Shown], list[Figure]] = {}
    for about, says, shown, do, *lab in found:
        steps.setdefault((do, shown), []).append(Figure(about, says, *lab))
    return tuple(Step(do, shown, tuple(figures)) for (do, shown), figures in steps.items())


# About, says, shown, do, and the lab where it is about one.
_Reading = tuple[str, str, Shown, str] | tuple[str, str, Shown, str, str]


def _work(group: Group, target: str) -> Iterator[_Reading]:
    if not group.kpis:
        yield (
            "The figure of the work",
            "No measured case is on record.",
            Shown.MISSING,
            f"Have {FEWEST} cases measured now, review time included. Labs cannot tell you whether the work changed.",
        )
    for kpi in group.kpis:
        if not kpi.changes:
            cases = ", ".join(f"{m.moment}: {m.n} cases" for m in kpi.moments)
            do = f"Have at least {FEWEST} cases measured before, and as many 30 days after, before you compare."
            yield (_of(kpi), f"{cases}.", Shown.MISSING, do)
        for change in kpi.changes:
            yield _change(kpi, change, target)


def _of(kpi: KpiResult) -> str:
    return f"{kpi.name} ({kpi.course})"


def _change(kpi: KpiResult, change: Change, target: str) -> _Reading:
    n = {m.moment: m.n for m in kpi.moments}
    says = (
        f"{change.moment.capitalize()} against before: {change.verdict}, {change.by} "
        f"on {n.get('before', 0)} and {n.get(change.moment, 0)} cases. Faulty cases: {change.guardrail or 'nobody looked'}."
    )
    if change.verdict == _CHANGED:
        do = "Do not extend on this figure. Look for what eats the gain (checking, most often), or have more cases measured."
        return (_of(kpi), says, Shown.OPEN, do)
    if change.guardrail == "more faults":
        return (_of(kpi), says, Shown.WEAK, "Hold: there are more faults. Mend the check before another team starts.")
    if not change.guardrail:
        return (_of(kpi), says, Shown.OPEN, "Hold until somebody has looked for faults, before and after.")
    asked = f" The target: {target}." if target else ""
    do = f"Extend to one more team if this is the change you wanted, and go on looking for faults.{asked}"
    return (_of(kpi), says, Shown.HOLDS, do)


def _mean(lab: LabAggregate) -> Shown:
    low, high = lab.interval
    return Shown.HOLDS if low >= HOLDS else Shown.WEAK if high < WEAK else Shown.OPEN


def labs_shown(group: Group) -> dict[Shown, int]:
    """Return on how many labs a group holds, is weak, or shows neither."""
    counts = Counter(_mean(lab) for lab in group.labs)
    return {shown: counts[shown] for shown in Shown if counts[shown]}


def _labs(group: Group, titles: Mapping[str, str]) -> Iterator[_Reading]:
    for lab in group.labs:
        says = f"{percent(lab.mean)} of the points, on average ({span(lab.interval)}), {lab.n} people."
        shown = _mean(lab)
        do = {
            Shown.HOLDS: "Let this step start at work, with the check by a person that the policy asks for.",
            Shown.WEAK: "Keep this step as it is for now. Have the lab done again, with an hour of its debrief.",
        }.get(
            shown,
            "Decide nothing on it. Keep the second look at this step until more people have done the lab, or done it again.",
        )
        yield (titles.get(lab.lab, lab.lab), says, shown, do, lab.lab)


def _levels(group: Group, skills: Skills) -> Iterator[_Reading]:
    titles = {line.id: line.title for line in skills.lines}
    high = {
        line.id: {level.title for level in line.levels if level.id in ("validates", "owns")} for line in skills.lines
    }
    for line in group.lines:
        people = sum(cell.people for cell in line.levels)
        sure = sum(cell.people for cell in line.levels if cell.low in high.get(line.line, ()))
        if sure:
            yield (
                titles.get(line.line, line.line),
                f'At least {sure} of {people} people reached "Validates".',
                Shown.HOLDS,
                "There are people who can check for others. Ask the trainer who would lead a session, with their consent.",
            )


def _lures(group: Group) -> Iterator[_Reading]:
    for lure in group.lures[:_LURES]:
        yield (
            lure.kind[:1].upper() + lure.kind[1:],
            f"Got past at least {lure.at_least} of {lure.n} people.",
            Shown.WEAK,
            "Put it on the team's checklist this week, and ask for one example from your own work in the next meeting.",
            lure.lab,
        )


def _sure(group: Group) -> Iterator[_Reading]:
    over = [step for step in group.confidence if step.said - step.right > SURER]
    if over:
        worst = max(over, key=lambda step: step.said - step.right)
        yield (
            "How sure people are",
            f"Where they said {percent(worst.said)} sure, {percent(worst.right)} of the decisions were right.",
            Shown.WEAK,
            "Do not take confidence for a check. What is costly when wrong needs a rule or a second person.",
        )


def _waves(group: Group) -> Iterator[_Reading]:
    if len(group.waves) > 1:
        before, last = group.waves[-2:]
        apart = last.interval[0] > before.interval[1] or last.interval[1] < before.interval[0]
        says = (
            f"{before.course}: {percent(before.mean)} ({span(before.interval)}), {before.people} people. "
            f"{last.course}: {percent(last.mean)} ({span(last.interval)}), {last.people} people."
        )
        better = apart and last.mean > before.mean
        shown = Shown.HOLDS if better else Shown.WEAK if apart else Shown.OPEN
        do = {
            Shown.HOLDS: "Keep what was done differently in the newer wave, and write it down for the next.",
            Shown.WEAK: "Ask the trainer what changed: another team, less time, a newer version of the labs.",
        }.get(shown, "No difference between the waves is shown. Do not report one.")
        yield ("The last two waves", says, shown, do)
