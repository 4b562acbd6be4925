"""Values between judge and learner: copies that are equal, bounds that hold, frames that are not believed."""

from __future__ import annotations

import datetime as dt
import json
import math
import socket
import struct
from collections import Counter, OrderedDict, defaultdict, deque, namedtuple
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.execution import wire
from grader.execution.peer import MAX_NESTED, Peer
from grader.execution.wire import Channel, Closed, NotPlain, WireError

Point = namedtuple("Point", ["x", "y"])  # as learners write it


def _crossed(value: Any) -> Any:
    return wire.decode(json.loads(json.dumps(wire.encode(value))))


PLAIN = [
    None, True, 0, -(10**3000), 1.5, -0.0, "é\u2028", "", b"\x00\xff", bytearray(b"x"), 2 + 3j, Decimal("1.10"),
    Fraction(10**50, 3), dt.date(2026, 2, 28), dt.time(1, 2, 3), dt.timedelta(-1, 5, 7), range(3, 9, 2), slice(1, None, 2),
    ..., NotImplemented, dt.datetime(2026, 1, 1, tzinfo=dt.timezone(dt.timedelta(hours=2))),
    [1, [2, [3]]], (1, (2,)), {1, 2}, frozenset({"a"}), deque([1, 2]), {"a": {"b": [None]}}, {1: "x", (2, 3): "y"},
    {"t": "ref", "n": 1}, Counter("aab"), Point(1, [2]),
]  # fmt: skip


@pytest.mark.parametrize("value", PLAIN, ids=lambda value: f"{type(value).__name__} {str(value)[:20]!r}")
def test_plain_data_crosses_unchanged(value: Any) -> None:
    """Numbers, text, dates and containers arrive equal and of the same type; a dict that looks like a tag stays a dict."""
    found = _crossed(value)
    assert found == value
    assert type(found).__name__ == type(value).__name__


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_odd_floats_cross(value: float) -> None:
    """NaN and the infinities are no JSON, and cross all the same."""
    assert repr(_crossed(value)) == repr(value)


_LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.binary() | st.dates()
_KEYS = st.text() | st.integers() | st.tuples(st.integers(), st.text())


@settings(max_examples=60, deadline=None)
@given(st.recursive(_LEAVES, lambda inner: st.lists(inner) | st.dictionaries(_KEYS, inner) | st.tuples(inner, inner)))
def test_any_nesting_of_plain_data_crosses(value: Any) -> None:
    """Whatever is built of plain data arrives equal."""
    assert _crossed(value) == value


def test_dict_kinds_arrive_as_dicts() -> None:
    """A defaultdict or OrderedDict is its contents in their order: the function that fills a defaultdict does not cross."""
    assert _crossed(defaultdict(list, b=[1], a=[2])) == {"b": [1], "a": [2]}
    assert list(_crossed(OrderedDict(b=1, a=2))) == ["b", "a"]


@pytest.mark.parametrize(
    "array",
    [
        np.arange(6, dtype="i4").reshape(2, 3), np.array([]), np.array(1.5), np.array(["a", "bcd"]), np.array([True, False]),
        np.array(["2026-01-01", "NaT"], dtype="M8[D]"), np.array([1, "x", None], dtype=object), np.arange(6).reshape(2, 3).T,
        np.array([1 + 2j]), np.zeros((0, 3)),
    ],
    ids=str,
)  # fmt: skip
def test_arrays_cross_with_type_and_shape(array: Any) -> None:
    """A numpy array arrives with its type, shape and items, and can be written to."""
    found = _crossed(array)
    assert found.dtype == array.dtype
    assert found.shape == array.shape
    assert found.tolist() == array.tolist() or "NaT" in str(array)
    assert found.flags.writeable


def test_numpy_numbers_cross_as_what_they_are() -> None:
    """`np.float32(1.5)` stays a float32."""
    assert type(_crossed(np.float32(1.5))) is np.float32
    assert type(_crossed(np.int64(3))) is np.int64


