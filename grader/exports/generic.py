"""The whole evidence as CSV: a row per check of every score, older ones too; an ungraded hand-in is one row."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from grader import evidence
from grader.evidence import Entry, Record
from grader.exports import tables

COLUMNS = (
    "at", "course", "role", "learner", "lab", "version", "check", "status", "earned", "points", "low", "high", "cases",
    "cap", "rescaled", "engine", "gate", "isolation", "policy", "trainer", "why", "submission", "counts", "reason",
)  # fmt: skip


def render(entries: Iterable[Entry]) -> str:
    """Return the evidence as CSV. `low` and `high` are the check's own 95 % interval, as shares of 0 to 1."""
    return tables.text(COLUMNS, map(_row, evidence.by_check(entries)))


def _row(record: Record) -> dict[str, Any]:
    occasion, score, result = record.occasion, record.score, record.result
    low, high = (result.interval if result else None) or (None, None)
    return {
        "at": occasion.at,
        "course": occasion.course,
        "role": occasion.role,
        "learner": occasion.learner,
        "lab": score.lab,
        "version": score.version,
        "check": result.check if result else None,
        "status": str(result.status) if result else "ungraded",
        "earned": result.earned if result else None,
        "points": result.points if result else None,
        "low": low,
        "high": high,
        "cases": result.n if result else None,
        "cap": score.cap,
        "rescaled": "yes" if score.rescaled else "no",
        "engine": score.engine,
        "gate": occasion.gate,
        "isolation": occasion.isolation,
        "policy": occasion.policy,
        "trainer": occasion.by,
        "why": occasion.why,
        "submission": score.submission,
        "counts": "yes" if record.current else "no",
        "reason": score.reason,
    }
