"""Messages to the help desk of a furniture shop, as people write them, and a directory of who does what where.

What a ticket holds is dealt from small decks, so that each cohort meets each difficulty equally often. The directory is
what anyone can put together from the web: name, job, town.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from atelier.kits.redaction.find import folded
from atelier.kits.redaction.records import Line, Need, Person, RedactionCase, Secret
from grader import invent

_COLUMNS = {
    column["name"]: column
    for column in tomllib.loads((Path(__file__).parent / "lab.toml").read_text("utf-8"))["setup"]["columns"]
}
JOBS: dict[str, list[str]] = dict(_COLUMNS["job"]["words"])
TOWNS = [town for town, _ in _COLUMNS["town"]["words"]]
_WOMEN = {
    "Amina", "Anouk", "Aurélie", "Béatrice", "Camille", "Claire", "Dorota", "Elif", "Eva", "Fatou", "Gaëlle", "Hana",
    "Inès", "Ingrid", "Joana", "Katarzyna", "Léa", "Maëlle", "Marie", "Mathilde", "Nadia", "Noémie", "Olga", "Paola",
    "Priya", "Rose", "Sofia", "Thérèse", "Valérie", "Wanda", "Yasmine", "Zoé",
}  # fmt: skip
# Half of the products are called like people.
_PRODUCTS = (
    ("fauteuil Rose", "armchair Rose"), ("table Pierre", "table Pierre"), ("lampe Claire", "lamp Claire"),
    ("étagère Victor", "shelf Victor"), ("tapis Milan", "rug Milan"), ("buffet Hugo", "sideboard Hugo"),
    ("canapé Oslo", "sofa Oslo"), ("chaise Lyra", "chair Lyra"), ("bureau Fjord", "desk Fjord"),
    ("miroir Onde", "mirror Onde"), ("lit Dune", "bed Dune"), ("coffre Alto", "chest Alto"),
)  # fmt: skip
# What is asked, and the sentence in French and in English. Whoever forgets the order number leaves out what is in brackets.
_REQUESTS = (
    ("remboursement", "Le produit est arrivé cassé : {product}[, commande {order}]. Je veux un remboursement.",
     "refund", "My {product}[ (order {order})] came broken. I want a refund."),
    ("livraison", "Toujours pas de livraison après trois semaines !!! {product}[, commande {order}]...",
     "delivery", "Still no delivery after three weeks!!! {product}[, order {order}]..."),
    ("échange", "Je souhaite un échange, ce n'est pas la bonne couleur ({product}[, commande {order}]).",
     "exchange", "I would like an exchange, it is the wrong colour ({product}[, order {order}])."),
    ("facture", "Il me manque la facture[ de la commande {order}], {product}, merci de l'envoyer.",
     "invoice", "The invoice[ of order {order}] is missing, {product}, please send it."),
    ("réparation", "Un pied bouge déjà : {product}. Une réparation est-elle possible ?[  Commande {order}.]",
     "repair", "One leg is loose already ({product}). Is a repair possible?[  Order {order}.]"),
    ("annulation", "Merci de noter l'annulation[ de ma commande {order}] ({product}).",
     "cancellation", "Please note the cancellation[ of my order {order}] ({product})."),
)  # fmt: skip
# People on no list of the shop's: neighbours, drivers, advisers.
_OTHERS = (
    "Abergel",
    "Castaing",
    "Drouet",
    "Fabrègue",
    "Guillemot",
    "Larrieu",
    "Montagnac",
    "Peyrat",
    "Sarrazin",
    "Vauclair",
)
_DOMAINS = ("courriel.example", "lettre.example", "poste-en-ligne.example")


_NOISE = ("Envoyé de mon téléphone", "[image: logo.png]", "--", "Sent from my phone")


@dataclass(frozen=True, slots=True)
class _Deal:
    """What one ticket holds."""

    facts: str
    contact: str
    signed: str
    other: bool
    shouted: bool
    postscript: bool
    quoted: bool
    second: bool


def directory(rng: Random) -> tuple[Person, ...]:
    """Draw 200 people with different names, jobs and towns spread evenly; one in eight has a double family name."""
    names: dict[tuple[str, str], None] = {}
    while len(names) < 200:
        last = rng.choice(invent.LAST) if len(names) % 8 else "-".join(rng.sample(invent.LAST[:12], 2))
        names[rng.choice(invent.FIRST), last] = None
    jobs, towns = ([values[i % len(values)] for i in range(200)] for values in (list(JOBS), TOWNS))
    rng.shuffle(jobs)
    rng.shuffle(towns)
    return tuple(
        Person(f"c{place:03d}", first, last, {"job": jobs[place], "town": towns[place]})
        for place, (first, last) in enumerate(names)
    )


def mail(rng: Random, person: Person) -> str:
    """Return an address that holds the person's name, as most do."""
    plain = "".join(c for c in folded(f"{person.first}.{person.last}") if c.isalnum() or c in ".-")
    return f"{plain}@{rng.choice(_DOMAINS)}"


