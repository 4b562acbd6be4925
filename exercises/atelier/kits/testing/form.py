"""SuiteForm: build tests from drop-downs, see at once which assistants they stop, and read the conversations behind it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from html import escape
from typing import Any

import ipywidgets as w

from atelier.forms.base import Form, note, spoken
from atelier.kits.testing import scoring
from atelier.kits.testing.bots import Conversation, Desk, complete
from atelier.kits.testing.card import THRESHOLDS, Words, expected, reads
from atelier.kits.testing.records import Bot, Expect, Offer, TestSetup, TestSuite, Trial

_MOST_REPEATS = 100
_CHOOSE = ("choose …", "")
_BLANK = Trial(repeats=10)


class SuiteForm(Form[TestSuite, TestSetup]):
    """Build a test suite, and see at once what it does to the practice assistants."""

    def blank(self) -> TestSuite:
        """Return the suite without tests."""
        return TestSuite()

    def build(self) -> w.Widget:
        """Make the desk's rules, the editor, the tests with their grid, and the question on the sample."""
        self._desk = Desk(self.setup)
        self._bots: tuple[Bot, ...] = self.lab.practice
        self._editing: int | None = None
        self._reading: tuple[int, int, int] | None = None
        self._rows: list[_Row] = []
        self._showing = False
        self._measure, self._summary, self._said = spoken(), w.HTML(), spoken()
        self._list = w.VBox()
        self._make_reader()
        editor = self._make_editor()
        question = self._make_question()
        self._fill(_BLANK)
        page = w.VBox([
            w.HTML(self._rules()),
            _head(1, "Build a test", "What the customer writes, what must hold of the reply, and how often you ask."),
            editor,
            _head(2, "What your tests find", "Four assistants answer. Click a result to read its conversations."),
            self._measure, self._summary, self._list,
            _head(3, "How many conversations?", ""),
            *question,
        ])  # fmt: skip
        page.add_class("atelier-suite")
        self.refresh()
        return page

    # The editor

    def _make_editor(self) -> w.Widget:
        self._parts = {
            part.id: _labelled(part.label, w.Dropdown(options=[(o.label, o.id) for o in part.options]))
            for part in self.setup.parts
        }
        self._expects = {offer.id: _Property(offer, self.quietly(self._on_change)) for offer in self.setup.offers}
        self._repeats = _labelled(
            "Conversations",
            w.BoundedIntText(value=10, min=1, max=_MOST_REPEATS),
            "each from another customer of the order table",
        )
        self._threshold = _labelled(
            "It must hold", w.Dropdown(options=[(label, value) for value, label in THRESHOLDS.items()])
        )
        self._message = w.HTML()
        self._add = w.Button(description="Add this test", icon="plus", button_style="primary")
        self._cancel = w.Button(description="Leave it as it was", icon="times")
        self._add.on_click(lambda _b: self.quietly(self._on_add)())
        self._cancel.on_click(lambda _b: self.quietly(self._on_cancel)())
        for part in self._parts.values():
            part.observe(lambda _c: self.quietly(self._on_change)(), "value")
        message = w.VBox([w.HTML("<h5>The customer writes</h5>"), *self._parts.values(), self._message])
        properties = w.VBox([w.HTML("<h5>What must hold of the reply</h5>"), *(p.box for p in self._expects.values())])
        often = w.VBox([w.HTML("<h5>How often</h5>"), self._repeats, self._threshold])
        right = w.VBox([properties, often])
        for side in (message, right):
            side.add_class("atelier-column")
        columns = w.HBox([message, right])
        columns.add_class("atelier-columns")
        buttons = w.HBox([self._add, self._cancel])
        box = w.VBox([columns, buttons, self._said])
        box.add_class("atelier-editor")
        return box

    def _fill(self, trial: Trial) -> None:
        """Show `trial` in the editor."""
        self._showing = True
        for part, option in complete(trial.parts, self.setup).items():
            self._parts[part].value = option
        chosen = {expect.offer: expect.value for expect in trial.expects}
        for name, shown in self._expects.items():
            shown.show(name in chosen, chosen.get(name, ""))
        self._repeats.value = min(max(trial.repeats, 1), _MOST_REPEATS)
        self._threshold.value = min(THRESHOLDS, key=lambda value: abs(value - trial.threshold))
        self._showing = False
        self._show_message()
        self._add.description = (
            "Add this test" if self._editing is None else f"Keep the changes to test {self._editing + 1}"
        )
        self._add.icon = "plus" if self._editing is None else "check"
        self._cancel.layout.display = "none" if self._editing is None else ""

    def _on_change(self) -> None:
        """Forget what was said of the test as it was."""
        if not self._showing:
            self._said.value = ""
            self._show_message()

    def _show_message(self) -> None:
        if not self._showing:
            first = self._desk.talks(self._bots[0], self._drafted().parts, 1)[0]
            says = self._desk.message(first, self._bots[0])
            self._message.value = f'<pre class="atelier-paper" aria-label="The message">{escape(says)}</pre>'

    def _drafted(self) -> Trial:
        return Trial(
            {part: shown.value for part, shown in self._parts.items()},
            self._repeats.value,
            tuple(Expect(name, shown.value) for name, shown in self._expects.items() if shown.ticked),
            self._threshold.value,
        )

    def _complaint(self, trial: Trial) -> str:
        """Return what is still missing in the editor, or nothing."""
        tests = self.answer.tests
        if not trial.expects:
            return "Tick at least one property. A test that expects nothing cannot fail."
        if open_ := [p.offer.label for p in self._expects.values() if p.ticked and p.offer.choices and not p.value]:
            return f"Choose a value for “{open_[0]}”."
        if trial in tests and (self._editing is None or tests[self._editing] != trial):
            return f"This is test {tests.index(trial) + 1} already. Change the message, or what you expect."
        if self._editing is None and len(tests) >= self.setup.most_tests:
            return f"A suite has {self.setup.most_tests} tests at most. Remove one first."
        others = sum(t.repeats for i, t in enumerate(tests) if i != self._editing)
        if (left := self.setup.most_conversations - others) < trial.repeats:
            return f"Your budget leaves {left} conversations for this test. Ask less often, here or elsewhere."
        return ""

    def _on_add(self) -> None:
        trial = self._drafted()
        if complaint := self._complaint(trial):
            self._said.value = note(complaint, "warn")
            return
        tests, place = list(self.answer.tests), self._editing
        if place is None:
            tests.append(trial)
        else:
            tests[place] = trial
        self._take(tests)
        told = f"Test {len(tests)} is added." if place is None else f"Test {place + 1} is changed."
        self._said.value = note(f"{told} Change something above for the next one.", "good")

    def _on_cancel(self) -> None:
        self._editing = None
        self._said.value = ""
        self._fill(self._drafted())

    def _take(self, tests: Sequence[Trial]) -> None:
        self.changed(replace(self.answer, tests=tuple(tests)))
        self.refresh()

    def edit(self, place: int) -> None:
        """Put test number `place` into the editor."""
        self._editing = place
        self._fill(self.answer.tests[place])
        self._said.value = note(f"Test {place + 1} is in the editor.", "info")
        self._go_to_editor()

    def copy(self, place: int) -> None:
        """Put a copy of test number `place` into the editor, to become a new test."""
        self._editing = None
        self._fill(self.answer.tests[place])
        self._said.value = note(f"A copy of test {place + 1} is in the editor. Change it, then add it.", "info")
        self._go_to_editor()

    def _go_to_editor(self) -> None:
        """Bring the editor into view: in a long list it is far above the button that was pressed."""
        next(iter(self._parts.values())).focus()

    def remove(self, place: int) -> None:
        """Take test number `place` out of the suite."""
        self._take([test for i, test in enumerate(self.answer.tests) if i != place])

    # The results

    def refresh(self) -> None:
        """Show the suite, and what it does."""
        if self._editing is not None:
            self._editing = None
            self._fill(self._drafted())
        trials = scoring.affordable(self.answer, self.setup)
        grid = [[scoring.run(self._desk, bot, trial) for bot in self._bots] for trial in trials]
        while len(self._rows) < len(trials):
            self._rows.append(_Row(self, len(self._rows), self._bots))
        for row, trial, outcomes in zip(self._rows, trials, grid, strict=False):
            row.show(reads(trial, self.setup), outcomes)
        self._list.children = [row.box for row in self._rows[: len(trials)]] or [
            w.HTML(
                '<p class="atelier-small">No test yet. Start with the message that would hurt most if it were answered wrongly.</p>'
            )
        ]
        self._show_overview(trials, grid)
        place = self._reading[0] if self._reading else None
        self._close() if place is None or place >= len(trials) else self._read()
        self._showing = True
        self._sample.value = self.answer.sample
        self._showing = False

    def _show_overview(self, trials: Sequence[Trial], grid: Sequence[Sequence[scoring.Outcome]]) -> None:
        if not trials:
            self._measure.value = self._summary.value = ""
            return
        found = scoring.verdicts(self._desk, trials, self._bots)
        part = scoring.separates(found)
        lines = []
        for column, (bot, days) in enumerate(found):
            by = [str(i + 1) for i, row in enumerate(grid) if not row[column].passes]
            tests = f"stopped by test {', '.join(by)}" if by else "passes"
            good = bool(by) == bool(bot.kind)
            lines.append(
                f"<tr><th scope='row'>{escape(bot.name)}</th><td>{escape(bot.kind or 'nothing: it keeps to the rules')}</td>"
                f"<td>{'✓' if good else '✗'} {tests}</td><td>stopped on {sum(days)} of {len(days)} days</td></tr>"
            )
        tried, all_ = scoring.pairs(trials, self.setup)
        new = scoring.untried(trials, self.setup)
        asked = sum(trial.repeats for trial in trials)
        untried = f"Not tried yet: {'; '.join(new)}." if new else "Every choice is tried at least once."
        self._measure.value = (
            f'<p><meter min="0" max="1" value="{part.fraction or 0:.2f}" aria-label="score"></meter> '
            f"{part.fraction or 0:.2f} of 1. {escape(part.says)}</p>"
        )
        self._summary.value = (
            '<table class="atelier-table"><thead><tr><th scope="col">Assistant</th><th scope="col">What is wrong with it</th>'
            f'<th scope="col">Today</th><th scope="col">If you ran it again</th></tr></thead><tbody>{"".join(lines)}</tbody></table>'
            f'<p class="atelier-small">{escape(untried)} {tried} of {all_} pairs of choices were tried together. '
            f"{len(trials)} of {self.setup.most_tests} tests, {asked} of {self.setup.most_conversations} conversations.</p>"
        )

    # The conversations behind a result

    def _make_reader(self) -> None:
        self._which, self._paper = spoken(), w.HTML()
        self._before, self._next, self._failing, self._shut = (
            w.Button(description=text, icon=icon)
            for text, icon in (
                ("Previous", "arrow-left"),
                ("Next", "arrow-right"),
                ("Next that fails", "forward"),
                ("Close", "times"),
            )
        )
        self._before.on_click(lambda _b: self.quietly(self._turn)(-1))
        self._next.on_click(lambda _b: self.quietly(self._turn)(1))
        self._failing.on_click(lambda _b: self.quietly(self._turn_to_failure)())
        self._shut.on_click(lambda _b: self.quietly(self._on_shut)())
        ways = w.HBox([self._before, self._next, self._failing, self._shut])
        self._reader = w.VBox([ways, self._which, self._paper])
        ways.add_class("atelier-ways")
        self._reader.add_class("atelier-reader")

    def read(self, test: int, bot: int) -> None:
        """Open the conversations of a test with an assistant, the first that fails if there is one."""
        self._reading = (test, bot, 0)
        self._turn_to_failure(first=True)

    def _talks(self) -> tuple[Trial, Bot, list[Conversation], list[bool]]:
        assert self._reading is not None
        test, bot, _ = self._reading
        trial = scoring.affordable(self.answer, self.setup)[test]
        talks = self._desk.talks(self._bots[bot], trial.parts, trial.repeats)
        kept = self._desk.kept(trial.expects, talks, self._bots[bot])
        return trial, self._bots[bot], talks, kept

    def _turn(self, by: int) -> None:
        if self._reading:
            test, bot, place = self._reading
            self._reading = (test, bot, (place + by) % len(self._talks()[2]))
            self._read()

    def _turn_to_failure(self, *, first: bool = False) -> None:
        if not self._reading:
            return
        test, bot, place = self._reading
        kept = self._talks()[3]
        order = [(place + (not first) + i) % len(kept) for i in range(len(kept))]
        self._reading = (test, bot, next((i for i in order if not kept[i]), place))
        self._read()

    def _on_shut(self) -> None:
        """Close the reader; the focus goes back to the result that opened it."""
        if self._reading:
            test, bot, _ = self._reading
            self._close()
            self._rows[test].focus(bot)

    def _close(self) -> None:
        self._reading = None
        for row in self._rows:
            row.hold(None)

    def _read(self) -> None:
        if not self._reading:
            return
        trial, bot, talks, kept = self._talks()
        test, _, place = self._reading
        place = min(place, len(talks) - 1)
        talk = talks[place]
        self._failing.disabled = all(kept)
        checks = "".join(
            f"<li>{'✓' if holds else '✗'} {escape(expected(expect, self.setup))}</li>"
            for expect in trial.expects
            for holds in (self._desk.holds(expect, talk, bot),)
        )
        orders = self._table(bot, talk.writer)
        self._which.value = (
            f"<p><strong>Test {test + 1}, {escape(bot.name)}: conversation {place + 1} of {len(talks)}.</strong> "
            f"{'All of it holds.' if kept[place] else 'It does not hold.'}</p>"
        )
        self._paper.value = (
            f'<ul class="atelier-properties">{checks}</ul>'
            '<div class="atelier-columns">'
            f'<div class="atelier-column"><h5>The customer</h5><pre class="atelier-paper">{escape(self._desk.message(talk, bot))}</pre></div>'
            f'<div class="atelier-column"><h5>{escape(bot.name)}</h5><pre class="atelier-paper">{escape(talk.reply)}</pre></div></div>'
            f"<details><summary>The order table</summary>{orders}</details>"
        )
        for row in self._rows:
            row.hold(self._reader if row.place == test else None)

    def _table(self, bot: Bot, writer: int | None = None) -> str:
        head = "".join(f"<th scope='col'>{escape(column.label)}</th>" for column in self.setup.columns)
        rows = ""
        for place, order in enumerate(bot.orders):
            cells = "".join(f"<td>{escape(cell)}</td>" for cell in order)
            rows += f"<tr>{cells}<td>{'← writes' if place == writer else ''}</td></tr>"
        return f'<table class="atelier-table"><thead><tr>{head}<td></td></tr></thead><tbody>{rows}</tbody></table>'

    def _rules(self) -> str:
        try:
            text = (self.lab.root / "data" / self.setup.policy).read_text(encoding="utf-8")
        except OSError:
            return note("The rules of this desk are missing. Fetch the lab again from My track.", "warn")
        return (
            f'<details><summary>The rules of the desk</summary><pre class="atelier-paper">{escape(text)}</pre></details>'
            f"<details><summary>The order table that the assistants work with</summary>{self._table(self._bots[0])}</details>"
        )

    # The question on the sample

    def _make_question(self) -> list[w.Widget]:
        self._sample = _labelled("My number", w.BoundedIntText(value=0, min=0, max=100_000))
        self._sample.observe(self.quietly(self._on_sample), "value")
        margin = f"{100 * self.setup.margin:.0f}"
        asked = w.HTML(
            "<p>You want to tell the head of the desk in what share of its conversations a new assistant is right, to within "
            f"±{margin} points, at 95 %. You have no idea of the share beforehand. How many conversations do you have to read?</p>"
        )
        return [asked, self._sample]

    def _on_sample(self, change: dict[str, Any]) -> None:
        if not self._showing:
            self.changed(replace(self.answer, sample=int(change["new"])))


