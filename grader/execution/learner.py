"""The learner's process: runs learner cells and calls, inside its confinement. It knows no check, no case and no secret.

Whatever learner code does to this process (patching builtins, the shell, this very module) changes only what the process
says about itself. Points are given elsewhere.
"""

from __future__ import annotations

import inspect
import operator
import os
import shutil
import signal
import socket
import subprocess
import sys
import types
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import TextIOBase
from pathlib import Path
from typing import Any

from grader.execution.peer import Peer
from grader.execution.wire import Channel, Closed, Message, NotPlain, WireError, decode, encode

MAX_OUTPUT = 200_000  # characters of output kept per cell, unless the job says otherwise
MAX_FILES, MAX_FILE_BYTES = 200, 8 * 1024 * 1024

# What a proxy may do to an object here, by name; everything else goes through attributes and calls.
OPERATIONS: dict[str, Callable[..., Any]] = {
    name: getattr(operator, name)
    for name in (
        "add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul", "and_", "or_", "xor", "lshift", "rshift",
        "neg", "pos", "abs", "invert", "eq", "ne", "lt", "le", "gt", "ge", "contains", "getitem", "setitem", "delitem",
        "index", "truth", "iadd", "isub", "imul",
    )
} | {
    "len": len, "iter": iter, "next": next, "repr": lambda value: repr(value)[:10_000], "str": lambda value: str(value)[:1_000_000],
    "int": int, "float": float, "hash": hash, "isinstance": isinstance, "issubclass": issubclass, "getattr": getattr,
    "setattr": setattr, "delattr": delattr, "dir": dir, "reversed": reversed, "round": round, "call": lambda f, *a, **k: f(*a, **k),
    "enter": lambda value: value.__enter__(), "exit": lambda value, *how: value.__exit__(*how),
}  # fmt: skip


class CellTimeout(Exception):
    """The cell, or the call, took longer than the lab allows."""


class _Kept(TextIOBase):
    """A text stream that keeps the first `limit` characters and forgets the rest."""

    def __init__(self, name: str, outputs: Outputs) -> None:
        self.name, self._outputs = name, outputs

    def write(self, text: str) -> int:
        self._outputs.stream(self.name, str(text))
        return len(text)

    def writable(self) -> bool:
        return True

    def isatty(self) -> bool:
        return False


class Outputs:
    """What a cell shows, as notebook outputs, up to `limit` characters."""

    def __init__(self, limit: int = MAX_OUTPUT) -> None:
        self.limit = limit
        self.items: list[dict[str, Any]] = []
        self._left = limit

    def start(self) -> None:
        """Forget what was shown."""
        self.items, self._left = [], self.limit

    def stream(self, name: str, text: str) -> None:
        """Take written text."""
        kept = text[: self._left]
        cut = len(text) > len(kept) and self._left > 0
        self._left -= len(kept)
        if cut:
            kept += f"\n[output cut after {self.limit:,} characters]\n"
        if not kept:
            return
        if self.items and self.items[-1].get("name") == name:
            self.items[-1]["text"] += kept
        else:
            self.items.append({"output_type": "stream", "name": name, "text": kept})

    def show(self, kind: str, data: dict[str, Any]) -> None:
        """Take a displayed object, or the cell's last value."""
        kept: dict[str, Any] = {}
        for mime, content in data.items():
            size = len(content) if isinstance(content, str | bytes) else len(str(content))
            if size <= self._left and isinstance(content, str | dict | list):
                kept[mime] = content
                self._left -= size
        if not kept:
            kept = {"text/plain": "[output left out: too long]"}
        self.items.append(
            {"output_type": kind, "data": kept, "metadata": {}}
            | ({"execution_count": None} if kind == "execute_result" else {})
        )

    def error(self, error: BaseException, lines: list[str]) -> None:
        """Take the error that ended the cell."""
        if isinstance(error, CellTimeout):
            lines = [f"CellTimeout: the cell {error}"]
        self.items.append(
            {
                "output_type": "error",
                "ename": type(error).__name__,
                "evalue": str(error)[:2000],
                "traceback": [line[:5000] for line in lines][:60],
            }
        )

    def text(self) -> str:
        """Return what was written to stdout, and forget it: what a call printed."""
        text = "".join(item["text"] for item in self.items if item.get("name") == "stdout")
        self.start()
        return text


