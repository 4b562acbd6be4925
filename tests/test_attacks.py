"""Hostile submissions, each a file of `attacks/` with its verdict, graded on the real path among honest ones.

ANSWERS   code by answer cell; PLACES and PORT in it become what is worth attacking here
EARNS     what each check gives all the same, if it gives anything
UNGRADED  words of the reason, where it cannot be graded
change    what is done to the notebook before it is handed in
prepare   what is done to the folder
"""

from __future__ import annotations

import ctypes
import importlib.util
import os
import socket
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import hostile
import pytest

from grader import isolation, nbg
from grader.isolation import processes
from grader.pipeline import Told
from grader.workspace import Workspace

FOLDER = Path(__file__).parent / "attacks"
ATTACKS = sorted(path.stem for path in FOLDER.glob("*.py"))
HONEST = ("aaa-honest", "mmm-honest", "zzz-honest")
OWN_WORK = "written-by-another-learner"
PR_SET_CHILD_SUBREAPER = 36


def load(name: str) -> ModuleType:
    """Return an attack by the name of its file."""
    spec = importlib.util.spec_from_file_location(f"attack_{name}", FOLDER / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@dataclass
class Field:
    """What is left after all attacks were graded in one batch."""

    space: Workspace
    told: dict[str, Told]
    points: dict[str, float]
    secrets: dict[str, str]
    connected: bool
    left_processes: list[str]
    left_files: list[str]
    before: dict[str, bytes]


@pytest.fixture(scope="module")
def field(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Field]:
    if isolation.best() is isolation.Level.D:
        pytest.skip("no isolation on this machine: learners' code is not run here")
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)  # what loses its parent becomes ours, and is counted
    space = hostile.create(tmp_path_factory.mktemp("attacked") / "course")
    for learner in HONEST:
        hostile.hand_in(space, learner, hostile.SOLUTIONS | {"table": f"# {OWN_WORK}\n" + hostile.SOLUTIONS["table"]})
    with socket.create_server(("127.0.0.1", 0)) as server, pytest.MonkeyPatch.context() as patch:
        for name in ATTACKS:
            hand_in(space, name, server.getsockname()[1])
        server.settimeout(0)
        temporary = tmp_path_factory.mktemp("temporary")
        temporary.chmod(0o755)
        patch.setenv("TMPDIR", str(temporary))
        patch.setattr(tempfile, "tempdir", str(temporary))
        running = set(processes.tree(os.getpid()))
        before = _files(space)
        told = hostile.grade(space)
        left = [_name(pid) for pid in set(processes.tree(os.getpid())) - running if not ended(pid)]
        try:
            server.accept()[0].close()
            connected = True
        except BlockingIOError:
            connected = False
        points: dict[str, float] = {}
        for row in nbg.grades(space.course):
            points[row.student] = points.get(row.student, 0.0) + (row.score or 0.0)
        secrets = {
            "hidden tests": hostile.HIDDEN,
            "another learner's work": OWN_WORK,
            "the secret": space.secret,
            "the gradebook": "SQLite format",
            "a program's environment": f"TMPDIR={temporary}",
            "passwords": "root:",
        }
        files = [path.name for path in temporary.rglob("*")]
        yield Field(space, told, points, secrets, connected, left, files, before)


def hand_in(space: Workspace, name: str, port: int, learner: str = "") -> None:
    """Hand in the attack `name`, as a learner of that name or as `learner`."""
    attack = load(name)
    root = space.root
    places = [
        *(root / part for part in ("gradebook.db", ".secret", "evidence.jsonl", "atelier.toml", "runs/scores/x.json")),
        *(root / step / hostile.NAME / "ps1.ipynb" for step in ("source", "release")),
        *(root / step / "aaa-honest" / hostile.NAME / "ps1.ipynb" for step in ("submitted", "autograded")),
        Path("/etc/passwd"), Path("/etc/shadow"), Path("/proc/1/environ"), Path("/proc/self/environ"),
    ]  # fmt: skip
    answers = {
        cell: source.replace("PLACES", repr(list(map(str, places)))).replace("PORT", str(port))
        for cell, source in attack.ANSWERS.items()
    }
    folder = hostile.hand_in(space, learner or name, answers, getattr(attack, "change", None))
    if hasattr(attack, "prepare"):
        attack.prepare(folder)


def _files(space: Workspace) -> dict[str, bytes]:
    """Return what no submission may change: source, release, settings, secret, honest work."""
    kept = [space.root / "atelier.toml", space.root / ".secret"]
    for folder in ("source", "release", *(f"submitted/{learner}" for learner in HONEST)):
        kept += [path for path in (space.root / folder).rglob("*") if path.is_file()]
    return {str(path): path.read_bytes() for path in kept}


def ended(pid: int) -> bool:
    """Return whether a process is over, be it that nobody has asked how it ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def _name(pid: int) -> str:
    try:
        return f"{pid} {Path(f'/proc/{pid}/cmdline').read_bytes()[:200]!r}"
    except OSError:
        return str(pid)


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_earns_nothing_and_reads_nothing(field: Field, name: str) -> None:
    """No attack earns a point that it did not work for, or shows what it may not see; where it cannot be graded, it says why."""
    attack: Any = load(name)
    told = field.told[name]
    if words := getattr(attack, "UNGRADED", ""):
        assert not told.score.graded
        assert words in told.score.reason
        assert told.score.remedy
        assert name not in field.points
    else:
        assert told.score.graded, told.score.reason
        earns = getattr(attack, "EARNS", {})
        assert hostile.earned(told) == earns, [(r.check, r.says) for r in told.score.results]
        assert field.points[name] == pytest.approx(sum(earns.values()))
    shown = hostile.shown(field.space, name) + "".join(r.says for r in told.score.results)
    for what, words in field.secrets.items():
        assert words not in shown, what
    assert "LOOT" not in shown
    if any("TRIED" in source for source in attack.ANSWERS.values()):
        assert "TRIED" in shown


@pytest.mark.parametrize("learner", HONEST)
def test_honest_work_among_attacks_earns_all(field: Field, learner: str) -> None:
    """Whoever stands before, between and after hostile submissions gets all points, and no flag."""
    told = field.told[learner]
    assert told.score.graded
    assert not told.score.flags
    assert hostile.earned(told) == hostile.POINTS
    assert field.points[learner] == sum(hostile.POINTS.values())


def test_attacks_leave_nothing_behind(field: Field) -> None:
    """No process runs on, no file stays in the temporary folder, nobody called, and nothing of the cohort's was changed."""
    assert field.left_processes == []
    assert field.left_files == []
    assert not field.connected
    assert _files(field.space) == field.before
