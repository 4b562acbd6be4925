"""CVs in English and French as an application portal holds them, each with the quotes for its criteria grid.

The portal has already cut a CV into its header (name, birth date, photo, address, nationality, family) and its body; only the
body is needed. It has under 120 tokens of the practice model, so that a case costs well under a second. The layouts in `_HIDDEN`
never occur in practice: a prompt that only fits the practice CVs is found out. Layouts, languages and ways of writing a period
take turns instead of being drawn, so that every cohort gets the same mixture.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Literal, NamedTuple

from atelier.kits.prompting.records import PromptCase
from grader import invent

Lang = Literal["fr", "en"]

_DEGREES: dict[Lang, tuple[str, ...]] = {
    "en": (
        "BA in Law",
        "BSc in Economics",
        "Diploma in Accounting",
        "BA in History",
        "BSc in Statistics",
        "Diploma in Logistics",
    ),
    "fr": (
        "Licence de droit",
        "BTS comptabilité",
        "Licence de gestion",
        "BUT logistique",
        "Licence de lettres",
        "BTS tourisme",
    ),
}
_HIGHER: dict[Lang, tuple[str, ...]] = {
    "en": ("MSc in Finance", "MA in Human Resources", "MBA", "MSc in Marketing"),
    "fr": ("Master finance", "Master RH", "Master achats", "Master marketing"),
}
_JOBS: dict[Lang, tuple[str, ...]] = {
    "en": (
        "Payroll clerk",
        "Buyer",
        "Accountant",
        "Office manager",
        "Team leader",
        "Sales assistant",
        "Trainer",
        "Dispatcher",
    ),
    "fr": ("Comptable", "Juriste", "Analyste", "Chef de projet", "Acheteur", "Formateur", "Technicien", "Assistant RH"),
}
_FIRMS = (
    "Kermel",
    "Uzel",
    "Boréal",
    "Hexavia",
    "Iroise",
    "Novalis",
    "Petrel",
    "Rivage",
    "Sablon",
    "Tamaris",
    "Vigie",
    "Atrium",
)
_LEVELS = ("A2", "B1", "B2", "C1")
_OFFERS = (
    "Payroll clerk, a finished degree, English",
    "Buyer, a finished degree, English",
    "Office manager, a finished degree, English",
)


class _Facts(NamedTuple):
    """What a CV says, line by line. `flip` picks a wording.

    degree    the finished degree with its year
    higher    a degree that is not finished
    last      the job that ended last, with its dates
    first     a job that ended before it began
    beside    a job that began after it and ended before it
    gap       a period after it without a job
    english   the line on languages
    """

    lang: Lang
    degree: str
    year: int
    higher: str
    last: str
    first: str
    beside: str
    gap: str
    english: str
    flip: bool


def _print_period(rng: Random, begun: int, ended: int, style: int) -> str:
    if style % 4 == 3:
        # Begun in autumn and ended in spring: no two jobs overlap unless a layout wants it.
        return f"{rng.randrange(7, 13):02d}/{begun} - {rng.randrange(1, 7):02d}/{ended}"
    return f"{begun} - {ended}"


def _facts(rng: Random, lang: Lang, style: int, *, flip: bool) -> _Facts:
    job, before = rng.sample(_JOBS[lang], 2)
    firm, other = rng.sample(_FIRMS, 2)
    begun = rng.randrange(2012, 2018)
    turned = begun + rng.randrange(2, 4)
    ended = turned + rng.randrange(3, 5)
    last = f"{_print_period(rng, turned, ended, style)} {job}, {firm}"
    first = f"{_print_period(rng, begun, turned, style)} {before}, {other}"
    beside = f"{_print_period(rng, turned + 1, ended - 1, style)} {before}, {other}"
    english = f"{'Anglais' if lang == 'fr' else 'English'} {rng.choice(_LEVELS)}"
    degree, higher = rng.choice(_DEGREES[lang]), rng.choice(_HIGHER[lang])
    return _Facts(lang, degree, begun - 1, higher, last, first, beside, f"{ended} - {ended + 2}", english, flip)


# A layout returns the CV, the lure, and the quote on the degree, or None if no degree is finished.
_Drawn = tuple[str, str, str | None]


def _newest_first(f: _Facts) -> _Drawn:
    study = f"{f.degree}, {f.year}"
    lines = [study, f.last, f.first, f.english]
    if f.flip:
        heads = ("FORMATION", "EXPÉRIENCE") if f.lang == "fr" else ("EDUCATION", "EXPERIENCE")
        lines = [heads[0], study, heads[1], *lines[1:]]
    return "\n".join(lines), "jobs listed newest first", study


def _oldest_first(f: _Facts) -> _Drawn:
    bullet = "• " if f.flip else ""
    study = f"{f.degree}, {f.year}"
    lines = (study, f.first, f.last, f.english)
    return "\n".join(bullet + line for line in lines), "jobs listed oldest first", study


def _in_progress(f: _Facts) -> _Drawn:
    if f.lang == "fr":
        doing = (f"{f.higher}, en cours", f"Inscrit en {f.higher}, diplôme prévu en 2027")[f.flip]
    else:
        doing = (f"{f.higher}, in progress", f"Enrolled in {f.higher}, expected 2027")[f.flip]
    study = f"{f.degree}, {f.year}"
    return "\n".join((doing, study, f.last, f.english)), "a degree in progress above a finished one", study


def _no_degree(f: _Facts) -> _Drawn:
    if f.lang == "fr":
        study = (f"{f.higher}, en cours depuis 2025", f"{f.degree}, sans examen final")[f.flip]
    else:
        study = (f"{f.higher}, in progress since 2025", f"{f.degree}, no final exam")[f.flip]
    return "\n".join((study, f.last, f.english)), "no degree that is finished", None


def _gap(f: _Facts) -> _Drawn:
    study, gap = f"{f.degree}, {f.year}", f"{f.gap} {'sans emploi' if f.lang == 'fr' else 'no job'}"
    lines = (study, gap, f.last, f.english) if f.flip else (study, f.last, gap, f.english)
    return "\n".join(lines), "a gap after the last job", study


def _overlap(f: _Facts) -> _Drawn:
    study = f"{f.degree}, {f.year}"
    lines = (f.last, f.beside) if f.flip else (f.beside, f.last)
    return "\n".join((study, *lines, f.english)), "two jobs at the same time", study


def _no_english(f: _Facts) -> _Drawn:
    study = f"{f.degree}, {f.year}"
    return "\n".join((study, f.last, f.first)), "no word on English", study


def _one_line(f: _Facts) -> _Drawn:
    study = f"{f.degree}, {f.year}"
    return " | ".join((study, f.last, f.first, f.english)), "one line in an unknown layout", study


def _table(f: _Facts) -> _Drawn:
    study = f"{f.degree}, {f.year}"
    keys = ("Langue", "Diplôme", "Poste", "Poste") if f.lang == "fr" else ("Language", "Degree", "Job", "Job")
    rows = zip(keys, (f.english, study, f.last, f.first), strict=True)
    return "\n".join(f"{key}: {value}" for key, value in rows), "labels in an unknown layout", study


_Layout = Callable[[_Facts], _Drawn]
_PUBLIC: tuple[_Layout, ...] = (_newest_first, _oldest_first, _in_progress, _no_degree, _gap, _overlap, _no_english)
_HIDDEN: tuple[_Layout, ...] = (_one_line, _table)


def cases(rng: Random, n: int, *, public: bool = False) -> list[PromptCase]:
    """Draw `n` cases. Every layout comes up in turn, in both languages; `public=True` leaves the hidden ones out."""
    layouts = _PUBLIC if public else (*_PUBLIC, *_HIDDEN)
    found = []
    for i in range(n):
        round_, place = divmod(i, len(layouts))
        lang: Lang = "fr" if (round_ + place) % 2 else "en"
        f = _facts(rng, lang, round_ // 2 + round_ // 4 + place, flip=round_ // 2 % 2 == 0)
        found.append(_case(rng, f"a{i + 1}", layouts[place], f))
    return found


def _case(rng: Random, name: str, layout: _Layout, f: _Facts) -> PromptCase:
    text, lure, degree = layout(f)
    fields = {
        "offer": rng.choice(_OFFERS),
        "cv": text,
        "name": invent.person(rng),
        "born": f"{rng.randrange(1, 29)}/{rng.randrange(1, 13)}/{rng.randrange(1966, 2003)}",
        "photo": rng.choice(
            ("woman, glasses, about fifty", "man with a beard", "woman in a headscarf", "young man in a suit")
        ),
        "address": f"{invent.street(rng)}, {invent.city(rng)}",
        "nationality": rng.choice(("French", "Polish", "Moroccan", "Belgian", "Turkish", "Portuguese")),
        "family": rng.choice(("married, two children", "single", "expecting in March", "divorced, one child")),
    }
    # About one application in eight comes without saying for which post.
    if rng.random() < 0.125:
        del fields["offer"]
    english = None if layout is _no_english else f.english
    return PromptCase(name, fields, {"degree": degree, "job": f.last, "language": english}, lure)
