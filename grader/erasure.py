"""Erasing a person from a cohort: everything about them in the workspace, and a receipt that does not name them.

The order is chosen so that an interrupted run can be taken up: what tells where the rest lies (hand-ins, then the
gradebook with the names) goes last. The counts are noted before the first deletion. Running it again erases nothing new.

What a practice model answered to the learner's own instructions goes too: a reply can repeat what an instruction said.
Replies that somebody else's hand-in asks for word by word stay, for they are theirs as well.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from html import escape
from pathlib import Path
from typing import Any, Literal

from atelier import records
from atelier.files import write_private
from grader import catalog, evidence, nbg, scoring, sessions
from grader.catalog import Catalog
from grader.engines import recorder
from grader.errors import NotFound
from grader.model import Lab
from grader.workspace import Workspace

RECEIPTS = "receipts"
_BY_STEP = ("submitted", "autograded", "feedback")
# What Atelier released, the same for everybody: words in it are no trace of a person.
_NOT_ABOUT_PEOPLE = {"source", "release", ".secret", RECEIPTS}


@dataclass(frozen=True, slots=True)
class Receipt:
    """That somebody was erased. It names nobody: whoever knows the id and the cohort's secret can tell whom it is about.

    reference   HMAC-SHA-256 of the id under the cohort's secret, 32 hex digits
    erased      what was found and erased, by kind: how many
    sha256      over the rest of the receipt
    """

    format: Literal[1]
    reference: str
    course: str
    at: str
    by: str
    erased: dict[str, int]
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """What an erasure did, or would do.

    found      what there was, by kind: how many
    receipts   receipts about this person, the newest last; one more after an erasure
    mentions   files that still hold the id or the name, such as other people's hand-ins: a person must look at them
    """

    found: dict[str, int]
    receipts: tuple[Path, ...]
    mentions: tuple[Path, ...] = ()


# One kind of trace: what it is called, how many there are, and how to erase them.
_Step = tuple[str, int, Callable[[], object]]


def preview(space: Workspace, known: Catalog, student: str) -> Result:
    """Return what erasing `student` would erase. Changes nothing. NotFound if nothing was ever here."""
    found = {what: count for what, count, _ in _steps(space, known, student) if count}
    receipts = _receipts(space, student)
    if not found and not receipts:
        raise NotFound("trace of a learner", student, (who for who, _, _ in nbg.students(space.course)))
    return Result(found, receipts)


def erase(space: Workspace, known: Catalog, student: str, *, by: str) -> Result:
    """Erase `student`, and write a receipt. Taken up where it was interrupted; without effect when all is gone."""
    found = preview(space, known, student).found
    started = space.root / RECEIPTS / f".started-{_reference(space, student)}.json"
    if not found and not started.exists():
        return Result({}, _receipts(space, student), tuple(mentions(space, _needles(student, ()))))
    names = [f"{first} {last}".strip() for who, first, last in nbg.students(space.course) if who == student]
    before: dict[str, int] = json.loads(started.read_text(encoding="utf-8")) if started.exists() else {}
    # A run that was interrupted counted what this one no longer finds.
    counts = {what: max(before.get(what, 0), found.get(what, 0)) for what in {**before, **found}}
    write_private(started, json.dumps(counts).encode())
    for _, _, step in _steps(space, known, student):
        step()
    left = tuple(mentions(space, _needles(student, names)))
    receipt = _write_receipt(space, student, counts, by)
    started.unlink()
    return Result(counts, (*_receipts(space, student)[:-1], receipt), left)


def _steps(space: Workspace, known: Catalog, student: str) -> Iterator[_Step]:
    """Yield every kind of trace, in the order in which it can be erased."""
    keys = _reply_keys(space, known, student)
    replies = sum(key in keys for key in recorder.keys(space.replies))
    yield "recorded model replies", replies, lambda: recorder.forget(space.replies, keys)
    lines = [line for line, entry in evidence.lines(space.root / evidence.FILE) if entry.occasion.learner == student]
    yield "lines of evidence", len(lines), partial(evidence.remove, space, student)
    led = sum(session.learner == student for session in sessions.read(space))
    yield "sessions led", led, partial(sessions.remove, space, student)
    yield _files("scores", [p for p in space.runs.rglob("*") if p.stem == student and p.parent != space.runs])
    yield _files("badges", [p for p in space.badges(student).glob("*") if p.is_file()], space.badges(student))
    whole = _files_naming(space.root, ["report.html", "grades.csv", "exports/*.csv", "exports/*.json"], student, space)
    yield _files("reports and exports that name the person", whole)
    folders = list(_hand_ins(space, student))
    yield _files("feedback in the exchange", _exchanged_feedback(space, folders))
    yield _files("hand-ins in the exchange", [folder for _, folder in folders if folder.parent.name == "inbound"])
    for step in _BY_STEP:
        inside = [p for p in (space.root / step / student).glob("*") if p.is_dir()]
        yield _files(f"folders under {step}/", inside, space.root / step / student)
    rows = sum(who == student for who, _, _ in nbg.students(space.course))
    yield "entries in the gradebook", rows, partial(nbg.remove_student, space.course, student)


def _files(what: str, paths: Iterable[Path], *also: Path) -> _Step:
    found = list(paths)

    def remove() -> None:
        for path in (*found, *also):
            # A folder that the exchange made read-only for the learner's sake.
            if path.is_dir() and not path.is_symlink():
                path.chmod(0o700)
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)

    return what, len(found), remove


def _hand_ins(space: Workspace, student: str | None) -> Iterator[tuple[str, Path]]:
    """Yield (lab, folder) of every hand-in of one person, or of everybody: in the exchange, older ones too, and collected."""
    inbound = space.course.exchange / space.settings.course / "inbound"
    for folder in sorted(inbound.iterdir()) if inbound.is_dir() else ():
        who, _, rest = folder.name.partition("+")
        if rest and (student is None or who == student):
            yield rest.partition("+")[0], folder
    for folder in sorted((space.root / "submitted").glob("*/*")):
        if folder.is_dir() and (student is None or folder.parent.name == student):
            yield folder.name, folder


def _exchanged_feedback(space: Workspace, folders: Iterable[tuple[str, Path]]) -> list[Path]:
    found = set()
    for lab, folder in folders:
        with suppress(OSError, UnicodeDecodeError):
            secret = (folder / "submission_secret.txt").read_text(encoding="utf-8")
            found.add(nbg.feedback_file(space.course, secret, lab))
    return sorted(path for path in found if path.exists())


def _reply_keys(space: Workspace, known: Catalog, student: str) -> set[str]:
    """Return the keys of model requests that only this person's hand-ins make, older ones included."""
    mine: set[str] = set()
    others: set[str] = set()
    if not space.replies.exists():
        return mine
    cases: dict[str, Any] = {}
    labs = {lab.id: _asking(lab) for lab in known.track(space.settings.role) if hasattr(lab.setup, "qualified")}
    for lab_id, folder in _hand_ins(space, None):
        if lab := labs.get(lab_id):
            if lab_id not in cases:
                cases[lab_id] = catalog.hidden_cases(lab, space.secret)
            who = folder.name.partition("+")[0] if folder.parent.name == "inbound" else folder.parent.name
            with suppress(Exception):  # an answer that no kit can read asked for nothing
                asked = scoring.requests(lab, scoring.read(lab, folder, None), cases[lab_id])
                (mine if who == student else others).update(request.key for request in asked)
    return mine - others


