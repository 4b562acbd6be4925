"""Asking the practice model from a notebook, through the `openai` client, at the one address configured.

ATELIER_MODEL_URL     base_url of an OpenAI-compatible server, such as http://127.0.0.1:8081/v1
ATELIER_MODEL_TOKEN   its key
ATELIER_MODEL_NAME    the model's name there; any for a server that holds one model
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from atelier.errors import ModelAbsent, ModelUnreachable
from atelier.kits.base import Message, Request
from atelier.model import PARAMETERS, Parameters, body, close

if TYPE_CHECKING:
    from openai import OpenAI

SECONDS = 60.0
_TELL = "Your work is saved. Close this tab, start `atelier lab` again, or tell your trainer."


def _client() -> OpenAI:
    url = os.environ.get("ATELIER_MODEL_URL", "")
    if not url:
        raise ModelAbsent(
            "No practice model is connected to this notebook.", f"Start the labs with `atelier lab`. {_TELL}"
        )
    # Half a second, and only needed by those who ask.
    from openai import DefaultHttpxClient, OpenAI

    # Named outright, so that no OPENAI_* or proxy variable of the machine can send a prompt elsewhere.
    return OpenAI(
        base_url=url,
        api_key=os.environ.get("ATELIER_MODEL_TOKEN") or "none",
        organization="",
        project="",
        timeout=SECONDS,
        max_retries=0,
        http_client=DefaultHttpxClient(trust_env=False),
    )


def ask(prompt: str, *, max_tokens: int = 256) -> str:
    """Return the practice model's answer to one question.

    Raises ModelAbsent or ModelUnreachable, in words for the learner.
    """
    return _complete(_client(), Request((Message("user", prompt),)), Parameters(max_tokens=max_tokens, stop=()))


def complete_many(
    requests: Sequence[Request],
    on_progress: Callable[[int, int], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> dict[str, str]:
    """Return request key -> reply, one after the other; stops early, keeping what came, once `cancelled` says so.

    Raises ModelAbsent or ModelUnreachable, in words for the learner.
    """
    client = _client()
    replies: dict[str, str] = {}
    for done, request in enumerate(requests):
        if cancelled is not None and cancelled():
            break
        replies[request.key] = _complete(client, request, PARAMETERS)
        if on_progress is not None:
            on_progress(done + 1, len(requests))
    return replies


def _complete(client: OpenAI, request: Request, parameters: Parameters) -> str:
    from openai import APIConnectionError, APIStatusError, APITimeoutError, OpenAIError

    asked: dict[str, Any] = body(request, parameters)
    if not asked["stop"]:
        del asked["stop"]
    try:
        reply = client.chat.completions.create(model=os.environ.get("ATELIER_MODEL_NAME") or "practice", **asked)
    except APITimeoutError as error:
        raise ModelUnreachable(
            f"The practice model took longer than {SECONDS:.0f} seconds.", "Try fewer or shorter documents."
        ) from error
    except APIConnectionError as error:
        raise ModelUnreachable("The practice model does not answer.", _TELL) from error
    except APIStatusError as error:
        raise ModelUnreachable(_status(error.status_code), _TELL) from error
    except OpenAIError as error:
        raise ModelUnreachable(
            f"The practice model's answer cannot be read ({type(error).__name__}).", _TELL
        ) from error
    if not reply.choices:
        raise ModelUnreachable("The practice model sent an empty answer.", _TELL)
    choice = reply.choices[0]
    return close(choice.message.content or "", choice.finish_reason)


def _status(code: int) -> str:
    if code in (401, 403):
        return "The practice model refused the key of this notebook."
    if code in (400, 413):
        return "The prompt is too long for the practice model."
    return f"The practice model answered with an error ({code})."
