"""Messages between the judge and a learner's process: length-prefixed JSON, bounded, every value tagged. No pickle.

A frame is four bytes of length (big endian) and so much UTF-8 JSON. Values cross as *copies* of plain data: numbers,
text, containers, dates, and numpy and pandas objects by their contents. What is not plain data crosses as a *reference*:
the peer keeps the object, and the number of it travels. Both sides decode without trust: size, depth and types are
checked, and no name in a message is ever imported or called.
"""

from __future__ import annotations

import base64
import datetime as dt
import json
import math
import os
import re
import select
import socket
import struct
import sys
import time
from collections import Counter, OrderedDict, defaultdict, deque, namedtuple
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from functools import cache
from typing import IO, Any

MAX_FRAME = 32 * 1024 * 1024
MAX_DEPTH = 60
_MAX_DIGITS = 4000
_MAX_EXPONENT = 100_000  # of a Decimal: int() of a larger one would not come to its end
_MAX_STEPS = 100_000_000  # of a range: longer ones cannot be gone through in a check's time
_MAX_FIELDS = 200
_ZONE = re.compile(r"(?!dateutil)[\w+-]+(:\d\d)?(/[\w+-]+){0,3}")
_HEAD = struct.Struct(">I")
_DTYPE = re.compile(r"[<>|=]?[biufcSUmM?]\d{0,6}(\[\d*[a-zA-Zμ]+\])?")
_EXTENSION = re.compile(
    r"(str|string(\[\w+\])?|boolean|U?Int(8|16|32|64)|Float(32|64)|datetime64\[\w+(, [\w/+:-]+)?\]|timedelta64\[\w+\]"
    r"|period\[[\w-]+\])"
)

Message = dict[str, Any]
Wired = Any
Refer = Callable[[Any], Message]
Resolve = Callable[[Message], Any]


class WireError(Exception):
    """The peer broke the protocol: a frame too large, not JSON, of the wrong shape, or cut off."""


class NotPlain(Exception):
    """A value cannot cross: too large, too deep, or of a type that this side does not lend."""


class Closed(Exception):
    """The peer is gone."""


class Channel:
    """A socket that carries frames. Reads at most `limit` bytes in all, so that a peer cannot fill this side's memory."""

    def __init__(self, sock: socket.socket, limit: int = 512 * 1024 * 1024) -> None:
        self.socket = sock
        self._left = limit

    def send(self, message: Message) -> None:
        """Send one frame. NotPlain if it is too large; Closed if nobody listens."""
        data = json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
        if len(data) > MAX_FRAME:
            raise NotPlain(f"{len(data):,} bytes are too much; at most {MAX_FRAME:,} cross at once")
        try:
            self.socket.sendall(_HEAD.pack(len(data)) + data)
        except TimeoutError:
            raise
        except OSError as error:
            raise Closed from error

    def receive(self, timeout: float | None = None) -> Message:
        """Receive one frame. TimeoutError after `timeout` seconds without one; Closed or WireError if there is none."""
        self.socket.settimeout(timeout)
        try:
            (length,) = _HEAD.unpack(self._exactly(_HEAD.size))
            self._left -= length
            if length > MAX_FRAME or self._left < 0:
                raise WireError(f"a frame of {length:,} bytes is over the limit")
            raw = json.loads(self._exactly(length).decode("utf-8", "surrogatepass"))
        except (UnicodeDecodeError, ValueError, RecursionError) as error:
            raise WireError(f"a frame is not readable ({type(error).__name__})") from error
        finally:
            self.socket.settimeout(None)
        if not isinstance(raw, dict):
            raise WireError("a frame is not a message")
        return raw

    def _exactly(self, size: int) -> bytes:
        parts = bytearray()
        while len(parts) < size:
            try:
                part = self.socket.recv(min(size - len(parts), 1 << 20))
            except TimeoutError:
                raise
            except OSError as error:
                raise Closed from error
            if not part:
                raise Closed
            parts += part
        return bytes(parts)


def lend_nothing(value: Any) -> Message:
    """Refuse to refer to `value`: for sides that keep nothing."""
    raise NotPlain(f"a {type(value).__name__} is not plain data")


