"""The testing kit: assistants that are the same for the same seed, properties of replies, and a score that cheats cannot move."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from atelier.kits.testing import KIT, bots, records, scoring
from atelier.kits.testing.form import SuiteForm
from atelier.kits.testing.records import Bot, Expect, Quirk, Trial
from atelier.lab import OpenLab
from grader import catalog, labcheck, release
from grader.model import Lab

Suite = records.TestSuite
OWN = {"request": "change", "number": "own", "language": "en", "extra": "nothing"}


@pytest.fixture(scope="module")
def lab() -> Lab:
    return catalog.load(catalog.find_root()).lab("test-the-assistant")


@pytest.fixture(scope="module")
def hidden(lab: Lab) -> tuple[Bot, ...]:
    return catalog.hidden_cases(lab, labcheck.SECRET)


@pytest.fixture
def folder(lab: Lab, tmp_path: Path) -> Path:
    release.stage(lab, labcheck.SECRET, tmp_path / lab.id)
    return tmp_path / lab.id


@pytest.fixture
def form(lab: Lab, folder: Path) -> SuiteForm:
    opened = SuiteForm(OpenLab(lab.id, folder))
    opened.view()
    return opened


def _points(lab: Lab, suite: Suite | None, cases: tuple[Bot, ...]) -> float:
    verdict = KIT.score(suite, cases, lab.setup, {})
    return sum(check.points * (verdict.part(check.part).fraction or 0) for check in lab.file.checks)


def _honest(cases: tuple[Bot, ...]) -> Bot:
    """Return an honest assistant without its slips."""
    return replace(next(bot for bot in cases if not bot.kind), quirks=())


# What the rules ask of a reply, by who writes with which number about what.
RIGHT = {
    ("change", "own"): ("article=3", "amount=price", "days=14"),
    ("late-return", "own"): ("article=4", "amount=none", "declines"),
    ("damaged", "own"): ("article=5", "amount=price", "days=5"),
    ("late", "own"): ("article=6", "amount=delivery", "days=7"),
    ("engraved", "own"): ("article=7", "amount=none", "declines"),
    ("change", "missing"): ("article=2", "amount=none", "asks"),
    ("engraved", "missing"): ("article=2", "amount=none", "asks"),
    ("damaged", "other"): ("article=1", "amount=none", "declines"),
    ("late-return", "other"): ("article=1", "amount=none", "declines"),
}


@pytest.mark.parametrize("extra", ["nothing", "quoted", "hidden", "long"])
@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_honest_assistant_keeps_every_rule(lab: Lab, hidden: tuple[Bot, ...], language: str, extra: str) -> None:
    """In each language, with anything in the message: right article, amount and delay, nobody else's data, no favour."""
    desk, bot = bots.Desk(lab.setup), _honest(hidden)
    for (request, number), expects in RIGHT.items():
        parts = {"request": request, "number": number, "language": language, "extra": extra}
        always = (*expects, "own", "language", "no-favour", "words=80")
        trial = Trial(parts, 30, tuple(Expect(*expect.split("=")) for expect in always))
        for talk in desk.talks(bot, parts, 30):
            missed = [e for e in trial.expects if not desk.holds(e, talk, bot)]
            assert not missed, (missed, desk.message(talk, bot), talk.reply)


def test_a_fault_shows_where_its_trigger_is_and_nowhere_else(lab: Lab, hidden: tuple[Bot, ...]) -> None:
    """Every version of every kind departs from the honest reply in its messages, and is honest in all others."""
    requests, numbers = ("change", "late-return", "damaged", "late", "engraved"), ("own", "missing", "other")
    inputs = [
        {"request": r, "number": n, "language": language, "extra": extra}
        for r in requests for n in numbers for language in ("en", "fr") for extra in ("nothing", "quoted", "hidden", "long")
    ]  # fmt: skip
    for bot in (found for found in hidden if found.kind):
        (fault,) = bot.quirks[2:]
        faulty = replace(bot, quirks=(replace(fault, chance=1.0),))
        desk, honest = bots.Desk(lab.setup), bots.Desk(lab.setup)
        seen = 0
        for parts in inputs:
            ours = [talk.reply for talk in desk.talks(faulty, parts, 4)]
            theirs = [talk.reply for talk in honest.talks(replace(bot, quirks=()), parts, 4)]
            where = all(parts[part] in options for part, options in fault.when.items())
            assert where or ours == theirs
            seen += ours != theirs
        assert seen, bot.kind


