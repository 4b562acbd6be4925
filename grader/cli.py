"""The `atelier` command: parse, call, render, exit code (0 good, 1 findings, 2 misuse). Nothing else prints or exits.

Heavy imports happen inside the commands, so that `atelier --help` answers at once.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from getpass import getuser
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from grader.catalog import Catalog
    from grader.isolation import Proof
    from grader.model import Lab
    from grader.pipeline import Progress
    from grader.workspace import Workspace

FINDINGS, MISUSE = 1, 2


def main() -> None:
    """Run the command line; every error of ours is one message with a remedy, never a traceback."""
    from atelier.errors import AtelierError
    from grader.errors import CatalogError, GraderError

    try:
        atelier(standalone_mode=False)
    except click.exceptions.Exit as leave:
        sys.exit(leave.exit_code)
    except click.exceptions.Abort:
        _say("Stopped. What was done is kept; run the same command to go on.", err=True)
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(MISUSE)
    except CatalogError as error:
        for problem in error.problems:
            _say(str(problem), err=True)
        sys.exit(FINDINGS)
    except (GraderError, AtelierError) as error:
        _say(f"atelier: {error}", err=True)
        sys.exit(MISUSE)
    except BrokenPipeError:
        sys.exit(0)


def _say(text: str, *, err: bool = False) -> None:
    click.echo(text, err=err)


def _json(data: Any) -> None:
    _say(json.dumps(data, ensure_ascii=False, default=str))


@contextmanager
def _progress(label: str) -> Iterator[Progress]:
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


def _catalog() -> Catalog:
    from grader import catalog

    return catalog.load(catalog.find_root())


def _space(course: Path | None) -> Workspace:
    from grader import workspace

    return workspace.load(course) if course else workspace.find(Path.cwd())


Command = Callable[..., Any]


def _course_option(command: Command) -> Command:
    return click.option(
        "--course",
        "-C",
        # Learners may enter a closed workspace without listing it.
        type=click.Path(file_okay=False, readable=False, path_type=Path),
        help="The cohort's workspace. Default: the one that the current folder is in.",
    )(command)


def _lab_option(command: Command) -> Command:
    return click.option("--lab", "-l", "labs", multiple=True, metavar="LAB", help="Only this lab; may be repeated.")(
        command
    )


def _json_option(command: Command) -> Command:
    return click.option("--json", "as_json", is_flag=True, help="Print JSON, for other programs.")(command)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="atelier")
def atelier() -> None:
    """Hands-on GenAI training: graded notebook labs inside the learner's own workflow.

    \b
    Learner    atelier lab --role finance
    Trainer    atelier course new DIR, then in it: release, collect, grade, feedback, report
    Author     atelier new lab ID --kit validation, atelier check ID
    Look       atelier demo
    """


@atelier.command()
@click.option(
    "--serve/--no-serve",
    default=True,
    help="Serve report and site on loopback at the end (default), or stop there.",
)
@click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where to build it. Default: build/demo in the checkout.",
)
@click.option("--port", default=8765, show_default=True, help="Port for the site and the report.")
def demo(serve: bool, folder: Path | None, port: int) -> None:
    """Set up the sample cohort, grade it for real, build the report and the site, and serve them.

    Starts again where an earlier run stopped. Ends with one JSON line of figures and paths.
    """
    from grader import catalog
    from grader import demo as show

    root = catalog.find_root()
    target = folder or root / "build" / "demo"
    with _progress("Sample cohort") as progress:
        result = show.run(catalog.load(root), target, progress, lambda text: _say(text, err=True))
    if serve:
        with show.serving(result, port) as addresses:
            for name, address in addresses.items():
                _say(f"{name:<12} {address}", err=True)
            _say("Ctrl-C stops it.", err=True)
            show.wait()
    _json(result.figures)


@atelier.command()
@click.option("--role", "-r", default="finance", show_default=True, help="Whose track to learn.")
@_course_option
@click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Your folder. Default: build/learner in the checkout.",
)
@click.option("--learner", default=getuser, help="Your id in the course. Default: your user name.")
@click.option("--port", default=8888, show_default=True, help="Port of JupyterLab; the next free one is taken.")
@click.option("--browser/--no-browser", default=True, help="Open the browser (default), or print the address only.")
@click.option(
    "--hub", is_flag=True, help="Be the server that a JupyterHub starts for a learner; your folder is ~/atelier."
)
def lab(role: str, course: Path | None, folder: Path | None, learner: str, port: int, browser: bool, hub: bool) -> None:
    """Open JupyterLab as a learner, with the practice model, on "My track".

    Without --course you practise on your own: a private course is made beside your folder.
    """
    from grader import catalog, room

    root = catalog.find_root()
    known = catalog.load(root)
    with _progress("Preparing your labs") as progress:
        home = folder or (Path.home() / "atelier" if hub else root / "build" / "learner")
        ready = room.prepare(known, role, course, home, learner, progress)
    if hub:
        room.host(ready, say=_say)
        return
    room.run(ready, port=port, open_browser=browser, say=_say)


@atelier.group()
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

    _catalog().role(role)
    space = workspace.create(directory.resolve(), course_id or directory.resolve().name, role, db_url=db_url)
    _say(f"Workspace of {space.settings.course!r} ({role}): {space.root}")
    _say(f"Next: cd {directory} && atelier release")


@course.command("show")
@_course_option
@_json_option
def course_show(course: Path | None, as_json: bool) -> None:
    """Show what a cohort has: labs released, submissions collected, graded and ungraded."""
    from grader import pipeline, release

    space, known = _space(course), _catalog()
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
        _json({"course": space.settings.course, "role": space.settings.role, "labs": rows})
        return
    _say(f"{space.settings.course} · {space.settings.role} · {space.root}")
    _table(("lab", "released", "collected", "graded", "ungraded"), rows)


def _table(columns: tuple[str, ...], rows: list[dict[str, Any]]) -> None:
    cells = [[str(row[c]) if row[c] is not None else "-" for c in columns] for row in rows]
    widths = [max(len(c), *(len(row[i]) for row in cells)) if cells else len(c) for i, c in enumerate(columns)]
    for line in [list(columns), *cells]:
        _say("  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip())


@atelier.command()
@_course_option
@_lab_option
def release(course: Path | None, labs: tuple[str, ...]) -> None:
    """Release the track's labs to the cohort, through nbgrader's exchange."""
    from grader import engines, pipeline

    space, known = _space(course), _catalog()
    chosen = pipeline.labs_of(space, known, labs)
    with _progress("Releasing") as progress, engines.configured(space.settings.engine) as engine:
        done = pipeline.release(space, chosen, engine.id, progress)
    _say(f"Released: {', '.join(done)}" if done else "Nothing new: the cohort has the present version of every lab.")
    _say(f"Learners start with: atelier lab --course {space.root} --learner THEIR-ID")


@atelier.command()
@_course_option
@_lab_option
def collect(course: Path | None, labs: tuple[str, ...]) -> None:
    """Collect what learners handed in; a newer hand-in replaces an older one."""
    from grader import pipeline

    space, known = _space(course), _catalog()
    with _progress("Collecting") as progress:
        total = pipeline.collect(space, pipeline.labs_of(space, known, labs), progress)
    _say(f"Submissions in the workspace: {total}. Next: atelier grade")


@atelier.command()
@_course_option
@_lab_option
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
@_json_option
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

    space, known = _space(course), _catalog()
    chosen = pipeline.gradable(space, known, labs)
    _known_students(space, chosen, students)
    means = pipeline.Means(jobs, isolation, scheduler)
    rows: list[dict[str, Any]] = []
    with engines.configured(space.settings.engine) as engine, _progress("Grading") as progress:
        told = pipeline.grading(
            space, chosen, engine, by=getuser(), students=students, force=force, progress=progress, means=means
        )
        rows.extend(_told(t, as_json=as_json) for t in told)
    rows.sort(key=lambda row: (row["lab"], row["learner"]))
    ungraded = sum(row["points"] == "ungraded" for row in rows)
    if as_json:
        _json([row["json"] for row in rows])
    else:
        _table(("lab", "learner", "points", "note"), rows)
        fresh = sum(row["fresh"] for row in rows)
        _say(f"{len(rows)} submissions, {fresh} graded now, {len(rows) - fresh} as before. Next: atelier feedback")
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
        row["json"] = {"learner": told.learner, "fresh": told.fresh, "earned": score.earned, "score": _plain(score)}
    return row


def _known_students(space: Workspace, labs: Any, students: tuple[str, ...]) -> None:
    from grader.errors import NotFound

    names = [found if isinstance(found, str) else found.id for found in labs]
    known = {learner for name in names for learner, _ in space.submissions(name)}
    for student in students:
        if student not in known:
            raise NotFound("collected submission of learner", student, known)


def _plain(record: Any) -> Any:
    from atelier import records

    return records.dump(record)


@atelier.command()
@_course_option
@_lab_option
def feedback(course: Path | None, labs: tuple[str, ...]) -> None:
    """Write each learner's feedback and send it back through the exchange."""
    from grader import pipeline

    space, known = _space(course), _catalog()
    with _progress("Feedback") as progress:
        pages = pipeline.feedback(space, pipeline.gradable(space, known, labs), progress)
    _say(f"Feedback pages released: {pages}. Learners find them on My track, and on the lab's last screen.")


