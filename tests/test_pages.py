"""The site's derived pages: everything of the catalogue, nothing of a person."""

from __future__ import annotations

import posixpath
import re
import shlex
from dataclasses import fields, replace
from pathlib import Path

import click
import pytest
import sample
from sample import BASICS, CHECKS, LABS, ROLE, SKILLS, person, score

from grader import cli, guidance, pages, progress
from grader.engines.gate import Gate
from grader.guidance import Shown
from grader.kpi import Change, KpiResult, Measured
from grader.model import Check, Kpi, LabFile, Limits, Question, RoleFile
from grader.progress.group import Aggregate, Cell, Group, LabAggregate, LineAggregate

ROOT = Path(__file__).parents[1]
HAND_WRITTEN = ROOT / "site" / "pages"
GATE = Gate("m", "0" * 64, "s", {}, 60, {"bad": 0.1, "medium": 0.4, "good": 0.76}, (0.5, 0.7), True, True, "2026-11-24")


def _render(**changed: object) -> dict[str, str]:
    records = {
        "roles": [ROLE],
        "labs": LABS,
        "skills": SKILLS,
        "policy": sample.POLICY,
        "adoption": sample.ADOPTION,
        **changed,
    }
    return pages.render(**records)


def _cohort(n: int) -> Aggregate:
    everyone = [
        person(f"learner-{i}", score(BASICS, i / n), score(CHECKS, 0.5, i / n), name=f"Name {i}") for i in range(n)
    ]
    return progress.aggregate([(progress.cohort(everyone, ROLE, LABS, SKILLS), SKILLS)])


def _forged(people: int) -> Aggregate:
    """An aggregate that no honest run writes: its groups, bands and levels are smaller than five."""
    lab = LabAggregate("basics", people, 0.5, (0.2, 0.8), (Cell("0", "59", 1), Cell("60", "100", people - 1)))
    lines = (LineAggregate("validation", (Cell("not yet", "not yet", 1), Cell("Discovers", "Owns", people - 1))),)
    return Aggregate(1, (Group("finance", people, (lab, LabAggregate("checks", 4, 0.9, (0.5, 1.0), ())), lines),))


def test_there_is_a_page_for_everything() -> None:
    """Home, tracks, labs, skills, policy, adoption, progress: one page per role and lab."""
    assert sorted(_render()) == [
        "adoption.md",
        "executive.md",
        "index.md",
        "labs/basics.md",
        "labs/checks.md",
        "labs/index.md",
        "manager.md",
        "policy.md",
        "progress.md",
        "roles/finance.md",
        "roles/index.md",
        "skills.md",
    ]


def test_every_link_leads_to_a_page() -> None:
    """Derived or hand-written, from each page's own folder."""
    made = {**_render(aggregate=_cohort(9)), "reference/commands.md": "", "reference/lab-toml.md": ""}
    known = set(made) | {path.relative_to(HAND_WRITTEN).as_posix() for path in HAND_WRITTEN.rglob("*.md")}
    for path, text in made.items():
        for link in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", text):
            assert posixpath.normpath(posixpath.join(posixpath.dirname(path), link)) in known, f"{path}: {link}"


def test_a_lab_page_says_why_how_long_and_how_it_is_scored() -> None:
    """Checks with points, cases, requirements, and the gate's figures where there are some."""
    page = _render(gates={"checks": {"engine-1": GATE}})["labs/checks.md"]
    for needle in (
        "Why it matters.",
        "<dd>40 minutes</dd>",
        "| What caught measures. | 70 | `caught` |",
        "| **All** | **100** | |",
        "[Title of basics](../labs/basics.md)",
        "[validation kit](../guides/scoring.md#validation)",
        "(engine-1) | 60 | 10\N{NO-BREAK SPACE}% | 40\N{NO-BREAK SPACE}% | 76\N{NO-BREAK SPACE}% | 50–70\N{NO-BREAK SPACE}% | qualifies |",
        "- Compare the IBAN",
    ):
        assert needle in page
    assert "practice model" not in _render()["labs/checks.md"]


def test_a_track_without_a_baseline_says_that_it_must_be_measured() -> None:
    """And one with a baseline shows it."""
    assert "<dd>not measured yet</dd>" in _render()["roles/finance.md"]
    kpi = Kpi("Minutes", "minutes", "14.5 in March", "12", counts_review=True)
    page = _render(roles=[replace(ROLE, file=replace(ROLE.file, kpi=kpi))])["roles/finance.md"]
    assert "14.5 in March" in page
    assert "not measured yet" not in page


def test_a_track_tells_its_modules_in_order_with_their_why() -> None:
    """Order is the role file's, not the alphabet's."""
    page = _render()["roles/finance.md"]
    assert page.index("### 1. First") < page.index("Because it is short.") < page.index("### 2. Then")
    assert "2 labs, 1 h 20 in all." in page


