"""One of several questions of a card as widgets: short choices in a row, long ones in a list, several picks as boxes to tick."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape
from typing import Any

import ipywidgets as w

from atelier.forms.base import spoken
from atelier.kits.decisions.records import Option, Question

_IN_A_ROW = 100  # characters of all labels and their gaps that stand side by side, in two rows at most


class Asked:
    """A question on the table. `picked` is empty until it is answered; `view` is its widget."""

    def __init__(self, question: Question, offers: Sequence[Sequence[Option]], changed: Callable[[], None]) -> None:
        """Make the widgets; `offers` are the choices of every card that it will be asked on."""
        self.question = question
        self._changed = changed
        self._showing = False
        if question.picks > 1:
            most = max((len(choices) for choices in offers), default=0)
            self._boxes = [w.Checkbox(indent=False, layout=w.Layout(width="auto")) for _ in range(most)]
            self._ids: list[str] = []
            inner: Any = w.VBox(self._boxes)
        else:
            longest = max((sum(len(c.label) + 6 for c in choices) for choices in offers), default=0)
            kind = w.ToggleButtons if longest <= _IN_A_ROW else w.RadioButtons
            self._one: Any = kind(options=[("", "")], value=None, layout=w.Layout(width="auto"))
            self._boxes, inner = [], self._one
        for widget in self._boxes or [self._one]:
            widget.observe(self._on_change, "value")
        inner.add_class("atelier-choices")
        self._told = spoken()
        asks = f'<p class="atelier-question"><strong>{escape(question.asks)}</strong></p>'
        self.view = w.VBox([w.HTML(asks), inner, self._told])
        self.view.add_class("atelier-asked")

    def _on_change(self, _change: object) -> None:
        if not self._showing:
            self._changed()

    @property
    def picked(self) -> tuple[str, ...]:
        """Return the ids picked; empty while the question is open or has too few or too many picks."""
        if self.question.picks == 1:
            return (self._one.value,) if self._one.value else ()
        ticked = self._ticked()
        return ticked if len(ticked) == self.question.picks else ()

    def _ticked(self) -> tuple[str, ...]:
        return tuple(name for name, box in zip(self._ids, self._boxes, strict=False) if box.value)

    def show(self, choices: Sequence[Option], picked: Sequence[str], *, disabled: bool, told: str) -> None:
        """Ask on another card: its choices, what was picked before, and what is told about it (HTML)."""
        self._showing = True
        try:
            self._told.value = told
            if self.question.picks == 1:
                self._one.options = [(option.label, option.id) for option in choices]
                before = picked[0] if picked else None
                self._one.value = before if before in {option.id for option in choices} else None
                self._one.disabled = disabled
                return
            self._ids = [option.id for option in choices]
            for place, box in enumerate(self._boxes):
                used = place < len(choices)
                box.layout.display = "" if used else "none"
                box.description = choices[place].label if used else ""
                box.value = used and choices[place].id in picked
                box.disabled = disabled
        finally:
            self._showing = False
            self.count()

    def count(self) -> None:
        """Say how many picks are missing or too many; boxes to tick only."""
        if self.question.picks > 1 and not self._boxes[0].disabled:
            have, want = len(self._ticked()), self.question.picks
            self._told.value = "" if have == want else f'<p class="atelier-small">{have} of {want} picked</p>'
