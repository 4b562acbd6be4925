"""What this machine's isolation withstands."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from grader.cli.shared import FINDINGS, json_option, plain, say, say_json

if TYPE_CHECKING:
    from grader.isolation import Proof


@click.command()
@click.option(
    "--level",
    type=click.Choice(["A", "B", "C", "D"]),
    help="Try this level only. Default: from the best one down, until one holds.",
)
@json_option
def doctor(level: str | None, as_json: bool) -> None:
    """Attack this machine's isolation for learners' code, and say what was stopped and which level grading will use.

    The attacks are real, bounded, and leave nothing behind. Exit code 1 if no level holds; then code labs are not graded
    unless you ask for it.
    """
    from grader import isolation
    from grader.isolation import Level

    proofs = []
    for tried in [Level(level)] if level else [Level.A, Level.B, Level.C, Level.D]:
        proofs.append(isolation.prove(tried))
        if proofs[-1].holds:
            break
    last = proofs[-1]
    remedies = [] if level or last.level is Level.A else isolation.remedies()
    if as_json:
        told = {"level": last.level, "holds": last.holds, "bounded_by": isolation.bounded_by()}
        shown = [{**plain(proof), "holds": proof.holds} for proof in proofs]
        say_json({**told, "proofs": shown, "remedies": remedies})
    else:
        _diagnosis(proofs, "" if level else " It is the one that grading uses.")
        say(f"Memory and processes: {isolation.bounded_by()}")
        for remedy in remedies:
            say(f"For a better level: {remedy}")
    if not last.holds:
        sys.exit(FINDINGS)


def _diagnosis(proofs: list[Proof], used: str) -> None:
    for failed in proofs[:-1]:
        why = next(attack for attack in failed.results if attack.needed and not attack.held)
        say(f"Level {failed.level} does not hold here. {why.name}: {why.says}")
    last = proofs[-1]
    say(f"Level {last.level}, {last.level.says}. Code that")
    width = max(len(attack.name) for attack in last.results)
    for attack in last.results:
        verdict = (
            "stopped"
            if attack.held
            else "NOT STOPPED"
            if attack.needed
            else "not stopped: the container must not hold it"
        )
        say(f"  {attack.name:<{width}}  {verdict}{'' if attack.says == 'refused' else f' ({attack.says})'}")
    if last.holds:
        say(f"Level {last.level} holds.{used}")
    elif last.level == "D":
        say("No isolation: grading refuses to run learners' code, unless told --isolation none.")
    else:
        say(f"Level {last.level} does not hold here.")
