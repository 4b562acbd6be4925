"""Larger models: fetched out of a repository from a server of our own on loopback, which breaks off half way."""

from __future__ import annotations

import json
import random
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from test_client import chat, server

from atelier.model import EMBEDDED
from grader import catalog, engines, models
from grader.catalog import Catalog
from grader.engines import embedded, gate, hub, openai_compatible, store
from grader.errors import FetchError, GraderError, HashMismatch, NotFound
from grader.model import EngineSettings

CONTENT = b"GGUF" + random.Random(7).randbytes(3_000_000)
SHA = sha256(CONTENT).hexdigest()
PATH = ("someone/larger-model", "larger-q4.gguf")


@dataclass
class Hub:
    """A hub on loopback. `cuts`: after so many bytes the next answers break off. `asked`: (path, Range) in order."""

    address: str = ""
    content: bytes = CONTENT
    cuts: list[int] = field(default_factory=list)
    ranges: bool = True
    slow: float = 0.0
    asked: list[tuple[str, str]] = field(default_factory=list)


@contextmanager
def serve() -> Iterator[Hub]:
    state = Hub()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            wanted = self.headers.get("Range", "")
            state.asked.append((self.path, wanted))
            if not self.path.endswith(f"{PATH[0]}/resolve/main/{PATH[1]}"):
                self.send_error(404)
                return
            start = int(re.sub(r"\D", "", wanted)) if wanted and state.ranges else 0
            if start >= len(state.content):
                self.send_response(416)
                self.send_header("Content-Range", f"bytes */{len(state.content)}")
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            body = state.content[start:]
            self.send_response(206 if start else 200)
            self.send_header("Content-Length", str(len(body)))
            if start:
                self.send_header("Content-Range", f"bytes {start}-{len(state.content) - 1}/{len(state.content)}")
            self.end_headers()
            until = state.cuts.pop(0) if state.cuts else len(body)
            for at in range(0, min(until, len(body)), 100_000):
                self.wfile.write(body[at : min(at + 100_000, until)])
                time.sleep(state.slow)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the parent's signature
            pass

    running = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=running.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    state.address = f"http://127.0.0.1:{running.server_port}"
    try:
        yield state
    finally:
        running.shutdown()
        running.server_close()


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an empty store, with no address configured and no waiting between attempts."""
    folder = tmp_path / "models"
    monkeypatch.setenv("ATELIER_MODELS", str(folder))
    monkeypatch.delenv(hub.HUB, raising=False)
    monkeypatch.setattr(hub, "PAUSE", 0.0)
    return folder


@pytest.fixture
def there(shelf: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    with serve() as running:
        monkeypatch.setenv(hub.HUB, running.address)
        yield running


def test_a_model_is_fetched_kept_and_not_fetched_again(there: Hub, shelf: Path) -> None:
    """File, record and seal are in the store, nothing else; the second time nothing is asked; progress ends at the whole."""
    told: list[tuple[int, int]] = []
    model, fresh = hub.fetch(*PATH, SHA, licence="MIT", report=lambda done, total: told.append((done, total)))
    assert fresh
    assert store.find(model).read_bytes() == CONTENT
    assert told[-1] == (len(CONTENT), len(CONTENT))
    assert told == sorted(told)
    assert sorted(path.name for path in shelf.iterdir()) == [PATH[1], f"{PATH[1]}.json", f"{PATH[1]}.verified"]
    assert hub.fetch(*PATH, SHA.upper()) == (model, False)
    assert there.asked == [("/someone/larger-model/resolve/main/larger-q4.gguf", "")]


def test_an_interrupted_download_goes_on_where_it_stopped(there: Hub) -> None:
    """A connection cut half way, twice, is taken up by range; no byte is sent twice."""
    there.cuts = [1_500_000, 700_000]
    model, _ = hub.fetch(*PATH, SHA)
    assert store.find(model).read_bytes() == CONTENT
    assert [wanted for _, wanted in there.asked] == ["", "bytes=1500000-", "bytes=2200000-"]


def test_a_server_that_stays_away_is_said_and_what_came_is_kept(there: Hub, shelf: Path) -> None:
    """Attempts that bring nothing end with a sentence; the next command goes on from the megabytes that are here."""
    there.cuts = [1_500_000, *[0] * hub.TRIES]
    with pytest.raises(FetchError, match=r"connection broke .* 2 MB are here.*same command again"):
        hub.fetch(*PATH, SHA)
    assert store.part(SHA).stat().st_size == 1_500_000
    hub.fetch(*PATH, SHA)
    assert there.asked[-1][1] == "bytes=1500000-"
    assert not store.part(SHA).exists()


def test_a_server_without_ranges_starts_again(there: Hub) -> None:
    there.ranges, there.cuts = False, [1_500_000]
    model, _ = hub.fetch(*PATH, SHA)
    assert store.find(model).read_bytes() == CONTENT


def test_a_half_file_that_was_whole_needs_no_byte(there: Hub, shelf: Path) -> None:
    """Killed between the last byte and the hash, it is taken as it is; one that is longer than the file is thrown away."""
    shelf.mkdir()
    store.part(SHA).write_bytes(CONTENT)
    hub.fetch(*PATH, SHA)
    assert [wanted for _, wanted in there.asked] == [f"bytes={len(CONTENT)}-"]
    models.remove(PATH[1])
    store.part(SHA).write_bytes(CONTENT + b"x")
    model, _ = hub.fetch(*PATH, SHA)
    assert store.find(model).read_bytes() == CONTENT


def test_another_file_under_the_same_name_is_thrown_away(there: Hub, shelf: Path) -> None:
    there.content = CONTENT[:-1] + b"x"
    with pytest.raises(FetchError, match="not the file with that sha256"):
        hub.fetch(*PATH, SHA)
    assert list(shelf.iterdir()) == []
    assert [model.file for model in store.kept()] == [EMBEDDED.file]


def test_a_killed_command_is_taken_up_by_the_same_command(there: Hub, shelf: Path) -> None:
    """`atelier model fetch`, killed half way, leaves nothing in use; run again, it ends with the whole file."""
    there.slow = 0.03
    command = [sys.executable, "-m", "grader.cli", "model", "fetch", *PATH, "--sha256", SHA]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as first:
        until = time.monotonic() + 30
        while not (store.part(SHA).exists() and store.part(SHA).stat().st_size > 900_000) and time.monotonic() < until:
            time.sleep(0.01)
        first.kill()
    assert [model.file for model in store.kept()] == [EMBEDDED.file]
    there.slow = 0.0
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == f"Model: {shelf / PATH[1]}"
    assert there.asked[-1][1].startswith("bytes=")
    assert (shelf / PATH[1]).read_bytes() == CONTENT


def test_two_at_once_do_not_mix(there: Hub, shelf: Path) -> None:
    shelf.mkdir()
    with hub._alone(store.part(SHA)), pytest.raises(FetchError, match="by another process"):
        hub.fetch(*PATH, SHA)


def test_no_address_is_built_in(shelf: Path) -> None:
    """Without a configured address nothing is asked of anybody, and the message says where to put one."""
    with pytest.raises(FetchError, match=rf"{hub.HUB}, or say --from"):
        hub.fetch(*PATH, SHA)


@pytest.mark.parametrize(
    ("told", "says"),
    [
        (("larger-model", PATH[1], SHA), "no repository"),
        (("../..", PATH[1], SHA), "no repository"),
        ((PATH[0], "../../etc/passwd.gguf", SHA), "no GGUF file"),
        ((PATH[0], "model.bin", SHA), "no GGUF file"),
        ((*PATH, "abc"), "64 hexadecimal"),
        ((PATH[0], "other.gguf", SHA), r"404: there is no such file"),
    ],
)
def test_wrong_words_are_told(there: Hub, shelf: Path, told: tuple[str, str, str], says: str) -> None:
    with pytest.raises(FetchError, match=says):
        hub.fetch(*told)
    assert not shelf.exists() or list(shelf.iterdir()) == []


def test_no_room_is_said_before_the_download(there: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub.shutil, "disk_usage", lambda _: type("Usage", (), {"free": 1000})())
    with pytest.raises(FetchError, match=r"no room.*Free 3 MB"):
        hub.fetch(*PATH, SHA)


def test_remove(there: Hub, shelf: Path) -> None:
    """A model goes with its record and seal, by file or by name; what is unknown is told with the nearest name."""
    hub.fetch(*PATH, SHA)
    with pytest.raises(NotFound, match=r"Did you mean 'larger-q4.gguf'"):
        models.remove("larger-q5.gguf")
    assert models.remove("larger-q4") == len(CONTENT)
    assert list(shelf.iterdir()) == []
    assert models.remove(EMBEDDED.file) == 0


def test_a_file_changed_since_is_refused(there: Hub, shelf: Path) -> None:
    """The remedy is the whole command that brings the model back, and the command does."""
    model, _ = hub.fetch(*PATH, SHA)
    (shelf / PATH[1]).write_bytes(CONTENT[:-1])
    with pytest.raises(HashMismatch, match=f"atelier model fetch {PATH[0]} {PATH[1]} --sha256 {SHA}"):
        store.find(model)
    assert hub.fetch(*PATH, SHA) == (model, True)


def test_the_list_holds_files_and_tiers(there: Hub, known: Catalog, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each model with what it needs and the labs that it qualifies for; a tier's key is told by its variable's name alone."""
    hub.fetch(*PATH, SHA)
    monkeypatch.setenv("SET", "the key itself")
    urls = {"on-premises": ("http://127.0.0.1:9/v1", "SET"), "private-cloud": ("http://127.0.0.1:9/v2", "NOT_SET")}
    tiers = tuple(
        replace(t, base_url=urls[t.id][0], model="m", key_env=urls[t.id][1]) if t.id in urls else t
        for t in known.policy.tiers
    )
    rows = models.listing(replace(known, policy=replace(known.policy, tiers=tiers)))
    assert [(row["model"], row["here"].split(":")[-1].strip()) for row in rows[1:]] == [
        ("larger-q4", "yes"),
        ("m (on-premises)", "not on this machine"),
        ("m (private-cloud)", "NOT_SET is not set"),
    ]
    assert "invoice-fields" in rows[0]["qualifies"]
    assert "the key itself" not in json.dumps(rows)


