"""What in a prompt is worth protecting: numbers that libraries check, addresses, and names. Pure and total.

IBANs, payment cards, company and social security numbers count when their check digits are right (python-stdnum). Names are
found after a title, after a usual first name, or on a list of the organisation's. What a sentence means is beyond this: a
sick note without a name passes. So the assistant adds what it finds to what its user states, and never takes away.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain

from stdnum import luhn
from stdnum.eu import vat
from stdnum.fr import nir, siren, siret

from atelier.kits.redaction import find
from atelier.policy import Kind

# Usual ones of several countries. Left out: those that are words or months as well, but for Rose, Pierre and their like.
_FIRST = """
Adam Adrien Ahmed Alain Alexandra Alexandre Alexis Alice Ali Amandine Amélie Amina Amir Ana Anaïs André Andrea Andrew Angela
Anna Anne Anthony Antoine Anouk Arnaud Arthur Audrey Aurélie Barbara Bastien Béatrice Benjamin Benoît Bernard Brigitte Bruno
Camille Carlos Caroline Catherine Cécile Céline Charles Charlotte Chiara Chidi Christian Christine Christophe Claire Clara Clément
Corinne Cyril Damien Daniel David Deborah Denis Didier Dominique Dorota Édouard Elena Elif Élise Elizabeth Élodie Emily Émile Emma
Emmanuel Éric Estelle Étienne Eva Fabien Fatima Fatou Farid Florence Florian Francesca Franck François Françoise Frédéric Gabriel
Gaëlle Gérard Gilles Giulia Greta Guillaume Hana Hannah Hans Hassan Hélène Henri Henrik Hervé Hugo Ibrahim Inès Ingrid Isabelle Jack
Jacqueline Jacques James Jane Jean Jean-Luc Jean-Pierre Jennifer Jérémy Jérôme Jessica Joana Johanna John Jonas Jonathan José Joseph
Julia Julie Julien Juliette Karim Katarzyna Kevin Khadija Laura Laurence Laurent Léa Leïla Linda Lisa Louis Louise Luc Lucas Lucie Lukas
Maëlle Maria Marc Marek Margaux Marie Marine Marion Mark Martin Martine Mathieu Mathilde Maxime Mehdi Mélanie Mia Michael Michel Michèle
Milan Mohamed Monique Nadia Nathalie Nicolas Nicole Noah Noémie Olga Olivia Olivier Oscar Pablo Paola Pascal Patricia Patrick Paul Pauline
Peter Philippe Pierre Priya Quentin Raphaël Rebecca Rémi Richard Robert Romain Rose Sabine Samir Samuel Sandra Sandrine Sara Sarah
Sébastien Serge Simon Sofia Sophie Stefan Stéphane Stéphanie Susan Sven Sylvain Sylvie Tariq Théo Thérèse Thierry Thomas Tomas Valentin
Valérie Véronique Victor Victoria Vincent Virginie Wanda William Xavier Yann Yasmine Youssef Yves Zoé
"""
_LETTER = r"A-ZÀ-ÖØ-Þ"
_PART = rf"[{_LETTER}](?:[^\W\d_]|['’-](?=[^\W\d_]))+"
_KNOWN = {find.folded(name) for name in _FIRST.split()}
_PAIR = re.compile(
    rf"(?<![\w'’-])(?P<first>{_PART})[ \t]+"
    rf"(?=(?P<last>(?:(?i:de|da|du|el|le|la|van|von)[ \t]+)?{_PART})(?P<third>[ \t]+{_PART})?)"
)
_NIR = re.compile(r"(?<!\w)[1278](?:[ .-]?\d){4}[ .-]?(?:\d[ .-]?[\dABab])(?:[ .-]?\d){8}(?!\w)")
_DIGITS = re.compile(r"(?<![\w.,])\d(?:[ .-]?\d){12,18}(?!\w)")
# Nine digits pass the check by chance once in ten times: here the word counts too.
_SIREN = re.compile(r"(?i:siren|rcs)[^\d\n]{0,20}(?P<number>\d(?:[ .-]?\d){8})(?!\w)")
_WORD = re.compile(r"[^\W_]+")
_VAT = re.compile(r"\b[A-Z]{2}[ .]?[0-9A-Z]{2}(?:[ .]?\d){6,10}\b")

_Finder = Callable[[str], Iterator[tuple[int, int]]]


@dataclass(frozen=True, slots=True)
class Found:
    """Something worth protecting, and where it stands: text[start:end]."""

    kind: Kind
    start: int
    end: int


def detect(text: str, names: Iterable[str] = ()) -> tuple[Found, ...]:
    """Return what is found in `text`, in order and without overlaps; `names` are the organisation's "listed names"."""
    plain, places = _plain(text)
    taken = bytearray(len(plain) + 1)
    found = []
    for kind, finder in (*_FINDERS.items(), ("listed names", _listed(names)), *_NAMES.items()):
        for start, end in finder(plain):
            if start < end and not any(taken[start:end]):
                taken[start:end] = b"\1" * (end - start)
                found.append(Found(kind, places[start], places[end - 1] + 1))
    return tuple(sorted(found, key=lambda f: f.start))


