"""Logs of a workflow with what the four functions must say of them. The truth is computed here, from what was drawn."""

from __future__ import annotations

from math import ceil, sqrt
from random import Random
from statistics import fmean, median, variance
from typing import Any

from atelier.kits.functions.records import FunctionCase

Z = 1.96  # two-sided 95 % point of the normal distribution
NOVELTY_WEEKS, SMALLEST = 2, 5

_KINDS = {
    "median_minutes": (
        "",
        "review takes longer than the work",
        "rework: several rows of one case",
        "review was not booked",
    ),
    "gain_by_stratum": ("", "the total points the other way", "novelty weeks", "tiny strata"),
    "difference_interval": ("", "unequal spread", "groups of unequal size", "slower than before"),
    "cases_needed": ("", "very narrow", "just above a whole number", "wide"),
}
_STRATA = ("refund", "delivery", "warranty", "account")


def cases(rng: Random, n: int, *, public: bool = False) -> list[FunctionCase]:
    """Draw `n` calls, each function and kind equally often; learners practise on the first two kinds of each function."""
    pairs = [(name, kind) for name, kinds in _KINDS.items() for kind in (kinds[:2] if public else kinds)]
    draw = {
        "median_minutes": _median,
        "gain_by_stratum": _gain,
        "difference_interval": _interval,
        "cases_needed": _needed,
    }
    found = []
    for place in range(n):
        name, kind = pairs[place % len(pairs)]
        args, expected = draw[name](rng, kind)
        found.append(FunctionCase(f"{place:03d}", name, args, expected, kind))
    return found


def _row(number: int, work: float, review: float | None, **more: Any) -> dict[str, Any]:
    return {
        "case": f"C{number:04d}",
        "work": round(work, 1),
        "review": None if review is None else round(review, 1),
        **more,
    }


def _median(rng: Random, kind: str) -> tuple[tuple[Any, ...], float]:
    rows: list[dict[str, Any]] = []
    for number in rng.sample(range(1, 9999), rng.randrange(9, 16)):
        times = rng.randrange(2, 4) if kind.startswith("rework") and rng.random() < 0.5 else 1
        for _ in range(times):
            work = rng.uniform(4, 30)
            review = rng.uniform(20, 40) if kind.startswith("review takes") else rng.uniform(2, 12)
            booked = not (kind == "review was not booked" and rng.random() < 0.4)
            rows.append(_row(number, work, review if booked else None))
    rng.shuffle(rows)
    whole: dict[str, float] = {}
    unbooked = {row["case"] for row in rows if row["review"] is None}
    for row in rows:
        if row["case"] not in unbooked:
            whole[row["case"]] = whole.get(row["case"], 0) + row["work"] + row["review"]
    return (rows,), (round(median(whole.values()), 6) if whole else 0.0)


def _gain(rng: Random, kind: str) -> tuple[tuple[Any, ...], float]:
    strata = rng.sample(_STRATA, 3)
    rows: list[dict[str, Any]] = []
    number = 0

    def add(stratum: str, tool: bool, count: int, level: float, weeks: tuple[int, int] = (3, 9)) -> None:
        nonlocal number
        for _ in range(count):
            number += 1
            work, review = rng.gauss(level, 1.5), rng.uniform(2, 6)
            rows.append(_row(number, max(1.0, work), review, stratum=stratum, tool=tool, week=rng.randrange(*weeks)))

    for place, stratum in enumerate(strata):
        level, saved = 10 + 14 * place, rng.uniform(-3, 5)
        # The tool got the easy cases, so the total flatters it; in each stratum it may well be slower.
        with_tool = (16, 9, 6)[place] if kind.startswith("the total") else rng.randrange(8, 12)
        without = (6, 9, 16)[place] if kind.startswith("the total") else rng.randrange(8, 12)
        saved = -abs(saved) - 1 if kind.startswith("the total") else saved
        add(stratum, True, with_tool, level - saved)
        add(stratum, False, without, level)
        if kind == "novelty weeks":
            add(stratum, True, rng.randrange(4, 8), level * 1.6, (1, 3))
    if kind == "tiny strata":
        add("by phone", True, rng.randrange(1, 5), 5)
        add("by phone", False, rng.randrange(6, 9), 60)
    rng.shuffle(rows)
    groups: dict[str, dict[bool, list[float]]] = {}
    for row in rows:
        if row["week"] > NOVELTY_WEEKS:
            both = groups.setdefault(row["stratum"], {True: [], False: []})
            both[row["tool"]].append(row["work"] + row["review"])
    kept = [both for both in groups.values() if min(map(len, both.values())) >= SMALLEST]
    size = sum(len(both[True]) + len(both[False]) for both in kept)
    gain = sum((fmean(b[False]) - fmean(b[True])) * (len(b[True]) + len(b[False])) for b in kept) / size
    return (rows,), round(gain, 6)


def _interval(rng: Random, kind: str) -> tuple[tuple[Any, ...], list[float]]:
    many, few = (30, 8) if kind.startswith("groups") else (14, 14)
    after_level = 30 if kind.startswith("slower") else 20
    before = [round(rng.gauss(26, 9 if kind.startswith("unequal") else 5), 1) for _ in range(many)]
    after = [round(rng.gauss(after_level, 2 if kind.startswith("unequal") else 5), 1) for _ in range(few)]
    spread = Z * sqrt(variance(before) / len(before) + variance(after) / len(after))
    gap = fmean(before) - fmean(after)
    return (before, after), [round(gap - spread, 6), round(gap + spread, 6)]


def _needed(rng: Random, kind: str) -> tuple[tuple[Any, ...], int]:
    deviation = round(rng.uniform(4, 18), 1)
    half = round(deviation * {"very narrow": 0.05, "wide": 0.9}.get(kind, rng.uniform(0.15, 0.5)), 2)
    if kind.startswith("just above"):
        # A whole number of cases, and a width that is a hair smaller: rounding down falls short.
        half = round(deviation * Z * sqrt(2 / rng.randrange(12, 90)), 4) * 0.9995
    return (deviation, half), ceil(2 * (Z * deviation / half) ** 2)
