"""DecisionForm: one card at a time, source beside output or questions. Warm-up cards show their truth once decided; the deck does not."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from html import escape
from pathlib import Path
from typing import Any

import ipywidgets as w

from atelier import records
from atelier.errors import AtelierError
from atelier.forms.base import Form, note, scrolling, spoken
from atelier.forms.chart import calibration_chart, line_chart
from atelier.kits.base import percent
from atelier.kits.decisions import scoring
from atelier.kits.decisions.asked import Asked
from atelier.kits.decisions.records import (
    Card,
    Decision,
    DecisionCase,
    DecisionSetup,
    DecisionTable,
    Option,
    Question,
)

_SURE = (50, 60, 70, 80, 90, 100)
_WORDS = {50: "50 % (a guess)", 100: "100 % (certain)"}
_WARM_UP, _DECK = "warm-up", "deck"


class DecisionForm(Form[DecisionTable, DecisionSetup]):
    """Decide card by card. Decisions may be changed until the lab is handed in; nothing tells what the deck's truth is."""

    def blank(self) -> DecisionTable:
        """Return the table without decisions."""
        return DecisionTable()

    def build(self) -> w.Widget:
        """Make the card, the choices and the way from card to card."""
        self._truths: dict[str, DecisionCase] = {case.card.id: case for case in self.lab.practice}
        self._piles = {
            _WARM_UP: tuple(case.card for case in self.lab.practice),
            _DECK: _cards(self.lab.root / "data" / self.setup.cards),
        }
        self._quiet = False
        self._make_card()
        self._make_choices()
        self._make_ways()
        everything_warm = all(card.id in self._decided for card in self._piles[_WARM_UP])
        self._open_pile(_DECK if everything_warm else _WARM_UP)
        question = w.HTML(f'<p class="atelier-question"><strong>{escape(self.setup.question)}</strong></p>')
        return w.VBox(
            [
                w.HBox([self._pile, self._go_to]),
                self._head,
                self._papers,
                *([] if self.setup.questions else [question, *self._asked]),
                w.HBox([self._back, self._decide, self._skip]),
                self._told,
                self._fit,
            ]
        )

    def _make_card(self) -> None:
        # The focus goes to the head of a new card, so that reading starts there and not at a button below it.
        self._head, self._told, self._fit = w.HTML(), spoken(), w.HTML()
        self._head.add_class("atelier-target")
        self._source, self._output = w.HTML(), w.HTML()
        cards = [card for pile in self._piles.values() for card in pile]
        self._questions = [
            Asked(question, [_offers(question, card) for card in cards], self._allow)
            for question in self.setup.questions
        ]
        beside = w.VBox([question.view for question in self._questions]) if self._questions else self._output
        self._papers = w.HBox([self._source, beside])
        for paper in (self._source, beside):
            paper.add_class("atelier-column")
        self._papers.add_class("atelier-columns")

    def _make_choices(self) -> None:
        self._choice = w.ToggleButtons(options=_pairs(self.setup.choices), value=None)
        self._sure = w.ToggleButtons(
            options=[(_WORDS.get(value, f"{value} %"), value) for value in _SURE],
            value=None,
            description="How sure?",
            style={"button_width": "auto"},
        )
        self._reason = w.Dropdown(options=[("Why? …", ""), *_pairs(self.setup.reasons)], description="Reason")
        self._owner = w.Dropdown(options=[("Who decides? …", ""), *_pairs(self.setup.owners)], description="Owner")
        self._asked: list[Any] = [self._choice]
        if self.setup.confidence:
            self._asked.append(self._sure)
        if self.setup.reasons:
            self._asked.append(self._reason)
        if self.setup.owners:
            self._asked.append(self._owner)
        for asked in self._asked:
            asked.add_class("atelier-choices")
            asked.observe(lambda _change: self._allow(), "value")

    def _make_ways(self) -> None:
        self._pile = w.ToggleButtons(options=[(_WARM_UP, _WARM_UP), (_DECK, _DECK)], value=_WARM_UP)
        self._go_to = w.Dropdown(description="Card")
        self._decide = w.Button(description="Decide", icon="check", button_style="primary", disabled=True)
        self._back = w.Button(description="Card before", icon="arrow-left")
        self._skip = w.Button(description="Next card", icon="arrow-right")
        self._decide.on_click(lambda _b: self.quietly(self._on_decide)())
        self._back.on_click(lambda _b: self.quietly(self._step)(-1))
        self._skip.on_click(lambda _b: self.quietly(self._step)(1))
        self._pile.observe(lambda _change: self.quietly(self._on_pile)(), "value")
        self._go_to.observe(lambda _change: self.quietly(self._on_go_to)(), "value")

    @property
    def _decided(self) -> dict[str, Decision]:
        """Return the decision that counts of each card."""
        return {decision.case: decision for decision in reversed(self.answer.decisions)}

    @property
    def _card(self) -> Card:
        card: Card = self._piles[self._pile.value][self._go_to.value]
        return card

    def _on_pile(self) -> None:
        if not self._quiet:
            self._open_pile(self._pile.value)

    def _on_go_to(self) -> None:
        if not self._quiet:
            self._show()

    def _open_pile(self, name: str) -> None:
        """Turn to a pile, at its first open card."""
        done = self._decided
        first = next((i for i, card in enumerate(self._piles[name]) if card.id not in done), 0)
        self._label(name, first)
        self._show()

    def _label(self, pile: str, place: int) -> None:
        """Say on the controls what is decided and what is open, and where we are."""
        done = self._decided
        choices = {option.id: option.label for option in self.setup.choices}
        self._quiet = True
        try:
            self._pile.options = [
                (f"{title}: {sum(card.id in done for card in self._piles[name])} of {len(self._piles[name])}", name)
                for name, title in ((_WARM_UP, "Warm-up"), (_DECK, "The deck"))
            ]
            self._pile.value = pile
            self._go_to.options = [
                (f"{i + 1} · {choices.get(done[card.id].choice, 'decided') if card.id in done else 'open'}", i)
                for i, card in enumerate(self._piles[pile])
            ]
            self._go_to.value = place
        finally:
            self._quiet = False

    def refresh(self) -> None:
        """Show the card on the table again, as it is decided now."""
        self._label(self._pile.value, self._go_to.value)
        self._show()

    def _show(self) -> None:
        card, pile = self._card, self._piles[self._pile.value]
        clock = f'<span class="atelier-clock" style="animation-duration:{self.setup.clock}s"></span>'
        self._head.value = (
            f'<p class="atelier-card-head"><strong>{escape(card.title)}</strong> · {escape(card.workflow)} · '
            f"card {self._go_to.value + 1} of {len(pile)}</p>{clock if self.setup.clock else ''}"
        )
        self._source.value = _paper("The source" if card.output else "What happens", card.source) + _figures(card)
        self._output.value = _paper("What the model wrote", card.output) if card.output else ""
        self._output.layout.display = "" if card.output else "none"
        before = self._decided.get(card.id)
        offered = {option.id for option in self.setup.choices}
        self._choice.value = before.choice if before and before.choice in offered else None
        self._sure.value = before.confidence if before and before.confidence in _SURE else None
        self._reason.value = _offered(before.reason if before else "", self.setup.reasons)
        self._owner.value = _offered(before.owner if before else "", self.setup.owners)
        revealed = card.id in self._truths and before is not None
        for asked in self._asked:
            asked.disabled = revealed
        for question in self._questions:
            given = before.answers.get(question.question.id, ()) if before else ()
            told = _answered(question.question, self._truths[card.id], given) if revealed else ""
            question.show(_offers(question.question, card), given, disabled=revealed, told=told)
        self._told.value = (
            self._reveal(self._truths[card.id], before) if revealed and before and not self._questions else ""
        )
        self._fit.value = self._calibration() if self._pile.value == _WARM_UP else ""
        self._back.disabled = self._go_to.value == 0
        last, warm = self._go_to.value == len(pile) - 1, self._pile.value == _WARM_UP
        self._skip.description = "Go to the deck" if last and warm else "Next card"
        self._skip.disabled = last and not warm
        # The button in colour is the one to press now.
        self._decide.button_style, self._skip.button_style = ("", "primary") if revealed else ("primary", "")
        self._allow()

    def _allow(self) -> None:
        if self._questions:
            for question in self._questions:
                question.count()
            ready = all(question.picked for question in self._questions)
        else:
            ready = all(asked.value not in (None, "") for asked in self._asked)
        self._decide.disabled = not ready or self._choice.disabled

    def _on_decide(self) -> None:
        card = self._card
        asked = Decision(
            card.id,
            self._choice.value or "",
            self._sure.value if self.setup.confidence else None,
            self._reason.value,
            self._owner.value,
            {question.question.id: question.picked for question in self._questions},
        )
        others = tuple(decision for decision in self.answer.decisions if decision.case != card.id)
        self.changed(replace(self.answer, decisions=(*others, asked)))
        if card.id in self._truths:
            self.refresh()
            self._say_what_is_next()
            return
        self._next_open()
        self._head.focus()

    def _say_what_is_next(self) -> None:
        """Once the last warm-up card is decided, say where the cards that count are."""
        if all(card.id in self._decided for card in self._piles[_WARM_UP]):
            self._told.value += note("The warm-up is done. Press “The deck” at the top: those cards count.")

    def _next_open(self) -> None:
        """Turn to the next open card after this one, or say that all are decided."""
        pile, place = self._piles[self._pile.value], self._go_to.value
        done = self._decided
        order = [*range(place + 1, len(pile)), *range(place)]
        following = next((i for i in order if pile[i].id not in done), None)
        self._label(self._pile.value, place if following is None else following)
        self._show()
        if following is None:
            self._told.value = note(f"All {len(pile)} cards are decided. Change any of them until you hand in.", "good")

    def _step(self, by: int) -> None:
        place = max(self._go_to.value + by, 0)
        if self._pile.value == _WARM_UP and place == len(self._piles[_WARM_UP]):
            self._open_pile(_DECK)
            return
        self._label(self._pile.value, min(place, len(self._piles[self._pile.value]) - 1))
        self._show()
        self._head.focus()

    def _calibration(self) -> str:
        """Show, once the warm-up is decided, how sure the learner was against how often right; nothing of the deck."""
        cases, done = self.lab.practice, self._decided
        said = scoring.calibration(done, cases)
        if not said or any(case.card.id not in done for case in cases):
            return ""
        sure = sum(share * n for share, n, _ in said) / sum(n for _, n, _ in said)
        right = sum(hits for _, _, hits in said) / sum(n for _, n, _ in said)
        spoken = f"On the warm-up you were {percent(sure / 100)} sure on average, and right on {percent(right)} of the cards."
        return f"{note(spoken)}{calibration_chart('Your confidence on the warm-up', said)}"

    def _reveal(self, case: DecisionCase, taken: Decision) -> str:
        labels = {option.id: option.label for option in self.setup.choices}
        right = taken.choice == case.truth
        lost = scoring.cost(taken.choice, case, self.setup)
        price = f" It costs {scoring.amount(lost, self.setup)}." if lost else ""
        verdict = "Right." if right else f"It should have been: {labels.get(case.truth, case.truth)}.{price}"
        lure = f" The trap: {case.lure}." if case.lure and not right else ""
        return note(f"{verdict} {case.why}{lure}", "good" if right else "bad")


