"""Documents in, frozen records out."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atelier import records


@dataclass(frozen=True, slots=True)
class Inner:
    name: str
    sizes: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Outer:
    minutes: int
    parts: tuple[Inner, ...] = ()
    notes: dict[str, str] = field(default_factory=dict)


def test_every_problem_is_reported_at_once() -> None:
    """Unknown keys come with the nearest known one, missing keys and wrong types with their path."""
    with pytest.raises(records.RecordError) as caught:
        records.load(Outer, {"minuets": 3, "parts": [{"nmae": "x", "sizes": ["wide"]}]})
    problems = dict(caught.value.problems)
    assert problems["minuets"] == 'unknown key; did you mean "minutes"?'
    assert problems["minutes"] == "missing; add it"
    assert problems["parts.0.nmae"] == 'unknown key; did you mean "name"?'
    assert problems["parts.0.name"] == "missing; add it"
    assert "got 'wide'" in problems["parts.0.sizes.0"]


@given(
    st.builds(
        Outer,
        minutes=st.integers(-(2**60), 2**60),
        parts=st.lists(st.builds(Inner, name=st.text(), sizes=st.lists(st.integers(0, 9)).map(tuple))).map(tuple),
        notes=st.dictionaries(st.text(), st.text()),
    )
)
def test_a_record_survives_json(record: Outer) -> None:
    """dump, JSON and load give the record back."""
    assert records.load(Outer, json.loads(json.dumps(records.dump(record)))) == record


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda c: st.lists(c) | st.dictionaries(st.text(), c),
    )
)
def test_junk_is_refused_with_a_reason(junk: object) -> None:
    """Whatever JSON holds, the answer is a record or a RecordError with at least one problem."""
    try:
        made = records.load(Outer, junk)
    except records.RecordError as error:
        made, problems = None, error.problems
    assert isinstance(made, Outer) or problems
