"""What detectors find in a text: patterns, names after a title, signatures, and facts that writers tell. Pure and total.

Numbers that libraries know better than we do are found by libraries: telephone numbers by phonenumbers, IBANs by their check
digits (python-stdnum). All cohorts' submissions meet the same texts, so what was found is remembered.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

import phonenumbers
from stdnum import iban

from atelier.kits.redaction.records import Column

# Apostrophes and hyphens part words, so that "Jean-Luc", "JEAN LUC" and "l'infirmière" are met alike.
_WORD = re.compile(r"[^\W\d_]+")
_MAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}")
_IBAN = re.compile(r"\b[A-Za-z]{2}\d{2}(?:[ .-]?[A-Za-z0-9]){11,30}\b")
_STREET = re.compile(
    r"\b\d{1,4}(?: ?(?:bis|ter))?,? (?:"
    r"(?:rue|quai|allée|avenue|place|chemin|boulevard|impasse|route)(?: (?:de la|du|des|de))? (?:(?:de )?[ld]['’])?[^\W\d_]+"
    r"|(?:[^\W\d_]+ ){1,2}(?:street|road|lane|avenue))\b",
    re.IGNORECASE,
)
_CLOSING = (
    "cordialement", "bien cordialement", "bien à vous", "sincères salutations", "best regards", "kind regards",
    "regards", "mit freundlichen grüßen",
)  # fmt: skip
_SIGNATURE = re.compile(rf"^[ \t]*(?:{'|'.join(_CLOSING)})\b.*\Z", re.IGNORECASE | re.MULTILINE | re.DOTALL)
_TITLED = re.compile(
    r"\b(?:M\.|Mme|MME|Mlle|Mr\.?|MR\.?|Mrs\.?|MRS\.?|Ms\.?|Dr\.?|DR\.?|Me|Herr|HERR|Frau|FRAU)\s+"
    r"(?P<name>(?:(?:de|da|el|le|van|von)\s+)?[A-ZÀ-ÖØ-Þ][\w'’-]+(?:[ \t]+[A-ZÀ-ÖØ-Þ][\w'’-]+)?)"
)
_LONG = re.compile(r"\d(?:[ .-]?\d){4,}")
_CAPITALS = re.compile(r"(?<!\w)[A-ZÀ-ÖØ-Þ]{3,}(?!\w)")
_MONTHS = (
    ("janvier", "january"), ("février", "fevrier", "february"), ("mars", "march"), ("avril", "april"), ("mai",),
    ("juin", "june"), ("juillet", "july"), ("août", "aout", "august"), ("septembre", "september"),
    ("octobre", "october"), ("novembre", "november"), ("décembre", "decembre", "december"),
)  # fmt: skip
_MONTH_OF = {word: f"{place:02d}" for place, months in enumerate(_MONTHS, 1) for word in months} | {"may": "05"}
# "May" only with a capital: "I may come back" is no date.
_DATE = re.compile(
    r"(?<![\w/])(?:(?:\d{1,2}(?:er|st|nd|rd|th)?\s+)?"
    rf"(?P<word>(?i:{'|'.join(w for months in _MONTHS for w in months)})|May|MAY)"
    r"(?:\s+\d{1,2}(?:st|nd|rd|th)?(?!\d))?(?:,?\s+20\d\d)?|\d{1,2}/(?P<number>\d{1,2})(?:/\d{2,4})?)(?![\w/])"
)
_SENTENCE_ENDS = re.compile(r"[.!?…]+(?:\s+|\Z)|\n+")


@dataclass(frozen=True, slots=True)
class Span:
    """A place in a text, and what stands there: folded text of a pattern, or the value of a fact."""

    start: int
    end: int
    value: str


@lru_cache(maxsize=20_000)
def folded(text: str) -> str:
    """Return `text` in lower case without accents; its length may differ."""
    apart = unicodedata.normalize("NFKD", text)
    return "".join(c for c in apart if not unicodedata.combining(c)).casefold()


@lru_cache(maxsize=100_000)
def words(text: str) -> tuple[str, ...]:
    """Return the words of `text`, folded; apostrophes and hyphens part them."""
    return tuple(folded(found.group()) for found in _WORD.finditer(text))


@lru_cache(maxsize=100_000)
def tight(text: str) -> str:
    """Return only the letters and digits of `text`, folded: how numbers and addresses are compared."""
    return "".join(c for c in folded(text) if c.isalnum())


@lru_cache(maxsize=20_000)
def word_spans(text: str) -> tuple[Span, ...]:
    """Return the words of `text`, folded, with their places."""
    return tuple(Span(found.start(), found.end(), folded(found.group())) for found in _WORD.finditer(text))


def _by(pattern: re.Pattern[str], group: int | str = 0) -> Callable[[str], Iterator[tuple[int, int]]]:
    return lambda text: (found.span(group) for found in pattern.finditer(text))


def _ibans(text: str) -> Iterator[tuple[int, int]]:
    """Find accounts by their check digits: the longest stretch that is valid, however it is spaced."""
    for found in _IBAN.finditer(text):
        for end in range(found.end(), found.start() + 14, -1):
            if iban.is_valid(text[found.start() : end], check_country=False) and text[end - 1].isalnum():
                yield found.start(), end
                break


def _phones(text: str) -> Iterator[tuple[int, int]]:
    # "Possible", not "valid": a number that is not in service names its owner as well.
    matcher = phonenumbers.PhoneNumberMatcher(text, "FR", leniency=phonenumbers.Leniency.POSSIBLE)
    return ((found.start, found.end) for found in matcher)


PATTERNS: Mapping[str, Callable[[str], Iterator[tuple[int, int]]]] = {
    "signatures": _by(_SIGNATURE),
    "e-mail addresses": _by(_MAIL),
    "IBANs": _ibans,
    "phone numbers": _phones,
    "street addresses": _by(_STREET),
    "names after a title": _by(_TITLED, "name"),
    "long numbers": _by(_LONG),
    "words in capitals": _by(_CAPITALS),
}


@lru_cache(maxsize=40_000)
def pattern(kind: str, text: str) -> tuple[Span, ...]:
    """Return what the detector `kind` of PATTERNS finds in `text`."""
    return tuple(Span(start, end, folded(text[start:end])) for start, end in PATTERNS[kind](text))


class Fact:
    """A fact that writers tell: finds it in texts, and tells its value."""

    def __init__(self, column: Column) -> None:
        self.column = column
        self._phrases: dict[str, list[tuple[tuple[str, ...], str]]] = {}
        for value, said in column.words:
            for phrase in map(words, said):
                self._phrases.setdefault(phrase[0], []).append((phrase, value))
        for phrases in self._phrases.values():
            phrases.sort(key=lambda known: -len(known[0]))
        self.told = lru_cache(maxsize=20_000)(self._dates if column.type == "date" else self._told)

    def _told(self, text: str) -> tuple[Span, ...]:
        spans = word_spans(text)
        out, place = [], 0
        while place < len(spans):
            for phrase, value in self._phrases.get(spans[place].value, ()):
                if tuple(s.value for s in spans[place : place + len(phrase)]) == phrase:
                    out.append(Span(spans[place].start, spans[place + len(phrase) - 1].end, value))
                    place += len(phrase) - 1
                    break
            place += 1
        return tuple(out)

    def _dates(self, text: str) -> tuple[Span, ...]:
        out = []
        for found in _DATE.finditer(text):
            month = _MONTH_OF[found["word"].lower()] if found["word"] else f"{int(found['number']):02d}"
            out.append(Span(found.start(), found.end(), month))
        return tuple(out)


@lru_cache(maxsize=100)
def fact(column: Column) -> Fact:
    """Return the finder of a column of type fact or date."""
    return Fact(column)


def sentence(text: str, span: Span) -> tuple[int, int]:
    """Return where the sentence (or sentences) that `span` stands in begins and ends."""
    start, end = 0, len(text)
    for found in _SENTENCE_ENDS.finditer(text):
        if found.end() <= span.start:
            start = found.end()
        elif found.start() >= span.end:
            end = found.end()
            break
    return start, end
