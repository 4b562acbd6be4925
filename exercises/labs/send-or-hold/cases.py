"""Cards to send or to hold: a source, and what a model made of it. Twenty-two workflows, each right or wrong in its own ways.

Every card is drawn from a workflow below with invented people and figures, so that no two cohorts see the same deck.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import timedelta
from random import Random
from typing import Any

from atelier.kits.decisions.records import Card, DecisionCase
from grader import invent

FIGURE, PERSON, NEGATION, PROMISE = (
    "invented or changed figure",
    "wrong person or firm",
    "lost negation",
    "promise that nobody made",
)
RULE, SUMS, OTHER, UNIT = "rule that is not in the source", "arithmetic", "another customer's data", "unit or currency"
DATE, SIGN, ADDED = "date or deadline", "sign or direction", "fact that the source does not hold"


@dataclass(frozen=True, slots=True)
class Drawn:
    """A workflow's draw: the source, a right output, and wrong ones as (output, lure, why)."""

    title: str
    workflow: str
    source: str
    right: str
    wrong: tuple[tuple[str, str, str], ...]
    stake: int
    right_why: str = "Every fact of the output stands in the source."


def _reminder(rng: Random) -> Drawn:
    firm, amount, days = invent.firm(rng), invent.cents(rng, 300, 9000), rng.choice((12, 17, 23))
    text = f"Ledger note: {firm}, invoice {rng.randrange(2000, 9999)}, open {invent.euros(amount)} EUR, {days} days late. First reminder. No late fee agreed."
    good = f"Dear team, our records show {invent.euros(amount)} EUR open for {days} days. Could you tell us when we may expect it?"
    fee = good + " A late fee of 40 EUR has been added."
    other = good.replace(invent.euros(amount), invent.euros(amount + 9000))
    return Drawn("Reminder to a customer", "Accounts receivable", text, good, (
        (fee, ADDED, "The note says that no late fee was agreed."),
        (other, FIGURE, "The open amount is another one in the note."),
    ), 400)  # fmt: skip


def _credit(rng: Random) -> Drawn:
    firm, amount = invent.firm(rng), invent.cents(rng, 80, 900)
    text = (
        f"AVOIR {rng.randrange(100, 999)} de {firm}\nRetour marchandise\nTotal TTC : -{invent.euros(amount, 'fr')} EUR"
    )
    good = f"Credit note from {firm} over {invent.euros(amount)} EUR: to be deducted from our next payment."
    bad = f"Invoice from {firm} over {invent.euros(amount)} EUR: to be paid with the next run."
    return Drawn(
        "Summary of a supplier document",
        "Accounts payable",
        text,
        good,
        ((bad, SIGN, "“Avoir” is a credit note: the money flows the other way."),),
        350,
    )


def _vat(rng: Random) -> Drawn:
    net = invent.cents(rng, 200, 4000)
    text = f"Facture: HT {invent.euros(net, 'fr')} EUR, TVA 20 % {invent.euros(round(net * 0.2), 'fr')} EUR, TTC {invent.euros(net + round(net * 0.2), 'fr')} EUR"
    good = f"Net {invent.euros(net)}, VAT {invent.euros(round(net * 0.2))}, gross {invent.euros(net + round(net * 0.2))} EUR."
    bad = f"Net {invent.euros(net)}, VAT {invent.euros(round(net * 0.2))}, gross {invent.euros(net + round(net * 0.2) + 1000)} EUR."
    swapped = f"Net {invent.euros(net + round(net * 0.2))}, VAT {invent.euros(round(net * 0.2))}, gross {invent.euros(net)} EUR."
    return Drawn("Booking text for an invoice", "Accounts payable", text, good, (
        (bad, SUMS, "Net and VAT do not add up to that gross amount."),
        (swapped, SIGN, "HT is net and TTC is gross; they are exchanged."),
    ), 300)  # fmt: skip


def _refund(rng: Random) -> Drawn:
    name, days = invent.person(rng), rng.choice((14, 30))
    text = f"Policy art. 4: returns within {days} days, unworn, with receipt. Shipping is not refunded.\nMail from {name}: “I want to return the boots I bought last week, unworn, I have the receipt.”"
    good = f"Dear {name}, you may return the boots: they are unworn, you have the receipt, and the {days} days have not passed. Shipping is not refunded."
    bad = f"Dear {name}, you may return the boots, and of course we refund the shipping as well."
    third = good.replace(f"the {days} days", "the 60 days")
    return Drawn("Reply to a customer", "Customer service", text, good, (
        (bad, PROMISE, "Article 4 says that shipping is not refunded."),
        (third, DATE, f"The policy gives {days} days."),
    ), 120)  # fmt: skip


