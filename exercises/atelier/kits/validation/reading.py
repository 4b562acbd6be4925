"""Reading what people write: amounts, dates, codes, sentences, quotes, periods, and characters that nobody sees. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from datetime import date
from functools import lru_cache

MAX_TEXT = 20_000  # characters of a document or value that are read; the longest honest one has under 4,000
_NUMBER = re.compile(
    r"[-−(]?\s?\d{1,3}(?:[ \u00a0\u202f.,'’]\d{3})+(?:[.,]\d{1,2})?(?!\d)|[-−(]?\s?\d+(?:[.,]\d{1,2})?(?!\d)"
)
_ISO = re.compile(r"\b(\d{4})-(\d{2})-(\d{2})\b")
_DMY = re.compile(r"\b(\d{1,2})[./-](\d{1,2})[./-](\d{4}|\d{2})\b")
_WORDED = re.compile(r"\b(\d{1,2})(?:er|st|nd|rd|th)?\s+([a-zéûA-ZÉÛ]{3,9})\.?,?\s+(\d{4})\b")
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january janvier jan janv",
            "february fevrier feb fevr",
            "march mars mar",
            "april avril apr avr",
            "may mai",
            "june juin jun",
            "july juillet jul juil",
            "august aout aug",
            "september septembre sep sept",
            "october octobre oct",
            "november novembre nov",
            "december decembre dec",
        ),
        1,
    )
    for name in names.split()
}


# The same documents meet every submission of a cohort, so what reads text remembers what it read.
_remembered = lru_cache(maxsize=20_000)


def plain(text: object) -> str:
    """Return `text` as compared: lower case, no accents, single spaces, at most MAX_TEXT characters."""
    return _plain(str(text)[:MAX_TEXT])


@_remembered
def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFKD", text)
    return " ".join("".join(c for c in folded if not unicodedata.combining(c)).casefold().split())


def squeezed(text: object) -> str:
    """Return only the letters and digits of `text`, in one case: how codes and IBANs are compared."""
    return _squeezed(plain(text))


@_remembered
def _squeezed(text: str) -> str:
    return "".join(c for c in text if c.isalnum())


def amount(value: object) -> int | None:
    """Read an amount in cents: 1,234.50 · 1 234,50 · 1.234,50 · (12.00) · −5; None if it is none."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return round(value * 100) if abs(value) < 1e12 else None
    return _amount(str(value)[:60])


@_remembered
def _amount(text: str) -> int | None:
    text = text.replace("\u00a0", " ").replace("\u202f", " ")
    found = _NUMBER.search(text)
    if found is None:
        return None
    said = found.group()
    negative = said[0] in "-−(" or text.rstrip().endswith("-")
    digits = re.sub(r"[ '’(−-]", "", said)
    tail = re.search(r"[.,](\d{1,2})$", digits)
    whole = re.sub(r"[.,]", "", digits[: tail.start()] if tail else digits)
    cents = int(whole or 0) * 100 + (int(tail.group(1).ljust(2, "0")) if tail else 0)
    return -cents if negative else cents


@_remembered
def amounts(text: str) -> frozenset[int]:
    """Return every amount that stands in `text`, in cents, without its sign."""
    clean = text[:MAX_TEXT]
    return frozenset(abs(a) for found in _NUMBER.finditer(clean) if (a := amount(found.group())) is not None)


def day(value: object) -> date | None:
    """Read a date: 2026-03-04, 04/03/2026 (day first), 4 mars 2026, 4th March 2026; None if it is none."""
    found = dates(str(value)[:60])
    return found[0] if found else None


@_remembered
def dates(text: str) -> tuple[date, ...]:
    """Return the dates in `text`, each as often as it is written, in no particular order."""
    clean = text[:MAX_TEXT]
    parts = [(int(y), int(m), int(d)) for y, m, d in _ISO.findall(clean)]
    parts += [(int(y) + (2000 if len(y) == 2 else 0), int(m), int(d)) for d, m, y in _DMY.findall(clean)]
    parts += [(int(y), _MONTHS.get(plain(name), 0), int(d)) for d, name, y in _WORDED.findall(clean)]
    found = []
    for year, month, number in parts:
        try:
            found.append(date(year, month, number))
        except ValueError:
            continue
    return tuple(found)


