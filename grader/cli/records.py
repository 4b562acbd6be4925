"""What is kept beside grades, and what leaves the workspace: KPI, sessions, badges, exports, erasure."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from datetime import datetime
from getpass import getuser
from pathlib import Path

import click

from grader.cli.shared import (
    FINDINGS,
    Command,
    course_option,
    json_option,
    plain,
    say,
    say_json,
    say_table,
    the_catalog,
    the_space,
)


@click.group("kpi")
def kpi_group() -> None:
    """The figure of the workflow: before the training, and 30 and 90 days after."""


@kpi_group.command("add")
@course_option
@click.option(
    "--from",
    "path",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A CSV file of cases, with the columns moment, date, work, review, faulty.",
)
@click.option("--moment", type=click.Choice(["before", "day 30", "day 90"]), help="One case: when it was measured.")
@click.option("--work", type=click.FloatRange(min=0), help="One case: the work without review, in the KPI's unit.")
@click.option(
    "--review", type=click.FloatRange(min=0), help="One case: the time spent on checking; 0 if there was none."
)
@click.option("--faulty/--right", default=None, help="One case: what a later look found. Leave out if nobody looked.")
@click.option("--date", "day", default=lambda: time.strftime("%Y-%m-%d"), help="One case: its day. Default: today.")
def kpi_add(
    course: Path | None,
    path: Path | None,
    moment: str | None,
    work: float | None,
    review: float | None,
    faulty: bool | None,
    day: str,
) -> None:
    """Add measured cases of work to the cohort's kpi.csv, from a file or one by one. No case names a person."""
    from grader import kpi, telling

    space = the_space(course)
    if (path is None) == (moment is None):
        raise click.UsageError("Name a file with --from, or one case with --moment, --work and --review.")
    if moment is not None and (work is None or review is None):
        raise click.UsageError("A case needs --work and --review: time spent on checking is what baselines forget.")
    one = [kpi.Case(kpi.Moment(moment), day, work or 0, review or 0, faulty)] if moment else []
    say(f"Cases in {space.root / telling.KPI}: {telling.add_kpi_cases(space, path, one)}. Next: atelier kpi show")


@kpi_group.command("show")
@course_option
@json_option
def kpi_show(course: Path | None, as_json: bool) -> None:
    """Show the figure at each moment with its interval, and what changed; under 20 cases nothing is compared."""
    from grader import kpi, telling

    space = the_space(course)
    found = kpi.result(
        space.settings.course, the_catalog().role(space.settings.role).file.kpi, telling.kpi_cases(space)
    )
    if as_json:
        say_json(plain(found))
        return
    say(f"{found.name} ({found.unit}{', review included' if found.counts_review else ''})")
    for line in kpi.lines(found):
        say(f"  {line}")


@click.group()
def export() -> None:
    """Take the evidence to other systems, and badges to learners. These files name people; only their owner can read them."""


def _out_option(default: str) -> Callable[[Command], Command]:
    return click.option(
        "--out",
        type=click.Path(dir_okay=False, path_type=Path),
        help=f"Where to write it. Default: {default} in the workspace.",
    )


@export.command("csv")
@course_option
@click.option(
    "--columns",
    type=click.Choice(["generic", "moodle", "cornerstone"]),
    default="generic",
    show_default=True,
    help="Every check of every score, or what Moodle's gradebook or Cornerstone's transcripts import.",
)
@_out_option("exports/COLUMNS.csv")
def export_csv(course: Path | None, columns: str, out: Path | None) -> None:
    """Write the evidence as CSV."""
    from grader import handing

    say(f"Written: {handing.table(the_space(course), the_catalog(), columns, out)}")


@export.command("xapi")
@course_option
@_out_option("exports/xapi.json")
def export_xapi(course: Path | None, out: Path | None) -> None:
    """Write the evidence as xAPI 1.0.3 statements, for a learning record store.

    Needs the site's address in atelier.toml: site_url = "https://...".
    """
    from grader import handing

    path, count = handing.statements(the_space(course), the_catalog(), out)
    say(f"Written: {path} ({count} statements)")


@export.command("badges")
@course_option
@click.option("--student", "-s", default="", metavar="ID", help="Only this learner's.")
@json_option
def export_badges(course: Path | None, student: str, as_json: bool) -> None:
    """Issue the learners' Open Badges 3.0, signed: as files under exports/badges, and in the feedback that goes out next.

    A lab's badge needs 80 % of its points, every check evaluated and no cap. Needs the badges extra, and organisation and
    site_url in atelier.toml. Safe to repeat: the same evidence gives the same badges.
    """
    from grader import handing

    space = the_space(course)
    found = handing.issue(space, the_catalog(), student)
    if as_json:
        say_json(
            [{"learner": badge.learner, "lab": badge.lab, "until": badge.ends, "jwt": badge.token} for badge in found]
        )
        return
    say_table(("learner", "lab", "until"), [{"learner": b.learner, "lab": b.lab, "until": b.ends} for b in found])
    say(f"{len(found)} badges in {space.exports / 'badges'}. Next: atelier feedback, which brings each to its learner")


