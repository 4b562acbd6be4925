"""How long a practice reply of the embedded model takes: `python tests/bench/reply.py [--json]`.

The model is loaded, as in an open room. The prompts are the reference prompts of invoice-fields, from a bare request to
five examples, changed in their first sentence each time, so that nothing of them is in the cache. "paused" is the first reply
to someone who looks at their prompt before they try it: the form has let the model read it meanwhile, which is "read
ahead"; "at once" is without. "example" is at once after a change to the last of five examples; "next" another document under the
same prompt; "ask" the first word of `atelier.ask()`. Beside the wall's seconds stand those of the model's one
thread: on a machine that is busy with other things, they are closer to what a quiet one would take.
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

LAB, LIMIT = "invoice-fields", 2.0
_PROMPTS = {"bad": "bare request", "medium": "some examples", "good": "many examples"}
_WAYS = {
    "paused": "first reply, {} read ahead",
    "read ahead": "   reading it ahead",
    "at once": "first reply at once, {}",
}
NAMES = {f"{prompt}, {way}": says.format(words) for prompt, words in _PROMPTS.items() for way, says in _WAYS.items()}
NAMES |= {
    "example": "first reply at once, an example changed",
    "next": "next document, same prompt",
    "ask": "atelier.ask(), first word",
}
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


def measure(times: int) -> dict[str, Taken]:
    """Return the medians of wall and model seconds, by what was asked."""
    lab = catalog.load(catalog.find_root()).lab(LAB)
    specs = catalog.gate_specs(lab)
    assert specs is not None
    cases = catalog.practice_cases(lab, SECRET)
    found: dict[str, list[Taken]] = {name: [] for name in NAMES}
    with embedded.serving() as (url, token):
        os.environ.update(ATELIER_MODEL_URL=url, ATELIER_MODEL_TOKEN=token)
        os.environ.pop("ATELIER_MODEL_NAME", None)
        client.complete(Request((Message("user", "Hello"),)))  # the libraries are loaded as well

        def take(name: str, action: Callable[[], object]) -> None:
            found[name].append(_taken(action))

        for turn in range(times):
            for name, of in specs.items():
                spec: Any = replace(of, task=f"Version {turn}. {of.task}")
                first, *_ = scoring.requests(spec, cases, lab.setup)
                take(f"{name}, at once", lambda: client.complete(first))  # noqa: B023  # called at once
                spec = replace(of, task=f"Then {turn}. {of.task}")
                first, second, *_ = scoring.requests(spec, cases, lab.setup)
                take(f"{name}, read ahead", lambda: _read_ahead(first))  # noqa: B023
                take(f"{name}, paused", lambda: client.complete(first))  # noqa: B023
            take("next", lambda: client.complete(second))  # noqa: B023
            last = spec.examples[-1]
            changed = replace(last, output=dict.fromkeys(last.output, f"{turn}"))
            first, *_ = scoring.requests(replace(spec, examples=(*spec.examples[:-1], changed)), cases, lab.setup)
            take("example", lambda: client.complete(first))  # noqa: B023
            take("ask", lambda: _first_word(f"Write a friendly reminder, number {turn}."))  # noqa: B023
    return {
        name: (round(median(wall for wall, _ in took), 2), round(median(own for _, own in took), 2))
        for name, took in found.items()
    }


def _read_ahead(request: Request) -> None:
    thread = client.read_ahead(request)
    assert thread is not None
    thread.join()


def _first_word(prompt: str) -> str:
    endpoint = client.practice()
    assert endpoint is not None
    return next(client.stream(endpoint, Request((Message("user", prompt),)), Parameters(max_tokens=32, stop=())))


def main() -> None:
    """Measure and print; says whether the first reply to a prompt that was read ahead is under two seconds."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--json", action="store_true", help="one JSON line")
    options.add_argument("--times", type=int, default=3, help="how often each is measured (default: 3)")
    told = options.parse_args()
    found = measure(told.times)
    if told.json:
        print(json.dumps(found))
        return
    for name, (wall, own) in found.items():
        print(f"{NAMES[name]:40} {wall:6.2f} s   of which the model computes {own:5.2f} s")
    paused = [name for name in found if name.endswith("paused")]
    verdict = "holds" if all(found[name][0] < LIMIT for name in paused) else "does not hold on this machine now"
    print(f"First reply under {LIMIT:.0f} s once read ahead: {verdict}.")


if __name__ == "__main__":
    main()
