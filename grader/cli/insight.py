"""What a cohort's work tells: report, similar answers, history, progress."""

from __future__ import annotations

from pathlib import Path

import click

from grader.cli.shared import (
    course_option,
    json_option,
    lab_option,
    plain,
    say,
    say_json,
    say_table,
    the_catalog,
    the_space,
)


@click.command()
@course_option
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where to write it. Default: report.html in the workspace.",
)
@json_option
def report(course: Path | None, out: Path | None, as_json: bool) -> None:
    """Write the trainer's report, one HTML file: cohort grid, hardest checks, lures, who needs a hand, what checks tell.

    With --json: where the report is, and per check its difficulty and discrimination with n and interval.
    """
    from grader import telling

    space, known = the_space(course), the_catalog()
    path = out or space.root / "report.html"
    items = telling.report(space, known, path)
    if as_json:
        say_json({"report": path, "items": [plain(item) for item in items]})
    else:
        say(f"Report: {path}")


@click.command()
@course_option
@lab_option
@json_option
def similar(course: Path | None, labs: tuple[str, ...], as_json: bool) -> None:
    """List answers of different learners that share most of what few others have. Advice on whom to ask, never a verdict.

    Pairs that worked together, or from one hint, show up as well. Among fewer than six learners nothing is said.
    """
    from atelier.kits.base import percent
    from grader import comparing, pipeline

    space, known = the_space(course), the_catalog()
    pairs = comparing.compare(space, pipeline.gradable(space, known, labs))
    if as_json:
        say_json([plain(pair) | {"share": round(pair.share, 3)} for pair in pairs])
        return
    if not pairs:
        say("No two answers share more than chance would have it.")
        return
    rows = [
        {
            "lab": p.lab,
            "learners": f"{p.one}, {p.other}",
            "share": percent(p.share),
            "rare things": f"{p.shared} of {p.of}",
        }
        for p in pairs
    ]
    say_table(("lab", "learners", "share", "rare things"), rows)
    say("Ask before you judge: working in a pair, or from one hint, looks the same.")


@click.command()
@course_option
@lab_option
@click.option("--student", "-s", metavar="ID", help="Only this learner.")
@json_option
def history(course: Path | None, labs: tuple[str, ...], student: str | None, as_json: bool) -> None:
    """Show every grading there was, oldest first: when, by whom, why, with which engine, at which isolation level."""
    from grader import evidence

    rows = [
        {
            "at": entry.occasion.at,
            "lab": entry.score.lab,
            "learner": entry.occasion.learner,
            "points": f"{entry.score.earned:.2f} of {entry.score.points}" if entry.score.graded else "ungraded",
            "by": entry.occasion.by,
            "why": entry.occasion.why,
            "engine": entry.score.engine,
            "isolation": entry.occasion.isolation,
        }
        for entry in evidence.read(the_space(course))
        if (not labs or entry.score.lab in labs) and student in (None, entry.occasion.learner)
    ]
    if as_json:
        say_json(rows)
    elif not rows:
        say("Nothing was graded yet. Next: atelier collect, then atelier grade")
    else:
        say_table(tuple(rows[0]), rows)


@click.command()
@course_option
@click.option("--student", "-s", metavar="ID", help="One learner instead of the cohort.")
@json_option
def progress(course: Path | None, student: str | None, as_json: bool) -> None:
    """Show who is where on the track, and what comes next."""
    from grader import telling

    space, known = the_space(course), the_catalog()
    guides = telling.guides(space, known, student)
    if as_json:
        say_json([plain(guide) for guide in guides])
        return
    if not guides:
        say("Nobody has handed anything in yet. Next: atelier collect, then atelier grade")
    for line in telling.lines(guides):
        say(line)