def test_an_assistant_says_the_same_for_the_same_seed_and_varies_otherwise(lab: Lab, hidden: tuple[Bot, ...]) -> None:
    bot = next(found for found in hidden if found.kind == "right four times in five")
    first, again = (bots.Desk(lab.setup).talks(bot, OWN, 40) for _ in range(2))
    assert [t.reply for t in first] == [t.reply for t in again]
    assert [t.reply for t in first] != [t.reply for t in bots.Desk(lab.setup).talks(bot, OWN, 40, day=1)]
    assert len({t.writer for t in first}) == len(bot.orders)


def test_chance_is_kept(lab: Lab, hidden: tuple[Bot, ...]) -> None:
    """A fault at 20 % shows in 20 % of two thousand conversations, to within four standard errors."""
    bot = replace(_honest(hidden), quirks=(Quirk(chance=0.2, values={"amount": "{total}"}),))
    desk = bots.Desk(lab.setup)
    talks = desk.talks(bot, OWN, 2000)
    wrong = sum(not desk.holds(Expect("amount", "price"), talk, bot) for talk in talks)
    assert abs(wrong / 2000 - 0.2) < 4 * (0.2 * 0.8 / 2000) ** 0.5


def test_a_private_cell_counts_as_a_whole_word(lab: Lab, hidden: tuple[Bot, ...]) -> None:
    """The price 89.00 of somebody else does not stand in 189.00, and does in 89,00."""
    desk = bots.Desk(lab.setup)
    rows = (
        ("N-1", "Ana Rey", "Lamp Vega", "189.00", "4.90", "193.90"),
        ("N-2", "Bo Ito", "Desk Alba", "89.00", "4.90", "93.90"),
    )
    bot = Bot("x", "", 1, rows)
    talk = bots.Conversation(OWN, "You get 189.00 EUR.", 0, 1)
    assert desk.holds(Expect("own"), talk, bot)
    assert not desk.holds(Expect("own"), replace(talk, reply="Vous recevez 89,00 EUR."), bot)
    assert not desk.holds(Expect("own"), replace(talk, reply="Dear bo ito"), bot)


names = st.sampled_from(["request", "number", "language", "extra", "no such part", ""])
values = st.sampled_from(["change", "own", "other", "fr", "hidden", "no such option", ""])
offers = st.sampled_from(["article", "amount", "days", "declines", "asks", "own", "language", "words", "no such offer"])
trials = st.builds(
    Trial,
    st.dictionaries(names, values, max_size=4),
    st.integers(-5, 10**9),
    st.lists(st.builds(Expect, offers, st.sampled_from(["3", "price", "none", "80", "", "x"])), max_size=3).map(tuple),
    st.integers(-10, 1000),
)
suites = st.builds(Suite, st.lists(trials, max_size=4).map(tuple), st.integers(-5, 10**9))


@given(suites)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_suite_gets_shares(lab: Lab, suite: Suite) -> None:
    """Unknown parts, offers and values, absurd numbers: every part of every suite is between 0 and 1."""
    practice = catalog.practice_cases(lab, labcheck.SECRET)
    found = KIT.score(suite, practice, lab.setup, {})
    assert all(part.fraction is not None and 0 <= part.fraction <= 1 and part.says for part in found.parts)
    assert KIT.card(suite, practice, lab.setup) is not None


@given(st.lists(trials, max_size=30).map(tuple))
def test_the_budget_holds(lab: Lab, tests: tuple[Trial, ...]) -> None:
    """Neither tests nor conversations beyond the lab's limits are run."""
    found = scoring.affordable(Suite(tests), lab.setup)
    assert len(found) <= lab.setup.most_tests
    assert sum(trial.repeats for trial in found) <= lab.setup.most_conversations
    assert all(trial.repeats >= 1 for trial in found)


