"""Any OpenAI-compatible server as an engine, by configuration. Its key comes from the environment only."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from atelier.kits.base import Request
from atelier.model import PARAMETERS, body, close, engine_id
from grader.errors import EngineError
from grader.model import EngineSettings

SECONDS = 120.0


class OpenAICompatible:
    """A server at `settings.base_url`; its identity is that address, the model's name there, and our parameters."""

    def __init__(self, settings: EngineSettings) -> None:
        self._settings = settings

    @property
    def id(self) -> str:
        """Return the engine's id. What a server changes behind the same name cannot be seen from here."""
        name = "".join(c if c.isalnum() or c in "-._" else "-" for c in self._settings.model.lower()) or "model"
        return engine_id(name[:40], f"{self._settings.base_url} {self._settings.model}")

    @property
    def about(self) -> dict[str, Any]:
        """Return model, address and parameters; a remote model has no hash that we could check."""
        return {
            "model": self._settings.model,
            "sha256": "",
            "setting": self._settings.base_url,
            "parameters": asdict(PARAMETERS),
        }

    def complete(self, requests: Sequence[Request]) -> Iterator[tuple[str, str]]:
        """Yield (request key, reply) in order. Raises EngineError with what the server said."""
        from openai import BadRequestError, DefaultHttpxClient, OpenAI, OpenAIError

        key = os.environ.get(self._settings.key_env, "") if self._settings.key_env else "none"
        if not key:
            raise EngineError(
                f"The key for {self._settings.base_url} is not set.",
                f"Put it into the environment variable {self._settings.key_env}.",
            )
        client = OpenAI(
            base_url=self._settings.base_url,
            api_key=key,
            organization="",
            project="",
            timeout=SECONDS,
            max_retries=2,
            http_client=DefaultHttpxClient(trust_env=False),
        )
        for request in requests:
            asked: dict[str, Any] = body(request)
            try:
                reply = client.chat.completions.create(model=self._settings.model, **asked)
            except BadRequestError as error:
                if "context" not in str(error):
                    raise EngineError(f"{self._settings.base_url} refused a request: {error}.") from error
                yield request.key, ""  # as the embedded engine: a prompt that does not fit gets the empty reply
                continue
            except OpenAIError as error:
                raise EngineError(
                    f"{self._settings.base_url} does not answer ({type(error).__name__}).",
                    "Check the address in atelier.toml, then run the same command again; replies so far are kept.",
                ) from error
            choice = reply.choices[0]
            yield request.key, close(choice.message.content or "", choice.finish_reason)