class _Property:
    """A property in the editor: a tick, and a value where its offer has choices."""

    def __init__(self, offer: Offer, on_change: Callable[[], None]) -> None:
        self.offer = offer
        self._tick = w.Checkbox(description=offer.label, indent=False, layout=w.Layout(width="auto"))
        self._tick.tooltip = offer.says
        self._value = w.Dropdown(
            options=[_CHOOSE, *((choice.label, choice.value) for choice in offer.choices)],
            layout=w.Layout(width="auto"),
        )
        self._value.tooltip = f"{offer.label}: value"
        self._value.layout.display = "none"
        self._tick.observe(lambda _c: self._unfold(), "value")
        for widget in (self._tick, self._value):
            widget.observe(lambda _c: on_change(), "value")
        self.box = w.HBox([self._tick, self._value])
        self.box.add_class("atelier-property")

    def _unfold(self) -> None:
        self._value.layout.display = "" if self.offer.choices and self._tick.value else "none"

    def show(self, ticked: bool, value: str) -> None:
        """Show the property ticked or not, with `value`; a value that is not on offer is left open."""
        self._tick.value = ticked
        self._value.value = value if value in [choice.value for choice in self.offer.choices] else ""

    @property
    def ticked(self) -> bool:
        """Return whether the property is expected."""
        return bool(self._tick.value)

    @property
    def value(self) -> str:
        """Return the value chosen, or nothing."""
        return str(self._value.value)


