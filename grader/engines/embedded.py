"""The embedded practice model, or another GGUF file of the store: llama.cpp in child processes, one single-threaded per core.

More threads or slots are not faster on shared cores and change the output, so they are fixed and part of the id.
Requests that share their first turns go to one worker in a row, whose prefix cache then makes them three times cheaper
(2.7 s down to 0.9 s for three examples).

A reply depends on its request alone: not on what was asked before, in which order, or by how many workers. For that, no
token that matters may be evaluated singly, which rounds differently (`atelier.model.may_reuse`; a prompt of 513
tokens, one more than a batch, did so too). So a worker first evaluates the shared turns with a dot behind them, some
60 ms more than they cost anyway, and a request then adds its last turn: at least seven tokens, in one batch.
"""

from __future__ import annotations

import json
import os
import queue
import secrets
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from itertools import groupby
from types import TracebackType
from typing import Any

from atelier.kits.base import Message, Request
from atelier.model import EMBEDDED, PARAMETERS, ModelFile, body, close, engine_id, may_reuse
from grader.engines import store
from grader.engines.worker import CONTEXT
from grader.errors import EngineError

SETTING = f"llama.cpp, 1 thread, 1 slot, flash attention off, context {CONTEXT}"
_BATCH = 30  # requests handed to a worker at a time: long enough for the prefix cache, short enough to share out
_BESIDE = 300_000_000  # bytes of memory that a worker takes beside the model's file
_SECONDS = 300.0  # a full context takes 30 s to read on a busy core; what takes ten times that, hangs


