"""What a check sees of a learner's names: copies of plain data, and proxies of everything else.

A proxy forwards attributes, calls and operators to the learner's process. What comes back is again a copy or a proxy, so
an object that equals everything, or whose methods lie, can lie only about itself: a proxy compared with plain data is
refused, not believed.
"""

from __future__ import annotations

import builtins
import inspect
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from grader.execution import wire
from grader.execution.peer import Peer
from grader.execution.wire import Channel, Message, WireError

GRACE = 2.0  # seconds that a learner's process has beyond its own alarm before it is given up


class LearnerGone(Exception):  # named after what happened
    """The learner's process ended, hung or broke the protocol: nothing more can be asked."""


class TookTooLong(Exception):
    """A call did not return in the time that the lab allows."""


class NotPlainData(Exception):
    """A check needs more of a learner's object than can be believed."""


class Link:
    """The judge's end: asks the learner's process within the cell's time, and keeps the functions that a check lends it."""

    def __init__(self, channel: Channel) -> None:
        self.peer = Peer(channel, self._answer)
        self.until = time.monotonic() + 3600
        self.gone = ""
        self._lent: list[Callable[..., Any]] = []
        self._seen: dict[int, Any] = {}
        self._copies: dict[str, Any] = {}

    def ask(self, op: str, **more: Any) -> Message:
        """Ask the learner's process. LearnerGone if it cannot answer any more, TookTooLong if the time is up."""
        if self.gone:
            raise LearnerGone(self.gone)
        left = self.until - time.monotonic()
        if left <= 0:
            raise TookTooLong("the time for this check is up")
        try:
            return self.peer.ask(op, self.until + GRACE, seconds=left, **more)
        except TimeoutError:
            self.gone = "it did not answer in time"
        except wire.Closed:
            self.gone = "it ended"
        except WireError as error:
            self.gone = f"it sent something that is no answer ({error})"
        raise LearnerGone(self.gone)

    def forget(self) -> None:
        """Forget copies: a learner's cell ran."""
        self._copies.clear()

    def do(self, what: str, *args: Any, **named: Any) -> Any:
        """Let the learner's process apply `what` (an operation of learner.OPERATIONS) to values and references."""
        # Whatever is called may change what a name means; a copy that is handed over is what the caller goes on with.
        self._copies = {name: copy for name, copy in self._copies.items() if any(copy is item for item in args)}
        message = self.ask("do", what=what, args=[self.encode(item) for item in args], named=self.encode(named))
        _print(message.get("out"))
        if "raised" in message:
            raise self._raised(message["raised"])
        changed = message.get("changed")
        for place, item in changed.items() if isinstance(changed, dict) else ():
            _update(args[int(place)], self.decode(item))
        return self.decode(message.get("value"))

    def name(self, name: str) -> Any:
        """Return what the learner's process calls `name`. KeyError if it has no such name.

        Until something is called, the same name is the same copy, so that a check may change it.
        """
        if name in self._copies:
            return self._copies[name]
        message = self.ask("name", name=name)
        if message.get("missing"):
            raise KeyError(name)
        if "raised" in message:
            raise self._raised(message["raised"])
        return self._copies.setdefault(name, self.decode(message.get("value")))

    def bind(self, name: str, value: Any) -> None:
        """Give a name a value in the learner's process."""
        self._copies.pop(name, None)
        self.ask("bind", name=name, value=self.encode(value))

    def unbind(self, name: str) -> None:
        """Take a name away from the learner's process."""
        self._copies.pop(name, None)
        self.ask("unbind", name=name)

    def encode(self, value: Any) -> Any:
        """Return `value` for the wire; functions of the check are lent, learner's own objects go home."""
        return wire.encode(value, self._refer)

    def decode(self, wired: Any) -> Any:
        """Return the value of a message."""
        return wire.decode(wired, self._resolve)

    def _refer(self, value: Any) -> Message:
        if isinstance(value, Proxy):
            return {"t": "ref", "n": _number(value)}
        if isinstance(value, type) and (number := getattr(value, "__learner_number__", None)) is not None:
            return {"t": "ref", "n": number}
        if callable(value):
            self._lent.append(value)
            return {"t": "ref", "back": len(self._lent) - 1}
        raise wire.NotPlain(
            f"the check passes a {type(value).__name__} to the learner's code; only plain data and functions cross"
        )

    def _resolve(self, wired: Message) -> Any:
        if "back" in wired:
            return self._lent[int(wired["back"])]
        number = int(wired["n"])
        if number not in self._seen:
            self._seen[number] = _proxy(self, number, wired)
        return self._seen[number]

    def _answer(self, message: Message) -> Message:
        """Call a function that a check lent to the learner's code."""
        if message.get("op") != "back":
            raise WireError("a question that a learner's process may not ask")
        function = self._lent[int(message["n"])]
        try:
            return {"value": self.encode(function(*self.decode(message["args"]), **self.decode(message["named"])))}
        except (LearnerGone, TookTooLong, WireError):
            raise
        except Exception as error:  # noqa: BLE001  # crosses to the learner's code as what it is
            return {"raised": {"name": type(error).__name__, "says": str(error)}}

    def _raised(self, raised: Message) -> BaseException:
        """Return the exception that learner code raised: the nearest built-in class, or one made for a class of the learner's."""
        name, says = str(raised.get("name")), str(raised.get("says"))
        if name == "NotPlain":
            return NotPlainData(says)
        if name == "CellTimeout":
            return TookTooLong(says)
        kind = self.decode(raised["class"]) if isinstance(raised.get("class"), dict) else None
        if not (isinstance(kind, type) and issubclass(kind, Exception)):
            kind = _nearest([str(base) for base in raised.get("bases", ())])
        arguments = [wire.decode(item) for item in raised.get("args", ())]
        try:
            error = kind(*arguments)
        except Exception:  # noqa: BLE001  # an exception that wants other arguments
            error = kind.__new__(kind)
            error.args = (says,)
        error.__learner__ = f"{name}: {says}"  # type: ignore[attr-defined]
        return error


