"""What the `atelier model` commands do: list, fetch, remove, and qualify labs."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from atelier.kits.base import Request
from atelier.policy import Tier
from grader import catalog
from grader.catalog import Catalog
from grader.engines import Engine, gate, hub, store
from grader.engines.embedded import Embedded
from grader.engines.fetch import fetch as fetch_file
from grader.engines.openai_compatible import OpenAICompatible
from grader.errors import EngineError, GraderError
from grader.labcheck import SECRET
from grader.model import EngineSettings, Lab
from grader.pipeline import Progress

_MEGA = 1_000_000


def listing(known: Catalog) -> list[dict[str, Any]]:
    """Return the models on this machine and those of the policy's tiers: whether each can be used, and which labs it qualifies for."""
    gates = {lab.id: gate.load(lab.root / "gate.json") for lab in known.labs}
    rows = []
    for model in store.kept():
        try:
            path, here = str(store.find(model)), "yes"
        except EngineError as error:
            path, here = str(store.folder() / model.file), f"no: {error.says}"
        rows.append(
            _row(model.name, Embedded(model=model).id, gates)
            | {"licence": model.licence, "size": f"{model.size / _MEGA:,.0f} MB", "here": here, "path": path}
        )
    for tier in known.policy.tiers:
        if tier.base_url:
            lacks = tier.key_env and not os.environ.get(tier.key_env)
            here = f"no: {tier.key_env} is not set" if lacks else "not on this machine"
            engine = OpenAICompatible(of_tier(tier))
            rows.append(
                _row(f"{tier.model} ({tier.id})", engine.id, gates)
                | {"licence": "", "size": "", "here": here, "path": engine.about["setting"]}
            )
    return rows


def _row(model: str, engine: str, gates: Mapping[str, Mapping[str, gate.Gate]]) -> dict[str, Any]:
    labs = [lab for lab, found in gates.items() if engine in found and found[engine].qualified]
    return {"model": model, "engine": engine, "qualifies": ", ".join(labs)}


def of_tier(tier: Tier) -> EngineSettings:
    """Return how to ask the model of a hosting tier. GraderError if the policy names none."""
    if not tier.base_url:
        raise GraderError(
            f"The tier {tier.id!r} has no model.",
            "Say base_url, model and key_env of that tier in courses/policy.toml.",
        )
    return EngineSettings(tier.base_url, tier.model, tier.key_env)


def fetch(progress: Progress) -> tuple[Path, bool]:
    """Fetch the embedded model; returns its path and whether it had to be fetched."""
    return fetch_file(lambda done, total: progress(done // _MEGA, total // _MEGA, "MB unpacked"))


def fetch_larger(
    repository: str, file: str, sha256: str, *, address: str, revision: str, licence: str, progress: Progress
) -> tuple[Path, bool]:
    """Fetch a model out of a repository; returns its path and whether it had to be fetched."""
    model, fresh = hub.fetch(
        repository,
        file,
        sha256,
        address=address,
        revision=revision,
        licence=licence,
        report=lambda done, total: progress(done // _MEGA, total // _MEGA, "MB"),
    )
    return store.folder() / model.file, fresh


def remove(name: str) -> int:
    """Remove a model from this machine; returns how many bytes that frees."""
    return store.remove(store.named(name))


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
