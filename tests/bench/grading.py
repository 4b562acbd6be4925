"""Grading, stock nbgrader against ours, on the same submissions in the same run. Prints ratios; machines are noisy.

    python tests/bench/grading.py [--submissions 8] [--json]

form_ratio      stock `nbgrader autograde` seconds / `atelier grade` seconds, each as one command from cold, on form labs
light_ratio     the same on light code notebooks
heavy_over_pure ours / (pure cell time / cores) on a pandas and scikit-learn notebook

Code labs are not executed by `atelier grade` yet, so the last two are null and say why; no figure is made up.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from atelier import answers, records
from grader import catalog, engines, labcheck, nbg, pipeline, workspace
from grader.model import EngineSettings, Lab
from grader.workspace import Workspace

LABS = ("send-or-hold", "invoice-checks", "ledger-sharing")
NOT_YET = "code labs are not executed by atelier grade yet"


def cohort(root: Path, submissions: int) -> tuple[Workspace, tuple[Lab, ...]]:
    """Make a cohort in `root` in which `submissions` learners have handed in each lab: by turns right and partial answers."""
    known = catalog.load(catalog.find_root())
    space = workspace.create(root, "bench", "finance", labcheck.SECRET)
    labs = pipeline.labs_of(space, known, LABS)
    with engines.configured(EngineSettings()) as engine:
        pipeline.release(space, labs, engine.id)
    for place in range(submissions):
        nbg.add_student(space.course, f"s{place:05d}", "", "")
    for lab in labs:
        reference, attempts = catalog.attempts(lab)
        honest = [reference, *(a.answer for a in attempts.values() if not a.ungraded and a.earns > 0)]
        for place in range(submissions):
            folder = space.step("submitted", f"s{place:05d}", lab.id)
            shutil.copytree(root / "release" / lab.id, folder)
            made = answers.Answers(lab.id, lab.file.kit, records.dump(honest[place % len(honest)]))
            answers.write(folder / answers.FILE, made)
    return space, labs


def timed(command: list[str], folder: Path) -> float:
    """Run a command to its end; returns seconds of wall time."""
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"}
    start = time.perf_counter()
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - start
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)} failed:\n{done.stderr[-2000:]}")
    return seconds


def measure(submissions: int, many: int) -> dict[str, Any]:
    """Grade the same cohort twice, from two copies, and a larger one with ours alone."""
    with TemporaryDirectory() as scratch:
        space, labs = cohort(Path(scratch) / "course", submissions)
        stock_root, ours_root = Path(scratch) / "stock", Path(scratch) / "ours"
        shutil.copytree(space.root, stock_root)
        shutil.copytree(space.root, ours_root)
        ours = timed([sys.executable, "-m", "grader.cli", "grade"], ours_root)
        stock = sum(timed([sys.executable, "-m", "nbgrader", "autograde", lab.id], stock_root) for lab in labs)
        same = nbg.grades(workspace.load(stock_root).course) == nbg.grades(workspace.load(ours_root).course)
        large, _ = cohort(Path(scratch) / "large", many)
        alone = timed([sys.executable, "-m", "grader.cli", "grade"], large.root)
    graded = submissions * len(labs)
    return {
        "light_ratio": None,
        "heavy_over_pure": None,
        "form_ratio": round(stock / ours, 1),
        "why_null": NOT_YET,
        "form_submissions": graded,
        "form_stock_seconds": round(stock, 2),
        "form_seconds": round(ours, 2),
        "form_same_points": same,
        "form_many": many * len(labs),
        "form_many_seconds": round(alone, 2),
        "form_ms_each": round((alone - ours) / ((many - submissions) * len(labs)) * 1000, 1),
        "form_ratio_many": round((stock / graded) / (alone / (many * len(labs))), 1),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--submissions", type=int, default=8, help="per lab, graded by both (default 8)")
    parser.add_argument("--many", type=int, default=100, help="per lab, graded by ours alone (default 100)")
    parser.add_argument("--json", action="store_true", help="end with one JSON line")
    chosen = parser.parse_args()
    found = measure(chosen.submissions, max(chosen.many, chosen.submissions + 1))
    if chosen.json:
        print(json.dumps(found))
        return
    for name, value in found.items():
        print(f"{name:<20} {value}")


if __name__ == "__main__":
    main()
