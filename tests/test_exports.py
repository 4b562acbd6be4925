"""Exports, read back by programs that we did not write; badges, verified and refused."""

from __future__ import annotations

import base64
import csv
import json
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
import pandas
import pytest
from click.testing import CliRunner, Result
from conftest import Cohort
from openbadgeslib.ob3 import OB3Verifier
from ralph.models.xapi.base.statements import BaseXapiStatement
from sample import BASICS, CHECKS, LABS, ROLE, SKILLS, score

from atelier import exchange, track
from grader import catalog, cli, evidence, feedback, handing, pipeline, sessions, workspace
from grader.catalog import Catalog
from grader.errors import ExtraMissing, NotFound, WorkspaceError
from grader.exports import badges, tables
from grader.exports.badges import Standing
from grader.sessions import Session

SITE = "https://atelier.example.org/"


@pytest.fixture(scope="module")
def graded(handed_in: Cohort, tmp_path_factory: pytest.TempPathFactory) -> Cohort:
    """A graded cohort whose workspace says who issues and where the site is. Read only but for exports."""
    cohort = handed_in.copy(tmp_path_factory.mktemp("graded"))
    with (cohort.space.root / "atelier.toml").open("a", encoding="utf-8") as file:
        file.write(f'organisation = "Tamaris Emballages"\nsite_url = "{SITE}"\n')
    cohort.space = workspace.load(cohort.space.root)
    cohort.grade()
    return cohort


def _run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(cli.atelier, [str(argument) for argument in arguments], catch_exceptions=False)


def _private(path: Path) -> bool:
    return stat.S_IMODE(path.stat().st_mode) == 0o600 and stat.S_IMODE(path.parent.stat().st_mode) == 0o700


# CSV


def test_pandas_and_csv_read_every_check_back(graded: Cohort, known: Catalog) -> None:
    """As many rows as checks, the same points to the cent, in a file for its owner only."""
    path = handing.table(graded.space, known, "generic", None)
    assert _private(path)
    records = list(evidence.by_check(evidence.read(graded.space)))
    frame = pandas.read_csv(path)
    assert len(frame) == len(records)
    assert frame["earned"].sum() == pytest.approx(sum(float(r.result.earned or 0) for r in records if r.result))
    assert set(frame["counts"]) == {"yes"}
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["check"] for row in rows] == [r.result.check for r in records if r.result]
    assert all(row["policy"] and row["gate"] and row["trainer"] == "trainer" for row in rows)


def test_moodle_gets_one_row_per_person_and_no_zero_for_what_has_no_score(graded: Cohort, known: Catalog) -> None:
    """An identifying column, a column per lab of the track, points of 100."""
    frame = pandas.read_csv(handing.table(graded.space, known, "moodle", None), dtype={"ID number": str})
    assert list(frame["ID number"]) == ["ada", "ben", "cleo", "dora"]
    title = next(c for c in frame.columns if "(invoice-checks)" in c)
    points = graded.points()
    assert frame.set_index("ID number")[title]["ben"] == pytest.approx(points["ben", "invoice-checks"], abs=0.01)
    never = next(c for c in frame.columns if "(invoice-fields)" in c)
    assert frame[never].isna().all()


def test_cornerstone_gets_completed_records_with_its_four_keys(graded: Cohort, known: Catalog) -> None:
    """User ID, Training Title, Start Date and Transcript Status identify a record; each is there and unique together."""
    frame = pandas.read_csv(handing.table(graded.space, known, "cornerstone", None))
    keys = ["User ID", "Training Title", "Start Date", "Transcript Status"]
    assert not frame.duplicated(keys).any()
    assert len(frame) == 12
    assert set(frame["Transcript Status"]) == {"Completed"}
    assert pandas.to_datetime(frame["Completion Date"], format="%Y-%m-%d").notna().all()


@pytest.mark.parametrize("text", ["=1+1", "+33", "-2", "@sum", "\tx"])
def test_no_cell_acts_as_a_formula(text: str) -> None:
    """A name that a spreadsheet would compute is shown as text."""
    assert tables.text(["a"], [{"a": text}]).splitlines()[1].lstrip('"').startswith("'")