@atelier.command()
@_course_option
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where to write it. Default: report.html in the workspace.",
)
@_json_option
def report(course: Path | None, out: Path | None, as_json: bool) -> None:
    """Write the trainer's report, one HTML file: cohort grid, hardest checks, lures, who needs a hand, what checks tell.

    With --json: where the report is, and per check its difficulty and discrimination with n and interval.
    """
    from grader import telling

    space, known = _space(course), _catalog()
    path = out or space.root / "report.html"
    items = telling.report(space, known, path)
    if as_json:
        _json({"report": path, "items": [_plain(item) for item in items]})
    else:
        _say(f"Report: {path}")


@atelier.command()
@_course_option
@_lab_option
@_json_option
def similar(course: Path | None, labs: tuple[str, ...], as_json: bool) -> None:
    """List answers of different learners that share most of what few others have. Advice on whom to ask, never a verdict.

    Pairs that worked together, or from one hint, show up as well. Among fewer than six learners nothing is said.
    """
    from grader import comparing, pipeline

    space, known = _space(course), _catalog()
    pairs = comparing.compare(space, pipeline.gradable(space, known, labs))
    if as_json:
        _json([_plain(pair) | {"share": round(pair.share, 3)} for pair in pairs])
        return
    if not pairs:
        _say("No two answers share more than chance would have it.")
        return
    rows = [
        {
            "lab": p.lab,
            "learners": f"{p.one}, {p.other}",
            "share": f"{p.share:.0%}",
            "rare things": f"{p.shared} of {p.of}",
        }
        for p in pairs
    ]
    _table(("lab", "learners", "share", "rare things"), rows)
    _say("Ask before you judge: working in a pair, or from one hint, looks the same.")


