"""Writing automatic scores into nbgrader's gradebook: its own tables, one transaction per submission, one writer.

nbgrader's own way takes about thirty commits a submission, most of them to read back what was just written. What is written here is
row by row the same; a test compares them.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from grader.errors import GradebookError, WorkspaceError
from grader.nbg import Course, open_book

WAIT = 60.0  # seconds that a locked or restarting database is waited for
NO_RESPONSE = "No response."

# (notebook, cell)
Place = tuple[str, str]


@dataclass(frozen=True, slots=True)
class GradeEntry:
    """The grades of one submission, and when it was handed in (UTC).

    scores      points per check
    manual      answers that a person has to grade
    untouched   answer cells that came back as they were released
    """

    assignment: str
    student: str
    scores: Mapping[Place, float]
    handed_in: datetime | None
    manual: frozenset[Place] = frozenset()
    untouched: frozenset[Place] = frozenset()


@dataclass(frozen=True, slots=True)
class _Assignment:
    """An assignment's rows: notebooks by name, graded cells and answer cells by place; values are ids."""

    id: str
    notebooks: Mapping[str, str]
    graded: Mapping[Place, str]
    answers: Mapping[Place, str]


class Scores:
    """An open gradebook that takes automatic scores."""

    def __init__(self, book: Any) -> None:
        from nbgrader import api

        self._db = book.db
        self._book = book
        self._tables = api.Base.metadata.tables
        self._known: set[str] = set(self._db.scalars(self._select("student", "id")))
        self._assignments: dict[str, _Assignment] = {}

    def _select(self, table: str, *columns: str) -> Any:
        from sqlalchemy import select

        return select(*(self._tables[table].c[column] for column in columns))

    def save(self, entry: GradeEntry) -> None:
        """Store automatic scores as nbgrader's own autograder does; manual scores are untouched.

        As in its `SaveAutoGrades`, a check that a person graded before is marked for another look, an answer that came back
        untouched gets 0 points and the comment "No response.". A locked or restarting database is waited for; what cannot be
        written then is rolled back whole, and raised as SQLAlchemy has it.
        """

        def write() -> None:
            of = self._assignment(entry.assignment)
            if entry.student not in self._known:
                self._insert("student", [{"id": entry.student}])
            submission = self._submission(of.id, entry.student)
            if submission is None:
                self._new(of, entry)
            else:
                self._again(submission, entry)

        self._written(write)
        self._known.add(entry.student)

    def _assignment(self, name: str) -> _Assignment:
        """Return an assignment's rows, read once. WorkspaceError if the gradebook has none of that name."""
        if name not in self._assignments:
            from nbgrader.api import MissingEntry

            try:
                found = self._book.find_assignment(name)
            except MissingEntry:
                raise WorkspaceError(
                    f"The gradebook does not know {name!r}.", f"Run: atelier release --lab {name}"
                ) from None
            self._assignments[name] = _Assignment(
                found.id,
                {n.name: n.id for n in found.notebooks},
                {(n.name, c.name): c.id for n in found.notebooks for c in n.grade_cells},
                {(n.name, c.name): c.id for n in found.notebooks for c in n.solution_cells},
            )
            self._db.expunge_all()
        return self._assignments[name]

    def _submission(self, assignment: str, student: str) -> str | None:
        table = self._tables["submitted_assignment"]
        wanted = self._select("submitted_assignment", "id").where(
            table.c.assignment_id == assignment, table.c.student_id == student
        )
        found: str | None = self._db.scalar(wanted)
        return found

    def _insert(self, table: str, rows: list[dict[str, Any]]) -> None:
        if rows:
            self._db.execute(self._tables[table].insert(), rows)

    def _new(self, of: _Assignment, entry: GradeEntry) -> None:
        from nbgrader.api import new_uuid

        submission = new_uuid()
        row = {"id": submission, "assignment_id": of.id, "student_id": entry.student, "timestamp": entry.handed_in}
        self._insert("submitted_assignment", [row])
        mirrors = {name: new_uuid() for name in of.notebooks}
        self._insert(
            "submitted_notebook",
            [
                {"id": mirrors[name], "assignment_id": submission, "notebook_id": id_}
                for name, id_ in of.notebooks.items()
            ],
        )
        self._insert(
            "grade",
            [
                {
                    "notebook_id": mirrors[place[0]],
                    "cell_id": cell,
                    "auto_score": _automatic(entry, place),
                    "needs_manual_grade": place in entry.manual,
                }
                for place, cell in of.graded.items()
            ],
        )
        self._insert(
            "comment",
            [
                {"notebook_id": mirrors[place[0]], "cell_id": cell, "auto_comment": _comment(entry, place)}
                for place, cell in of.answers.items()
            ],
        )

    def _again(self, submission: str, entry: GradeEntry) -> None:
        """Update what an earlier hand-in left. Few come here, so this is nbgrader's own objects."""
        from nbgrader.api import SubmittedAssignment

        found = self._db.get(SubmittedAssignment, submission)
        found.timestamp = entry.handed_in
        for notebook in found.notebooks:
            for grade in notebook.grades:
                place = (notebook.name, grade.cell.name)
                grade.auto_score = _automatic(entry, place)
                grade.needs_manual_grade = place in entry.manual or grade.manual_score is not None
            for comment in notebook.comments:
                comment.auto_comment = _comment(entry, (notebook.name, comment.cell.name))

    def withdraw(self, assignment: str, student: str) -> None:
        """Take a submission's automatic scores back. It stays, marked for another look, if a person graded it."""
        from nbgrader.api import MissingEntry

        def write() -> None:
            try:
                grades = [g for n in self._book.find_submission(assignment, student).notebooks for g in n.grades]
            except MissingEntry:
                return
            if all(grade.manual_score is None for grade in grades):
                self._book.remove_submission(assignment, student)
                return
            for grade in grades:
                grade.auto_score = None
                grade.needs_manual_grade = True

        self._written(write)

    def _written(self, write: Callable[[], None]) -> None:
        """Do `write` and commit, or nothing of it."""
        from sqlalchemy.exc import DBAPIError, SQLAlchemyError

        until = time.monotonic() + WAIT
        while True:
            try:
                write()
                self._db.commit()
            except SQLAlchemyError as error:
                with suppress(SQLAlchemyError):
                    self._db.rollback()
                passing = ("OperationalError", "InterfaceError")
                if (
                    not isinstance(error, DBAPIError)
                    or type(error).__name__ not in passing
                    or time.monotonic() >= until
                ):
                    raise
                time.sleep(0.5)
            else:
                # What was written is not needed again; a batch of ten thousand must not keep it.
                self._db.expunge_all()
                return