def iban_ok(value: object) -> bool:
    """Return whether the check digits of an IBAN are right (ISO 13616: mod 97 is 1)."""
    text = squeezed(value).upper()
    if not re.fullmatch(r"[A-Z]{2}\d{2}[A-Z0-9]{10,30}", text, re.ASCII):
        return False
    return int("".join(str(int(c, 36)) for c in text[4:] + text[:4])) % 97 == 1


def vat_ok(value: object) -> bool:
    """Return whether a VAT number is well formed; for France, whether its key fits its SIREN."""
    text = squeezed(value).upper()
    if re.fullmatch(r"FR\d{11}", text, re.ASCII):
        return int(text[2:4]) == (12 + 3 * (int(text[4:]) % 97)) % 97
    return re.fullmatch(r"[A-Z]{2}[A-Z0-9]{8,12}", text, re.ASCII) is not None


def words(text: object) -> tuple[str, ...]:
    """Return the words and numbers of `text` as compared, in order."""
    return _words(plain(text))


@_remembered
def _words(text: str) -> tuple[str, ...]:
    return tuple(re.findall(r"[^\W_]+", text))


@_remembered
def _spaced(text: str) -> str:
    return f" {' '.join(words(text))} "


@_remembered
def sentences(text: str) -> tuple[str, ...]:
    """Return the sentences of `text`. A line that merely wraps goes on; an empty line ends a sentence."""
    return tuple(s for s in re.split(r"(?<=[.!?;:])\s+|\n\s*\n", text[:MAX_TEXT]) if s.strip())


def says(text: object, phrase: str) -> bool:
    """Return whether `text` says `phrase`: whole words, a star for any ending, parts joined by + in one sentence."""
    parts = [part for part in phrase.split("+") if words(part)]
    if len(parts) > 1:
        return any(all(_stands_in(s, part) for part in parts) for s in sentences(str(text)))
    return bool(parts) and _stands_in(str(text), parts[0])


def _stands_in(text: str, phrase: str) -> bool:
    stem = " " + " ".join(words(phrase))
    return (stem if phrase.rstrip().endswith("*") else f"{stem} ") in _spaced(text[:MAX_TEXT])


@_remembered
def folded(text: str) -> str:
    """Return `text` as a quote is compared: as `plain`, with straight apostrophes and hyphens, without quotation marks."""
    bare = plain(text).translate(_TYPOGRAPHY)
    return " ".join(bare.split())


_TYPOGRAPHY = str.maketrans(
    {"’": "'", "‘": "'", "“": "", "”": "", '"': "", "«": "", "»": "", "–": "-", "—": "-", "‑": "-"}
)


def quoted(passage: str, text: str) -> bool:
    """Return whether `passage` stands word for word in `text`; what […] or … leaves out may be anything, in order."""
    found, place = folded(text), 0
    parts = [part.strip(" .,;:") for part in re.split(r"\[?\(?(?:…|\.\.\.)\)?\]?", folded(passage))]
    for part in (part for part in parts if part):
        place = found.find(part, place)
        if place < 0:
            return False
        place += len(part)
    return any(parts)


_NEGATIONS = frozenset(
    [
        "not",
        "no",
        "never",
        "none",
        "nor",
        "neither",
        "nobody",
        "nothing",
        "without",
        "unless",
        "except",
        "cannot",
        "pas",
        "jamais",
        "aucun",
        "aucune",
        "sans",
        "sauf",
        "ni",
        "rien",
        "nul",
        "nulle",
        "nicht",
        "kein",
        "keine",
        "keinen",
        "keiner",
        "ohne",
        "nie",
    ]
)


@_remembered
def negations(text: str) -> int:
    """Return how many words of `text` deny or except: not, unless, n't, pas, sauf, nicht … "no. 12" is a number."""
    clean = re.sub(r"\bno\.?\s*(?=\d)", " ", plain(text))
    return sum(word in _NEGATIONS for word in words(clean)) + len(re.findall(r"n[’']t\b", clean))