class _Worker:
    """One child process with a model loaded. The embedded one takes 340 MB and 1 s to start."""

    def __init__(self, token: str = "", port: int = 0, model: ModelFile = EMBEDDED) -> None:
        path = store.find(model)
        self._needs = f"{(model.size + _BESIDE) / 1e6:,.0f} MB"
        self._process = subprocess.Popen(  # argv is ours
            # -P: a submission's folder may be the current one, and its files are not ours to import.
            [sys.executable, "-P", "-m", "grader.engines.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
            # Ctrl-C is for the command; the worker ends when its stdin closes.
            start_new_session=True,
        )
        self._lock = threading.Lock()
        self._before: Request | None = None
        told = {"model": str(path), "token": token or secrets.token_hex(16), "port": port}
        started = self._exchange(told)
        if "error" in started:
            self.stop()
            raise EngineError(
                f"The practice model does not start ({started['error']}).",
                f"Check free memory ({self._needs}){f' and that port {port} is free' if port else ''}, then try again.",
            )
        self.address = str(started["address"])

    @property
    def pid(self) -> int:
        """Return the child's process id."""
        return self._process.pid

    def _exchange(self, told: dict[str, Any]) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        watch = threading.Timer(_SECONDS, self._process.kill)
        watch.start()
        try:
            self._process.stdin.write(json.dumps(told) + "\n")
            self._process.stdin.flush()
            line = self._process.stdout.readline()
        except (OSError, ValueError) as error:
            raise EngineError("The practice model's process is gone.", "Run the same command again.") from error
        finally:
            watch.cancel()
        if not line.endswith("\n"):
            raise EngineError(
                f"The practice model's process ended ({self._process.wait()}).",
                f"Check free memory (it needs {self._needs}), then run the same command again.",
            )
        found: dict[str, Any] = json.loads(line)
        return found

    def complete(self, request: Request) -> str:
        """Return the reply. A prompt that does not fit into the context gets the empty reply."""
        with self._lock:
            if not may_reuse(self._before, request):
                self._before = None
                shared = Request((*request.messages[:-1], Message("user", ".")))
                self._ask(shared, max_tokens=1, cache_prompt=False)
            text = self._ask(request, cache_prompt=True)
            self._before = request
        return text

    def _ask(self, request: Request, **more: Any) -> str:
        got = self._exchange({"key": request.key, "body": {**body(request), **more}})
        if got.get("too_long"):
            return ""
        if "error" in got:
            raise EngineError(f"The practice model failed: {got['error']}.", "Run the same command again.")
        return close(got["text"], got["finish_reason"])

    def stop(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            self._process.stdin.close()
            self._process.wait(timeout=2)
        except (OSError, subprocess.TimeoutExpired):
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()


class Embedded:
    """A model file as an engine. Workers start at the first question and end with the `with` block."""

    def __init__(self, workers: int | None = None, model: ModelFile = EMBEDDED) -> None:
        self._size = workers or _cores()
        self._model = model
        self._workers: list[_Worker] = []

    @property
    def id(self) -> str:
        """Return the engine's id, over the model's hash, the parameters and the setting."""
        name = "smollm2-135m-q4_1" if self._model.sha256 == EMBEDDED.sha256 else self._model.file.removesuffix(".gguf")
        return engine_id(name.lower()[:40], f"{self._model.sha256} {SETTING}")

    @property
    def about(self) -> dict[str, Any]:
        """Return model, hash, setting and parameters."""
        return {
            "model": self._model.name,
            "sha256": self._model.sha256,
            "setting": SETTING,
            "parameters": asdict(PARAMETERS),
        }

    def __enter__(self) -> Embedded:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for worker in self._workers:
            worker.stop()
        self._workers = []

    def complete(self, requests: Sequence[Request]) -> Iterator[tuple[str, str]]:
        """Yield (request key, reply) as they come. A worker that dies is replaced once per batch.

        Raises ModelMissing or HashMismatch before the first question, EngineError when it cannot go on.
        """
        batches: queue.SimpleQueue[list[Request]] = queue.SimpleQueue()
        for batch in _batches(requests):
            batches.put(batch)
        done: queue.SimpleQueue[tuple[str, str] | EngineError | None] = queue.SimpleQueue()
        stop = threading.Event()
        while len(self._workers) < min(self._size, batches.qsize()):
            self._workers.append(_Worker(model=self._model))
        threads = [
            threading.Thread(target=self._work, args=(place, batches, done, stop), daemon=True)
            for place in range(len(self._workers))
        ]
        for thread in threads:
            thread.start()
        running = len(threads)
        try:
            while running:
                got = done.get()
                if got is None:
                    running -= 1
                elif isinstance(got, EngineError):
                    raise got
                else:
                    yield got
        finally:
            stop.set()
            for thread in threads:
                thread.join()

    def _work(
        self,
        place: int,
        batches: queue.SimpleQueue[list[Request]],
        done: queue.SimpleQueue[tuple[str, str] | EngineError | None],
        stop: threading.Event,
    ) -> None:
        """Answer batches until there are none left, one reply at a time into `done`; None says that it ended."""
        try:
            while not stop.is_set():
                try:
                    batch = batches.get_nowait()
                except queue.Empty:
                    break
                fresh = False
                for request in batch:
                    if stop.is_set():
                        break
                    try:
                        text = self._workers[place].complete(request)
                    except EngineError:
                        if fresh:
                            raise
                        self._workers[place].stop()
                        self._workers[place], fresh = _Worker(model=self._model), True
                        text = self._workers[place].complete(request)
                    done.put((request.key, text))
        except EngineError as error:
            done.put(error)
        finally:
            done.put(None)


def _cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _batches(requests: Sequence[Request]) -> Iterator[list[Request]]:
    """Split `requests` into runs with the same first turns, in an order that depends on the requests alone."""
    ordered = sorted(requests, key=lambda r: ([(m.role, m.content) for m in r.messages[:-1]], r.key))
    for _, run in groupby(ordered, key=lambda r: r.messages[:-1]):
        same = list(run)
        yield from (same[i : i + _BATCH] for i in range(0, len(same), _BATCH))


@contextmanager
def serving(port: int = 0, model: ModelFile = EMBEDDED) -> Iterator[tuple[str, str]]:
    """Serve a model on loopback for learners' notebooks; yields (base_url, token).

    `port` 0 takes any free one. Raises ModelMissing, HashMismatch, or EngineError with the reason if it cannot start.
    """
    token = secrets.token_urlsafe(24)
    worker = _Worker(token, port, model)
    try:
        yield f"{worker.address}/v1", token
    finally:
        worker.stop()
