"""Papers on a lawyer's desk. What each is follows from what it says; where it may go follows from the policy.

Every paper exists in two or three variants that read alike and differ in one fact (who asks whom, a date, a line of the NDA), so
that knowing last cohort's deck is no help. A deck holds as many of each class, and of each channel, for every cohort.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from random import Random
from typing import Any

from atelier.kits.decisions.records import Card, DecisionCase, Option, Truth
from atelier.policy import Policy
from grader import invent

NOWHERE = "nowhere"
STAMP, COPIED, UNMARKED, BELOW = (
    "a “privileged” stamp on what is none",
    "business advice with counsel on copy",
    "inside information without a marking",
    "legal advice further down the thread",
)
NDA, OUT, ASTRAY, TOPIC = (
    "the line of the NDA that decides",
    "published since, or not yet",
    "sent to us by mistake",
    "a delicate topic in a public text",
)
PLAIN = "legal advice in everyday words"
# The policy's data class behind each kind of paper; an NDA names its own.
_DATA = {"privileged": "sensitive", "inside": "sensitive", "business": "confidential", "public": "public"}
# What a deck holds: (class, channel is "nowhere" or the data class) -> cards.
_DECK = {
    ("privileged", "sensitive"): 6,
    ("inside", "sensitive"): 5,
    ("nda", "sensitive"): 2,
    ("nda", "confidential"): 2,
    ("nda", NOWHERE): 1,
    ("privileged", NOWHERE): 1,
    ("business", "confidential"): 4,
    ("public", "public"): 3,
}
# Their variants are for practice alone: what is told there is of no graded card.
_WARM_UP = (
    "Room for the hearing",
    "Thanks for the numbers",
    "A supplier's price list",
    "The ruling of last year",
    "A note on the lease",
)
_STRICTER, _REFUSED = 0.4, 0.8  # what over-restriction costs: a step too strict, a good use refused


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper: its text with gaps to fill, its class, and the data class (or "nowhere") that decides on the channel."""

    title: str
    kind: str
    text: str
    is_a: str
    data: str
    lure: str
    why: str


def _papers(title: str, kind: str, *variants: tuple[str, str, str, str]) -> list[Paper]:
    """Make the variants of one paper, each (class, text, lure, why). "nda:confidential" names the data class of an NDA."""
    made = []
    for what, text, lure, why in variants:
        is_a, _, data = what.partition(":")
        made.append(Paper(title, kind, text, is_a, data or _DATA[is_a], lure, why))
    return made


_FOOTER = "\n\n-- \nPRIVILEGED & CONFIDENTIAL. If you are not the intended recipient, destroy this mail and all copies."

