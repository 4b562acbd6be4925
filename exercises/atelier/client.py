"""Asking the practice model from a notebook, through the `openai` client, at the one address configured.

ATELIER_MODEL_URL     base_url of an OpenAI-compatible server, such as http://127.0.0.1:8081/v1
ATELIER_MODEL_TOKEN   its key
ATELIER_MODEL_NAME    the model's name there; not set for the embedded model
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from atelier.errors import ModelAbsent, ModelUnreachable
from atelier.kits.base import Message, Request
from atelier.model import PARAMETERS, Parameters, body, close, may_reuse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from openai import OpenAI, OpenAIError

SECONDS = 60.0
_CONNECT_SECONDS = 5.0
_TELL = "Your work is saved. Close this tab, start `atelier lab` again, or tell your trainer."
_SHORTER = "Shorten the document, or take examples out of the prompt."

_before: Request | None = None


class _TooLong(ModelUnreachable):
    """The prompt exceeds what the model can read."""


def ask(prompt: str, *, max_tokens: int = 256) -> str:
    """Return the practice model's answer to one question.

    Raises ModelAbsent or ModelUnreachable, in words for the learner.
    """
    parameters = Parameters(max_tokens=max_tokens, stop=())
    with _configured() as client:
        return _complete(client, Request((Message("user", prompt),)), parameters)


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
    replies: dict[str, str] = {}
    with _configured() as client:
        for done, request in enumerate(requests):
            if cancelled is not None and cancelled():
                break
            try:
                replies[request.key] = _complete(client, request, PARAMETERS)
            except _TooLong:
                replies[request.key] = ""
            if on_progress is not None:
                on_progress(done + 1, len(requests))
    return replies


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
            http_client=DefaultHttpxClient(trust_env=not _is_local(url), follow_redirects=False),
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


def _is_local(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@contextmanager
def _configured() -> Iterator[OpenAI]:
    url = os.environ.get("ATELIER_MODEL_URL", "")
    if not url:
        raise ModelAbsent(
            "No practice model is connected to this notebook.", f"Start the labs with `atelier lab`. {_TELL}"
        )
    with connect(url, os.environ.get("ATELIER_MODEL_TOKEN", ""), seconds=SECONDS) as client:
        yield client


def _complete(client: OpenAI, request: Request, parameters: Parameters) -> str:
    global _before  # noqa: PLW0603  # what the model's cache holds outlives a call
    from openai import APIConnectionError, APIStatusError, APITimeoutError, OpenAIError

    asked: dict[str, Any] = body(request, parameters)
    if not asked["stop"]:
        del asked["stop"]
    name = os.environ.get("ATELIER_MODEL_NAME", "")
    if not name:  # llama.cpp's own key; other servers may refuse it
        asked["extra_body"] = {"cache_prompt": may_reuse(_before, request)}
    _before = request
    try:
        reply = client.chat.completions.create(model=name or "practice", **asked)
    except APITimeoutError as error:
        says = f"The practice model took longer than {SECONDS:.0f} seconds."
        raise ModelUnreachable(says, "Try again with fewer or shorter documents.") from error
    except APIConnectionError as error:
        raise ModelUnreachable("The practice model does not answer.", _TELL) from error
    except APIStatusError as error:
        if is_too_long(error) or error.status_code == 413:
            raise _TooLong("The prompt is too long for the practice model.", _SHORTER) from error
        raise ModelUnreachable(_status(error.status_code), _TELL) from error
    except (OpenAIError, ValueError) as error:  # ValueError: it promised JSON, and sent none
        says = f"The practice model's answer cannot be read ({type(error).__name__})."
        raise ModelUnreachable(says, _TELL) from error
    text = text_of(reply)
    if text is None:
        raise ModelUnreachable("What answers at the practice model's address is no chat model.", _TELL)
    return text


def _status(code: int) -> str:
    if code in (401, 403):
        return "The practice model refused the key of this notebook."
    return f"The practice model answered with an error ({code})."
