"""Grading many submissions: here, on this machine's cores, or on a Dask cluster. The same tasks in, the same marks out.

Only marks come back; whoever asked writes the gradebook, alone.
"""

from __future__ import annotations

import os
import queue
import threading
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Protocol

from grader.execution.host import Setting
from grader.execution.workers import Worker
from grader.jobs import Done, Ended, Job, Marked, Timed
from grader.submissions import Marker

_WAITING = 4  # tasks in hand per worker: enough to keep it busy, few enough to keep memory flat


class Scheduler(Protocol):
    """Marks tasks, in any order; as many at once as it has workers."""

    def mark(self, tasks: Iterable[Timed], setting: Setting) -> Iterator[Marked]:
        """Yield the marks of `tasks` as they come. Takes the next task only when a worker is free."""
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


def _refuse(job: Job) -> Done:
    return Done((), Ended(job.id, complete=False, fault="Code is not run in the grader's own process."))


class Local:
    """Marks on `workers` processes of this machine, each with its own warm pair."""

    def __init__(self, workers: int) -> None:
        self._workers = max(1, workers)

    def mark(self, tasks: Iterable[Timed], setting: Setting) -> Iterator[Marked]:
        """Yield marks as they come. Ends its processes whatever ends it."""
        waiting: queue.Queue[Timed | None] = queue.Queue(self._workers * _WAITING)
        ready: queue.Queue[Marked | BaseException | None] = queue.Queue()
        workers = [Worker(setting) for _ in range(self._workers)]
        stop = threading.Event()
        threads = [
            threading.Thread(target=_work, args=(worker, waiting, ready, stop), daemon=True) for worker in workers
        ]
        # A worker's child dies with the thread that started it, so the threads stay to the end.
        for thread in threads:
            thread.start()
        try:
            yield from _feed(iter(tasks), waiting, ready, len(threads))
        finally:
            stop.set()
            with suppress(queue.Full):
                for _ in threads:
                    waiting.put_nowait(None)
            for worker in workers:
                worker.interrupt()
            for thread in threads:
                thread.join(timeout=20)


def _feed(
    tasks: Iterator[Timed],
    waiting: queue.Queue[Timed | None],
    ready: queue.Queue[Marked | BaseException | None],
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
        if found is not None:
            open_ -= 1
            yield found


def _work(
    worker: Worker,
    waiting: queue.Queue[Timed | None],
    ready: queue.Queue[Marked | BaseException | None],
    stop: threading.Event,
) -> None:
    try:
        with worker:
            while not stop.is_set() and (task := waiting.get()) is not None:
                ready.put(worker.mark(*task))
    except BaseException as error:  # noqa: BLE001  # told in the thread that waits for it
        ready.put(error)


def chosen(jobs: int, cluster: str, marker: Marker, *, small: bool) -> Scheduler:
    """Return the scheduler for `jobs` workers (0: one per core), or for the cluster at an address like tcp://host:8786."""
    if cluster:
        from grader.cluster import Cluster

        return Cluster(cluster)
    if small and jobs == 0:
        return Here(marker)
    return Local(jobs or cores())
