"""Models: fetch, list, qualify, remove."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from grader.cli.shared import (
    FINDINGS,
    course_option,
    json_option,
    plain,
    progress_bar,
    say,
    say_json,
    say_table,
    the_catalog,
    the_space,
)


@click.group()
def model() -> None:
    """Models: fetch them, list them, qualify a lab on one, remove them."""


@model.command("list")
@json_option
def model_list(as_json: bool) -> None:
    """List the models of this machine and of the policy's tiers, and the labs that each qualifies for."""
    from grader import models

    rows = models.listing(the_catalog())
    if as_json:
        say_json(rows)
    else:
        say_table(("model", "licence", "size", "here", "qualifies", "path"), rows)


@model.command("fetch")
@click.argument("repository", required=False)
@click.argument("file", required=False)
@click.option("--sha256", default="", help="Hash that the file must have. Needed for a file out of a repository.")
@click.option("--from", "address", default="", help="Address of the hub or mirror. Default: ATELIER_MODEL_HUB.")
@click.option("--revision", default="main", show_default=True, help="Branch, tag or commit of the repository.")
@click.option("--licence", default="", help="The model's licence, for the list.")
def model_fetch(
    repository: str | None, file: str | None, sha256: str, address: str, revision: str, licence: str
) -> None:
    """Fetch the embedded practice model (98 MB); or FILE, a larger GGUF model, out of REPOSITORY.

    The hash is checked, and the file kept in the user's cache. Interrupted, the same command goes on where it stopped.
    """
    from grader import models

    if bool(repository) != bool(file) or bool(repository) != bool(sha256):
        raise click.UsageError("A larger model is told by all three: REPOSITORY FILE --sha256 HASH.")
    with progress_bar("Model") as progress:
        if repository and file:
            path, fresh = models.fetch_larger(
                repository, file, sha256, address=address, revision=revision, licence=licence, progress=progress
            )
        else:
            path, fresh = models.fetch(progress)
    say(f"{'Model' if repository else 'Practice model'}: {path}{'' if fresh else ' (was here)'}")


@model.command("remove")
@click.argument("name")
def model_remove(name: str) -> None:
    """Remove the model NAME (its file name, or its name in the list) from this machine. `fetch` brings it back."""
    from grader import models

    freed = models.remove(name)
    say(f"Removed: {freed / 1e6:,.0f} MB are free again." if freed else f"{name} was not here.")


@model.command("gate")
@click.argument("lab_id", metavar="LAB")
@course_option
@click.option("--model", "name", help="A model of this machine, by its file name.")
@click.option("--tier", help="The model of this hosting tier, as the policy tells it.")
@click.option("--save", is_flag=True, help="Keep the figures in the lab's gate.json.")
@json_option
def model_gate(lab_id: str, course: Path | None, name: str | None, tier: str | None, save: bool, as_json: bool) -> None:
    """Run the qualification gate of LAB on the embedded model, on another one, or on the cohort's configured one.

    Exit code 1 if the model does not qualify for the lab.
    """
    from grader import engines, models
    from grader.model import EngineSettings

    if sum(asked is not None for asked in (course, name, tier)) > 1:
        raise click.UsageError("Say one of --course, --model and --tier.")
    known = the_catalog()
    if tier:
        there = {t.id: t for t in known.policy.tiers}
        if tier not in there:
            raise click.UsageError(f"The policy has no tier {tier!r}; there are: {', '.join(there)}.")
        settings = models.of_tier(there[tier])
    else:
        settings = the_space(course).settings.engine if course else EngineSettings(model=name or "")
    found = known.lab(lab_id)
    with engines.configured(settings) as engine, progress_bar("Gate") as progress:
        gate = models.gate_of(found, engine, progress, save=save)
    if as_json:
        say_json(plain(gate))
    else:
        say(models.describe(gate))
    if not gate.qualified:
        sys.exit(FINDINGS)
