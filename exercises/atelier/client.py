"""Asking models from a notebook, through the `openai` client: the practice model, at the one address configured, or a tier's.

ATELIER_MODEL_URL     base_url of an OpenAI-compatible server, such as http://127.0.0.1:8081/v1
ATELIER_MODEL_TOKEN   its key
ATELIER_MODEL_NAME    the model's name there; not set for the embedded model
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from atelier.errors import AtelierError, ModelAbsent, ModelUnreachable
from atelier.kits.base import Request
from atelier.model import PARAMETERS, Parameters, ahead, body, close, may_reuse, runs_into

if TYPE_CHECKING:
    from collections.abc import Iterator

    from openai import OpenAI, OpenAIError

SECONDS = 180.0  # a long prompt on a busy, small machine; who waits may press Stop
_CONNECT_SECONDS = 5.0
_TELL = "Your work is saved. Close this tab, start `atelier lab` again, or tell your trainer."
_NO_MODEL = "What answers at the model's address is no chat model."
_SHORTER = "Shorten the document, or take examples out of the prompt."

_PAUSE = 0.5  # seconds without an edit after which a prompt is read ahead

# What the embedded model's cache holds outlives a call, and one thread at a time asks it.
_turn = threading.Lock()
_before: Request | None = None
_next: Request | None = None


class _TooLong(ModelUnreachable):
    """The prompt exceeds what the model can read."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An OpenAI-compatible server. `model` is empty for the embedded model."""

    base_url: str
    key: str
    model: str = ""


def practice() -> Endpoint | None:
    """Return the practice model of this notebook; None if none is connected."""
    url, token, name = (os.environ.get(f"ATELIER_MODEL_{what}", "") for what in ("URL", "TOKEN", "NAME"))
    return Endpoint(url, token, name) if url else None


def stream(endpoint: Endpoint, request: Request, parameters: Parameters) -> Iterator[str]:
    """Yield the reply to `request` piece by piece, as it is written. Raises ModelUnreachable, in words for the learner."""
    answered = False
    with connect(endpoint.base_url, endpoint.key, seconds=SECONDS) as client, _in_words():
        with _turn:
            answering = _ask(client, endpoint, request, parameters, stream=True)
        with answering as pieces:
            for piece in pieces:
                for choice in getattr(piece, "choices", None) or ():
                    answered = True
                    if choice.delta and choice.delta.content:
                        yield choice.delta.content
    if not answered:
        raise ModelUnreachable(_NO_MODEL, _TELL)


def complete(request: Request) -> str:
    """Return the reply to `request`, as the grader gets it: empty for a prompt that is too long for the model.

    Raises ModelAbsent or ModelUnreachable, in words for the learner.
    """
    return complete_many([request])[request.key]


