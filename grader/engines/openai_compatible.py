"""Any OpenAI-compatible server as an engine, by configuration. Its key comes from the environment only."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any
from urllib.parse import urlsplit

from atelier.client import connect, is_too_long, text_of
from atelier.kits.base import Request
from atelier.model import PARAMETERS, body, engine_id
from grader.errors import EngineError
from grader.model import EngineSettings

SECONDS = 120.0


class OpenAICompatible:
    """A server at `settings.base_url`; its identity is that address, the model's name there, and our parameters."""

    def __init__(self, settings: EngineSettings) -> None:
        self._settings = settings
        url = urlsplit(settings.base_url)
        # Without a user's name or password, since this goes into recordings.
        self._where = f"{url.scheme}://{url.netloc.rpartition('@')[2]}{url.path.rstrip('/')}"

    @property
    def id(self) -> str:
        """Return the engine's id. What a server changes behind the same name cannot be seen from here."""
        name = "".join(c if c.isalnum() or c in "-._" else "-" for c in self._settings.model.lower()) or "model"
        return engine_id(name[:40], f"{self._where} {self._settings.model}")

    @property
    def about(self) -> dict[str, Any]:
        """Return model, address and parameters; a remote model has no hash that we could check."""
        return {
            "model": self._settings.model,
            "sha256": "",
            "setting": self._where,
            "parameters": asdict(PARAMETERS),
        }

    def complete(self, requests: Sequence[Request]) -> Iterator[tuple[str, str]]:
        """Yield (request key, reply) in order; a prompt that is too long for the model gets the empty reply.

        Raises EngineError with what the server said.
        """
        from openai import APIStatusError, OpenAIError

        key = os.environ.get(self._settings.key_env, "") if self._settings.key_env else "none"
        if not key:
            raise EngineError(
                f"The key for {self._where} is not set.",
                f"Put it into the environment variable {self._settings.key_env}.",
            )
        with connect(self._settings.base_url, key, seconds=SECONDS, retries=2) as client:
            for request in requests:
                asked: dict[str, Any] = body(request)
                try:
                    reply = client.chat.completions.create(model=self._settings.model, **asked)
                except APIStatusError as error:
                    if not is_too_long(error):
                        raise EngineError(
                            f"{self._where} refused a request ({error.status_code}).",
                            "Check key_env and model in atelier.toml, then run the same command again.",
                        ) from error
                    yield request.key, ""
                    continue
                except (OpenAIError, ValueError) as error:  # ValueError: it promised JSON, and sent none
                    raise EngineError(
                        f"{self._where} does not answer ({type(error).__name__}).",
                        "Check the address in atelier.toml, then run the same command again; replies so far are kept.",
                    ) from error
                text = text_of(reply)
                if text is None:
                    raise EngineError(f"{self._where} sends no chat completions.", "Check base_url in atelier.toml.")
                yield request.key, text