def test_skills_show_what_earns_each_level() -> None:
    """A matrix, then the named checks at named shares."""
    page = _render()["skills.md"]
    assert "| Practice line | Discovers | Practises | Validates | Owns | A |" in page
    assert "[Title of checks](labs/checks.md): `caught` at 80\N{NO-BREAK SPACE}%" in page
    assert "| **Owns** | No lab measures it yet. |" in page


def test_the_policy_says_which_data_may_go_where() -> None:
    """In words, class by tier."""
    page = _render()["policy.md"]
    assert "| Data | Here | Cloud |" in page
    assert "| **Personal** | yes | **no** |" in page


def test_adoption_names_the_phase_and_the_missing_proof() -> None:
    """With a group of six on the lab, phase 2 is reached and the KPI is missing."""
    page = _render(aggregate=_cohort(6))["adoption.md"]
    assert '"On the evidence here: 2 Scattered"' in page
    assert page.index("Missing for **3 Measured**") < page.index("- A KPI")
    assert '"On the evidence here: 1 Pilots"' in _render()["adoption.md"]


@pytest.mark.parametrize("aggregate", [None, Aggregate(1), _cohort(4), _forged(4)])
def test_a_group_under_five_shows_nothing(aggregate: Aggregate | None) -> None:
    """Not in tables, not in adoption, even if the file was not written by us."""
    made = _render(aggregate=aggregate)
    assert "Nothing to show yet" in made["progress.md"]
    assert "95 % interval" not in made["progress.md"]
    assert made["adoption.md"] == _render()["adoption.md"]


def test_small_cells_of_a_large_group_are_not_shown() -> None:
    """A forged file of nine: the lab of four, the band of one and the level of one stay out."""
    page = _render(aggregate=_forged(9))["progress.md"]
    assert "## Finance: 9 people" in page
    assert "too few to split" in page
    assert "Fewer than 5 people, so not shown: [Title of checks](labs/checks.md)." in page
    assert "(labs/checks.md) |" not in page
    assert "Levels reached" not in page


def test_progress_is_told_with_n_interval_and_words() -> None:
    """Bars repeat what the text says."""
    page = _render(aggregate=_cohort(12))["progress.md"]
    row = next(line for line in page.splitlines() if line.startswith("| [Title of basics]"))
    assert "| 12 | 45\N{NO-BREAK SPACE}%" in row
    assert 'aria-hidden="true"' in row
    assert "20–70\N{NO-BREAK SPACE}%" in row
    assert "at 0 to" in row


def test_no_person_reaches_a_page() -> None:
    """No id and no name, in any page."""
    text = "\n".join(_render(aggregate=_cohort(40)).values())
    assert "learner-" not in text
    assert "Name 1" not in text


def test_text_of_the_catalogue_cannot_become_markup() -> None:
    """Tags are shown, pipes stay in their cell, line breaks do not end it."""
    page = _render(labs=[replace(BASICS, file=replace(BASICS.file, summary="a <b> | c\nd"))])["labs/index.md"]
    assert r"| a &lt;b&gt; \| c d |" in page


def _leaves(group: click.Group, path: str = "") -> list[tuple[str, click.Command]]:
    found = []
    for name, command in group.commands.items():
        full = f"{path} {name}".strip()
        found += _leaves(command, full) if isinstance(command, click.Group) else [(full, command)]
    return found


def test_every_command_and_option_is_in_the_reference() -> None:
    """Walks the real command."""
    page = pages.command_reference(cli.atelier)
    commands = _leaves(cli.atelier)
    assert len(commands) > 10
    for path, command in commands:
        section = page[page.index(f"## atelier {path} {{") :].split("\n## ")[0]
        assert f"atelier {path}" in section
        for option in command.params:
            if isinstance(option, click.Option) and not option.hidden:
                assert f"`{', '.join([*option.opts, *option.secondary_opts])}`" in section
    assert "\b" not in page


_TOLD = [
    (path.relative_to(ROOT).as_posix(), " ".join(found.split()))
    for path in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(HAND_WRITTEN.rglob("*.md"))]
    for block in re.findall(r"```sh\n(.*?)```|`(atelier [^`]+)`", path.read_text(encoding="utf-8"), re.DOTALL)
    for line in "".join(block).splitlines()
    for found in re.findall(r"(?:^|&& )(atelier [^&#]+)", line)
]


@pytest.mark.parametrize(("page", "told"), sorted(set(_TOLD)))
def test_every_command_that_a_page_tells_exists(page: str, told: str) -> None:
    """With its options, as the real command parses them."""
    words = [word for word in shlex.split(told)[1:] if word not in ("COMMAND", "--help")]
    command: click.Command = cli.atelier
    while words and isinstance(command, click.Group):
        assert words[0] in command.commands, f"{page}: {told}"
        command = command.commands[words.pop(0)]
    known = {name for option in command.params for name in (*option.opts, *option.secondary_opts)}
    assert {word for word in words if word.startswith("-")} <= known, f"{page}: {told}"