@_remembered
def _bag(text: str) -> Counter[str]:
    return Counter(word for word in words(text) if len(word) > 2)


def likeness(one: object, other: object) -> float:
    """Return how alike two texts are by their words of three letters and more, 0 to 1 (Dice 1945). It says nothing of truth."""
    a, b = _bag(str(one)[:MAX_TEXT]), _bag(str(other)[:MAX_TEXT])
    size = a.total() + b.total()
    return 2 * (a & b).total() / size if size else 0.0


_NAMED = "|".join(sorted(_MONTHS, key=len, reverse=True))
_MOMENT = rf"(?:(\d{{1,2}})[./](\d{{4}})|\b({_NAMED})\.?\s+(\d{{4}})|(\d{{4}}))"
_NOW = r"(today|present|now|aujourd.hui|ce jour|en cours|heute)"
_PERIOD = re.compile(rf"(?<!\d){_MOMENT}\s*(?:-|to|a|bis)\s*(?:{_NOW}|{_MOMENT})(?!\d)")


def periods(text: str, now: date | None) -> int | None:
    """Return the months that the periods in `text` cover, overlaps once; None without any period.

    Read are 03/2015 – 06/2018, March 2015 to June 2018, 2015–2018, and an open end up to `now`.
    """
    return _periods(folded(text), now)


@_remembered
def _periods(text: str, now: date | None) -> int | None:
    spans = []
    for found in _PERIOD.findall(text):
        start, end = _month(found[:5]), _month(found[6:11])
        if found[5] and now is not None:
            end = now.year * 12 + now.month
        if start is not None and end is not None and start <= end:
            spans.append((start, end))
    covered, until = 0, 0
    for start, end in sorted(spans):
        covered += max(0, end - max(start, until))
        until = max(until, end)
    return covered if spans else None


def _month(parts: tuple[str, ...]) -> int | None:
    """Count months from year 0; a bare year stands for its beginning."""
    number, year, name, named_year, bare = parts
    if number:
        return int(year) * 12 + int(number) if 1 <= int(number) <= 12 else None
    if name:
        return int(named_year) * 12 + _MONTHS[name]
    return int(bare) * 12 + 1 if bare else None


# Characters that take no room on the screen, by what people use them for.
INVISIBLE: dict[str, frozenset[int]] = {
    "zero-width spaces": frozenset((0x200B, 0x2060, 0xFEFF, 0x180E)),
    "joiners": frozenset((0x200C, 0x200D)),
    "direction marks": frozenset((*range(0x200E, 0x2010), *range(0x202A, 0x202F), *range(0x2066, 0x206A))),
    "soft hyphens": frozenset((0x00AD,)),
    "tag characters": frozenset(range(0xE0000, 0xE0080)),
}


def unseen(text: str, kinds: tuple[str, ...] = ()) -> int:
    """Return how many invisible characters of `kinds` (keys of INVISIBLE; all, if none is named) `text` holds."""
    wanted = frozenset().union(*(INVISIBLE.get(kind, frozenset()) for kind in kinds or INVISIBLE))
    return sum(ord(c) in wanted for c in text[:MAX_TEXT])


def shown(text: str) -> str:
    """Return `text` with what nobody sees made visible: tag characters as the letters that they stand for, others by code."""
    every = frozenset().union(*INVISIBLE.values())
    return "".join(
        c
        if ord(c) not in every
        else f"⟦{chr(ord(c) - 0xE0000)}⟧"
        if 0xE0020 <= ord(c) <= 0xE007E
        else f"⟦{ord(c):04X}⟧"
        for c in text
    ).replace("⟧⟦", "")


@_remembered
def alphabets_mixed(text: str) -> str:
    """Return the first word of three letters or more that mixes Latin with Greek or Cyrillic letters, or ""."""
    for word in re.findall(r"[^\W\d_]{3,}", text[:MAX_TEXT]):
        scripts = {unicodedata.name(c, "").split(" ")[0] for c in word}
        if "LATIN" in scripts and scripts & {"CYRILLIC", "GREEK"}:
            return str(word)
    return ""
