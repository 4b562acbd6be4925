"""CSV for Cornerstone's transcripts (Edge Import > External Training load).

That load identifies a new record by User ID, Start Date, Transcript Status and Training Title; the other columns are
optional, and every column is mapped by name in the load's configuration; see help.csod.com, "Edge Import - External
Training Load". Dates are ISO, without a time: set the configuration's date format to YYYY-MM-DD.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from grader import evidence
from grader.evidence import Entry
from grader.exports import tables
from grader.model import Lab

COLUMNS = (
    "User ID", "Training Title", "Training Description", "Start Date", "Completion Date", "Transcript Status", "Score",
    "Training Hours",
)  # fmt: skip


def render(entries: Iterable[Entry], labs: Sequence[Lab]) -> str:
    """Return one row per graded hand-in that counts, as "Completed". The start is the day it was first graded."""
    everything = tuple(entries)
    by_id = {lab.id: lab for lab in labs}
    rows = []
    for (learner, lab_id), entry in sorted(evidence.newest(everything).items()):
        if not entry.score.graded or lab_id not in by_id:
            continue
        file = by_id[lab_id].file
        day = evidence.first_graded(everything, entry)[:10]
        rows.append(
            {
                "User ID": learner,
                "Training Title": f"Atelier: {file.title} ({lab_id})",
                "Training Description": file.summary,
                "Start Date": day,
                "Completion Date": day,
                "Transcript Status": "Completed",
                "Score": round(100 * evidence.share(entry.score)),
                "Training Hours": f"{file.minutes / 60:.2f}",
            }
        )
    return tables.text(COLUMNS, rows)