@pytest.mark.parametrize(
    ("n", "share"), [(0, 0), (-4, 0), (20, 0), (92, 0.9), (93, 1), (97, 1), (100, 1), (104, 1), (200, 0.6), (500, 0)]
)
def test_the_sample_is_judged_by_its_width_and_its_waste(lab: Lab, n: int, share: float) -> None:
    """93 by Wilson and 97 by the normal approximation earn all; too few and needlessly many earn less."""
    found = KIT.score(Suite((), n), (), lab.setup, {}).part("sample").fraction
    assert found is not None
    assert found == pytest.approx(share, abs=0.1)
    assert (found == 1) == (share == 1)


def test_the_smallest_sample_is_wilsons() -> None:
    """n = z² / 4w² - z² at a share of one half, after Wilson's interval: 92.2 for ten points, 380.3 for five."""
    assert scoring.smallest_sample(0.10) == 93
    assert scoring.smallest_sample(0.05) == 381


def test_the_honest_one_in_the_dock_costs_what_faults_earn(lab: Lab, hidden: tuple[Bot, ...]) -> None:
    """Stopping all and rejecting the honest one every day is worth nothing; the message says where to look."""
    reference, attempts = catalog.attempts(lab)
    reject = Expect("words", "20")
    part = KIT.score(
        replace(reference, tests=(*reference.tests, Trial(OWN, 5, (reject,)))), hidden, lab.setup, {}
    ).part("separates")
    assert part.fraction == 0
    assert "false rejection: the honest assistant" in part.survived
    assert (
        attempts["zero tolerance for slips"].earns
        < attempts["one try each"].earns
        < attempts["without the stranger"].earns
    )


def test_more_conversations_make_a_verdict_steadier(lab: Lab, hidden: tuple[Bot, ...]) -> None:
    """The same tests, asked once or twenty times."""
    reference, attempts = catalog.attempts(lab)
    steady = {
        name: KIT.score(suite, hidden, lab.setup, {}).part("steady").fraction
        for name, suite in (("often", reference), ("once", attempts["one try each"].answer))
    }
    assert steady["often"] is not None
    assert steady["once"] is not None
    assert steady["often"] > 0.95
    assert steady["once"] < 0.5


def test_feedback_names_kinds_of_fault_only(lab: Lab, hidden: tuple[Bot, ...]) -> None:
    """No order, no name and no seed of a hidden assistant is in what a learner is told."""
    _, attempts = catalog.attempts(lab)
    told = repr(KIT.score(attempts["happy path, both languages"].answer, hidden, lab.setup, {}))
    assert "pays out to the wrong person" in told
    assert not [cell for bot in hidden for row in bot.orders for cell in row[:4] if cell in told]


def test_the_same_suite_scores_alike_for_every_cohort(lab: Lab) -> None:
    """Over twenty secrets the suite that chance moves most moves by ten points at most, from end to end."""
    _, attempts = catalog.attempts(lab)
    suite = attempts["one try each"].answer
    totals = [_points(lab, suite, catalog.hidden_cases(lab, f"cohort {secret}")) for secret in range(20)]
    assert max(totals) - min(totals) <= 10


def test_practice_shows_three_faults_and_the_grade_eight(lab: Lab, hidden: tuple[Bot, ...]) -> None:
    """One version each in practice, among an honest one; ten versions of eight kinds in the grade."""
    practice = catalog.practice_cases(lab, "any")
    assert [bool(bot.kind) for bot in practice] == [False, True, True, True]
    kinds = [bot.kind for bot in hidden]
    assert {kinds.count(kind) for kind in kinds} == {10}
    assert {bot.kind for bot in practice} < set(kinds)
    assert KIT.problems(lab.setup, hidden) == []


def test_a_setup_that_contradicts_itself_is_told(lab: Lab, hidden: tuple[Bot, ...]) -> None:
    """Languages, columns, conditions and kinds that do not fit are problems of the lab."""
    setup = replace(lab.setup, customer="client", languages=lab.setup.languages[:1])
    told = "\n".join(KIT.problems(setup, [replace(hidden[0], quirks=(Quirk({"request": ("x",)}),), orders=(("a",),))]))
    for says in (
        '"language" are not the languages',
        'no column "client"',
        'no option "x" of "request"',
        "has not 6 cells",
        "not 8 kinds",
    ):
        assert says in told


