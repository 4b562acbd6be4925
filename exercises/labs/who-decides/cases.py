"""Uses that are about to start: what each does, where it runs, who is around. The policy says who may own and check, and what may go in.

A card is put together from a use, a place, a consequence and a constellation of people, each drawn by itself: the same use comes
with another answer in the next cohort.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from random import Random
from typing import Any

from atelier.kits.decisions.records import Card, DecisionCase
from atelier.policy import Policy
from grader import invent
from grader.offers import Asked, Order

ORPHAN, EXPERT = "an owner on paper who is not there", "whoever knows it best, in place of who answers for it"
SELF, LIGHT, STRICT = "self-approval", "a check that is lighter than the consequence", "a check that nobody needs"
TOO_MUCH, NO_PLACE = "more data than the task needs", "data that the place may not see"
STOP = "a figure that shows use, not harm, or a stop that ends in a meeting"

_GRAVE = 1.5  # what nobody may decide, per card

_MONTHS = ("March", "April", "May", "June", "September", "October")
_OTHER_TEAMS = ("Logistics", "Marketing", "Purchasing", "Quality", "Facilities", "Export")


Lead = tuple[str, tuple[str, ...]]  # what may follow: in words, and as ids of the policy's consequences


@dataclass(frozen=True, slots=True)
class Data:
    """What could go in: its classes, and whether it is enough for the task. The leanest that is enough comes first."""

    label: str
    classes: tuple[str, ...]
    enough: bool = True


@dataclass(frozen=True, slots=True)
class Use:
    """A use: what it makes (`unit`), what for, what may follow (sentence and consequences), and what could go in."""

    title: str
    team: str
    unit: str
    pitch: str
    leads: tuple[Lead, ...]
    data: tuple[Data, ...]


_OUT = ("What it writes goes out once it is checked.", ("outside",))
_DRAFT = ("Nobody acts on it: it is a first idea, and whoever asked for it writes their own.", ("draft",))
_UNDONE = ("If it is wrong, whoever notices corrects it in the system; that costs a minute.", ("reversible",))
_SMALL = ("The amount is paid on release. None was ever above EUR {low}.", ("money",))
_LARGE = (
    "The amount is paid on release. Most are small; this month two are of EUR {high}.",
    ("money", "large-payment"),
)
_PERSON = ("Whoever is marked gets a refusal.", ("decides",))

GRADED: tuple[Use, ...] = (
    Use("Replies to customers", "Customer service", "replies", "It drafts the reply to each mail about an order.", (_OUT, _DRAFT), (
        Data("The mails as they came", ("personal",)),
        Data("The mails and the whole customer file", ("personal", "confidential")),
        Data("The mails, and the doctors' notes that some attach", ("personal", "sensitive")),
        Data("Our published answers, without the mails", ("public",), enough=False),
    )),
    Use("Invoices into the payment run", "Accounts payable", "records", "It reads number, IBAN and total from each supplier's invoice.", (_SMALL, _LARGE), (
        Data("The invoices", ("confidential",)),
        Data("The invoices and all supplier contracts", ("confidential",)),
        Data("The invoices, and payroll for the cost centres", ("confidential", "sensitive")),
        Data("A list of the suppliers' published addresses", ("public",), enough=False),
    )),
    Use("Text of a job offer", "Recruitment", "offers", "It rewrites last spring's job offer for another town.", (_OUT, _DRAFT), (
        Data("Last spring's published offer", ("public",)),
        Data("The published offer, and the CVs of those who got the post", ("public", "personal")),
        Data("The published offer, and the team's salaries", ("public", "sensitive")),
        Data("The name of the post", ("public",), enough=False),
    )),
    Use("Marks on applications", "Recruitment", "marks", "It compares each CV with the six criteria of the post.", (_PERSON,), (
        Data("The CVs without photo, age and address", ("personal",)),
        Data("The CVs as they were sent", ("personal",)),
        Data("The CVs, and the personnel files of those who work here already", ("personal", "sensitive")),
        Data("The job offer alone", ("public",), enough=False),
    )),
    Use("Dates of contracts", "Contract office", "dates", "It finds the notice period of each contract for the register.", (_UNDONE, _OUT), (
        Data("The pages with term and notice", ("confidential",)),
        Data("The contracts, and the offers under negotiation", ("confidential",)),
        Data("The whole files, with the letters of counsel", ("confidential", "sensitive")),
        Data("The published model contract", ("public",), enough=False),
    )),
    Use("Minutes of the project", "Project office", "minutes", "It turns notes into minutes.", (_UNDONE, _DRAFT), (
        Data("The notes, which name teams and no people", ("internal",)),
        Data("The recording of the meeting", ("personal",)),
        Data("The recording, and the personnel talk after it", ("personal", "sensitive")),
        Data("The invitation that hangs at the entrance", ("public",), enough=False),
    )),
    Use("What complaints are about", "Quality", "reports", "It sums up, for one shop and week at a time, which product and fault complaints are about.", (_OUT, _DRAFT), (
        Data("Counts per product and fault, no text", ("internal",)),
        Data("The complaints with names", ("personal",)),
        Data("The complaints, and the medical reports that some attach", ("personal", "sensitive")),
        Data("Our open review page", ("public",), enough=False),
    )),
    Use("Odd lines in payroll", "Payroll", "lines", "It looks for a double bonus or a missing month.", (_UNDONE, _SMALL), (
        Data("The payroll lines with staff numbers", ("sensitive",)),
        Data("The payroll lines with names and bank details", ("sensitive", "personal")),
        Data("The payroll lines, and the sick notes", ("sensitive",)),
        Data("Totals per site", ("internal",), enough=False),
    )),
    Use("Product pages", "E-commerce", "pages", "It writes the page of each product in three languages.", (_OUT, _DRAFT), (
        Data("The published data sheets", ("public",)),
        Data("The data sheets, and the one of the next model", ("public", "confidential")),
        Data("The data sheets, and customers' letters", ("public", "personal")),
        Data("The product names", ("public",), enough=False),
    )),
    Use("Reminders to companies", "Accounts receivable", "letters", "It writes the reminder for each open invoice.", (_OUT,), (
        Data("Company, invoice, amount and days", ("confidential",)),
        Data("The open items of everybody, private customers too", ("confidential", "personal")),
        Data("The ledger, and the sick notes some private customers sent", ("confidential", "sensitive")),
        Data("How many invoices are open", ("internal",), enough=False),
    )),
    Use("Requests for leave", "Shift planning", "answers", "It compares each request for leave with the plan.", (_UNDONE, _PERSON), (
        Data("Staff number, days, shift", ("personal",)),
        Data("Staff number, days, shift, private address and phone", ("personal",)),
        Data("The requests with their reasons, sick notes too", ("personal", "sensitive")),
        Data("How many people are off each week", ("internal",), enough=False),
    )),
)  # fmt: skip
WARM_UP: tuple[Use, ...] = (
    Use("Travel claims", "Travel office", "claims", "It reads receipts and prepares the refund of each trip.", (_SMALL, _LARGE), (
        Data("The receipts and the claim", ("personal",)),
        Data("The receipts, the claim and the calendar of the traveller", ("personal",)),
        Data("The receipts, and the reason for a stay in hospital", ("personal", "sensitive")),
        Data("The published travel rules", ("public",), enough=False),
    )),
    Use("Newsletter", "Communication", "texts", "It shortens articles for the customers' newsletter.", (_OUT,), (
        Data("The articles from our site", ("public",)),
        Data("The articles, and those that are not out yet", ("public", "confidential")),
        Data("The articles, and the list of subscribers", ("public", "personal")),
        Data("The headlines", ("public",), enough=False),
    )),
    Use("Comparison of offers", "Buying", "tables", "It puts three offers side by side for the buyer.", (_DRAFT, _UNDONE), (
        Data("The three offers", ("confidential",)),
        Data("The three offers, and all contracts with these suppliers", ("confidential",)),
        Data("The three offers, and the buyers' salaries", ("confidential", "sensitive")),
        Data("The suppliers' brochures", ("public",), enough=False),
    )),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody on the card: a post of the policy, whether it is of this department, and whether they are there."""

    name: str
    post: str
    here: bool = True
    there: bool = True