def complete_many(
    requests: Sequence[Request],
    on_progress: Callable[[int, int], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> dict[str, str]:
    """Return request key -> reply, one after the other; stops early, keeping what came, once `cancelled` says so.

    `on_progress` gets (replies so far, requests). A prompt that is too long for the model has the empty reply.
    Raises ModelAbsent or ModelUnreachable, in words for the learner.
    """
    global _next  # noqa: PLW0603  # what is asked goes before what might be
    _next = None
    replies: dict[str, str] = {}
    with _configured() as (client, endpoint):
        for done, request in enumerate(requests):
            if cancelled is not None and cancelled():
                break
            try:
                replies[request.key] = _complete(client, endpoint, request)
            except _TooLong:
                replies[request.key] = ""
            if on_progress is not None:
                on_progress(done + 1, len(requests))
    return replies


def read_ahead(request: Request) -> threading.Thread | None:
    """Let the embedded model read all but the last turn of `request` while nothing is asked of it; returns at once.

    The first reply then takes as long as the ones after it. A later call or a question takes over at the next example. Nothing
    is told: what fails here, fails at the question. Does nothing for other models, where reading costs others.
    """
    global _next  # noqa: PLW0603  # so that the thread of an earlier call ends
    endpoint = practice()
    if endpoint is None or endpoint.model:
        return None
    _next = request
    thread = threading.Thread(target=_read_ahead, args=(endpoint, request), daemon=True)
    thread.start()
    return thread


def _read_ahead(endpoint: Endpoint, request: Request) -> None:
    time.sleep(_PAUSE)
    if _next is not request or may_reuse(_before, request):
        return
    with suppress(AtelierError), connect(endpoint.base_url, endpoint.key, seconds=SECONDS) as client:
        for first in ahead(request, _before):
            with _turn:
                if _next is not request or may_reuse(_before, request):
                    return
                _ask(client, endpoint, first, Parameters(max_tokens=1))


def connect(url: str, key: str, *, seconds: float, retries: int = 0) -> OpenAI:
    """Return a client that talks to `url` and nobody else, with `key` and nothing else of the environment.

    No OPENAI_* variable counts (the library would add keys and headers from them) and no redirect is followed. A
    proxy of the machine is used, but never to reach this machine itself.
    """
    hidden = {name: os.environ.pop(name) for name in list(os.environ) if name.startswith("OPENAI_")}
    try:
        # Half a second, and only needed by those who ask. OPENAI_LOG is read here: it would print prompts.
        from openai import DefaultHttpxClient, OpenAI, Timeout

        return OpenAI(
            base_url=url,
            api_key=key or "none",
            timeout=Timeout(seconds, connect=_CONNECT_SECONDS),
            max_retries=retries,
            http_client=DefaultHttpxClient(trust_env=not is_local(url), follow_redirects=False),
        )
    finally:
        os.environ.update(hidden)


def is_too_long(error: OpenAIError) -> bool:
    """Return whether a server refused a prompt for its length. The words differ by server; all say "context"."""
    from openai import BadRequestError

    return isinstance(error, BadRequestError) and "context" in str(error)


def text_of(reply: object) -> str | None:
    """Return the text of a chat completion, or None for anything else: the library passes on what a server sends."""
    try:
        choice = reply.choices[0]  # type: ignore[attr-defined]
        return close(choice.message.content or "", choice.finish_reason)
    except (AttributeError, IndexError, TypeError):
        return None


def is_local(url: str) -> bool:
    """Return whether `url` is on this machine."""
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@contextmanager
def _configured() -> Iterator[tuple[OpenAI, Endpoint]]:
    endpoint = practice()
    if endpoint is None:
        raise ModelAbsent(
            "No practice model is connected to this notebook.", f"Start the labs with `atelier lab`. {_TELL}"
        )
    with connect(endpoint.base_url, endpoint.key, seconds=SECONDS) as client:
        yield client, endpoint


def _complete(client: OpenAI, endpoint: Endpoint, request: Request) -> str:
    with _turn:
        # As the grader asks: first turns, then the last one.
        if not endpoint.model and not may_reuse(_before, request):
            _ask(client, endpoint, ahead(request)[-1], Parameters(max_tokens=1))
        reply = _ask(client, endpoint, request, PARAMETERS)
    text = text_of(reply)
    if text is None:
        raise ModelUnreachable(_NO_MODEL, _TELL)
    return text


def _ask(client: OpenAI, endpoint: Endpoint, request: Request, parameters: Parameters, **more: Any) -> Any:
    """Return what the server answers, and remember what the embedded model's cache then holds. Call it with `_turn`."""
    global _before  # noqa: PLW0603  # see its definition
    asked: dict[str, Any] = {"model": endpoint.model or "practice", **body(request, parameters), **more}
    if not asked["stop"]:
        del asked["stop"]
    if not endpoint.model:  # llama.cpp's own key; other servers may refuse it
        asked["extra_body"] = {"cache_prompt": _before is not None and not runs_into(_before, request)}
        _before = None  # until it has answered nobody knows
    with _in_words():
        reply = client.chat.completions.create(**asked)
    if not endpoint.model:
        _before = request
    return reply


@contextmanager
def _in_words() -> Iterator[None]:
    """Turn the library's errors into ours."""
    import httpx
    from openai import APIConnectionError, APIStatusError, APITimeoutError, OpenAIError

    try:
        yield
    except (APITimeoutError, httpx.TimeoutException) as error:  # httpx's own: half way in a stream
        says = f"The model took longer than {SECONDS:.0f} seconds."
        raise ModelUnreachable(
            says, "Wait a minute and try again. If it stays so, show fewer or shorter examples."
        ) from error
    except (APIConnectionError, httpx.TransportError) as error:
        raise ModelUnreachable("The model does not answer.", _TELL) from error
    except APIStatusError as error:
        if is_too_long(error) or error.status_code == 413:
            raise _TooLong("The prompt is too long for the model.", _SHORTER) from error
        raise ModelUnreachable(_status(error.status_code), _TELL) from error
    except (OpenAIError, ValueError) as error:  # ValueError: it promised JSON, and sent none
        says = f"The model's answer cannot be read ({type(error).__name__})."
        raise ModelUnreachable(says, _TELL) from error


def _status(code: int) -> str:
    if code in (401, 403):
        return "The model refused the key of this notebook."
    return f"The model answered with an error ({code})."
