"""The qualification gate: may this model score this lab?

Three reference prompts must score bad < medium < good on at least 60 cases, good at least 0.25 above bad, the lower
end of a paired-bootstrap 95 % interval of that difference above 0.10, and the same replies in two runs. Otherwise the
points that need the model are not evaluated.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from statistics import fmean
from typing import Any, Literal

from atelier import records
from atelier.files import write_text
from grader.errors import CatalogError, Problem

CASES, GAP, LOWER = 60, 0.25, 0.10
_RESAMPLES = 2000
SPECS = ("bad", "medium", "good")


@dataclass(frozen=True, slots=True)
class Gate:
    """The gate of one lab on one engine. Accuracies are shares of fields right, 0 to 1, by reference prompt."""

    model: str
    sha256: str
    setting: str
    parameters: dict[str, Any]
    cases: int
    accuracy: dict[str, float]
    interval: tuple[float, float]
    identical: bool
    qualified: bool
    measured: str


@dataclass(frozen=True, slots=True)
class GateFile:
    """`gate.json` of a lab: gates by engine id."""

    format: Literal[1]
    lab: str
    engines: dict[str, Gate]


def bootstrap(good: Sequence[float], bad: Sequence[float]) -> tuple[float, float]:
    """Return the 95 % percentile interval of mean(good) − mean(bad), resampling cases in pairs.

    Efron and Tibshirani (1993), chapter 13; 2,000 resamples from a fixed seed.
    """
    pairs = [g - b for g, b in zip(good, bad, strict=True)]
    rng = Random(20261124)
    means = sorted(fmean(rng.choices(pairs, k=len(pairs))) for _ in range(_RESAMPLES))
    return means[int(0.025 * _RESAMPLES)], means[int(0.975 * _RESAMPLES) - 1]


def judge(per_case: Mapping[str, Sequence[float]], *, identical: bool, about: Mapping[str, Any], measured: str) -> Gate:
    """Return the gate over per-case accuracies of the prompts "bad", "medium" and "good" on the same cases."""
    accuracy = {name: round(fmean(per_case[name]), 4) for name in SPECS}
    low, high = bootstrap(per_case["good"], per_case["bad"])
    cases = len(per_case["good"])
    qualified = (
        cases >= CASES
        and accuracy["bad"] < accuracy["medium"] < accuracy["good"]
        and accuracy["good"] - accuracy["bad"] >= GAP
        and low > LOWER
        and identical
    )
    return Gate(
        model=str(about["model"]),
        sha256=str(about["sha256"]),
        setting=str(about["setting"]),
        parameters=records.dump(about["parameters"]),
        cases=cases,
        accuracy=accuracy,
        interval=(round(low, 4), round(high, 4)),
        identical=identical,
        qualified=qualified,
        measured=measured,
    )


def load(path: Path) -> dict[str, Gate]:
    """Return the gates of a lab's `gate.json` by engine id; none if there is no such file.

    Raises CatalogError if it is there and cannot be read.
    """
    try:
        found: GateFile = records.load(GateFile, json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        lab = path.parent.name
        says = f"cannot be read ({error}); run: atelier model gate {lab} --save"
        raise CatalogError([Problem(f"exercises/labs/{lab}/{path.name}", "", says)]) from error
    return found.engines


def read(path: Path, engine: str) -> Gate | None:
    """Return the gate of one engine from a lab's `gate.json`, or None if it was never measured."""
    return load(path).get(engine)


def save(path: Path, lab: str, engine: str, gate: Gate) -> None:
    """Enter a gate into a lab's `gate.json`, beside those of other engines."""
    told = GateFile(1, lab, {**load(path), engine: gate})
    write_text(path, records.text(told))
