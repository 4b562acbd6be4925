"""Grade a thousand submissions, hostile and honest mixed, in one batch, and print what it costs and what it leaves.

    python tests/bench/soak.py [--submissions 1000] [--seed 7]

Ends with one JSON line. Exit code 1 if an honest submission lost a point, a hostile one gained one, or anything was left behind.
"""

from __future__ import annotations

import argparse
import ctypes
import json
import os
import random
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import hostile
from test_attacks import ATTACKS, PR_SET_CHILD_SUBREAPER, ended, hand_in, load

from grader import isolation
from grader.isolation import processes
from grader.workspace import Workspace

HONEST_SHARE = 0.6


def mixed(root: Path, submissions: int, seed: int) -> tuple[Workspace, dict[str, str]]:
    """Make a cohort; returns it, and by learner the name of the attack, or "" for honest work."""
    rng = random.Random(seed)
    space = hostile.create(root)
    hostile.hand_in(space, "aaa-honest", hostile.SOLUTIONS)
    who = {"aaa-honest": ""}
    for place in range(1, submissions):
        learner = f"s{place:05d}"
        who[learner] = "" if rng.random() < HONEST_SHARE else rng.choice(ATTACKS)
        if who[learner]:
            hand_in(space, who[learner], 9, learner)
        else:
            hostile.hand_in(space, learner, hostile.SOLUTIONS)
    return space, who


def used() -> dict[str, Any]:
    """Return what this process, its workers and the temporary folder hold now."""
    workers = [pid for pid in processes.tree(os.getpid()) if not ended(pid)]
    ours = [pid for pid in workers if b"grader.execution" in _command(pid)]
    return {
        "processes": len(workers),
        "descriptors": _descriptors(os.getpid()),
        "worker_descriptors": sum(_descriptors(pid) for pid in ours),
        "memory_mb": round(processes.resident(os.getpid())),
        "workers_mb": round(sum(processes.resident(pid) for pid in ours)),
        "temporary_files": sum(1 for _ in Path(tempfile.gettempdir()).rglob("*")),
    }


def _command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def _descriptors(pid: int) -> int:
    try:
        return sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir())
    except OSError:
        return 0


def soak(folder: Path, submissions: int, seed: int) -> dict[str, Any]:
    """Grade, and return figures before, early on, late and after, with what went wrong."""
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)
    isolation.best()
    space, who = mixed(folder / "course", submissions, seed)
    seen: dict[str, dict[str, Any]] = {}

    def progress(done: int, total: int, _what: str) -> None:
        if done == total // 10 or done == total * 9 // 10:
            seen["early" if done == total // 10 else "late"] = used()

    temporary = folder / "temporary"
    temporary.mkdir(mode=0o755)
    os.environ["TMPDIR"] = tempfile.tempdir = str(temporary)
    seen["before"] = used()
    begun = time.monotonic()
    told = hostile.grade(space, progress=progress)
    seconds = time.monotonic() - begun
    seen["after"] = used()
    wrong = []
    for learner, attack in who.items():
        due = getattr(load(attack), "EARNS", {}) if attack else hostile.POINTS
        if hostile.earned(told[learner]) != due:
            wrong.append(f"{learner} {attack}: {told[learner].score.reason or hostile.earned(told[learner])}")
    kept = ("processes", "descriptors", "temporary_files")
    left = {name: seen["after"][name] - seen["before"][name] for name in kept}
    return {
        "submissions": len(told),
        "honest": sum(not attack for attack in who.values()),
        "seconds": round(seconds, 1),
        **seen,
        "left": left,
        "wrong": wrong,
    }


def main() -> None:
    """Soak and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--submissions", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=7)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        found = soak(Path(folder), chosen.submissions, chosen.seed)
        tempfile.tempdir = None
    print(json.dumps(found))
    sys.exit(bool(found["wrong"]) or any(count > 0 for count in found["left"].values()))


if __name__ == "__main__":
    main()