@dataclass(frozen=True, slots=True)
class Team:
    """Who is around: those who could be named as owner, who prepares, who else knows the work, and the lines about them."""

    people: tuple[Person, ...]
    prepares: str
    knows: str
    it: str
    lines: tuple[str, ...]
    lure: str


def cases(rng: Random, n: int, *, public: bool = False, policy: Policy) -> list[DecisionCase]:
    """Draw `n` uses about to start. Right answers stand at every place of the lists equally often."""
    uses = _spread(WARM_UP if public else GRADED, n, rng, policy)
    places = [policy.tiers[i % len(policy.tiers)] for i in range(n)]
    heads = [i % 4 for i in range(n)]
    rng.shuffle(places)
    rng.shuffle(heads)
    order = Order(rng, n)
    found = []
    for number, (use, (says, leads)) in enumerate(uses):
        team = _team(use, heads[number], rng)
        fit = next((d for d in use.data if d.enough and policy.may_see(places[number], d.classes)), None)
        # What does not run at this place is checked, wherever it runs, as what the task needs would be.
        needed = fit or use.data[0]
        amounts = {
            "low": f"{rng.randrange(10, policy.payment_limit // 10) * 9:,}",
            "high": f"{policy.payment_limit + rng.randrange(1, 90) * 50:,}",
        }
        asked = {
            "owner": _owner(team, policy),
            "data": _data(use, fit, lambda d, tier=places[number]: policy.may_see(tier, d.classes)),
            "validation": _validation(use, team, needed, leads, policy),
            "stop-rule": _stop_rule(use, team, rng),
        }
        shown = {name: order.arrange(name, number, question) for name, question in asked.items()}
        card = Card(
            f"{'w' if public else 'c'}{number + 1:02d}-{rng.randrange(16**6):06x}",
            use.title,
            use.team,
            _sheet(use, team, says.format(**amounts), places[number].title, rng),
            offers={name: offers for name, (offers, _) in shown.items()},
        )
        found.append(DecisionCase(card, truths={name: truth for name, (_, truth) in shown.items()}))
    return found