def _nearest(bases: Sequence[str]) -> type[Exception]:
    for base in bases:
        found = getattr(builtins, base, None)
        if isinstance(found, type) and issubclass(found, Exception):
            return found
    # SystemExit and KeyboardInterrupt end a learner's cell, never the judge.
    return RuntimeError


def _print(text: Any) -> None:
    if isinstance(text, str) and text:
        sys.stdout.write(text)


def _update(old: Any, new: Any) -> None:
    """Give a container of the check the contents that learner code left in it."""
    if isinstance(old, list | bytearray) and isinstance(new, list | bytearray):
        old[:] = new
    elif (isinstance(old, dict) and isinstance(new, dict)) or (isinstance(old, set) and isinstance(new, set)):
        old.clear()
        old.update(new)
    elif type(old).__name__ == "deque":
        old.clear()
        old.extend(new)
    elif type(old).__name__ == "ndarray" and old.shape == new.shape:
        old[...] = new


def _proxy(link: Link, number: int, about: Message) -> Any:
    kind, name = about.get("k"), str(about.get("name", ""))[:200]
    if kind == "module":
        found = sys.modules.get(name)
        # Only what the check's own imports loaded; a learner's file of the same name is not the module.
        return found if found is not None else Proxy(link, number, about)
    bases = about.get("bases")
    if kind == "class" and isinstance(bases, list) and bases:
        made = type(name if name.isidentifier() else "LearnerError", (_nearest([str(b) for b in bases]),), {})
        made.__learner_number__ = number  # type: ignore[attr-defined]
        return made
    if kind == "class":
        return LearnerClass(link, number, about)
    return (
        LearnerFunction(link, number, about)
        if kind == "function" or about.get("callable") is True
        else Proxy(link, number, about)
    )


def _number(proxy: Proxy) -> int:
    return int(object.__getattribute__(proxy, "_number"))


def _forward(what: str) -> Callable[..., Any]:
    def method(self: Proxy, *args: Any) -> Any:
        return self._link.do(what, self, *args)

    return method


def _reflected(what: str) -> Callable[..., Any]:
    def method(self: Proxy, other: Any) -> Any:
        return self._link.do(what, other, self)

    return method


