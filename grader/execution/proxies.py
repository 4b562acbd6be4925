"""What a check sees of a learner's names: copies of plain data, and proxies of everything else.

A proxy forwards calls to the learner's process. What comes back is again a copy or a proxy. Whatever asks an object about
itself would get the object's own word (that it equals what is expected, that the difference is 0, that it starts with "P"), so
only objects of classes that the release asks learners to write are asked, and even these never about equality with plain
data. Anything else is refused, not believed.
"""

from __future__ import annotations

import builtins
import inspect
import re
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from enum import IntEnum
from typing import Any

from grader.execution import wire
from grader.execution.peer import Peer
from grader.execution.wire import Channel, Message, WireError

_OF_GENERATORS = frozenset({"send", "throw", "close"})
_LATE = re.compile(r"took longer than \d+ s")
GRACE = 2.0  # seconds that a learner's process has beyond its own alarm before it is given up


class LearnerGone(Exception):  # named after what happened
    """The learner's process ended, hung or broke the protocol: nothing more can be asked."""


class TookTooLong(Exception):
    """A call did not return in the time that the lab allows."""


class NotPlainData(Exception):
    """A check needs more of a learner's object than can be believed."""


class Standing(IntEnum):
    """How far an object's word counts."""

    STRANGE = 0  # an object that learner code returned: it is iterated, called, converted; nothing else
    KIN = 1  # an object of a class that the release asks for, or what hangs on one: attributes and methods too
    MADE = 2  # an object that the check made by calling such a class: operators with plain data too


class Link:
    """The judge's end: asks the learner's process within the cell's time, and keeps the functions that a check lends it.

    `classes` are the names of the classes that the release asks learners to write.
    """

    def __init__(self, channel: Channel, classes: frozenset[str] = frozenset()) -> None:
        self.peer = Peer(channel, self._answer)
        self.until = time.monotonic() + 3600
        self.gone = ""
        self._lent: list[Callable[..., Any]] = []
        self._classes = classes
        self._standing = Standing.STRANGE
        self._seen: dict[tuple[int, Standing], Any] = {}
        self._copies: dict[str, Any] = {}

    def ask(self, op: str, **more: Any) -> Message:
        """Ask the learner's process. LearnerGone if it cannot answer any more, TookTooLong if the time is up."""
        if self.gone:
            raise LearnerGone(self.gone)
        left = self.until - time.monotonic()
        if left <= 0:
            raise TookTooLong("came after the time for this check was up")
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
        return self.decode(message.get("value"), _inherited(what, args))

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
        standing = Standing.KIN if name in self._classes else Standing.STRANGE
        return self._copies.setdefault(name, self.decode(message.get("value"), standing, named=True))

    def kin(self, value: Proxy) -> bool:
        """Return whether an object is of a class that the release asks for."""
        kinds = [self.name(name) for name in sorted(self._classes)]
        return any(isinstance(kind, LearnerClass) and self.do("isinstance", value, kind) is True for kind in kinds)

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

    def decode(self, wired: Any, standing: Standing = Standing.STRANGE, *, named: bool = False) -> Any:
        """Return the value of a message; objects in it get `standing`. Only a name of the learner's may mean a module."""
        module = named and isinstance(wired, dict) and wired.get("k") == "module"
        # Only what the check's own imports loaded; a learner's file of the same name is not the module.
        if module and (found := sys.modules.get(str(wired.get("name")))) is not None:
            return found
        outer, self._standing = self._standing, standing
        try:
            return wire.decode(wired, self._resolve)
        finally:
            self._standing = outer

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
        # Of a class of errors there is one, made here: a check catches by it.
        key = int(wired["n"]), Standing.STRANGE if wired.get("bases") else self._standing
        if key not in self._seen:
            self._seen[key] = _proxy(self, key[0], wired, self._standing)
        return self._seen[key]

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
            return TookTooLong(says if _LATE.fullmatch(says) else "took longer than the lab allows")
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


_OPERATORS = frozenset(
    {"add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul", "and_", "or_", "xor", "lshift", "rshift"}
)


def _inherited(what: str, args: Sequence[Any]) -> Standing:
    """Return how far the word of what comes out of an operation counts."""
    standings = [_standing(item) for item in args if isinstance(item, Proxy)]
    best = max(standings, default=Standing.STRANGE)
    if what == "call" and isinstance(args[0], LearnerClass) and best >= Standing.KIN:
        return Standing.MADE
    if what in _OPERATORS | {"neg", "pos", "abs", "invert", "round"}:
        return best
    if what == "getattr":
        return Standing.STRANGE if args[1] in _OF_GENERATORS else Standing.KIN
    return Standing.KIN if standings and standings[0] >= Standing.KIN else Standing.STRANGE