def make_shell(outputs: Outputs) -> Any:
    """Return an IPython shell that shows into `outputs`: history off, no colours, no threads."""
    from IPython.core.displayhook import DisplayHook
    from IPython.core.displaypub import DisplayPublisher
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets import Type
    from traitlets.config import Config

    class Hook(DisplayHook):  # type: ignore[misc]
        def write_output_prompt(self) -> None:
            """Show no prompt."""

        def write_format_data(self, format_dict: Any, md_dict: Any = None) -> None:  # noqa: ARG002  # IPython's signature
            outputs.show("execute_result", format_dict)

        def finish_displayhook(self) -> None:
            self._is_active = False

    class Publisher(DisplayPublisher):  # type: ignore[misc]
        def publish(self, data: Any, *_metadata: Any, **_more: Any) -> None:
            outputs.show("display_data", data)

        def clear_output(self, wait: bool = False) -> None:  # noqa: ARG002  # IPython's signature
            outputs.start()

    class Shell(InteractiveShell):  # type: ignore[misc]
        displayhook_class = Type(Hook)
        display_pub_class = Type(Publisher)

        def _showtraceback(self, etype: Any, evalue: Any, stb: Any) -> None:  # noqa: ARG002  # IPython's signature
            outputs.error(evalue, list(stb))

        def system(self, cmd: str) -> None:
            # IPython's own wants a terminal, and there is none here.
            told: Any = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
            line = self.var_expand(cmd, depth=1)
            done = subprocess.run(line, shell=True, text=True, errors="replace", check=False, **told)  # noqa: S602
            print(done.stdout, end="")  # noqa: T201  # into the cell's output
            self.user_ns["_exit_code"] = done.returncode

        def enable_gui(self, gui: Any = None) -> None:
            """No window opens while grading."""

    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "nocolor"
    config.InteractiveShell.autoindent = False
    shell = Shell.instance(config=config)
    shell.atexit_operations = lambda: None
    return shell


class Learner:
    """Serves the judge: runs cells, looks names up, calls what learners defined."""

    def __init__(self, channel: Channel, shell: Any, outputs: Outputs) -> None:
        self._shell, self._outputs = shell, outputs
        self._objects: dict[int, Any] = {}
        self._numbers: dict[int, int] = {}
        self.peer = Peer(channel, self._answer)

    # References

    def _refer(self, value: Any) -> Message:
        if isinstance(value, _Back):
            return {"t": "ref", "back": value.number}
        number = self._numbers.get(id(value))
        if number is None:
            number = len(self._objects) + 1
            self._objects[number] = value  # kept alive, so its id stays its own
            self._numbers[id(value)] = number
        return {"t": "ref", "n": number, **_about(value)}

    def _resolve(self, wired: Message) -> Any:
        if "back" in wired:
            return _Back(int(wired["back"]), self)
        return self._objects[wired["n"]]

    def encode(self, value: Any) -> Any:
        """Return `value` for the wire."""
        return encode(value, self._refer)

    def decode(self, wired: Any) -> Any:
        """Return the value of a message; judge's functions become callables."""
        return decode(wired, self._resolve)

    # Questions

    def _answer(self, message: Message) -> Message:
        op = message["op"]
        if op == "run":
            return self._run(message)
        if op == "name":
            if message["name"] not in self._shell.user_ns:
                return {"missing": True}
            return self._guarded(lambda: self._shell.user_ns[message["name"]], message)
        if op == "do":
            return self._do(message)
        if op == "bind":
            self._shell.user_ns[message["name"]] = self.decode(message["value"])
            return {}
        if op == "unbind":
            self._shell.user_ns.pop(message["name"], None)
            return {}
        if op == "files":
            return {"files": dict(_files(Path.cwd()))}
        return {"fault": f"unknown question {op!r}"}

    def _run(self, message: Message) -> Message:
        self._outputs.start()
        with _limit(message["seconds"]):
            try:
                result = self._shell.run_cell(message["source"], store_history=True)
                good = bool(result.success)
            except BaseException as error:  # noqa: BLE001  # SystemExit and friends end the cell, not the process
                self._outputs.error(error, [f"{type(error).__name__}: {error}"])
                good = False
        return {"good": good, "outputs": self._outputs.items}

    def _do(self, message: Message) -> Message:
        arguments: list[Any] = self.decode(message["args"])
        named: dict[str, Any] = self.decode(message["named"])
        what = OPERATIONS[message["what"]]
        before = [self._snapshot(item) for item in message["args"]]
        found = self._guarded(lambda: what(*arguments, **named), message)
        changed = {}
        for place, (old, item) in enumerate(zip(before, arguments, strict=True)):
            # A list that a function sorts in place is sorted for its caller too.
            if old is not None and (now := self._plain(item)) is not None and now != old:
                changed[str(place)] = now
        return found | ({"changed": changed} if changed else {})

    @staticmethod
    def _snapshot(wired: Any) -> Any:
        if isinstance(wired, list) or (
            isinstance(wired, dict) and wired.get("t") in ("d", "dict", "set", "deque", "bytearray", "array")
        ):
            return wired
        return None

    def _plain(self, value: Any) -> Any:
        try:
            return self.encode(value)
        except NotPlain:
            return None

    def _guarded(self, what: Callable[[], Any], message: Message) -> Message:
        """Return {"value"} or {"raised"}, with what was printed."""
        self._outputs.start()
        with _limit(message.get("seconds", 30.0)):
            try:
                return {"value": self.encode(what()), "out": self._outputs.text()}
            except NotPlain as error:
                return {"raised": {"name": "NotPlain", "bases": [], "says": str(error), "args": []}}
            except BaseException as error:  # noqa: BLE001  # whatever learner code raises is an answer
                return {"raised": self._raised(error), "out": self._outputs.text()}

    def _raised(self, error: BaseException) -> Message:
        kind = type(error)
        try:
            says = str(error)[:4000]
        except BaseException:  # noqa: BLE001
            says = ""
        try:
            arguments = [encode(item) for item in error.args]
        except BaseException:  # noqa: BLE001
            arguments = [says]
        return {
            "name": kind.__name__,
            "bases": _bases(kind),
            "says": says,
            "args": arguments,
            "class": self._refer(kind),
            "object": self._refer(error),
        }


