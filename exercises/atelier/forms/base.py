"""The base of every form: one answer record, saved on each change, with undo and a status line.

A kit's form subclasses `Form`, overrides `blank`, `build` and `refresh`, and calls `changed` on every edit.
"""

from __future__ import annotations

import ast
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
_MOST_CODE = 200_000  # characters
_MOST_LINES = 24  # of the answer as code, before it scrolls


def note(text: str, kind: str = "info") -> str:
    """Return `text` as an HTML message box; `kind` is info, good, warn or bad. `text` is escaped."""
    return f'<div class="atelier-note atelier-{kind}">{escape(text)}</div>'


def spoken(text: str = "") -> w.HTML:
    """Return an HTML widget that a screen reader reads out as a whole whenever it changes. Keep it short, and few of them."""
    made = w.HTML(text)
    made.add_class("atelier-spoken")
    return made


def fold(title: str, inside: w.Widget) -> w.Widget:
    """Return `inside` folded away behind a button. ipywidgets' own accordion cannot be opened by keyboard."""
    button = w.Button(description=title, icon="caret-right")
    button.add_class("atelier-fold")
    inside.layout.display = "none"

    def turn(_button: object) -> None:
        opens = inside.layout.display == "none"
        inside.layout.display = "" if opens else "none"
        button.icon = "caret-down" if opens else "caret-right"
        (button.add_class if opens else button.remove_class)("atelier-unfolded")

    button.on_click(turn)
    return w.VBox([button, inside])


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
        self._status = spoken(note(lab.trouble, "warn") if lab.trouble else "")
        self._saved = w.HTML()
        self._undo = w.Button(description="Undo", icon="undo", disabled=True, tooltip="Take back the last change")
        self._undo.on_click(lambda _button: self.quietly(self.undo)())
        self._code = w.Textarea(description="The answer in Python", layout=w.Layout(width="100%"))
        self._code_told = spoken()

    def blank(self) -> A:
        """Return the answer that an untouched form stands for. It is not saved until it changes."""
        raise TypeError(f"{type(self).__name__} defines no blank answer")

    def build(self) -> w.Widget:
        """Make the widgets, showing `self.answer`."""
        raise TypeError(f"{type(self).__name__} defines no widgets")

    def refresh(self) -> None:
        """Show `self.answer` in the widgets again, after an undo. It must not call `changed`."""
        raise TypeError(f"{type(self).__name__} cannot show an older answer")

    def tell(self, text: str, kind: str = "info") -> None:
        """Say something in the status line; `kind` as in `note`."""
        self._status.value, self._saved.value = note(text, kind), ""

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
        # Not spoken: it comes with every change.
        self._saved.value, self._status.value = note(f"Saved at {strftime('%H:%M:%S')}", "saved"), ""
        self._show_code()

    def _show_code(self) -> None:
        text = f"answer = {pformat(records.dump(self.answer), width=100, sort_dicts=False)}"
        self._code.value, self._code_told.value = text, ""
        self._code.rows = min(text.count("\n") + 2, _MOST_LINES)

    def take_code(self) -> None:
        """Take over the answer as it was edited in Python, or say what is wrong with it."""
        try:
            new = written(self._code.value, self.lab.kit.answer)
        except ValueError as error:
            self._code_told.value = note(str(error), "warn")
            return
        before, past = self.answer, self._past
        self.changed(new)
        try:
            self.refresh()
        except Exception as error:  # noqa: BLE001  # whatever a form cannot show, its learner must be able to leave again
            self._past = past
            self._keep(before)
            self.refresh()
            self._code_told.value = note(
                f"This form cannot show that answer ({type(error).__name__}: {error!s:.200}). It is as it was.", "warn"
            )
            return
        self._code_told.value = note("The form shows it now. “Undo” takes it back.", "good")

    def quietly(self, action: Callable[P, Any]) -> Callable[P, None]:
        """Wrap a callback so that a learner sees one sentence, never a traceback."""

        @wraps(action)
        def run(*args: P.args, **kwargs: P.kwargs) -> None:
            try:
                action(*args, **kwargs)
            except AtelierError as error:
                self.tell(str(error), "warn")
            except Exception as error:  # noqa: BLE001  # the last line of defence in front of a learner
                self.tell(
                    f"Something in this form went wrong ({type(error).__name__}). Your work is saved. "
                    "Reload the page; if it happens again, tell your trainer what you clicked.",
                    "bad",
                )

        return run

    def view(self) -> w.Widget:
        """Return the whole form: the kit's widgets, undo, the saved line, and the answer as code."""
        self._show_code()
        take = w.Button(description="Put it into the form", icon="check")
        take.on_click(lambda _button: self.quietly(self.take_code)())
        self._code.add_class("atelier-above")
        self._code.add_class("atelier-code-text")
        code = fold("Show as code", w.VBox([self._code, take, self._code_told]))
        box = w.VBox([self.build(), w.HBox([self._undo, self._saved, self._status]), code])
        box.add_class("atelier-form")
        return box


def written(text: str, answer: type) -> Any:
    """Return the record of type `answer` that `text` writes as a Python literal. ValueError says what is wrong, and where."""
    if len(text) > _MOST_CODE:
        raise ValueError(f"That is more than {_MOST_CODE:,} characters.")
    try:
        body = ast.parse(text.strip()).body
        if len(body) != 1 or not isinstance(body[0], ast.Assign | ast.Expr):
            raise ValueError("Write one value: answer = {…}")
        raw = ast.literal_eval(body[0].value)
    except SyntaxError as error:
        raise ValueError(f"Line {error.lineno}: this is no Python ({error.msg}).") from error
    except (ValueError, TypeError, MemoryError, RecursionError) as error:
        says = str(error) if str(error).startswith("Write one") else "Write plain values only: no names, no calls."
        raise ValueError(says) from error
    try:
        return records.load(answer, raw)
    except records.RecordError as error:
        raise ValueError("; ".join(f"{key}: {says}" for key, says in error.problems[:5])) from error
