"""How long the organisation's site takes: a catalogue of 500 generated labs, and a cohort of a thousand people.

python tests/bench/site.py [--json] [--labs 500] [--people 1000]

Prints wall and CPU seconds, children included, of:

    cohort_site   the real catalogue's site with the aggregate of a cohort of --people on the longest track: scores read
                  from a workspace's files, progress, aggregate, MkDocs
    cohort_report the trainer's report of the same cohort
    large_site    a catalogue of --labs generated labs (copies of real ones, ten roles) from an empty checkout
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from random import Random

from atelier import records
from grader import catalog, telling, workspace
from grader.catalog import Catalog
from grader.model import CheckResult, Lab, Score, Status

ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def timed(figures: dict[str, float], name: str) -> Iterator[None]:
    """Note wall and CPU seconds of a block, its children's CPU included."""
    wall, cpu = time.perf_counter(), _cpu()
    yield
    figures[f"{name}_wall"] = round(time.perf_counter() - wall, 2)
    figures[f"{name}_cpu"] = round(_cpu() - cpu, 2)


def _cpu() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(u.ru_utime + u.ru_stime for u in used)


def score(lab: Lab, rng: Random) -> Score:
    """Return a made-up score of a lab."""
    results = []
    for check in lab.file.checks:
        share = rng.betavariate(4, 2)
        earned = Decimal(str(round(share * check.points, 2)))
        survived = ("digit swap", "net as gross") if share < 0.5 else ()
        results.append(
            CheckResult(check.id, Status.PARTIAL, earned, check.points, "Says.", survived, 120, (share * 0.9, share))
        )
    return Score(lab.id, lab.version, f"{rng.getrandbits(64):016x}", "engine", tuple(results))


def cohort(known: Catalog, folder: Path, people: int) -> workspace.Workspace:
    """Make a workspace in which so many people have a score for every lab of the first role's track."""
    role = max(known.roles, key=lambda role: len(role.labs)).id
    space = workspace.create(folder, "bench", role)
    rng = Random(1)
    for lab in known.track(role):
        target = space.runs / "scores" / lab.id
        target.mkdir(parents=True)
        for person in range(people):
            text = json.dumps(records.dump(score(lab, rng)), default=str)
            (target / f"learner-{person:04}.json").write_text(text, encoding="utf-8")
    return space


def checkout(folder: Path, labs: int) -> Path:
    """Make a checkout with so many generated labs, copies of the real ones under new ids, in ten roles."""
    real = sorted(p for p in (ROOT / catalog.LABS).iterdir() if (p / "lab.toml").is_file())
    ids = []
    for number in range(labs):
        source = real[number % len(real)]
        ids.append(f"{source.name}-{number:03}")
        shutil.copytree(
            source, folder / catalog.LABS / ids[-1], ignore=shutil.ignore_patterns("__pycache__", "replies")
        )
        toml = folder / catalog.LABS / ids[-1] / "lab.toml"
        lines = toml.read_text(encoding="utf-8").splitlines()
        toml.write_text("\n".join(line for line in lines if not line.startswith("requires")) + "\n", encoding="utf-8")
    shutil.copytree(ROOT / catalog.COURSES, folder / catalog.COURSES, ignore=shutil.ignore_patterns("roles"))
    template = (
        (ROOT / catalog.COURSES / "roles" / "finance.toml").read_text(encoding="utf-8").partition("[[modules]]")[0]
    )
    (folder / catalog.COURSES / "roles").mkdir()
    for role in range(10):
        chosen = ids[role::10]
        modules = "\n".join(
            f'[[modules]]\ntitle = "Module {i}"\nwhy = "Because."\nlabs = {json.dumps(chosen[i : i + 5])}'
            for i in range(0, len(chosen), 5)
        )
        (folder / catalog.COURSES / "roles" / f"role-{role}.toml").write_text(template + modules, encoding="utf-8")
    for name in ("skills.toml", "adoption.toml"):
        path = folder / catalog.COURSES / name
        text = path.read_text(encoding="utf-8")
        for index, lab in enumerate(real):
            text = text.replace(f'"{lab.name}"', f'"{lab.name}-{index:03}"')
        path.write_text(text, encoding="utf-8")
    shutil.copytree(ROOT / "site", folder / "site", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copyfile(ROOT / "mkdocs.yml", folder / "mkdocs.yml")
    return folder


def main() -> None:
    """Run all and print the figures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--json", action="store_true", help="only the JSON line")
    parser.add_argument("--labs", type=int, default=500)
    parser.add_argument("--people", type=int, default=1000)
    chosen = parser.parse_args()
    figures: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        known = catalog.load(ROOT)
        space = cohort(known, folder / "course", chosen.people)
        with timed(figures, "cohort_site"):
            telling.build_site(known, space)
        with timed(figures, "cohort_report"):
            telling.report(space, known, folder / "report.html")
        made = checkout(folder / "checkout", chosen.labs)
        with timed(figures, "large_site"):
            command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet"]
            environment = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'exercises'}"}
            subprocess.run(command, cwd=made, env=environment, check=True)
        pages = sum(1 for _ in (made / "build" / "site").rglob("*.html"))
    figures |= {"labs": chosen.labs, "people": chosen.people, "large_site_pages": pages, "cores": os.cpu_count() or 0}
    if not chosen.json:
        for key, value in figures.items():
            print(f"{key:<22} {value:g}")
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