@atelier.command()
@_course_option
@_lab_option
@click.option("--student", "-s", metavar="ID", help="Only this learner.")
@_json_option
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
        for entry in evidence.read(_space(course))
        if (not labs or entry.score.lab in labs) and student in (None, entry.occasion.learner)
    ]
    if as_json:
        _json(rows)
    elif not rows:
        _say("Nothing was graded yet. Next: atelier collect, then atelier grade")
    else:
        _table(tuple(rows[0]), rows)


@atelier.command()
@_course_option
@click.option("--student", "-s", metavar="ID", help="One learner instead of the cohort.")
@_json_option
def progress(course: Path | None, student: str | None, as_json: bool) -> None:
    """Show who is where on the track, and what comes next."""
    from grader import telling

    space, known = _space(course), _catalog()
    guides = telling.guides(space, known, student)
    if as_json:
        _json([_plain(guide) for guide in guides])
        return
    if not guides:
        _say("Nobody has handed anything in yet. Next: atelier collect, then atelier grade")
    for line in telling.lines(guides):
        _say(line)


@atelier.group("kpi")
def kpi_group() -> None:
    """The figure of the workflow: before the training, and 30 and 90 days after."""


@kpi_group.command("add")
@_course_option
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

    space = _space(course)
    if (path is None) == (moment is None):
        raise click.UsageError("Name a file with --from, or one case with --moment, --work and --review.")
    if moment is not None and (work is None or review is None):
        raise click.UsageError("A case needs --work and --review: time spent on checking is what baselines forget.")
    one = [kpi.Case(kpi.Moment(moment), day, work or 0, review or 0, faulty)] if moment else []
    _say(f"Cases in {space.root / telling.KPI}: {telling.add_kpi_cases(space, path, one)}. Next: atelier kpi show")


