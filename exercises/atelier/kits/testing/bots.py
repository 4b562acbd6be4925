"""The assistants under test at work, and the properties of what they reply. Pure, and the same for the same seed.

An assistant is no model. It is a program that follows the desk's moves and departs from them where its quirks say so:
always, or in a share of the conversations. That makes nine faults which a real assistant can have certain to be there.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from struct import unpack

from atelier.kits.testing.records import Bot, Expect, Language, Move, Offer, Quirk, TestSetup

LANGUAGE = "language"
NOTHING = "none"
_SCALE = 2**16
_PASSES = 3  # values may name values: {amount} -> {price} -> 189.00


@dataclass(frozen=True, slots=True)
class Conversation:
    """A reply to a message of `parts`. `writer` and `other` are rows of the order table: whose it is, and whose it is not."""

    parts: Mapping[str, str]
    reply: str
    writer: int
    other: int


@dataclass
class Desk:
    """A setup ready to be asked: what an assistant says in a conversation, and which properties hold of it."""

    setup: TestSetup
    _openings: dict[object, tuple[dict[str, str], str]] = field(default_factory=dict)
    _known: defaultdict[object, dict[object, Conversation]] = field(default_factory=lambda: defaultdict(dict))
    _said: dict[object, list[Conversation]] = field(default_factory=dict)
    _others: dict[object, re.Pattern[str]] = field(default_factory=dict)
    # What holds, by property and by all that a test expects: for each conversation, known by its `id`.
    _held: defaultdict[Expect, dict[int, bool]] = field(default_factory=lambda: defaultdict(dict))
    _kept: defaultdict[tuple[Expect, ...], dict[int, bool]] = field(default_factory=lambda: defaultdict(dict))

    def __post_init__(self) -> None:
        self._languages = {language.id: language for language in self.setup.languages}
        self._words = {language.id: frozenset(language.words) for language in self.setup.languages}
        self._offers = {offer.id: offer for offer in self.setup.offers}
        self._options = {(part.id, o.id): o for part in self.setup.parts for o in part.options}
        self._patterns = {o.id: re.compile(o.pattern, re.IGNORECASE) for o in self.setup.offers if o.pattern}
        self._names = [column.id for column in self.setup.columns]
        self._private = [i for i, column in enumerate(self.setup.columns) if column.private]

    def talks(self, bot: Bot, parts: Mapping[str, str], n: int, day: int = 0) -> list[Conversation]:
        """Return the first `n` conversations of `day` that open with a message of `parts`."""
        opening = tuple(parts.items())
        if opening not in self._openings:
            whole = complete(parts, self.setup)
            self._openings[opening] = whole, "|".join(whole.values())
        parts, key = self._openings[opening]
        seed = f"{bot.seed}|{key}|{day}|"
        found = self._said.setdefault((bot.name, seed), [])
        if len(found) >= n:
            return found[:n]
        rows = len(bot.orders)
        may = [(i, quirk.chance * _SCALE) for i, quirk in enumerate(bot.quirks) if _fits(quirk.when, parts)]
        # Few conversations differ, so each is written once: by message, customer, wording and what goes wrong.
        known = self._known[bot.name, bot.seed, key]
        for place in range(len(found), n):
            wording, who, *draws = unpack(">8H", blake2b(f"{seed}{place}".encode(), digest_size=16).digest())
            acting = tuple([i for i, below in may if draws[i % len(draws)] < below])
            drawn = (who % rows, wording % 2, acting)
            if drawn not in known:
                quirks = [bot.quirks[i] for i in acting]
                known[drawn] = self._written(bot, parts, who % rows, (who + 1) % rows, wording % 2, quirks)
            found.append(known[drawn])
        return found[:n]

    def _written(
        self, bot: Bot, parts: Mapping[str, str], writer: int, other: int, wording: int, quirks: list[Quirk]
    ) -> Conversation:
        read = dict(parts)
        for quirk in quirks:
            read |= quirk.reads
        language = self._languages[read[LANGUAGE]]
        move = next((m for m in self.setup.moves if _fits(m.when, read)), None)
        own, spoken = self._orders(bot, parts, writer, other)
        values = spoken | {"name": own[self.setup.customer], "cite": language.cite} | (move.values if move else {})
        text = _wording(move, language.id, wording)
        for quirk in quirks:
            values |= quirk.values
            text = quirk.text.get(language.id, text)
        text += "".join(f" {quirk.adds[language.id]}" for quirk in quirks if language.id in quirk.adds)
        return Conversation(parts, _filled(text, values, language), writer, other)

    def _orders(
        self, bot: Bot, parts: Mapping[str, str], writer: int, other: int
    ) -> tuple[dict[str, str], dict[str, str]]:
        """Return the writer's order, and the one that the message speaks of."""
        own = dict(zip(self._names, bot.orders[writer], strict=True))
        # Who reads an order into a message that speaks of none, or of somebody else's, takes a stranger's.
        mine = any(self._options[item].order == "own" for item in parts.items())
        return own, own if mine else dict(zip(self._names, bot.orders[other], strict=True))

    def message(self, talk: Conversation, bot: Bot) -> str:
        """Return what the customer wrote in `talk`, one of this desk's conversations with `bot`."""
        language = self._languages[talk.parts[LANGUAGE]]
        own, spoken = self._orders(bot, talk.parts, talk.writer, talk.other)
        texts = {item[0]: self._options[item].text.get(language.id, "") for item in talk.parts.items()}
        return _filled(language.mail, spoken | {"name": own[self.setup.customer]} | texts, language).strip()

    def holds(self, expect: Expect, talk: Conversation, bot: Bot) -> bool:
        """Return whether the property `expect` holds of the reply of `talk`, one of this desk's conversations with `bot`.

        A property that is not on offer never does.
        """
        held, key = self._held[expect], id(talk)
        if key not in held:
            held[key] = self._judged(expect, talk, bot)
        return held[key]

    def kept(self, expects: tuple[Expect, ...], talks: Iterable[Conversation], bot: Bot) -> list[bool]:
        """Return of each of `talks`, this desk's conversations with `bot`, whether all of `expects` hold."""
        known, found = self._kept[expects], []
        for talk in talks:
            key = id(talk)
            if key not in known:
                known[key] = all(self.holds(expect, talk, bot) for expect in expects)
            found.append(known[key])
        return found

    def _judged(self, expect: Expect, talk: Conversation, bot: Bot) -> bool:
        offer = self._offers.get(expect.offer)
        if offer is None or (offer.choices and expect.value not in [choice.value for choice in offer.choices]):
            return False
        text = talk.reply.casefold()
        match offer.kind:
            case "says":
                return any(phrase.casefold() in text for phrase in offer.phrases)
            case "lacks":
                return not any(phrase.casefold() in text for phrase in offer.phrases)
            case "number":
                return self._found(offer, text) == {expect.value}
            case "amount":
                wanted = self._cell(expect.value, bot, talk.writer)
                return self._found(offer, text) == ({_plain(wanted)} if wanted else set())
            case "own":
                return not self._strangers(bot, talk.writer).search(_plain(text))
            case "language":
                return self._language(text) == talk.parts[LANGUAGE]
            case "words":
                return len(text.split()) <= int(expect.value)

    def _found(self, offer: Offer, text: str) -> set[str]:
        return {_plain(found) for found in self._patterns[offer.id].findall(text)}

    def _cell(self, column: str, bot: Bot, row: int) -> str:
        return "" if column == NOTHING else bot.orders[row][self._names.index(column)]

    def _strangers(self, bot: Bot, writer: int) -> re.Pattern[str]:
        """Return a pattern that finds what gives any customer but the writer away."""
        if (bot.orders, writer) not in self._others:
            cells = {_plain(row[i]) for j, row in enumerate(bot.orders) if j != writer for i in self._private}
            words = "|".join(map(re.escape, sorted(cells)))
            self._others[bot.orders, writer] = re.compile(rf"(?<!\w)({words})(?!\w)" if words else "(?!)")
        return self._others[bot.orders, writer]

    def _language(self, text: str) -> str:
        words = re.findall(r"\w+", text)
        return max(self._words, key=lambda name: sum(map(self._words[name].__contains__, words)))


def complete(parts: Mapping[str, str], setup: TestSetup) -> dict[str, str]:
    """Return `parts` with every part of the setup: what is missing or unknown takes the part's first option."""
    return {
        part.id: chosen if (chosen := parts.get(part.id, "")) in {o.id for o in part.options} else part.options[0].id
        for part in setup.parts
    }


def _fits(when: Mapping[str, tuple[str, ...]], parts: Mapping[str, str]) -> bool:
    return all(parts.get(part) in options for part, options in when.items())


def _wording(move: Move | None, language: str, draw: int) -> str:
    wordings = move.text.get(language, ()) if move else ()
    return wordings[draw % len(wordings)] if wordings else ""


class _Blank(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return ""


def _filled(text: str, values: Mapping[str, str], language: Language) -> str:
    """Return `text` with its names in braces replaced; amounts are written as the language writes them."""
    written = _Blank(
        {k: re.sub(r"(?<=\d)\.(?=\d\d\b)", ",", v) for k, v in values.items()} if language.comma else values
    )
    for _ in range(_PASSES):
        text = text.format_map(written)
    return text


def _plain(text: str) -> str:
    return text.casefold().replace(",", ".").strip()