PAPERS: tuple[Paper, ...] = (
    *_papers("Lunch with {firm}", "Mail",
        ("business", "From: {person} (sales)\nTo: {other}\n\nLunch with {firm} on the {nth} is fine. Bring the catalogue; they will ask for a rebate again and we give 3 %, as always. Can somebody put my notes in "
         "order?" + _FOOTER, STAMP, "The footer stands under every mail of the house. A rebate is business; nobody asks for legal advice."),
        ("privileged", ("From: {person} (sales)\nTo: {other} (legal)\n\nLunch with {firm} is on the {nth}. They want 3 % for not buying from anybody else in {city}. May we even talk about that? Tell me what I can say, "
         "and what I had better not have written."), PLAIN, "No stamp, and yet a request for legal advice: may we, and what can I say."),
    ),
    *_papers("Price round", "Mail",
        ("business", ("To: {person} (purchasing)\nCc: {other} (general counsel)\n\nI would start {n} days before the quarter ends and offer a two-year term; they always move in the last week. With {other} on copy so "
         "that this stays confidential."), COPIED, "Tactics of a buyer. Counsel on copy gives no advice and was asked for none."),
        ("privileged", ("To: {other} (general counsel)\nCc: {person} (purchasing)\n\nIf we end the talks {n} days before the quarter ends, can {firm} say that we broke them off in bad faith? We have their mail of the 4th. What is "
         "our exposure?"), PLAIN, "The question goes to counsel and asks for the legal exposure: privileged."),
        ("privileged", ("To: all of purchasing\n\nSee below, so please no more mails about the cartel thing. Could you shorten the thread for the file?\n\n> From: {other} (general counsel)\n> Sharing the {n} % with a competitor would be "
         "an infringement. Stop the calls, keep the notes, talk to me first."), BELOW, "The first line is harmless. The mail below it is counsel's advice, and the thread is one paper."),
    ),
    *_papers("Third quarter", "Draft",
        ("inside", ("Hi {person}, make this nicer in English please, it goes out on Thursday:\n\n“Sales in the third quarter fell by {n} %. We will not reach the forecast of July and now expect a loss.”\n\nNobody has it yet but the "
         "four of us, so quick."), UNMARKED, "Precise, not public, and shareholders would trade on it. No marking changes that."),
        ("public", ("Hi {person}, make this nicer in English please, for the subsidiaries' newsletter. It is the release of this morning, from our site:\n\n“Sales in the third quarter fell by {n} %. We will not reach the forecast "
         "of July and now expect a loss.”"), OUT, "Bad news, and out since this morning: public."),
    ),
    *_papers("Minutes of the board", "Board paper",
        ("inside", "Item 4. The board takes note of the offer of {firm} for all shares, at {n} euros each, and asks the chair to go on talking. Item 5. New coffee machine, 2nd floor.\n\nFor the file: please summarise in ten lines.",
         UNMARKED, "A takeover offer under discussion is inside information, coffee machine or not."),
        ("business", ("Item 4. The board takes note of the works at the {city} site, {n} days behind, no effect on the year. Item 5. New coffee machine, 2nd floor.\n\nFor the file: please summarise in ten lines. Stamp on each page: "
         "STRICTLY PRIVILEGED."), STAMP, "Works that are a little late move no share price, and the stamp is on every page of every board paper."),
        ("privileged", ("Item 4. Counsel reports: of the {n} claims in {city} two will probably be lost; she advises to settle both before the expert is heard. Item 5. New coffee machine, 2nd floor.\n\nFor the file: please "
         "summarise in ten lines."), BELOW, "Counsel's advice on a pending case stands in item 4."),
    ),
    *_papers("Works council", "Draft",
        ("inside", ("Draft, not to be passed on. We close the plant in {city} (two thirds of our output) in spring. The works council hears it on Monday, the market on Monday too. Please turn it into a speech of {n} minutes for "
         "{person}."), UNMARKED, "Closing two thirds of the output is price-sensitive until Monday."),
        ("business", "Draft, not to be passed on. We move the night shift in {city} to a new rota in spring, {n} people. The works council hears it on Monday. Please turn it into a speech of five minutes for {person}.",
         TOPIC, "Delicate for those concerned, but no shareholder trades on a rota, and no lawyer is asked."),
    ),
    *_papers("Test series", "Mail",
        ("inside", ("From: {person} (research)\n\nThe second series failed as well, {n} of 40. That is the end of the approval this year, and of half the forecast. Can you put the protocol into readable sentences before it goes up to "
         "the board?"), UNMARKED, "A researcher's mail, unmarked, and the share price hangs on it."),
        ("business", "From: {person} (research)\n\nThe second series of the test bench failed as well, {n} of 40 screws. We change the supplier. Can you put the protocol into readable sentences before it goes to purchasing?",
         TOPIC, "A box of screws moves no share price."),
    ),
    *_papers("Large order", "Mail",
        ("inside", "From: {person} (sales)\n\nWe have it!!! {firm} signs on the {nth}, a third of our yearly sales, in one go. Not a word before the release. Write me a cheerful mail for the team, to send the minute it is out.",
         UNMARKED, "A third of the yearly sales, signed and not announced: inside information."),
        ("public", "From: {person} (sales)\n\nWe have it!!! You have all seen the release: {firm}, a third of our yearly sales. Write me a cheerful mail for the team from the text on our site, nothing else, {n} lines.", OUT,
         "Announced and on our site; nothing beyond the release is in it."),
        ("business", "From: {person} (sales)\n\nWe have it! {firm} signs on the {nth}: two pallets, as every spring. Write me a cheerful mail for the team.", TOPIC, "A usual small order: business."),
    ),
    *_papers("Who will lead us", "Board paper",
        ("inside", ("Note for the chair. {person} will leave the executive board at the end of the month, for health reasons. The successor is not found. We announce both together, or in {n} days at the latest. Please draft three "
         "questions that a journalist will ask."), UNMARKED, "The chief's unannounced departure is inside information (and about health besides)."),
        ("public", ("Note for the chair. As announced last Friday, {person} leaves the executive board at the end of the month. Please draft three questions that a journalist will ask, from the announcement and the {n} articles about "
         "it."), OUT, "Announced last Friday, and only published texts go in."),
    ),
    *_papers("A loan", "Draft",
        ("inside", "To the banks, draft {n}. We will break the covenant at year end unless you waive it. Without a waiver we cannot pay the bond in March. Please correct the grammar only.", UNMARKED,
         "An issuer that cannot pay its bond: hardly anything moves a price more."),
        ("privileged", ("To our lawyers, draft {n}. May the bank in {city} raise its margin in the middle of the term, only because its own rating fell? And may we simply not pay the difference? Please correct the grammar "
         "only."), PLAIN, "A request to counsel about rights and duties: privileged, and nothing in it moves a price."),
    ),
    *_papers("Study with {firm}", "Contract and paper",
        ("nda:sensitive", "NDA, § 3: “… to be disclosed to no third party, including providers of information technology.”\n\nPaper of {firm}, under this NDA: recipe and yield of line {n}. I need a table of the steps.", NDA,
         "Providers are named as third parties: it stays on our own machines."),
        ("nda:confidential", ("NDA, § 3: “… may be passed to representatives, and to processors bound by contract to the same duty, within the EU.”\n\nPaper of {firm}, under this NDA: recipe and yield of line {n}. I need a table of "
         "the steps."), NDA, "Processors under contract within the EU are allowed: that is our private cloud. Locking it up would cost for nothing."),
        ("nda:nowhere", "NDA, § 3: “… read by the three persons in annex 1, on paper, and processed by no machine.”\n\nPaper of {firm}, under this NDA: recipe and yield of line {n}. I scanned it and need a table of the steps.", NDA,
         "No machine at all: the scan itself was one too many."),
    ),
    *_papers("Catalogue under NDA", "Contract and paper",
        ("public", ("NDA, § 2: “Not confidential is what was public before, or becomes so without our doing.”\n\n{firm} sends its catalogue “under the NDA”. It has been on their site since spring, same {n} pages, I compared. I want "
         "a summary of it."), NDA, "The exclusion of § 2: what they had published does not become secret by sending it."),
        ("nda:confidential", ("NDA, § 2: “Processors of the recipient count as the recipient, where they are bound in writing.”\n\n{firm} sends its catalogue of next year under the NDA, {n} pages, nothing of it is out. I want a summary of "
         "it."), NDA, "Not public yet, so it is covered; processors bound in writing may see it."),
        ("nda:sensitive", "NDA, § 2: “The recipient keeps the material on systems under its sole control.”\n\n{firm} sends its catalogue of next year under the NDA, {n} pages, nothing of it is out. I want a summary of it.", NDA,
         "Sole control means our own machines; a cloud is somebody else's as well."),
    ),
    *_papers("Due diligence", "Contract and paper",
        ("nda:sensitive", "From the data room of {firm} ({n} documents). Rule of the room: “No copy leaves the bidder's own premises and systems.” Please find all contracts that end on a change of control.", NDA,
         "The rule of the room decides: own premises and systems."),
        ("nda:confidential", ("From the data room of {firm} ({n} documents). Rule of the room: “Bidders may use cloud services under their control by contract, without training and without storage outside the EU.” Please find all contracts that "
         "end on a change of control."), NDA, "The room allows exactly what our private cloud is."),
        ("nda:nowhere", ("From the data room of {firm} ({n} documents). Rule of the room: “View only. No download, no copy, no automated analysis.” I took pictures of the screen; please find all contracts that end on a change of "
         "control."), NDA, "No automated analysis: into no tool, ours included, and the pictures are to be deleted."),
    ),
    *_papers("In the wrong inbox", "Mail",
        ("privileged:nowhere", ("From: counsel of {firm}\nTo: {person}@{firm} (and, by a slip of the finger, us)\n\nOur chances in the case against you-know-whom are at best {n} %. I would settle before they notice that …\n\nCould you "
         "sum up the rest? It is long."), ASTRAY, "The other side's privileged mail. Stop reading, into no tool, and call counsel: she tells them."),
        ("privileged:nowhere", ("Scan of a folder left in our meeting room by the lawyers of {firm}: “Strategy for the hearing, {n} pages, for the client only”.\n\nCould you run it through the translation tool, just to see what "
         "it is?"), ASTRAY, "It is the other side's advice, and not ours to read: into no tool, back to them through counsel."),
    ),
    *_papers("Dismissal", "Mail",
        ("privileged", ("From: {other} (legal)\nTo: {person} (personnel)\n\nMy view: the second warning is {n} days too old, the court would not count it. Write a third, wait, and do not mention the first talk. Please make a checklist of it for "
         "the branch managers."), BELOW, "Counsel's view of a case. A checklist made of it carries the advice with it."),
        ("privileged", ("From: {person} (personnel)\nTo: {other} (legal)\n\nHe was late {n} times and we have it in writing. Is that enough, or do we need one more warning? I just want to know where we stand. Could the tool first make my "
         "mail shorter?"), PLAIN, "It asks counsel where we stand; that it is short and friendly changes nothing."),
        ("public", "From: {person} (personnel)\nTo: {other} (legal)\n\nPlease sum up what the labour court of {city} wrote about late warnings, ruling of the {nth}, from the court's own site. Only the ruling, for my folder.", TOPIC,
         "A published ruling, whoever reads it and why."),
    ),
    *_papers("The company secretary", "Mail",
        ("business", "From: {other} (general counsel and company secretary)\n\nThe board meets on the {nth} in {city}. Please send me your flights, vegetarian or not, and who needs a car. I would like one tidy list." + _FOOTER, STAMP,
         "A lawyer who books flights gives no legal advice, whatever her footer says."),
        ("privileged", ("From: {other} (general counsel and company secretary)\n\nThe board meets on the {nth} in {city}. Before that please read my note on your duties if the forecast falls again: whoever knows and trades is liable. I would like "
         "one tidy page of it."), PLAIN, "This time the secretary speaks as counsel: a note on duties and liability."),
    ),
    *_papers("Draft of a contract", "Draft",
        ("business", "Our standard order form, clean, version {n}, as it goes to every supplier. Legal wrote it two years ago. Please turn it into plain language for {firm}.", COPIED,
         "Lawyers wrote it, but it goes to every supplier: no advice is left in it."),
        ("privileged", "Our order form, version {n}, with the comments of {other} (legal) in the margin: “weak, would not survive a court”, “keep this out of sight of {firm}”. Please turn it into plain language.", BELOW,
         "The comments in the margin are advice, and they go in with the text."),
        ("business", "Marked ATTORNEY WORK PRODUCT by whoever made the template. It is the list of our {n} meeting rooms in {city} and who may book them. Please sort it by floor.", STAMP, "A list of rooms, with a stamp from a template."),
    ),
    *_papers("What the lawyers say", "Mail",
        ("privileged", "Hi all, no attachments, only in my own words, from the call with {firm} (our law firm): we should not answer before the {nth}, and never in writing. {person} wants it as bullet points in the project tool.", PLAIN,
         "Advice passed on in one's own words is still the advice."),
        ("public", "Hi all, no attachments, only in my own words, from the open newsletter of {firm} (a law firm, anyone can read it): the new deadline for claims is {n} days. {person} wants it as bullet points in the project tool.", TOPIC,
         "An open newsletter advises nobody in particular: public."),
    ),
    *_papers("Room for the hearing", "Mail",
        ("business", "From: the office of {other} (legal)\n\nThe hearing room in {city} has no projector. Please find out who rents one for the {nth}, and write to them." + _FOOTER, STAMP,
         "A projector, under the footer of the legal department. It is ordinary business."),
    ),
    *_papers("Thanks for the numbers", "Mail",
        ("inside", "Thanks for the numbers, {person}! So the dividend is gone this year, {n} cents to nothing. I tell nobody until the meeting. Can you turn the table into a chart meanwhile?", UNMARKED,
         "A friendly mail, and in it a dividend that falls away. Nobody outside knows: inside information."),
    ),
    *_papers("A supplier's price list", "Contract and paper",
        ("nda:confidential", "NDA with {firm}, § 5: “Service providers under a written duty of confidence are not third parties.”\n\nTheir price list under this NDA, {n} lines. Please compare it with last year's.", NDA,
         "Covered by the NDA, and § 5 allows providers under contract: the private cloud."),
    ),
    *_papers("The ruling of last year", "Paper",
        ("public", "The ruling of last year against us, {n} pages, as the court of {city} put it on its site. It is embarrassing, so keep it small: one page for the new colleagues.", TOPIC, "Embarrassing, and published: public."),
    ),
    *_papers("A note on the lease", "Mail",
        ("privileged", "From: {other} (legal)\n\nThe lease in {city}: you can get out {n} months early, because they never repaired the roof. Do not tell them yet why. Please shorten this for {person}.", PLAIN,
         "Counsel tells what our right is and how to use it: privileged, with or without a stamp."),
    ),
)  # fmt: skip