def _spread(uses: Sequence[Use], n: int, rng: Random, policy: Policy) -> list[tuple[Use, Lead]]:
    """Draw `n` different uses with a consequence of each, such that every level of check is asked for about equally often."""
    pairs = [(use, lead) for use in uses for lead in use.leads]
    piles: dict[str, list[tuple[Use, Lead]]] = {}
    for use, lead in rng.sample(pairs, len(pairs)):
        level = policy.validation_for(use.data[0].classes, lead[1])
        piles.setdefault(level.id if level else "", []).append((use, lead))
    found: list[tuple[Use, Lead]] = []
    while len(found) < n:
        # The rarest level chooses first, or its uses would be taken.
        for name in sorted(piles, key=lambda level: len(piles[level])):
            taken = {use.title for use, _ in found}
            found += [pair for pair in piles[name] if pair[0].title not in taken][:1]
    del found[n:]
    rng.shuffle(found)
    return found


def released(rng: Random, *, policy: Policy) -> dict[str, Any]:
    """Return the graded cards as learners see them."""
    return {"cards.json": [asdict(case.card) for case in cases(rng, 8, policy=policy)]}


def _sheet(use: Use, team: Team, follows: str, place: str, rng: Random) -> str:
    lines = "\n".join(f"- {line}" for line in rng.sample(team.lines, len(team.lines)))
    return (
        f"{use.pitch} {follows}\nIt runs here: {place}.\nAbout {rng.randrange(4, 40) * 10} {use.unit} a week.\n\n"
        f"Who is around, from mails and the staff page:\n{lines}"
    )


def _team(use: Use, kind: int, rng: Random) -> Team:
    """Draw the people. Whoever heads the department is there, on leave with a deputy, just replaced, or not found yet."""
    names = _names(rng, 8)
    head, other, consultant, it, protection, prepares, knows, payer = names
    month, dept = rng.choice(_MONTHS), rng.choice([t for t in _OTHER_TEAMS if t != use.team])
    lure = ORPHAN
    if kind == 0:
        heads = (Person(head, "head"), Person(other, "head", here=False))
        lines = [
            f"{head} heads {use.team} and reports its figures.",
            f"{other} had the idea, signed the first form, and has headed {dept} since {month}.",
        ]
        lure = EXPERT
    elif kind == 1:
        heads = (Person(other, "head"), Person(head, "head", there=False))
        lines = [
            f"{head} heads {use.team}; on leave until the end of {month}.",
            f"{other} stands in for {head}, with budget and signature.",
        ]
    elif kind == 2:
        heads = (Person(other, "head"), Person(head, "head", here=False))
        lines = [
            f"{head}: head of {use.team} on the approval form. Advises the board since {month}.",
            f"{other} took {use.team} over on the first of the month.",
        ]
    else:
        heads = (Person(other, "head"), Person(head, "head", there=False))
        lines = [
            f"{head} headed {use.team} and left the company in {month}. The post is advertised.",
            f"{other}, one of the directors, runs {use.team} until it is filled.",
        ]
    firm = invent.firm(rng)
    others = [
        (Person(consultant, "supplier"), f"{consultant} of {firm} set it up and offers to look after it."),
        (Person(it, "it"), f"{it} of IT keeps it running."),
        (Person("The AI circle", "committee"), "The AI circle (seven people, every other Thursday) has approved it."),
        (Person(protection, "data-protection"), f"{protection}, data protection, has read the file; two remarks."),
        (Person(payer, "head", here=False), f"{payer} heads {dept}, out of whose budget the licence is paid."),
    ]
    lines += [line for _, line in others]
    lines += [
        f"{prepares} wrote the instructions, feeds it every morning and prepares the {use.unit}.",
        f"{knows} does the same work as {prepares} and has the sources at hand.",
    ]
    strangers = [person for person, _ in rng.sample(others, 3)]
    return Team((*heads, *strangers), prepares, knows, it, tuple(lines), lure)


