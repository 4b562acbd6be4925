"""One end of the conversation between judge and learner. Both ends ask and answer, nested as calls nest.

    {"ask": 7, "op": "call", ...}   a question, numbered by the asker
    {"re": 7, ...}                  its answer

An answer to a question that was given up (it took too long) is passed over; an answer to one that was never asked is a breach.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from grader.execution.wire import Channel, Message, WireError

MAX_NESTED = 40


class Peer:
    """A channel with numbered questions. `answer` serves the other side's questions."""

    def __init__(self, channel: Channel, answer: Callable[[Message], Message]) -> None:
        self._channel = channel
        self._answer = answer
        self._asked = 0
        self._nested = 0

    def ask(self, op: str, until: float | None = None, **more: Any) -> Message:
        """Ask, serve what the other side asks meanwhile, and return its answer.

        `until` is a time of `time.monotonic()`. Raises TimeoutError, wire.Closed or WireError.
        """
        self._asked += 1
        number = self._asked
        self._channel.send({"ask": number, "op": op, **more})
        while True:
            message = self._channel.receive(None if until is None else max(until - time.monotonic(), 0.001))
            if "ask" in message:
                self._serve(message)
            elif message.get("re") == number:
                return message
            elif not isinstance(message.get("re"), int) or not 0 < message["re"] < number:
                raise WireError("an answer to a question that was never asked")

    def serve(self) -> None:
        """Serve the other side's questions until it goes (raises wire.Closed)."""
        while True:
            message = self._channel.receive()
            if "ask" in message:
                self._serve(message)

    def _serve(self, message: Message) -> None:
        if not isinstance(message["ask"], int) or self._nested >= MAX_NESTED:
            raise WireError("a question without number, or calls nested too deep")
        self._nested += 1
        try:
            self._channel.send({"re": message["ask"], **self._answer(message)})
        finally:
            self._nested -= 1