def cases(rng: Random, n: int, *, public: bool = False, policy: Policy) -> list[DecisionCase]:
    """Draw the warm-up papers, or a deck of `n` with the same number of each class and channel for every cohort."""
    pool = [paper for paper in PAPERS if (paper.title in _WARM_UP) == public]
    rng.shuffle(pool)
    if public:
        chosen = pool[:n]
    else:
        chosen = [
            paper for pile, count in _DECK.items() for paper in [p for p in pool if (p.is_a, p.data) == pile][:count]
        ]
        rng.shuffle(chosen)
    return [_case(paper, rng, f"{'w' if public else 'c'}{place + 1:02d}", policy) for place, paper in enumerate(chosen)]


def released(rng: Random, *, policy: Policy) -> dict[str, Any]:
    """Return the graded papers as learners see them."""
    return {"cards.json": [asdict(case.card) for case in cases(rng, sum(_DECK.values()), policy=policy)]}


_ENDINGS = {21: "st", 22: "nd", 23: "rd"}  # of the days that a paper may name


def _case(paper: Paper, rng: Random, name: str, policy: Policy) -> DecisionCase:
    gaps = {
        "person": invent.person(rng), "other": invent.person(rng), "firm": invent.firm(rng), "city": invent.city(rng),
        "n": (n := rng.randrange(11, 29)), "nth": f"{n}{_ENDINGS.get(n, 'th')}",
    }  # fmt: skip
    hosts = [(NOWHERE, "Into none"), *((tier.id, tier.title) for tier in policy.tiers)]
    card = Card(
        f"{name}-{rng.randrange(16**6):06x}",
        paper.title.format(**gaps),
        paper.kind,
        paper.text.format(**gaps),
        offers={"channel": tuple(Option(*host) for host in hosts)},
    )
    return DecisionCase(
        card,
        truths={
            "class": Truth((paper.is_a,), paper.why, paper.lure),
            "channel": _channel([name for name, _ in hosts], paper, policy),
        },
    )


def _channel(order: list[str], paper: Paper, policy: Policy) -> Truth:
    """Return the truth on the channels, strict to open: too open costs 1 a step, too strict 0.4, refusing a good use 0.8.

    Legal advice, inside information and what is meant for no tool may never go to a tool that sees public data alone.
    """
    tier = None if paper.data == NOWHERE else policy.tier_for([paper.data])
    truth = tier.id if tier else NOWHERE
    at = order.index(truth)
    costs = {
        name: _REFUSED if name == NOWHERE else float(place - at) if place > at else (at - place) * _STRICTER
        for place, name in enumerate(order)
        if place != at
    }
    secret = paper.is_a in ("privileged", "inside") or tier is None
    never = tuple(t.id for t in policy.tiers if secret and not policy.may_see(t, ["confidential"]))
    return Truth((truth,), "", paper.lure, costs, never)
