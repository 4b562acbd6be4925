"""The trainer's round: make a cohort, release, collect, grade, send feedback."""

from __future__ import annotations

import sys
from getpass import getuser
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from grader.cli.shared import (
    FINDINGS,
    course_option,
    json_option,
    lab_option,
    plain,
    progress_bar,
    say,
    say_json,
    say_table,
    the_catalog,
    the_space,
)

if TYPE_CHECKING:
    from grader.workspace import Workspace


@click.group()
def course() -> None:
    """Make and inspect a cohort's workspace."""


@course.command("new")
@click.argument("directory", type=click.Path(file_okay=False, path_type=Path))
@click.option("--id", "course_id", help="Course id. Default: the folder's name.")
@click.option("--role", "-r", default="finance", show_default=True, help="The role whose track the cohort follows.")
@click.option(
    "--db-url",
    default="",
    metavar="URL",
    help="Database of the gradebook, such as postgresql+psycopg://host/name. Default: a file in the workspace.",
)
def course_new(directory: Path, course_id: str | None, role: str, db_url: str) -> None:
    """Make a cohort's workspace in DIRECTORY, laid out as nbgrader expects.

    Safe to repeat: a half-made workspace is completed, a whole one is left alone.
    """
    from grader import workspace

    the_catalog().role(role)
    space = workspace.create(directory.resolve(), course_id or directory.resolve().name, role, db_url=db_url)
    say(f"Workspace of {space.settings.course!r} ({role}): {space.root}")
    say(f"Next: cd {directory} && atelier release")


@course.command("show")
@course_option
@json_option
def course_show(course: Path | None, as_json: bool) -> None:
    """Show what a cohort has: labs released, submissions collected, graded and ungraded."""
    from grader import pipeline, release

    space, known = the_space(course), the_catalog()
    rows = []
    for found in known.track(space.settings.role):
        scores = [score for _, score in pipeline.scores(space, [found])]
        rows.append(
            {
                "lab": found.id,
                "released": release.released_version(space, found.id),
                "current": found.version,
                "collected": sum(1 for _ in space.submissions(found.id)),
                "graded": sum(s.graded for s in scores),
                "ungraded": sum(not s.graded for s in scores),
            }
        )
    if as_json:
        say_json({"course": space.settings.course, "role": space.settings.role, "labs": rows})
        return
    say(f"{space.settings.course} · {space.settings.role} · {space.root}")
    say_table(("lab", "released", "collected", "graded", "ungraded"), rows)


@click.command()
@course_option
@lab_option
def release(course: Path | None, labs: tuple[str, ...]) -> None:
    """Release the track's labs to the cohort, through nbgrader's exchange."""
    from grader import engines, pipeline

    space, known = the_space(course), the_catalog()
    chosen = pipeline.labs_of(space, known, labs)
    with progress_bar("Releasing") as progress, engines.configured(space.settings.engine) as engine:
        done = pipeline.release(space, chosen, engine.id, progress)
    say(f"Released: {', '.join(done)}" if done else "Nothing new: the cohort has the present version of every lab.")
    say(f"Learners start with: atelier lab --course {space.root} --learner THEIR-ID")


@click.command()
@course_option
@lab_option
def collect(course: Path | None, labs: tuple[str, ...]) -> None:
    """Collect what learners handed in; a newer hand-in replaces an older one."""
    from grader import pipeline

    space, known = the_space(course), the_catalog()
    with progress_bar("Collecting") as progress:
        total = pipeline.collect(space, pipeline.labs_of(space, known, labs), progress)
    say(f"Submissions in the workspace: {total}. Next: atelier grade")


@click.command()
@course_option
@lab_option
@click.option("--student", "-s", "students", multiple=True, metavar="ID", help="Only this learner; may be repeated.")
@click.option("--force", is_flag=True, help="Grade again what was graded before; the evidence keeps both.")
@click.option(
    "--jobs",
    "-j",
    default=0,
    metavar="N",
    help="Submissions to grade at once. Default: as many as there are cores.",
)
@click.option(
    "--isolation",
    type=click.Choice(["auto", "A", "B", "C", "none"]),
    default="auto",
    show_default=True,
    help='Level that learners\' code runs at. See "atelier doctor".',
)
@click.option(
    "--scheduler",
    default="",
    metavar="ADDRESS",
    help="Grade on a Dask cluster, such as tcp://host:8786 or tls://host:8786.",
)
@json_option
def grade(
    course: Path | None,
    labs: tuple[str, ...],
    students: tuple[str, ...],
    force: bool,
    jobs: int,
    isolation: str,
    scheduler: str,
    as_json: bool,
) -> None:
    """Grade what was collected. Started again after an interruption, it goes on where it stopped.

    --lab also takes an assignment that you made with nbgrader alone. Exit code 1 if a submission could not be graded; it is
    listed with the reason, and is not a zero.
    """
    from grader import engines, pipeline

    space, known = the_space(course), the_catalog()
    chosen = pipeline.gradable(space, known, labs)
    _known_students(space, chosen, students)
    means = pipeline.Means(jobs, isolation, scheduler)
    rows: list[dict[str, Any]] = []
    with engines.configured(space.settings.engine) as engine, progress_bar("Grading") as progress:
        told = pipeline.grading(
            space, chosen, engine, by=getuser(), students=students, force=force, progress=progress, means=means
        )
        rows.extend(_told(t, as_json=as_json) for t in told)
    rows.sort(key=lambda row: (row["lab"], row["learner"]))
    ungraded = sum(row["points"] == "ungraded" for row in rows)
    if as_json:
        say_json([row["json"] for row in rows])
    else:
        say_table(("lab", "learner", "points", "note"), rows)
        fresh = sum(row["fresh"] for row in rows if row["points"] != "ungraded")
        without = f" {ungraded} could not be graded: the note says why." if ungraded else ""
        say(
            f"{len(rows)} submissions, {fresh} graded now, {len(rows) - fresh - ungraded} as before.{without} Next: atelier feedback"
        )
    if ungraded:
        sys.exit(FINDINGS)


def _told(told: Any, *, as_json: bool) -> dict[str, Any]:
    """Return a row for one graded submission; whole scores are kept only where they are printed."""
    score = told.score
    row: dict[str, Any] = {
        "lab": score.lab,
        "learner": told.learner,
        "fresh": told.fresh,
        "points": f"{score.earned:.2f} of {score.points}" if score.graded else "ungraded",
        "note": "; ".join(filter(None, (score.reason, score.cap, *score.flags))) or "",
    }
    if as_json:
        row["json"] = {"learner": told.learner, "fresh": told.fresh, "earned": score.earned, "score": plain(score)}
    return row


def _known_students(space: Workspace, labs: Any, students: tuple[str, ...]) -> None:
    from grader.errors import NotFound

    names = [found if isinstance(found, str) else found.id for found in labs]
    known = {learner for name in names for learner, _ in space.submissions(name)}
    for student in students:
        if student not in known:
            raise NotFound("collected submission of learner", student, known)


@click.command()
@course_option
@lab_option
def feedback(course: Path | None, labs: tuple[str, ...]) -> None:
    """Write each learner's feedback and send it back through the exchange."""
    from grader import pipeline

    space, known = the_space(course), the_catalog()
    with progress_bar("Feedback") as progress:
        pages = pipeline.feedback(space, pipeline.gradable(space, known, labs), progress)
    say(f"Feedback pages released: {pages}. Learners find them on My track, and on the lab's last screen.")