def _proxy(link: Link, number: int, about: Message, standing: Standing) -> Any:
    kind, name = about.get("k"), str(about.get("name", ""))[:200]
    bases = about.get("bases")
    if kind == "class" and isinstance(bases, list) and bases:
        made = type(name if name.isidentifier() else "LearnerError", (_nearest([str(b) for b in bases]),), {})
        made.__learner_number__ = number  # type: ignore[attr-defined]
        return made
    if kind == "class":
        return LearnerClass(link, number, about, standing)
    return (
        LearnerFunction(link, number, about, standing)
        if kind == "function" or about.get("callable") is True
        else Proxy(link, number, about, standing)
    )


def _number(proxy: Proxy) -> int:
    return int(object.__getattribute__(proxy, "_number"))


def _standing(proxy: Proxy) -> Standing:
    found: Standing = object.__getattribute__(proxy, "_standing")
    return found


def _own_word(proxy: Proxy, asked: str) -> NotPlainData:
    about = object.__getattribute__(proxy, "_about")
    return NotPlainData(
        f"a {str(about.get('name'))[:80]} object was asked {asked}: that answer would be the object's own word. Return plain data."
    )


def _trusted(proxy: Proxy, asked: str, least: Standing = Standing.KIN) -> None:
    """Refuse what only an object's own word would answer."""
    if _standing(proxy) < least and not (least is Standing.KIN and proxy._link.kin(proxy)):
        raise _own_word(proxy, asked)


def _forward(what: str) -> Callable[..., Any]:
    def method(self: Proxy, *args: Any) -> Any:
        return self._link.do(what, self, *args)

    return method


def _reflected(what: str) -> Callable[..., Any]:
    def method(self: Proxy, other: Any) -> Any:
        _trusted(self, f"for {what} with a {type(other).__name__}", Standing.MADE)
        return self._link.do(what, other, self)

    return method


def _arithmetic(what: str) -> Callable[..., Any]:
    def method(self: Proxy, other: Any) -> Any:
        if not isinstance(other, Proxy):
            _trusted(self, f"for {what} with a {type(other).__name__}", Standing.MADE)
        return self._link.do(what, self, other)

    return method


def _compared(what: str, says: str) -> Callable[..., Any]:
    def method(self: Proxy, other: Any) -> Any:
        if not isinstance(other, Proxy):
            raise _own_word(self, f"to compare itself ({says}) with a {type(other).__name__}")
        return self._link.do(what, self, other)

    return method


class Proxy:
    """An object of the learner's process."""

    __slots__ = ("__weakref__", "_about", "_link", "_number", "_standing")

    def __init__(self, link: Link, number: int, about: Message, standing: Standing) -> None:
        for name, value in (("_link", link), ("_number", number), ("_about", about), ("_standing", standing)):
            object.__setattr__(self, name, value)

    def __getattr__(self, name: str) -> Any:
        about = object.__getattribute__(self, "_about")
        if name == "__name__" and isinstance(about.get("name"), str):
            return about["name"]
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        if name not in _OF_GENERATORS:
            _trusted(self, f"for its {name}")
            return self._link.do("getattr", self, name)
        return lambda *args: self._link.do("call", self._link.do("getattr", self, name), *args)

    def __setattr__(self, name: str, value: Any) -> None:
        self._link.do("setattr", self, name, value)

    def __delattr__(self, name: str) -> None:
        self._link.do("delattr", self, name)

    def __getitem__(self, key: Any) -> Any:
        _trusted(self, "for an item")
        return self._link.do("getitem", self, key)

    def __contains__(self, item: Any) -> bool:
        if _standing(self) is Standing.MADE:
            return self._link.do("contains", self, item) is True
        return any(found is item or found == item for found in self)

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
    setattr(Proxy, f"__{_what}__", _arithmetic(_op))
    setattr(Proxy, f"__r{_what}__", _reflected(_op))
for _what in (
    "neg", "pos", "abs", "invert", "len", "setitem", "delitem", "index", "int", "float", "enter", "reversed", "round",
):  # fmt: skip
    setattr(Proxy, f"__{_what}__", _forward(_what))


def _documented(self: Proxy) -> str | None:
    doc = object.__getattribute__(self, "_about").get("doc")
    return doc if isinstance(doc, str) else None


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


for _kind in (Proxy, LearnerFunction, LearnerClass):
    # What a check reads as the learner's docstring is not to be ours.
    _kind.__doc__ = property(_documented)  # type: ignore[assignment]


def _signature(rows: Any) -> inspect.Signature:
    if not isinstance(rows, list):
        raise AttributeError("__signature__")
    parameters = []
    for name, kind, default in rows:
        value = inspect.Parameter.empty if default is None else wire.decode(default[0])
        parameters.append(inspect.Parameter(str(name), inspect._ParameterKind[str(kind)], default=value))
    return inspect.Signature(parameters)