def _cards(path: Path) -> tuple[Card, ...]:
    try:
        found: tuple[Card, ...] = records.load(tuple[Card, ...], json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:
        raise AtelierError(
            "The cards of this lab are missing or cannot be read.", "Fetch the lab again from My track."
        ) from error
    return found


def _offers(question: Question, card: Card) -> Sequence[Option]:
    return card.offers.get(question.id) or question.choices


def _answered(question: Question, case: DecisionCase, given: Sequence[str]) -> str:
    """Return what is told of one question of a warm-up card, once it is decided."""
    truth = case.truths[question.id]
    if scoring.loss(given, question, case) == 0:
        return note(f"Right. {truth.why}".strip(), "good")
    labels = {option.id: option.label for option in scoring.offered(question, case)}
    right = (" and " if question.picks > 1 else " or ").join(f"“{labels[name]}”" for name in truth.choices)
    grave = " Nobody may take that decision." if set(truth.never).intersection(given) else ""
    return note(f"It should have been {right}. {truth.why}{grave}", "bad")


def _figures(card: Card) -> str:
    """Return a card's table and charts as HTML."""
    head, *rows = card.table or ((),)
    heads = "".join(f"<th scope=col>{escape(cell)}</th>" for cell in head)
    lines = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows)
    inside = f'<table class="atelier-table"><thead><tr>{heads}</tr></thead><tbody>{lines}</tbody></table>'
    table = scrolling(inside, f"Figures of {card.title}")
    charts = "".join(
        line_chart(chart.title, chart.unit, chart.labels, [(line.name, line.values) for line in chart.series])
        for chart in card.charts
    )
    return (table if rows else "") + charts


def _pairs(options: Sequence[Option]) -> list[tuple[str, str]]:
    return [(option.label, option.id) for option in options]


def _offered(value: str, options: Sequence[Option]) -> str:
    return value if value in {option.id for option in options} else ""


def _paper(title: str, text: str) -> str:
    return f'<h3>{escape(title)}</h3><pre class="atelier-paper">{escape(text)}</pre>'
