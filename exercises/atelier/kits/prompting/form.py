"""The prompt bench: compose a prompt, see it as the model sees it, try it, compare, go back."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from html import escape
from threading import Event, Thread, current_thread
from time import strftime
from typing import Any

import ipywidgets as w

from atelier import client, files, records
from atelier.errors import AtelierError
from atelier.forms.base import Form, fold, note, spoken
from atelier.kits.base import Message, Request, percent, wilson
from atelier.kits.prompting import prompt, scoring
from atelier.kits.prompting.records import (
    Abstain,
    BankItem,
    Boundary,
    Collision,
    Example,
    Format,
    Missing,
    Output,
    PromptCase,
    PromptSetup,
    PromptSpec,
    Target,
)
from atelier.lab import OpenLab
from atelier.notebook import REPLIES

FIRST_TRY = 4  # documents: an answer within ten seconds on the embedded model
VERSIONS = "prompt-versions"
MAX_VERSIONS = 10

_BOUNDARIES: tuple[tuple[str, Boundary], ...] = (
    ("Nothing marks it", "none"),
    ('Quotation marks: "…"', "quotes"),
    ("Three backticks: ```…```", "fence"),
    ("Tags: <doc>…</doc>", "tags"),
)
_COLLISIONS: tuple[tuple[str, Collision], ...] = (
    ("Leave the document as it is", "leave"),
    ("Replace the mark by a look-alike", "replace"),
    ("Do not send it: a person reads it", "stop"),
)
_MISSING: tuple[tuple[str, Missing], ...] = (
    ("Leave the place blank", "blank"),
    ("Say “not given”", "say"),
    ("Do not send it: a person reads it", "stop"),
)
_ABSTAIN: tuple[tuple[str, Abstain], ...] = (
    ("Tell it nothing", ""),
    ("Tell it to leave the field empty (null)", "null"),
    ("Tell it to give its best guess", "guess"),
)
_FORMATS: tuple[tuple[str, Format], ...] = (
    ("Any text", "text"),
    ("Amount", "amount"),
    ("Date", "date"),
    ("Reference", "reference"),
)
_WIDE = w.Layout(width="100%")
_LONG_LABEL = {"description_width": "initial"}


class PromptBench(Form[PromptSpec, PromptSetup]):
    """The form of the prompting kit."""

    def __init__(self, lab: OpenLab) -> None:
        super().__init__(lab)
        self.practice: tuple[PromptCase, ...] = lab.practice
        self.replies = _read_replies(lab)
        self._showing = False
        self._stop = Event()
        self._worker: Thread | None = None

    def blank(self) -> PromptSpec:
        """Return the empty prompt: nothing ticked, nothing said."""
        return PromptSpec()

    # The widgets

    def build(self) -> w.Widget:
        """Make the bench: six numbered steps, the prompt as the model sees it, and the try-out."""
        self._preview = w.HTML()
        self._result = w.HTML()
        self._example_box = w.VBox()
        self._version_box = w.VBox()
        page = w.VBox([
            *self._build_task(), *self._build_inputs(), *self._build_boundary(), *self._build_outputs(),
            *self._build_examples(), *self._build_try(),
        ])  # fmt: skip
        page.add_class("atelier-prompt")
        self.refresh()
        return page

    def _build_task(self) -> list[w.Widget]:
        self._task = w.Textarea(
            description="The task in one sentence", placeholder=self.setup.task_hint,
            rows=2, layout=_WIDE, continuous_update=False,
        )  # fmt: skip
        self._rules = w.Textarea(
            description="Rules, one per line", placeholder="One rule per line, or none. Short rules work best with a small model.",
            rows=3, layout=_WIDE, continuous_update=False,
        )  # fmt: skip
        self._on(self._task, lambda value: replace(self.answer, task=value[:2000]))
        self._on(self._rules, lambda value: replace(self.answer, rules=_lines(value)))
        return [
            _step(1, "What should the model do?", "Say it in one sentence, as to a temp on the first morning."),
            _above(self._task), _above(self._rules),
        ]  # fmt: skip

    def _build_inputs(self) -> list[w.Widget]:
        self._inputs = {
            known.name: w.Checkbox(description=f"{known.label}: {known.says}", indent=False, layout=_WIDE)
            for known in self.setup.inputs
        }
        for box in self._inputs.values():
            self._on(box, lambda _value: replace(self.answer, inputs=self._ticked()))
        self._missing = _radio(_MISSING, "When a ticked item is missing for a document")
        self._on(self._missing, lambda value: replace(self.answer, missing=value))
        return [
            _step(2, "What may the model see?", "All this is known about each document. Tick what the task needs."),
            *self._inputs.values(), self._missing,
        ]  # fmt: skip

    def _ticked(self) -> tuple[str, ...]:
        return tuple(name for name, box in self._inputs.items() if box.value)

    def _build_boundary(self) -> list[w.Widget]:
        self._boundary = _radio(_BOUNDARIES, "What marks the document's beginning and end")
        self._collision = _radio(_COLLISIONS, "When the document itself contains that mark")
        longest = max((len(text) for case in self.practice for text in case.fields.values()), default=0)
        self._budget = w.BoundedIntText(
            description=f"Most characters of a document (0 = no limit; the longest practice document has {longest})",
            min=0, max=100_000, step=100,
        )  # fmt: skip
        self._on(self._boundary, lambda value: replace(self.answer, boundary=value))
        self._on(self._collision, lambda value: replace(self.answer, collision=value))
        self._on(self._budget, lambda value: replace(self.answer, budget=value))
        says = (
            "Anybody can send you a text. Mark where their text begins and ends, so that it stays data and "
            "never becomes an order."
        )
        return [
            _step(3, "Where does the document begin and end?", says),
            self._boundary, self._collision, _above(self._budget),
        ]  # fmt: skip

    def _build_outputs(self) -> list[w.Widget]:
        self._asked: dict[str, tuple[w.Checkbox, w.Dropdown, w.Checkbox]] = {}
        rows = []
        for target in self.setup.targets:
            ask = w.Checkbox(description=target.label, indent=False, layout=w.Layout(width="14em"))
            form = w.Dropdown(options=_FORMATS, description="written as", layout=w.Layout(width="16em"))
            empty = w.Checkbox(description="may be empty", indent=False, layout=w.Layout(width="10em"))
            form.tooltip, empty.tooltip = f"How {target.label} is written", f"Whether {target.label} may be empty"
            self._asked[target.name] = (ask, form, empty)
            for widget in (ask, form, empty):
                self._on(widget, lambda _value: replace(self.answer, outputs=self._outputs()))
            rows.append(
                w.VBox([w.HBox([ask, form, empty]), w.HTML(f'<div class="atelier-help">{escape(target.says)}</div>')])
            )
        self._abstain = _radio(_ABSTAIN, "When the document does not give a value")
        self._on(self._abstain, lambda value: replace(self.answer, abstain=value))
        return [
            _step(4, "What must come back?", "The import takes these fields and no others. What does not fit is stopped."),
            *rows, self._abstain,
        ]  # fmt: skip

    def _outputs(self) -> tuple[Output, ...]:
        return tuple(
            Output(name, form.value, empty.value) for name, (ask, form, empty) in self._asked.items() if ask.value
        )

    def _build_examples(self) -> list[w.Widget]:
        self._bank = w.Dropdown(description="A document", layout=w.Layout(width="34em", max_width="100%"))
        add = w.Button(description="Add as example", icon="plus")
        add.on_click(lambda _button: self.quietly(self._add_example)())
        says = (
            f"Show up to {self.setup.max_examples} documents with the reply you want. Nothing helps a model more: "
            "it imitates them. Values copied as they stand in the document work best: our software "
            "converts amounts and dates afterwards, where step 4 says that they are written as such."
        )
        return [_step(5, "Which examples will you show?", says), w.HBox([self._bank, add]), self._example_box]

    def _build_try(self) -> list[w.Widget]:
        self._first = w.Button(description=f"Try it on {FIRST_TRY}", icon="play", button_style="primary")
        self._all = w.Button(description=f"Try all {len(self.practice)}", icon="forward")
        self._cancel = w.Button(description="Stop", icon="stop", disabled=True)
        self._progress = w.IntProgress(min=0, max=1, layout=w.Layout(width="14em", visibility="hidden"))
        self._said, self._share = spoken(), spoken()
        self._first.on_click(lambda _button: self.quietly(self.try_out)(self.practice[:FIRST_TRY]))
        self._all.on_click(lambda _button: self.quietly(self.try_out)(self.practice))
        self._cancel.on_click(lambda _button: self._stop.set())
        seen = fold("The prompt as the model sees it", self._preview)
        versions = fold("My versions", self._version_box)
        return [
            _step(6, "Try it", f"The practice model answers; what differs from the right record is marked. {self._fitness()}"),
            seen, w.HBox([self._first, self._all, self._cancel, self._progress]), self._said, self._share, self._result, versions,
        ]  # fmt: skip

    def _fitness(self) -> str:
        """Say whether the model in use may judge this lab, and how far a prompt goes with it."""
        setup = self.setup
        if setup.qualified is None or setup.baseline is None or setup.reference is None:
            return (
                "Nobody has measured yet whether this model qualifies for this lab, so the points for its replies wait."
            )
        if not setup.qualified:
            return "This model does not qualify for this lab: better prompts do not score clearly better. No points are lost."
        return (
            f"This model qualifies for this lab: a poor prompt of ours gets {percent(setup.baseline)} of the fields right, "
            f"a good one {percent(setup.reference)}."
        )

    def _on(self, widget: w.Widget, edit: Callable[[Any], PromptSpec]) -> None:
        def changed(change: dict[str, Any]) -> None:
            if not self._showing:
                self.changed(edit(change["new"]))
                self._show_rest()

        widget.observe(self.quietly(changed), names="value")

    @contextmanager
    def _shown(self) -> Iterator[None]:
        """Set widgets without taking their changes for edits."""
        self._showing = True
        try:
            yield
        finally:
            self._showing = False

    def refresh(self) -> None:
        """Show `self.answer` in every widget."""
        spec = self.answer
        with self._shown():
            self._task.value, self._rules.value = spec.task, "\n".join(spec.rules)
            for name, box in self._inputs.items():
                box.value = name in spec.inputs
            self._missing.value, self._boundary.value = spec.missing, spec.boundary
            self._collision.value, self._budget.value, self._abstain.value = spec.collision, spec.budget, spec.abstain
            outputs = {output.name: output for output in spec.outputs}
            for name, (ask, form, empty) in self._asked.items():
                output = outputs.get(name, Output(name))
                ask.value, form.value, empty.value = name in outputs, output.format, output.nullable
        self._show_examples()
        self._show_versions()
        self._show_rest()

    def _show_rest(self) -> None:
        """Show what follows from the answer: which rows matter, the rendered prompt, the results so far."""
        asked = {output.name for output in self.answer.outputs}
        for name, (_ask, form, empty) in self._asked.items():
            form.disabled = empty.disabled = name not in asked
        self._preview.value = self._rendered()
        self._show_results()
        self._read_ahead()

    def _read_ahead(self) -> None:
        """Let the model read what the documents have in common, while the learner looks at what they wrote."""
        if self._worker not in (None, current_thread()) and self._worker.is_alive():
            return
        asked = scoring.requests(self.answer, self.practice, self.setup)
        if missing := [request for request in asked if request.key not in self.replies]:
            client.read_ahead(missing[0])

    # Examples

    def _add_example(self) -> None:
        if self._bank.value is None:
            return
        if len(self.answer.examples) >= self.setup.max_examples:
            self.tell(f"{self.setup.max_examples} examples are the most. Remove one first.", "warn")
            return
        empty: dict[str, str | None] = {target.name: None for target in self.setup.targets}
        self._set_examples((*self.answer.examples, Example(self._bank.value, empty)))

    def _set_examples(self, examples: tuple[Example, ...]) -> None:
        self.changed(replace(self.answer, examples=examples))
        self._show_examples()
        self._show_rest()

    def _show_examples(self) -> None:
        used = {example.case for example in self.answer.examples}
        with self._shown():
            free = [(item.title, item.id) for item in self.setup.bank if item.id not in used]
            self._bank.options = free
            self._bank.value = free[0][1] if free else None
        bank = {item.id: item for item in self.setup.bank}
        self._example_box.children = [
            self._example(i, example, bank[example.case])
            for i, example in enumerate(self.answer.examples)
            if example.case in bank
        ]

    def _example(self, index: int, example: Example, item: BankItem) -> w.Widget:
        remove = w.Button(description="Remove", icon="trash", tooltip=f"Remove the example {item.title}")
        remove.on_click(lambda _button: self.quietly(self._drop_example)(index))
        text = "\n\n".join(item.fields.get(known.name, "") for known in self.setup.inputs if known.untrusted)
        document = w.HTML(f'<pre class="atelier-paper" tabindex="0">{escape(text)}</pre>')
        blank = w.HTML(self._blanks(example))
        values = [self._example_value(index, target, text, blank) for target in self.setup.targets]
        head = w.HBox([w.HTML(f"<b>Example {index + 1}: {escape(item.title)}</b>"), remove])
        filled = w.VBox([*values, blank])
        beside = w.HBox([document, filled])
        beside.add_class("atelier-columns")
        for side in (document, filled):
            side.add_class("atelier-column")
        box = w.VBox([head, beside])
        box.add_class("atelier-example")
        return box

    def _blanks(self, example: Example) -> str:
        """Warn of values that a document always gives and the example does not: the model would learn to omit them."""
        never = [t.label for t in self.setup.targets if not t.nullable and not example.output.get(t.name)]
        says = f"Still blank: {', '.join(never)}. The model imitates that, and leaves it empty."
        return note(says, "warn") if never else ""

    def _example_value(self, index: int, target: Target, text: str, blank: w.HTML) -> w.Widget:
        value = w.Combobox(
            value=self.answer.examples[index].output.get(target.name) or "",
            description=target.label,
            style={"description_width": "11em"},
            placeholder="pick or type; blank means: not in the document",
            options=prompt.candidates(text, target.format),
            ensure_option=False,
            continuous_update=False,
            layout=_WIDE,
        )

        def fill(change: dict[str, Any]) -> None:
            current = self.answer.examples[index]
            output = {**current.output, target.name: change["new"].strip()[:200] or None}
            examples = list(self.answer.examples)
            examples[index] = replace(current, output=output)
            self.changed(replace(self.answer, examples=tuple(examples)))
            blank.value = self._blanks(examples[index])
            self._show_rest()

        value.observe(self.quietly(fill), names="value")
        return value

    def _drop_example(self, index: int) -> None:
        self._set_examples(tuple(e for i, e in enumerate(self.answer.examples) if i != index))

    # The prompt as the model sees it

    def _rendered(self) -> str:
        case = self.practice[0]
        chat = prompt.render(self.answer, case, self.setup)
        if not chat:
            return note("With these settings the first practice document is not sent: a person reads it.", "warn")
        size = sum(len(turn.content) for turn in chat)
        told = "".join(_turn(turn) for turn in chat)
        over = size > self.setup.longest
        line = f"{size:,} characters in all; the model takes at most {self.setup.longest:,}."
        return note(line, "warn" if over else "info") + told

    # Trying

    def try_out(self, cases: Sequence[PromptCase]) -> None:
        """Ask the model about `cases` in the background; replies that are known are not asked again."""
        if self._worker is not None and self._worker.is_alive():
            return
        if reasons := scoring.faults(self.answer, self.setup):
            self._said.value = note(" ".join(reasons), "warn")
            return
        spec = self.answer
        wanted = scoring.requests(spec, cases, self.setup)
        missing = [request for request in wanted if request.key not in self.replies]
        self._stop.clear()
        self._busy(len(missing))
        self._worker = Thread(target=self.quietly(self._ask), args=(spec, cases, missing), daemon=True)
        self._worker.start()

    def _ask(self, spec: PromptSpec, cases: Sequence[PromptCase], missing: Sequence[Request]) -> None:
        said = ""
        try:
            for request in missing:
                if self._stop.is_set():
                    said = note("Stopped. What came back so far is kept.", "info")
                    break
                # One at a time: what came back is kept if the model falls silent.
                self.replies |= client.complete_many([request])
                self._progress.value += 1
        except AtelierError as error:
            said = note(f"{error} What came back so far is kept.", "warn")
        finally:
            _write_replies(self.lab, self.replies)
            self._busy(None)
            self._said.value = said
            self._keep_version(spec, cases)
            self._show_rest()

    def _busy(self, steps: int | None) -> None:
        self._first.disabled = self._all.disabled = steps is not None
        self._cancel.disabled = steps is None
        self._progress.layout.visibility = "hidden" if steps is None else "visible"
        self._progress.value, self._progress.max = 0, max(steps or 1, 1)
        if steps is not None:
            self._said.value = note(
                f"Asking the model about {steps} documents…" if steps else "Already answered.", "info"
            )

    def _show_results(self) -> None:
        """Show what came back for every practice document answered so far, beside what is right."""
        known = []
        if not scoring.faults(self.answer, self.setup):
            for case in self.practice:
                chat = prompt.render(self.answer, case, self.setup)
                reply = self.replies.get(Request(chat).key) if chat else ""
                if reply is not None:
                    known.append(scoring.judge(self.answer, case, self.setup, reply, sent=bool(chat)))
        if not known:
            self._share.value = self._result.value = ""
            return
        share = scoring.accuracy(known, self.setup)
        head = f"{percent(share)} of the values right on {len(known)} of {len(self.practice)} practice documents"
        shown = next((known.name for known in self.setup.inputs if known.untrusted), "")
        rows = "".join(_outcome(outcome, shown, self.setup.targets) for outcome in known)
        names = "".join(f'<th scope="col">{escape(t.label)}</th>' for t in self.setup.targets)
        self._share.value = f"<p><b>{head}</b></p>"
        self._result.value = (
            '<div class="atelier-results" role="region" aria-label="Results" tabindex="0">'
            f'<table><thead><tr><th scope="col">Document</th>{names}</tr></thead><tbody>{rows}</tbody></table></div>'
        )

    # Versions

    def _keep_version(self, spec: PromptSpec, cases: Sequence[PromptCase]) -> None:
        found = scoring.outcomes(spec, cases, self.setup, self.replies)
        if not found:
            return
        plain = records.dump(spec)
        version = {
            "at": strftime("%H:%M"),
            "share": scoring.accuracy(found, self.setup),
            "n": len(found),
            "answer": plain,
        }
        kept = [old for old in self._versions() if old["answer"] != plain or old["n"] > len(found)]
        self.lab.note(VERSIONS, [*kept, version][-MAX_VERSIONS:])
        self._show_versions()

    def _versions(self) -> list[dict[str, Any]]:
        return list(self.lab.notes.get(VERSIONS, []))

    def _show_versions(self) -> None:
        versions = self._versions()
        rows: list[w.Widget] = [
            self._version(number, version) for number, version in reversed(list(enumerate(versions, start=1)))
        ]
        self._version_box.children = rows or [w.HTML("Every try is kept here, so that you can compare and go back.")]

    def _version(self, number: int, version: dict[str, Any]) -> w.Widget:
        back = w.Button(description="Go back to it", icon="history", tooltip=f"Go back to version {number}")
        back.on_click(lambda _button: self.quietly(self._go_back)(version["answer"]))
        examples = len(version["answer"]["examples"])
        shown = "1 example" if examples == 1 else f"{examples} examples"
        share, n = version["share"], version["n"]
        low, high = wilson(share * n, n)
        bar = f'<meter min="0" max="1" value="{share:.2f}" aria-label="share right of version {number}"></meter>'
        says = f"{percent(share)} right on {n} documents (95 % interval {percent(low)} to {percent(high)})"
        return w.HBox([back, w.HTML(f"{number}. {escape(version['at'])} · {bar} {says} · {shown}")])

    def _go_back(self, answer: dict[str, Any]) -> None:
        self.changed(records.load(PromptSpec, answer))
        self.refresh()


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line.strip().removeprefix("- ")[:300] for line in text.splitlines() if line.strip())[:20]


def _step(number: int, title: str, says: str) -> w.Widget:
    return w.HTML(f'<h3 class="atelier-step">{number}. {escape(title)}</h3><p class="atelier-help">{escape(says)}</p>')


def _above(widget: w.DOMWidget) -> w.DOMWidget:
    """Put a field's label above it."""
    widget.add_class("atelier-above")
    return widget


