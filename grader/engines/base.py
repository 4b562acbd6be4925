"""What an engine is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol

from atelier.kits.base import Request


class Engine(Protocol):
    """A model that answers requests, the same request always the same way as far as it can."""

    @property
    def id(self) -> str:
        """Return a short id; another id means that other replies are to be expected."""
        ...

    @property
    def about(self) -> dict[str, Any]:
        """Return what a recording needs beside the replies: model, hash, parameters."""
        ...

    def complete(self, requests: Sequence[Request]) -> Iterator[tuple[str, str]]:
        """Yield (request key, reply) as they come, in any order. Raises EngineError when it cannot go on."""
        ...


Report = Callable[[int, int], None]
