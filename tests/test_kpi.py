"""The workflow's figure: what is measured, what is compared, and when nothing is shown."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random

import pytest
from click.testing import CliRunner
from conftest import Cohort

from grader import charts, cli, kpi, telling
from grader.errors import KpiError
from grader.kpi import Case, Moment
from grader.model import Kpi

FIGURE = Kpi("Minutes", "minutes", "", "less", counts_review=True)


def _cases(moment: Moment, centre: float, n: int = 60, *, review: float = 0, faulty: int = 0) -> list[Case]:
    rng = Random(f"{moment} {centre}")
    return [Case(moment, "2026-11-02", rng.gauss(centre, 2), review, i < faulty) for i in range(n)]


def _changes(*cases: list[Case]) -> dict[str, kpi.Change]:
    found = kpi.result("spring", FIGURE, [case for some in cases for case in some])
    return {change.moment: change for change in found.changes}


def test_a_clear_change_is_shown_and_a_flat_one_is_called_flat() -> None:
    """Five minutes less is lower; nothing is "no difference shown"."""
    found = _changes(_cases(Moment.BEFORE, 15), _cases(Moment.DAY_30, 15.1), _cases(Moment.DAY_90, 10))
    assert found["day 30"].verdict == "no difference shown"
    assert found["day 90"].verdict == "lower"
    low, high = found["day 90"].interval
    assert low < found["day 90"].difference < high < 0


def test_review_time_can_eat_up_the_gain() -> None:
    """Work fell from 15 to 10, and five minutes of review came on top."""
    cases = (_cases(Moment.BEFORE, 15), _cases(Moment.DAY_90, 10, review=5))
    assert _changes(*cases)["day 90"].verdict == "no difference shown"


def test_under_twenty_cases_nothing_is_compared() -> None:
    """They are counted, without a median."""
    found = kpi.result("spring", FIGURE, [*_cases(Moment.BEFORE, 15, 19), *_cases(Moment.DAY_90, 1)])
    assert found.changes == ()
    assert [(m.moment, m.n, m.median is None) for m in found.moments] == [("before", 19, True), ("day 90", 60, False)]
    assert "too few" in " ".join(kpi.lines(found))


def test_the_guardrail_is_told_beside_the_figure() -> None:
    """Faster, and more faults: both are said."""
    found = _changes(_cases(Moment.BEFORE, 15, faulty=3), _cases(Moment.DAY_90, 10, faulty=25))["day 90"]
    assert (found.verdict, found.guardrail) == ("lower", "more faults")


def test_newcombe_gives_the_published_interval() -> None:
    """56 of 70 against 48 of 80: 0.0524 to 0.3339 (Newcombe 1998, table II, example a, method 10)."""
    low, high = kpi.newcombe(56, 70, 48, 80)
    assert (round(low, 4), round(high, 4)) == (0.0524, 0.3339)


def test_the_bootstrap_holds_the_truth_about_as_often_as_it_says() -> None:
    """200 pairs of samples from the same distribution: "no difference shown" in at least 90 of 100."""
    rng = Random(7)
    calm = 0
    for _ in range(200):
        cases = [Case(m, "2026-11-02", rng.lognormvariate(2, 0.5), 0) for m in (Moment.BEFORE, Moment.DAY_90)
                 for _ in range(30)]  # fmt: skip
        calm += kpi.result("c", FIGURE, cases).changes[0].verdict == "no difference shown"
    assert calm >= 180


def test_a_file_s_bad_lines_are_all_named() -> None:
    """With the fix, and nothing is taken."""
    text = "moment,date,work,review,faulty\nbefore,2026-11-02,3,0,no\nlater,2.11.26,-1,x,maybe\n"
    with pytest.raises(KpiError) as refused:
        kpi.parse(text)
    assert len(refused.value.problems) == 5
    assert all("line 3" in problem for problem in refused.value.problems)
    with pytest.raises(KpiError, match="review"):
        kpi.parse("moment,date,work\n")


def test_what_is_written_is_read_back() -> None:
    cases = (*_cases(Moment.BEFORE, 15, 3), Case(Moment.DAY_30, "2026-12-02", 4, 1.5, None))
    assert kpi.parse(kpi.text(cases)) == cases


def test_the_commands_add_and_show(cohort: Cohort, tmp_path: Path) -> None:
    """From a file, one by one, in words and as JSON; review cannot be forgotten."""
    course = ["-C", str(cohort.space.root)]
    (tmp_path / "cases.csv").write_text(kpi.text(_cases(Moment.BEFORE, 15)), encoding="utf-8")
    run = CliRunner().invoke
    assert run(cli.atelier, ["kpi", "add", *course, "--from", str(tmp_path / "cases.csv")]).exit_code == 0
    one = run(cli.atelier, ["kpi", "add", *course, "--moment", "day 30", "--work", "9", "--review", "2", "--right"])
    assert "61" in one.output
    assert (
        "time spent on checking"
        in run(cli.atelier, ["kpi", "add", *course, "--moment", "before", "--work", "9"]).output
    )
    assert "too few to tell" in run(cli.atelier, ["kpi", "show", *course]).output
    shown = json.loads(run(cli.atelier, ["kpi", "show", *course, "--json"]).output)
    assert [m["n"] for m in shown["moments"]] == [60, 1]


def test_the_report_shows_the_figure(cohort: Cohort, tmp_path: Path) -> None:
    """As a picture with words, and as sentences."""
    telling.add_kpi_cases(cohort.space, None, [*_cases(Moment.BEFORE, 15), *_cases(Moment.DAY_90, 10)])
    telling.report(cohort.space, telling.catalog.load(telling.catalog.find_root()), tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "day 90 against before" in page
    assert '<svg xmlns="http://www.w3.org/2000/svg"' in page


def test_charts_speak_and_hold_no_script() -> None:
    """Title and description are named by the picture; text is escaped; the same data give the same picture."""
    found = [charts.Bar("a <b> & c", 0.4, (0.3, 0.5)), charts.Bar("d", 1.0)]
    drawn = charts.bars("Title", "Words.", found)
    assert drawn == charts.bars("Title", "Words.", found)
    assert "<script" not in drawn
    assert "<b>" not in drawn
    assert 'role="img"' in drawn
    assert "<title" in drawn
    assert ">Words.</desc>" in drawn
    assert "currentColor" in drawn
