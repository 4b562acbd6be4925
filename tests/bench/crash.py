"""Kill the grader (SIGKILL) at random moments, start it again, and compare with an undisturbed run.

    python tests/bench/crash.py [--times 100] [--seed 7]

What must be the same: gradebook, scores, autograded notebooks, and the evidence apart from its times and lines told twice.
What must not be there afterwards: a process of the killed grader.
"""

from __future__ import annotations

import argparse
import ctypes
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import hostile

from grader import isolation, nbg, workspace
from grader.isolation import processes
from grader.workspace import Workspace

PR_SET_CHILD_SUBREAPER = 36
LEARNERS = 6
PROGRAM = """
import sys
from pathlib import Path
sys.path[:0] = sys.argv[2:3]
import hostile
from grader import workspace
hostile.grade(workspace.load(Path(sys.argv[1])), isolation=sys.argv[3])
"""


def cohort(root: Path) -> Workspace:
    """Make a cohort of right, partial, crashing and unreadable submissions that was not graded yet."""
    space = hostile.create(root)
    for place in range(LEARNERS):
        answers = dict(list(hostile.SOLUTIONS.items())[place % 4 :])
        if place % 3 == 2:
            answers["refuse"] = "import os\ndef refuse(x):\n    os._exit(1)"
        hostile.hand_in(space, f"learner-{place}", answers)
    folder = hostile.hand_in(space, "broken", {})
    (folder / f"{hostile.NAME}.ipynb").write_bytes(b"[")
    return space


def state(space: Workspace) -> dict[str, Any]:
    """Return everything that grading leaves, apart from times."""
    root = space.root
    scores = {p.name: p.read_text(encoding="utf-8") for p in sorted((root / "runs" / "scores").rglob("*.json"))}
    made = {str(p.relative_to(root)): p.read_bytes() for p in sorted((root / "autograded").rglob("*")) if p.is_file()}
    lines = [
        json.loads(line) for line in (root / "evidence.jsonl").read_text(encoding="utf-8").splitlines() if whole(line)
    ]
    evidence = {json.dumps({k: v for k, v in line.items() if k != "at"}, sort_keys=True) for line in lines}
    return {"gradebook": nbg.grades(space.course), "scores": scores, "autograded": made, "evidence": evidence}


def whole(line: str) -> bool:
    """Return whether a line of the evidence was written to its end."""
    try:
        json.loads(line)
    except ValueError:
        return False
    return True


def start(space: Workspace, level: str) -> subprocess.Popen[bytes]:
    """Start the grader on a cohort."""
    tests = str(Path(__file__).resolve().parents[1])
    command = [sys.executable, "-c", PROGRAM, str(space.root), tests, level]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def finish(space: Workspace, level: str) -> float:
    """Grade to the end; returns the seconds that it took."""
    begun = time.monotonic()
    grader = start(space, level)
    _, errors = grader.communicate(timeout=300)
    if grader.returncode != 0:
        raise RuntimeError(errors.decode(errors="replace")[-3000:])
    return time.monotonic() - begun


def running(before: set[int], patience: float = 3.0) -> list[str]:
    """Return the processes that came after `before` and are still at work after `patience` seconds: pid and command line."""
    until = time.monotonic() + patience
    while True:
        left = [pid for pid in set(processes.tree(os.getpid())) - before if not over(pid)]
        if not left or time.monotonic() > until:
            return [f"{pid} {command(pid)}" for pid in left]
        time.sleep(0.05)


def command(pid: int) -> str:
    """Return the command line of a process, or that it is gone."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
    except OSError:
        return "(gone)"


def over(pid: int) -> bool:
    """Return whether a process ended, be it that nobody has asked how."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def kill(space: Workspace, level: str, rng: random.Random, seconds: float) -> bool:
    """Start the grader and kill it: while it starts, or about when a score is stored. Returns whether it was still at work."""
    grader = start(space, level)
    scores = space.root / "runs" / "scores"
    stored = rng.randrange(LEARNERS + 1)
    while stored and grader.poll() is None and len(list(scores.rglob("*.json"))) < stored:
        time.sleep(0.001)
    time.sleep(rng.uniform(0, 0.08) if stored else rng.uniform(0.1, 0.7) * seconds)
    at_work = grader.poll() is None
    grader.send_signal(signal.SIGKILL)
    grader.communicate()
    return at_work


def crash(folder: Path, times: int, seed: int) -> dict[str, Any]:
    """Kill `times` runs at moments drawn from `seed`; returns what was found. AssertionError if anything differs."""
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)  # what a killed grader leaves comes to this process
    level = str(isolation.best().value)
    fresh = cohort(folder / "fresh").root
    calm = workspace.load(shutil.copytree(fresh, folder / "calm"))
    seconds = finish(calm, level)
    wanted = state(calm)
    rng = random.Random(seed)
    kills = 0
    for turn in range(times):
        space = workspace.load(shutil.copytree(fresh, folder / f"turn-{turn}"))
        before = set(processes.tree(os.getpid()))
        for _ in range(rng.choice((1, 1, 2))):
            kills += kill(space, level, rng, seconds)
        left = running(before)
        assert not left, f"turn {turn}: processes left running: {left}"
        finish(space, level)
        found = state(space)
        for name, value in wanted.items():
            assert found[name] == value, f"turn {turn}: {name} differs"
        shutil.rmtree(space.root)
    return {"turns": times, "kills": kills, "seconds_undisturbed": round(seconds, 2)}


def main() -> None:
    """Crash and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=100)
    parser.add_argument("--seed", type=int, default=7)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps(crash(Path(folder), chosen.times, chosen.seed)))


if __name__ == "__main__":
    main()
