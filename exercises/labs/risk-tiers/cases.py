"""Requests for a model, as staff write them. What is right follows from the policy: the data and consequences of each are stated here, nothing else.

Every request exists in two or three variants that read alike and differ in one fact (an amount, a list of names, who gets the
result), so that knowing last cohort's deck is no help.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from random import Random
from typing import Any

from atelier.kits.decisions.records import Card, DecisionCase, Option, Truth
from atelier.policy import Policy
from grader import invent

NOWHERE, USE, NEVER = "nowhere", "use", "no-check"
STRUCK, EXCUSE, PUBLIC, AMOUNT = (
    "names struck out, people still there",
    "a reassurance that changes no class",
    "a public text about a delicate topic",
    "the amount",
)
HIDDEN, ACTS, BANNED, TOPIC = (
    "one delicate thing in a harmless batch",
    "what happens with the result",
    "a use that no check makes acceptable",
    "the class of the topic instead of the text",
)
# Their variants are for practice alone: what is told there is of no graded card.
_WARM_UP = ("Payroll", "What customers think", "Award of a bonus", "Look people up")
_STRICTER, _REFUSED = 0.4, 0.8  # what over-restriction costs: a step too strict, a good use refused


@dataclass(frozen=True, slots=True)
class Use:
    """A request: its text with gaps to fill, and the facts that the policy is asked about."""

    title: str
    team: str
    text: str
    data: tuple[str, ...]
    leads: tuple[str, ...]
    lure: str
    why: str


def _uses(title: str, team: str, *variants: tuple[str, str, str, str, str]) -> list[Use]:
    """Make the variants of one request, each (text, data, consequences, lure, why)."""
    return [
        Use(title, team, text, tuple(data.split()), tuple(leads.split()), lure, why)
        for text, data, leads, lure, why in variants
    ]


USES: tuple[Use, ...] = (
    *_uses("Text for the annual press page", "Communication",
        (("Please turn pages {a} to {b} of last year's annual report (the one on our site) into 300 words for the press page. {person} is nervous because salaries of the board are in it, but "
         "that is printed in the report. I read it before it goes online."), "public", "outside", PUBLIC, "It is printed and on our site; the topic does not matter. It goes out, so somebody reads each text."),
        (("Please turn the figures of the quarter into 300 words for the press page. They come out on the {b}th, so there is still time, and it is public in a few days anyway. I read it before it goes "
         "online."), "confidential", "outside", EXCUSE, "Until the day they come out, the figures are not public."),
    ),
    *_uses("Understand a manual", "Production",
        ("The manual of the {firm} press is in German, 80 pages, downloaded from their site. I want it in French for myself, to understand chapter {a}. Nobody else gets it.",
         "public", "draft", PUBLIC, "A published manual, read by one person: the least of everything."),
        ("The draft manual of our new press (launch in {n} months, patent not filed yet) is in German. I want it in French for myself, to understand chapter {a}. Nobody else gets it.",
         "confidential", "draft", TOPIC, "A product that is not announced is confidential, also when only one person reads about it."),
        ("Chapter {a} of the published manual goes on our own site in French, under our name. The German text has been on {firm}'s site for years.",
         "public", "outside", ACTS, "The text is public, but what goes out under our name is read first."),
    ),
    *_uses("Replies to customers", "Customer service",
        ("Draft answers to the mails of the weekend, about {n} a day. Name, address, order number are in them, of course. {person} presses Send after reading. The vendor is certified, I have the PDF.",
         "personal", "outside", EXCUSE, "A customer's message is personal; a certificate changes no class."),
        (("Draft answers to the mails about late deliveries, {n} of them. Most are two lines. Three or four people explain why they cannot wait (an operation, a child in hospital); that helps to find the tone. "
         "{person} reads each before it goes."), "personal sensitive", "outside", HIDDEN, "Three letters about illness make the whole batch sensitive."),
        ("Draft answers for the question page of our site: opening hours, delivery times, how to return. The source is the list of published questions, no customer mail. {person} reads them before they go online.",
         "public", "outside", TOPIC, "No customer is in it: the source is published."),
    ),
    *_uses("Refunds", "Customer service",
        ("From each complaint (mail with name and order) suggest the refund; on OK the system pays it out. It is always small, the most we ever had is EUR {low}. {person} clicks OK after looking at the mail.",
         "personal", "money", AMOUNT, "It moves money, and stays under the limit: each is checked by one person."),
        (("From each complaint (mail with name and order) suggest the refund; on OK the system pays it out. It is nearly always small; the kitchens are the exception, EUR {high} in one go. {person} clicks OK after looking "
         "at the mail."), "personal", "money large-payment", AMOUNT, "One payment above the limit is enough: two people."),
    ),
    *_uses("Invoices into the accounting system", "Finance",
        ("Read the suppliers' invoices (companies only) into the payment run: number, IBAN, total. None of them is above EUR {low}, the big ones go another way. {person} compares each line with the paper.",
         "confidential", "money", AMOUNT, "Unpaid invoices are confidential; small payments: each checked."),
        ("Read the suppliers' invoices (companies only) into the payment run: number, IBAN, total. Usually a few hundred euros, this month two of EUR {high}. {person} compares each line with the paper, that must do.",
         "confidential", "money large-payment", AMOUNT, "Payments above the limit need two people; one, however careful, will not do."),
        ("Sort the suppliers' invoices into folders by kind of cost. Nothing is paid or booked from it; if one is in the wrong folder, {person} drags it over.",
         "confidential", "reversible", ACTS, "Confidential data, but a small step that can be undone: a sample is enough."),
    ),
    *_uses("Expense claims", "Finance",
        ("Read the expense claims, with name, trip and restaurant, and prepare the transfer. Never more than EUR {low} each. {person} opens the receipts before it is paid.",
         "personal", "money", TOPIC, "A claim names a person and where they were. It moves a small amount."),
        ("What do our published travel rules say on hotels in {city}? They are on the careers page for everybody. I only want it in three sentences for myself.",
         "public", "draft", TOPIC, "The rules are published, and no claim is in it."),
    ),
    *_uses("Applications", "Human resources",
        ("Read the CVs for the post in {city} ({n} of them) and mark who will not be invited. {person} and I both look at the CV and the mark before anybody gets a letter.",
         "personal", "decides", ACTS, "It decides who is invited: two people, and the CV in front of them."),
        ("Write the job offer for {city} from the one that we published in spring, same post, same text, new date. I read it, then it goes on the portal.",
         "public", "outside", TOPIC, "A published offer names no applicant. It goes out, so it is read."),
        ("Record the first interviews and let the tool say from face and voice who is nervous, open, honest. Applicants sign a form. Only as a second opinion, in our own data centre.",
         "personal", "banned", BANNED, "Reading feelings of applicants is not to be done; neither form nor data centre changes that."),
    ),
    *_uses("Payroll", "Human resources",
        ("Find odd lines in the payroll of {n} people: double bonus, missing month. It only makes a list; {person} of payroll looks at each line and corrects it. I took out the first names to be safe.",
         "sensitive", "reversible", STRUCK, "Payroll is sensitive, with or without first names."),
        ("Comment on the wage bill: one total per site and year, the smallest site has {b} people. For our own slides, which I rewrite anyway.",
         "internal", "draft", TOPIC, "Totals of large sites lead to nobody: internal, and only a draft."),
    ),
    *_uses("Absence", "Human resources",
        ("A forecast of who will be off when, from the sick notes of the last two years. Names replaced by staff numbers. Only the team leader gets it, and can change the plan at any time.",
         "sensitive", "reversible", STRUCK, "A staff number is a name to anybody with the list, and a sick note stays one."),
        ("The ministry has published the sick days per trade and region. Which trades are above ours? I would like a first draft of a paragraph for myself.",
         "public", "draft", PUBLIC, "Published statistics about illness are public."),
    ),
    *_uses("Contracts", "Legal",
        ("Put the notice period of {n} supplier contracts into the register. If one is wrong, whoever opens the contract corrects it; nobody terminates anything from the register alone.",
         "confidential", "reversible", ACTS, "Confidential, and a field that somebody corrects: a sample."),
        ("Summarise the letters of our counsel in the {firm} case for my own file. Nobody acts on it, I know the case. It is the paid version, so they do not train on it.",
         "sensitive", "draft", EXCUSE, "A letter from counsel is under secrecy; a paid account does not lift it."),
        ("Which clauses are usual in published model contracts for maintenance? The associations have them on their sites. Only to get an idea.",
         "public", "draft", TOPIC, "Published models hold nothing of ours."),
    ),
    *_uses("Minutes", "Project office",
        ("Turn my notes of the project meeting into a first draft of the minutes: topics, dates, open points. No names in them, we write “purchasing” or “IT”. I rewrite it before I file it.",
         "internal", "draft", TOPIC, "Minutes without names are internal, and nobody acts on a first draft."),
        ("Turn the recording of the team meeting into minutes: who said what, who promised what, {person}'s complaint about {other} as well. Only for the team's own folder.",
         "personal", "reversible", HIDDEN, "Who said what about whom is personal: each is checked, also in the team's folder."),
        ("Turn the recording of the talk on {person}'s dismissal into notes for the file. Only {other} and I may open the folder. The works council will quote from it.",
         "sensitive", "decides", ACTS, "Its loss would harm a person, and the file decides about them: own machines, two people."),
    ),
    *_uses("Know the market", "Purchasing",
        ("What do {firm} and three others charge? Their price lists are on their sites. I want a table for myself before I call them.",
         "public", "draft", TOPIC, "Published price lists, read by one person."),
        ("What do {firm} and three others charge? I have their offers of this week, still under negotiation. I want a table for myself before I call them.",
         "confidential", "draft", TOPIC, "Prices under negotiation are confidential."),
    ),
    *_uses("Post from a supplier", "Purchasing",
        ("Translate the {firm} brochure from Italian, they hand it out at fairs. For the three of us, to understand what it is about.",
         "public", "draft", EXCUSE, "A brochure that is handed out at fairs is public."),
        ("Translate the mail from {firm} with their last offer and the new bank details. For the three of us, to understand what it is about. We call them before we pay anything.",
         "confidential", "draft", TOPIC, "Bank details and offers are confidential, even where nobody acts on the translation."),
    ),
    *_uses("Spreadsheet help", "Controlling",
        ("My formula in the empty budget form does not add up. I would paste the form, without any figure in it, and the procedure. I test it myself afterwards.",
         "internal", "draft", EXCUSE, "An empty form is internal. Nobody acts on it before it is tested."),
        ("My formula in the bonus table does not add up. I would paste the table, {n} lines; the names are in a hidden column, so the model does not see them. I test it myself.",
         "sensitive", "draft", HIDDEN, "A hidden column is pasted all the same, and bonuses are payroll."),
        ("My formula for the published inflation table does not add up, I took the file from the statistics office. I would paste it as it is. I test it myself.",
         "public", "draft", TOPIC, "The statistics office's table is public."),
    ),
    *_uses("How the team is doing", "Operations",
        ("Count the tickets per queue and hour, no names, to move people between queues. If it is wrong, the shift leader moves them back after lunch.",
         "internal", "reversible", TOPIC, "No person in it, and the step can be undone: a sample."),
        ("Read the chats of the night shift for signs that somebody is looking for another job. They need not know, else they write elsewhere. It stays on our own server.",
         "personal", "banned", BANNED, "Watching people without their knowledge is not to be done, on any server."),
        ("Let the telephone system judge from the voice who of the team is annoyed or tired, and show the team leader a traffic light. Anonymous, only the desk number.",
         "personal", "banned", BANNED, "Reading feelings of staff from voices is not to be done; a desk number is a person."),
    ),
    *_uses("Who may buy on account", "Sales",
        ("Score private customers for buying on account, from their orders and payments. {person} and {other} look at every refusal with the file before the letter goes.",
         "personal", "decides outside", ACTS, "Refusing a service is a decision about a person: two people."),
        ("Score private customers for buying on account and refuse at once in the shop, at night too; there is no one to look at it and no way to object. It is cheaper than the losses.",
         "personal", "banned", BANNED, "A decision that no person can review is not to be done."),
    ),
    *_uses("What customers think", "Marketing",
        ("Sum up {n} reviews of our shop from the open review pages, without the names of who wrote them. I only want to know what to ask in the next survey.",
         "public", "draft", TOPIC, "Open reviews without their authors are public, and nobody acts on the summary."),
        ("Sum up {n} answers of our survey; I deleted the names. Each has branch, day and what was bought, and some tell their whole story. I only want to know what to ask next.",
         "personal", "draft", STRUCK, "Branch, day and purchase lead back to the person: personal."),
    ),
    *_uses("Leaving interviews", "Human resources",
        ("Sum up the leaving interviews of the {city} team, nine people, names deleted. “After the baby”, “since {person} became my boss” and so on are still in. Only for my own notes.",
         "personal", "draft", STRUCK, "In a team of nine, a sentence is a name."),
        ("Write ten questions for leaving interviews, from our procedure and nothing else. I choose three and reword them.",
         "internal", "draft", TOPIC, "A procedure is internal; no interview is in it."),
    ),
    *_uses("Training material", "Quality",
        ("Make a quiz from our procedures P-{a} to P-{b}, no names in them. Just ideas, {person} writes the real one.",
         "internal", "draft", TOPIC, "Procedures are internal; ideas are drafts."),
        ("Make a quiz from the regulation on machine safety, the text from the official journal. Just ideas, {person} writes the real one.",
         "public", "draft", TOPIC, "A law is public."),
        ("Make a quiz from the {n} accident reports of last year, so that it is real. First names only. Just ideas, {person} writes the real one.",
         "sensitive", "draft", STRUCK, "An accident report is about a person's health, with a first name all the more."),
    ),
    *_uses("Report to the authority", "Environment",
        ("Put last year's emissions into the authority's form. The figures are those of the published report. {person} compares each with it and signs.",
         "public", "outside", PUBLIC, "Published figures that go to an authority: each is compared."),
        ("Put this year's emissions into the authority's form. Nobody outside knows them yet, and two are above the permit. {person} compares each with the meter log and signs.",
         "confidential", "outside", TOPIC, "Until they are filed their loss would harm the company."),
    ),
    *_uses("Reminders", "Finance",
        ("Write the reminders to companies that have not paid, from the ledger. {person} reads each with the ledger open before it goes.",
         "confidential", "outside", ACTS, "Open invoices are confidential; a letter goes out, so each is read."),
        ("Write the reminders to private customers that have not paid; two have told us of their illness, so be kind, their mails are in the file. {person} reads each with the ledger open before it goes.",
         "personal sensitive", "outside", HIDDEN, "Two mails about illness are in the batch: sensitive."),
    ),
    *_uses("Look people up", "Human resources",
        ("Rank the candidates for team leader by what they post in their free time. It is all on the open internet. The list is only for {person}.",
         "personal", "banned", BANNED, "Watching people without their knowledge is not to be done, even where it is easy."),
        ("Which open posts do our competitors have in {city}? From their career pages. A first overview for myself.",
         "public", "draft", TOPIC, "Career pages are public, and no person is looked up."),
    ),
    *_uses("Health and safety", "Facilities",
        ("Remind people of their medical check-up: who, when, what for, from the doctor's list. {person} of the medical service looks at each line. It stays in the house.",
         "sensitive", "decides", HIDDEN, "What a check-up is for is about health. Whoever fails to appear is taken off the shift: two people."),
        ("Put the eyewash signs into four languages, from the published signs of the association. {person} checks each before it is screwed on.",
         "public", "outside", TOPIC, "Published signs; visitors rely on them, so each is read."),
    ),
    *_uses("Award of a bonus", "Sales",
        ("Suggest who gets the special bonus, from sales, sick days and the notes of the yearly talks. {person} and {other} decide with the file; the model only makes the first list.",
         "sensitive", "decides", EXCUSE, "Sick days and talks are sensitive, and a first list decides more than it seems: two people."),
        ("Explain the bonus rule of our published annual report in plain words, for my own understanding.",
         "public", "draft", PUBLIC, "Printed in the report: public."),
    ),
)  # fmt: skip


def cases(rng: Random, n: int, *, public: bool = False, policy: Policy) -> list[DecisionCase]:
    """Draw `n` requests, spread evenly over the places where they may run."""
    piles: dict[str, list[Use]] = {}
    pool = [use for use in USES if (use.title in _WARM_UP) == public]
    for use in rng.sample(pool, len(pool)):
        piles.setdefault(_tier(use, policy), []).append(use)
    order = [NOWHERE, *(tier.id for tier in policy.tiers)]
    chosen: list[Use] = []
    while len(chosen) < n:
        chosen += [piles[tier].pop() for tier in order if piles.get(tier)][: n - len(chosen)]
    rng.shuffle(chosen)
    return [_case(use, rng, f"{'w' if public else 'c'}{place + 1:02d}", policy) for place, use in enumerate(chosen)]


def released(rng: Random, *, policy: Policy) -> dict[str, Any]:
    """Return the graded requests as learners see them."""
    return {"cards.json": [asdict(case.card) for case in cases(rng, 24, policy=policy)]}


def _tier(use: Use, policy: Policy) -> str:
    tier = policy.tier_for(use.data, use.leads)
    return tier.id if tier else NOWHERE


def _case(use: Use, rng: Random, name: str, policy: Policy) -> DecisionCase:
    person, other = invent.person(rng), invent.person(rng)
    low, high = rng.randrange(10, policy.payment_limit // 10) * 9, policy.payment_limit + rng.randrange(1, 90) * 50
    a = rng.randrange(4, 20)
    text = use.text.format(
        person=person, other=other, firm=invent.firm(rng), city=invent.city(rng), n=rng.randrange(11, 60),
        a=a, b=a + rng.randrange(5, 40), low=f"{low:,}", high=f"{high:,}",
    )  # fmt: skip
    level = policy.validation_for(use.data, use.leads)
    hosts = [(NOWHERE, "Nowhere: not to be done"), *((tier.id, tier.title) for tier in policy.tiers)]
    checks = [*((v.id, v.title) for v in policy.validation), (NEVER, "No check makes it acceptable")]
    classes = [*((c.id, c.title) for c in policy.data_classes), (USE, "None: it is the use")]
    order = [c.id for c in policy.data_classes]
    card = Card(
        f"{name}-{rng.randrange(16**6):06x}",
        use.title,
        use.team,
        f"{text}\n\n{person if '{person}' not in use.text else rng.choice(invent.FIRST)}, {use.team}",
        offers={
            "data": tuple(Option(*pair) for pair in classes),
            "tier": tuple(Option(*pair) for pair in hosts),
            "check": tuple(Option(*pair) for pair in checks),
        },
    )
    decides = max(use.data, key=order.index) if level else USE
    return DecisionCase(
        card,
        truths={
            "data": Truth((decides,), use.why, use.lure),
            "tier": _scale([name for name, _ in hosts], _tier(use, policy), use.lure, refused=NOWHERE, capped=True),
            "check": _scale([name for name, _ in checks], level.id if level else NEVER, use.lure, refused=NEVER),
        },
    )


def _scale(order: list[str], truth: str, lure: str, *, refused: str, capped: bool = False) -> Truth:
    """Return the truth on a scale. `order` runs from strict to open for places, from light to strict for checks.

    Too open or too light costs 1 a step, a step too strict 0.4, refusing what may be done 0.8. Two steps too open caps.
    """
    at = order.index(truth)
    costs: dict[str, float] = {}
    for place, name in enumerate(order):
        lax = place - at if capped else at - place
        costs[name] = _REFUSED if name == refused else float(lax) if lax > 0 else -lax * _STRICTER
    del costs[truth]
    never = tuple(name for place, name in enumerate(order) if capped and place - at >= 2)
    return Truth((truth,), "", lure, costs, never)
