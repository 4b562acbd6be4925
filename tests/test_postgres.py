"""A cohort whose gradebook is PostgreSQL: a real server, started here on loopback and ended again."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import ordinary
import pytest
from conftest import NO_MODEL, Cohort, honest

from grader import engines, gradebook, labcheck, nbg, pipeline, workspace
from grader.catalog import Catalog
from grader.errors import GradebookError
from grader.model import EngineSettings


def _program(name: str) -> str | None:
    found = shutil.which(name)
    return found or next((str(p) for p in sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))), None)


pytestmark = pytest.mark.skipif(_program("initdb") is None, reason="PostgreSQL's server is not installed")


class Server:
    """A PostgreSQL server on loopback, in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.data = folder / "data"
        # The server refuses to run as root.
        self._user = "nobody" if os.geteuid() == 0 else None
        if self._user:
            shutil.chown(folder, self._user)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self._run("initdb", "-D", str(self.data), "-U", "trainer", "-A", "trust", "--no-sync", "-E", "UTF8")
        self.start()

    def _run(self, name: str, *arguments: str) -> None:
        program = _program(name)
        assert program is not None
        done = subprocess.run(
            [program, *arguments], user=self._user, cwd=self.data.parent, capture_output=True, text=True, timeout=60,
            check=False, env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr

    def start(self) -> None:
        """Start the server and wait until it answers."""
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off"
        self._run("pg_ctl", "-D", str(self.data), "-w", "-l", str(self.data / "log"), "-o", options, "start")

    def stop(self) -> None:
        """Stop it as a restart does: connections are cut."""
        self._run("pg_ctl", "-D", str(self.data), "-w", "-m", "immediate", "stop")

    def url(self, database: str) -> str:
        """Make a database and return its address."""
        import psycopg

        with psycopg.connect(f"postgresql://trainer@127.0.0.1:{self.port}/postgres", autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{database}"')
        return f"postgresql+psycopg://trainer@127.0.0.1:{self.port}/{database}"


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    folder = Path(tempfile.mkdtemp(prefix="atelier-pg-"))
    found = Server(folder)
    try:
        yield found
    finally:
        found.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _cohort(server: Server, known: Catalog, root: Path, name: str) -> Cohort:
    space = workspace.create(root / "course", name, "finance", labcheck.SECRET, server.url(name))
    labs = pipeline.labs_of(space, known, NO_MODEL)
    with engines.configured(EngineSettings()) as engine:
        pipeline.release(space, labs, engine.id)
        cohort = Cohort(space, labs, engine, root / "homes")
    for lab in labs:
        for learner, attempt in honest(lab).items():
            cohort.hand_in(learner, lab.id, attempt.answer)
    cohort.collect()
    return cohort


def test_a_cohort_goes_from_release_to_feedback(server: Server, known: Catalog, tmp_path: Path, full: Cohort) -> None:
    """Forms and code: the same grades as in a file, row by row; feedback reaches the learners, and one is erased."""
    cohort = _cohort(server, known, tmp_path / "postgres", "whole")
    assert not (cohort.space.root / "gradebook.db").exists()
    assert all(t.score.graded for t in cohort.grade())
    full.grade()
    assert nbg.grades(cohort.space.course) == nbg.grades(full.space.course)
    assert pipeline.feedback(cohort.space, cohort.labs) == 4 * len(NO_MODEL)
    released = ordinary.release(cohort.space, "light", ordinary.LIGHT)
    ordinary.hand_in(cohort.space, "light", "ada", released, ordinary.LIGHT_ANSWERS[0])
    [told] = pipeline.grade(cohort.space, ["light"], cohort.engine, by="trainer")
    rows = [r for r in nbg.grades(cohort.space.course) if r.assignment == "light"]
    assert sum(r.score or 0 for r in rows) == float(told.score.earned) == 7.5
    nbg.remove_student(cohort.space.course, "ben")  # erasing a person works on this gradebook too
    assert {r.student for r in nbg.grades(cohort.space.course)} == set(honest(cohort.labs[0])) - {"ben"}


def test_a_server_that_restarts_is_waited_for(server: Server, known: Catalog, tmp_path: Path) -> None:
    """Cut in the middle of a batch and back a moment later: the batch goes on, and nothing is half written."""
    cohort = _cohort(server, known, tmp_path, "restart")
    cut = threading.Thread(target=lambda: (server.stop(), time.sleep(1.5), server.start()))

    def progress(done: int, total: int, what: str) -> None:
        if done == 3 and not cut.ident:
            cut.start()
            time.sleep(0.5)

    told = cohort.grade(progress=progress)
    cut.join()
    assert all(t.score.graded for t in told)
    points = cohort.points()
    for lab in cohort.labs:
        for learner, attempt in honest(lab).items():
            assert points[learner, lab.id] == pytest.approx(attempt.earns, abs=5 if learner == "ada" else 0.05)


def test_a_server_that_stays_away_is_reported(
    server: Server, known: Catalog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the wait, in words; the same command afterwards ends where an undisturbed one ends."""
    cohort = _cohort(server, known, tmp_path, "away")
    monkeypatch.setattr(gradebook, "WAIT", 1.0)

    def progress(done: int, total: int, what: str) -> None:
        if done == 2:
            server.stop()

    with pytest.raises(GradebookError, match="cannot be used"):
        cohort.grade(progress=progress)
    server.start()
    assert all(t.score.graded for t in cohort.grade())
    assert len(cohort.points()) == 4 * len(NO_MODEL)