def _delay(rng: Random) -> Drawn:
    order, day = rng.randrange(40_000, 59_999), rng.choice(("Tuesday", "Thursday"))
    text = f"Tracking, order {order}: left the depot, expected {day}. No compensation approved."
    good = f"Your order {order} has left our depot and is expected on {day}."
    bad = good + " As an apology you will receive a 15 % voucher."
    other = good.replace(str(order), str(order + 11))
    return Drawn("Status mail", "Customer service", text, good, (
        (bad, PROMISE, "Nobody approved a compensation."),
        (other, OTHER, "That is the number of another order."),
    ), 100)  # fmt: skip


def _cv(rng: Random) -> Drawn:
    name, year = invent.person(rng), rng.randrange(2014, 2021)
    text = f"CV {name}: Licence Gestion, {year}. Master Contrôle de gestion, en cours (2e année). Stage 6 mois, {invent.firm(rng)}."
    good = f"{name}: bachelor in management ({year}); second year of a master in management control, not finished; one six-month internship."
    bad = f"{name}: bachelor in management ({year}) and master in management control; one six-month internship."
    more = good + " Fluent in German."
    return Drawn("Note on a candidate", "Recruitment", text, good, (
        (bad, ADDED, "The master is under way (“en cours”), not finished."),
        (more, ADDED, "No word of German in the CV."),
    ), 500)  # fmt: skip


def _leave(rng: Random) -> Drawn:
    name, n = invent.person(rng), rng.choice((3, 5, 8))
    text = f"Rule: requests over 5 days need the manager's approval. Request of {name}: {n} days from 4 May."
    over = n > 5
    good = (
        f"{name} asks for {n} days from 4 May; the manager must approve."
        if over
        else f"{name} asks for {n} days from 4 May; no approval by the manager is needed."
    )
    bad = (
        f"{name} asks for {n} days from 4 May; no approval by the manager is needed."
        if over
        else f"{name} asks for {n} days from 4 May; the manager must approve."
    )
    return Drawn(
        "Leave request",
        "Human resources",
        text,
        good,
        ((bad, RULE, "The rule draws the line at more than 5 days."),),
        160,
    )


def _minutes(rng: Random) -> Drawn:
    a, b = invent.person(rng), invent.person(rng)
    text = f"Notes: {a} will NOT sign before legal has read it. {b} calls the supplier by Friday."
    good = f"Decisions: {a} signs only after legal has read the contract. {b} calls the supplier by Friday."
    lost = f"Decisions: {a} will sign; legal reads the contract. {b} calls the supplier by Friday."
    swap = f"Decisions: {b} signs only after legal has read the contract. {a} calls the supplier by Friday."
    return Drawn("Minutes of a meeting", "Project office", text, good, (
        (lost, NEGATION, "The notes say NOT before legal has read it."),
        (swap, PERSON, "The two people are exchanged."),
    ), 450)  # fmt: skip


def _notice(rng: Random) -> Drawn:
    months = rng.choice((2, 3, 6))
    text = f"§ 9 The agreement renews for one year unless terminated in writing {months} months before its end. It ends on 31 December."
    good = f"It renews by itself for a year; written notice is due {months} months before 31 December."
    bad = f"It ends on 31 December unless it is renewed in writing {months} months before."
    month = good.replace(f"{months} months", f"{months + 1} months")
    return Drawn("Key terms of a contract", "Legal", text, good, (
        (bad, NEGATION, "It renews unless terminated; the output turned it round."),
        (month, DATE, f"The clause says {months} months."),
    ), 800)  # fmt: skip


def _cap(rng: Random) -> Drawn:
    amount = rng.choice((50, 100, 250)) * 1000
    text = f"Liability is limited to EUR {amount:,} per year, except for intent and gross negligence."
    good = f"Liability is capped at EUR {amount:,} per year; intent and gross negligence are not capped."
    ten = good.replace(f"{amount:,}", f"{amount * 10:,}")
    bad = f"Liability is capped at EUR {amount:,} per year, intent and gross negligence included."
    return Drawn("Answer about a clause", "Legal", text, good, (
        (ten, FIGURE, "One zero too many."),
        (bad, NEGATION, "“Except” became “included”."),
    ), 900)  # fmt: skip


