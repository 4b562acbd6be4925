"""Grading on a Dask cluster: each of its workers holds a warm pair of its own; tasks and marks cross as JSON.

The workspace lies on storage that all workers see under the same path. Dask distributed is an extra (`atelier[cluster]`). TLS is
Dask's own: an address like tls://host:8786, certificates by its configuration (`distributed.comm.tls`).
"""

from __future__ import annotations

import itertools
import json
import threading
import uuid
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any

from atelier import records
from grader.errors import GraderError
from grader.execution.host import Setting
from grader.execution.workers import Worker
from grader.jobs import Marked, Task, Timed
from grader.model import Score

_IN_HAND = 4  # tasks per worker thread that are with the cluster at once


class ClusterError(GraderError):
    """The cluster cannot be used."""


class Pair:
    """What each Dask worker holds for one grading run: one host of ours, used by one thread at a time."""

    def __init__(self, setting: str) -> None:
        self._setting = setting

    def setup(self, worker: Any) -> None:  # noqa: ARG002  # Dask's signature
        """Let the host load, without waiting for it."""
        self.worker, self.lock = Worker(records.load(Setting, json.loads(self._setting))), threading.Lock()
        threading.Thread(target=self._begin, daemon=True).start()

    def _begin(self) -> None:
        with self.lock, suppress(Exception):  # what is wrong is told by the first task
            self.worker.start()

    def teardown(self, worker: Any) -> None:  # noqa: ARG002  # Dask's signature
        """End the host."""
        self.worker.close()


def _mark(run: str, task: str, seconds: float) -> str:
    """Grade one submission; runs on a Dask worker that holds the pair of this `run`."""
    from distributed import get_worker

    pair = get_worker().plugins[run]
    with pair.lock:
        marked = pair.worker.mark(records.load(Task, json.loads(task)), seconds)
    return json.dumps(records.dump(marked), default=str)


class Cluster:
    """Marks on the cluster whose scheduler listens at `address`."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._client: Any = None
        self._run = f"atelier-{uuid.uuid4().hex}"  # each run has a setting of its own

    def prepare(self, setting: Setting) -> None:
        """Let the cluster's workers load. ClusterError if nobody answers at the address, or Dask is not installed."""
        if self._client is None:
            self._client = self._connected()
            self._client.register_plugin(_plugin(json.dumps(records.dump(setting))), name=self._run)

    def close(self) -> None:
        """Leave the cluster; its workers end what they hold for this run."""
        client, self._client = self._client, None
        if client is not None:
            with suppress(Exception):  # the cluster may be gone by now
                client.unregister_worker_plugin(self._run)
            client.close()

    def mark(self, tasks: Iterable[Timed], setting: Setting) -> Iterator[Marked]:
        """Yield marks as they come. Raises as `prepare` does."""
        self.prepare(setting)
        try:
            yield from self._flow(self._client, self._run, iter(tasks))
        finally:
            self.close()

    def _connected(self) -> Any:
        try:
            from distributed import Client
        except ImportError:
            raise ClusterError("Dask is not installed.", "Run: pip install 'atelier[cluster]'") from None
        try:
            return Client(self._address, timeout="8s", set_as_default=False)
        except (OSError, ValueError, RuntimeError) as error:
            raise ClusterError(
                f"No Dask scheduler answers at {self._address} ({str(error) or type(error).__name__}).",
                "Start one: dask scheduler. For tls:// addresses, see the deployment guide.",
            ) from error

    def _flow(self, client: Any, run: str, waiting: Iterator[Timed]) -> Iterator[Marked]:
        """Keep every thread of the cluster busy, and no more than that in hand."""
        from distributed import as_completed

        threads = sum(info["nthreads"] for info in client.scheduler_info(n_workers=-1)["workers"].values())
        if not threads:
            raise ClusterError(f"The cluster at {self._address} has no workers.", "Start some: dask worker ADDRESS")
        sent: dict[Any, Task] = {}

        def send(task: Task, seconds: float) -> Any:
            future = client.submit(_mark, run, json.dumps(records.dump(task)), seconds, pure=False, retries=1)
            sent[future.key] = task
            return future

        futures = [send(*timed) for timed in itertools.islice(waiting, threads * _IN_HAND)]
        flow: Any = as_completed(futures, loop=client.loop)
        for future in flow:
            yield _marked(future, sent.pop(future.key))
            for timed in itertools.islice(waiting, 1):
                flow.add(send(*timed))


def _plugin(setting: str) -> Any:
    from distributed import WorkerPlugin

    return type("Pair", (Pair, WorkerPlugin), {})(setting)


def _marked(future: Any, task: Task) -> Marked:
    try:
        found: Marked = records.load(Marked, json.loads(future.result()))
    except Exception as error:  # noqa: BLE001  # a worker that died, or Dask's own trouble: nobody's zero
        reason = f"The cluster lost this submission ({type(error).__name__})."
        remedy = "The learner need not do anything. Grade again."
        return Marked(task, Score(task.lab, "", "", task.engine, reason=reason, remedy=remedy))
    return found
