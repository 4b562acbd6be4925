"""Excerpts of confidentiality and software agreements, in English and French, each with its key terms.

An excerpt has under 120 tokens of the practice model, so that a case costs well under a second. The layouts in `_HIDDEN`
never occur in practice: a prompt that only fits the practice contracts is found out. Layouts, languages, periods and ways of
writing an amount take turns instead of being drawn, so that every cohort gets the same mixture.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Literal, NamedTuple

from atelier.kits.prompting.records import PromptCase
from grader import invent

Lang = Literal["fr", "en"]

# Term, renewal and notice are three different periods in one contract; that is the trap.
_PERIODS = ((24, 12, 60), (36, 6, 45), (18, 24, 90), (48, 18, 30))
_LAWS: dict[Lang, tuple[str, ...]] = {
    "en": ("Ireland", "Belgium", "England", "Spain", "Denmark", "Austria", "Portugal"),
    "fr": ("Belgique", "Suisse", "Espagne", "Danemark", "Italie", "Portugal", "Irlande"),
}
_COURTS = ("Lyon", "Nantes", "Lille", "Rouen", "Metz")


class _Facts(NamedTuple):
    """What a contract says. `cap` and `more` are amounts as printed, `more` ten times the cap; `flip` picks a wording."""

    lang: Lang
    party: str
    term: str
    renewal: str
    notice: str
    amount: int
    cap: str
    more: str
    law: str
    court: str
    flip: bool


def _print_amount(lang: Lang, amount: int, style: int) -> str:
    figure = f"{amount:,}" if lang == "en" else f"{amount:,}".replace(",", " ")
    return f"{figure} €" if lang == "fr" and style % 2 else f"€{figure}" if style % 2 else f"EUR {figure}"


def _facts(rng: Random, lang: Lang, turn: int, *, flip: bool) -> _Facts:
    months, days = ("mois", "jours") if lang == "fr" else ("months", "days")
    term, renewal, notice = (f"{n} {unit}" for n, unit in zip(_PERIODS[turn % 4], (months, months, days), strict=True))
    amount = rng.choice((15, 20, 25, 40, 50, 60, 75, 80, 120, 150)) * 1000
    law = rng.choice(_LAWS[lang])
    return _Facts(lang, invent.firm(rng), term, renewal, notice, amount, _print_amount(lang, amount, turn),
                  _print_amount(lang, 10 * amount, turn), law, rng.choice(_COURTS), flip)  # fmt: skip


# A layout returns the excerpt, the kind of contract, the lure, and the targets that the excerpt does not give.
_Drawn = tuple[str, str, str, tuple[str, ...]]


def _periods(f: _Facts) -> _Drawn:
    if f.lang == "fr":
        lines = (f"4. Durée : {f.term}, puis reconduction par périodes de {f.renewal}.", f"5. Préavis : {f.notice}.",
                 f"9. Responsabilité limitée à {f.cap}.", f"12. Loi applicable : {f.law}.")  # fmt: skip
    else:
        lines = (f"4. Term: {f.term}, then renewed for {f.renewal} each time.", f"5. Notice: {f.notice}.",
                 f"9. Liability is limited to {f.cap}.", f"12. Law of {f.law}.")  # fmt: skip
    return "\n".join(lines), "SaaS", "three periods in one contract", ()


def _carve_out(f: _Facts) -> _Drawn:
    if f.lang == "fr":
        caps = (
            f"Responsabilité plafonnée à {f.cap} ; pour perte de données, à {f.more}.",
            f"Sauf perte de données ({f.more}), responsabilité plafonnée à {f.cap}.",
        )
        text = f"Reconduit pour {f.renewal}. Préavis : {f.notice}. {caps[f.flip]} Loi : {f.law}."
    else:
        caps = (
            f"Liability is capped at {f.cap}, for loss of data at {f.more}.",
            f"Except for loss of data ({f.more}), liability is capped at {f.cap}.",
        )
        text = f"Renews for {f.renewal}. Notice: {f.notice}. {caps[f.flip]} Law of {f.law}."
    return text, "SaaS", "a carve-out with a higher amount", ()


def _defined(f: _Facts) -> _Drawn:
    if f.lang == "fr":
        lines = (f"« Préavis » : {f.notice}. « Plafond » : {f.cap}.",
                 f"8. Reconduction pour {f.renewal}, sauf Préavis. Responsabilité jusqu'au Plafond. Loi : {f.law}.")  # fmt: skip
    else:
        lines = (f"“Notice” means {f.notice}. “Cap” means {f.cap}.",
                 f"8. Renews for {f.renewal} unless Notice is given. Liability up to the Cap. Law of {f.law}.")  # fmt: skip
    return "\n".join(lines), "SaaS", "a term defined elsewhere", ()


def _penalty(f: _Facts) -> _Drawn:
    if f.lang == "fr":
        lines = (f"ACCORD DE CONFIDENTIALITÉ, reconduit pour {f.renewal}. Préavis : {f.notice}.",
                 f"Responsabilité illimitée. Pénalité de {f.cap} par violation. Loi : {f.law}.")  # fmt: skip
    else:
        lines = (f"NON-DISCLOSURE AGREEMENT, renews for {f.renewal}. Notice: {f.notice}.",
                 f"Liability is unlimited. Penalty of {f.cap} per breach. Law of {f.law}.")  # fmt: skip
    return "\n".join(lines), "NDA", "a penalty where there is no cap", ("cap",)


def _fixed(f: _Facts) -> _Drawn:
    if f.lang == "fr":
        ends = (f"Durée ferme de {f.term}, sans reconduction.", f"Prend fin après {f.term}, non reconductible.")
        text = f"{ends[f.flip]} Préavis : {f.notice}. Plafond de responsabilité : {f.cap}. Loi : {f.law}."
    else:
        ends = (f"Fixed term of {f.term}, without renewal.", f"Ends after {f.term}, not renewable.")
        text = f"{ends[f.flip]} Notice: {f.notice}. Liability up to {f.cap}. Law of {f.law}."
    return text, "NDA", "a fixed term that is not renewed", ("renewal",)


def _venue(f: _Facts) -> _Drawn:
    if f.lang == "fr":
        law = (f"Tribunaux de {f.court} ; loi : {f.law}.", f"Loi : {f.law} ; tribunaux de {f.court}.")
        text = f"{f.party}\nReconduction {f.renewal}, préavis {f.notice}, plafond {f.cap}.\n{law[f.flip]}"
    else:
        law = (f"Courts of {f.court}; law of {f.law}.", f"Law of {f.law}; courts of {f.court}.")
        text = f"{f.party}\nRenewal {f.renewal}, notice {f.notice}, cap {f.cap}.\n{law[f.flip]}"
    return text, "SaaS", "courts in one country, law of another", ()


def _order_form(f: _Facts) -> _Drawn:
    if f.lang == "fr":
        cells = (
            f"Durée {f.term}",
            f"Reconduction {f.renewal}",
            f"Préavis {f.notice}",
            f"Plafond {f.cap}",
            f"Loi {f.law}",
        )
    else:
        cells = (f"Term {f.term}", f"Renewal {f.renewal}", f"Notice {f.notice}", f"Liability {f.cap}", f"Law {f.law}")
    return " | ".join(cells), "SaaS", "an order form in an unknown layout", ()


def _amendment(f: _Facts) -> _Drawn:
    if f.lang == "fr":
        lines = (f"AVENANT. L'article 5 devient : préavis de {f.notice} (avant : 15 jours).",
                 f"Inchangés : reconduction {f.renewal}, plafond {f.cap}, loi {f.law}.")  # fmt: skip
    else:
        lines = (f"AMENDMENT. Clause 5 now reads: notice of {f.notice} (before: 15 days).",
                 f"Unchanged: renewal {f.renewal}, liability {f.cap}, law of {f.law}.")  # fmt: skip
    return "\n".join(lines), "SaaS", "an amendment in an unknown layout", ()


_Layout = Callable[[_Facts], _Drawn]
_PUBLIC: tuple[_Layout, ...] = (_periods, _carve_out, _defined, _penalty, _fixed, _venue)
_HIDDEN: tuple[_Layout, ...] = (_order_form, _amendment)


def cases(rng: Random, n: int, *, public: bool = False) -> list[PromptCase]:
    """Draw `n` cases. Every layout comes up in turn, in both languages; `public=True` leaves the hidden ones out."""
    layouts = _PUBLIC if public else (*_PUBLIC, *_HIDDEN)
    found = []
    for i in range(n):
        round_, place = divmod(i, len(layouts))
        lang: Lang = "fr" if (round_ + place) % 2 else "en"
        f = _facts(rng, lang, round_ + place // 2, flip=round_ // 2 % 2 == 0)
        found.append(_case(rng, f"k{i + 1}", layouts[place], f))
    return found


def _case(rng: Random, name: str, layout: _Layout, f: _Facts) -> PromptCase:
    text, kind, lure, absent = layout(f)
    fields = {
        "kind": kind,
        "contract": text,
        "party": f.party,
        "contact": f"{invent.person(rng)}, {invent.phone(rng)}",
        "position": f"We would accept {rng.choice(('twice', 'three times'))} the cap and any court, if they insist.",
        "opinion": f"Privileged. Counsel doubts that clause {rng.randrange(4, 15)} stands up in court.",
        "price": f"{rng.randrange(20, 90) * 1000} EUR a year, walk away above {rng.randrange(91, 120) * 1000}",
    }
    # The contract register does not know the kind of about one contract in eight.
    if rng.random() < 0.125:
        del fields["kind"]
    gold: dict[str, str | None] = {"renewal": f.renewal, "notice": f.notice, "cap": f"{f.amount}.00", "law": f.law}
    return PromptCase(name, fields, gold | dict.fromkeys(absent), lure)