def test_settings_choose_the_model(there: Hub, known: Catalog) -> None:
    """`model` without an address is a fetched file, with an engine id of its own; the embedded one keeps its id."""
    hub.fetch(*PATH, SHA)
    with engines.configured(EngineSettings(model=PATH[1])) as larger, engines.configured(EngineSettings()) as usual:
        assert larger.id.startswith("larger-q4.")
        assert larger.about["sha256"] == SHA
        assert usual.id == embedded.Embedded().id != larger.id
    with pytest.raises(NotFound), engines.configured(EngineSettings(model="none.gguf")):
        pass
    with pytest.raises(GraderError, match="has no model"):
        models.of_tier(known.policy.tier("public-cloud"))


def test_the_gate_of_a_tier_stands_beside_the_others(known: Catalog, tmp_path: Path) -> None:
    """Figures are kept per lab and engine; a model that always says the same qualifies for nothing."""
    lab = replace(known.lab("invoice-fields"), root=tmp_path)
    (tmp_path / "gate.json").write_bytes((known.lab("invoice-fields").root / "gate.json").read_bytes())
    for name in ("attempts.py", "cases.py"):
        (tmp_path / name).write_bytes((known.lab("invoice-fields").root / name).read_bytes())
    with server(lambda _: chat("{}")) as (url, _):
        tier = replace(known.policy.tier("on-premises"), base_url=url, model="company-model")
        engine = openai_compatible.OpenAICompatible(models.of_tier(tier))
        found = models.gate_of(lab, engine, lambda *_: None, save=True)
    kept = gate.load(tmp_path / "gate.json")
    assert not found.qualified
    assert kept[engine.id] == found
    assert any(other.qualified for other in kept.values())


