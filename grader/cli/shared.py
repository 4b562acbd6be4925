"""What the commands share: how they speak, what they look for, and options that many have."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from grader.catalog import Catalog
    from grader.pipeline import Progress
    from grader.workspace import Workspace

FINDINGS, MISUSE = 1, 2  # exit codes

Command = Callable[..., Any]


def say(text: str, *, err: bool = False) -> None:
    """Print a line; what is not the result goes to stderr."""
    click.echo(text, err=err)


def say_json(data: Any) -> None:
    """Print one line of JSON."""
    say(json.dumps(data, ensure_ascii=False, default=str))


def say_table(columns: tuple[str, ...], rows: list[dict[str, Any]]) -> None:
    """Print the `columns` of `rows`, each as wide as it needs."""
    cells = [[str(row[c]) if row[c] is not None else "-" for c in columns] for row in rows]
    widths = [max(len(c), *(len(row[i]) for row in cells)) if cells else len(c) for i, c in enumerate(columns)]
    for line in [list(columns), *cells]:
        say("  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip())


def plain(record: Any) -> Any:
    """Return a record as JSON values."""
    from atelier import records

    return records.dump(record)


@contextmanager
def progress_bar(label: str) -> Iterator[Progress]:
    """Yield a progress callback that draws a bar with time left on a terminal, and is silent elsewhere."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[what]}"),
    )
    with Bar(*columns, console=console, disable=not console.is_terminal, transient=True) as bar:
        task = bar.add_task(label, total=None, what="")
        yield lambda done, total, what: bar.update(task, completed=done, total=total, what=what)


def the_catalog() -> Catalog:
    """Load the catalogue of the checkout."""
    from grader import catalog

    return catalog.load(catalog.find_root())


def the_space(course: Path | None) -> Workspace:
    """Load the workspace `course`, or the one that the current folder is in."""
    from grader import workspace

    return workspace.load(course) if course else workspace.find(Path.cwd())


def course_option(command: Command) -> Command:
    """Add --course."""
    return click.option(
        "--course",
        "-C",
        # Learners may enter a closed workspace without listing it.
        type=click.Path(file_okay=False, readable=False, path_type=Path),
        help="The cohort's workspace. Default: the one that the current folder is in.",
    )(command)


def lab_option(command: Command) -> Command:
    """Add --lab."""
    return click.option("--lab", "-l", "labs", multiple=True, metavar="LAB", help="Only this lab; may be repeated.")(
        command
    )


def json_option(command: Command) -> Command:
    """Add --json."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON, for other programs.")(command)
