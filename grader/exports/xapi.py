"""xAPI 1.0.3 statements (IEEE 9274.1.1's predecessor, adlnet/xAPI-Spec): one per scored check, one per lab.

A statement's id follows from what it says, so sending an export twice stores nothing twice. People are accounts of the
organisation's site, by their course id: no mail address, no name.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from grader import evidence
from grader.evidence import Entry
from grader.model import CheckResult, Lab, Status

VERSION = "1.0.3"
_VERBS = {
    "completed": "http://adlnet.gov/expapi/verbs/completed",
    "scored": "http://adlnet.gov/expapi/verbs/scored",
}
_ASSESSMENT = "http://adlnet.gov/expapi/activities/assessment"
_QUESTION = "http://adlnet.gov/expapi/activities/question"
_COURSE = "http://adlnet.gov/expapi/activities/course"


def statements(entries: Iterable[Entry], labs: Sequence[Lab], site: str) -> list[dict[str, Any]]:
    """Return the statements of all graded entries, oldest first. `site` is the site's address, ending in "/"."""
    by_id = {lab.id: lab for lab in labs}
    return [
        statement
        for entry in entries
        if entry.score.graded and entry.score.lab in by_id
        for statement in _of(entry, by_id[entry.score.lab], site)
    ]


def _of(entry: Entry, lab: Lab, site: str) -> Iterator[dict[str, Any]]:
    score = entry.score
    of_lab = _activity(f"{site}labs/{lab.id}/", lab.file.title, lab.file.summary, _ASSESSMENT)
    says = {check.id: check.says for check in lab.file.checks}
    told = _score(float(score.earned), score.points) | {"completion": True}
    extensions: dict[str, Any] = {"cap": score.cap} if score.cap else {}
    if between := evidence.interval(score):
        extensions["interval"] = list(between)
    yield _statement(entry, site, "completed", of_lab, _with(told, extensions, site), None)
    for result in score.results:
        if result.earned is not None and result.status is not Status.NOT_EVALUATED:
            name = says.get(result.check, result.check)
            of_check = _activity(f"{site}labs/{lab.id}/#{result.check}", result.check, name, _QUESTION)
            yield _statement(entry, site, "scored", of_check, _result(result, site), of_lab)


def _result(result: CheckResult, site: str) -> dict[str, Any]:
    told = _score(float(result.earned or 0), result.points) | {"success": result.status is Status.PASSED}
    extensions: dict[str, Any] = {"status": str(result.status), "cases": result.n}
    if result.interval:
        extensions["interval"] = list(result.interval)
    return _with(told, extensions, site)


def _score(raw: float, most: float) -> dict[str, Any]:
    return {"score": {"scaled": round(raw / most, 4) if most else 0.0, "raw": raw, "min": 0, "max": most}}


def _with(told: dict[str, Any], extensions: dict[str, Any], site: str) -> dict[str, Any]:
    named = {f"{site}xapi/{key}": value for key, value in extensions.items()}
    return told | {"extensions": named} if named else told


def _activity(iri: str, name: str, says: str, kind: str) -> dict[str, Any]:
    definition = {"name": {"en": name}, "description": {"en": says}, "type": kind}
    return {"objectType": "Activity", "id": iri, "definition": definition}


def _statement(
    entry: Entry, site: str, verb: str, of: dict[str, Any], result: dict[str, Any], parent: dict[str, Any] | None
) -> dict[str, Any]:
    occasion, score = entry.occasion, entry.score
    course = _activity(f"{site}courses/{occasion.course}/", occasion.course, f"Track: {occasion.role}", _COURSE)
    circumstances = {
        "role": occasion.role,
        "engine": score.engine,
        "gate": occasion.gate or "not recorded",
        "isolation": occasion.isolation,
        "policy": occasion.policy or "not recorded",
        "submission": score.submission,
        "why": occasion.why,
        "rescaled": score.rescaled,
    }
    name = "\n".join((occasion.course, occasion.learner, occasion.at, score.submission, verb, of["id"]))
    return {
        "id": str(uuid.uuid5(uuid.NAMESPACE_URL, f"{site}\n{name}")),
        "version": VERSION,
        "timestamp": occasion.at,
        "actor": _account(occasion.learner, site),
        "verb": {"id": _VERBS[verb], "display": {"en": verb}},
        "object": of,
        "result": result,
        "context": {
            "instructor": _account(occasion.by, site),
            "platform": "Atelier",
            "revision": score.version,
            "contextActivities": {"grouping": [course]} | ({"parent": [parent]} if parent else {}),
            "extensions": {f"{site}xapi/{key}": value for key, value in circumstances.items()},
        },
    }


def _account(name: str, site: str) -> dict[str, Any]:
    return {"objectType": "Agent", "account": {"homePage": site, "name": name}}