def _names(rng: Random, n: int) -> list[str]:
    """Draw people of whom no two share a first name or a last word, so that a card can be read without a pencil."""
    found: list[str] = []
    taken: set[str] = set()
    while len(found) < n:
        name = invent.person(rng)
        ends = {name.split()[0], name.split()[-1]}
        if taken.isdisjoint(ends):
            taken |= ends
            found.append(name)
    return found


def _owner(team: Team, policy: Policy) -> Asked:
    fit = [p.name for p in team.people if policy.post(p.post).owns and p.here and p.there]
    wrong = [(p.name, 1.0, False) for p in team.people if p.name not in fit]
    return Asked(
        tuple(fit),
        (*wrong, ("Nobody yet: it is only a pilot", _GRAVE, True)),
        "It is the one who answers for the department's result today, and is there to stop it.",
        team.lure,
    )


def _data(use: Use, fit: Data | None, allowed: Callable[[Data], bool]) -> Asked:
    none = "None of these: it cannot run at this place"
    costs = [(d.label, 0.5 if d.enough and allowed(d) else 1.0, False) for d in use.data if d is not fit]
    if fit is None:
        return Asked((none,), tuple(costs), "The place may not see what the task needs.", NO_PLACE)
    return Asked(
        (fit.label,), (*costs, (none, 0.8, False)), "It is enough for the task, and the place may see it.", TOO_MUCH
    )


# How a level of the policy sounds when somebody does it; a level of another name is told by its title.
_DONE = {
    "none": "Nobody has to check it before it is used; whoever uses it reads it anyway",
    "sample": "{who} checks twenty a week against the source and writes the errors down",
    "each": "{who} checks each one against the source before it is used or sent",
    "two": "{who} checks each one against the source, and the owner signs it before it is used or sent",
}


def _validation(use: Use, team: Team, needed: Data, leads: Sequence[str], policy: Policy) -> Asked:
    level = policy.validation_for(needed.classes, leads)
    assert level is not None, f"{use.title}: a use that is not to be done has no check"
    at = policy.validation.index(level)

    def done(place: int, who: str) -> str:
        found = policy.validation[place]
        return _DONE.get(found.id, f"{{who}}: {found.title}").format(who=who)

    alone = f"{team.prepares}, who knows the tool best, looks through each one again before it is used"
    # Whoever prepared it, alone, is no check; where two people are asked for, nobody may decide so.
    strictest = at == len(policy.validation) - 1
    wrong = [(alone, _GRAVE if strictest else 1.0, strictest)]
    wrong.append((f"A second model checks each one, and {team.it} of IT looks at the alarms", 1.0, False))
    wrong += [
        (done(place, team.knows), 1.0 if place < at else 0.4 * (place - at), False)
        for place in range(len(policy.validation))
        if place != at
    ]
    return Asked(
        (done(at, team.knows),),
        tuple(wrong),
        f"The policy asks for: {level.title.lower()}; and nobody checks what they prepared.",
        SELF if at >= len(policy.validation) - 2 else STRICT if at == 0 else LIGHT,
    )


def _stop_rule(use: Use, team: Team, rng: Random) -> Asked:
    some, limit, share = rng.choice((20, 25, 30, 40)), rng.randrange(2, 5), rng.choice((60, 70, 75))
    unit = use.unit
    # "The owner", not a name: it would answer the first question.
    right = rng.choice((
        f"More than {limit} of {some} checked {unit} wrong in a week: the owner switches it off that day",
        f"{limit} errors among {some} checked {unit}: off the same day, by the owner, until the cause is known",
        f"{team.knows} counts errors in {some} {unit} each Friday; above {limit}, the owner stops it that day",
    ))  # fmt: skip
    wrong = [
        (f"Fewer than {share} % of {use.team} use it {limit} months from now: the owner gives notice to the supplier", 1.0, False),
        (f"More than {limit} of {some} checked {unit} wrong in a week: the AI circle discusses it in its next meeting", 0.6, False),
        (f"Accuracy below 9{limit} % in the supplier's monthly report: the supplier trains the model again for free", 1.0, False),
        (f"Quality falls noticeably over {limit} weeks: the owner and {team.it} decide together whether to go on", 1.0, False),
    ]  # fmt: skip
    return Asked((right,), tuple(wrong), "Our own count of harm, a limit, one name, the same day.", STOP)
