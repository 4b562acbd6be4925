"""Grading, stock nbgrader against ours, on the same submissions in the same run. Prints ratios.

Machines are noisy, and slower for minutes at a time: what is compared is measured before and after its peer, and the mean counts.

    python tests/bench/grading.py [--light 100] [--heavy 16] [--forms 2000] [--cluster] [--json]

light_ratio      stock `nbgrader autograde` seconds / `atelier grade` seconds on light code notebooks, each as one command from cold
heavy_over_pure  ours / (pure cell time / cores) on a pandas and scikit-learn notebook; pure: the same cells in one warm process
heavy_over_busy  ours / pure cell time with one such process on each core at once: cores that work together are slower each
form_ratio       seconds per form submission, stock on a sample / ours on the whole cohort, start-up included in both
same_points      whether both gradebooks hold the same grades
form_peak_mb     largest memory of the grading process with the whole cohort, and form_peak_tenth_mb with a tenth of it
dask_ratio       ours on a Dask cluster of one worker / of two (only with --cluster)
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
from tempfile import TemporaryDirectory, TemporaryFile
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import ordinary

from atelier import answers, records
from grader import catalog, engines, isolation, labcheck, nbg, pipeline, scheduler, workspace
from grader.model import EngineSettings
from grader.workspace import Workspace

FORMS = ("send-or-hold", "invoice-checks", "ledger-sharing")
SAMPLE = 8  # form submissions per lab that stock grades too


def learner(place: int) -> str:
    """Return a learner's id."""
    return f"s{place:05d}"


def code(root: Path, name: str, cells: Any, answered: Any, submissions: int) -> Workspace:
    """Make a cohort in `root` whose learners handed in an ordinary notebook, by turns as `answered` says."""
    space = workspace.create(root, "bench", "finance")
    released = ordinary.release(space, name, cells)
    for place in range(submissions):
        ordinary.hand_in(space, name, learner(place), released, answered[place % len(answered)])
    return space


