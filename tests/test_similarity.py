"""Which answers are more alike than chance: found where copied, silent where everybody found the same."""

from __future__ import annotations

from pathlib import Path

import ordinary
from ordinary import Cell

from grader import comparing, similarity, workspace

STYLES = {
    "ada": "def late(rows):\n    return [r for r in rows if r['paid'] > r['due'] + 30]",
    "ben": "def late(rows):\n    found = []\n    for row in rows:\n        if row['paid'] - row['due'] > 30:\n            found.append(row)\n    return found",
    "cleo": "def late(rows):\n    return list(filter(lambda r: (r['paid'] - r['due']) // 30 >= 1, rows))",
    "dora": "from operator import itemgetter\ndef late(rows):\n    paid, due = itemgetter('paid'), itemgetter('due')\n    return sorted((r for r in rows if paid(r) > due(r)), key=paid)",
    "emil": "def late(rows):\n    limit = {id(r): r['due'] + 30 for r in rows}\n    while rows and limit:\n        head, *rows = rows\n        yield head",
    "fay": "import itertools\ndef late(rows):\n    return [*itertools.dropwhile(lambda r: r['paid'] <= r['due'], rows)]",
}  # fmt: skip
COPIED = (
    STYLES["ben"].replace("found", "result").replace("row ", "entry ").replace("row[", "entry[").replace("30", "31")
)


def _code(styles: dict[str, str]) -> dict[str, frozenset[str]]:
    return {learner: similarity.code(source) for learner, source in styles.items()}


def test_a_copy_with_other_names_is_found() -> None:
    """Renaming and other constants change nothing; the pair is named, and nobody else."""
    [pair] = similarity.alike("lab", _code(STYLES | {"gus": COPIED}))
    assert {pair.one, pair.other} == {"ben", "gus"}
    assert pair.share > 0.9


def test_own_work_is_not_alike() -> None:
    """Different ways to the same result share too little."""
    assert similarity.alike("lab", _code(STYLES)) == ()


def test_what_everybody_has_counts_for_nothing() -> None:
    """The one obvious solution, handed in by all, accuses nobody."""
    assert similarity.alike("lab", _code(dict.fromkeys(STYLES, STYLES["ada"]))) == ()


def test_what_was_released_counts_for_nothing() -> None:
    """Two who left the starter as it was are not alike by it."""
    released = similarity.code(STYLES["ben"])
    given = _code(STYLES | {"gus": STYLES["ben"]})
    assert similarity.alike("lab", given, released) == ()


def test_few_learners_are_not_compared() -> None:
    """Among five, everything is rare."""
    five = dict(list(STYLES.items())[:4]) | {"gus": COPIED}
    assert similarity.alike("lab", _code(five)) == ()


def test_forms_are_compared_by_their_entries() -> None:
    """A check plan copied rule by rule is found among plans that share the obvious rules."""
    obvious = [{"kind": "required", "field": name} for name in ("total", "iban")]
    own = {
        f"p{i}": {"rules": [*obvious, *({"kind": "within", "field": f, "low": i, "high": i * 7 + k} for k, f in enumerate("abcdefgh"))]}
        for i in range(8)
    }  # fmt: skip
    answers = {learner: similarity.form(answer) for learner, answer in own.items()}
    assert similarity.alike("lab", answers) == ()
    [pair] = similarity.alike("lab", answers | {"copy": answers["p3"]})
    assert (pair.one, pair.other, pair.share) == ("copy", "p3", 1.0)


def test_broken_code_gives_what_it_can() -> None:
    """No hand-in stops the comparison."""
    assert similarity.code("def f(:\n  'unfinished") is not None
    assert similarity.form(None) is not None


def test_a_cohort_is_compared_from_what_was_collected(tmp_path: Path) -> None:
    """Submissions in the workspace, the release taken out; an unreadable one is left out."""
    space = workspace.create(tmp_path / "course", "autumn", "finance")
    cells = (
        Cell("plain", "import math"),
        Cell("answer", "def late(rows):\n    ### BEGIN SOLUTION\n    return []\n    ### END SOLUTION", "late"),
        Cell("check", "assert late([]) == []", "right", 1),
    )
    released = ordinary.release(space, "late", cells)
    for learner, source in (STYLES | {"gus": COPIED}).items():
        ordinary.hand_in(space, "late", learner, released, {"late": source})
    (ordinary.hand_in(space, "late", "zoe", released, {}) / "late.ipynb").write_text("{")
    [pair] = comparing.compare(space, ["late"])
    assert {pair.one, pair.other} == {"ben", "gus"}
