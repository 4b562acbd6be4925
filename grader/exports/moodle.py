"""CSV for Moodle's gradebook (Grades > Import > CSV file).

Moodle matches people by one column ("Map from": ID number or Email address) and lets the importer map every other
column to a grade item; see docs.moodle.org, "Grade import". One row per person, points of 100 per lab; an empty cell
leaves a grade as it is, so an ungraded hand-in is never imported as a zero.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from grader import evidence
from grader.evidence import Entry
from grader.exports import tables
from grader.model import Lab

PEOPLE = ("First name", "Last name", "ID number", "Email address")


def render(entries: Iterable[Entry], labs: Sequence[Lab], names: Mapping[str, tuple[str, str]]) -> str:
    """Return the scores that count, as CSV. `names`: learner -> (first, last). An id with "@" is the mail address too."""
    counting = evidence.newest(entries)
    people = sorted({learner for learner, _ in counting})
    columns = {lab.id: f"{lab.file.title} ({lab.id})" for lab in labs}
    rows = []
    for person in people:
        first, last = names.get(person, ("", ""))
        row = dict(zip(PEOPLE, (first, last, person, person if "@" in person else ""), strict=True))
        for lab, title in columns.items():
            entry = counting.get((person, lab))
            graded = entry is not None and entry.score.graded
            row[title] = f"{100 * evidence.share(entry.score):.2f}" if entry and graded else ""
        rows.append(row)
    return tables.text((*PEOPLE, *columns.values()), rows)
