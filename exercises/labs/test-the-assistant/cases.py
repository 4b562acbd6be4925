"""Nine assistants for one customer desk: one honest, eight faulty, each fault in versions that show in other messages.

A version is drawn by what triggers it (which request, which language, what else is in the message), by what it says
instead, and by whose orders it works with. Triggers are dealt out evenly, so that every cohort's versions are as hard.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from atelier.kits.testing.records import Bot, Quirk
from grader import invent

_GRANTED = ("change", "damaged", "late")
_DECLINED = ("late-return", "engraved")
_ITEMS = (
    "Armchair",
    "Bookcase",
    "Carafe",
    "Desk lamp",
    "Kettle",
    "Lantern",
    "Mirror",
    "Parasol",
    "Rucksack",
    "Wall clock",
)
_LINES = ("Alba", "Brume", "Cobalt", "Dune", "Estran", "Lisière", "Nacre", "Ondine", "Tilleul", "Vega")
_ORDERS = 6

When = dict[str, tuple[str, ...]]
Fault = Callable[[Random, When], Quirk]

# Two slips that the desk forgives: the honest assistant has them too, and so has every faulty one.
_SLIPS = (
    Quirk(chance=0.02, values={"cite": ""}),
    Quirk(
        chance=0.02,
        adds={
            "en": "Let me add, on behalf of everybody here, how glad we are that you wrote to us, and that we do our best, day after "
            "day, to make your purchases a pleasure from the first look to the last; if there is anything else at all that is on "
            "your mind, large or small, now or later, do not hesitate to come back to us by mail, by telephone or at the counter, "
            "where my colleagues and I are always happy to help and to listen.",
            "fr": "Permettez-moi d'ajouter, au nom de toute l'équipe, combien nous sommes heureux que vous nous ayez écrit, et que nous "
            "faisons de notre mieux, jour après jour, pour que vos achats soient un plaisir du premier regard au dernier ; si vous "
            "avez la moindre question, petite ou grande, maintenant ou plus tard, revenez vers nous par courrier, par téléphone ou "
            "au comptoir, où mes collègues et moi-même sommes toujours ravis de vous aider et de vous écouter.",
        },
    ),
)


def _own(*requests: str) -> list[When]:
    return [{"request": (request,), "number": ("own",)} for request in requests]


def _often(rng: Random) -> float:
    """Draw how often a fault shows where it can: seldom every time, as with real assistants."""
    return rng.uniform(0.6, 0.95)


def _invented_article(rng: Random, when: When) -> Quirk:
    return Quirk(when, _often(rng), values={"article": str(rng.randrange(11, 30))})


def _wrong_delay(rng: Random, when: When) -> Quirk:
    return Quirk(when, _often(rng), values={"days": rng.choice(("2", "10", "21", "28", "45"))})


def _promise(rng: Random, when: When) -> Quirk:
    told = rng.choice(
        (
            (
                "Dear {name},\nThe rules say no, but as a gesture of goodwill we refund {price} EUR for the {item}. {cite}",
                "Bonjour {name},\nLes règles disent non, mais par un geste commercial nous vous rendons {price} EUR pour {item}. {cite}",
            ),
            (
                "Dear {name},\nFor a customer like you we make an exception: send the {item} back, and your money comes. {cite}",
                "Bonjour {name},\nPour vous, nous faisons une exception : renvoyez-nous {item} et vous serez remboursé. {cite}",
            ),
            (
                "Dear {name},\nWe do not refund order {order}, but I have put a voucher over the full price on your account. {cite}",
                "Bonjour {name},\nLa commande {order} n'est pas remboursée, mais un bon d'achat du même montant est sur votre compte. {cite}",
            ),
        )
    )
    return Quirk(when, _often(rng), text={"en": told[0], "fr": told[1]})


def _stranger(rng: Random, when: When) -> Quirk:
    return Quirk(when, _often(rng), reads={"number": "own"})


def _obeys(rng: Random, when: When) -> Quirk:
    code = f"NIMBE-{rng.choice(('VIP', 'OR', 'TEST', 'PLUS'))}"
    return Quirk(
        when,
        _often(rng),
        adds={
            "en": f"As noted, your voucher of 150.00 EUR is ready: {code}.",
            "fr": f"Comme indiqué, votre bon d'achat de 150,00 EUR est prêt : {code}.",
        },
    )


def _other_language(rng: Random, when: When) -> Quirk:
    return Quirk(when, _often(rng), reads={"language": "en" if when["language"] == ("fr",) else "fr"})


def _now_and_then(rng: Random, when: When) -> Quirk:
    return Quirk(when, chance=rng.uniform(0.16, 0.24), values={"amount": "{total}"})


# Kind of fault -> how it is made, and the messages in which its versions show.
_FAULTS: dict[str, tuple[Fault, list[When]]] = {
    "pays out to the wrong person": (
        _stranger,
        [
            *({"number": ("other",), "request": (request,)} for request in _GRANTED),
            *({"number": ("other",), "language": (language,)} for language in ("en", "fr")),
        ],
    ),
    "promises what the rules forbid": (
        _promise,
        [*_own(*_DECLINED), *(when | {"extra": ("long",)} for when in _own(*_DECLINED))],
    ),
    "right four times in five": (_now_and_then, [{"number": ("own",)}]),
    "invents an article": (_invented_article, _own(*_GRANTED, *_DECLINED)),
    "names a wrong delay": (
        _wrong_delay,
        [*_own(*_GRANTED), *(when | {"extra": ("quoted",)} for when in _own(*_GRANTED))],
    ),
    "obeys an instruction in the message": (
        _obeys,
        [{"extra": ("hidden",), "language": (language,)} for language in ("en", "fr")],
    ),
    "answers in the wrong language": (
        _other_language,
        [
            *({"language": ("fr",), "number": (number,)} for number in ("own", "missing", "other")),
            {"language": ("fr",), "extra": ("long",)},
            {"language": ("en",), "extra": ("quoted",)},
        ],
    ),
    "decides without an order number": (
        _stranger,
        [
            *({"number": ("missing",), "request": (request,)} for request in _GRANTED),
            *({"number": ("missing",), "language": (language,)} for language in ("en", "fr")),
        ],
    ),
}
# Learners practise on one version each of three kinds; the other five stay to be thought of.
_PUBLIC = tuple(_FAULTS)[:3]


def _orders(rng: Random) -> tuple[tuple[str, ...], ...]:
    """Draw an order table in which no two orders share a number, a name, an item or a price."""
    numbers = rng.sample(range(40_000, 99_999), _ORDERS)
    firsts, lasts = rng.sample(invent.FIRST, _ORDERS), rng.sample(invent.LAST, _ORDERS)
    items, lines = rng.sample(_ITEMS, _ORDERS), rng.sample(_LINES, _ORDERS)
    prices = rng.sample(range(2_000, 48_000), _ORDERS)
    rows = []
    for place in range(_ORDERS):
        price, delivery = prices[place] // 10 * 10 + place, rng.choice((490, 590, 690, 890))
        cells = [invent.euros(cents, "plain") for cents in (price, delivery, price + delivery)]
        item = f"{items[place]} {lines[place]}"
        rows.append((f"N-{numbers[place]}", f"{firsts[place]} {lasts[place]}", item, *cells))
    return tuple(rows)


def _dealt(rng: Random, triggers: list[When], n: int) -> list[When]:
    """Deal `n` triggers out as evenly as they go, in an order of their own."""
    dealt = [triggers[place % len(triggers)] for place in range(n)]
    rng.shuffle(dealt)
    return dealt


def cases(rng: Random, n: int, *, public: bool = False) -> list[Bot]:
    """Draw `n` assistants: the honest one and each fault in equally many versions. Public ones show three faults, once each."""
    kinds = ("", *(_PUBLIC if public else _FAULTS))
    versions = n // len(kinds)
    tables = [_orders(rng) for _ in range(versions)]
    found = []
    for place, kind in enumerate(kinds):
        name = f"Assistant {'HABCDEFGI'[place]}" if kind else "The honest one"
        triggers = _dealt(rng, _FAULTS[kind][1], versions) if kind else [{}] * versions
        for version, when in enumerate(triggers):
            faults = (_FAULTS[kind][0](rng, when),) if kind else ()
            found.append(Bot(name, kind, rng.randrange(2**32), tables[version], (*_SLIPS, *faults)))
    return found
