"""My track: a learner's labs in order, what is done, and what comes next and why. Read from the learner's own folder alone."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
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


def state(home: Path, lab: str, hand_ins: list[exchange.HandIn]) -> State:
    """Return how far the learner is with `lab`."""
    if hand_ins:
        return State.FEEDBACK if hand_ins[-1].feedback else State.HANDED_IN
    return State.STARTED if (home / lab / answers.FILE).exists() else State.NEW


def page(home: Path) -> str:
    """Return the start page as HTML: next lab and why, all labs with their states, minutes left."""
    track = load(home)
    try:
        seat: exchange.Seat | None = exchange.seat()
    except AtelierError:
        seat = None
    hand_ins = {step.lab: exchange.hand_ins(step.lab, seat) if seat else [] for step in track.steps}
    states = {lab: state(home, lab, found) for lab, found in hand_ins.items()}
    pages = [found[-1].feedback for found in hand_ins.values() if found]
    texts = [page.read_text(encoding="utf-8", errors="replace") for page in pages if page]
    return render(track, states, {title: picture for text in texts for title, picture in badges(text).items()})


# As the feedback page writes them; a picture is base64, so that nothing in it can end the attribute.
_BADGE = re.compile(r'<a download="([^"<>]+)\.svg" href="data:image/svg\+xml;base64,([A-Za-z0-9+/=]+)" class="badge">')


def badges(feedback: str) -> dict[str, str]:
    """Return the badges on a feedback page: title -> picture in base64."""
    return {unescape(title): picture for title, picture in _BADGE.findall(feedback)}


def render(track: Track, states: dict[str, State], earned: Mapping[str, str] | None = None) -> str:
    """Return the start page of `track`; `states` maps lab id -> how far the learner is, `earned` is as `badges` gives it."""
    done = sum(states[step.lab].done for step in track.steps)
    left = sum(step.minutes for step in track.steps if not states[step.lab].done)
    following = next((step for step in track.steps if not states[step.lab].done), None)
    rows = "".join(_row(step, states[step.lab], step is following) for step in track.steps)
    start = (
        f'<p><a class="atelier-start" href="{_link(following.lab)}">'
        f"{'Go on with' if states[following.lab] is State.STARTED else 'Start'}: {escape(following.title)}</a> "
        f"about {following.minutes} minutes</p><p><strong>Why this one next:</strong> {escape(following.why)}</p>"
        if following
        else "<p><strong>All labs are handed in.</strong> Open any of them again; the newest hand-in counts.</p>"
    )
    return (
        f'<section class="atelier-track" aria-label="My track"><h2>My track: {escape(track.title)}</h2>'
        f"<p>{escape(track.summary)}</p>"
        f'<p><progress max="{len(track.steps)}" value="{done}" aria-label="Labs handed in"></progress> '
        f"{done} of {len(track.steps)} labs handed in{f', about {_hours(left)} to go' if left else ''}</p>"
        f"{start}<ol>{rows}</ol>{_badges(earned or {})}{_beside(track.beside)}"
        '<p class="atelier-small">A lab opens as a page and saves by itself. Nothing is sent before you press “Hand in”.</p></section>'
    )


def _badges(earned: Mapping[str, str]) -> str:
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


def _beside(steps: tuple[Step, ...]) -> str:
    if not steps:
        return ""
    items = "".join(
        f'<li><a href="{_link(step.lab)}">{escape(step.title)}</a> <span>{step.minutes} min</span>'
        f"<p>{escape(step.summary)}</p></li>"
        for step in steps
    )
    return f"<h3>For those who program, if you like</h3><ul>{items}</ul>"


def _row(step: Step, state: State, following: bool) -> str:
    here = ' class="atelier-next" aria-current="step"' if following else ""
    return (
        f'<li{here}><span class="atelier-mark" aria-hidden="true">{_MARKS[state]}</span>'
        f'<a href="{_link(step.lab)}">{escape(step.title)}</a><span>{step.minutes} min · {state}</span>'
        f"<p>{escape(step.summary)}</p></li>"
    )


def _link(lab: str) -> str:
    return quote(f"{lab}/{lab}.ipynb")


def _hours(minutes: int) -> str:
    return f"{minutes} minutes" if minutes < 90 else f"{minutes / 60:.1f} hours"