def test_nbgrader_s_own_export_works_in_the_workspace(graded: Cohort) -> None:
    """`nbgrader export` writes the same totals as our gradebook gives."""
    command = [sys.executable, "-m", "nbgrader", "export", "--to=grades.csv"]
    done = subprocess.run(command, cwd=graded.space.root, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    frame = pandas.read_csv(graded.space.root / "grades.csv")
    found = {(row.student_id, row.assignment): row.score for row in frame.itertuples()}
    for key, points in graded.points().items():
        assert found[key] == pytest.approx(points, abs=0.01)


# xAPI


def _statements(graded: Cohort, known: Catalog) -> list[dict[str, Any]]:
    path, count = handing.statements(graded.space, known, None)
    found: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    assert (_private(path), len(found)) == (True, count)
    return found


def test_every_statement_is_valid_xapi(graded: Cohort, known: Catalog) -> None:
    """Read by the models of OpenFUN's learning record store; one per check and one per hand-in."""
    found = _statements(graded, known)
    read = [BaseXapiStatement.model_validate(statement) for statement in found]
    entries = evidence.read(graded.space)
    assert len(read) == len(entries) + sum(len(e.score.results) for e in entries)
    assert {s.version for s in read} == {"1.0.3"}
    assert len({s.id for s in read}) == len(read)
    assert all(-1 <= s["result"]["score"]["scaled"] <= 1 for s in found)


def test_exporting_twice_gives_the_same_statements(graded: Cohort, known: Catalog) -> None:
    """A record store that has them refuses nothing and stores nothing twice."""
    assert _statements(graded, known) == _statements(graded, known)


def test_a_broken_statement_would_be_noticed(graded: Cohort, known: Catalog) -> None:
    """The validator is not blind: without an actor, or with a score beyond its bounds, it refuses."""
    [first, *_] = _statements(graded, known)
    for broken in (
        {key: value for key, value in first.items() if key != "actor"},
        {**first, "result": {"score": {"scaled": 7}}},
        {**first, "verb": {"id": "scored"}},
    ):
        with pytest.raises(ValueError, match="validation error"):
            BaseXapiStatement.model_validate(broken)


def test_an_export_that_needs_the_site_s_address_asks_for_it(handed_in: Cohort, known: Catalog) -> None:
    """With the line to add."""
    with pytest.raises(WorkspaceError, match="site_url"):
        handing.statements(handed_in.space, known, None)


# Badges


def test_badges_go_to_who_earned_them(graded: Cohort, known: Catalog) -> None:
    """80 % and no cap; each verifies offline with the library, and says lab, version, model, policy and interval."""
    found = handing.issue(graded.space, known)
    earning = {(e.occasion.learner, e.score.lab) for e in evidence.read(graded.space) if evidence.earns_badge(e.score)}
    assert {(b.learner, b.lab) for b in found} == earning
    assert ("dora", "invoice-checks") not in earning
    assert {("ada", "invoice-checks"), ("ada", "send-or-hold")} <= earning
    for badge in found:
        files = [graded.space.badges(badge.learner) / f"{badge.lab}.{kind}" for kind in ("jwt", "svg")]
        assert all(_private(path) for path in files)
        for path in files:
            verdict = handing.verify(path, None, graded.space, known, badge.learner)
            assert verdict.standing is Standing.VALID, verdict.why
            assert verdict.states[badges.LAB] == badge.lab
            assert verdict.states[badges.VERSION] == known.lab(badge.lab).version
            assert verdict.states[badges.INTERVAL].endswith("of 100 points")
    key = graded.space.exports / "issuer.pem"
    assert _private(key)
    assert b"PRIVATE" in key.read_bytes()


def test_issuing_again_gives_the_same_badges(graded: Cohort, known: Catalog) -> None:
    """To the byte, with the same key."""
    assert handing.issue(graded.space, known) == handing.issue(graded.space, known)


def test_others_read_the_credential_too(graded: Cohort, known: Catalog) -> None:
    """PyJWT alone verifies it with the key in its own header; required fields of Open Badges 3.0 are there, no name is."""
    badge = handing.issue(graded.space, known, "ada")[0]
    header = jwt.get_unverified_header(badge.token)
    payload = jwt.decode(badge.token, jwt.PyJWK(header["jwk"]).key, algorithms=[header["alg"]])
    assert payload["@context"][0] == "https://www.w3.org/ns/credentials/v2"
    assert "OpenBadgeCredential" in payload["type"]
    assert payload["issuer"]["id"].startswith("did:key:")
    assert payload["credentialSubject"]["achievement"]["criteria"]["narrative"]
    assert payload["credentialSubject"]["identifier"][0]["hashed"] is True
    assert "ada" not in json.dumps(payload).lower().replace("metadata", "")
    assert OB3Verifier.for_issuer_did(payload["iss"]).verify(badge.token)


@contextmanager
def _evidence_at(space: workspace.Workspace, **changed: str) -> Iterator[None]:
    """Change what every line of the evidence says, for a while."""
    path = space.root / evidence.FILE
    before = path.read_text(encoding="utf-8")
    lines = [json.dumps({**json.loads(line), **changed}) for line in before.splitlines()]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    try:
        yield
    finally:
        path.write_text(before, encoding="utf-8")


def test_a_badge_ends_after_twelve_months(graded: Cohort, known: Catalog) -> None:
    """Then it is not issued any more, and one issued before no longer verifies."""
    old = (datetime.now(UTC) - timedelta(days=367)).isoformat(timespec="seconds")
    with _evidence_at(graded.space, at=old):
        assert handing.issue(graded.space, known) == []
    keys = badges.key_pair()
    issuer = badges.Issuer("Tamaris", SITE, *keys, "secret")
    entry = next(e for e in evidence.read(graded.space) if evidence.earns_badge(e.score))
    late = replace(entry, occasion=replace(entry.occasion, at=old))
    [badge] = badges.issue(
        [late],
        known.labs,
        issuer,
        now=datetime.fromisoformat(old),
        policy=entry.occasion.policy,
        model=entry.score.engine,
    )
    verdict = badges.verify(badge.token.encode(), keys[1])
    assert verdict.standing is Standing.EXPIRED
    assert "again" in verdict.why


def test_twelve_months_from_a_leap_day_is_a_day_that_exists() -> None:
    assert badges.ends("2024-02-29T10:00:00+00:00") == datetime(2025, 2, 28, 10, tzinfo=UTC)


def test_a_newer_hand_in_renews(graded: Cohort, known: Catalog) -> None:
    """The badge counts from the day the newer answers were graded; grading the old ones again renews nothing."""
    entry = next(e for e in evidence.read(graded.space) if evidence.earns_badge(e.score))
    old = replace(entry, occasion=replace(entry.occasion, at="2026-01-10T08:00:00+00:00"))
    again = replace(entry, occasion=replace(entry.occasion, at="2026-06-10T08:00:00+00:00", why="regrade"))
    newer = replace(again, score=replace(entry.score, submission="f" * 16))
    issuer = badges.Issuer("Tamaris", SITE, *badges.key_pair(), "secret")
    more = {
        "now": datetime(2026, 7, 1, tzinfo=UTC),
        "policy": entry.occasion.policy,
        "model": entry.score.engine,
    }
    ends = [badges.issue(found, known.labs, issuer, **more)[0].ends for found in ([old, again], [old, newer])]
    assert ends == ["10 January 2027", "10 June 2027"]


def test_a_badge_lapses_with_policy_and_model(graded: Cohort, known: Catalog) -> None:
    """A changed policy lapses every badge; another model only those that a model judged."""
    [badge, *_] = handing.issue(graded.space, known, "ada")
    pem = (graded.space.exports / "issuer.pub").read_bytes()
    changed = catalog.policy_name(replace(known.policy, owner="Somebody else"))
    verdict = badges.verify(badge.token.encode(), pem, policy=changed)
    assert (verdict.standing, "policy changed" in verdict.why) == (Standing.LAPSED, True)
    assert badges.verify(badge.token.encode(), pem, model="another").standing is Standing.VALID
    with _evidence_at(graded.space, policy="2020-01-01 (abc)"):
        assert handing.issue(graded.space, known) == []
    entry = next(e for e in evidence.read(graded.space) if evidence.earns_badge(e.score))
    lab = next(found for found in known.labs if hasattr(found.setup, "qualified"))
    judged = replace(entry, score=replace(entry.score, lab=lab.id))
    issuer = badges.Issuer("Tamaris", SITE, *badges.key_pair(), "secret")
    more = {"now": datetime.now(UTC), "policy": entry.occasion.policy}
    [by_model] = badges.issue([judged], known.labs, issuer, model=entry.score.engine, **more)
    assert badges.verify(by_model.token.encode(), issuer.public_key, model="another").standing is Standing.LAPSED
    assert badges.issue([judged], known.labs, issuer, model="another", **more) == []


def test_forged_and_foreign_badges_are_refused(graded: Cohort, known: Catalog, tmp_path: Path) -> None:
    """A changed point, another key, another person, no badge at all: each is told, none is an error."""
    [badge, *_] = handing.issue(graded.space, known, "ada")
    head, body, signature = badge.token.split(".")
    other = badges.key_pair()[1]
    pem = (graded.space.exports / "issuer.pub").read_bytes()
    forged = jwt.utils.base64url_encode(jwt.utils.base64url_decode(body).replace(b'"value":"', b'"value":"1')).decode()
    for data, key, learner in (
        (f"{head}.{forged}.{signature}".encode(), pem, None),
        (badge.token.encode(), other, None),
        (badge.token.encode(), pem, "ben"),
        (b"hello", pem, None),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", pem, None),
        (b"\xff\xfe\x00", pem, None),
    ):
        assert badges.verify(data, key, learner=learner).standing is Standing.INVALID


def test_the_commands_issue_and_verify(graded: Cohort, tmp_path: Path) -> None:
    """Exit code 0 for a valid badge, 1 for one that is not; the issuer's key is enough outside the workspace."""
    course = graded.space.root
    made = _run("export", "badges", "-C", course, "-s", "ada", "--json")
    assert {row["learner"] for row in json.loads(made.output)} == {"ada"}
    picture = graded.space.badges("ada") / "invoice-checks.svg"
    assert "valid" in _run("badge", "verify", picture, "-C", course).output
    outside = _run("badge", "verify", picture, "--key", course / "exports/issuer.pub", "--learner", "ada", "--json")
    assert json.loads(outside.output)["standing"] == "valid"
    assert _run("badge", "verify", picture, "-C", course, "--learner", "ben").exit_code == 1
    for columns in handing.TABLES:
        assert _run("export", "csv", "-C", course, "--columns", columns, "--out", tmp_path / columns).exit_code == 0
    assert _run("export", "xapi", "-C", course).exit_code == 0


def test_a_badge_reaches_its_learner_alone(graded: Cohort, known: Catalog) -> None:
    """With the feedback: on the page of who earned it, on nobody else's."""
    handing.issue(graded.space, known)
    pipeline.feedback(graded.space, graded.labs)
    pages = {}
    for learner in ("ada", "dora"):
        [hand_in] = exchange.fetch_feedback("invoice-checks", graded.seat(learner))
        assert hand_in.feedback is not None
        pages[learner] = hand_in.feedback.read_text(encoding="utf-8")
    assert "Your badge" in pages["ada"]
    assert "Your badge" not in pages["dora"]


def test_who_issues_must_be_known(handed_in: Cohort, known: Catalog) -> None:
    with pytest.raises(WorkspaceError, match="organisation"):
        handing.issue(handed_in.space, known)


def test_an_unknown_learner_is_named(graded: Cohort, known: Catalog) -> None:
    with pytest.raises(NotFound, match="bem"):
        handing.issue(graded.space, known, "bem")


def test_without_the_library_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "openbadgeslib.ob3", None)
    with pytest.raises(ExtraMissing, match=r"atelier\[badges\]"):
        badges.key_pair()


