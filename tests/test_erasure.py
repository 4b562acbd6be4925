"""Erasing a person: nothing of them is left, nothing of anybody else is gone, and the receipt names nobody."""

from __future__ import annotations

import json
import shutil
import stat
import subprocess
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from conftest import NO_MODEL, Cohort

from atelier import records
from grader import (
    catalog,
    cli,
    erasure,
    evidence,
    handing,
    nbg,
    pages,
    pipeline,
    progress,
    scoring,
    sessions,
    telling,
    workspace,
)
from grader.catalog import Catalog
from grader.erasure import Receipt
from grader.errors import NotFound
from grader.model import Lab
from grader.sessions import Session

WHO, FIRST, LAST = "quint.zeph", "Zéphyrine", "Quintrell-Planted"
PLANTED = (WHO, FIRST, LAST, "Quintrell", "Z\\u00e9phyrine")


@pytest.fixture(scope="module")
def lived_in(handed_in: Cohort, known: Catalog, tmp_path_factory: pytest.TempPathFactory) -> Cohort:
    """A cohort after everything: two hand-ins of the person, grades, feedback, badges, exports, report. Read only."""
    cohort = handed_in.copy(tmp_path_factory.mktemp("lived-in"))
    root = cohort.space.root
    with (root / "atelier.toml").open("a", encoding="utf-8") as file:
        file.write('organisation = "Tamaris"\nsite_url = "https://atelier.example.org"\n')
    cohort.space = workspace.load(root)
    nbg.add_student(cohort.space.course, WHO, FIRST, LAST)
    nbg.add_student(cohort.space.course, "ada", "Ada", "Weber")
    for lab in cohort.labs:
        cohort.hand_in(WHO, lab.id, None)
        cohort.hand_in(WHO, lab.id, catalog.attempts(lab)[0])
    shutil.rmtree(cohort.homes / WHO)  # the learner's own folder is theirs, and outside the workspace
    cohort.collect()
    cohort.grade()
    for who in (WHO, "ada"):
        sessions.add(cohort.space, Session(who, "2026-11-20", "trainer"))
    handing.issue(cohort.space, known)
    pipeline.feedback(cohort.space, cohort.labs)
    for columns in handing.TABLES:
        handing.table(cohort.space, known, columns, None)
    handing.statements(cohort.space, known, None)
    telling.report(cohort.space, known, root / "report.html")
    return cohort


@pytest.fixture
def course(lived_in: Cohort, tmp_path: Path) -> Cohort:
    return lived_in.copy(tmp_path)


def _holding(root: Path, *words: str) -> list[str]:
    """Return what grep finds, by content (binary files too) and by name."""
    patterns = [part for word in words for part in ("-e", word)]
    found = subprocess.run(
        ["grep", "-rlaF", *patterns, str(root)], capture_output=True, text=True, check=False, timeout=60
    )
    return found.stdout.splitlines() + [str(p) for p in root.rglob("*") if any(word in p.name for word in words)]


def _others(cohort: Cohort) -> dict[str, Any]:
    return {
        "points": {key: value for key, value in cohort.points().items() if key[0] != WHO},
        "evidence": [e for e in evidence.read(cohort.space) if e.occasion.learner != WHO],
        "scores": {(who, s.lab): s for who, s in pipeline.scores(cohort.space, cohort.labs) if who != WHO},
        "files": sorted(
            str(p.relative_to(cohort.space.root))
            for step in ("submitted", "autograded", "feedback", "exchange")
            for p in (cohort.space.root / step).rglob("*")
            if WHO not in str(p) and p.suffix != ".html"
        ),
    }


