"""A llama.cpp server in a process of its own: `python -m grader.engines.worker`, JSON lines over stdin and stdout.

One thread, one slot, flash attention off: the setting under which replies are the same from run to run, and on small
shared machines the fastest as well. It ends when stdin closes, hence with its parent; the token comes the same way,
so that no other user reads it from a list of processes.

    in    {"model": path, "token": secret, "port": 0}              first line
    out   {"address": "http://127.0.0.1:PORT"}                     it also answers OpenAI-style HTTP there
       or {"error": says}                                          it cannot start, and ends
    in    {"key": ..., "body": {...}}                              then one per request
    out   {"key": ..., "text": ..., "finish_reason": ...}
       or {"key": ..., "error": says, "too_long": true if the prompt exceeds the context}
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any, TextIO

CONTEXT = 4096


def start(model: str, token: str, port: int) -> Any:
    """Load `model` and serve it on 127.0.0.1:`port` (0: any) to whoever shows `token`."""
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = model
    params.n_ctx = CONTEXT
    params.n_parallel = 1
    params.cpuparams.n_threads = 1
    params.cpuparams_batch.n_threads = 1
    params.flash_attn_type = xllamacpp.llama_flash_attn_type.LLAMA_FLASH_ATTN_TYPE_DISABLED
    params.hostnames = ["127.0.0.1"]
    params.port = port
    params.api_keys = [token]
    params.ui = False
    params.endpoint_slots = False  # it shows the prompt under way
    params.cache_ram_mib = 0  # by default up to 8 GB of old prompts are kept; ours come sorted by prefix
    params.verbosity = 0
    return xllamacpp.Server(params)


def _private_stdout() -> TextIO:
    """Return the real stdout for the protocol, and send whatever else prints to nowhere."""
    keep = os.fdopen(os.dup(1), "w", encoding="utf-8", buffering=1)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    return keep


def answer(server: Any, body: dict[str, Any]) -> dict[str, Any]:
    """Return the reply's text and finish reason, or the server's error in words."""
    try:
        reply = server.handle_chat_completions(body)
    except (RuntimeError, ValueError) as error:
        return {"error": str(error)[:300], "too_long": False}
    if "choices" not in reply:
        refusal = reply.get("error", {})
        too_long = refusal.get("type") == "exceed_context_size_error"
        return {"error": str(refusal.get("message", reply))[:300], "too_long": too_long}
    choice = reply["choices"][0]
    return {"text": choice["message"].get("content") or "", "finish_reason": choice.get("finish_reason")}


def main() -> None:
    """Answer until stdin closes."""
    out = _private_stdout()
    told = json.loads(sys.stdin.readline())
    try:
        server = start(told["model"], told["token"], told["port"])
    except Exception as error:  # noqa: BLE001  # whatever it is, the parent tells it: stderr leads nowhere
        out.write(json.dumps({"error": f"{type(error).__name__}: {error}"[:300]}) + "\n")
        return
    out.write(json.dumps({"address": server.listening_address}) + "\n")
    for line in sys.stdin:
        asked = json.loads(line)
        out.write(json.dumps({"key": asked["key"], **answer(server, asked["body"])}) + "\n")
    # llama.cpp's HTTP thread need not be waited for: there is nothing to save.
    os._exit(0)


if __name__ == "__main__":
    main()
