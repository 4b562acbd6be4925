"""The base of every form: one answer record, saved on each change, with undo and a status line.

A kit's form subclasses `Form`, overrides `blank`, `build` and `refresh`, and calls `changed` on every edit.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from html import escape
from pprint import pformat
from time import strftime
from typing import Any, Generic, ParamSpec, TypeVar

import ipywidgets as w

from atelier import records
from atelier.errors import AtelierError
from atelier.lab import OpenLab

A = TypeVar("A")
S = TypeVar("S")
P = ParamSpec("P")

UNDO_STEPS = 100


def note(text: str, kind: str = "info") -> str:
    """Return `text` as an HTML message box; `kind` is info, good, warn or bad. `text` is escaped."""
    return f'<div class="atelier-note atelier-{kind}" role="status">{escape(text)}</div>'


def scrolling(inside: str, label: str) -> str:
    """Return the HTML `inside` in a box that scrolls, by keyboard too, and that a screen reader calls `label`."""
    return f'<div class="atelier-scroll" tabindex="0" role="region" aria-label="{escape(label)}">{inside}</div>'


class Form(Generic[A, S]):
    """A form over one answer record of a lab: `A` is the kit's answer, `S` its setup."""

    def __init__(self, lab: OpenLab) -> None:
        self.lab = lab
        self.setup: S = lab.setup
        self.answer: A = lab.answer if lab.answer is not None else self.blank()
        self._past: list[A] = []
        self._status = w.HTML(note(lab.trouble, "warn") if lab.trouble else "")
        self._undo = w.Button(description="Undo", icon="undo", disabled=True, tooltip="Take back the last change")
        self._undo.on_click(lambda _button: self.quietly(self.undo)())
        self._code = w.HTML()

    def blank(self) -> A:
        """Return the answer that an untouched form stands for. It is not saved until it changes."""
        raise TypeError(f"{type(self).__name__} defines no blank answer")

    def build(self) -> w.Widget:
        """Make the widgets, showing `self.answer`."""
        raise TypeError(f"{type(self).__name__} defines no widgets")

    def refresh(self) -> None:
        """Show `self.answer` in the widgets again, after an undo. It must not call `changed`."""
        raise TypeError(f"{type(self).__name__} cannot show an older answer")

    def changed(self, answer: A) -> None:
        """Take over an edited answer: save it and make it undoable. Equal answers are ignored."""
        if answer == self.answer:
            return
        self._past = [*self._past[-UNDO_STEPS:], self.answer]
        self._keep(answer)

    def undo(self) -> None:
        """Take back the last change, if there is one."""
        if self._past:
            self._keep(self._past.pop())
            self.refresh()

    def _keep(self, answer: A) -> None:
        self.answer = answer
        self.lab.save(answer)
        self._undo.disabled = not self._past
        self._status.value = note(f"Saved at {strftime('%H:%M:%S')}", "saved")
        self._show_code()

    def _show_code(self) -> None:
        text = pformat(records.dump(self.answer), width=100, sort_dicts=False)
        self._code.value = f"<pre>answer = {escape(text)}</pre>"

    def quietly(self, action: Callable[P, Any]) -> Callable[P, None]:
        """Wrap a callback so that a learner sees one sentence, never a traceback."""

        @wraps(action)
        def run(*args: P.args, **kwargs: P.kwargs) -> None:
            try:
                action(*args, **kwargs)
            except AtelierError as error:
                self._status.value = note(str(error), "warn")
            except Exception as error:  # noqa: BLE001  # the last line of defence in front of a learner
                self._status.value = note(
                    f"Something in this form went wrong ({type(error).__name__}). Your work is saved. "
                    "Reload the page; if it happens again, tell your trainer what you clicked.",
                    "bad",
                )

        return run

    def view(self) -> w.Widget:
        """Return the whole form: the kit's widgets, undo, the saved line, and the answer as code."""
        self._show_code()
        code = w.Accordion(children=[self._code], selected_index=None)
        code.set_title(0, "Show as code")
        box = w.VBox([self.build(), w.HBox([self._undo, self._status]), code])
        box.add_class("atelier-form")
        return box