@kpi_group.command("show")
@_course_option
@_json_option
def kpi_show(course: Path | None, as_json: bool) -> None:
    """Show the figure at each moment with its interval, and what changed; under 20 cases nothing is compared."""
    from grader import kpi, telling

    space = _space(course)
    found = kpi.result(space.settings.course, _catalog().role(space.settings.role).file.kpi, telling.kpi_cases(space))
    if as_json:
        _json(_plain(found))
        return
    _say(f"{found.name} ({found.unit}{', review included' if found.counts_review else ''})")
    for line in kpi.lines(found):
        _say(f"  {line}")


@atelier.group()
def export() -> None:
    """Take the evidence to other systems, and badges to learners. These files name people; only their owner can read them."""


def _out_option(default: str) -> Callable[[Command], Command]:
    return click.option(
        "--out",
        type=click.Path(dir_okay=False, path_type=Path),
        help=f"Where to write it. Default: {default} in the workspace.",
    )


@export.command("csv")
@_course_option
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

    _say(f"Written: {handing.table(_space(course), _catalog(), columns, out)}")


@export.command("xapi")
@_course_option
@_out_option("exports/xapi.json")
def export_xapi(course: Path | None, out: Path | None) -> None:
    """Write the evidence as xAPI 1.0.3 statements, for a learning record store.

    Needs the site's address in atelier.toml: site_url = "https://...".
    """
    from grader import handing

    path, count = handing.statements(_space(course), _catalog(), out)
    _say(f"Written: {path} ({count} statements)")


@export.command("badges")
@_course_option
@click.option("--student", "-s", default="", metavar="ID", help="Only this learner's.")
@_json_option
def export_badges(course: Path | None, student: str, as_json: bool) -> None:
    """Issue the learners' Open Badges 3.0, signed: as files under exports/badges, and in the feedback that goes out next.

    A lab's badge needs 80 % of its points, every check evaluated and no cap. Needs the badges extra, and organisation and
    site_url in atelier.toml. Safe to repeat: the same evidence gives the same badges.
    """
    from grader import handing

    space = _space(course)
    found = handing.issue(space, _catalog(), student)
    if as_json:
        _json(
            [{"learner": badge.learner, "lab": badge.lab, "until": badge.ends, "jwt": badge.token} for badge in found]
        )
        return
    _table(("learner", "lab", "until"), [{"learner": b.learner, "lab": b.lab, "until": b.ends} for b in found])
    _say(f"{len(found)} badges in {space.exports / 'badges'}. Next: atelier feedback, which brings each to its learner")


@atelier.command()
@_course_option
@click.option("--student", "-s", required=True, metavar="ID", help="Whom to erase.")
@click.option("--yes", is_flag=True, help="Do it. Without this the command only says what it would erase.")
@_json_option
def erase(course: Path | None, student: str, yes: bool, as_json: bool) -> None:
    """Erase a person: hand-ins, feedback, scores, evidence, badges, exports, name. Leaves a receipt without their name.

    Not while somebody grades. Taken up again after an interruption; safe to repeat. Exit code 1 if files of others still
    mention the person: they are listed, for you to look at.
    """
    from grader import erasure

    space, known = _space(course), _catalog()
    done = erasure.erase(space, known, student, by=getuser()) if yes else erasure.preview(space, known, student)
    if as_json:
        _json({"erased" if yes else "would_erase": done.found, "receipts": done.receipts, "mentions": done.mentions})
    else:
        _table(("what", "count"), [{"what": what, "count": count} for what, count in done.found.items()])
        for path in done.mentions:
            _say(f"Still mentions the person: {path}")
        if done.receipts and (yes or not done.found):
            _say(f"Receipt: {done.receipts[-1]}")
        if yes and done.found:
            _say("Make again what was derived from the cohort: atelier report, atelier site build --course DIR")
        if not yes and done.found:
            _say(f"Nothing was changed. To erase: atelier erase --course {space.root} --student {student} --yes")
    if done.mentions:
        sys.exit(FINDINGS)


@atelier.group()
def session() -> None:
    """Sessions that learners led for others: what makes an ambassador of somebody whose track is at "validates"."""


@session.command("add")
@_course_option
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

    space = _space(course)
    there = [who for who, _, _ in nbg.students(space.course)]
    if student not in there:
        raise NotFound("learner of this cohort", student, there)
    if day.date() > datetime.now().astimezone().date():
        raise click.UsageError(f"{day:%Y-%m-%d} is still to come: record a session after it was held.")
    fresh = sessions.add(space, sessions.Session(student, f"{day:%Y-%m-%d}", getuser()))
    _say(
        f"{'Recorded' if fresh else 'Was recorded before'}. What else an ambassador needs: atelier progress -s {student}"
    )


