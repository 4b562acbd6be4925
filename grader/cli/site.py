"""The organisation's site."""

from __future__ import annotations

from pathlib import Path

import click

from grader.cli.shared import Command, say, the_catalog, the_space


@click.group()
def site() -> None:
    """Build or serve the organisation's site."""


def _courses_option(command: Command) -> Command:
    return click.option(
        "--course",
        "-C",
        "courses",
        multiple=True,
        type=click.Path(file_okay=False, path_type=Path),
        help="A cohort's workspace whose aggregates to show; may be repeated, one per wave.",
    )(command)


@site.command("build")
@_courses_option
def site_build(courses: tuple[Path, ...]) -> None:
    """Build the site into build/site, with the aggregates of the cohorts whose workspaces are named."""
    from grader import telling

    say(f"Site: {telling.build_site(the_catalog(), *map(the_space, courses))}")


@site.command("serve")
@_courses_option
@click.option("--port", default=8000, show_default=True, help="Port for the site.")
def site_serve(courses: tuple[Path, ...], port: int) -> None:
    """Build the site and serve it on loopback until Ctrl-C."""
    from grader import serve, telling

    folder = telling.build_site(the_catalog(), *map(the_space, courses))
    with serve.folders({"": folder}, port) as address:
        say(f"{address}  (Ctrl-C stops it)")
        serve.wait()
