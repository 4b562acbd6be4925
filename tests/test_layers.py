"""The layers hold because a contract says so, and the contract would notice."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

from grader import catalog

ROOT = catalog.find_root()
LINT = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]


def test_every_module_stands_in_a_layer() -> None:
    """The contract is exhaustive, so a new module cannot slip in without a place."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    layers = next(contract for contract in contracts if contract["id"] == "layers")
    assert layers["exhaustive"] is True
    named = {name.strip() for line in layers["layers"] for name in line.split("|")}
    there = {
        path.stem for path in (ROOT / "grader").iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()
    }
    assert named == there - {"__init__"}


def test_an_import_upward_is_found(tmp_path: Path) -> None:
    """A scorer that reaches for the command line breaks the build."""
    ignored = shutil.ignore_patterns("__pycache__", "labs")
    shutil.copytree(ROOT / "grader", tmp_path / "grader", ignore=ignored)
    shutil.copytree(ROOT / "exercises", tmp_path / "exercises", ignore=ignored)
    shutil.copyfile(ROOT / "pyproject.toml", tmp_path / "pyproject.toml")
    with (tmp_path / "grader/scoring.py").open("a") as file:
        file.write("\nfrom grader import pipeline\n")
    environment = {**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{tmp_path / 'exercises'}"}
    done = subprocess.run(LINT, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 1
    assert "grader.scoring -> grader.pipeline" in done.stdout
