"""Static folders on loopback, for people to look at. Ends when its `with` block does."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from grader.errors import GraderError


class _Handler(SimpleHTTPRequestHandler):
    """Serves several folders under one address, each at its prefix, and keeps no log."""

    def __init__(self, *args: Any, mounts: Mapping[str, Path], **kwargs: Any) -> None:
        self.mounts = mounts
        super().__init__(*args, **kwargs)

    def translate_path(self, path: str) -> str:
        """Map a request path to a file; the longest prefix wins. The parent class keeps `..` out."""
        clean = path.split("?", 1)[0].split("#", 1)[0].lstrip("/")
        for prefix in sorted(self.mounts, key=len, reverse=True):
            if prefix and (clean == prefix or clean.startswith(f"{prefix}/")):
                self.directory, path = str(self.mounts[prefix]), "/" + clean[len(prefix) :].lstrip("/")
                break
        else:
            self.directory = str(self.mounts[""])
        return super().translate_path(path)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the parent's signature
        """Keep no log: who looked at what is nobody's business."""


@contextmanager
def folders(mounts: Mapping[str, Path], port: int) -> Iterator[str]:
    """Serve `mounts` (prefix -> folder; "" is the root) on 127.0.0.1; yields the address.

    Takes the next free port within 20 of `port`; GraderError if there is none. Port 0 takes any.
    """
    for candidate in range(port, port + 20) if port else [0]:
        with suppress(OSError):
            server = ThreadingHTTPServer(("127.0.0.1", candidate), partial(_Handler, mounts=mounts))
            break
    else:
        raise GraderError(f"Ports {port} to {port + 19} are all taken.", "Choose another with --port.")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()


def wait() -> None:
    """Wait for Ctrl-C."""
    with suppress(KeyboardInterrupt):
        threading.Event().wait()