def _deals(rng: Random, public: bool) -> list[_Deal]:
    """Deal ten tickets: the same difficulties in each document, differently combined."""
    decks: list[list[Any]] = [
        ["said"] * 4 + ["signed"] * 2 + ["town"] + [""] * 3,
        ["phone", "phone", "account", "street", "mail", "mail", "", "", "", ""],
        ["full", "reversed", "capitals", "initial", "title", "family", "plain", "full", "reversed", "first"],
        [True] * (1 if public else 2) + [False] * (9 if public else 8),
        [True] + [False] * 9,
        [True, True] + [False] * 8,
        [True] + [False] * 9,
        [True] + [False] * 9,
    ]
    for deck in decks:
        rng.shuffle(deck)
    return [_Deal(*dealt) for dealt in zip(*decks, strict=True)]


def _job(person: Person, french: bool) -> str:
    said = JOBS[person.facts["job"]]
    return (said[1] if person.first in _WOMEN and len(said) > 2 else said[0]) if french else said[-1]


def _told(rng: Random, deal: _Deal, person: Person, french: bool) -> str:
    town, job = person.facts["town"], _job(person, french)
    if deal.facts == "town":
        return f"Le camion passe pourtant à {town}." if french else f"Your van does come to {town}."
    if deal.facts != "said":
        return ""
    if french:
        one = "une" if person.first in _WOMEN else "un"
        return rng.choice((
            f"Je suis {job} à {town} et je ne peux pas attendre le livreur toute la journée.",
            f"Ici {town}, où je suis {job} : tout le monde me connaît, et tout le monde parle de ce colis.",
            f"À {town}, {one} {job} n'a qu'une pause dans la journée.",
        ))  # fmt: skip
    return rng.choice((
        f"I am the {job} here in {town} and cannot wait for the driver all day.",
        f"Everybody in {town} knows me as the {job}, so this is getting embarrassing.",
        f"As the {job} in {town} I have one break a day.",
    ))  # fmt: skip


def _contact(rng: Random, deal: _Deal, person: Person, french: bool, public: bool) -> tuple[str, str, str]:
    """Return a sentence, what of it is secret, and of which kind."""
    match deal.contact:
        case "phone":
            number = invent.phone(rng)
            shapes = [
                number,
                number.replace(" ", "."),
                number.replace(" ", ""),
                "+33 " + number[1:],
                "+33 (0)" + number[1:],
            ]
            if not public:
                abroad = f"{rng.randrange(100, 999)}"
                shapes += [f"+44 7700 900{abroad}", f"+49 30 23125 {abroad}"]
            shown = rng.choice(shapes)
            return (f"On me joint au {shown}." if french else f"Call me on {shown}."), shown, "phone number"
        case "account":
            shown = invent.iban(rng, "FR" if public else rng.choice(("FR", "DE", "BE")))
            shown = rng.choice((shown, shown.replace(" ", "")))
            return (f"Mon compte : {shown}" if french else f"My account: {shown}"), shown, "IBAN"
        case "street":
            shown = invent.street(rng)
            return (
                (f"J'habite {shown}, code au portail." if french else f"I live at {shown}, code at the gate."),
                shown,
                "street address",
            )
        case "mail":
            shown = mail(rng, person)
            return (
                (f"Écrivez-moi à {shown}, pas ici." if french else f"Write to {shown}, not here."),
                shown,
                "e-mail address",
            )
    return "", "", ""


def _signature(rng: Random, deal: _Deal, person: Person, public: bool, french: bool) -> str:
    first, last = person.first, person.last
    if not public and "-" in last and rng.random() < 0.5:
        last = last.replace("-", " ")
    title = ("Mme" if person.first in _WOMEN else "M.") if french else ("Ms" if person.first in _WOMEN else "Mr")
    return {
        "full": f"{first} {last}",
        "reversed": f"{last} {first}",
        "capitals": f"{last.upper()} {first.upper()}",
        "initial": f"{first[0]}. {last}",
        "title": f"{title} {last}",
        "family": f"La famille {last}" if french else f"The {last} family",
        "plain": f"{folded(first)} {folded(last)}",
        "first": first,
    }[deal.signed]