def forms(root: Path, submissions: int) -> Workspace:
    """Make a cohort in `root` that handed in three form labs, `submissions` in all: by turns right and partial answers."""
    known = catalog.load(catalog.find_root())
    space = workspace.create(root, "bench", "finance", labcheck.SECRET)
    labs = pipeline.labs_of(space, known, FORMS)
    with engines.configured(EngineSettings()) as engine:
        pipeline.release(space, labs, engine.id)
    for place in range(submissions):
        lab = labs[place % len(labs)]
        reference, attempts = catalog.attempts(lab)
        honest = [reference, *(a.answer for a in attempts.values() if not a.ungraded and a.earns > 0)]
        folder = space.step("submitted", learner(place // len(labs)), lab.id)
        shutil.copytree(root / "release" / lab.id, folder)
        made = answers.Answers(lab.id, lab.file.kit, records.dump(honest[place // len(labs) % len(honest)]))
        answers.write(folder / answers.FILE, made)
    return space


def measured(*command: str, at: Path) -> tuple[float, int]:
    """Run a program of this environment to its end; returns seconds of wall time, and MB of the largest process in it."""
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"}
    with TemporaryFile() as said:
        start = time.perf_counter()
        running = subprocess.Popen([sys.executable, "-m", *command], cwd=at, env=environment, stdout=said, stderr=said)
        _pid, status, used = os.wait4(running.pid, 0)
        seconds = time.perf_counter() - start
        running.returncode = os.waitstatus_to_exitcode(status)
        if running.returncode != 0:
            said.seek(0)
            sys.exit(f"{' '.join(command)} failed:\n{said.read()[-3000:].decode(errors='replace')}")
    return seconds, round(used.ru_maxrss / 1024)


def timed(*command: str, at: Path) -> float:
    """Run a program of this environment to its end; returns seconds of wall time."""
    return measured(*command, at=at)[0]


def copied(space: Workspace, target: Path) -> Workspace:
    """Return the same cohort in another folder."""
    shutil.copytree(space.root, target)
    return workspace.load(target)


def light(scratch: Path, submissions: int) -> dict[str, Any]:
    """Grade light notebooks with both."""
    ours = code(scratch / "light", "light", ordinary.LIGHT, ordinary.LIGHT_ANSWERS, submissions)
    again, stock = copied(ours, scratch / "light-again"), copied(ours, scratch / "light-stock")
    before = timed("grader.cli", "grade", at=ours.root)
    stock_seconds = timed("nbgrader", "autograde", "light", at=stock.root)
    our_seconds = (before + timed("grader.cli", "grade", at=again.root)) / 2
    return {
        "light_ratio": round(stock_seconds / our_seconds, 1),
        "light_submissions": submissions,
        "light_stock_seconds": round(stock_seconds, 2),
        "light_seconds": round(our_seconds, 2),
        "light_same_points": nbg.grades(ours.course) == nbg.grades(stock.course),
    }


PURE = """
import json, sys, time
import numpy, pandas, sklearn.ensemble, sklearn.model_selection
total = 0.0
for path in sys.argv[1:]:
    names = {"__name__": "__main__"}
    for cell in json.load(open(path))["cells"]:
        if cell["cell_type"] == "code":
            code = compile("".join(cell["source"]), "cell", "exec")
            start = time.perf_counter()
            exec(code, names)
            total += time.perf_counter() - start
print(total)
"""


def heavy(scratch: Path, submissions: int) -> dict[str, Any]:
    """Grade a pandas and scikit-learn notebook, against its cells alone."""
    ours = code(scratch / "heavy", "heavy", ordinary.HEAVY, ordinary.HEAVY_ANSWERS, submissions)
    paths = sorted(map(str, (ours.root / "submitted").glob("*/heavy/heavy.ipynb")))
    single = {**os.environ, **dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")}
    cores = scheduler.cores()

    def peers() -> tuple[float, float]:
        (pure,) = cell_seconds([paths], single)
        return pure, max(cell_seconds([paths[core::cores] for core in range(cores)], single))

    before = peers()
    seconds = timed("grader.cli", "grade", at=ours.root)
    pure, busy = ((first + then) / 2 for first, then in zip(before, peers(), strict=True))
    return {
        "heavy_over_pure": round(seconds / (pure / cores), 2),
        "heavy_over_busy": round(seconds / busy, 2),
        "heavy_submissions": submissions,
        "heavy_seconds": round(seconds, 2),
        "heavy_pure_seconds": round(pure, 2),
        "heavy_busy_seconds": round(busy, 2),
    }


def cell_seconds(shares: list[list[str]], environment: dict[str, str]) -> list[float]:
    """Run the cells of each of `shares`, paths of notebooks, in a warm process of its own, all at once; returns seconds of each."""
    running = [
        subprocess.Popen([sys.executable, "-c", PURE, *paths], env=environment, stdout=subprocess.PIPE, text=True)
        for paths in shares
    ]
    told = [process.communicate()[0] for process in running]
    if any(process.returncode for process in running):
        sys.exit("the cells fail by themselves")
    return [float(text) for text in told]


def many_forms(scratch: Path, submissions: int) -> dict[str, Any]:
    """Grade many forms with ours, and a sample of them with stock."""
    sample = forms(scratch / "sample", SAMPLE * len(FORMS))
    ours, again = copied(sample, scratch / "sample-ours"), copied(sample, scratch / "sample-again")
    whole = forms(scratch / "forms", submissions)
    before = sum(timed("nbgrader", "autograde", lab, at=sample.root) for lab in FORMS)
    seconds, peak = measured("grader.cli", "grade", at=whole.root)
    _, peak_tenth = measured("grader.cli", "grade", at=forms(scratch / "tenth", submissions // 10).root)
    stock_seconds = (before + sum(timed("nbgrader", "autograde", lab, at=again.root) for lab in FORMS)) / 2
    timed("grader.cli", "grade", at=ours.root)
    same = nbg.grades(sample.course) == nbg.grades(ours.course)
    return {
        "form_ratio": round((stock_seconds / (SAMPLE * len(FORMS))) / (seconds / submissions), 1),
        "form_submissions": submissions,
        "form_seconds": round(seconds, 2),
        "form_ms_each": round(seconds / submissions * 1000, 2),
        "form_stock_submissions": SAMPLE * len(FORMS),
        "form_stock_seconds": round(stock_seconds, 2),
        "form_same_points": same,
        "form_peak_mb": peak,
        "form_peak_tenth_mb": peak_tenth,
    }


def on_dask(scratch: Path, submissions: int) -> dict[str, Any]:
    """Grade heavy notebooks on a cluster of one worker, then of two."""
    from distributed import LocalCluster

    seconds = []
    for workers in (1, 2):
        space = code(scratch / f"dask-{workers}", "heavy", ordinary.HEAVY, ordinary.HEAVY_ANSWERS, submissions)
        with LocalCluster(
            n_workers=workers, threads_per_worker=1, processes=True, host="127.0.0.1", dashboard_address=None
        ) as cluster:
            address = cluster.scheduler_address
            warm = copied(space, scratch / f"dask-{workers}-warm")
            timed("grader.cli", "grade", "--scheduler", address, "--student", learner(0), at=warm.root)
            seconds.append(timed("grader.cli", "grade", "--scheduler", address, at=space.root))
    return {"dask_ratio": round(seconds[0] / seconds[1], 2), "dask_seconds": [round(s, 2) for s in seconds]}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--light", type=int, default=100, metavar="N", help="light notebooks, graded by both (default 100)"
    )
    parser.add_argument("--heavy", type=int, default=16, metavar="N", help="heavy notebooks (default 16)")
    parser.add_argument(
        "--forms", type=int, default=2000, metavar="N", help="form submissions, graded by ours (default 2000)"
    )
    parser.add_argument("--cluster", action="store_true", help="measure a Dask cluster of one and two workers as well")
    parser.add_argument("--json", action="store_true", help="end with one JSON line")
    chosen = parser.parse_args()
    isolation.best()  # proved once per start of the machine: not part of any figure
    found: dict[str, Any] = {}
    with TemporaryDirectory() as name:
        scratch = Path(name)
        for what, count in ((light, chosen.light), (heavy, chosen.heavy), (many_forms, chosen.forms)):
            if count:
                print(f"{what.__name__}: {count} submissions ...", file=sys.stderr)
                found |= what(scratch, count)
        if chosen.cluster:
            found |= on_dask(scratch, chosen.heavy)
    found["cores"] = scheduler.cores()
    if chosen.json:
        print(json.dumps(found))
        return
    for key, value in found.items():
        print(f"{key:<24} {value}")


if __name__ == "__main__":
    main()
