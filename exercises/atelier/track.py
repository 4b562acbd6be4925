"""My track: a learner's labs in order, what is done, and what comes next and why. Read from the learner's own folder alone."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from html import escape, unescape
from pathlib import Path
from typing import Literal
from urllib.parse import quote

from atelier import answers, exchange, records
from atelier.errors import AtelierError

FOLDER = ".atelier"
FILE = "track.json"


@dataclass(frozen=True, slots=True)
class Step:
    """A lab on the track. `why` says why its module comes at this place."""

    lab: str
    title: str
    minutes: int
    summary: str
    module: str
    why: str


@dataclass(frozen=True, slots=True)
class Track:
    """`.atelier/track.json` in the learner's folder: the role's labs in order. `kpi` says how its work is measured.

    beside   labs that nobody must do, such as the code variant of a form lab
    """

    format: Literal[1]
    role: str
    title: str
    summary: str
    course: str
    steps: tuple[Step, ...]
    kpi: str = ""
    beside: tuple[Step, ...] = ()


class State(StrEnum):
    """How far a learner is with a lab."""

    NEW = "not started"
    STARTED = "started"
    HANDED_IN = "handed in"
    FEEDBACK = "feedback is here"

    @property
    def done(self) -> bool:
        """Return whether the lab was handed in."""
        return self in (State.HANDED_IN, State.FEEDBACK)


_MARKS = {State.NEW: "○", State.STARTED: "◐", State.HANDED_IN: "●", State.FEEDBACK: "★"}


def load(home: Path) -> Track:
    """Read the track of the learner's folder `home`. AtelierError if it is missing or broken."""
    try:
        found: Track = records.load(Track, json.loads((home / FOLDER / FILE).read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:
        raise AtelierError("Your track is missing.", "Close this tab and start `atelier lab` again.") from error
    return found


@dataclass(frozen=True, slots=True)
class Place:
    """Where a learner is with a lab.

    feedback   the newest feedback page (HTML), if any; `on` says in words which hand-in it is about
    """

    state: State
    feedback: str = ""
    on: str = ""


_NEW = Place(State.NEW)


def place(home: Path, lab: str, hand_ins: Sequence[exchange.HandIn]) -> Place:
    """Return where the learner is with `lab`."""
    if not hand_ins:
        return Place(State.STARTED if (home / lab / answers.FILE).exists() else State.NEW)
    state = State.FEEDBACK if hand_ins[-1].feedback else State.HANDED_IN
    for hand_in in reversed(hand_ins):
        if hand_in.feedback:
            return Place(state, hand_in.feedback.read_text(encoding="utf-8", errors="replace"), hand_in.when)
    return Place(state)


def page(home: Path) -> str:
    """Return the start page as HTML: next lab and why, all labs with their states and feedback, minutes left."""
    track = load(home)
    steps = (*track.steps, *track.beside)
    return render(track, {step.lab: place(home, step.lab, _handed_in(step.lab)) for step in steps})


def _handed_in(lab: str) -> list[exchange.HandIn]:
    """Return the hand-ins of `lab` with the feedback that is there; what was fetched before, where the exchange cannot be read."""
    try:
        seat = exchange.seat()
    except AtelierError:
        return []
    try:
        return exchange.fetch_feedback(lab, seat)
    except AtelierError:
        return exchange.hand_ins(lab, seat)


# As the feedback page writes them; a picture is base64, so that nothing in it can end the attribute.
_BADGE = re.compile(r'<a download="([^"<>]+)\.svg" href="data:image/svg\+xml;base64,([A-Za-z0-9+/=]+)" class="badge">')


def badges(feedback: str) -> dict[str, str]:
    """Return the badges on a feedback page: title -> picture in base64."""
    return {unescape(title): picture for title, picture in _BADGE.findall(feedback)}


def render(track: Track, places: Mapping[str, Place]) -> str:
    """Return the start page of `track`; `places` maps lab id -> where the learner is with it; what it leaves out is not started."""
    found = {step.lab: places.get(step.lab, _NEW) for step in (*track.steps, *track.beside)}
    todo = [step for step in track.steps if not found[step.lab].state.done]
    done, left = len(track.steps) - len(todo), sum(step.minutes for step in todo)
    rows = "".join(_row(step, found[step.lab], following=step in todo[:1]) for step in track.steps)
    if todo:
        following = todo[0]
        start = (
            f'<p><a class="atelier-start" href="{_link(following.lab)}">'
            f"{'Go on with' if found[following.lab].state is State.STARTED else 'Start'}: {escape(following.title)}</a> "
            f"about {following.minutes} minutes</p><p><strong>Why this one next:</strong> {escape(following.why)}</p>"
        )
    else:
        start = "<p><strong>All labs are handed in.</strong> Open any of them again; the newest hand-in counts.</p>"
    expected = any(place.state is State.HANDED_IN for place in found.values())
    waiting = "Feedback appears here once your trainer has sent it. " if expected else ""
    return (
        f'<section class="atelier-track" aria-label="My track"><h2>My track: {escape(track.title)}</h2>'
        f"<p>{escape(track.summary)}</p>"
        f'<p><progress max="{len(track.steps)}" value="{done}" aria-label="Labs handed in"></progress> '
        f"{done} of {len(track.steps)} labs handed in{f', about {_hours(left)} to go' if left else ''}</p>"
        f"{start}<ol>{rows}</ol>{_badges(places.values())}{_beside(track.beside, found)}"
        f'<p class="atelier-small">{waiting}A lab opens as a page and saves by itself. Nothing is sent before you press “Hand in”.</p>'
        "</section>"
    )


def _badges(places: Iterable[Place]) -> str:
    earned = {title: picture for found in places for title, picture in badges(found.feedback).items()}
    if not earned:
        return ""
    items = "".join(
        f'<a download="{escape(title)}.svg" href="data:image/svg+xml;base64,{picture}"><img width="240" height="156" '
        f'src="data:image/svg+xml;base64,{picture}" alt="Save the badge: {escape(title)}"></a> '
        for title, picture in earned.items()
    )
    return (
        f'<h3>Your badges</h3><p class="atelier-badges">{items}</p>'
        '<p class="atelier-small">Click one to save it. Whom you show it to is for you to decide.</p>'
    )


def _beside(steps: tuple[Step, ...], places: Mapping[str, Place]) -> str:
    rows = "".join(_row(step, places[step.lab]) for step in steps)
    return f"<h3>For those who program, if you like</h3><ol>{rows}</ol>" if rows else ""


def _row(step: Step, found: Place, *, following: bool = False) -> str:
    here = ' class="atelier-next" aria-current="step"' if following else ""
    returned = (
        f"<details><summary>Read the feedback <span>on your hand-in of {escape(found.on)}</span></summary>"
        f"{framed(f'Feedback: {step.title}', found.feedback)}</details>"
        if found.feedback
        else ""
    )
    return (
        f'<li{here}><span class="atelier-mark" aria-hidden="true">{_MARKS[found.state]}</span>'
        f'<a href="{_link(step.lab)}">{escape(step.title)}</a><span>{step.minutes} min · {found.state}</span>'
        f"<p>{escape(step.summary)}</p>{returned}</li>"
    )


def framed(title: str, page: str) -> str:
    """Return a whole HTML page inside another: it runs nothing and reaches nothing; what it offers can be saved."""
    inside = escape(page, quote=True)
    return f'<iframe class="atelier-feedback" title="{escape(title)}" sandbox="allow-downloads" srcdoc="{inside}"></iframe>'


def _link(lab: str) -> str:
    return quote(f"{lab}/{lab}.ipynb")


def _hours(minutes: int) -> str:
    return f"{minutes} minutes" if minutes < 90 else f"{minutes / 60:.1f} hours"