class _Back:
    """A function of the judge's, callable from learner code."""

    def __init__(self, number: int, learner: Learner) -> None:
        self.number, self._learner = number, learner

    def __call__(self, *args: Any, **named: Any) -> Any:
        message = self._learner.peer.ask(
            "back", n=self.number, args=self._learner.encode(list(args)), named=self._learner.encode(named)
        )
        if "raised" in message:
            kind = getattr(__import__("builtins"), str(message["raised"]["name"]), RuntimeError)
            raise kind(message["raised"]["says"])
        return self._learner.decode(message["value"])


def _about(value: Any) -> Message:
    """Return what the judge may know of a referred object without asking."""
    if isinstance(value, types.ModuleType):
        return {"k": "module", "name": value.__name__}
    name = str(getattr(value, "__name__", type(value).__name__))[:200]
    if isinstance(value, type):
        return {"k": "class", "name": name, "bases": _bases(value), "doc": _doc(value)}
    if isinstance(value, types.FunctionType | types.BuiltinFunctionType | types.MethodType):
        return {"k": "function", "name": name, "doc": _doc(value), "signature": _signature(value)}
    return {"k": "object", "name": type(value).__name__, "callable": callable(value), "doc": None}


def _doc(value: Any) -> str | None:
    doc = getattr(value, "__doc__", None)
    return doc[:20_000] if isinstance(doc, str) else None


def _signature(value: Any) -> list[Any] | None:
    try:
        found = inspect.signature(value)
    except (TypeError, ValueError):
        return None
    rows = []
    for parameter in found.parameters.values():
        try:
            default = None if parameter.default is parameter.empty else [encode(parameter.default)]
        except NotPlain:
            default = [repr(parameter.default)[:200]]
        rows.append([parameter.name, parameter.kind.name, default])
    return rows


def _bases(kind: type) -> list[str]:
    """Return the built-in exceptions that `kind` derives from, nearest first."""
    return [base.__name__ for base in kind.__mro__ if base.__module__ == "builtins" and issubclass(base, BaseException)]


def _files(folder: Path) -> Iterator[tuple[str, Any]]:
    count = 0
    for path in sorted(folder.rglob("*")):
        if path.is_symlink() or not path.is_file() or count >= MAX_FILES or path.stat().st_size > MAX_FILE_BYTES:
            continue
        count += 1
        yield path.relative_to(folder).as_posix(), encode(path.read_bytes())


@contextmanager
def _limit(seconds: float) -> Iterator[None]:
    """Raise CellTimeout inside the block after `seconds`. Learner code can undo this; the judge's clock it cannot."""

    def late(_signal: int, _frame: Any) -> None:
        raise CellTimeout(f"took longer than {max(round(seconds), 1)} s")

    before = signal.signal(signal.SIGALRM, late)
    outer = signal.setitimer(signal.ITIMER_REAL, max(seconds, 0.01))[0]
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, outer)
        signal.signal(signal.SIGALRM, before)


def serve(sock: socket.socket, shell: Any, outputs: Outputs, inputs: Path | None, output_limit: int) -> None:
    """Serve the judge until it goes. The process stands in its scratch folder, which gets a copy of `inputs`."""
    outputs.limit = output_limit
    sys.stdout, sys.stderr = _Kept("stdout", outputs), _Kept("stderr", outputs)
    if inputs is not None:
        shutil.copytree(inputs, Path.cwd(), dirs_exist_ok=True, symlinks=True, copy_function=shutil.copyfile)
    sys.path.insert(0, str(Path.cwd()))
    shell.user_ns["__file__"] = None
    learner = Learner(Channel(sock, limit=1 << 40), shell, outputs)
    try:
        learner.peer.serve()
    except (Closed, WireError):
        os._exit(0)
