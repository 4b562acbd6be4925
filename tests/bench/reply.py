"""How long a practice reply of the embedded model takes: `python tests/bench/reply.py [--json]`.

The model is loaded, as in an open room, and nothing of the prompt is in its cache: the first reply after each change. The prompts
are the reference prompts of invoice-fields, from a bare request to five examples; "next" is another document under the
same prompt; "ask" is the first word of `atelier.ask()`. Beside the wall's seconds stand those of the model's one
thread: on a machine that is busy with other things, they are what a quiet one would take.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any

from atelier import client
from atelier.kits.base import Message, Request
from atelier.kits.prompting import scoring
from atelier.model import Parameters
from grader import catalog
from grader.engines import embedded
from grader.labcheck import SECRET

LAB, TIMES, LIMIT = "invoice-fields", 3, 2.0
Taken = tuple[float, float]


def _computed() -> float:
    """Return the seconds that the model has computed so far: it is the one child of this process."""
    ticks = 0
    for listed in Path("/proc/self/task").glob("*/children"):
        for child in listed.read_text(encoding="ascii").split():
            ticks += sum(
                map(int, Path(f"/proc/{child}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[11:13])
            )
    return ticks / os.sysconf("SC_CLK_TCK")


def _taken(action: Callable[[], object]) -> Taken:
    began, computed = time.perf_counter(), _computed()
    action()
    return time.perf_counter() - began, _computed() - computed


def measure() -> dict[str, Taken]:
    """Return the medians of wall and model seconds, by what was asked."""
    lab = catalog.load(catalog.find_root()).lab(LAB)
    specs = catalog.gate_specs(lab)
    assert specs is not None
    cases = catalog.practice_cases(lab, SECRET)
    found: dict[str, list[Taken]] = {name: [] for name in (*specs, "next", "ask")}
    with embedded.serving() as (url, token):
        os.environ.update(ATELIER_MODEL_URL=url, ATELIER_MODEL_TOKEN=token)
        os.environ.pop("ATELIER_MODEL_NAME", None)
        client.complete(Request((Message("user", "Hello"),)))  # the libraries are loaded as well
        for turn in range(TIMES):
            for name, of in specs.items():
                spec: Any = replace(of, task=f"Version {turn}. {of.task}")
                asked = scoring.requests(spec, cases, lab.setup)
                found[name].append(_taken(lambda: client.complete(asked[0])))  # noqa: B023  # called at once
            found["next"].append(_taken(lambda: client.complete(asked[1])))  # noqa: B023
            found["ask"].append(_taken(lambda: _first_word(f"Write a friendly reminder, number {turn}.")))  # noqa: B023
    return {
        name: (round(median(wall for wall, _ in took), 2), round(median(own for _, own in took), 2))
        for name, took in found.items()
    }


def _first_word(prompt: str) -> str:
    endpoint = client.practice()
    assert endpoint is not None
    return next(client.stream(endpoint, Request((Message("user", prompt),)), Parameters(max_tokens=32, stop=())))


def main() -> None:
    """Measure and print; says whether the first reply to a bare request is under two seconds."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--json", action="store_true", help="one JSON line")
    as_json = options.parse_args().json
    found = measure()
    if as_json:
        print(json.dumps(found))
        return
    names = {
        "bad": "first reply, bare request",
        "medium": "first reply, some examples",
        "good": "first reply, many examples",
    }
    names |= {"next": "next document, same prompt", "ask": "atelier.ask(), first word"}
    for name, (wall, own) in found.items():
        print(f"{names[name]:28} {wall:6.2f} s   of which the model computes {own:5.2f} s")
    verdict = "holds" if found["bad"][0] < LIMIT else "does not hold on this machine now"
    print(f"First reply under {LIMIT:.0f} s: {verdict}.")


if __name__ == "__main__":
    main()