def _translation(rng: Random) -> Drawn:
    kg = rng.choice((20, 25, 50))
    text = f"Charge maximale {kg} kg. Ne pas empiler. Tenir au sec."
    good = f"Maximum load {kg} kg. Do not stack. Keep dry."
    stack = f"Maximum load {kg} kg. Can be stacked. Keep dry."
    pounds = f"Maximum load {kg} lb. Do not stack. Keep dry."
    return Drawn("Translation of a label", "Logistics", text, good, (
        (stack, NEGATION, "“Ne pas empiler” means do not stack."),
        (pounds, UNIT, "The source says kilograms."),
    ), 650)  # fmt: skip


def _report(rng: Random) -> Drawn:
    a, b = rng.randrange(200, 400), rng.randrange(401, 600)
    growth = round(100 * (b - a) / a)
    text = f"Sales, k€: Q1 {a}, Q2 {b}."
    good = f"Sales rose from {a} to {b} k€, about {growth} % more than in the first quarter."
    bad = f"Sales rose from {a} to {b} k€, about {growth + rng.choice((15, 25))} % more than in the first quarter."
    fell = f"Sales fell from {b} to {a} k€, by about {growth} %."
    cause = good + " The new campaign explains the rise."
    return Drawn("Comment in a report", "Controlling", text, good, (
        (bad, SUMS, "Work the percentage out: it is another one."),
        (fell, SIGN, "Q1 comes before Q2: sales rose."),
        (cause, ADDED, "Nothing in the source speaks of a campaign."),
    ), 380)  # fmt: skip


def _delivery(rng: Random) -> Drawn:
    got, sent = rng.randrange(30, 46), rng.randrange(46, 60)
    text = f"Delivery note: {sent} cartons. Counted at the door: {got}. Driver signed."
    good = f"{sent - got} of {sent} cartons are missing; the driver has signed."
    bad = f"{sent - got + 10} of {sent} cartons are missing; the driver has signed."
    whole = f"All {sent} cartons have arrived; the driver has signed."
    return Drawn("Goods received", "Logistics", text, good, (
        (bad, SUMS, f"{sent} minus {got} is {sent - got}."),
        (whole, FIGURE, f"Only {got} were counted."),
    ), 280)  # fmt: skip


def _expense(rng: Random) -> Drawn:
    limit, spent = 120, rng.choice((98, 117, 131, 154))
    text = f"Policy: hotel up to {limit} EUR a night, more with approval in advance. Claim: 1 night, {spent} EUR, no approval."
    good = (
        f"{spent} EUR is within the limit: pay."
        if spent <= limit
        else f"{spent} EUR is over the limit of {limit} and was not approved: send back."
    )
    bad = f"{spent} EUR is over the limit: send back." if spent <= limit else f"{spent} EUR is within the limit: pay."
    return Drawn("Expense claim", "Finance", text, good, ((bad, RULE, f"The limit is {limit} EUR."),), 170)


def _bank(rng: Random) -> Drawn:
    firm, old, new = invent.firm(rng), invent.iban(rng), invent.iban(rng)
    text = f"Register: {firm}, {old}.\nMail of today: “Our bank details have changed: {new}. Please update.” Sender not verified."
    good = f"{firm} announces a new account by mail. The sender is not verified: call the number in the register before changing anything."
    bad = f"{firm} has new bank details. The register can be updated to {new}."
    return Drawn(
        "Change of bank details", "Accounts payable", text, good, ((bad, ADDED, "The sender is not verified."),), 1500
    )


def _price(rng: Random) -> Drawn:
    p, n = rng.choice((12, 18, 25)), rng.choice((40, 60, 120))
    text = f"Price list: {p}.00 EUR per box of 10. Request: {n} pieces."
    good = f"{n} pieces are {n // 10} boxes: {n // 10 * p}.00 EUR."
    bad = f"{n} pieces: {n * p}.00 EUR."
    return Drawn("Quote", "Sales", text, good, ((bad, UNIT, "The price is per box of 10, not per piece."),), 550)


def _meeting(rng: Random) -> Drawn:
    day = invent.day(rng)
    other = day + timedelta(days=7)
    text = f"Mail: “Can we move our meeting of {day:%d/%m} to {other:%d/%m}, same time?” Calendar: 14:00."
    good = f"The meeting moves from {day:%d/%m} to {other:%d/%m}, 14:00."
    bad = f"The meeting moves from {other:%d/%m} to {day:%d/%m}, 14:00."
    return Drawn(
        "Moving a meeting", "Assistant's desk", text, good, ((bad, DATE, "The two dates are exchanged."),), 140
    )