def test_a_computed_default_is_not_printed() -> None:
    """The name of whoever built the site is nobody's default."""
    section = pages.command_reference(cli.atelier).split("## atelier lab {")[1].split("\n## ")[0]
    row = next(line for line in section.splitlines() if "`--learner`" in line)
    assert row.endswith("| – |")


@pytest.mark.parametrize("record", [LabFile, Check, Limits])
def test_every_key_of_lab_toml_is_explained(record: type) -> None:
    """By the record that reads it; a key without a word about it fails here."""
    keys = pages.keys(record)
    assert [key.name for key in keys] == [field.name for field in fields(record)]
    assert [key.name for key in keys if not key.says] == []


def test_the_lab_reference_speaks_of_toml_not_of_python() -> None:
    """Types in words; required keys apart from defaults."""
    page = pages.lab_reference({"demo": Limits})
    assert "| `objectives` | list of text |" in page
    assert '"prompting" or "validation" or "redaction" or "decisions" or "testing"' in page.replace("&#34;", '"')
    assert "| `requires` | list of text | labs to hand in first | `[]` |" in page
    assert "| `seconds` | whole number | how long the whole may take | `120` |" in page
    assert "## setup, demo kit" in page


def test_the_lab_reference_explains_tables_inside_a_setup() -> None:
    """A setup that holds lists of records shows each record once, after its own keys."""
    page = pages.lab_reference({"demo": RoleFile})
    assert "| `modules` | list of table (Module) |" in page
    assert page.count("### Kpi {") == page.count("### Module {") == 1
    assert page.index("### Kpi {") < page.index("| `counts_review` | true or false |") < page.index("### Module {")


def test_start_opens_the_lab_on_the_hub_or_gives_the_command() -> None:
    """A deep link where an address is configured; else the command with the role whose track it is on."""
    page = _render(hub="https://hub.example.org/")["labs/basics.md"]
    assert "](https://hub.example.org/hub/user-redirect/doc/tree/basics/basics.ipynb)" in page
    assert "atelier lab --role finance" in _render()["labs/basics.md"]
    assert "user-redirect" not in _render()["labs/basics.md"]


def test_home_asks_where_one_works() -> None:
    """Every role is a link on the first screen, before anything else to click."""
    page = _render()["index.md"]
    assert page.index("[Finance](roles/finance.md)") < page.index("[Start learning]")


def test_a_manager_reads_what_each_figure_shows_and_what_to_do() -> None:
    """Work first, flat results as plainly as others, and nothing of a group under five."""
    page = _render(aggregate=_cohort(12))["manager.md"]
    assert page.index("Have 20 cases measured now") < page.index("[Title of basics](labs/basics.md): 45")
    assert "not shown either way" in page
    assert "Missing for **3 Measured**" in page
    assert "No group to tell of yet" in _render(aggregate=_forged(4))["manager.md"]


@pytest.mark.parametrize(
    ("verdict", "guardrail", "shown"),
    [
        ("lower", "no difference shown", Shown.HOLDS),
        ("lower", "more faults", Shown.WEAK),
        ("lower", "", Shown.OPEN),
        ("no difference shown", "fewer faults", Shown.OPEN),
    ],
)
def test_a_change_is_no_success_without_its_guardrail(verdict: str, guardrail: str, shown: Shown) -> None:
    """Nor is a figure that did not move, whatever the faults did."""
    moments = (Measured("before", 30, 12.0, (11.0, 13.0)), Measured("day 30", 30, 9.0, (8.0, 10.0)))
    change = Change("day 30", -3.0, (-4.0, 1.0), verdict, (0.0, 0.1), guardrail)
    kpi = KpiResult("c", "Minutes", "minutes", counts_review=True, moments=moments, changes=(change,))
    [step] = guidance.read(Group("finance", 9, (), (), kpis=(kpi,)), ROLE, {}, SKILLS)
    assert step.shown is shown
    assert "on 30 and 30 cases" in step.figures[0].says


def test_the_readiness_report_answers_each_question_by_its_proofs() -> None:
    """Yes with all of them, in part with some; what is missing comes with what to do until it is there."""
    asked = (
        Question("people", "Did people practise?", ("seen",), "Train."),
        Question("rules", "Rules and figure?", ("policy", "kpi"), "Measure."),
        Question("log", "What went wrong?", ("log",), "Open a log."),
    )
    made = _render(aggregate=_cohort(6), adoption=replace(sample.ADOPTION, questions=asked))["executive.md"]
    rows = {line.split("|")[1].strip(" *"): line for line in made.splitlines() if line.startswith("| **")}
    assert "1 of 3 questions" in made
    assert [re.sub("<[^>]*>", "", rows[q.asks].split("|")[2]).strip() for q in asked] == ["yes", "in part", "not yet"]
    assert ["Train." in rows[asked[0].asks], "Measure." in rows[asked[1].asks]] == [False, True]