_DAYS = pd.date_range("2026-01-01", periods=3, tz="Europe/Paris")
FRAMES = [
    pd.DataFrame({"n": [1, 2], "s": ["a", None], "f": [1.5, math.nan]}),
    pd.DataFrame({"c": pd.Categorical(["x", "y", "x"], ["y", "x"], ordered=True)}, index=_DAYS),
    pd.DataFrame({"i": pd.array([1, None], "Int64"), "b": pd.array([True, None], "boolean")}),
    pd.DataFrame([[1, 2]], columns=pd.MultiIndex.from_tuples([("a", 1), ("a", 2)])),
    pd.DataFrame([[1, 2]], columns=["same", "same"]),
    pd.DataFrame(index=[3, 4]),
    pd.DataFrame({"d": pd.to_timedelta([1, 2], unit="s"), "p": pd.period_range("2026-01", periods=2, freq="M")}),
    pd.DataFrame({"list": [[1], {"a": 2}]}),
]


@pytest.mark.parametrize("frame", FRAMES, ids=range(len(FRAMES)))
def test_frames_cross_with_index_columns_and_types(frame: pd.DataFrame) -> None:
    """A DataFrame, and each of its columns as a Series, arrives with names, index, categories, zones and missing values."""
    pd.testing.assert_frame_equal(_crossed(frame), frame, check_freq=False)
    for place in range(frame.shape[1]):
        pd.testing.assert_series_equal(_crossed(frame.iloc[:, place]), frame.iloc[:, place], check_freq=False)
    pd.testing.assert_index_equal(_crossed(frame.index), frame.index)


@pytest.mark.parametrize(
    "value",
    [pd.Timestamp("2026-01-01 10:00", tz="UTC"), pd.Timedelta("1D"), pd.Period("2026-01", "M"), pd.NaT, pd.NA],
    ids=str,
)
def test_pandas_scalars_cross(value: Any) -> None:
    """Stamps, spans and periods arrive as they are; the two kinds of "missing" stay themselves."""
    found = _crossed(value)
    assert found is value or found == value
    assert type(found) is type(value)


class Sub(int):
    """A number that is more than a number."""


