"""Make labs and roles, and prove them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.cli.shared import FINDINGS, json_option, plain, progress_bar, say, say_json, the_catalog

if TYPE_CHECKING:
    from grader.catalog import Catalog
    from grader.model import Lab


@click.command()
@click.argument("labs", nargs=-1, metavar="[LAB]...")
@click.option(
    "--record",
    is_flag=True,
    help="Ask the practice model for replies that are not recorded, and keep them with the lab.",
)
@click.option(
    "--spread",
    is_flag=True,
    help="Before that, ask the practice model over twenty cohorts' hidden cases, and keep what its replies earn in the lab's "
    "spread.json. Takes hours; stopped, the same command goes on.",
)
@click.option("--report", is_flag=True, help="Write what was found as one HTML page, and as JSON for the site.")
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="With --report: where to write it. Default: build/quality.html in the checkout.",
)
@click.option("--preview", is_flag=True, help="Prove nothing: open LAB as its learner, in a folder that goes with it.")
@click.option(
    "--port", default=8888, show_default=True, help="With --preview: port of JupyterLab, or the next free one."
)
@click.option(
    "--browser/--no-browser",
    default=True,
    help="With --preview: open the browser (default), or print the address only.",
)
@json_option
def check(
    labs: tuple[str, ...],
    record: bool,
    spread: bool,
    report: bool,
    out: Path | None,
    preview: bool,
    port: int,
    browser: bool,
    as_json: bool,
) -> None:
    """Prove labs: reference full, untouched 0, each declared attempt exactly its score, alike in twenty cohorts.

    Prints one line per problem and exits 1 if there is any.
    """
    from grader import labcheck
    from grader.spread import told

    known = the_catalog()
    chosen = [known.lab(name) for name in labs] if labs else list(known.labs)
    if preview:
        if len(chosen) != 1 or record or spread or report or as_json:
            raise click.UsageError("--preview opens one lab: atelier check --preview LAB")
        _preview(known, chosen[0], port, browser)
        return
    if spread:
        with progress_bar("Measuring") as bar:
            labcheck.record_spread(chosen, known.root / labcheck.COHORTS, bar)
    with progress_bar("Proving") as bar:
        proofs = labcheck.record_all(chosen, bar) if record else labcheck.prove_all(chosen, bar)
    problems = [problem for proof in proofs for problem in proof.problems]
    page = labcheck.report(chosen, proofs, out or known.root / labcheck.REPORT) if report else None
    if as_json:
        say_json({"labs": [plain(proof) for proof in proofs], "problems": len(problems), "report": page})
    else:
        for problem in problems:
            say(str(problem), err=True)
        for proof in proofs:
            if not proof.problems:
                say(f"{proof.lab}: holds ({len(proof.ladder)} attempts; {told(proof.spreads)})")
        if page:
            say(f"Report: {page}")
    if problems:
        sys.exit(FINDINGS)


def _preview(known: Catalog, lab: Lab, port: int, browser: bool) -> None:
    from tempfile import TemporaryDirectory

    from grader import room

    with TemporaryDirectory(prefix="atelier-preview-") as scratch:
        with progress_bar("Preparing the lab") as progress:
            ready = room.preview(known, lab, Path(scratch), progress)
        room.run(ready, port=port, open_browser=browser, say=say)


@click.group()
def new() -> None:
    """Scaffold a lab or a role."""


@new.command("lab")
@click.argument("lab_id", metavar="ID")
@click.option(
    "--kit",
    required=True,
    type=click.Choice(["prompting", "validation", "redaction", "decisions", "testing", "functions"]),
    help="What judges it.",
)
def new_lab(lab_id: str, kit: str) -> None:
    """Make exercises/labs/ID with every file a lab needs; it passes the structural part of `atelier check`."""
    from grader import catalog, scaffold

    folder = scaffold.lab(catalog.find_root(), lab_id, kit)
    say(f"Lab: {folder}")
    say(f"Next: write its cases and attempts, then: atelier check {lab_id}")


@new.command("role")
@click.argument("role_id", metavar="ID")
def new_role(role_id: str) -> None:
    """Make courses/roles/ID.toml with every key explained."""
    from grader import catalog, scaffold

    say(f"Role: {scaffold.role(catalog.find_root(), role_id)}")
