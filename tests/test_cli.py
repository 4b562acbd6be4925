"""The command line as trainers and scripts meet it: help, exit codes, JSON, and errors that say what to do."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from conftest import NO_MODEL, Cohort, Run, honest

from grader import cli, pipeline, workspace
from grader.catalog import Catalog

LAB = "invoice-checks"
HEAVY = {
    *("nbgrader", "jupyter_server", "jupyter_client", "jupyterlab", "IPython", "ipywidgets", "anywidget", "traitlets"),
    *(
        "nbformat",
        "nbconvert",
        "nbclient",
        "jupytext",
        "sqlalchemy",
        "tornado",
        "xllamacpp",
        "openai",
        "mkdocs",
        "rich",
    ),
}


# Help


def _commands(group: click.Group, *path: str) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    for name, command in group.commands.items():
        yield (*path, name), command
        if isinstance(command, click.Group):
            yield from _commands(command, *path, name)


COMMANDS = dict(_commands(cli.atelier))


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_every_command_describes_itself_and_its_options(path: tuple[str, ...]) -> None:
    """`--help` and `-h` answer with a sentence on the command and on each option."""
    command = COMMANDS[path]
    shown = CliRunner().invoke(cli.atelier, [*path, "--help"])
    assert shown.exit_code == 0
    assert shown.output == CliRunner().invoke(cli.atelier, [*path, "-h"]).output
    assert command.help
    assert command.help.split("\n")[0].endswith((".", ":"))
    for option in command.params:
        if isinstance(option, click.Option):
            assert option.help, f"{option.opts} is not described"
            assert option.opts[0] in shown.output


def test_the_first_page_names_every_command(run: Run) -> None:
    """`atelier --help` lists each command with a line, and the order of a first use."""
    shown = run("--help")
    assert shown.code == 0
    for path in COMMANDS:
        assert path[0] in shown.out
    assert "atelier course new DIR" in shown.out
    assert run("--version").out.startswith("atelier")


def test_help_imports_nothing_heavy() -> None:
    """Help answers at once: no nbgrader, no Jupyter, no model, in one process over every command."""
    script = (
        "import sys\n"
        "from click.testing import CliRunner\n"
        "from grader import cli\n"
        f"for path in {[list(path) for path in COMMANDS]!r}:\n"
        "    assert CliRunner().invoke(cli.atelier, [*path, '--help']).exit_code == 0\n"
        "print(*{name.split('.')[0] for name in sys.modules})\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True)
    assert set(done.stdout.split()) & HEAVY == set()
    assert "click" in done.stdout.split()


# Misuse


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (("course", "new", "made", "--role", "finanse"), "There is no role 'finanse'. Did you mean 'finance'?"),
        (("course", "new", "Made Up"), "cannot be a course id. Use lower-case letters"),
        (("lab", "--role", "finanse"), "There is no role 'finanse'. Did you mean 'finance'?"),
        (("check", "invoice-cheks"), "There is no lab 'invoice-cheks'. Did you mean 'invoice-checks'?"),
        (("check", "--preview"), "--preview opens one lab: atelier check --preview LAB"),
        (("model", "gate", "invoice-feilds"), "Did you mean 'invoice-fields'?"),
        (("model", "gate", "invoice-checks"), "invoice-checks asks no model"),
        (("check", "invoice-checks", "--spread"), "invoice-checks: the practice model is not asked by this lab"),
        (("new", "lab", "x", "--kit", "validaton"), "'validaton' is not one of"),
        (("new", "lab", "x"), "Missing option '--kit'"),
        (
            ("grade", "--course", "nowhere"),
            "is not a cohort's workspace (no atelier.toml). Make one: atelier course new",
        ),
        (("demo", "--port", "high"), "'high' is not a valid integer"),
        (("gradee",), "No such command 'gradee'"),
        (("grade", "--forse"), "--force"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_misuse_is_exit_2_and_names_the_way_out(run: Run, tmp_path: Path, args: tuple[str, ...], says: str) -> None:
    """Nothing is printed on stdout, nothing is made, and the message holds the remedy."""
    told = run(*args, at=tmp_path)
    assert (told.code, told.out) == (2, "")
    assert says in told.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "args",
    [("release",), ("collect",), ("grade",), ("feedback",), ("report",), ("progress",), ("course", "show")],
    ids=" ".join,
)
def test_outside_a_workspace_the_way_in_is_named(run: Run, tmp_path: Path, args: tuple[str, ...]) -> None:
    """A trainer's command in the wrong folder says so, and how a workspace is made."""
    told = run(*args, at=tmp_path)
    assert (told.code, told.out) == (2, "")
    assert told.err.count("\n") == 1
    assert "is not in a cohort's workspace. Make one: atelier course new DIR" in told.err


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (("grade", "-s", "adda"), "There is no collected submission of learner 'adda'. Did you mean 'ada'?"),
        (
            ("grade", "-l", "invoice-cheks"),
            "There is no lab of the finance track 'invoice-cheks'. Did you mean 'invoice-",
        ),
        (("grade", "-l", "notebook-basics"), "Run: atelier release --lab notebook-basics"),
        (("release", "-l", "send-or-hodl"), "Did you mean 'send-or-hold'?"),
        (("progress", "-s", "cloe"), "There is no learner 'cloe'. Did you mean 'cleo'?"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_a_wrong_name_in_a_workspace_suggests_the_right_one(
    run: Run, graded: Cohort, args: tuple[str, ...], says: str
) -> None:
    """Labs and learners are looked up where they belong."""
    told = run(*args, at=graded.space.root)
    assert (told.code, told.out) == (2, "")
    assert says in told.err


def test_a_broken_workspace_is_named_with_file_and_key(run: Run, cohort: Cohort) -> None:
    """A typo in atelier.toml is not a traceback."""
    with (cohort.space.root / workspace.FILE).open("a") as file:
        file.write("[engin]\n")
    told = run("grade", at=cohort.space.root)
    assert told.code == 2
    assert 'atelier.toml cannot be read: engin: unknown key; did you mean "engine"?' in told.err


def test_ctrl_c_says_that_work_is_kept(run: Run, full: Cohort, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit code 130, as shells expect of an interrupt."""

    def interrupted(*args: object, **more: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(pipeline, "grading", interrupted)
    told = run("grade", at=full.space.root)
    assert told.code == 130
    assert "What was done is kept; run the same command to go on." in told.err


# A cohort


@pytest.fixture(scope="module")
def graded(handed_in: Cohort, tmp_path_factory: pytest.TempPathFactory) -> Cohort:
    cohort = handed_in.copy(tmp_path_factory.mktemp("graded"))
    cohort.grade()
    return cohort


def test_a_cohort_is_led_by_commands_alone(run: Run, tmp_path: Path, full: Cohort, known: Catalog) -> None:
    """From `course new` to the report, each command says what comes next; a second `new` changes nothing."""
    made = run("course", "new", "spring", at=tmp_path)
    assert made.code == 0
    assert "Next: cd spring && atelier release" in made.out
    assert run("course", "new", "spring", at=tmp_path).code == 0
    course = tmp_path / "spring"
    assert "Run: atelier release" in run("grade", at=course).err
    released = run("release", "-l", "notebook-basics", at=course)
    assert "Released: notebook-basics" in released.out
    assert "Nothing new" in run("release", "-l", "notebook-basics").out
    assert "Submissions in the workspace: 0" in run("collect").out
    assert "0 submissions, 0 graded now" in run("grade").out
    # The same on a workspace with hand-ins.
    course = full.space.root
    assert f"Submissions in the workspace: {4 * len(NO_MODEL)}" in run("collect", at=course).out
    graded = run("grade")
    assert graded.code == 0
    assert "12 submissions, 12 graded now, 0 as before. Next: atelier feedback" in graded.out
    assert "0 graded now, 12 as before" in run("grade").out
    assert "Feedback pages released: 12" in run("feedback").out
    assert run("report").out == f"Report: {course / 'report.html'}\n"
    assert "ada" in (course / "report.html").read_text()
    told = json.loads(run("report", "--json").out)
    assert told["report"] == str(course / "report.html")
    assert {item["reading"] for item in told["items"]} >= {"too few to say: 0 of 10"}
    assert f"ada: 3 of {len(known.role('finance').labs)} labs graded" in run("progress").out


def test_grade_exits_1_when_something_could_not_be_graded(run: Run, cohort: Cohort) -> None:
    """The reason stands in the table; the others are graded."""
    cohort.hand_in("ada", LAB, honest(cohort.lab(LAB))["ada"].answer)
    cohort.hand_in("ben", LAB, b"[")
    cohort.collect()
    told = run("grade", at=cohort.space.root)
    assert told.code == 1
    [line] = [line for line in told.out.splitlines() if " ben " in line]
    assert "ungraded" in line
    assert "2 submissions, 1 graded now, 0 as before. 1 could not be graded: the note says why." in told.out
    assert "not readable JSON" in line
    assert list(cohort.points()) == [("ada", LAB)]


def test_json_is_all_that_stdout_holds(run: Run, graded: Cohort, known: Catalog) -> None:
    """Every --json prints one JSON document with the figures of the gradebook."""
    points = graded.points()
    course = str(graded.space.root)
    shown = json.loads(run("course", "show", "-C", course, "--json").out)
    assert (shown["course"], shown["role"]) == ("autumn", "finance")
    by_lab = {row["lab"]: row for row in shown["labs"]}
    assert len(by_lab) == len(known.role("finance").labs)
    assert {lab: (by_lab[lab]["collected"], by_lab[lab]["graded"], by_lab[lab]["ungraded"]) for lab in NO_MODEL} == (
        dict.fromkeys(NO_MODEL, (4, 4, 0))
    )
    assert by_lab["notebook-basics"]["released"] is None
    told = json.loads(run("grade", "-C", course, "--json").out)
    assert {(t["learner"], t["score"]["lab"]): float(t["earned"]) for t in told} == points
    assert not any(t["fresh"] for t in told)
    guides = json.loads(run("progress", "-C", course, "--json").out)
    assert [guide["learner"] for guide in guides] == ["ada", "ben", "cleo", "dora"]
    [one] = json.loads(run("progress", "-C", course, "-s", "ben", "--json").out)
    assert one == guides[1]
    assert {"model", "here", "path"} <= json.loads(run("model", "list", "--json").out)[0].keys()


def test_tables_show_the_same(run: Run, graded: Cohort) -> None:
    """Without --json: one line per row, columns aligned."""
    lines = run("course", "show", at=graded.space.root).out.splitlines()
    assert lines[1].split() == ["lab", "released", "collected", "graded", "ungraded"]
    [row] = [line for line in lines if line.startswith(LAB)]
    assert row.split()[2:] == ["4", "4", "0"]


# Proving labs


def test_check_exits_0_when_every_lab_holds(run: Run, tiny: Path) -> None:
    """All labs of the catalogue that one is in, or those that are named."""
    told = run("check", at=tiny)
    assert (told.code, told.err) == (0, "")
    assert [line.split(":")[0] for line in told.out.splitlines()] == ["notebook-basics", "send-or-hold"]
    assert run("check", "notebook-basics").out.startswith("notebook-basics: holds (")


def test_check_writes_its_report_where_it_is_told(run: Run, tiny: Path) -> None:
    """One page, the JSON beside it, and both are named; by default under build/ of the checkout."""
    told = run("check", "notebook-basics", "--report", "--out", "here/q.html", at=tiny)
    assert (told.code, told.out.splitlines()[-1]) == (0, "Report: here/q.html")
    assert [p.name for p in sorted((tiny / "here").iterdir())] == ["q.html", "q.json"]
    found = json.loads(run("check", "notebook-basics", "--report", "--json").out)
    assert found["report"] == str(tiny / "build/quality.html")
    assert json.loads((tiny / "build/quality.json").read_text())["labs"][0]["lab"] == "notebook-basics"


def test_check_exits_1_with_a_line_per_problem(run: Run, tiny: Path) -> None:
    """An attempt that earns another score than declared, and notes that are too short: two lines, with files."""
    path = tiny / "exercises/labs/notebook-basics/attempts.py"
    path.write_text(path.read_text().replace('50, "two right, and', '60, "two right, and'))
    (path.parent / "trainer.md").write_text("Be kind.")
    told = run("check", at=tiny)
    assert told.code == 1
    lines = told.err.splitlines()
    assert len(lines) == 2
    assert lines[0].startswith("exercises/labs/notebook-basics/trainer.md: has 2 words, under 150")
    assert lines[1].startswith("exercises/labs/notebook-basics/attempts.py: two right: earns 50.00, declares 60")
    assert told.out.startswith("send-or-hold: holds")
    found = run("check", "--json")
    assert found.code == 1
    assert json.loads(found.out)["problems"] == 2


def test_check_of_a_broken_catalogue_names_all_problems(run: Run, tiny: Path) -> None:
    """Exit code 1: the files have problems, the command was right."""
    for lab in ("notebook-basics", "send-or-hold"):
        path = tiny / "exercises/labs" / lab / "lab.toml"
        path.write_text(path.read_text().replace("minutes =", "minuts ="))
    told = run("check", at=tiny)
    assert (told.code, told.out) == (1, "")
    assert told.err.count('minuts: unknown key; did you mean "minutes"?') == 2


def test_check_of_a_lab_whose_code_fails_goes_on_with_the_others(run: Run, tiny: Path) -> None:
    """A crash in a lab's cases is that lab's problem."""
    (tiny / "exercises/labs/notebook-basics/cases.py").write_text(
        "def cases(rng, n, *, public=False):\n    return 1 / 0\n"
    )
    told = run("check", at=tiny)
    assert told.code == 1
    assert "exercises/labs/notebook-basics/cases.py: line 2: ZeroDivisionError: division by zero" in told.err
    assert "send-or-hold: holds" in told.out