class _Row:
    """A test of the list, with one result per assistant. Rows are kept and shown anew, so that the focus stays."""

    def __init__(self, form: SuiteForm, place: int, bots: Sequence[Bot]) -> None:
        self.place, self._bots = place, bots
        self._text = w.HTML()
        self._cells = [w.Button() for _ in bots]
        for column, cell in enumerate(self._cells):
            cell.on_click(_click(form, partial(form.read, place, column)))
        acts = []
        for text, icon, act in (
            ("Edit", "pencil", form.edit),
            ("Copy", "copy", form.copy),
            ("Remove", "trash", form.remove),
        ):
            button = w.Button(description=text, icon=icon, tooltip=f"{text} test {place + 1}")
            button.on_click(_click(form, partial(act, place)))
            acts.append(button)
        cells, actions = w.HBox(self._cells), w.HBox(acts)
        line = w.HBox([self._text, cells, actions])
        for box, name in ((self._text, "test-text"), (cells, "cells"), (actions, "acts"), (line, "test-line")):
            box.add_class(f"atelier-{name}")
        self._line = line
        self.box = w.VBox([line])
        self.box.add_class("atelier-test")

    def show(self, words: Words, outcomes: Sequence[scoring.Outcome]) -> None:
        """Show a test and its results."""
        self._text.value = (
            f"<p>Test {self.place + 1}: {escape(words.message)}<br><strong>{escape(words.expects)}</strong><br>"
            f"{escape(words.often)}</p>"
        )
        for cell, bot, outcome in zip(self._cells, self._bots, outcomes, strict=True):
            stops = not outcome.passes
            mark = "✓" if stops == bool(bot.kind) else "✗" if stops else "○"
            cell.description = f"{mark} {_short(bot)} {'stopped' if stops else 'passes'} {outcome.held}/{outcome.n}"
            cell.tooltip = (
                f"Test {self.place + 1}, {bot.name}: held in {outcome.held} of {outcome.n} conversations, so the test "
                f"{'rejects it' if stops else 'lets it pass'}. Read them."
            )
            for name, on in (("good", stops == bool(bot.kind)), ("bad", stops and not bot.kind)):
                cell.add_class(f"atelier-cell-{name}") if on else cell.remove_class(f"atelier-cell-{name}")

    def focus(self, bot: int) -> None:
        """Give the result of assistant number `bot` the focus."""
        self._cells[bot].focus()

    def hold(self, reader: w.Widget | None) -> None:
        """Show the reader under this test, or nothing."""
        self.box.children = [self._line, reader] if reader is not None else [self._line]


def _click(form: SuiteForm, act: Callable[[], None]) -> Callable[[object], None]:
    return lambda _button: form.quietly(act)()


def _short(bot: Bot) -> str:
    return bot.name.rsplit(" ", 1)[-1] if bot.kind else "Honest"


def _labelled(label: str, widget: Any, says: str = "") -> Any:
    widget.description = label
    widget.style = {"description_width": "11em"}
    widget.layout = w.Layout(width="100%", max_width="36em")
    if says:
        widget.tooltip = says
    return widget


def _head(number: int, title: str, says: str) -> w.HTML:
    more = f'<p class="atelier-small">{escape(says)}</p>' if says else ""
    return w.HTML(f"<h4>{number} · {escape(title)}</h4>{more}")