def encode(value: Any, refer: Refer = lend_nothing, depth: int = 0) -> Wired:
    """Return `value` as JSON data. What is not plain goes through `refer`, which gives its reference or raises NotPlain."""
    if depth > MAX_DEPTH:
        raise NotPlain(f"the value is nested more than {MAX_DEPTH} deep")
    kind = type(value)
    if value is None or kind is bool or kind is str:
        return value
    if kind is int:
        if value.bit_length() > _MAX_DIGITS * 3:
            raise NotPlain("a whole number of more than 4,000 digits")
        return value
    if kind is float:
        return value if math.isfinite(value) else {"t": "float", "v": repr(value)}
    if kind is list:
        return [encode(item, refer, depth + 1) for item in value]
    encoder = _ENCODERS.get(kind)
    if encoder is not None:
        return encoder(value, lambda item: encode(item, refer, depth + 1))
    if isinstance(value, tuple) and hasattr(kind, "_fields"):
        # A field that holds a function would pass for a method: such a tuple is an object like any other.
        try:
            values = [encode(item, lend_nothing, depth + 1) for item in value]
        except NotPlain:
            return refer(value)
        return {"t": "named", "n": kind.__name__, "f": list(kind._fields), "v": values}
    module = kind.__module__.partition(".")[0]
    if module in ("numpy", "pandas"):
        arrays = _encode_arrays(value, lambda item: encode(item, refer, depth + 1))
        if arrays is not None:
            return arrays
    return refer(value)


def _dict(value: dict[Any, Any], inner: Callable[[Any], Wired]) -> Wired:
    if all(type(key) is str for key in value):
        return {"t": "d", "v": {key: inner(item) for key, item in value.items()}}
    return {"t": "dict", "v": [[inner(key), inner(item)] for key, item in value.items()]}


def _sequence(tag: str) -> Callable[[Any, Callable[[Any], Wired]], Wired]:
    return lambda value, inner: {"t": tag, "v": [inner(item) for item in value]}


def _text(tag: str, text: Callable[[Any], str] = str) -> Callable[[Any, Callable[[Any], Wired]], Wired]:
    return lambda value, _inner: {"t": tag, "v": text(value)}


_ENCODERS: dict[type, Callable[[Any, Callable[[Any], Wired]], Wired]] = {
    dict: _dict,
    defaultdict: _dict,
    OrderedDict: _dict,
    Counter: lambda value, inner: {"t": "counter", "v": [[inner(k), inner(n)] for k, n in value.items()]},
    tuple: _sequence("tuple"),
    set: _sequence("set"),
    frozenset: _sequence("frozenset"),
    deque: _sequence("deque"),
    bytes: lambda value, _inner: {"t": "bytes", "v": base64.b64encode(value).decode()},
    bytearray: lambda value, _inner: {"t": "bytearray", "v": base64.b64encode(value).decode()},
    complex: lambda value, inner: {"t": "complex", "v": [inner(value.real), inner(value.imag)]},
    Decimal: _text("decimal"),
    Fraction: lambda value, inner: {"t": "fraction", "v": [inner(value.numerator), inner(value.denominator)]},
    dt.datetime: _text("datetime", dt.datetime.isoformat),
    dt.date: _text("date", dt.date.isoformat),
    dt.time: _text("time", dt.time.isoformat),
    dt.timedelta: lambda value, _inner: {"t": "timedelta", "v": [value.days, value.seconds, value.microseconds]},
    range: lambda value, _inner: {"t": "range", "v": [value.start, value.stop, value.step]},
    slice: lambda value, inner: {"t": "slice", "v": [inner(value.start), inner(value.stop), inner(value.step)]},
    type(Ellipsis): lambda _value, _inner: {"t": "ellipsis"},
    type(NotImplemented): lambda _value, _inner: {"t": "notimplemented"},
}