def _deep(levels: int) -> list[Any]:
    found: list[Any] = []
    for _ in range(levels):
        found = [found]
    return found


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (Sub(3), "Sub is not plain"), (object(), "object is not plain"), (print, "not plain"), (_deep(100), "deep"),
        (1 << 100_000, "digits"), (Point(1, print), "Point is not plain"), (np.zeros(2, dtype=[("a", "i4")]), "record array"),
        (type("S", (str,), {})("x"), "S is not plain"), (pd.DataFrame({"a": pd.arrays.SparseArray([0, 1])}), "Sparse"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_what_is_not_plain_is_named(value: Any, says: str) -> None:
    """Subclasses, functions, objects, and what is too deep or too long do not cross, and the reason says so."""
    with pytest.raises(NotPlain, match=says):
        wire.encode(value)


MALFORMED: list[Any] = [
    {"t": "nothing"}, {"t": []}, {"no": "tag"}, {"t": "ref", "n": 1}, {"t": "float", "v": "1"}, {"t": "fraction", "v": "1e999999999"},
    {"t": "decimal", "v": "1e999999999"}, {"t": "decimal", "v": "x"}, {"t": "range", "v": [0, 10**18, 1]}, {"t": "range", "v": [0, 1, 0]},
    {"t": "array", "v": {"s": [10**12], "k": "<f8", "b": ""}}, {"t": "array", "v": {"s": [1], "k": "O", "b": "AAAAAAAAAAA="}},
    {"t": "array", "v": {"s": [1], "k": "V8", "b": "AAAAAAAAAAA="}}, {"t": "bytes", "v": "!!"}, {"t": "set", "v": [[]]},
    {"t": "timestamp", "v": "2026-01-01", "z": "dateutil//etc/passwd", "u": "ns"}, {"t": "timestamp", "v": "2026-01-01", "z": "../x", "u": "ns"},
    {"t": "named", "n": "T", "f": ["startswith"], "v": [{"t": "ref", "n": 1}]}, {"t": "named", "n": "T", "f": ["__eq__"], "v": [1]},
    {"t": "named", "n": "import os", "f": ["x"], "v": [1]}, {"t": "steps", "v": [0, 10**15, 1], "n": None},
    {"t": "series", "i": 1, "n": None, "v": {"s": [1], "o": [1]}}, {"t": "column", "v": {"x": "object", "v": [1]}},
    {"t": "datetime", "v": 5}, {"t": "timedelta", "v": [10**30, 0, 0]}, {"t": "frame"}, {"t": "dict", "v": [1]}, _deep(300),
]  # fmt: skip


@pytest.mark.parametrize("wired", MALFORMED, ids=lambda wired: str(wired)[:60])
def test_a_malformed_value_is_refused(wired: Any) -> None:
    """What no encoder makes ends as WireError: no name is looked up, nothing is allocated or calculated beyond bounds."""
    with pytest.raises(WireError):
        wire.decode(wired)


@pytest.fixture
def pair() -> Iterator[tuple[Channel, socket.socket]]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield Channel(ours, limit=1 << 20), theirs


def _frame(data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + data


@pytest.mark.parametrize(
    "data",
    [b"", b"[1]", b"{", b"\xff\xfe", b"[" * 100_000, b"1" * 5000, b'{"a": ' + b"9" * 5000 + b"}"],
    ids=lambda data: str(data[:10]),
)
def test_a_frame_that_is_no_message_is_refused(pair: tuple[Channel, socket.socket], data: bytes) -> None:
    """Empty, cut, binary, nested and endless JSON is a breach, and no other exception."""
    channel, theirs = pair
    theirs.sendall(_frame(data))
    with pytest.raises(WireError):
        channel.receive(timeout=5)


def test_a_huge_frame_is_refused_before_it_is_read(pair: tuple[Channel, socket.socket]) -> None:
    """The announced length is enough to refuse it."""
    channel, theirs = pair
    theirs.sendall(struct.pack(">I", 0xFFFFFFFF))
    with pytest.raises(WireError, match="over the limit"):
        channel.receive(timeout=5)


def test_many_frames_are_bounded_together(pair: tuple[Channel, socket.socket]) -> None:
    """A peer cannot fill memory by many small frames either."""
    channel, theirs = pair
    frame = _frame(json.dumps({"x": "y" * 100_000}).encode())
    for _ in range(10):
        theirs.sendall(frame)
        channel.receive(timeout=5)
    theirs.sendall(frame)
    with pytest.raises(WireError, match="over the limit"):
        channel.receive(timeout=5)


def test_a_cut_frame_is_the_end(pair: tuple[Channel, socket.socket]) -> None:
    """A peer that goes in the middle of a frame is gone."""
    channel, theirs = pair
    theirs.sendall(_frame(b'{"a": 1}')[:-2])
    theirs.close()
    with pytest.raises(Closed):
        channel.receive(timeout=5)


def test_silence_has_an_end(pair: tuple[Channel, socket.socket]) -> None:
    """A peer that says nothing, or half a frame, is waited for as long as it was said."""
    channel, theirs = pair
    theirs.sendall(b"\x00\x00")
    with pytest.raises(TimeoutError):
        channel.receive(timeout=0.05)


def test_answers_to_nothing_are_a_breach_and_late_ones_are_passed_over(pair: tuple[Channel, socket.socket]) -> None:
    """An answer to a question that was given up is ignored; one to a question that never was ends the conversation."""
    channel, theirs = pair
    peer = Peer(channel, lambda message: {})
    with pytest.raises(TimeoutError):
        peer.ask("first", until=0.0)
    theirs.sendall(_frame(b'{"re": 1, "value": "late"}') + _frame(b'{"re": 2, "value": "now"}'))
    assert peer.ask("second")["value"] == "now"
    for forged in (b'{"re": 99}', b'{"re": 0}', b'{"re": "3"}', b'{"re": null}', b"{}"):
        theirs.sendall(_frame(forged))
        with pytest.raises(WireError, match="never asked"):
            peer.ask("next")


def test_calls_nest_only_so_deep(pair: tuple[Channel, socket.socket]) -> None:
    """Questions within questions end at a depth that the stack can bear."""
    channel, theirs = pair
    peer = Peer(channel, lambda message: peer.ask("deeper"))
    theirs.sendall(_frame(b'{"ask": 1, "op": "back"}') * (MAX_NESTED + 1))
    with pytest.raises(WireError, match="nested too deep"):
        peer.ask("top")