def _compared(what: str, says: str) -> Callable[..., Any]:
    def method(self: Proxy, other: Any) -> Any:
        if not isinstance(other, Proxy):
            about = object.__getattribute__(self, "_about")
            raise NotPlainData(
                f"a {about.get('name')} object was to be compared ({says}) with a {type(other).__name__}: "
                "that answer would be the object's own word. Return plain data."
            )
        return self._link.do(what, self, other)

    return method


class Proxy:
    """An object of the learner's process."""

    __slots__ = ("__weakref__", "_about", "_link", "_number")

    def __init__(self, link: Link, number: int, about: Message) -> None:
        for name, value in (("_link", link), ("_number", number), ("_about", about)):
            object.__setattr__(self, name, value)

    def __getattr__(self, name: str) -> Any:
        about = object.__getattribute__(self, "_about")
        if name == "__name__" and isinstance(about.get("name"), str):
            return about["name"]
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        return self._link.do("getattr", self, name)

    def __setattr__(self, name: str, value: Any) -> None:
        self._link.do("setattr", self, name, value)

    def __delattr__(self, name: str) -> None:
        self._link.do("delattr", self, name)

    def __iter__(self) -> Iterator[Any]:
        items = self._link.do("iter", self)
        if not isinstance(items, Proxy):
            yield from items
            return
        while True:
            try:
                yield items._link.do("next", items)
            except StopIteration:
                return

    def __next__(self) -> Any:
        return self._link.do("next", self)

    def __exit__(self, *how: Any) -> Any:
        return self._link.do("exit", self, None, None, None)

    def __hash__(self) -> int:
        return hash((id(object.__getattribute__(self, "_link")), _number(self)))

    def __bool__(self) -> bool:
        return bool(self._link.do("truth", self) is True)

    def __str__(self) -> str:
        return str(self._link.do("str", self))

    def __repr__(self) -> str:
        return str(self._link.do("repr", self))

    def __dir__(self) -> list[str]:
        return [str(name) for name in self._link.do("dir", self)]

    __eq__ = _compared("eq", "==")
    __ne__ = _compared("ne", "!=")
    __lt__ = _compared("lt", "<")
    __le__ = _compared("le", "<=")
    __gt__ = _compared("gt", ">")
    __ge__ = _compared("ge", ">=")


for _what in (
    "add",
    "sub",
    "mul",
    "truediv",
    "floordiv",
    "mod",
    "pow",
    "matmul",
    "and",
    "or",
    "xor",
    "lshift",
    "rshift",
):
    _op = f"{_what}_" if _what in ("and", "or") else _what
    setattr(Proxy, f"__{_what}__", _forward(_op))
    setattr(Proxy, f"__r{_what}__", _reflected(_op))
for _what in (
    "neg", "pos", "abs", "invert", "len", "contains", "getitem", "setitem", "delitem", "index", "int", "float", "enter", "reversed", "round",
):  # fmt: skip
    setattr(Proxy, f"__{_what}__", _forward(_what))


class LearnerFunction(Proxy):
    """A function, method or other callable of the learner's."""

    __slots__ = ()

    def __call__(self, *args: Any, **named: Any) -> Any:
        """Call it in the learner's process; arguments and result cross as copies."""
        return self._link.do("call", self, *args, **named)

    def __getattr__(self, name: str) -> Any:
        about = object.__getattribute__(self, "_about")
        if name == "__signature__":
            return _signature(about.get("signature"))
        return super().__getattr__(name)


class LearnerClass(LearnerFunction):
    """A class of the learner's: makes objects, and knows which ones are its own."""

    __slots__ = ()

    def __instancecheck__(self, instance: Any) -> bool:
        return isinstance(instance, Proxy) and self._link.do("isinstance", instance, self) is True

    def __subclasscheck__(self, subclass: Any) -> bool:
        return isinstance(subclass, Proxy) and self._link.do("issubclass", subclass, self) is True


def _signature(rows: Any) -> inspect.Signature:
    if not isinstance(rows, list):
        raise AttributeError("__signature__")
    parameters = []
    for name, kind, default in rows:
        value = inspect.Parameter.empty if default is None else wire.decode(default[0])
        parameters.append(inspect.Parameter(str(name), inspect._ParameterKind[str(kind)], default=value))
    return inspect.Signature(parameters)