@session.command("list")
@_course_option
@_json_option
def session_list(course: Path | None, as_json: bool) -> None:
    """List the sessions that were recorded, oldest first."""
    from grader import sessions

    rows = [_plain(found) for found in sessions.read(_space(course))]
    if as_json:
        _json(rows)
    else:
        _table(("day", "learner", "by"), rows)


@atelier.group()
def badge() -> None:
    """Look at a badge that somebody shows."""


@badge.command("verify")
@click.argument("path", metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@_course_option
@click.option(
    "--key",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The issuer's public key, exports/issuer.pub of its workspace. Default: the workspace's own.",
)
@click.option("--learner", metavar="ID", help="Check too that the badge is this learner's.")
@_json_option
def badge_verify(path: Path, course: Path | None, key: Path | None, learner: str | None, as_json: bool) -> None:
    """Verify the badge in FILE (.jwt or .svg), offline: signature, issuer, dates; and policy and model, in a workspace.

    Exit code 1 unless it is valid.
    """
    from grader import handing
    from grader.exports.badges import Standing

    space = _space(course) if course or key is None else None
    found = handing.verify(path, key, space, _catalog() if space else None, learner)
    if as_json:
        _json({"standing": found.standing, "why": found.why, **found.states})
    else:
        _say(f"{found.standing}: {found.why}")
        for name, value in found.states.items():
            _say(f"  {name:<16} {value}")
    if found.standing is not Standing.VALID:
        sys.exit(FINDINGS)


@atelier.group()
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

    _say(f"Site: {telling.build_site(_catalog(), *map(_space, courses))}")


@site.command("serve")
@_courses_option
@click.option("--port", default=8000, show_default=True, help="Port for the site.")
def site_serve(courses: tuple[Path, ...], port: int) -> None:
    """Build the site and serve it on loopback until Ctrl-C."""
    from grader import serve, telling

    folder = telling.build_site(_catalog(), *map(_space, courses))
    with serve.folders({"": folder}, port) as address:
        _say(f"{address}  (Ctrl-C stops it)")
        serve.wait()


@atelier.command()
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
@_json_option
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

    known = _catalog()
    chosen = [known.lab(name) for name in labs] if labs else list(known.labs)
    if preview:
        if len(chosen) != 1 or record or spread or report or as_json:
            raise click.UsageError("--preview opens one lab: atelier check --preview LAB")
        _preview(known, chosen[0], port, browser)
        return
    if spread:
        with _progress("Measuring") as bar:
            labcheck.record_spread(chosen, known.root / labcheck.COHORTS, bar)
    with _progress("Proving") as bar:
        proofs = labcheck.record_all(chosen, bar) if record else labcheck.prove_all(chosen, bar)
    problems = [problem for proof in proofs for problem in proof.problems]
    page = labcheck.report(chosen, proofs, out or known.root / labcheck.REPORT) if report else None
    if as_json:
        _json({"labs": [_plain(proof) for proof in proofs], "problems": len(problems), "report": page})
    else:
        for problem in problems:
            _say(str(problem), err=True)
        for proof in proofs:
            if not proof.problems:
                _say(f"{proof.lab}: holds ({len(proof.ladder)} attempts; {told(proof.spreads)})")
        if page:
            _say(f"Report: {page}")
    if problems:
        sys.exit(FINDINGS)


def _preview(known: Catalog, lab: Lab, port: int, browser: bool) -> None:
    from tempfile import TemporaryDirectory

    from grader import room

    with TemporaryDirectory(prefix="atelier-preview-") as scratch:
        with _progress("Preparing the lab") as progress:
            ready = room.preview(known, lab, Path(scratch), progress)
        room.run(ready, port=port, open_browser=browser, say=_say)


@atelier.group()
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
    _say(f"Lab: {folder}")
    _say(f"Next: write its cases and attempts, then: atelier check {lab_id}")


@new.command("role")
@click.argument("role_id", metavar="ID")
def new_role(role_id: str) -> None:
    """Make courses/roles/ID.toml with every key explained."""
    from grader import catalog, scaffold

    _say(f"Role: {scaffold.role(catalog.find_root(), role_id)}")


@atelier.group()
def model() -> None:
    """Models: fetch them, list them, qualify a lab on one, remove them."""


@model.command("list")
@_json_option
def model_list(as_json: bool) -> None:
    """List the models of this machine and of the policy's tiers, and the labs that each qualifies for."""
    from grader import models

    rows = models.listing(_catalog())
    if as_json:
        _json(rows)
    else:
        _table(("model", "licence", "size", "here", "qualifies", "path"), rows)


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
    with _progress("Model") as progress:
        if repository and file:
            path, fresh = models.fetch_larger(
                repository, file, sha256, address=address, revision=revision, licence=licence, progress=progress
            )
        else:
            path, fresh = models.fetch(progress)
    _say(f"{'Model' if repository else 'Practice model'}: {path}{'' if fresh else ' (was here)'}")


@model.command("remove")
@click.argument("name")
def model_remove(name: str) -> None:
    """Remove the model NAME (its file name, or its name in the list) from this machine. `fetch` brings it back."""
    from grader import models

    freed = models.remove(name)
    _say(f"Removed: {freed / 1e6:,.0f} MB are free again." if freed else f"{name} was not here.")


@model.command("gate")
@click.argument("lab_id", metavar="LAB")
@_course_option
@click.option("--model", "name", help="A model of this machine, by its file name.")
@click.option("--tier", help="The model of this hosting tier, as the policy tells it.")
@click.option("--save", is_flag=True, help="Keep the figures in the lab's gate.json.")
@_json_option
def model_gate(lab_id: str, course: Path | None, name: str | None, tier: str | None, save: bool, as_json: bool) -> None:
    """Run the qualification gate of LAB on the embedded model, on another one, or on the cohort's configured one.

    Exit code 1 if the model does not qualify for the lab.
    """
    from grader import engines, models
    from grader.model import EngineSettings

    if sum(asked is not None for asked in (course, name, tier)) > 1:
        raise click.UsageError("Say one of --course, --model and --tier.")
    known = _catalog()
    if tier:
        there = {t.id: t for t in known.policy.tiers}
        if tier not in there:
            raise click.UsageError(f"The policy has no tier {tier!r}; there are: {', '.join(there)}.")
        settings = models.of_tier(there[tier])
    else:
        settings = _space(course).settings.engine if course else EngineSettings(model=name or "")
    found = known.lab(lab_id)
    with engines.configured(settings) as engine, _progress("Gate") as progress:
        gate = models.gate_of(found, engine, progress, save=save)
    if as_json:
        _json(_plain(gate))
    else:
        _say(models.describe(gate))
    if not gate.qualified:
        sys.exit(FINDINGS)


@atelier.command()
@click.option(
    "--level",
    type=click.Choice(["A", "B", "C", "D"]),
    help="Try this level only. Default: from the best one down, until one holds.",
)
@_json_option
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
        plain = [{**_plain(proof), "holds": proof.holds} for proof in proofs]
        told = {"level": last.level, "holds": last.holds, "bounded_by": isolation.bounded_by()}
        _json({**told, "proofs": plain, "remedies": remedies})
    else:
        _diagnosis(proofs, "" if level else " It is the one that grading uses.")
        _say(f"Memory and processes: {isolation.bounded_by()}")
        for remedy in remedies:
            _say(f"For a better level: {remedy}")
    if not last.holds:
        sys.exit(FINDINGS)


def _diagnosis(proofs: list[Proof], used: str) -> None:
    for failed in proofs[:-1]:
        why = next(attack for attack in failed.results if attack.needed and not attack.held)
        _say(f"Level {failed.level} does not hold here. {why.name}: {why.says}")
    last = proofs[-1]
    _say(f"Level {last.level}, {last.level.says}. Code that")
    width = max(len(attack.name) for attack in last.results)
    for attack in last.results:
        verdict = (
            "stopped"
            if attack.held
            else "NOT STOPPED"
            if attack.needed
            else "not stopped: the container must not hold it"
        )
        _say(f"  {attack.name:<{width}}  {verdict}{'' if attack.says == 'refused' else f' ({attack.says})'}")
    if last.holds:
        _say(f"Level {last.level} holds.{used}")
    elif last.level == "D":
        _say("No isolation: grading refuses to run learners' code, unless told --isolation none.")
    else:
        _say(f"Level {last.level} does not hold here.")


if __name__ == "__main__":
    main()