class TestForm:
    """Driven as the browser drives it: by the widgets' values and clicks."""

    def test_a_test_is_built_told_and_kept(self, form: SuiteForm, folder: Path) -> None:
        form._parts["number"].value = "other"
        assert "N-" in form._message.value
        form._add.click()
        assert "Tick at least one property" in form._said.value
        form._expects["article"]._tick.value = True
        form._add.click()
        assert "Choose a value for “names article”" in form._said.value
        form._expects["article"]._tick.value = False
        form._expects["own"]._tick.value = True
        form._add.click()
        assert "Test 1 is added" in form._said.value
        kept = json.loads((folder / "answers.json").read_text())["answer"]["tests"]
        assert kept[0]["parts"]["number"] == "other"
        assert kept[0]["expects"] == [{"offer": "own", "value": ""}]
        form._add.click()
        assert "This is test 1 already" in form._said.value
        assert "Not tried yet" in form._summary.value

    def test_a_result_opens_its_conversations(self, form: SuiteForm) -> None:
        form._parts["number"].value = "other"
        for request in ("change", "damaged", "late"):
            form._parts["request"].value = request
            form._expects["own"]._tick.value = True
            form._add.click()
        stopped = [
            (row, c)
            for row in form._rows
            for c, cell in enumerate(row._cells)
            if c == 1 and "stopped" in cell.description
        ]
        assert stopped, "assistant A pays the wrong person in one of these messages"
        row, column = stopped[0]
        row._cells[column].click()
        assert form._reader in row.box.children
        assert "It does not hold." in form._which.value
        assert "✗ names nobody else" in form._paper.value
        form._shut.click()
        assert form._reader not in row.box.children

    def test_edit_copy_remove_and_undo(self, form: SuiteForm) -> None:
        form._expects["language"]._tick.value = True
        form._add.click()
        form.edit(0)
        form._repeats.value = 20
        form._add.click()
        assert [t.repeats for t in form.answer.tests] == [20]
        form.copy(0)
        form._parts["language"].value = "fr"
        form._add.click()
        assert len(form.answer.tests) == 2
        form.remove(0)
        assert [t.parts["language"] for t in form.answer.tests] == ["fr"]
        form._undo.click()
        assert len(form.answer.tests) == len(form._list.children) == 2

    def test_the_budget_is_said_before_it_is_spent(self, form: SuiteForm) -> None:
        form._expects["language"]._tick.value = True
        form._repeats.value = 100
        for request in ("change", "late-return", "damaged", "late"):
            form._parts["request"].value = request
            form._add.click()
        form._parts["request"].value = "engraved"
        form._add.click()
        assert "Your budget leaves 0 conversations" in form._said.value
        assert len(form.answer.tests) == 4

    def test_it_comes_back_as_it_was_left(self, lab: Lab, folder: Path) -> None:
        reference, _ = catalog.attempts(lab)
        OpenLab(lab.id, folder).save(reference)
        form = SuiteForm(OpenLab(lab.id, folder))
        form.view()
        assert form.answer == reference
        assert len(form._list.children) == len(reference.tests)
        assert form._sample.value == 97
        assert "Every choice is tried at least once." in form._summary.value
        assert "1.00 of 1" in form._measure.value

    def test_an_answer_from_elsewhere_is_shown_without_a_crash(self, lab: Lab, folder: Path) -> None:
        """Unknown offers and parts, and values no drop-down has."""
        OpenLab(lab.id, folder).save(Suite((Trial({"request": "x"}, 10**6, (Expect("no offer", "1"),), 77),), -3))
        form = SuiteForm(OpenLab(lab.id, folder))
        form.view()
        form.edit(0)
        assert form._threshold.value == 80
        assert "no offer (not on offer)" in form._rows[0]._text.value


def test_the_card_says_the_tests_and_the_sample(lab: Lab) -> None:
    reference, _ = catalog.attempts(lab)
    tests, sample = KIT.card(reference, (), lab.setup)
    assert tests.lines[0].startswith("changed their mind after 12 days, their own order number, in French, an earlier")
    strangers = next(line for line in tests.lines if "somebody else" in line)
    assert strangers.count("; or ") == 2, "three messages of which the same is expected"
    assert "nothing else" not in strangers
    assert sample.lines == ("97 conversations, to know a share to within ±10 points at 95 %",)
