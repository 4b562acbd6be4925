"""Exit interviews of five sites of forty people each, and the list of leavers that every colleague could write.

What an answer holds is dealt from small decks, so that each cohort meets each difficulty equally often. Practice answers come
from one site, hidden ones from all five.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from random import Random

from atelier.kits.redaction.find import folded
from atelier.kits.redaction.records import Line, Need, Person, RedactionCase, Secret
from grader import invent

_COLUMNS = {
    column["name"]: column
    for column in tomllib.loads((Path(__file__).parent / "lab.toml").read_text("utf-8"))["setup"]["columns"]
}
ROLES: dict[str, list[str]] = dict(_COLUMNS["role"]["words"])
EVENTS: dict[str, list[str]] = dict(_COLUMNS["event"]["words"])
# Forty people: team, how many, their roles.
TEAMS = (
    ("Reception", 6, ("forklift driver", "inspector")),
    ("Picking", 6, ("order picker", "forklift driver")),
    ("Packing", 4, ("packer", "inspector")),
    ("Returns", 4, ("packer", "order picker")),
    ("Drivers", 8, ("lorry driver", "mechanic")),
    ("Dispatch", 4, ("dispatcher",)),
    ("Planning", 4, ("planner",)),
    ("Personnel", 4, ("nurse", "payroll clerk", "planner", "payroll clerk")),
)
# The coded reason, and what was wrong: a word that must survive, the sentence in French and in English.
_REASONS = {
    "schedule": (("horaires", "Les horaires tombaient la veille pour le lendemain."), ("hours", "The hours came the evening before.")),
    "wages": (("salaire", "Le salaire n'a pas bougé, les objectifs si."), ("pay", "The pay stood still, the targets did not.")),
    "leadership": (("responsable", "Ma responsable ne répondait jamais à une question simple."),
                ("manager", "My manager never answered a simple question.")),
    "prospects": (("formation", "Aucune formation, en dépit de trois demandes."), ("training", "No training, in spite of three requests.")),
    "conditions": (("bruit", "Le bruit et la poussière, chaque jour."), ("noise", "Noise and dust, every day.")),
}  # fmt: skip
# What should change. Some of it is written like a first name.
_WISHES = (
    ("le planning rose affiché deux semaines avant", "the rose schedule posted two weeks ahead"),
    ("un sol en pierre moins glissant au quai", "a less slippery floor at the dock"),
    ("une consigne claire par jour, pas dix", "one order a day, not ten"),
    ("un vrai tuteur pour les nouveaux", "a proper mentor for newcomers"),
    ("des chariots réparés dans la semaine", "trolleys repaired within the week"),
    ("un entretien par an, tenu", "one yearly talk that is held"),
)
# What would have kept them, in French and in English.
_STAY = (
    ("un samedi libre sur deux", "every other Saturday off"),
    ("80 euros de plus", "80 euros more"),
    ("une réponse écrite", "an answer in writing"),
    ("un poste assis", "a job sitting down"),
    ("une excuse", "an apology"),
)
_MONTHS = (
    ("janvier", "January"), ("février", "February"), ("mars", "March"), ("avril", "April"), ("mai", "May"), ("juin", "June"),
    ("juillet", "July"), ("août", "August"), ("septembre", "September"), ("octobre", "October"), ("novembre", "November"),
    ("décembre", "December"),
)  # fmt: skip
# People on no list of ours: doctors, customers.
_OTHERS = ("Abergel", "Castaing", "Drouet", "Fabrègue", "Guillemot", "Larrieu", "Montagnac", "Peyrat")
_WOMEN = {
    "Amina", "Anouk", "Aurélie", "Béatrice", "Camille", "Claire", "Dorota", "Elif", "Eva", "Fatou", "Gaëlle", "Hana",
    "Inès", "Ingrid", "Joana", "Katarzyna", "Léa", "Maëlle", "Marie", "Mathilde", "Nadia", "Noémie", "Olga", "Paola",
    "Priya", "Rose", "Sofia", "Thérèse", "Valérie", "Wanda", "Yasmine", "Zoé",
}  # fmt: skip
# Also words: nobody speaks of a colleague of that name, for a reader could not tell.
_WORDS_TOO = {"Rose", "Pierre", "Claire"}
_FACTS = ["role event month"] * 16 + ["event month"] * 10 + ["role month"] * 4 + ["role"] * 2 + [""] * 8
_NAMED = ["given"] * 18 + ["titled"] * 8 + ["stranger"] * 4 + [""] * 10
_SIGNED = ["note"] * 10 + ["full"] * 5 + ["capitals"] * 4 + ["mail"] * 2 + ["phone"] * 2 + [""] * 17


def directory(rng: Random) -> tuple[Person, ...]:
    """Draw five sites of forty people with different names; roles, events and months are spread evenly."""
    names: dict[tuple[str, str], None] = {}
    while len(names) < 200:
        names[rng.choice(invent.FIRST), rng.choice(invent.LAST)] = None
    posts = [(team, roles[i % len(roles)]) for team, size, roles in TEAMS for i in range(size)] * 5
    events, months = ([values[i % len(values)] for i in range(200)] for values in (list(EVENTS), range(1, 13)))
    rng.shuffle(events)
    rng.shuffle(months)
    return tuple(
        Person(
            f"l{place:03d}", first, last,
            {"team": posts[place][0], "role": posts[place][1], "years": str(min(int(rng.expovariate(1 / 7)), 31)),
             "event": events[place], "month": f"{months[place]:02d}"},
        )
        for place, (first, last) in enumerate(names)
    )  # fmt: skip


def _told(rng: Random, facts: str, person: Person, french: bool) -> str:
    """Return what a leaver tells of themselves, as a sentence or two."""
    said = ROLES[person.facts["role"]]
    woman = person.first in _WOMEN
    role = (said[1] if woman and len(said) > 2 else said[0]) if french else said[-1]
    event = EVENTS[person.facts["event"]][0 if french else 1]
    place = int(person.facts["month"])
    month, day = _MONTHS[place - 1][0 if french else 1], rng.randrange(2, 28)
    one, sole = ("une", "la seule") if woman else ("un", "le seul")
    templates = {
        ("role event month", True): (
            f"Après {event}, en {month}, on ne voulait plus d'{one} {role} à mi-temps.",
            f"J'étais {role} ; depuis {event} ({day} {month}), on ne me parlait plus.",
            f"Le {day}/{place:02d}, juste après {event}, on m'a dit : vous êtes {sole} {role}, débrouillez-vous.",
        ),
        ("role event month", False): (
            f"After {event} in {month}, nobody wanted a {role} who works half days.",
            f"I was a {role}; since {event} (on {day} {month}) people stopped talking to me.",
            f"On {day}/{place:02d}, right after {event}, they told me: you are the only {role}, cope with it.",
        ),
        ("event month", True): (
            f"Tout a changé après {event}, en {month}.",
            f"Depuis {event}, le {day} {month}, j'attendais une réponse.",
        ),
        ("event month", False): (
            f"Everything changed after {event} in {month}.",
            f"Since {event} on {day} {month} I have waited for an answer.",
        ),
        ("role month", True): (f"Depuis {month}, {one} {role} compte pour deux.",),
        ("role month", False): (f"Since {month} a {role} does the work of two.",),
        ("role", True): (f"Un bon {role}, cela ne se voyait pas." if not woman else f"Une bonne {role}, cela ne se voyait pas.",),
        ("role", False): (f"A good {role} was never noticed.",),
        ("", True): ("Je n'étais pas malheureux au début." if not woman else "Je n'étais pas malheureuse au début.",),
        ("", False): ("I was not unhappy at first.",),
    }  # fmt: skip
    return rng.choice(templates[facts, french])


def _named(rng: Random, kind: str, colleague: Person, french: bool) -> tuple[str, tuple[Secret, ...]]:
    """Return a sentence about somebody else, and the name in it."""
    if kind == "given":
        first = colleague.first
        sentence = rng.choice(
            (f"{first} m'avait pourtant dit d'attendre.", f"Demandez donc à {first}, du quai 4.", f"C'est {first} qui décidait de tout.")
            if french else
            (f"{first} had told me to wait.", f"Just ask {first} on dock 4.", f"In truth {first} decided everything.")
        )  # fmt: skip
        return sentence, (Secret(first, "given name", colleague.id),)
    title = ("Mme" if colleague.first in _WOMEN else "M.") if french else ("Ms" if colleague.first in _WOMEN else "Mr")
    if kind == "titled":
        last = colleague.last.upper() if rng.random() < 0.3 else colleague.last
        sentence = f"{title} {last} criait devant tout le monde." if french else f"{title} {last} shouted at people."
        return sentence, (Secret(colleague.last, "third person", colleague.id),)
    if kind == "stranger":
        other = rng.choice(_OTHERS)
        sentence = f"Le Dr {other} l'a écrit noir sur blanc." if french else f"Dr {other} put it in writing."
        return sentence, (Secret(other, "third person", other),)
    return "", ()


def _signed(rng: Random, kind: str, person: Person, french: bool) -> tuple[str, tuple[Secret, ...]]:
    full = f"{person.first} {person.last}"
    match kind:
        case "full":
            return f"({full})", ()
        case "capitals":
            return f"— {person.last.upper()} {person.first.upper()}", ()
        case "note":
            return (
                f"[Note RH : entretien de {person.first[0]}. {person.last}]"
                if french
                else f"[HR note: talk with {person.first[0]}. {person.last}]",
                (),
            )
        case "mail":
            plain = "".join(c for c in folded(f"{person.first}.{person.last}") if c.isalnum() or c in ".-")
            return (f"Écrivez à {plain}@lettre.example." if french else f"Write to {plain}@lettre.example."), (
                Secret(f"{plain}@lettre.example", "e-mail address", person.id),
            )
        case "phone":
            number = rng.choice(
                (invent.phone(rng), invent.phone(rng).replace(" ", "."), "+33 " + invent.phone(rng)[1:])
            )
            return (f"Mon numéro : {number}" if french else f"My number: {number}"), (
                Secret(number, "phone number", person.id),
            )
    return "", ()


def _answer(
    rng: Random, person: Person, colleague: Person, reason: str, dealt: tuple[str, str, str], wishes_first: bool
) -> Line:
    facts, named, signed = dealt
    french = rng.random() < 0.5
    purpose, wrong = _REASONS[reason][0 if french else 1]
    wish, stay = rng.choice(_WISHES)[0 if french else 1], rng.choice(_STAY)[0 if french else 1]
    about, others = _named(rng, named, colleague, french)
    ending, own = _signed(rng, signed, person, french)
    told = _told(rng, facts, person, french)
    if facts and rng.random() < 0.5:
        # In one breath: who drops the sentence drops the reason.
        told, wrong = f"{told.removesuffix('.')}{' ;' if french else ';'} {wrong[0].lower()}{wrong[1:]}", ""
    wished = f"Ce qu'il faut : {wish}." if french else f"What it needs: {wish}."
    stayed = f"Je serais encore là pour {stay}." if french else f"I would have stayed for {stay}."
    parts = [told, wrong, about, wished, stayed]
    if wishes_first:
        parts = [wished, stayed, told, wrong, about]
    full = f"{person.first} {person.last}"
    cells = {
        "who": full, "team": person.facts["team"], "years": person.facts["years"], "reason": reason,
        "said": " ".join(part for part in [*parts, ending] if part),
    }  # fmt: skip
    secrets = (Secret(full, "person", person.id), *others, *own)
    needs = (Need(wish, "wishes"), Need(stay, "reasons to stay"))
    return Line(cells, secrets, person.id, person.id, purpose, needs)


def cases(rng: Random, n: int, *, public: bool = False) -> list[RedactionCase]:
    """Draw `n` rounds of interviews of forty people each: all five sites in turn, or for practice the first alone."""
    people = directory(rng)
    rounds = []
    for place in range(n):
        site = 0 if public else place % 5
        team = list(people[site * 40 : site * 40 + 40])
        rng.shuffle(team)
        decks = [list(deck) for deck in (_FACTS, _NAMED, _SIGNED)]
        for deck in decks:
            rng.shuffle(deck)
        reasons = [list(_REASONS)[i % len(_REASONS)] for i in range(40)]
        rng.shuffle(reasons)
        talked_of = [p for p in people if p.first not in _WORDS_TOO]
        wishes_first = place >= (1 if public else 5)
        lines = tuple(
            _answer(rng, person, rng.choice(talked_of), reason, dealt, wishes_first)
            for person, reason, dealt in zip(team, reasons, zip(*decks, strict=True), strict=True)
        )
        rounds.append(RedactionCase(f"{place:02d}", lines, people if place == 0 else ()))
    return rounds
