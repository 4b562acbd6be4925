"""Invented people, firms, places and numbers for lab cases. All drawn from a `random.Random`; none real.

IBANs and VAT numbers have valid check digits, so that format checks alone do not catch a seeded fault.
"""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

FIRST = (
    "Amina", "Anouk", "Aurélie", "Bastien", "Béatrice", "Camille", "Chidi", "Claire", "Damien", "Dorota", "Elif",
    "Émile", "Eva", "Fatou", "Florian", "Gaëlle", "Hana", "Henrik", "Hugo", "Inès", "Ingrid", "Jean-Luc", "Joana",
    "Jonas", "Karim", "Katarzyna", "Laurent", "Léa", "Lucas", "Maëlle", "Marek", "Marie", "Mathilde", "Mehdi", "Milan",
    "Nadia", "Noémie", "Olga", "Oscar", "Paola", "Pierre", "Priya", "Raphaël", "Rose", "Samuel", "Sofia", "Stéphane",
    "Sven", "Tariq", "Thérèse", "Tomas", "Valérie", "Victor", "Wanda", "Yann", "Yasmine", "Zoé",
)  # fmt: skip
LAST = (
    "Abadie", "Adeyemi", "Almeida", "Arnaud", "Bakker", "Barbier", "Benali", "Bergström", "Blanchet", "Bouvier",
    "Carvalho", "Chevrier", "Cissé", "Coste", "Da Silva", "Delmas", "Demir", "Dubreuil", "El Amrani", "Faure",
    "Ferrand", "Fischer", "Garnier", "Gauthier", "Haddad", "Hoffmann", "Ivanova", "Jansen", "Joly", "Kaya", "Keller",
    "Kowalska", "Lacombe", "Lambert", "Le Goff", "Lefranc", "Lindqvist", "Maillard", "Marchetti", "Mercier", "Moreau",
    "N'Diaye", "Nguyen", "Novak", "Okafor", "Olsen", "Pasquier", "Pereira", "Pichon", "Poirier", "Rey", "Rousselet",
    "Saidi", "Schmitt", "Tessier", "Thibault", "Vasseur", "Vidal", "Weber", "Zanetti",
)  # fmt: skip
_FIRM = (
    "Albatros", "Arborea", "Atrium", "Belleroche", "Boréal", "Cap Lumière", "Castellan", "Corail", "Delta Nord",
    "Escale", "Façade Ouest", "Fonderie Lys", "Garrigue", "Halage", "Hexavia", "Iroise", "Jolimont", "Kermel",
    "Lanterne", "Lisière", "Maison Brume", "Montclar", "Novalis", "Ormeau", "Papeterie Oise", "Petrel", "Quai Neuf",
    "Rivage", "Sablon", "Sept Ponts", "Tamaris", "Tilleul", "Uzel", "Valmont", "Verrerie Sud", "Vigie", "Wagram Bis",
    "Zéphyr",
)  # fmt: skip
_TRADE = (
    "Logistique", "Imprimerie", "Conseil", "Nettoyage", "Énergies", "Bureautique", "Transport", "Traiteur",
    "Mécanique", "Sécurité", "Formation", "Emballages", "Peinture", "Location", "Télécom", "Mobilier",
)  # fmt: skip
_FORM = ("SARL", "SAS", "SA", "EURL", "& Fils", "GmbH", "Ltd", "BV")
CITIES = (
    "Angers", "Annecy", "Arras", "Avignon", "Bayonne", "Besançon", "Brest", "Caen", "Colmar", "Dijon", "Grenoble",
    "La Rochelle", "Laval", "Le Mans", "Lille", "Limoges", "Lyon", "Metz", "Nancy", "Nantes", "Nîmes", "Orléans",
    "Pau", "Quimper", "Reims", "Rennes", "Rouen", "Toulon", "Tours", "Valence",
)  # fmt: skip
_STREET = ("rue des Tanneurs", "quai Sud", "allée des Tilleuls", "avenue du Port", "rue Basse", "chemin Vert",
           "place du Marché", "boulevard Carnot", "rue de l'Écluse", "impasse du Four")  # fmt: skip


def person(rng: Random) -> str:
    """Return a full name, such as "Noémie Lefranc"."""
    return f"{rng.choice(FIRST)} {rng.choice(LAST)}"


def firm(rng: Random) -> str:
    """Return a company name, such as "Sablon Transport SAS". About 5,000 different ones."""
    return f"{rng.choice(_FIRM)} {rng.choice(_TRADE)} {rng.choice(_FORM)}"


def firms(rng: Random, n: int) -> list[str]:
    """Return `n` different company names."""
    found: dict[str, None] = {}
    while len(found) < n:
        found[firm(rng)] = None
    return list(found)


def city(rng: Random) -> str:
    """Return a town."""
    return rng.choice(CITIES)


def street(rng: Random) -> str:
    """Return a street address without town."""
    return f"{rng.randrange(1, 180)} {rng.choice(_STREET)}"


def iban(rng: Random, country: str = "FR") -> str:
    """Return an IBAN with valid check digits (ISO 13616), grouped by four, of no real bank."""
    digits = {"FR": 23, "DE": 18, "BE": 12}[country]
    body = "".join(str(rng.randrange(10)) for _ in range(digits))
    number = int(body + "".join(str(ord(c) - 55) for c in country) + "00")
    full = f"{country}{98 - number % 97:02d}{body}"
    return " ".join(full[i : i + 4] for i in range(0, len(full), 4))


def vat(rng: Random) -> str:
    """Return a French VAT number whose key fits its SIREN, such as "FR 40 123 456 824"."""
    siren = rng.randrange(100_000_000, 999_999_999)
    key = (12 + 3 * (siren % 97)) % 97
    text = str(siren)
    return f"FR {key:02d} {text[:3]} {text[3:6]} {text[6:]}"


def phone(rng: Random) -> str:
    """Return a French number from the range that the regulator keeps for fiction (06 39 98 xx xx)."""
    return f"06 39 98 {rng.randrange(100):02d} {rng.randrange(100):02d}"


def day(rng: Random, first: date = date(2026, 1, 5), days: int = 300) -> date:
    """Return a day within `days` of `first`."""
    return first + timedelta(days=rng.randrange(days))


def cents(rng: Random, low: float, high: float) -> int:
    """Return an amount in cents between `low` and `high` euros, never a round one."""
    return rng.randrange(int(low * 100), int(high * 100)) // 10 * 10 + rng.randrange(1, 10)


def euros(amount: int, style: str = "en") -> str:
    """Write `amount` cents: "en" 1,234.50 · "fr" 1 234,50 · "de" 1.234,50 · "plain" 1234.50."""
    sign = "-" if amount < 0 else ""
    whole, rest = divmod(abs(amount), 100)
    if style == "plain":
        return f"{sign}{whole}.{rest:02d}"
    group, point = {"en": (",", "."), "fr": (" ", ","), "de": (".", ",")}[style]
    return f"{sign}{whole:,}".replace(",", group) + f"{point}{rest:02d}"