def _encode_arrays(value: Any, inner: Callable[[Any], Wired]) -> Wired | None:
    """Return a numpy or pandas object by its contents; None for what is no data, such as a groupby or a ufunc."""
    np = sys.modules["numpy"]
    if isinstance(value, np.generic) and type(value).__module__ == "numpy":
        return {"t": "scalar", "v": _encode_array(np.asarray(value), inner)}
    if type(value) is np.ndarray:
        return {"t": "array", "v": _encode_array(value, inner)}
    pd = sys.modules.get("pandas")
    if pd is None:
        return None
    if value is pd.NaT or value is pd.NA:
        return {"t": "nat" if value is pd.NaT else "na"}
    kind = type(value)
    if kind is pd.Timestamp:
        return {"t": "timestamp", "v": value.tz_localize(None).isoformat(), "z": _zone(value.tz), "u": value.unit}
    if kind is pd.Timedelta:
        return {"t": "pdelta", "v": int(value.value), "u": value.unit}
    if kind is pd.Period:
        return {"t": "period", "v": str(value), "q": value.freqstr}
    if kind is pd.Series:
        return {
            "t": "series",
            "i": _index(value.index, inner),
            "n": inner(value.name),
            "v": _column(value.array, inner),
        }
    if kind is pd.DataFrame:
        columns = [_column(value.iloc[:, place].array, inner) for place in range(value.shape[1])]
        return {"t": "frame", "i": _index(value.index, inner), "c": _index(value.columns, inner), "v": columns}
    if isinstance(value, pd.Index):
        return _index(value, inner)
    if isinstance(value, pd.api.extensions.ExtensionArray):
        return {"t": "column", "v": _column(value, inner)}
    return None


def _zone(zone: Any) -> str | None:
    return None if zone is None else str(zone)


def _encode_array(array: Any, inner: Callable[[Any], Wired]) -> Wired:
    if array.dtype.hasobject or array.dtype.names is not None:
        if array.dtype.names is not None:
            raise NotPlain("a numpy record array is not plain data")
        return {"s": list(array.shape), "o": [inner(item) for item in array.ravel().tolist()]}
    data = base64.b64encode(array.tobytes()).decode()
    return {"s": list(array.shape), "k": array.dtype.str, "b": data}


def _column(array: Any, inner: Callable[[Any], Wired]) -> Wired:
    pd = sys.modules["pandas"]
    if isinstance(array, pd.Categorical):
        codes = _encode_array(array.codes, inner)
        return {"cat": codes, "of": _index(array.categories, inner), "ordered": bool(array.ordered)}
    if hasattr(array, "to_numpy") and type(array).__name__ == "NumpyExtensionArray":
        return _encode_array(array.to_numpy(), inner)
    name = str(array.dtype)
    if not _EXTENSION.fullmatch(name):
        raise NotPlain(f"a pandas column of type {name} is not plain data")
    if name.startswith("period"):
        return {"x": name, "v": [str(item) for item in array]}
    if name.startswith(("datetime64", "timedelta64")):
        return {"x": name, "b": base64.b64encode(array.asi8.tobytes()).decode()}
    return {
        "x": name,
        "v": [None if item is pd.NA or item is None or _is_nan(item) else inner(_bare(item)) for item in array],
    }


def _is_nan(item: Any) -> bool:
    return isinstance(item, float) and math.isnan(item)


def _bare(item: Any) -> Any:
    return item.item() if hasattr(item, "item") else item


def _index(index: Any, inner: Callable[[Any], Wired]) -> Wired:
    pd = sys.modules["pandas"]
    if isinstance(index, pd.MultiIndex):
        names = [inner(name) for name in index.names]
        levels = [_index(index.get_level_values(place), inner) for place in range(index.nlevels)]
        return {"t": "multi", "v": levels, "n": names}
    if type(index) is pd.RangeIndex:
        return {"t": "steps", "v": [index.start, index.stop, index.step], "n": inner(index.name)}
    frequency = getattr(index, "freqstr", None) if type(index).__name__ in ("DatetimeIndex", "TimedeltaIndex") else None
    return {"t": "index", "v": _column(index.array, inner), "n": inner(index.name), "q": frequency}


def decode(wired: Wired, resolve: Resolve | None = None, depth: int = 0) -> Any:
    """Return the value that `wired` stands for. References go through `resolve`. WireError if it is malformed."""
    try:
        return _decode(wired, resolve, depth)
    except WireError:
        raise
    except Exception as error:
        raise WireError(f"a value is malformed ({type(error).__name__}: {error})") from error


def _decode(wired: Wired, resolve: Resolve | None, depth: int) -> Any:
    if depth > MAX_DEPTH * 4:
        raise WireError("a value is nested too deep")
    if wired is None or isinstance(wired, bool | int | float | str):
        return wired
    if isinstance(wired, list):
        return [_decode(item, resolve, depth + 1) for item in wired]
    tag = wired.get("t")
    if tag == "ref":
        if resolve is None:
            raise WireError("a reference where only plain data may be")
        return resolve(wired)
    return _DECODERS[tag](wired, lambda item: _decode(item, resolve, depth + 1))