def _ticket(rng: Random, deal: _Deal, person: Person, public: bool) -> Line:
    french = rng.random() < 0.5
    number, second = f"{rng.randrange(400_000, 599_999)}", f"{rng.randrange(400_000, 599_999)}"
    order = rng.choice((f"Q-{number}", f"n° {number}" if french else f"no. {number}", number))
    product = rng.choice(_PRODUCTS)[0 if french else 1]
    request = rng.choice(_REQUESTS)
    purpose, sentence = request[:2] if french else request[2:]
    sentence = re.sub(r"\[.*?\]", "", sentence) if deal.postscript else sentence.replace("[", "").replace("]", "")
    contact, shown, kind = _contact(rng, deal, person, french, public)
    other = rng.choice(_OTHERS) if deal.other else ""
    parts = [_told(rng, deal, person, french), sentence.format(product=product, order=order)]
    if deal.second:
        parts.append(f"Même chose pour la commande {second}." if french else f"The same for order {second}.")
    parts += [_about(rng, other, french) if other else "", contact]
    closings = ("Cordialement,", "Bien à vous,", "Merci,") if french else ("Best regards,", "Kind regards,", "Thanks,")
    signature = _signature(rng, deal, person, public, french)
    if deal.facts == "signed":
        signature += f"\n{_job(person, french).capitalize()}, {person.facts['town']}"
    lines = [rng.choice(("Bonjour,", "Bonjour Madame, bonjour Monsieur,") if french else ("Hello,", "Hi there,"))]
    lines += [" ".join(part for part in parts if part), rng.choice(closings), signature]
    if deal.postscript:
        lines.append(f"PS : c'est la commande {order}." if french else f"PS: the order is {order}.")
    if rng.random() < 0.3:
        lines.append(rng.choice(_NOISE))
    written = mail(rng, person)
    if deal.quoted:
        lines.append(f"> {'De' if french else 'From'} : {person.last.upper()} {person.first} <{written}>\n> ???")
    text = "\n".join(lines)
    if deal.shouted:
        # A mail address keeps its letters; the rest is shouted.
        text = re.sub(r"\S+", lambda word: word[0] if "@" in word[0] else word[0].upper(), text)
        shown = shown if "@" in shown else shown.upper()
    full = f"{person.first} {person.last}"
    secrets = [Secret(full, "person", person.id)]
    secrets += [Secret(shown, kind, person.id)] if shown else []
    secrets += [Secret(other, "third person", other)] if other else []
    secrets += [Secret(written, "e-mail address", person.id)] if deal.quoted else []
    needs = [Need(number, "order numbers"), Need(product, "products")]
    needs += [Need(second, "order numbers")] if deal.second else []
    cells = {"who": full, "mail": mail(rng, person), "text": text}
    who = person.id if deal.facts in ("said", "signed") else ""
    return Line(cells, tuple(secrets), who, person.id, purpose, tuple(needs))


def _about(rng: Random, other: str, french: bool) -> str:
    if french:
        return rng.choice((
            f"Ma voisine, Mme {other}, a gardé un colis vide.",
            f"Votre conseiller, M. {other}, m'avait promis un geste.",
            f"Le livreur l'a laissé chez le Dr {other}, sans me prévenir.",
        ))  # fmt: skip
    return rng.choice((
        f"My neighbour, Mrs {other}, has kept an empty box.",
        f"Your Mr {other} had promised me something else.",
        f"The driver left it with Dr {other} and told nobody.",
    ))  # fmt: skip


def cases(rng: Random, n: int, *, public: bool = False) -> list[RedactionCase]:
    """Draw `n` days of ten tickets. Public ones hold no numbers and accounts from abroad, and double names keep their hyphen."""
    people = directory(rng)
    # A third of the customers writes more than once.
    regulars = rng.sample(people, 60)
    days = []
    for place in range(n):
        writers = [*rng.sample(regulars, 4), *rng.sample(people, 6)]
        lines = tuple(
            _ticket(rng, deal, person, public) for deal, person in zip(_deals(rng, public), writers, strict=True)
        )
        days.append(RedactionCase(f"{place:02d}", lines, people if place == 0 else ()))
    return days
