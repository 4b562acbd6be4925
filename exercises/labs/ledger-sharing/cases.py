"""Ledger and payroll lines of a month, with everything in them that leads back to a person, and a staff directory.

The directory is what a curious reader holds: names, jobs, sites, years of service, and pay as colleagues guess it.
"""

from __future__ import annotations

from random import Random

from atelier.kits.redaction.records import Line, Person, RedactionCase, Secret
from grader import invent

FAMILIES = {
    "administration": ("Accountant", "Payroll clerk", "Buyer", "Assistant"),
    "production": ("Operator", "Technician", "Foreman"),
    "sales": ("Sales rep", "Key account manager", "Call agent"),
}
REGIONS = {"west": ("Brest", "Nantes"), "east": ("Metz", "Dijon"), "south": ("Toulon", "Pau")}
_PAY = {"administration": 3200, "production": 3000, "sales": 3500}
_CENTRES = ("CC-100", "CC-210", "CC-340")
_MONTHS = ("01/26", "02/26", "03/26", "mars", "avril")
_PURCHASES = (
    ("Fleurs ROSE, accueil", "rose"),
    ("Dalle PIERRE bleue, hall", "pierre"),
    ("Eau CLAIRE, fontaine", "claire"),
    ("Papier VICTOR 80 g, 40 cartons", "papier"),
)


def directory(rng: Random) -> tuple[Person, ...]:
    """Draw 200 people with different names, two directors among them whom nobody can hide."""
    names: dict[tuple[str, str], None] = {}
    while len(names) < 200:
        names[rng.choice(invent.FIRST), rng.choice(invent.LAST)] = None
    people = []
    for place, (first, last) in enumerate(names):
        family = rng.choice(list(FAMILIES))
        pay = round(min(max(rng.gauss(_PAY[family], 480), 2250), 4700) / 10) * 10 + rng.randrange(10)
        facts = {
            "job": rng.choice(FAMILIES[family]),
            "site": rng.choice([town for towns in REGIONS.values() for town in towns]),
            "seniority": str(min(int(rng.expovariate(1 / 9)), 38)),
            "amount": f"{6900 + 600 * place if place < 2 else pay:.2f}",
        }
        people.append(Person(f"e{place:03d}", first, last, facts))
    return tuple(people)


def _mail(person: Person) -> str:
    plain = "".join(c for c in f"{person.first}.{person.last}".lower() if c.isalnum() or c == ".")
    return f"{plain}@maison-brume.example"


def _payroll(rng: Random, person: Person) -> Line:
    month, full = rng.choice(_MONTHS), f"{person.first} {person.last}"
    label, purpose = rng.choice(
        (
            (f"SALAIRE {month} {person.last.upper()} {person.first.upper()}", "salaire"),
            (f"Paie {month} {person.first[0]}. {person.last}", "paie"),
            (f"Salary {month} {full}", "salary"),
            (f"Salaire {month}, voir mail {_mail(person)}", "salaire"),
            (f"Solde congés Mme/M. {person.last}", "solde"),
        )
    )
    cells = {"who": full, **person.facts, "centre": rng.choice(_CENTRES), "text": label}
    return Line(cells, _secrets(full, label, person.id), person.id, person.id, purpose)


def _expense(rng: Random, person: Person) -> Line:
    full, number = f"{person.first} {person.last}", invent.phone(rng)
    label, purpose = rng.choice(
        (
            (f"Remb. train {rng.choice(invent.CITIES)} {person.last.upper()}", "train"),
            (f"NDF taxi, rappeler {person.first} {person.last} au {number}", "taxi"),
            (f"Hôtel 2 nuits {full}", "hotel"),
        )
    )
    cells = _purchase(rng, full, label)
    return Line(cells, _secrets(full, label, person.id, number), "", person.id, purpose)


def _supplier(rng: Random, name: tuple[str, str]) -> Line:
    full, account = " ".join(name), invent.iban(rng)
    label, purpose = rng.choice(
        (
            (f"Honoraires VIR {account}", "honoraires"),
            (f"VIR SEPA {name[1].upper()} {name[0].upper()} honoraires", "honoraires"),
            (f"Honoraires Me {name[1]}, compte {account}", "honoraires"),
        )
    )
    cells = _purchase(rng, rng.choice((f"Cabinet {full}", f"{full} EI", full)), label)
    return Line(cells, _secrets(full, label, full, "", account), "", full, purpose)


def _goods(rng: Random, firm: str) -> Line:
    label, purpose = rng.choice(_PURCHASES)
    return Line(_purchase(rng, firm, label), (), "", firm, purpose)


def _purchase(rng: Random, who: str, label: str) -> dict[str, str]:
    amount = invent.euros(invent.cents(rng, 20, 480), "plain")
    return {
        "who": who, "job": "", "site": "", "seniority": "", "amount": amount, "centre": rng.choice(_CENTRES), "text": label
    }  # fmt: skip


def _secrets(full: str, label: str, who: str, phone: str = "", account: str = "") -> tuple[Secret, ...]:
    found = [Secret(full, "person", who)]
    found += [Secret(phone, "phone number", who)] if phone and phone in label else []
    found += [Secret(account, "IBAN", who)] if account and account in label else []
    mail = next((word for word in label.split() if "@" in word), "")
    return (*found, Secret(mail, "e-mail address", who)) if mail else tuple(found)


def cases(rng: Random, n: int, *, public: bool = False) -> list[RedactionCase]:
    """Draw `n` documents over one directory. Public ones hold no lawyers and doctors (natural persons as suppliers)."""
    people = directory(rng)
    firms = invent.firms(rng, 8)
    taken = {(p.first, p.last) for p in people}
    private = [
        (f, last)
        for f, last in ((rng.choice(invent.FIRST), rng.choice(invent.LAST)) for _ in range(40))
        if (f, last) not in taken
    ]
    documents = []
    for place in range(n):
        lines = [_payroll(rng, person) for person in rng.sample(people, 18)]
        lines += [_expense(rng, rng.choice(people)) for _ in range(3)]
        lines += [_goods(rng, rng.choice(firms)) for _ in range(3 if public else 2)]
        lines += [] if public else [_supplier(rng, rng.choice(private[:6])) for _ in range(2)]
        rng.shuffle(lines)
        documents.append(RedactionCase(f"{place:02d}", tuple(lines), people if place == 0 else ()))
    return documents