def _radio(options: Sequence[tuple[str, str]], label: str) -> w.RadioButtons:
    radio = w.RadioButtons(options=options, description=label, layout=w.Layout(width="auto"), style=_LONG_LABEL)
    return _above(radio)


def _turn(turn: Message) -> str:
    who = {"system": "Before everything", "user": "You show", "assistant": "You want"}[turn.role]
    return f'<div class="atelier-turn atelier-{turn.role}"><b>{who}</b><pre>{escape(turn.content)}</pre></div>'


def _outcome(outcome: scoring.Outcome, shown: str, targets: Sequence[Target]) -> str:
    """Return one row: the document, and each value as it came back, with the right one beside a wrong one."""
    text = outcome.case.fields.get(shown, "") or outcome.case.id
    cells = "".join(_value(outcome, target) for target in targets)
    if not outcome.sent:
        text += "\n(not sent: a person reads it)"
    elif outcome.record is None:
        text += f"\n(no record in the reply: {outcome.reply[:80]}…)"
    return f"<tr><td><pre>{escape(text)}</pre></td>{cells}</tr>"


def _value(outcome: scoring.Outcome, target: Target) -> str:
    record = outcome.record or {}
    got = escape(str(record[target.name] or "empty")) if target.name in record else "nothing"
    if target.name not in outcome.wrong:
        return f'<td class="atelier-right">✓ {got}</td>'
    right = escape(outcome.case.gold.get(target.name) or "empty")
    return f'<td class="atelier-wrong">✗ <s>{got}</s><br><b>should be</b> {right}</td>'


def _read_replies(lab: OpenLab) -> dict[str, str]:
    """Return the replies kept beside the notebook; a damaged file only costs asking again."""
    try:
        raw = json.loads((lab.root / REPLIES).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return {k: v for k, v in raw.items() if isinstance(v, str)} if isinstance(raw, dict) else {}


def _write_replies(lab: OpenLab, replies: dict[str, str]) -> None:
    files.write_text(lab.root / REPLIES, json.dumps(replies, ensure_ascii=False, indent=0) + "\n")