def _automatic(entry: GradeEntry, place: Place) -> float | None:
    return None if place in entry.manual else entry.scores.get(place, 0.0)


def _comment(entry: GradeEntry, place: Place) -> str | None:
    return NO_RESPONSE if place in entry.untouched else None


@contextmanager
def scores(course: Course) -> Iterator[Scores]:
    """Open the gradebook for a batch. GradebookError if it is locked or unreadable; what was saved stays.

    SQLite writes ahead while the batch runs: a commit then costs a tenth. A killed process loses nothing by it; a power cut
    may cost the last submissions, which the next run sees are missing and grades again.
    """
    from sqlalchemy import text

    with open_book(course) as book:
        sqlite = course.db_url.startswith("sqlite")
        if sqlite:
            _sqlite(book, text("PRAGMA journal_mode=WAL"), text("PRAGMA synchronous=NORMAL"))
        try:
            yield Scores(book)
        finally:
            if sqlite:
                # One plain file again, for whoever copies it; while others read, it stays as it is.
                with suppress(GradebookError):
                    _sqlite(book, text("PRAGMA journal_mode=DELETE"))


def _sqlite(book: Any, *statements: Any) -> None:
    from sqlalchemy.exc import OperationalError

    try:
        for statement in statements:
            book.db.execute(statement)
        book.db.commit()
    except OperationalError as error:
        book.db.rollback()
        raise GradebookError(
            f"The gradebook is in use ({error.orig}).", "Close what holds it, then run the same command again."
        ) from error


def graded(course: Course) -> set[tuple[str, str]]:
    """Return (assignment, student) of every submission that the gradebook has."""
    from nbgrader.api import Assignment, SubmittedAssignment
    from sqlalchemy import select

    with open_book(course) as book:
        rows = select(Assignment.name, SubmittedAssignment.student_id).join(SubmittedAssignment.assignment)
        return {(name, student) for name, student in book.db.execute(rows)}