def test_an_ambassador_s_badge_says_levels_and_sessions(graded: Cohort, known: Catalog) -> None:
    """Signed and verified like a lab's; without a session, under another policy or a year later there is none."""
    issuer = badges.Issuer("Tamaris", SITE, *badges.key_pair(), "secret")
    [sample_entry, *_] = evidence.read(graded.space)
    entries = [
        replace(sample_entry, score=replace(score(lab, *shares), engine="m"))
        for lab, shares in ((BASICS, (1.0,)), (CHECKS, (0.9, 0.9)))
    ]
    occasion = sample_entry.occasion
    session = Session(occasion.learner, occasion.at[:10], "trainer")
    now = datetime.fromisoformat(occasion.at) + timedelta(days=1)

    def issued(led: list[Session], policy: str = occasion.policy, at: datetime = now) -> list[badges.Badge]:
        return badges.ambassadors(entries, led, ROLE, LABS, SKILLS, issuer, now=at, policy=policy, model="m")

    [badge] = issued([session])
    verdict = badges.verify(badge.picture, issuer.public_key, policy=occasion.policy, learner=occasion.learner)
    assert (verdict.standing, verdict.states["Badge"]) == (Standing.VALID, "Ambassador: Finance")
    assert verdict.states["Levels"] == "Validation: Validates"
    assert verdict.states["Sessions led"] == session.day
    assert occasion.learner not in str(jwt.decode(badge.token, options={"verify_signature": False}))
    assert [issued([]), issued([session], "another"), issued([session], at=now + timedelta(days=366))] == [[], [], []]
    page = feedback.render(CHECKS, entries[1].score, {"Ambassador": badge.picture})
    [(title, picture)] = track.badges(page).items()
    assert (title, base64.b64decode(picture)) == ("Ambassador", badge.picture)
    place = track.Place(track.State.FEEDBACK, page)
    shown = track.render(track.Track(1, "finance", "Finance", "", "c", ()), {"checks": place})
    assert f'<a download="Ambassador.svg" href="data:image/svg+xml;base64,{picture}">' in shown


def test_a_session_is_recorded_once_and_never_ahead(graded: Cohort) -> None:
    """Twice the same day is once; tomorrow and a stranger are refused with the reason."""
    add = ("session", "add", "-C", graded.space.root, "--date")
    assert [_run(*add, "2026-01-20", "-s", "ben").exit_code for _ in range(2)] == [0, 0]
    assert [s.day for s in sessions.read(graded.space)] == ["2026-01-20"]
    assert stat.S_IMODE((graded.space.root / sessions.FILE).stat().st_mode) == 0o600
    assert "still to come" in _run(*add, "2999-01-01", "-s", "ben").output
    with pytest.raises(NotFound, match="ben"):
        _run(*add, "2026-01-20", "-s", "bem")
