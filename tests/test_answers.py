"""`answers.json`, read without trust."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from atelier import answers, errors

GOOD = {"format": 1, "lab": "invoice-checks", "kit": "validation", "answer": {"rules": []}, "notes": {}}

BAD = {
    "empty": (b"", errors.AnswersEmpty),
    "not JSON": (b"{'lab': 1}", errors.AnswersNotJson),
    "half a file": (json.dumps(GOOD).encode()[:40], errors.AnswersNotJson),
    "UTF-16": (json.dumps(GOOD).encode("utf-16"), errors.AnswersNotJson),
    "not a number": (b'{"format": NaN}', errors.AnswersNotJson),
    "deep nesting": (b"[" * 200_000, errors.AnswersNotJson),
    "a megabyte": (b" " * 1_000_000, errors.AnswersTooLarge),
    "a list": (b"[]", errors.AnswersWrongShape),
    "another format": (json.dumps(GOOD | {"format": 9}).encode(), errors.AnswersWrongShape),
    "an unknown key": (json.dumps(GOOD | {"score": 100}).encode(), errors.AnswersWrongShape),
    "another lab's": (json.dumps(GOOD | {"lab": "cv-grid"}).encode(), errors.AnswersOtherLab),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_named_with_a_remedy(tmp_path: Path, name: str) -> None:
    """Each kind of bad file has its own error, which says what to do."""
    content, error = BAD[name]
    (tmp_path / answers.FILE).write_bytes(content)
    with pytest.raises(error) as caught:
        answers.read(tmp_path / answers.FILE, "invoice-checks")
    assert caught.value.says
    assert caught.value.remedy


def test_no_file_is_told_from_a_bad_one(tmp_path: Path) -> None:
    """An absent file means that nothing was answered."""
    with pytest.raises(errors.AnswersAbsent):
        answers.read(tmp_path / answers.FILE, "invoice-checks")


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    """A symbolic link handed in as answers.json is refused, whatever it points to."""
    (tmp_path / "elsewhere.json").write_text(json.dumps(GOOD))
    (tmp_path / answers.FILE).symlink_to(tmp_path / "elsewhere.json")
    with pytest.raises(errors.AnswersNotJson):
        answers.read(tmp_path / answers.FILE, "invoice-checks")


def test_writing_is_atomic_and_reads_back(tmp_path: Path) -> None:
    """What was written reads back, and no scratch file stays."""
    made = answers.Answers(
        "invoice-checks", "validation", {"rules": [{"kind": "sum"}]}, {"first-look": {"choice": "Pay"}}
    )
    answers.write(tmp_path / answers.FILE, made)
    assert answers.read(tmp_path / answers.FILE, "invoice-checks") == made
    assert [p.name for p in tmp_path.iterdir()] == [answers.FILE]
