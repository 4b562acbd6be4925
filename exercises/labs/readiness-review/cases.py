"""Dossiers of use cases: nine proofs, three of them missing, among applause. Phase and decision follow from what is there.

Which proofs are missing, which lines stand in for them, the figures and the people are drawn: the same use case is another
dossier in the next cohort.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from random import Random
from typing import Any

from atelier.kits.decisions.records import Card, DecisionCase, Truth
from grader import invent

# What each phase needs beside the proofs of those below it; the ids are those of courses/adoption.toml.
PHASES: dict[str, tuple[str, ...]] = {
    "pilots": (),
    "scattered": ("list",),
    "measurable": ("owner", "baseline", "tests"),
    "embedded": ("moved", "incidents"),
}
APPLAUSE, CAUTION, HARM, ENTHUSIASM, SEEMING = (
    "licences and log-ins taken for adoption",
    "caution where the proof is there",
    "applause over harm that came back, or over a figure that got worse",
    "enthusiasm without proof",
    "a line that looks like a proof",
)
GRADED = (
    ("Reply drafts", "Customer service"), ("Invoice reading", "Accounts payable"), ("Key terms of contracts", "Legal"),
    ("Texts of offers", "Sales"), ("Minutes", "Project office"), ("Translated manuals", "Documentation"),
    ("Grids of applications", "Recruitment"), ("Program suggestions", "IT development"), ("What complaints say", "Quality"),
    ("Reminder letters", "Accounts receivable"), ("Comments in reports", "Controlling"), ("Answers of the help desk", "IT support"),
)  # fmt: skip
WARM_UP = (
    ("Summaries of tenders", "Purchasing"),
    ("Notes of visits", "Field service"),
    ("Product texts", "E-commerce"),
)

# (phase, decision) of the six dossiers. Each mix has two of each decision and every phase.
_MIXES = (
    (("pilots", "hold"), ("scattered", "hold"), ("scattered", "stop"), ("measurable", "go"), ("measurable", "stop"), ("embedded", "go")),
    (("pilots", "hold"), ("pilots", "stop"), ("scattered", "hold"), ("measurable", "go"), ("measurable", "stop"), ("embedded", "go")),
    (("pilots", "stop"), ("scattered", "hold"), ("scattered", "hold"), ("measurable", "go"), ("embedded", "stop"), ("embedded", "go")),
)  # fmt: skip
_WARM_MIX = (("pilots", "hold"), ("measurable", "go"), ("scattered", "stop"))
# Missing proofs by phase. Without a figure from before there is none after six months that it could be compared with.
_MISSING: dict[str, tuple[tuple[str, str, str], ...]] = {
    "pilots": (("list", "baseline", "moved"), ("list", "owner", "incidents"), ("list", "tests", "exit"), ("list", "owner", "groups")),
    "scattered": (
        ("baseline", "moved", "owner"), ("baseline", "moved", "tests"), ("owner", "incidents", "exit"),
        ("tests", "groups", "guardrail"), ("owner", "tests", "exit"),
    ),
    "measurable": (("incidents", "groups", "exit"), ("incidents", "guardrail", "exit"), ("incidents", "groups", "guardrail")),
    "embedded": (("guardrail", "groups", "exit"),),
}  # fmt: skip

_THERE: dict[str, tuple[str, ...]] = {
    "list": (
        "[table, {month}] {k} teams, {n} people: who, for what, since when. Two who used private accounts are in it.",
        "[mail] “We asked everybody, also what they do at home. List attached: {n} names, what each uses it for.”",
    ),
    "owner": (
        "[minutes] {person}, head of {team}, signs for it each month. Was called at {day} o'clock on a Sunday and answered.",
        "[staff page] Owner of this use: {person}, head of {team} since {month}, budget and switch included.",
    ),
    "baseline": (
        "[sheet] Before the start: {many} cases timed over three weeks, median {b} minutes, checking and correcting included.",
        "[mail] “We had timed {many} cases before it came: {b} minutes in the middle, until the second look was done.”",
    ),
    "tests": (
        "[sheet] Our own {t} test cases, last run {day} {month}: {right} right. Signed: {other}.",
        "[mail] “After each change we run our {t} cases from the archive. {day} {month}: {right} right, list of the others attached.”",
    ),
    "moved": (
        "[sheet] Six months on: median {a} minutes per case with checking ({many} cases), against {b}.",
        "[appendix, p. {day}] Month six, all of {team}: {a} minutes, counted as before ({b}), {many} cases.",
    ),
    "incidents": (
        "[log] {k} entries since the start. Looked through in {month} and three months before; one use was switched off after it.",
        "[minutes] Quarterly look at the incidents: {k}, causes named, two closed, next look in {month}.",
    ),
    "guardrail": (
        "[sheet] Found wrong later, per thousand cases: {g} before, {g} now. It is on the same page as the minutes.",
        "[mail] “We watch cases that come back too, so that nobody just gets faster: {g} % before, {g} % now.”",
    ),
    "groups": (
        "[appendix] By kind of case and site, each with its 95 % range. {city} gains nothing, the others do not overlap with it.",
        "[sheet] Simple and difficult cases apart, each with the range; the difficult ones are {day} % of all.",
    ),
    "exit": (
        "[paper, {month}] How {team} works without it: tried for a day, took {k} people more. Data comes back within 30 days.",
        "[minutes] Day without the tool on {day} {month}: went, slowly. Contract may be ended by the month.",
    ),
}
_SEEMING: dict[str, tuple[str, ...]] = {
    "list": (
        "[dashboard] {n} seats of {lic} active in {k} cost centres. What for is not recorded.",
        "[mail] “Private accounts? Surely hardly anybody. We have not asked.”",
    ),
    "owner": (
        "[form] Owned jointly by the AI steering group (nine members).",
        "[form] Owner: {person}, head of {team}. [staff page] {person}: head of Logistics since {month}.",
    ),
    "baseline": (
        "[slide] “It used to take ages” ({s} of 5 agree). Nobody timed it.",
        "[slide] Time before: {b} minutes (the supplier's average of other customers).",
    ),
    "tests": (
        "[mail] “The demonstration before the board went without a mistake!”",
        "[contract] Quality is tested by the supplier; the report is available on request.",
    ),
    "moved": (
        "[slide] First three weeks, the volunteers: {day} % faster.",
        "[survey] Users reckon that they save {k} hours a week.",
    ),
    "incidents": (
        "[mail] “No incident was reported.” (“Where would one?”, “No idea.”)",
        "[mail] “When something is wrong we tell each other in the corridor.”",
    ),
    "guardrail": ("[sheet] Only the minutes are counted.", "[survey] Quality “feels at least as good”."),
    "groups": ("[slide] One average for all sites and kinds of case.", "[slide] “Everybody gains” (mean of all)."),
    "exit": (
        "[contract] Renews by itself every three years. Nobody has tried a day without it.",
        "[mail] “Going back? We would not know how any more :-)”",
    ),
}
_HARM = (
    "[mail] On {day} {month} it sent {k} people the letter of somebody else; the week after, again. It is on, “with a reminder to be careful”.",
    "[mail] The same slip cost EUR {money} in {month}, and EUR {money2} last week. The tool runs on, the fix is “planned”.",
)
_PRAISE = (
    "[dashboard] {lic} licences, {log} % log in every week.",
    "[survey] {s} of 5, “I would miss it”.",
    "[dashboard] {prompts} prompts a day, rising.",
    "[intranet] Prize for innovation of the group.",
    "[slide] The supplier wants to show us as a reference.",
    "[mail] “My people love it. When do we get more seats?”",
    "[slide] The introductory video was watched by {log} %.",
    "[press] “Among the leaders in our trade.”",
)


@dataclass(frozen=True, slots=True)
class Dossier:
    """What is so: the proofs that are missing, whether harm came back, and whether the figure got worse."""

    missing: tuple[str, ...]
    harm: bool
    worse: bool

    @property
    def phase(self) -> str:
        """Return the highest phase whose proofs, and those of all below it, are there."""
        reached = "pilots"
        for phase, needs in PHASES.items():
            if set(needs) & set(self.missing):
                break
            reached = phase
        return reached

    @property
    def decision(self) -> str:
        """Return stop for harm or a worse figure, go for a proved one from phase 3 on, else hold."""
        if self.harm or (self.worse and "moved" not in self.missing):
            return "stop"
        return "go" if self.phase in ("measurable", "embedded") and "moved" not in self.missing else "hold"


def cases(rng: Random, n: int, *, public: bool = False) -> list[DecisionCase]:
    """Draw `n` dossiers: a mix of phases and decisions over use cases drawn by chance."""
    mix = list(_WARM_MIX if public else rng.choice(_MIXES))
    rng.shuffle(mix)
    uses = rng.sample(WARM_UP if public else GRADED, n)
    return [
        _case(f"{'w' if public else 'c'}{place + 1:02d}", use, _dossier(*mix[place % len(mix)], rng), rng)
        for place, use in enumerate(uses)
    ]


def released(rng: Random) -> dict[str, Any]:
    """Return the graded dossiers as learners see them."""
    return {"cards.json": [asdict(case.card) for case in cases(rng, 6)]}


def _dossier(phase: str, decision: str, rng: Random) -> Dossier:
    missing = rng.choice(_MISSING[phase])
    # What is stopped in a phase without a figure is stopped for harm; else one or the other.
    harm = decision == "stop" and ("moved" in missing or rng.random() < 0.5)
    made = Dossier(missing, harm, worse=decision == "stop" and not harm)
    assert (made.phase, made.decision) == (phase, decision)
    return made


def _case(name: str, use: tuple[str, str], made: Dossier, rng: Random) -> DecisionCase:
    title, team = use
    before, many = rng.randrange(18, 45), rng.randrange(20, 60) * 10
    share = rng.uniform(1.08, 1.3) if made.worse else rng.uniform(0.62, 0.86)
    tests = rng.randrange(6, 16) * 10
    gaps: dict[str, Any] = {
        "team": team, "person": invent.person(rng), "other": invent.person(rng), "city": invent.city(rng), "month": rng.choice(
            ("January", "February", "April", "May", "July", "September")), "b": before, "a": round(before * share), "many": many,
        "t": tests, "right": tests - rng.randrange(2, 7), "k": rng.randrange(3, 9), "day": rng.randrange(11, 23), "n": rng.randrange(24, 90),
        "lic": rng.randrange(3, 20) * 50, "log": rng.randrange(71, 97), "s": f"4.{rng.randrange(3, 9)}", "g": rng.randrange(6, 12),
        "prompts": f"{rng.randrange(4, 30) * 100:,}", "money": f"{rng.randrange(20, 90) * 100:,}", "money2": f"{rng.randrange(20, 90) * 100:,}",
    }  # fmt: skip
    lines = [rng.choice((_SEEMING if proof in made.missing else _THERE)[proof]) for proof in _THERE]
    lines += rng.sample(_PRAISE, 3) + ([rng.choice(_HARM)] if made.harm else [])
    rng.shuffle(lines)
    shown = "\n".join(line.format(**gaps) for line in lines)
    card = Card(f"{name}-{rng.randrange(16**6):06x}", title, team, f"Dossier: {title.lower()}, {team}\n\n{shown}")
    why = {
        "stop": "Harm that came back stops a use today."
        if made.harm
        else "The figure after six months is worse than before.",
        "go": "Phase 3 is reached and the figure is better after six months: extend it, and ask for the rest.",
        "hold": "Nothing harms, and nothing is proved yet.",
    }[made.decision]
    lacking = next((i + 1 for i, needs in enumerate(PHASES.values()) if set(needs) & set(made.missing)), None)
    lacks = f"A proof of phase {lacking} is missing." if lacking else "All proofs of phase 4 are there."
    return DecisionCase(
        card,
        truths={
            "phase": Truth((made.phase,), lacks, APPLAUSE),
            "decision": Truth((made.decision,), why, {"stop": HARM, "go": CAUTION, "hold": ENTHUSIASM}[made.decision],
                              never=("go",) if made.decision == "stop" else ()),
            "proofs": Truth(made.missing, "", SEEMING),
        },
    )  # fmt: skip
