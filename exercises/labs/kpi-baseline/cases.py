"""Logs of workflows before and after a model came: what they show, which figure to steer by, and how many cases that takes.

A log is drawn, then read by `reading`; it is drawn again until it shows what the card is about. So the truth is that of the
figures on the card, not of an intention. Which workflow shows what differs by cohort.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from math import sqrt
from random import Random
from typing import Any

from atelier.kits.decisions.records import Card, Chart, DecisionCase, Series, Truth
from grader import invent
from grader.offers import Asked, Order

WEEKS = (-4, -3, -2, -1, 1, 2, 3, 4, 5, 6, 7, 8)
REVIEW, MIX, NOVELTY, FEW, HARM, CAUTION = (
    "checking that grew by what writing lost",
    "an average over cases that got easier",
    "the first weeks taken for the result",
    "a difference that so few cases do not show",
    "speed at the price of errors found later",
    "a gain that an average hides, or a doubt where none is left",
)
LURES = {"moved": REVIEW, "mix": MIX, "novelty": NOVELTY, "few": FEW, "harm": HARM, "better": CAUTION}
_WHY = {
    "moved": "Writing takes less, checking takes as much more: the last line of both kinds is where it was.",
    "mix": "Neither kind got faster. There are fewer cases of the kind {hard}, so the average fell by itself.",
    "novelty": "The first weeks were faster, the last three are where it was before.",
    "few": "The range of the difference reaches beyond zero: it may be nothing.",
    "harm": "It is faster, and what is found wrong later has doubled.",
    "better": "Both kinds are faster with checking, to the last week, and no more is found wrong later.",
    "hidden": "Both kinds are faster, to the last week. The average stands still because more cases of the kind {hard} came.",
}
_SOURCE = (
    "The table is the team's own; the slide is the project's.",
    "The slide was shown last week; the table came with a mail.",
)


@dataclass(frozen=True, slots=True)
class Flow:
    """A workflow: its unit, its two kinds, what is measured, what the aim is, and what goes wrong when it goes wrong.

    first, all_   the step that the model took over, and the way to the end; `unit` is that of both
    harm          what is found wrong later, counted by the team itself
    aside         a figure at hand that the model does not touch
    """

    title: str
    team: str
    case: str
    easy: str
    hard: str
    aim: str
    unit: str
    first: str
    all_: str
    second: str
    harm: str
    aside: str

    @property
    def span(self) -> str:
        """Return the first step as it follows a number and its unit."""
        return f"for {self.first}" if self.unit == "minutes" else self.first


_HOURS = ("minutes", "writing", "until it is released", "checking")
_SOONER = ("hours", "until the draft", "until it is sent", "waiting for the check")


def _flow(title: str, team: str, case: str, kinds: tuple[str, str], aim: str, said: tuple[str, str, str, str], harm: str, aside: str) -> Flow:  # fmt: skip
    unit, first, all_, second = said
    return Flow(title, team, case, *kinds, aim, unit, first, all_, second, harm, aside)


GRADED = (
    _flow("Replies to customers", "Customer service", "reply", ("one question", "several questions"), "free working time in the team", _HOURS,
          "replies that promised something wrong", "mails that come in"),
    _flow("Offers", "Sales", "offer", ("from the catalogue", "made to measure"), "have offers out sooner", _SOONER,
          "offers with a wrong price", "requests per week"),
    _flow("Minutes of meetings", "Project office", "record", ("short meetings", "long meetings"), "free working time in the team", _HOURS,
          "decisions recorded wrongly", "meetings per week"),
    _flow("Reports of damage", "Claims", "report", ("glass", "water"), "give customers their decision sooner", _SOONER,
          "decisions taken back", "damages reported"),
    _flow("Translated manuals", "Documentation", "page", ("known parts", "new parts"), "free working time in the team", _HOURS,
          "pages corrected after printing", "pages ordered"),
    _flow("Answers of the help desk", "IT support", "ticket", ("passwords", "programs"), "have people back at work sooner", _SOONER,
          "tickets opened again", "new tickets per week"),
    _flow("Comments in the monthly report", "Controlling", "comment", ("single sites", "whole groups"), "free working time in the team", _HOURS,
          "comments that name a wrong cause", "accounts with a deviation"),
    _flow("Job offers", "Recruitment", "job offer", ("known posts", "new posts"), "have offers published sooner", _SOONER,
          "offers withdrawn or corrected", "posts to be filled"),
)  # fmt: skip
WARM_UP = (
    _flow("Letters to members", "Association office", "letter", ("changes of address", "complaints"), "free working time in the team", _HOURS,
          "letters that had to be taken back", "letters that come in"),
    _flow("Tender summaries", "Purchasing", "summary", ("below 20 pages", "above 20 pages"), "have bids decided sooner", _SOONER,
          "summaries that missed a condition", "tenders published"),
    _flow("Notes of visits", "Field service", "note", ("maintenance", "repair"), "free working time in the team", _HOURS,
          "visits repeated for a wrong note", "visits per week"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Week:
    """A week of a log: per kind (easy, hard) how many cases, and means of first step and second step; errors found later."""

    cases: tuple[int, int]
    first: tuple[float, float]
    second: tuple[float, float]
    wrong: int

    def total(self, kind: int) -> float:
        """Return the mean over all steps of a kind."""
        return self.first[kind] + self.second[kind]

    def over(self, values: tuple[float, float]) -> float:
        """Return the mean of `values` per kind over all cases."""
        return sum(n * v for n, v in zip(self.cases, values, strict=True)) / sum(self.cases)

    @property
    def mean(self) -> float:
        """Return the mean over all cases and steps."""
        return self.over((self.total(0), self.total(1)))


@dataclass(frozen=True)
class Log:
    """Twelve weeks, four of them before; `scatter` is the standard deviation of single cases of a kind."""

    weeks: tuple[Week, ...]
    scatter: float

    @property
    def before(self) -> tuple[Week, ...]:
        """Return the weeks before the model came."""
        return self.weeks[:4]

    @property
    def after(self) -> tuple[Week, ...]:
        """Return the weeks since it came."""
        return self.weeks[4:]

    @cached_property
    def base(self) -> float:
        """Return the mean before, over all cases and steps."""
        return _mean(self.before)

    def kind(self, kind: int, weeks: Sequence[Week]) -> float:
        """Return the mean of a kind over all steps, in `weeks`."""
        return sum(w.cases[kind] * w.total(kind) for w in weeks) / sum(w.cases[kind] for w in weeks)

    def change(self, weeks: Sequence[Week]) -> float:
        """Return the change against before within each kind, as a share; both kinds count alike."""
        return sum(self.kind(k, weeks) / self.kind(k, self.before) - 1 for k in (0, 1)) / 2

    @cached_property
    def difference(self) -> tuple[float, float]:
        """Return the difference of means over all cases, after minus before, and the half-width of its 95 % range."""
        spread = [_spread(weeks, self.scatter) for weeks in (self.before, self.after)]
        return _mean(self.after) - self.base, 1.96 * sqrt(sum(spread))


def _mean(weeks: Sequence[Week]) -> float:
    return sum(sum(w.cases) * w.mean for w in weeks) / sum(sum(w.cases) for w in weeks)


def _spread(weeks: Sequence[Week], scatter: float) -> float:
    """Return the variance of a mean over all cases: within kinds, and between them."""
    n, mean = sum(sum(w.cases) for w in weeks), _mean(weeks)
    between = sum(w.cases[k] * (w.total(k) - mean) ** 2 for w in weeks for k in (0, 1)) / n
    return (scatter**2 + between) / n


def reading(log: Log) -> str:
    """Return what a log shows, from its figures alone; empty where it is not clear enough to ask anybody."""
    diff, half = log.difference
    wrong = [sum(w.wrong for w in weeks) / sum(sum(w.cases) for w in weeks) for weeks in (log.before, log.after)]
    if sum(sum(w.cases) for w in log.after) < 60:
        return "few" if -0.2 < diff / log.base < -0.06 and half > 1.3 * -diff else ""
    early, late = log.change(log.after[:3]), log.change(log.after[-3:])
    if wrong[1] > 1.8 * wrong[0]:
        return "harm" if early < -0.15 and late < -0.15 else ""
    if wrong[1] > 1.25 * wrong[0]:
        return ""
    if late < -0.15:
        if early > -0.15:
            return ""
        return "better" if diff < -half and diff / log.base < -0.12 else "hidden" if abs(diff / log.base) < 0.06 else ""
    if abs(late) > 0.04:
        return ""
    if early < -0.2:
        return "novelty" if diff < -half else ""
    if abs(early) > 0.05:
        return ""
    first = _first(log.after) / _first(log.before) - 1
    if diff / log.base < -0.12 and diff < -half:
        return "mix"
    return "moved" if first < -0.25 and abs(diff / log.base) < 0.05 else ""


def _first(weeks: Sequence[Week]) -> float:
    return sum(sum(w.cases) * w.over(w.first) for w in weeks) / sum(sum(w.cases) for w in weeks)


def _of(weeks: Sequence[Week], kind: int) -> float:
    """Return the mean of the first step of a kind, in `weeks`."""
    return sum(w.cases[kind] * w.first[kind] for w in weeks) / sum(w.cases[kind] for w in weeks)


def cases(rng: Random, n: int, *, public: bool = False) -> list[DecisionCase]:
    """Draw `n` logs, two of which show a gain, one of these hidden by an average; all others show no good one."""
    if public:
        shown = ["moved", "hidden", "mix"]
    else:
        shown = ["better", "hidden", "harm", *rng.sample(("moved", "mix", "novelty", "few"), 3)]
    rng.shuffle(shown)
    flows = rng.sample(WARM_UP if public else GRADED, n)
    ratios = [(2, 3, 2.5)[i % 3] for i in range(n)]
    rng.shuffle(ratios)
    order = _Cards(Order(rng, n), rng, "w" if public else "c")
    return [order.case(i, flow, shown[i % len(shown)], ratios[i]) for i, flow in enumerate(flows)]


def released(rng: Random) -> dict[str, Any]:
    """Return the graded cards as learners see them."""
    return {"cards.json": [asdict(case.card) for case in cases(rng, 6)]}


def _draw(shows: str, ratio: float, rng: Random) -> tuple[Log, float]:
    """Return a log that shows `shows`, and the smallest difference that is worth it; cases scatter by `ratio` times that."""
    while True:
        base = rng.randrange(16, 34)
        worth = float(max(2, round(base * 0.15)))
        log = Log(tuple(_week(week, shows, base, worth * ratio, rng) for week in WEEKS), worth * ratio)
        if reading(log) == shows:
            return log, worth


# Factors of first and second step since the model came, and the share of hard cases before and since.
_FACTORS = {
    "moved": (0.5, 1.93), "mix": (0.86, 1.26), "novelty": (1.0, 1.0), "few": (0.75, 1.05), "harm": (0.62, 0.95),
    "better": (0.6, 1.0), "hidden": (0.6, 1.0),
}  # fmt: skip
_HARD = {"mix": (0.6, 0.24), "hidden": (0.25, 0.63)}
_WEAR = (0.4, 0.45, 0.55, 0.75, 0.9, 1.0, 1.0, 1.0)  # the first step, week by week, of a novelty


def _week(week: int, shows: str, base: float, scatter: float, rng: Random) -> Week:
    since = week > 0
    many = rng.randrange(3, 6) if shows == "few" else rng.randrange(80, 131)
    hard = min(max(round(many * (_HARD.get(shows, (0.4, 0.4))[since] + rng.uniform(-0.03, 0.03))), 1), many - 1)
    one, two = _FACTORS[shows] if since else (1.0, 1.0)
    if shows == "novelty" and since:
        one = _WEAR[week - 1]
    counts = (many - hard, hard)
    noise = [rng.gauss(0, scatter / sqrt(n)) / 2 for n in counts for _ in (0, 1)]
    means = [base, base * 2.2]
    first = tuple(max(round(m * 0.66 * one + noise[2 * k], 1), 1.0) for k, m in enumerate(means))
    second = tuple(max(round(m * 0.34 * two + noise[2 * k + 1], 1), 0.5) for k, m in enumerate(means))
    rate = 0.04 * (2.3 if shows == "harm" and since else 1)
    wrong = max(round(many * rate + rng.uniform(-1, 1)), 0)
    return Week(counts, (first[0], first[1]), (second[0], second[1]), wrong)


@dataclass(frozen=True, slots=True)
class _Cards:
    order: Order
    rng: Random
    letter: str

    def case(self, number: int, flow: Flow, shows: str, ratio: float) -> DecisionCase:
        log, worth = _draw(shows, ratio, self.rng)
        reads = "better" if shows == "hidden" else shows
        asked = {
            "kpi": self._kpi(flow),
            "target": self._target(flow, log, worth),
            "guardrail": self._guardrail(flow),
            "sample": self._sample(ratio),
        }
        shown = {name: self.order.arrange(name, number, question) for name, question in asked.items()}
        card = Card(
            f"{self.letter}{number + 1:02d}-{self.rng.randrange(16**6):06x}",
            flow.title,
            flow.team,
            self._sheet(flow, log, worth),
            table=_table(flow, log),
            charts=_charts(flow, log),
            offers={name: offers for name, (offers, _) in shown.items()},
        )
        never = ("better",) if reads == "harm" else ()
        verdict = Truth((reads,), _WHY[shows].format(hard=f"“{flow.hard}”"), LURES[reads], never=never)
        return DecisionCase(card, truths={"verdict": verdict, **{name: truth for name, (_, truth) in shown.items()}})

    def _sheet(self, flow: Flow, log: Log, worth: float) -> str:
        diff, half = log.difference
        fast = round(100 * (1 - _first(log.after[:3]) / _first(log.before)))
        slide = self.rng.choice((
            f"“{fast} % less time {flow.span}!”",
            f"“After three weeks: {fast} % faster, measured by the tool {flow.span}.”",
        )) if fast > 0 else f"“No visible effect on the average {flow.case}.”"  # fmt: skip
        return (
            f"{invent.person(self.rng)}, head of {flow.team}, wants to {flow.aim}. A model has prepared each {flow.case} since week 1.\n\n"
            f"Slide: {slide}\n{self.rng.choice(_SOURCE)}\n\n"
            f"Mean {flow.all_}, all cases, since week 1 against before: {_signed(diff)} {flow.unit} "
            f"(95 % range {_signed(diff - half)} to {_signed(diff + half)}).\n"
            f"Single cases of one kind scatter by {log.scatter:g} {flow.unit}. Less than {worth:g} {flow.unit} would not be worth the licences."
        )

    def _kpi(self, flow: Flow) -> Asked:
        said = self.rng.choice((
            "{what}, {second} included, each kind by itself",
            "By kind: {what}, with {second}",
            "For each kind by itself: {what}, {second} counted in",
        ))  # fmt: skip
        per = f"per {flow.case}"

        def figure(what: str, second: str) -> str:
            return _upper(said.format(what=what, second=second))

        # Said alike for each aim: only the aim on the card tells the one from the other.
        work = figure(f"minutes of work {per} until it is released", "checking")
        wait = figure(f"hours {per} from its arrival until it is sent", "waiting for the check")
        right, other = (work, wait) if flow.unit == "minutes" else (wait, work)
        wrong = (
            (figure(f"{flow.unit} {per} {flow.span}, timed by the tool", "corrections to the draft"), 1.0, False),
            (f"{flow.unit.capitalize()} {per} {flow.all_}, {flow.second} included, as one average over all kinds", 0.3, False),
            (other, 0.7, False),
            (figure(f"hours saved {per}, as the users of {flow.team} estimate them", flow.second), 1.0, False),
            (f"Share of each kind of {flow.case} that {flow.team} prepares with it, week by week", 1.0, False),
        )  # fmt: skip
        return Asked((right,), wrong, "It measures the aim to the end, checking included, like against like.", REVIEW)

    def _target(self, flow: Flow, log: Log, worth: float) -> Asked:
        kinds = [log.kind(k, log.before) for k in (0, 1)]
        drafts = [_of(log.before, k) for k in (0, 1)]
        month = self.rng.choice(("March", "May", "September", "November"))
        said = self.rng.choice((
            "In weeks 20 to 24: “{easy}” {one} {unit}, “{hard}” {two}, {all_}",
            "“{easy}” {one}, “{hard}” {two} {unit} {all_}, measured in {month}, half a year on",
        ))  # fmt: skip

        def target(means: Sequence[float]) -> str:
            one, two = (f"from {m:.0f} to {m - worth * (1, 2)[k]:.0f}" for k, m in enumerate(means))
            return _upper(said.format(easy=flow.easy, hard=flow.hard, one=one, two=two, unit=flow.unit, all_=flow.all_, month=month))  # fmt: skip

        wrong = (
            # The same words; the figures are those of the draft. Only the log tells the one from the other.
            (target(drafts), 1.0, False),
            (f"By {month}, each kind by itself, 40 % less time {flow.all_}: that is what the supplier's other customers report for cases like ours", 1.0, False),
            (f"From {log.base:.0f} to {log.base - worth:.0f} {flow.unit} {flow.all_} on average, in the first month with the new version, when everybody has been trained", 0.5, False),
            (f"Clearly less time {flow.all_}, for both kinds, by {month}", 1.0, False),
        )  # fmt: skip
        why = "From our own figure to the end, as the lines by kind show it before, once the novelty is over."
        return Asked((target(kinds),), wrong, why, NOVELTY)

    def _guardrail(self, flow: Flow) -> Asked:
        some = self.rng.choice((20, 30, 40))
        said = self.rng.choice((
            "Per hundred, no more {what} than before",
            "{what} among a hundred, counted by us: not above the weeks before",
        ))  # fmt: skip

        def guard(what: str) -> str:
            return _upper(said.format(what=what))

        wrong = (
            (guard(f"errors that the check finds in a {flow.case}"), 0.8, False),
            (guard(f"people in {flow.team} unhappy with the tool"), 1.0, False),
            (f"{_upper(flow.aside)}: no more than before", 1.0, False),
            (f"The share of drafts of the last {some} days that are taken over without a change must not fall below that of the weeks before", 0.8, False),
        )  # fmt: skip
        why = "It shows the harm, is counted after the check, and gets worse if people only hurry."
        return Asked((guard(flow.harm),), wrong, why, HARM)

    def _sample(self, ratio: float) -> Asked:
        right = round((4 * ratio) ** 2)
        wrong = ((round(4 * ratio), 1.0), (round((2 * ratio) ** 2), 0.8), (right * 4, 0.5), (1000, 0.6))
        return Asked(
            (_many(right),),
            tuple((_many(n), cost, False) for n, cost in wrong),
            f"4 × scatter ÷ difference is {4 * ratio:g}; its square is {right}.",
            FEW,
        )


def _many(n: int) -> str:
    return f"{n:,}"


def _upper(label: str) -> str:
    """Return `label` with a capital, also where it begins with a quotation mark."""
    at = 1 if label.startswith("“") else 0
    return label[:at] + label[at : at + 1].upper() + label[at + 1 :]


def _signed(value: float) -> str:
    return f"{value:+.1f}".replace("-", "−")


def _table(flow: Flow, log: Log) -> tuple[tuple[str, ...], ...]:
    head = ("week", "cases", f"of these {flow.hard}", flow.first, flow.second, "wrong later")
    rows = [
        (str(week).replace("-", "−"), str(sum(w.cases)), str(w.cases[1]), f"{w.over(w.first):.1f}", f"{w.over(w.second):.1f}", str(w.wrong))
        for week, w in zip(WEEKS, log.weeks, strict=True)
    ]  # fmt: skip
    return (head, *rows)


def _charts(flow: Flow, log: Log) -> tuple[Chart, ...]:
    labels = tuple(str(week).replace("-", "−") for week in WEEKS)

    def line(name: str, values: Sequence[float]) -> Series:
        return Series(name, tuple(round(value, 1) for value in values))

    return (
        Chart("All cases, by week", flow.unit, labels, (
            line("to the draft", [w.over(w.first) for w in log.weeks]), line("to the end", [w.mean for w in log.weeks]),
        )),
        Chart("To the end, by kind", flow.unit, labels, (
            line(flow.easy, [w.total(0) for w in log.weeks]), line(flow.hard, [w.total(1) for w in log.weeks]),
        )),
    )  # fmt: skip
