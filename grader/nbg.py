"""nbgrader, behind one door: the only trainer-side module that imports it.

Its import takes seconds, so it happens inside the functions. Its converters and its exchange do what they are good at
(deriving a release, registering an assignment, moving files with the right permissions); its gradebook is the
gradebook.
"""

from __future__ import annotations

import logging
import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from grader.errors import GradebookError, WorkspaceError


@dataclass(frozen=True, slots=True)
class Course:
    """Where a course lives, in nbgrader's terms."""

    root: Path
    course_id: str
    exchange: Path
    db_url: str


def config(course: Course) -> Any:
    """Return the traitlets configuration that makes nbgrader work on `course`, and nothing of this machine's."""
    from traitlets.config import Config

    c = Config()
    c.CourseDirectory.root = str(course.root)
    c.CourseDirectory.course_id = course.course_id
    c.CourseDirectory.db_url = course.db_url
    c.Exchange.root = str(course.exchange)
    c.Exchange.cache = str(course.root / ".cache")
    c.ExchangeCollect.check_owner = False
    return c


def config_file(course: Course) -> str:
    """Return `nbgrader_config.py` for the workspace, so that nbgrader's own commands work in it."""
    return f"""# Written by `atelier course new`. nbgrader's own commands work in this folder.
from pathlib import Path

import tomllib

c = get_config()
here = Path(__file__).resolve().parent
settings = here / "atelier.toml"
db_url = tomllib.loads(settings.read_text(encoding="utf-8")).get("db_url", "") if settings.exists() else ""
c.CourseDirectory.root = str(here)
c.CourseDirectory.course_id = {course.course_id!r}
c.CourseDirectory.db_url = db_url or "sqlite:///" + str(here / "gradebook.db")
c.Exchange.root = str(here / "exchange")
c.ExchangeCollect.check_owner = False
c.ExecutePreprocessor.timeout = 600
"""


def _alembic_on_path() -> None:
    """Put this environment's programs on PATH: nbgrader calls `alembic` by name when it makes a gradebook."""
    programs = str(Path(sys.executable).parent)
    if programs not in os.environ.get("PATH", "").split(os.pathsep):
        os.environ["PATH"] = os.pathsep.join([programs, os.environ.get("PATH", os.defpath)])


@contextmanager
def _said(problem: str) -> Iterator[None]:
    """Turn nbgrader's failures, which it logs and raises in several shapes, into one error with its words."""
    lines: list[str] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if record.levelno >= logging.ERROR:
                lines.append(record.getMessage().splitlines()[0])

    logger, keep = logging.getLogger("atelier.nbgrader"), Keep()
    logger.addHandler(keep)
    logger.propagate = False
    _alembic_on_path()
    try:
        with warnings.catch_warnings():
            # SQLAlchemy 2.1 warns about nbgrader's column labels; the scores are right.
            warnings.simplefilter("ignore")
            yield
    except (Exception, SystemExit) as error:
        raise WorkspaceError(f"{problem}: {lines[-1] if lines else error}.", "Nothing else was changed.") from error
    finally:
        logger.removeHandler(keep)


def _run(kind: str, course: Course, assignment: str, student: str = "*", **settings: Any) -> None:
    from nbgrader import converters
    from nbgrader.coursedir import CourseDirectory
    from nbgrader.exchange import default as exchange

    c = config(course)
    c.CourseDirectory.assignment_id = assignment
    c.CourseDirectory.student_id = student
    directory = CourseDirectory(config=c)
    log = logging.getLogger("atelier.nbgrader")
    where = converters if hasattr(converters, kind) else exchange
    tool = (
        getattr(where, kind)(coursedir=directory, config=c, log=log, **settings)
        if where is converters
        else getattr(where, kind)(coursedir=directory, authenticator=_authenticator(c), config=c, log=log, **settings)
    )
    tool.start()


def _authenticator(c: Any) -> Any:
    from nbgrader.auth import Authenticator

    return Authenticator(config=c)


def generate(course: Course, assignment: str) -> None:
    """Derive `release/` from `source/` and register the assignment in the gradebook."""
    with _said(f"nbgrader could not release {assignment!r}"):
        _run("GenerateAssignment", course, assignment, ".", force=True)


def publish(course: Course, assignment: str) -> None:
    """Put a release into the exchange, where learners fetch it."""
    with _said(f"The exchange did not take {assignment!r}"):
        _run("ExchangeReleaseAssignment", course, assignment, force=True)