@pytest.mark.model
@pytest.mark.skipif(not (store.folder() / EMBEDDED.file).exists(), reason="the practice model was not fetched")
def test_a_model_out_of_a_repository_answers(there: Hub, shelf: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The embedded model's own file, served by the hub, loads and answers as a model of its own name."""
    from test_engines import asked

    monkeypatch.delenv("ATELIER_MODELS")
    there.content = store.find().read_bytes()
    monkeypatch.setenv("ATELIER_MODELS", str(shelf))
    there.cuts = [50_000_000]
    hub.fetch(*PATH, EMBEDDED.sha256)
    with engines.configured(EngineSettings(model=PATH[1])) as engine:
        ((key, text),) = engine.complete([asked(1)])
    assert key == asked(1).key
    assert text


def test_no_registry_in_the_policy_or_the_code() -> None:
    """The hub's address is nowhere in what we ship."""
    root = catalog.find_root()
    files = [
        *(root / "grader").rglob("*.py"),
        *(root / "exercises/atelier").rglob("*.py"),
        root / "courses/policy.toml",
    ]
    assert [
        path.name
        for path in files
        if re.search(r"huggingface|https?://(?!127\.|localhost|www\.w3\.org)[a-z.]*hub", path.read_text("utf-8"))
    ] == []
