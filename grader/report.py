"""The trainer's report: one HTML file with everything about a cohort. Pure: data in, text out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from statistics import fmean
from typing import TYPE_CHECKING

from markupsafe import Markup

from atelier.kits.base import percent
from grader import charts, kpi, templates
from grader.items import FEWEST, WEAK, Item
from grader.progress.overview import LOW_SHARE, CohortProgress, Lure
from grader.scoring import PASS_SHARE

if TYPE_CHECKING:
    from grader.engines.gate import Gate

MOST_LURES, CHART_LURES = 15, 8


@dataclass(frozen=True, slots=True)
class Report:
    """What a report is made from.

    day     text, such as "24 November 2026"
    gates   lab id -> engine id -> gate, as `gate.load` gives it per lab
    items   the checks' difficulty and discrimination, as `items.analyse` gives them
    """

    course: str
    role: str
    day: str
    cohort: CohortProgress
    gates: Mapping[str, Mapping[str, Gate]] = field(default_factory=dict)
    items: Sequence[Item] = ()


def render(report: Report) -> str:
    """Return the report as one self-contained HTML document."""
    cohort = report.cohort
    ambassadors = [person for person in cohort.learners if person.ambassador.earned]
    led = [person for person in cohort.learners if person.ambassador.sessions and not person.ambassador.earned]
    near = [p for p in cohort.learners if not (p.ambassador.sessions or p.ambassador.labs or p.ambassador.lines)]
    shares = [lab.share for person in cohort.learners for lab in person.labs if lab.share is not None]
    return templates.page(
        "report.html",
        course=report.course,
        role=report.role,
        day=report.day,
        learners=cohort.learners,
        labs=cohort.labs,
        handed_in=sum(lab.handed_in for lab in cohort.labs),
        graded=sum(lab.graded for lab in cohort.labs),
        mean=fmean(shares) if shares else None,
        # One group per learner; `cohort` gives them in the order to call.
        hands=[list(reasons) for _, reasons in groupby(cohort.hands, key=lambda hand: hand.learner)],
        low=LOW_SHARE,
        ambassadors=ambassadors,
        near=near,
        led=led,
        # Sorting is stable: equal means keep the order of the track.
        checks=sorted(cohort.checks, key=lambda check: check.mean),
        pass_share=PASS_SHARE,
        lures=cohort.lures[:MOST_LURES],
        lures_total=len(cohort.lures),
        lures_chart=_lures(cohort.lures[:CHART_LURES]),
        confidence=cohort.confidence,
        confidence_chart=_confidence(cohort),
        kpi=cohort.kpi,
        kpi_chart=charts.kpi(cohort.kpi) if cohort.kpi else None,
        kpi_lines=list(kpi.lines(cohort.kpi)) if cohort.kpi else [],
        kpi_fewest=kpi.FEWEST,
        ungraded=cohort.ungraded,
        flags=cohort.flags,
        gates=report.gates,
        items=report.items,
        fewest=FEWEST,
        weak=WEAK,
    )


def _lures(lures: Sequence[Lure]) -> Markup | None:
    found = [charts.Bar(lure.kind, lure.caught / lure.n) for lure in lures]
    says = "; ".join(f"{bar.label}: {percent(bar.value)}" for bar in found)
    return (
        charts.bars("What caught most", f"Share of graded hand-ins that each got past. {says}.", found)
        if found
        else None
    )


def _confidence(cohort: CohortProgress) -> Markup | None:
    return charts.confidence([(step.said, step.right) for step in cohort.confidence]) if cohort.confidence else None