@cache
def _named(name: str, fields: tuple[str, ...]) -> Any:
    return namedtuple(name, fields)  # the learner's own fields


def _floats(wired: Message, _inner: Callable[[Any], Any]) -> float:
    if wired["v"] not in ("nan", "inf", "-inf"):
        raise WireError("not a float")
    return float(wired["v"])


def _decimal(text: str) -> Decimal:
    found = Decimal(text[:_MAX_DIGITS])
    if found.is_finite() and abs(found.adjusted()) > _MAX_EXPONENT:
        raise WireError("a decimal out of all proportion")
    return found


def _range(parts: list[Any]) -> range:
    found = range(*(int(part) for part in parts))
    # len() of a range beyond the machine's word raises.
    if abs(found.stop - found.start) // abs(found.step) > _MAX_STEPS:
        raise WireError("a range longer than can be gone through")
    return found


def _zone_of(text: str) -> str:
    if not _ZONE.fullmatch(text):
        raise WireError("not a time zone")
    return text


def _decode_array(wired: Message, inner: Callable[[Any], Any]) -> Any:
    import numpy as np

    shape = tuple(int(size) for size in wired["s"])
    if "o" in wired:
        flat = np.empty(len(wired["o"]), dtype=object)
        for place, item in enumerate(wired["o"]):
            flat[place] = inner(item)
        return flat.reshape(shape)
    kind = wired["k"]
    if not _DTYPE.fullmatch(kind):
        raise WireError("not a numpy type")
    return np.frombuffer(base64.b64decode(wired["b"], validate=True), dtype=np.dtype(kind)).reshape(shape).copy()


def _decode_column(wired: Message, inner: Callable[[Any], Any]) -> Any:
    import numpy as np
    import pandas as pd

    if "cat" in wired:
        codes = _decode_array(wired["cat"], inner)
        return pd.Categorical.from_codes(codes, inner(wired["of"]), ordered=bool(wired["ordered"]))
    if "x" not in wired:
        return _decode_array(wired, inner)
    if not _EXTENSION.fullmatch(wired["x"]):
        raise WireError("not a pandas type")
    if "b" in wired:
        stamps = np.frombuffer(base64.b64decode(wired["b"], validate=True), dtype="i8").copy()
        unit = re.split(r"[\[\],]", wired["x"])[1]
        if wired["x"].startswith("timedelta64"):
            return pd.array(stamps.view(f"m8[{unit}]"), dtype=wired["x"])
        zone = wired["x"].partition(", ")[2].rstrip("]")
        found = pd.DatetimeIndex(stamps.view(f"M8[{unit}]"))
        return (found.tz_localize("UTC").tz_convert(_zone_of(zone)) if zone else found).array
    values = [None if item is None else inner(item) for item in wired["v"]]
    if wired["x"].startswith("period"):
        return pd.PeriodIndex(values, freq=wired["x"][7:-1]).array
    return pd.array(values, dtype=wired["x"])


def _decode_index(wired: Message, inner: Callable[[Any], Any]) -> Any:
    import pandas as pd

    if wired["t"] == "multi":
        levels = [inner(level) for level in wired["v"]]
        return pd.MultiIndex.from_arrays(levels, names=[inner(name) for name in wired["n"]])
    name = inner(wired["n"])
    if wired["t"] == "steps":
        return pd.RangeIndex(_range(wired["v"]), name=name)
    found = pd.Index(_decode_column(wired["v"], inner), name=name)
    if wired.get("q") and hasattr(found, "freq"):
        found.freq = str(wired["q"])
    return found


def _decode_series(wired: Message, inner: Callable[[Any], Any]) -> Any:
    import pandas as pd

    return pd.Series(_decode_column(wired["v"], inner), index=inner(wired["i"]), name=inner(wired["n"]))


def _decode_frame(wired: Message, inner: Callable[[Any], Any]) -> Any:
    import pandas as pd

    index = inner(wired["i"])
    columns = [pd.Series(_decode_column(column, inner), index=index) for column in wired["v"]]
    frame = pd.concat(columns, axis=1) if columns else pd.DataFrame(index=index)
    frame.columns = inner(wired["c"])
    return frame