def _asking(lab: Lab) -> Lab:
    return replace(lab, setup=replace(lab.setup, qualified=True))


def _needles(student: str, names: Iterable[str]) -> re.Pattern[bytes]:
    """Return what to look for: the id where it stands alone, and the names, as text, HTML and JSON would write them."""
    written = {form for name in names if " " in name for form in (name, escape(name), json.dumps(name)[1:-1])}
    alone = rb"(?<![\w.@-])" + re.escape(student).encode() + rb"(?![\w@-])"
    return re.compile(b"|".join([alone, *(re.escape(form.encode()) for form in sorted(written))]))


def _files_naming(root: Path, patterns: Iterable[str], student: str, space: Workspace) -> list[Path]:
    names = [f"{first} {last}".strip() for who, first, last in nbg.students(space.course) if who == student]
    needles = _needles(student, names)
    paths = {path for pattern in patterns for path in root.glob(pattern) if path.is_file()}
    return sorted(path for path in paths if needles.search(path.read_bytes()))


def mentions(space: Workspace, needles: re.Pattern[bytes]) -> Iterator[Path]:
    """Yield every file of the workspace that a needle is found in, by its content or its path, but what Atelier released."""
    outbound = space.course.exchange / space.settings.course / "outbound"
    for path in sorted(space.root.rglob("*")):
        inside = path.relative_to(space.root)
        if inside.parts[0] in _NOT_ABOUT_PEOPLE or outbound in path.parents or not path.is_file() or path.is_symlink():
            continue
        if needles.search(str(inside).encode()) or needles.search(path.read_bytes()):
            yield path


def _reference(space: Workspace, student: str) -> str:
    return hmac.new(space.secret.encode(), student.encode(), hashlib.sha256).hexdigest()[:32]


def _receipts(space: Workspace, student: str) -> tuple[Path, ...]:
    return tuple(sorted((space.root / RECEIPTS).glob(f"*-{_reference(space, student)}.json")))


def _write_receipt(space: Workspace, student: str, erased: dict[str, int], by: str) -> Path:
    now = datetime.now(UTC)
    receipt = Receipt(
        1, _reference(space, student), space.settings.course, now.isoformat(timespec="seconds"), by, erased
    )
    told = records.dump(replace(receipt, sha256=digest(receipt)))
    path = space.root / RECEIPTS / f"{now:%Y%m%dT%H%M%SZ}-{receipt.reference}.json"
    write_private(path, (json.dumps(told, ensure_ascii=False, indent=1) + "\n").encode())
    return path


def digest(receipt: Receipt) -> str:
    """Return the hash over all of a receipt but the hash itself."""
    told = records.dump(replace(receipt, sha256=""))
    return hashlib.sha256(json.dumps(told, ensure_ascii=False, sort_keys=True).encode()).hexdigest()
