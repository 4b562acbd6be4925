"""Fetching labs, handing in, fetching feedback: through nbgrader's exchange, the learner side's only use of nbgrader.

nbgrader's import takes seconds, so it happens inside the functions that need it.
"""

from __future__ import annotations

import hashlib
import logging
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from atelier import files
from atelier.errors import ExchangeError

_MINE = ".atelier"
_WORDS = {
    "Unwritable directory": "The exchange folder cannot be written to",
    "already have a copy": "You already have this lab",
    "Assignment not found": "This lab was not released to your course",
    "Inbound directory": "Your course has no place to hand in yet",
    "write permissions": "You may not hand in to this course",
    "too big": "Your lab folder is too large to hand in",
}


@dataclass(frozen=True, slots=True)
class Seat:
    """A learner's place in a course: the exchange's root, the course, their id, and their own folder."""

    exchange: Path
    course: str
    learner: str
    home: Path


@dataclass(frozen=True, slots=True)
class HandIn:
    """One hand-in. `at` is UTC, as nbgrader writes it; `feedback` is the page, once it was fetched."""

    lab: str
    at: str
    feedback: Path | None

    @property
    def when(self) -> str:
        """Return the time in words, such as "24 November 2026, 15:38 UTC"."""
        return f"{datetime.strptime(self.at.removesuffix(' UTC'), '%Y-%m-%d %H:%M:%S.%f'):%-d %B %Y, %H:%M} UTC"  # noqa: DTZ007


def seat() -> Seat:
    """Return the seat that `atelier lab` set up for this notebook. ExchangeError outside of it."""
    names = ("ATELIER_EXCHANGE", "ATELIER_COURSE", "ATELIER_LEARNER", "ATELIER_HOME")
    exchange, course, learner, home = (os.environ.get(name, "") for name in names)
    if not (exchange and course and learner and home):
        raise ExchangeError("This notebook is not connected to a course.", "Start your labs with `atelier lab`.")
    return Seat(Path(exchange), course, learner, Path(home))


@contextmanager
def _told(what: str) -> Iterator[logging.Logger]:
    """Collect what nbgrader logs, and turn its failures into one sentence with a remedy."""
    lines: list[str] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(record.getMessage().splitlines()[0])

    log, keep = logging.getLogger("atelier.exchange"), Keep(level=logging.ERROR)
    log.propagate = False
    log.addHandler(keep)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield log
    except (Exception, SystemExit) as error:
        said = " ".join([*lines, str(error)])
        reason = next((words for part, words in _WORDS.items() if part in said), None)
        raise ExchangeError(
            f"{what}: {reason or (lines[-1] if lines else type(error).__name__)}.",
            "Your work is saved where it is. Try again, or tell your trainer.",
        ) from error
    finally:
        log.removeHandler(keep)


def _tool(kind: str, lab: str, place: Seat, log: logging.Logger) -> Any:
    from nbgrader.auth import Authenticator
    from nbgrader.coursedir import CourseDirectory
    from nbgrader.exchange import default
    from traitlets.config import Config

    c = Config()
    c.CourseDirectory.root = str(place.home)
    c.CourseDirectory.course_id = place.course
    c.CourseDirectory.assignment_id = lab
    c.CourseDirectory.student_id = place.learner
    c.CourseDirectory.ignore = [".ipynb_checkpoints", "__pycache__", ".*", "feedback", "*.old"]
    c.Exchange.root = str(place.exchange)
    c.Exchange.cache = str(place.home / _MINE / "handed-in")
    c.Exchange.assignment_dir = str(place.home)
    directory = CourseDirectory(config=c)
    return getattr(default, kind)(coursedir=directory, authenticator=Authenticator(config=c), config=c, log=log)


def fetch_lab(lab: str, place: Seat) -> Path:
    """Fetch a released lab into the learner's folder; returns its folder. What is there already is not touched."""
    folder = place.home / lab
    if not folder.exists():
        place.home.mkdir(parents=True, exist_ok=True)
        with _told(f"{lab} could not be fetched") as log:
            _tool("ExchangeFetchAssignment", lab, place, log).start()
    return folder


def submit(lab: str, place: Seat) -> HandIn:
    """Hand in the learner's folder of `lab`. May be repeated: the newest counts."""
    with _told(f"{lab} could not be handed in") as log:
        _tool("ExchangeSubmit", lab, place, log).start()
    return hand_ins(lab, place)[-1]


def fetch_feedback(lab: str, place: Seat) -> list[HandIn]:
    """Fetch the feedback that was released for the learner's hand-ins of `lab`; returns all hand-ins.

    What nbgrader's own fetching does with a hand-in of `submit`, without its import: My track looks whenever it is opened.
    """
    sent = place.exchange / place.course / "feedback"
    with _told(f"The feedback on {lab} could not be fetched"):
        for copy, target in _copies(lab, place):
            # Only who has the hand-in's secret knows the page's name; the folder itself cannot be listed.
            secret = (copy / "submission_secret.txt").read_bytes()
            page = sent / f"{hashlib.md5(secret + lab.encode(), usedforsecurity=False).hexdigest()}.html"
            with suppress(FileNotFoundError):
                files.write_bytes(target, page.read_bytes())
    return hand_ins(lab, place)


def hand_ins(lab: str, place: Seat) -> list[HandIn]:
    """Return the learner's hand-ins of `lab`, oldest first. Reads only the learner's own folder."""
    return [
        HandIn(lab, copy.name.split("+")[2], page if page.is_file() else None) for copy, page in _copies(lab, place)
    ]


def _copies(lab: str, place: Seat) -> Iterator[tuple[Path, Path]]:
    """Yield what is kept of each hand-in of `lab`, oldest first, and where the page about it goes."""
    kept = place.home / _MINE / "handed-in" / place.course
    for copy in sorted(kept.glob(f"{place.learner}+{lab}+*")):
        yield copy, place.home / lab / "feedback" / copy.name.split("+")[2] / f"{lab}.html"
