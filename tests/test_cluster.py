"""Grading on a Dask cluster: the same command, the same gradebook."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import dask
import ordinary
import pytest
from conftest import Cohort
from distributed import LocalCluster, Security

from grader import engines, nbg, pipeline, workspace
from grader.cluster import ClusterError
from grader.model import EngineSettings
from grader.workspace import Workspace


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Yield the address of a cluster of two workers that takes encrypted connections only, set up by Dask's own configuration."""
    made, folder = Security.temporary(), tmp_path_factory.mktemp("certificates")
    files = {"ca-file": made.tls_ca_file}
    for role in ("scheduler", "worker", "client"):
        files |= {f"{role}.cert": getattr(made, f"tls_{role}_cert"), f"{role}.key": getattr(made, f"tls_{role}_key")}
    settings: dict[str, object] = {"distributed.comm.require-encryption": True}
    for name, text in files.items():
        (folder / name).write_text(text)
        settings[f"distributed.comm.tls.{name}"] = str(folder / name)
    with (
        dask.config.set(settings),
        LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, host="tls://127.0.0.1", security=Security(),
            dashboard_address=None,
        ) as cluster,
    ):  # fmt: skip
        assert cluster.scheduler_address.startswith("tls://")
        yield cluster.scheduler_address


def _code(root: Path) -> Workspace:
    space = workspace.create(root, "autumn", "finance")
    released = ordinary.release(space, "light", ordinary.LIGHT)
    for place in range(8):
        ordinary.hand_in(
            space, "light", f"s{place}", released, ordinary.LIGHT_ANSWERS[place % len(ordinary.LIGHT_ANSWERS)]
        )
    return space


def test_code_is_graded_as_on_one_machine(address: str, tmp_path: Path) -> None:
    """Row by row the same; a learner who ends the process costs nobody else anything."""
    here = _code(tmp_path / "here")
    hostile = "import os\nos._exit(1)\ndef square(x): return x * x"
    ordinary.hand_in(here, "light", "mallory", _released(here), {"square": hostile})
    shutil.copytree(here.root, tmp_path / "there")
    there = workspace.load(tmp_path / "there")
    with engines.configured(EngineSettings()) as engine:
        pipeline.grade(here, ["light"], engine, by="trainer", means=pipeline.Means(jobs=2))
        told = pipeline.grade(there, ["light"], engine, by="trainer", means=pipeline.Means(cluster=address))
    assert all(t.score.graded for t in told)
    assert nbg.grades(there.course) == nbg.grades(here.course)


def _released(space: Workspace) -> object:
    import nbformat

    return nbformat.read(space.root / "release/light/light.ipynb", 4)


def test_forms_are_graded_as_on_one_machine(address: str, full: Cohort, tmp_path: Path) -> None:
    """A form lab's submissions cross to the workers as paths, and come back as scores."""
    there = full.copy(tmp_path / "there")
    full.grade()
    told = there.grade(means=pipeline.Means(cluster=address))
    assert all(t.score.graded for t in told)
    assert there.points() == full.points()


def test_an_address_where_nobody_answers_is_said(full: Cohort) -> None:
    """Nothing is graded, and nothing lost."""
    with pytest.raises(ClusterError, match="No Dask scheduler answers"):
        full.grade(means=pipeline.Means(cluster="tls://127.0.0.1:9"))
    assert full.points() == {}
