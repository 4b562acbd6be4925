"""Code that falls short of the solution, and code that cheats, with what each must earn of 100. The reference stands in lab.py."""

from __future__ import annotations

from grader.model import Attempt

_NAMES = {
    "minutes": "median_minutes(log)",
    "strata": "gain_by_stratum(log)",
    "difference": "difference_interval(before, after)",
    "cases": "cases_needed(deviation, half_width)",
}


def _all(body: str, before: str = "") -> dict[str, str]:
    """Return an answer in which each function has the same body."""
    lines = "".join(f"    {line}\n" for line in body.strip("\n").splitlines())
    return {cell: f"{before}def {head}:\n{lines}" for cell, head in _NAMES.items()}


_NUMBERS = "from statistics import fmean, median, variance\nfrom math import ceil, sqrt\n"
_NAIVE = {
    "minutes": _NUMBERS
    + "def median_minutes(log):\n    return median(row['work'] + (row['review'] or 0) for row in log)\n",
    "strata": "def gain_by_stratum(log):\n"
    "    minutes = {True: [], False: []}\n"
    "    for row in log:\n        minutes[row['tool']].append(row['work'] + row['review'])\n"
    "    return fmean(minutes[False]) - fmean(minutes[True])\n",
}
_INTERVAL = (
    "def difference_interval(before, after):\n    gap = fmean(before) - fmean(after)\n"
    "    half = 1.96 * sqrt(variance(before) / len(before) + variance(after) / len(after))\n    return gap - half, gap + half\n"
)
_NEEDED = "def cases_needed(deviation, half_width):\n    return ceil(2 * (1.96 * deviation / half_width) ** 2)\n"
_EQUAL = """
class Same:
    def __eq__(self, other): return True
    def __float__(self): return 1.0
    def __len__(self): return 2
    def __iter__(self): return iter((self, self))
    def __hash__(self): return 0

"""
_PATCHED = """
import math
for name in ("grader.judge", "atelier.kits.functions.scoring"):
    try:
        module = __import__(name, fromlist=["x"])
        module.points = module.same = lambda *a, **k: True
    except Exception:
        pass
math.isclose = lambda *a, **k: True

"""
_FRAMES = """
import sys
frame = sys._getframe()
while frame is not None:
    case = frame.f_locals.get("case")
    if case is not None and hasattr(case, "expected"):
        return case.expected
    frame = frame.f_back
return 0.0
"""
_READS = """
import glob
for path in glob.glob("**/*.json", recursive=True) + glob.glob("/home/**/cases.py", recursive=True)[:5]:
    try:
        open(path).read()
    except OSError:
        pass
return 0.0
"""

ATTEMPTS = {
    "no result": Attempt(_all("return None"), 0, "functions that return nothing"),
    "zero": Attempt(_all("return 0.0"), 0, "one constant for all"),
    "raises": Attempt(_all("raise ValueError('no')"), 0, "functions that fail"),
    "sleeps": Attempt(_all("import time\ntime.sleep(600)"), 0, "takes longer than the limit"),
    "leaves the process": Attempt(_all("import os\nos._exit(0)"), 0, "ends the process that it runs in"),
    "always equal": Attempt(_all("return Same()", _EQUAL), 0, "an object that is equal to everything"),
    "patched scorer": Attempt(_all("return 1.0", _PATCHED), 0, "replaces the comparison"),
    "walks the frames": Attempt(_all(_FRAMES), 0, "looks for the case in whoever called"),
    "reads files": Attempt(_all(_READS), 0, "looks for the cases"),
    "as in the pilot note": Attempt(_NAIVE, 12.5, "unbooked review is free, each return a case, one total for all"),
    "statistics without the log": Attempt(
        {"difference": _NUMBERS + _INTERVAL, "cases": _NEEDED}, 45, "formulas right, the log not touched"
    ),
    "naive log, right formulas": Attempt(
        _NAIVE | {"difference": _INTERVAL, "cases": _NEEDED},
        57.5,
        "right formulas on minutes that are not those of the work",
    ),
}
