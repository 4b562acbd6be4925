"""What a lab's notebook calls: welcome, artefacts, decisions of the story, the form, checks and handing in.

Every method returns a widget or HTML to display, works without a browser, and never raises for what a learner did: stock
nbgrader runs these cells too, and takes a word on stderr for a failure.
"""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from functools import cached_property
from html import escape
from importlib import import_module
from pathlib import Path
from time import strftime
from typing import Any

import ipywidgets as w
from IPython.display import HTML, display

from atelier import answers, exchange, files, takeaway, track
from atelier.errors import AtelierError
from atelier.forms.base import Form, note, scrolling, spoken
from atelier.kits.base import Part, Verdict
from atelier.lab import LabInfo, OpenLab, PublicCheck

REPLIES = "replies.json"
_SURE = range(50, 101, 5)  # per cent
_PATIENCE = 10  # seconds for a function on all practice cases; a grade allows fewer
_STYLES = Path(__file__).parent / "forms" / "atelier.css"


class _TooLong(BaseException):  # no Exception: a learner's own `except Exception` must not catch it
    """Learner code ran out of time."""


@contextmanager
def _at_most(seconds: int) -> Iterator[None]:
    """Raise _TooLong inside when `seconds` have passed, and every second after that. Not where an alarm cannot be set, or is: a grader keeps time itself."""
    main = threading.current_thread() is threading.main_thread()
    if not hasattr(signal, "setitimer") or not main or signal.getitimer(signal.ITIMER_REAL)[0]:
        yield
        return

    def ring(_number: int, _frame: object) -> None:
        raise _TooLong

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds, 1)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _endless(function: Callable[..., Any]) -> str:
    says = (
        f"{getattr(function, '__name__', 'The function')} took longer than {_PATIENCE} seconds on the practice cases."
    )
    return note(f"{says} Is there a loop that does not end?", "bad")