def collect(course: Course, assignment: str) -> None:
    """Copy new and newer submissions of an assignment from the exchange into `submitted/`."""
    with _said(f"The submissions of {assignment!r} could not be collected"):
        _run("ExchangeCollect", course, assignment, update=True)


def release_feedback(course: Course, assignment: str) -> None:
    """Put the feedback of an assignment into the exchange, each page readable by its learner only."""
    with _said(f"The feedback of {assignment!r} could not be released"):
        _run("ExchangeReleaseFeedback", course, assignment)


@contextmanager
def open_book(course: Course) -> Iterator[Any]:
    """Open nbgrader's `Gradebook`. GradebookError if it is locked or unreadable."""
    from nbgrader.api import Gradebook
    from sqlalchemy.exc import SQLAlchemyError

    _alembic_on_path()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            with Gradebook(course.db_url, course.course_id) as book:
                yield book
        except SQLAlchemyError as error:
            reason = str(getattr(error, "orig", error)).splitlines()[0]
            raise GradebookError(
                f"The gradebook cannot be used ({reason}).",
                "Close what holds it, then run the same command again.",
            ) from error


def open_gradebook(course: Course) -> None:
    """Create the gradebook if there is none."""
    with open_book(course):
        pass


def add_student(course: Course, student: str, first: str, last: str) -> None:
    """Enter a learner, or update the name."""
    with open_book(course) as book:
        book.update_or_create_student(student, first_name=first, last_name=last)


@dataclass(frozen=True, slots=True)
class GradeRow:
    """One grade of the gradebook."""

    student: str
    assignment: str
    check: str
    score: float | None
    max_score: float
    manual: bool


def grades(course: Course) -> list[GradeRow]:
    """Return every grade of the gradebook, sorted by assignment, student and check."""
    from nbgrader.api import Grade

    with open_book(course) as book:
        rows = [
            GradeRow(
                grade.student.id,
                grade.assignment.name,
                grade.name,
                grade.score if grade.manual_score is not None else grade.auto_score,
                grade.max_score,
                grade.manual_score is not None,
            )
            for grade in book.db.query(Grade).all()
        ]
    return sorted(rows, key=lambda r: (r.assignment, r.student, r.check))


def students(course: Course) -> list[tuple[str, str, str]]:
    """Return (id, first name, last name) of every learner, sorted by id."""
    with open_book(course) as book:
        return sorted((s.id, s.first_name or "", s.last_name or "") for s in book.students)


def parse_time(text: str) -> datetime | None:
    """Read a submission's `timestamp.txt`: UTC without zone, as the gradebook stores it; None if unreadable."""
    from nbgrader.utils import parse_utc

    try:
        found = parse_utc(text.strip())
    except (ValueError, OverflowError):
        return None
    return found if isinstance(found, datetime) else None


def feedback_file(course: Course, submission_secret: str, notebook: str) -> Path:
    """Return where the exchange keeps the feedback on a hand-in; its name is a hash of the hand-in's own secret."""
    from nbgrader.utils import notebook_hash

    name = notebook_hash(secret=submission_secret, notebook_id=notebook)
    return course.exchange / course.course_id / "feedback" / f"{name}.html"


def remove_student(course: Course, student: str) -> None:
    """Remove a learner with all submissions, grades and comments, and rewrite the file so that no freed page keeps them."""
    from nbgrader.api import MissingEntry
    from sqlalchemy import text

    with open_book(course) as book:
        with suppress(MissingEntry):
            book.remove_student(student)
        book.db.close()
        with book.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM"))


def sources(course: Course, assignment: str) -> dict[str, dict[str, str]]:
    """Return the sources of an assignment's cells as the gradebook keeps them, hidden tests included: notebook -> cell -> text.

    WorkspaceError if the gradebook does not know the assignment.
    """
    from nbgrader.api import MissingEntry

    with open_book(course) as book:
        try:
            found = book.find_assignment(assignment)
        except MissingEntry:
            raise WorkspaceError(
                f"The gradebook does not know {assignment!r}.", f"Run: nbgrader generate_assignment {assignment}"
            ) from None
        return {
            notebook.name: {cell.name: cell.source or "" for cell in notebook.source_cells if cell.locked}
            for notebook in found.notebooks
        }