def _ticket(rng: Random) -> Drawn:
    name, other = invent.person(rng), invent.person(rng)
    text = f"Ticket of {name}: cannot log in since Monday. History: {other} had the same fault, reset on Friday."
    good = f"Hello {name}, we have received your report: no log-in since Monday. A reset may help; we are on it."
    bad = f"Hello {name}, your password was reset on Friday, as you asked."
    leak = f"Hello {name}, {other} had the same fault last week; we will reset yours as well."
    return Drawn("Reply of the help desk", "IT support", text, good, (
        (bad, OTHER, f"The reset on Friday was for {other}."),
        (leak, OTHER, "It tells one user about another by name."),
    ), 200)  # fmt: skip


def _safety(rng: Random) -> Drawn:
    dose = rng.choice((5, 10, 20))
    text = f"Produit : diluer {dose} ml par litre. Porter des gants. Ne jamais mélanger avec de l'eau de Javel."
    good = f"Dilute {dose} ml per litre. Wear gloves. Never mix with bleach."
    bad = f"Dilute {dose} cl per litre. Wear gloves. Never mix with bleach."
    mix = f"Dilute {dose} ml per litre. Wear gloves. Can be mixed with bleach."
    return Drawn("Instruction for the cleaners", "Facilities", text, good, (
        (bad, UNIT, "Millilitres became centilitres, ten times as much."),
        (mix, NEGATION, "“Ne jamais” means never."),
    ), 1000)  # fmt: skip


def _warranty(rng: Random) -> Drawn:
    years = rng.choice((2, 3))
    text = f"Terms: {years} years of warranty from the date of purchase, wear parts excluded. Question: filter worn after 14 months?"
    good = "A worn filter is a wear part and not covered by the warranty."
    bad = f"The filter is covered: the warranty runs for {years} years."
    return Drawn("Warranty question", "Customer service", text, good, ((bad, RULE, "Wear parts are excluded."),), 150)


def _survey(rng: Random) -> Drawn:
    n, yes = rng.choice((20, 40)), rng.choice((11, 13, 17))
    text = f"Survey: {n} answers of 310 staff. {yes} are satisfied with the canteen."
    good = f"{yes} of the {n} people who answered are satisfied; 310 were asked, so it says little about all."
    bad = f"{round(100 * yes / n)} % of our 310 staff are satisfied with the canteen."
    return Drawn(
        "Line for the newsletter", "Communication", text, good, ((bad, ADDED, f"Only {n} of 310 answered."),), 300
    )


def _address(rng: Random) -> Drawn:
    firm, street, town = invent.firm(rng), invent.street(rng), invent.city(rng)
    other = rng.choice([c for c in invent.CITIES if c != town])
    text = f"Deliver to: {firm}, {street}, {town}. Invoice to: head office, {other}."
    good = f"Delivery goes to {street}, {town}; the invoice goes to the head office in {other}."
    bad = f"Delivery goes to the head office in {other}; the invoice goes to {street}, {town}."
    return Drawn("Order confirmation", "Sales", text, good, ((bad, PERSON, "The two addresses are exchanged."),), 250)


WORKFLOWS: tuple[Callable[[Random], Drawn], ...] = (
    _reminder, _credit, _vat, _refund, _delay, _cv, _leave, _minutes, _notice, _cap, _translation, _report, _delivery, _expense, _bank,
    _price, _meeting, _ticket, _safety, _warranty, _survey, _address,
)  # fmt: skip


def _deck(rng: Random, n: int, prefix: str) -> list[DecisionCase]:
    """Draw `n` cards, half of them wrong, workflows as evenly as they go."""
    chosen = [WORKFLOWS[i % len(WORKFLOWS)] for i in range(n)]
    rng.shuffle(chosen)
    truths = ["send"] * (n - n // 2) + ["hold"] * (n // 2)
    rng.shuffle(truths)
    deck = []
    for place, (workflow, truth) in enumerate(zip(chosen, truths, strict=True)):
        drawn = workflow(rng)
        output, lure, why = (drawn.right, "", drawn.right_why) if truth == "send" else rng.choice(drawn.wrong)
        # Ids tell nothing of the deck: a table of last cohort's answers does not fit this one's.
        card = Card(
            f"{prefix}{place + 1:02d}-{rng.randrange(16**6):06x}", drawn.title, drawn.workflow, drawn.source, output
        )
        deck.append(DecisionCase(card, truth, why, lure, float(drawn.stake)))
    return deck


def cases(rng: Random, n: int, *, public: bool = False) -> list[DecisionCase]:
    """Draw the graded deck, or the warm-up cards."""
    return _deck(rng, n, "w" if public else "c")


def released(rng: Random) -> dict[str, Any]:
    """Return the graded cards as learners see them: no truth, no reason. The same seed gives the same deck."""
    return {"cards.json": [asdict(case.card) for case in cases(rng, 40)]}