def redact(text: str, names: Iterable[str] = ()) -> str:
    """Return `text` with a token such as [IBAN 1] for all that `detect` finds; the same value gets the same token."""
    tokens: dict[tuple[Kind, str], str] = {}
    out, at = [], 0
    for found in detect(text, names):
        key = found.kind, find.tight(text[found.start : found.end])
        number = 1 + sum(kind == found.kind for kind, _ in tokens)
        token = tokens.setdefault(key, f"[{SINGULAR[found.kind]} {number}]")
        out += [text[at : found.start], token]
        at = found.end
    return "".join([*out, text[at:]])


def where(text: str, found: Found) -> str:
    """Return the place of something found, such as "line 3, characters 12 to 38". Never what stands there."""
    begins = text.rfind("\n", 0, found.start) + 1
    return (
        f"line {text.count(chr(10), 0, found.start) + 1}, characters {found.start - begins + 1} to {found.end - begins}"
    )


SINGULAR: Mapping[Kind, str] = {
    "IBANs": "IBAN",
    "payment cards": "payment card",
    "company numbers": "company number",
    "social security numbers": "social security number",
    "listed names": "listed name",
    "names of people": "name",
    "e-mail addresses": "e-mail address",
    "phone numbers": "phone number",
    "street addresses": "street address",
}


def _plain(text: str) -> tuple[str, list[int]]:
    """Return `text` as patterns expect it, and the place of each of its characters.

    Copies from office documents carry spaces and hyphens that do not break, soft hyphens, and characters of no width.
    """
    kept, places = [], []
    for place, character in enumerate(text):
        if unicodedata.category(character) == "Cf" or character == "\N{COMBINING GRAPHEME JOINER}":
            continue
        plain = unicodedata.normalize("NFKC", character)
        if len(plain) != 1:
            plain = character
        if unicodedata.category(plain) == "Pd":
            plain = "-"
        kept.append(plain)
        places.append(place)
    return "".join(kept), places


def _valid(pattern: re.Pattern[str], check: Callable[[str], bool], group: int | str = 0) -> _Finder:
    return lambda text: (m.span(group) for m in pattern.finditer(text) if check(find.tight(m[group]).upper()))


def _each(*finders: _Finder) -> _Finder:
    return lambda text: chain.from_iterable(finder(text) for finder in finders)


def _pattern(kind: str) -> _Finder:
    return lambda text: ((span.start, span.end) for span in find.pattern(kind, text))


def _is_card(digits: str) -> bool:
    return len(digits) <= 19 and digits[0] in "3456" and bool(luhn.is_valid(digits))


def _listed(names: Iterable[str]) -> _Finder:
    """Find names on a list whatever their case, accents, hyphens and spaces."""
    listed: dict[str, list[tuple[str, ...]]] = {}
    for name in names:
        if words := tuple(find.folded(m[0]) for m in _WORD.finditer(name)):
            listed.setdefault(words[0], []).append(words)
    for known in listed.values():
        known.sort(key=len, reverse=True)

    def finder(text: str) -> Iterator[tuple[int, int]]:
        spans = [(m.start(), m.end(), find.folded(m[0])) for m in _WORD.finditer(text)] if listed else []
        for at, (start, _, word) in enumerate(spans):
            for words in listed.get(word, ()):
                if tuple(w for *_, w in spans[at : at + len(words)]) == words:
                    yield start, spans[at + len(words) - 1][1]
                    break

    return finder


def _people(text: str) -> Iterator[tuple[int, int]]:
    """Find a usual first name and a name behind it; or before it, in capitals, as in lists."""
    for found in _PAIR.finditer(text):
        first, last = found["first"], found["last"]
        turned = first.isupper() and len(first) > 2 and not last.isupper() and find.folded(last) in _KNOWN
        if find.folded(first) in _KNOWN or turned:
            double = found["third"] and find.folded(last) in _KNOWN  # "Jean Luc Moreau"
            yield found.start("first"), found.end("third" if double else "last")


_FINDERS: Mapping[Kind, _Finder] = {
    "e-mail addresses": _pattern("e-mail addresses"),
    "IBANs": _pattern("IBANs"),
    "social security numbers": _valid(_NIR, nir.is_valid),
    "company numbers": _each(
        _valid(_VAT, vat.is_valid), _valid(_DIGITS, siret.is_valid), _valid(_SIREN, siren.is_valid, "number")
    ),
    "payment cards": _valid(_DIGITS, _is_card),
    "phone numbers": _pattern("phone numbers"),
    "street addresses": _pattern("street addresses"),
}
_NAMES: Mapping[Kind, _Finder] = {
    "names of people": _each(_people, _pattern("names after a title")),
}