class Notebook:
    """A lab open in its notebook, in the folder `root`."""

    def __init__(self, lab: str, root: Path) -> None:
        self.lab = OpenLab(lab, root)
        self._cards: dict[str, w.HTML] = {}
        self._checked = spoken()
        self._covered: dict[str, list[Callable[[], None]]] = {}
        self._handed: dict[str, Callable[..., Any]] = {}  # a code lab's functions by part, the newest first
        display(HTML(f"<style>{self._styles()}</style>"))

    def _styles(self) -> str:
        kit = Path(__file__).parent / "kits" / self.lab.kit.name / "form.css"
        return "\n".join(path.read_text(encoding="utf-8") for path in (_STYLES, kit) if path.is_file())

    def welcome(self) -> HTML:
        """Show the first screen: why, how long, what to hand in, what it is worth."""
        info = self.lab.info
        aims = "".join(f"<li>{escape(aim)}</li>" for aim in info.objectives)
        return HTML(
            f'<section class="atelier-welcome" aria-label="About this lab"><p class="atelier-why">{escape(info.why)}</p>'
            f"<dl><dt>Time</dt><dd>about {info.minutes} minutes; it saves by itself, stop and come back when you like</dd>"
            f"<dt>You hand in</dt><dd>{escape(info.hand_in)}</dd>"
            f"<dt>Afterwards you can</dt><dd><ul>{aims}</ul></dd></dl>"
            "<p>Read on and answer as you go. Nothing here can break, and nothing is sent before you hand in.</p></section>"
        )

    def show(self, name: str, *, after: str = "") -> w.HTML:
        """Show an artefact of the lab's `data/` folder: a document, a table (.csv) or a record (.json); or a table of its setup.

        With `after`, the id of a `commit`, it stays covered until that decision is taken.
        """
        shown = w.HTML()
        if after and after not in self.lab.notes:
            shown.value = note("You will see this after your decision above.", "info")
            self._covered.setdefault(after, []).append(lambda: setattr(shown, "value", self._artefact(name)))
        else:
            shown.value = self._artefact(name)
        return shown

    def _artefact(self, name: str) -> str:
        for table in getattr(self.lab.setup, "tables", ()):
            if table.name == name:
                return scrolling(_table([table.columns, *table.rows]), table.label)
        path = self.lab.root / "data" / Path(name).name
        try:
            text = path.read_text(encoding="utf-8")
        except OSError:
            return note(f"The file {name} is missing. Fetch the lab again from My track.", "warn")
        if path.suffix == ".csv":
            return _table(list(csv.reader(io.StringIO(text))))
        if path.suffix == ".json":
            record = json.loads(text)
            return _table([[str(key), _plain(value)] for key, value in record.items()], head=False)
        return f'<pre class="atelier-paper">{escape(text)}</pre>'

    def policy(self, *parts: str) -> HTML:
        """Show the organisation's policy, folded: of "data", "checks" and "people" the `parts` named, or all."""
        found = self.lab.info.policy
        if found is None:
            return HTML(note("This lab was released without a policy. Fetch it again from My track.", "warn"))
        check = {level.id: level.title for level in found.validation}
        places = [
            [c.title, c.says, " · ".join(c.examples), *("yes" if c.id in tier.allows else "no" for tier in found.tiers)]
            for c in found.data_classes
        ]
        follows = [
            [c.title, c.says, check.get(c.validation, "none is enough: not to be done")] for c in found.consequences
        ]
        least = [[c.title, "whatever is done with it", check[c.validation]] for c in found.data_classes]
        people = [[p.title, p.says, "yes" if p.owns else "no", "yes" if p.checks else "no"] for p in found.posts]
        limit = f'<p class="atelier-small">One payment above EUR {found.payment_limit:,} is above the limit.</p>'
        known = {
            "data": (
                "Which data may go where",
                [["Data", "What it means", "For example", *(t.title for t in found.tiers)], *places],
                "",
            ),
            "checks": (
                "Which check by a person",
                [["Consequence or data", "What it means", "Check"], *follows, *least],
                limit,
            ),
            "people": (
                "Who may own a use, and who may check",
                [["Who", "Why", "May own", "May check"], *people],
                "",
            ),
        }
        return HTML(
            "".join(
                f'<details class="atelier-hint"><summary>{title}</summary>{scrolling(_table(rows), title)}{more}</details>'
                for title, rows, more in (known[part] for part in parts or known)
            )
        )

    def hint(self, title: str, text: str) -> HTML:
        """Offer a hint, folded away. It costs nothing."""
        return HTML(f'<details class="atelier-hint"><summary>{escape(title)}</summary><p>{escape(text)}</p></details>')

    def commit(
        self, key: str, question: str, *, options: Sequence[str], truth: str, reveal: str, cost: str = ""
    ) -> w.Widget:
        """Ask for a decision with a confidence; only then show the truth. It is kept, and earns nothing.

        An empty `truth` is for a question of taste: there is no right answer.
        """
        choice = w.ToggleButtons(options=list(options), value=None, layout=w.Layout(margin="0 0 .5em 0"))
        sure = w.Dropdown(options=[(f"{share} %", share) for share in _SURE], value=75, description="How sure?")
        go = w.Button(description="That is my decision", button_style="primary", disabled=True)
        told = spoken()

        def tell(value: str, confidence: int) -> None:
            right = value == truth or not truth
            verdict = "Noted." if not truth else "That was right." if right else f"It should have been: {truth}."
            price = f'<p class="atelier-cost"><strong>{escape(cost)}</strong></p>' if cost and not right else ""
            told.value = (
                f'<div class="atelier-note atelier-{"good" if right else "bad"}"><p><strong>{escape(verdict)}'
                f"</strong> You said “{escape(value)}”, {confidence} % sure.</p><p>{escape(reveal)}</p>{price}</div>"
            )
            sure.value = confidence if confidence in _SURE else sure.value
            choice.disabled = sure.disabled = go.disabled = True
            for uncover in self._covered.pop(key, []):
                uncover()

        def on_go(_button: object) -> None:
            if choice.value is not None:
                self.lab.note(key, {"choice": choice.value, "confidence": sure.value})
                tell(choice.value, sure.value)

        def on_choice(change: dict[str, Any]) -> None:
            go.disabled = change["new"] is None

        choice.observe(on_choice, "value")
        go.on_click(on_go)
        before = self.lab.notes.get(key)
        if isinstance(before, dict) and before.get("choice") in options:
            choice.value = before["choice"]
            tell(before["choice"], int(before.get("confidence", 50)))
        box = w.VBox([w.HTML(f"<p><strong>{escape(question)}</strong></p>"), choice, sure, go, told])
        box.add_class("atelier-commit")
        return box

    @cached_property
    def _form(self) -> Form[Any, Any]:
        module, name = self.lab.kit.form.split(":")
        made: Form[Any, Any] = getattr(import_module(module), name)(self.lab)
        return made

    def form(self) -> w.Widget:
        """Show the form of this lab, filled in as it was left."""
        try:
            return self._form.view()
        except AtelierError as error:
            return w.HTML(note(str(error), "warn"))

    def _replies(self) -> dict[str, str]:
        try:
            kept = json.loads((self.lab.root / REPLIES).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return {str(k): str(v) for k, v in kept.items()} if isinstance(kept, dict) else {}

    def check(self, check: str, function: Callable[..., Any] | None = None) -> w.Widget:
        """Show a check's card; under the last one, the button that checks everything on the practice cases.

        In a code lab the cell hands over its `function`, and the card tells at once how it does on the practice cases.
        """
        found = next((c for c in self.lab.info.checks if c.id == check), None)
        if found is None:
            return w.HTML(note(f"This lab has no check {check!r}.", "warn"))
        if function is not None:
            return w.HTML(self._tried(found, function))
        card = self._cards.setdefault(check, w.HTML())
        card.value = self._card(check, None)
        box = w.VBox([card])
        if found is self.lab.info.checks[-1]:
            button = w.Button(description="Check my work", icon="check", button_style="primary")
            button.on_click(lambda _button: self._check_all())
            box.children = (card, button, self._checked)
        box.add_class("atelier-check")
        return box

    def _tried(self, check: PublicCheck, function: Callable[..., Any]) -> str:
        """Return the card of a code lab's check: points on the practice cases, and calls to look at."""
        kit, setup, practice = self.lab.kit, self.lab.setup, self.lab.practice
        if kit.code is None or not callable(function):
            return note(f"Hand a function over: lab.check({check.id!r}, function).", "warn")
        answer = kit.code({check.part: function})
        try:
            with _at_most(_PATIENCE):
                verdict = kit.score(answer, practice, setup, {})
                with redirect_stdout(io.StringIO()):  # it was called with these before: what it prints is told once
                    found = kit.explain(answer, practice, setup, check.part)
        except _TooLong:
            return _endless(function)
        except KeyboardInterrupt:
            return note("Stopped. Run the cell again to check.", "info")
        before = {part: known for part, known in self._handed.items() if part != check.part}
        # What earns nothing, such as a function that was not written yet, is not worth taking to work.
        self._handed = ({check.part: function} if verdict.part(check.part).fraction else {}) | before
        looks = "".join(f"<li><code>{escape(line)}</code></li>" for line in found)
        head = f"<h3>{escape(check.says)}</h3>{self._result(check.points, verdict.part(check.part), verdict)}"
        return f'<div class="atelier-check">{head}{f"<p>Look at:</p><ul>{looks}</ul>" if looks else ""}</div>'

    def practice(self) -> list[dict[str, Any]]:
        """Return the practice cases of a code lab as plain data, with what is right about them."""
        return [self.lab.kit.example(case, self.lab.setup) for case in self.lab.practice]

    def grid(self, *functions: Callable[..., Any]) -> HTML:
        """Show what each rule of a code lab's function costs on the practice cases."""
        kit = self.lab.kit
        if kit.code is None or not functions or not all(map(callable, functions)):
            return HTML(note("Hand a function over: lab.grid(function).", "warn"))
        try:
            with _at_most(_PATIENCE):
                answer = kit.code({getattr(function, "__name__", ""): function for function in functions})
                rows = kit.grid(answer, self.lab.practice, self.lab.setup)
        except _TooLong:
            return HTML(_endless(functions[0]))
        except KeyboardInterrupt:
            return HTML(note("Stopped. Run the cell again to see it.", "info"))
        if len(rows) < 2:
            return HTML(note("Nothing is held yet. Write a rule and run this again.", "info"))
        return HTML(f'<div class="atelier-scroll">{_table(rows)}</div>')

    def _check_all(self) -> None:
        try:
            verdict: Verdict | None = self.lab.practise(self._replies())
        except Exception as error:  # noqa: BLE001  # the last line of defence in front of a learner
            for check in self._cards:
                self._cards[check].value = note(
                    f"The check could not run ({type(error).__name__}). Your work is saved; tell your trainer.", "bad"
                )
            return
        for check, card in self._cards.items():
            card.value = self._card(check, verdict)
        # Read out in place of the cards, which are long; the time, so that a check without a difference is heard too.
        self._checked.value = f'<p class="atelier-small">Checked at {strftime("%H:%M:%S")}: {self._in_all(verdict)}</p>'

    def _in_all(self, verdict: Verdict | None) -> str:
        """Say what the checks come to on the practice cases."""
        if verdict is None:
            return "nothing is filled in yet."
        known = [
            (c.points, share) for c in self.lab.info.checks if (share := verdict.part(c.part).fraction) is not None
        ]
        earned, most = sum(points * share for points, share in known), sum(points for points, _ in known)
        cap = f" No more than {verdict.cap.points:g} of 100 count, see above." if verdict.cap else ""
        return f"{earned:.0f} points of {most}, by part above.{cap}"

    def _card(self, check: str, verdict: Verdict | None) -> str:
        found = next(c for c in self.lab.info.checks if c.id == check)
        head = f"<h3>{escape(found.says)}</h3>"
        if verdict is None:
            return f'{head}<p class="atelier-points">{found.points} points · not checked yet</p>'
        part = verdict.part(found.part)
        return head + self._result(found.points, part, verdict)

    def _result(self, points: int, part: Part, verdict: Verdict) -> str:
        share = part.fraction
        if share is None:
            return f'<p class="atelier-points">{points} points · not evaluated yet</p>{note(part.says, "info")}'
        kind = "good" if share >= 0.8 else "warn" if share > 0 else "bad"
        through = "".join(f"<li>{escape(name)}</li>" for name in part.survived)
        missed = f"<p>What costs you points on the practice cases:</p><ul>{through}</ul>" if through else ""
        cap = note(verdict.cap.why, "warn") if verdict.cap else ""
        return (
            f'<p class="atelier-points"><meter min="0" max="1" value="{share:.3f}" aria-label="share of the points">'
            f"</meter> {points * share:.0f} of {points} points on the practice cases</p>"
            f"{note(part.says, kind)}{missed}{cap}"
            f'<p class="atelier-small">Practice only. {_graded(self.lab.info)}</p>'
        )

    def tomorrow(self) -> w.Widget:
        """Show what to take to work, and the button that makes a printable card of it."""
        items = "".join(f"<li>{escape(item)}</li>" for item in self.lab.info.tomorrow)
        listed = w.HTML(f'<section class="atelier-tomorrow"><h3>Tomorrow at work</h3><ul>{items}</ul></section>')
        make = w.Button(description="Make my take-to-work card", icon="file-text-o")
        told, made = spoken(), w.HTML()

        def on_make(_button: object) -> None:
            try:
                made.value = self._take_to_work()
                told.value = note(f"Saved beside the lab as {takeaway.FILE}. Print it, or send it to yourself.", "good")
            except (AtelierError, OSError) as error:
                told.value = note(f"The card could not be saved: {error}", "warn")
            except Exception as error:  # noqa: BLE001  # the last line of defence in front of a learner
                told.value = note(f"The card could not be made ({type(error).__name__}). Tell your trainer.", "bad")

        make.on_click(on_make)
        box = w.VBox([listed, make, told, made])
        box.add_class("atelier-take")
        return box

    def _take_to_work(self) -> str:
        """Save the card beside the notebook; return the message with its download and how it looks."""
        info, kit, answer = self.lab.info, self.lab.kit, self.lab.answer
        if kit.code is not None and self._handed:
            answer = kit.code(self._handed)
        rules = () if info.policy is None else takeaway.rules(info.policy)
        page = takeaway.render(
            takeaway.Takeaway(
                title=info.title,
                tomorrow=info.tomorrow,
                passages=() if answer is None else (*kit.card(answer, self.lab.practice, self.lab.setup), *rules),
                kpi=_kpi(),
                source=f"From the lab “{info.title}” ({info.id}, version {info.version})",
                day=strftime("%-d %B %Y"),
            )
        )
        path = self.lab.root / takeaway.FILE
        files.write_text(path, page)
        address = f"data:text/html;base64,{base64.b64encode(page.encode()).decode()}"
        return (
            f'<p><a class="atelier-start" href="{address}" download="{escape(info.id)}-{takeaway.FILE}">Download the card</a></p>'
            f"{track.framed('Take-to-work card', page)}"
        )

    def hand_in(self) -> w.Widget:
        """Show the hand-in panel: hand in, receipt, and feedback once it is there."""
        status, found, page = spoken(), spoken(), w.HTML()
        send = w.Button(description="Hand in", icon="paper-plane", button_style="primary")
        fetch = w.Button(description="Fetch feedback", icon="download")

        def quietly(action: Callable[[exchange.Seat], None], doing: str, told: w.HTML) -> Callable[[object], None]:
            def run(_button: object) -> None:
                send.disabled = fetch.disabled = True
                told.value = note(doing, "info")
                try:
                    action(exchange.seat())
                except AtelierError as error:
                    told.value = note(str(error), "warn")
                except Exception as error:  # noqa: BLE001  # the last line of defence in front of a learner
                    told.value = note(f"That did not work ({type(error).__name__}). Tell your trainer.", "bad")
                finally:
                    send.disabled = fetch.disabled = False

            return run

        def hand_over(place: exchange.Seat) -> None:
            receipt = exchange.submit(self.lab.info.id, place)
            filled = self.lab.answer is not None or self.lab.info.mode == "code"
            empty = "" if filled else " The form is still empty: you may fill it in and hand in again."
            status.value = note(
                f"Handed in on {receipt.when}. Receipt {self._fingerprint()}. You may hand in again; the newest counts.{empty} "
                "Your next lab: “← My track”, at the top of the page.",
                "good" if filled else "warn",
            )

        def look(place: exchange.Seat) -> None:
            pages = [h.feedback for h in exchange.fetch_feedback(self.lab.info.id, place) if h.feedback]
            if not pages:
                found.value = note("No feedback yet. It comes after your trainer has graded.", "info")
                return
            found.value = note("Feedback on your last graded hand-in:", "good")
            page.value = track.framed("Feedback", pages[-1].read_text(encoding="utf-8"))

        send.on_click(quietly(hand_over, "Handing in …", status))
        fetch.on_click(quietly(look, "Looking for feedback …", found))
        status.value = self._handed_in_before()
        box = w.VBox([w.HBox([send, fetch]), status, found, page])
        box.add_class("atelier-hand-in")
        return box

    def _fingerprint(self) -> str:
        info = self.lab.info
        path = self.lab.root / (f"{info.id}.ipynb" if info.mode == "code" else answers.FILE)
        return hashlib.sha256(path.read_bytes()).hexdigest()[:8] if path.is_file() else "(no answers)"

    def _handed_in_before(self) -> str:
        try:
            before = exchange.hand_ins(self.lab.info.id, exchange.seat())
        except AtelierError:
            return ""
        return note(f"Handed in {len(before)} time(s), last on {before[-1].when}.", "good") if before else ""


def _graded(info: LabInfo) -> str:
    """Return in a sentence what the grade is given on."""
    if info.kit == "decisions":
        return "The grade is on the deck, which keeps its answers to itself."
    return "The grade uses cases that nobody has seen."


def start_page(home: Path) -> HTML:
    """Show "My track" of the learner's folder `home`."""
    try:
        page = track.page(home)
    except AtelierError as error:
        page = note(str(error), "warn")
    return HTML(f"<style>{_STYLES.read_text(encoding='utf-8')}</style>{page}")


def _kpi() -> str:
    """Return how the learner's role measures its work; empty outside of a course."""
    try:
        return track.load(exchange.seat().home).kpi
    except AtelierError:
        return ""


def _table(rows: Sequence[Sequence[str]], *, head: bool = True) -> str:
    tag = "th scope='col'" if head else "td"
    lines = []
    for index, row in enumerate(rows):
        kind = tag if index == 0 else "td"
        cells = "".join(f"<{kind}>{escape(cell)}</{kind.split()[0]}>" for cell in row)
        lines.append(f"<tr>{cells}</tr>")
    return f'<table class="atelier-table">{"".join(lines)}</table>'


def _plain(value: Any) -> str:
    if isinstance(value, list):
        return "; ".join(_plain(item) for item in value)
    if isinstance(value, dict):
        return ", ".join(f"{key} {_plain(item)}" for key, item in value.items())
    return "" if value is None else str(value)