def _decode_stamp(wired: Message, _inner: Callable[[Any], Any]) -> Any:
    import pandas as pd

    stamp = pd.Timestamp(str(wired["v"])).as_unit(str(wired["u"]))
    return stamp if wired["z"] is None else stamp.tz_localize(_zone_of(str(wired["z"])))


def _pandas(name: str) -> Callable[[Message, Callable[[Any], Any]], Any]:
    def found(_wired: Message, _inner: Callable[[Any], Any]) -> Any:
        import pandas as pd

        return getattr(pd, name)

    return found


def _pandas_delta(wired: Message, _inner: Callable[[Any], Any]) -> Any:
    import pandas as pd

    return pd.Timedelta(int(wired["v"]), unit="ns").as_unit(str(wired["u"]))


def _decode_period(wired: Message, _inner: Callable[[Any], Any]) -> Any:
    import pandas as pd

    return pd.Period(str(wired["v"]), freq=str(wired["q"]))


_DECODERS: dict[Any, Callable[[Message, Callable[[Any], Any]], Any]] = {
    "d": lambda w, inner: {key: inner(item) for key, item in w["v"].items()},
    "dict": lambda w, inner: {inner(key): inner(item) for key, item in w["v"]},
    "counter": lambda w, inner: Counter({inner(key): inner(n) for key, n in w["v"]}),
    "tuple": lambda w, inner: tuple(inner(item) for item in w["v"]),
    "named": lambda w, _inner: _named(str(w["n"]), tuple(map(str, w["f"][:_MAX_FIELDS])))(*map(decode, w["v"])),
    "set": lambda w, inner: {inner(item) for item in w["v"]},
    "frozenset": lambda w, inner: frozenset(inner(item) for item in w["v"]),
    "deque": lambda w, inner: deque(inner(item) for item in w["v"]),
    "float": _floats,
    "bytes": lambda w, _inner: base64.b64decode(w["v"], validate=True),
    "bytearray": lambda w, _inner: bytearray(base64.b64decode(w["v"], validate=True)),
    "complex": lambda w, inner: complex(inner(w["v"][0]), inner(w["v"][1])),
    "decimal": lambda w, _inner: _decimal(str(w["v"])),
    "fraction": lambda w, inner: Fraction(*(int(inner(part)) for part in w["v"])),
    "datetime": lambda w, _inner: dt.datetime.fromisoformat(w["v"]),
    "date": lambda w, _inner: dt.date.fromisoformat(w["v"]),
    "time": lambda w, _inner: dt.time.fromisoformat(w["v"]),
    "timedelta": lambda w, _inner: dt.timedelta(*(int(part) for part in w["v"])),
    "range": lambda w, _inner: _range(w["v"]),
    "slice": lambda w, inner: slice(*(inner(part) for part in w["v"])),
    "ellipsis": lambda _w, _inner: ...,
    "notimplemented": lambda _w, _inner: NotImplemented,
    "array": lambda w, inner: _decode_array(w["v"], inner),
    "scalar": lambda w, inner: _decode_array(w["v"], inner)[()],
    "series": _decode_series,
    "frame": _decode_frame,
    "index": _decode_index,
    "steps": _decode_index,
    "multi": _decode_index,
    "column": lambda w, inner: _decode_column(w["v"], inner),
    "timestamp": _decode_stamp,
    "pdelta": _pandas_delta,
    "period": _decode_period,
    "nat": _pandas("NaT"),
    "na": _pandas("NA"),
}


class Lines:
    """Lines of JSON from a pipe, with a time to wait for each; for the trusted side's own processes."""

    def __init__(self, fd: int) -> None:
        self._fd, self._held = fd, bytearray()

    def read(self, until: float) -> Message | None:
        """Return the next message, or None at the end of the pipe. TimeoutError at `until` of `time.monotonic()`."""
        while (end := self._held.find(b"\n")) < 0:
            if not select.select([self._fd], [], [], max(until - time.monotonic(), 0))[0]:
                raise TimeoutError
            part = os.read(self._fd, 1 << 20)
            if not part:
                return None
            self._held += part
        line = bytes(self._held[:end])
        del self._held[: end + 1]
        found: Message = json.loads(line)
        return found


def write_line(file: IO[str], message: Message) -> None:
    """Write one message for `Lines`."""
    file.write(json.dumps(message, default=str) + "\n")
    file.flush()
