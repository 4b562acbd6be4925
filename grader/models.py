"""What the `atelier model` commands do: list, fetch, and qualify labs."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from atelier.kits.base import Request
from atelier.model import EMBEDDED
from grader import catalog
from grader.engines import Engine, gate, store
from grader.engines.fetch import fetch as fetch_file
from grader.errors import EngineError, GraderError
from grader.labcheck import SECRET
from grader.model import Lab
from grader.pipeline import Progress

_MEGA = 1_000_000


def listing() -> list[dict[str, Any]]:
    """Return the practice models that Atelier knows, and whether they are here and sound."""
    try:
        path, here = str(store.find(EMBEDDED)), "yes"
    except EngineError as error:
        path, here = str(store.folder() / EMBEDDED.file), f"no: {error.says}"
    size = f"{EMBEDDED.size / _MEGA:.0f} MB"
    return [{"model": EMBEDDED.name, "licence": EMBEDDED.licence, "size": size, "here": here, "path": path}]


def fetch(progress: Progress) -> tuple[Path, bool]:
    """Fetch the embedded model; returns its path and whether it had to be fetched."""
    return fetch_file(lambda done, total: progress(done // _MEGA, total // _MEGA, "MB unpacked"))


def gate_of(lab: Lab, engine: Engine, progress: Progress, *, save: bool) -> gate.Gate:
    """Run the qualification gate of `lab` on `engine`, asking twice; with `save`, keep it in the lab's gate.json.

    Raises GraderError for a lab that asks no model.
    """
    specs = catalog.gate_specs(lab)
    if specs is None:
        raise GraderError(f"{lab.id} asks no model, so there is nothing to qualify.")
    from atelier.kits.prompting import scoring

    cases = catalog.hidden_cases(lab, SECRET)
    asked = {name: scoring.requests(spec, cases, lab.setup) for name, spec in specs.items()}
    wanted = list({request.key: request for requests in asked.values() for request in requests}.values())
    first = _ask(engine, wanted, progress, "first run")
    second = _ask(engine, wanted, progress, "second run")
    per_case = {
        name: [scoring.accuracy([found], lab.setup) for found in scoring.outcomes(spec, cases, lab.setup, first) or ()]
        for name, spec in specs.items()
    }
    found = gate.judge(
        per_case,
        identical=first == second,
        about=engine.about,
        measured=date.today().isoformat(),  # noqa: DTZ011  # a day is exact enough
    )
    if save:
        gate.save(lab.root / "gate.json", lab.id, engine.id, found)
    return found


def _ask(engine: Engine, requests: list[Request], progress: Progress, what: str) -> dict[str, str]:
    replies = {}
    for key, text in engine.complete(requests):
        replies[key] = text
        progress(len(replies), len(requests), what)
    return replies


def describe(found: gate.Gate) -> str:
    """Return the gate in words."""
    ladder = " < ".join(f"{name} {found.accuracy[name]:.2f}" for name in gate.SPECS)
    verdict = "qualifies" if found.qualified else "does not qualify"
    return (
        f"{found.model}: {verdict}. {ladder} on {found.cases} cases; good - bad 95 % interval "
        f"{found.interval[0]:.2f} to {found.interval[1]:.2f}; two runs {'identical' if found.identical else 'DIFFERENT'}."
    )
