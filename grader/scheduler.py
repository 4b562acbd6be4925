"""Grading many submissions: here, on this machine's cores, or on a Dask cluster. The same tasks in, the same marks out.

Only marks come back; whoever asked writes the gradebook, alone.
"""

from __future__ import annotations

import os
import queue
import threading
from collections.abc import Iterable, Iterator
from contextlib import suppress
from socket import socket
from subprocess import Popen, TimeoutExpired
from typing import Protocol

from grader.execution.host import Setting, start_zygotes
from grader.execution.workers import Worker
from grader.jobs import Done, Ended, Job, Marked, Timed
from grader.submissions import Marker

_WAITING = 4  # tasks in hand per worker: enough to keep it busy, few enough to keep memory flat


class Scheduler(Protocol):
    """Marks tasks, in any order; as many at once as it has workers."""

    def prepare(self, setting: Setting) -> None:
        """Get ready for `mark` under the same setting, in the background where that is possible."""
        ...

    def mark(self, tasks: Iterable[Timed], setting: Setting) -> Iterator[Marked]:
        """Yield the marks of `tasks` as they come. Takes the next task only when a worker is free."""
        ...

    def close(self) -> None:
        """Give up; for whoever prepared and then had nothing to mark."""
        ...


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Here:
    """Marks in this process, one after the other: for a few forms, where a worker's start would cost more than the work."""

    def __init__(self, marker: Marker) -> None:
        self._marker = marker

    def mark(self, tasks: Iterable[Timed], setting: Setting) -> Iterator[Marked]:  # noqa: ARG002  # needs none
        """Yield the marks of form labs."""
        for task, _seconds in tasks:
            yield self._marker.mark(task, _refuse)

    def prepare(self, setting: Setting) -> None:
        """Do nothing: all is here."""

    def close(self) -> None:
        """Do nothing."""


def _refuse(job: Job) -> Done:
    return Done((), Ended(job.id, complete=False, fault="Code is not run in the grader's own process."))


class Local:
    """Marks on `workers` processes of this machine, each with a warm pair; what learners' processes need is loaded once."""

    def __init__(self, workers: int) -> None:
        self._count = max(1, workers)
        self._waiting: queue.Queue[Timed | None] = queue.Queue(self._count * _WAITING)
        self._ready: queue.Queue[Marked | BaseException] = queue.Queue()
        self._stop = threading.Event()
        self._workers: list[Worker] = []
        self._zygote: Popen[bytes] | None = None
        self._threads: list[threading.Thread] = []

    def prepare(self, setting: Setting) -> None:
        """Let the workers load while the caller does other things."""
        if self._threads:
            return
        shared: list[socket] | list[None] = [None] * self._count
        if setting.level:
            self._zygote, shared = start_zygotes(setting, self._count)
        self._workers = [Worker(setting, zygote) for zygote in shared]
        for worker in self._workers:
            thread = threading.Thread(target=self._work, args=(worker,), daemon=True)
            # A worker's child dies with the thread that started it, so the threads stay to the end.
            self._threads.append(thread)
            thread.start()

    def mark(self, tasks: Iterable[Timed], setting: Setting) -> Iterator[Marked]:
        """Yield marks as they come. Ends its processes whatever ends it."""
        self.prepare(setting)
        try:
            yield from _feed(iter(tasks), self._waiting, self._ready, self._count)
        finally:
            self.close()

    def close(self) -> None:
        """End all workers; what they were doing is lost."""
        self._stop.set()
        with suppress(queue.Full):
            for _ in self._threads:
                self._waiting.put_nowait(None)
        for worker in self._workers:
            worker.interrupt()
        for thread in self._threads:
            thread.join(timeout=20)
        if self._zygote is not None:
            with suppress(TimeoutExpired):
                self._zygote.wait(timeout=20)  # it ends with its workers
            self._zygote.kill()
            self._zygote.wait()

    def _work(self, worker: Worker) -> None:
        try:
            with worker:
                worker.start()
                while not self._stop.is_set() and (timed := self._waiting.get()) is not None:
                    self._ready.put(worker.mark(*timed))
        except BaseException as error:  # noqa: BLE001  # told in the thread that waits for it
            if not self._stop.is_set():
                self._ready.put(error)


def _feed(
    tasks: Iterator[Timed],
    waiting: queue.Queue[Timed | None],
    ready: queue.Queue[Marked | BaseException],
    workers: int,
) -> Iterator[Marked]:
    """Hand tasks out as long as there is room, and yield what comes back."""
    open_, more = 0, True
    while more or open_:
        while more and not waiting.full():
            task = next(tasks, None)
            if task is None:
                more = False
                for _ in range(workers):
                    waiting.put(None)
            else:
                waiting.put(task)
                open_ += 1
        if not open_:
            return
        found = ready.get()
        if isinstance(found, BaseException):
            raise found
        open_ -= 1
        yield found


def chosen(jobs: int, cluster: str, marker: Marker, *, small: bool) -> Scheduler:
    """Return the scheduler for `jobs` workers (0: one per core), or for the cluster at an address like tcp://host:8786."""
    if cluster:
        from grader.cluster import Cluster

        return Cluster(cluster)
    if small and jobs == 0:
        return Here(marker)
    return Local(jobs or cores())