@click.command()
@course_option
@click.option("--student", "-s", required=True, metavar="ID", help="Whom to erase.")
@click.option("--yes", is_flag=True, help="Do it. Without this the command only says what it would erase.")
@json_option
def erase(course: Path | None, student: str, yes: bool, as_json: bool) -> None:
    """Erase a person: hand-ins, feedback, scores, evidence, badges, exports, name. Leaves a receipt without their name.

    Not while somebody grades. Taken up again after an interruption; safe to repeat. Exit code 1 if files of others still
    mention the person: they are listed, for you to look at.
    """
    from grader import erasure

    space, known = the_space(course), the_catalog()
    done = erasure.erase(space, known, student, by=getuser()) if yes else erasure.preview(space, known, student)
    if as_json:
        say_json({"erased" if yes else "would_erase": done.found, "receipts": done.receipts, "mentions": done.mentions})
    else:
        say_table(("what", "count"), [{"what": what, "count": count} for what, count in done.found.items()])
        for path in done.mentions:
            say(f"Still mentions the person: {path}")
        if done.receipts and (yes or not done.found):
            say(f"Receipt: {done.receipts[-1]}")
        if yes and done.found:
            say("Make again what was derived from the cohort: atelier report, atelier site build --course DIR")
        if not yes and done.found:
            say(f"Nothing was changed. To erase: atelier erase --course {space.root} --student {student} --yes")
    if done.mentions:
        sys.exit(FINDINGS)


@click.group()
def session() -> None:
    """Sessions that learners led for others: what makes an ambassador of somebody whose track is at "validates"."""


@session.command("add")
@course_option
@click.option("--student", "-s", required=True, metavar="ID", help="Who led it.")
@click.option(
    "--date",
    "day",
    type=click.DateTime(["%Y-%m-%d"]),
    default=lambda: time.strftime("%Y-%m-%d"),
    help="Its day. Default: today.",
)
def session_add(course: Path | None, student: str, day: datetime) -> None:
    """Record that a learner of the cohort led a session. Safe to repeat: a learner's day counts once."""
    from grader import nbg, sessions
    from grader.errors import NotFound

    space = the_space(course)
    there = [who for who, _, _ in nbg.students(space.course)]
    if student not in there:
        raise NotFound("learner of this cohort", student, there)
    if day.date() > datetime.now().astimezone().date():
        raise click.UsageError(f"{day:%Y-%m-%d} is still to come: record a session after it was held.")
    fresh = sessions.add(space, sessions.Session(student, f"{day:%Y-%m-%d}", getuser()))
    say(
        f"{'Recorded' if fresh else 'Was recorded before'}. What else an ambassador needs: atelier progress -s {student}"
    )


@session.command("list")
@course_option
@json_option
def session_list(course: Path | None, as_json: bool) -> None:
    """List the sessions that were recorded, oldest first."""
    from grader import sessions

    rows = [plain(found) for found in sessions.read(the_space(course))]
    if as_json:
        say_json(rows)
    else:
        say_table(("day", "learner", "by"), rows)


@click.group()
def badge() -> None:
    """Look at a badge that somebody shows."""


@badge.command("verify")
@click.argument("path", metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@course_option
@click.option(
    "--key",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The issuer's public key, exports/issuer.pub of its workspace. Default: the workspace's own.",
)
@click.option("--learner", metavar="ID", help="Check too that the badge is this learner's.")
@json_option
def badge_verify(path: Path, course: Path | None, key: Path | None, learner: str | None, as_json: bool) -> None:
    """Verify the badge in FILE (.jwt or .svg), offline: signature, issuer, dates; and policy and model, in a workspace.

    Exit code 1 unless it is valid.
    """
    from grader import handing
    from grader.exports.badges import Standing

    space = the_space(course) if course or key is None else None
    found = handing.verify(path, key, space, the_catalog() if space else None, learner)
    if as_json:
        say_json({"standing": found.standing, "why": found.why, **found.states})
    else:
        say(f"{found.standing}: {found.why}")
        for name, value in found.states.items():
            say(f"  {name:<16} {value}")
    if found.standing is not Standing.VALID:
        sys.exit(FINDINGS)