def test_nothing_of_the_person_is_left_and_nothing_of_others_is_gone(course: Cohort, known: Catalog) -> None:
    """grep finds neither id nor name anywhere in the workspace, the gradebook's freed pages included."""
    root, before = course.space.root, _others(course)
    pages = len(list((root / "exchange/autumn/feedback").iterdir()))
    assert len(_holding(root, *PLANTED)) >= 20
    done = erasure.erase(course.space, known, WHO, by="trainer")
    assert done.mentions == ()
    assert _holding(root, *PLANTED) == []
    assert _others(course) == before
    assert len(list((root / "exchange/autumn/feedback").iterdir())) == pages - len(NO_MODEL)
    assert done.found["lines of evidence"] == len(NO_MODEL)
    assert done.found["hand-ins in the exchange"] == 2 * len(NO_MODEL)
    assert (done.found["sessions led"], [s.learner for s in sessions.read(course.space)]) == (1, ["ada"])
    telling.report(course.space, known, root / "report.html")
    assert "ada" in (root / "report.html").read_text(encoding="utf-8")


LISTINGS = ("history", "similar", "progress", "session list", "course show", "report")


def test_no_listing_names_the_person_afterwards(course: Cohort, known: Catalog) -> None:
    """Before, those that are about people do; after, none does, nor does a new report."""
    root = course.space.root

    def told() -> dict[str, bool]:
        found = {}
        for name in LISTINGS:
            done = CliRunner().invoke(cli.atelier, [*name.split(), "-C", str(root), "--json"], catch_exceptions=False)
            text = done.output + ((root / "report.html").read_text(encoding="utf-8") if name == "report" else "")
            found[name] = any(word in text for word in PLANTED)
        return found

    assert {name for name, seen in told().items() if seen} == {"history", "progress", "session list", "report"}
    erasure.erase(course.space, known, WHO, by="trainer")
    assert not any(told().values())


def test_no_page_of_the_site_names_a_person(lived_in: Cohort, known: Catalog) -> None:
    """With five people in the group, so that it is told of: neither in the aggregate nor on any page."""
    found = progress.aggregate([(telling.progress(lived_in.space, known), known.skills)])
    made = pages.render(
        roles=known.roles,
        labs=known.labs,
        skills=known.skills,
        policy=known.policy,
        adoption=known.adoption,
        aggregate=found,
    )
    assert all("5 people" in made[page] for page in ("progress.md", "manager.md", "executive.md"))
    text = json.dumps(records.dump(found), ensure_ascii=False) + "".join(made.values())
    assert [word for word in (*PLANTED, "Ada Weber") if word in text] == []


def test_the_receipt_says_what_when_and_by_whom_but_not_who(course: Cohort, known: Catalog) -> None:
    """Its hash holds, its reference can be recomputed by whoever knows id and secret, and only the owner reads it."""
    done = erasure.erase(course.space, known, WHO, by="trainer")
    [path] = done.receipts
    receipt: Receipt = records.load(Receipt, json.loads(path.read_text(encoding="utf-8")))
    assert (receipt.by, receipt.course, receipt.erased) == ("trainer", "autumn", done.found)
    assert receipt.sha256 == erasure.digest(receipt)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert not [word for word in PLANTED if word in path.read_text(encoding="utf-8")]


def test_without_yes_nothing_changes(course: Cohort) -> None:
    """The command says what it would erase, and how to."""
    root = course.space.root
    before = {
        path: path.stat().st_mtime_ns for path in root.rglob("*") if path.is_file() and path.name != "gradebook.db"
    }
    shown = CliRunner().invoke(cli.atelier, ["erase", "-C", str(root), "-s", WHO])
    assert (shown.exit_code, "--yes" in shown.output) == (0, True)
    assert before == {p: p.stat().st_mtime_ns for p in root.rglob("*") if p.is_file() and p.name != "gradebook.db"}


def test_twice_is_once(course: Cohort) -> None:
    """The second run finds nothing, shows the receipt and writes none."""
    arguments = ["erase", "-C", str(course.space.root), "-s", WHO, "--yes", "--json"]
    first, second = (json.loads(CliRunner().invoke(cli.atelier, arguments).output) for _ in range(2))
    assert first["erased"]
    assert second["erased"] == {}
    assert second["receipts"] == first["receipts"]


def test_a_stranger_is_named_not_erased(course: Cohort, known: Catalog) -> None:
    """With the nearest id, so that a typing error erases nobody."""
    with pytest.raises(NotFound, match=r"quint\.zeph"):
        erasure.erase(course.space, known, "quint.zep", by="trainer")


STEPS = [
    ("grader.engines.recorder", "forget"),
    ("grader.evidence", "remove"),
    ("shutil", "rmtree"),
    ("grader.nbg", "remove_student"),
    ("grader.erasure", "_write_receipt"),
]


@pytest.mark.parametrize(("module", "name"), STEPS)
@pytest.mark.parametrize("after", [False, True], ids=["before it", "after it"])
def test_an_interrupted_run_is_taken_up(
    course: Cohort, known: Catalog, monkeypatch: pytest.MonkeyPatch, module: str, name: str, after: bool
) -> None:
    """Stopped at any step, the same command again erases the rest and counts everything."""
    import importlib

    whole = erasure.preview(course.space, known, WHO).found
    holder = importlib.import_module(module)
    real = getattr(holder, name)

    def dies(*arguments: Any, **more: Any) -> None:
        if after and name != "_write_receipt":
            real(*arguments, **more)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(holder, name, dies)
        with pytest.raises(KeyboardInterrupt):
            erasure.erase(course.space, known, WHO, by="trainer")
    done = erasure.erase(course.space, known, WHO, by="trainer")
    assert _holding(course.space.root, *PLANTED) == []
    assert (done.found, len(done.receipts)) == (whole, 1)


def test_what_others_wrote_about_the_person_is_shown(course: Cohort, known: Catalog) -> None:
    """It is not ours to change: the file is listed, and the exit code says that somebody must look."""
    note = course.space.step("submitted", "ben", "send-or-hold") / "note.txt"
    note.write_text(f"done together with {FIRST} {LAST}", encoding="utf-8")
    done = erasure.erase(course.space, known, WHO, by="trainer")
    assert done.mentions == (note,)


def test_an_id_inside_another_word_is_no_mention(course: Cohort, known: Catalog) -> None:
    """Erasing "ada" finds neither "metadata" nor another "ada-lovelace"."""
    note = course.space.step("submitted", "ben", "send-or-hold") / "note.txt"
    note.write_text("metadata ada-lovelace ada@elsewhere.example xada", encoding="utf-8")
    assert note not in erasure.erase(course.space, known, "ada", by="trainer").mentions


def _recorded(course: Cohort, lab: Lab, learner: str) -> set[str]:
    asking = erasure._asking(lab)
    folder = course.space.step("submitted", learner, lab.id)
    cases = catalog.hidden_cases(lab, course.space.secret)
    return {request.key for request in scoring.requests(asking, scoring.read(lab, folder, None), cases)}


def test_replies_to_the_person_s_own_instructions_go(course: Cohort, known: Catalog) -> None:
    """Those that somebody else's hand-in asks for word by word stay: they are theirs as well."""
    lab = known.lab("invoice-fields")
    pipeline.release(course.space, [lab], course.engine.id)
    course.labs = (*course.labs, lab)
    reference, attempts = catalog.attempts(lab)
    other = next(a.answer for a in attempts.values() if not a.ungraded and a.earns > 30 and a.answer != reference)
    for learner, answer in ((WHO, reference), ("ada", reference), ("ben", other)):
        course.hand_in(learner, lab.id, answer)
    shutil.rmtree(course.homes / WHO)
    course.hand_in(WHO, lab.id, other)
    shutil.rmtree(course.homes / WHO)
    course.collect()
    ada, ben = (_recorded(course, lab, learner) for learner in ("ada", "ben"))
    assert ada
    assert ada.isdisjoint(ben)
    lines = [json.dumps({"engine": "e", "key": key, "text": "t"}) for key in sorted(ada | ben)]
    course.space.replies.write_text("\n".join(['{"engine": "e"}', *lines]) + "\n", encoding="utf-8")
    assert "recorded model replies" not in erasure.preview(course.space, known, WHO).found
    erasure.erase(course.space, known, "ada", by="trainer")
    assert erasure.erase(course.space, known, WHO, by="trainer").found["recorded model replies"] == len(ada)
    assert course.space.replies.read_text(encoding="utf-8").count('"key"') == len(ben)
