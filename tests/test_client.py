"""The learner's side of the practice model, against small servers of our own on loopback."""

from __future__ import annotations

import json
import re
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from atelier import client
from atelier.errors import ModelAbsent, ModelUnreachable
from atelier.kits.base import Message, Request
from atelier.model import Parameters, ahead, close, may_reuse, runs_into


@dataclass
class Seen:
    """What a server was asked: bodies and headers, in order."""

    bodies: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)


Answer = tuple[int, dict[str, str], bytes]


def chat(text: str, finish: str = "stop") -> Answer:
    reply = {"choices": [{"index": 0, "finish_reason": finish, "message": {"role": "assistant", "content": text}}]}
    return 200, {"Content-Type": "application/json"}, json.dumps(reply).encode()


def told(text: str, finish: str = "stop") -> Answer:
    """Return the reply `text` as a stream, a word at a time."""
    pieces: list[dict[str, Any]] = [
        {"delta": {"content": word}, "finish_reason": None} for word in re.findall(r"\S+\s*", text)
    ]
    pieces.append({"delta": {}, "finish_reason": finish})
    lines = [f"data: {json.dumps({'choices': [{'index': 0, **piece}]})}\n\n" for piece in pieces]
    return 200, {"Content-Type": "text/event-stream"}, "".join([*lines, "data: [DONE]\n\n"]).encode()


def refusal(status: int, message: str) -> Answer:
    said = {"error": {"code": status, "message": message, "type": "invalid_request_error"}}
    return status, {"Content-Type": "application/json"}, json.dumps(said).encode()


@contextmanager
def server(answer: Callable[[dict[str, Any]], Answer]) -> Iterator[tuple[str, Seen]]:
    """Serve chat completions on loopback, each made by `answer` from the body."""
    seen = Seen()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            seen.bodies.append(asked)
            seen.headers.append({name.lower(): value for name, value in self.headers.items()})
            status, headers, content = answer(asked)
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(content))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the parent's signature
            pass

    running = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=running.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{running.server_port}/v1", seen
    finally:
        running.shutdown()
        running.server_close()


def request(text: str, *turns: str) -> Request:
    return Request((*(Message("system", turn) for turn in turns), Message("user", text)))


def streamed(text: str = "Hello") -> str:
    """Ask the practice model for a stream, as `atelier.ask` does."""
    endpoint = client.practice()
    assert endpoint is not None
    return "".join(client.stream(endpoint, request(text), Parameters(stop=())))


def completed(text: str = "Hello") -> str:
    return client.complete(request(text))


WAYS = pytest.mark.parametrize("way", [completed, streamed])


@pytest.fixture(autouse=True)
def _no_model(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ATELIER_MODEL_URL", "ATELIER_MODEL_TOKEN", "ATELIER_MODEL_NAME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(client, "_before", None)


def test_no_model_configured_is_said() -> None:
    """Without an address nothing is sent, and the learner is told how to get one."""
    with pytest.raises(ModelAbsent, match="atelier lab"):
        completed()


@WAYS
def test_nothing_listens(monkeypatch: pytest.MonkeyPatch, way: Callable[[], str]) -> None:
    """A refused connection is a sentence, not a traceback of a library."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    monkeypatch.setenv("ATELIER_MODEL_URL", f"http://127.0.0.1:{port}/v1")
    with pytest.raises(ModelUnreachable, match="does not answer"):
        way()


@WAYS
def test_slow_server(monkeypatch: pytest.MonkeyPatch, way: Callable[[], str]) -> None:
    """A model that takes too long is given up once, without trying again."""
    let_go = threading.Event()

    def slow(_: dict[str, Any]) -> Answer:
        let_go.wait(10)
        return chat("late")

    with server(slow) as (url, seen):
        monkeypatch.setenv("ATELIER_MODEL_URL", url)
        monkeypatch.setattr(client, "SECONDS", 0.2)
        with pytest.raises(ModelUnreachable, match="took longer"):
            way()
        let_go.set()
        assert len(seen.bodies) == 1


def test_a_stream_is_one_plain_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    """The prompt is sent alone, with the token, and the reply does not stop at a brace."""
    with server(lambda _: told("Good morning.")) as (url, seen):
        monkeypatch.setenv("ATELIER_MODEL_URL", url)
        monkeypatch.setenv("ATELIER_MODEL_TOKEN", "bench")
        assert streamed() == "Good morning."
    assert seen.bodies[0]["messages"] == [{"role": "user", "content": "Hello"}]
    assert "stop" not in seen.bodies[0]
    assert seen.bodies[0]["temperature"] == 0
    assert seen.headers[0]["authorization"] == "Bearer bench"


def test_complete_gives_back_the_brace(monkeypatch: pytest.MonkeyPatch) -> None:
    """A reply that the stop sequence cut is whole JSON again."""
    with server(lambda _: chat('{"total": "12.00"')) as (url, _):
        monkeypatch.setenv("ATELIER_MODEL_URL", url)
        assert client.complete(request("Total 12.00")) == '{"total": "12.00"}'


def test_complete_many_reports_and_stops(monkeypatch: pytest.MonkeyPatch) -> None:
    """Progress counts replies; a cancelled run keeps what came and asks nothing more."""
    told: list[tuple[int, int]] = []
    asked = [request(f"Document {i}") for i in range(5)]
    with server(lambda body: chat(body["messages"][-1]["content"][-1])) as (url, seen):
        monkeypatch.setenv("ATELIER_MODEL_URL", url)
        replies = client.complete_many(
            asked, lambda done, total: told.append((done, total)), cancelled=lambda: len(told) == 3
        )
    assert replies == {asked[i].key: str(i) for i in range(3)}
    assert told == [(1, 5), (2, 5), (3, 5)]
    assert [body["max_tokens"] for body in seen.bodies] == [1, 96, 96, 96]


def test_too_long_prompt(monkeypatch: pytest.MonkeyPatch) -> None:
    """A prompt beyond the context is the empty reply in a run, as for the grader, and a sentence for a stream."""
    limit = "request (6031 tokens) exceeds the available context size (4096 tokens), try increasing it"

    def answer(body: dict[str, Any]) -> Answer:
        return refusal(400, limit) if len(body["messages"][-1]["content"]) > 100 else chat("short")

    long, short = request("word " * 100), request("word")
    with server(answer) as (url, _):
        monkeypatch.setenv("ATELIER_MODEL_URL", url)
        assert client.complete_many([long, short]) == {long.key: "", short.key: "short"}
        with pytest.raises(ModelUnreachable, match="too long"):
            streamed("word " * 100)


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (refusal(401, "Invalid API Key"), "refused the key"),
        (refusal(400, "unknown field"), r"an error \(400\)"),
        (refusal(500, "out of memory"), r"an error \(500\)"),
        ((200, {"Content-Type": "text/html"}, b"<h1>Welcome to the proxy</h1>"), "no chat model"),
        ((200, {"Content-Type": "application/json"}, b'{"choices": []}'), "no chat model"),
        ((200, {"Content-Type": "application/json"}, b'{"choices": [{}]}'), "no chat model"),
        ((200, {"Content-Type": "application/json"}, b'{"choi'), "cannot be read|no chat model"),
    ],
)
@WAYS
def test_wrong_answers(monkeypatch: pytest.MonkeyPatch, answer: Answer, says: str, way: Callable[[], str]) -> None:
    """Whatever answers at the address, the learner reads one sentence that fits."""
    with server(lambda _: answer) as (url, _):
        monkeypatch.setenv("ATELIER_MODEL_URL", url)
        with pytest.raises(ModelUnreachable, match=says):
            way()


def test_only_the_configured_address_is_contacted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither a redirect, nor a proxy, nor an OPENAI_* variable sends a prompt or a header elsewhere."""
    with server(lambda _: chat("elsewhere")) as (other, stolen):
        monkeypatch.setenv("OPENAI_BASE_URL", other)
        monkeypatch.setenv("OPENAI_API_KEY", "a private key")
        monkeypatch.setenv("OPENAI_ORG_ID", "a private organisation")
        monkeypatch.setenv("OPENAI_PROJECT_ID", "a private project")
        monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "X-Private: yes")
        monkeypatch.setenv("HTTP_PROXY", other)
        monkeypatch.setenv("ALL_PROXY", other)
        with server(lambda _: chat("here")) as (url, seen):
            monkeypatch.setenv("ATELIER_MODEL_URL", url)
            assert completed() == "here"
        assert "private" not in json.dumps(seen.headers)
        moved = (307, {"Location": f"{other}/chat/completions"}, b"")
        with server(lambda _: moved) as (url, _):
            monkeypatch.setenv("ATELIER_MODEL_URL", url)
            with pytest.raises(ModelUnreachable):
                completed()
        assert stolen.bodies == []


def test_environment_is_left_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    """A learner's own OPENAI_* variables are still there after a question."""
    monkeypatch.setenv("OPENAI_API_KEY", "mine")
    with client.connect("http://127.0.0.1:9/v1", "", seconds=1):
        pass
    import os

    assert os.environ["OPENAI_API_KEY"] == "mine"


def test_cache_is_used_only_where_it_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The embedded model reads first turns once; a prompt asked twice has a dot between; other servers get no such key."""
    first, second = request("one", "rules"), request("two", "rules")
    with server(lambda _: chat("x")) as (url, seen):
        monkeypatch.setenv("ATELIER_MODEL_URL", url)
        client.complete_many([first, second, second, first])
        monkeypatch.setenv("ATELIER_MODEL_NAME", "company-model")
        client.complete(second)
    told = [(body["messages"][-1]["content"], body.get("cache_prompt")) for body in seen.bodies]
    once = [(".", False), ("one", True), ("two", True)]
    assert told == [*once, (".", True), ("two", True), ("one", True), ("two", None)]
    assert seen.bodies[-1]["model"] == "company-model"


def test_an_error_leaves_nothing_to_rely_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """After a question that failed nobody knows what the cache holds, so the next one does without."""
    broken = [False]
    with server(lambda _: refusal(500, "out of memory") if broken[0] else chat("x")) as (url, seen):
        monkeypatch.setenv("ATELIER_MODEL_URL", url)
        client.complete(request("one", "rules"))
        broken[0] = True
        with pytest.raises(ModelUnreachable):
            client.complete(request("two", "rules"))
        broken[0] = False
        client.complete(request("three", "rules"))
    assert [body["cache_prompt"] for body in seen.bodies] == [False, True, True, False, True]


def chats(of: Sequence[Request]) -> list[str]:
    return [" ".join(turn.content for turn in one.messages) for one in of]


def shown(text: str, *pairs: str) -> Request:
    """Return a prompt with examples: "a" stands for a document and the reply "A"."""
    turns = (turn for one in pairs for turn in (Message("user", one), Message("assistant", one.upper())))
    return Request((Message("system", "rules"), *turns, Message("user", text)))


def test_first_turns_are_read_example_by_example() -> None:
    """What the cache holds already is not asked for again, and is not thrown out on the way."""
    assert chats(ahead(shown("doc", "a", "b"))) == ["rules .", "rules a A .", "rules a A b B ."]
    assert chats(ahead(shown("doc", "a", "b", "c"), shown("doc", "a", "b"))) == ["rules a A b B c C ."]
    assert chats(ahead(shown("doc", "a", "x"), shown("doc", "a", "b"))) == ["rules a A x X ."]
    assert chats(ahead(shown("doc", "x", "b"), shown("doc", "a", "b"))) == ["rules x X .", "rules x X b B ."]
    assert chats(ahead(shown("doc", "a"), shown("doc", "a", "b"))) == ["rules a A ."]
    assert chats(ahead(Request((Message("user", "doc"),)))) == ["."]


def test_runs_into() -> None:
    """A cache is of no use to its own prompt, to one that goes on with a reply, or to the beginning of one."""
    assert runs_into(shown("doc"), shown("doc"))
    assert runs_into(shown("doc"), shown("next", "doc"))
    assert runs_into(shown("next", "doc"), shown("doc"))
    assert not runs_into(shown("doc", "a"), shown("doc", "b"))


def test_reading_ahead_gives_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """The latest edit is read, an earlier one is not; what was read is not read again; a question stops it."""
    monkeypatch.setattr(client, "_PAUSE", 0.05)
    with server(lambda _: chat("x")) as (url, seen):
        monkeypatch.setenv("ATELIER_MODEL_URL", url)
        threads = [client.read_ahead(shown("doc", letter)) for letter in "ab"]
        for thread in threads:
            assert thread is not None
            thread.join()
        assert [body["messages"][-2]["content"] for body in seen.bodies] == ["rules", "B"]
        again = client.read_ahead(shown("doc", "b"))
        assert again is not None
        again.join()
        late = client.read_ahead(shown("doc", "c"))
        client.complete(shown("doc", "b"))
        assert late is not None
        late.join()
    assert [(body["max_tokens"], body["cache_prompt"]) for body in seen.bodies] == [(1, False), (1, True), (96, True)]


def test_reading_ahead_is_for_the_embedded_model_alone_and_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    """No model, a company's model: nothing is sent. A model that fails: nothing is told."""
    monkeypatch.setattr(client, "_PAUSE", 0)
    assert client.read_ahead(request("one")) is None
    with server(lambda _: refusal(500, "out of memory")) as (url, seen):
        monkeypatch.setenv("ATELIER_MODEL_URL", url)
        thread = client.read_ahead(request("one"))
        assert thread is not None
        thread.join()
        assert len(seen.bodies) == 1
        monkeypatch.setenv("ATELIER_MODEL_NAME", "company-model")
        assert client.read_ahead(request("one")) is None
        assert len(seen.bodies) == 1


def test_may_reuse() -> None:
    """A cache serves a prompt that shares all turns but the last, and differs in that."""
    assert may_reuse(request("one", "rules"), request("two", "rules"))
    assert not may_reuse(request("one", "rules"), request("one", "rules"))
    assert not may_reuse(request("one", "rules"), request("two", "other rules"))
    assert not may_reuse(None, request("two"))


@pytest.mark.parametrize(
    ("text", "finish", "whole"),
    [
        ('{"a": "1"', "stop", '{"a": "1"}'),
        ('{"a": "1"', "length", '{"a": "1"'),
        ('{"a": "1"}', "stop", '{"a": "1"}'),
        ("No JSON at all", "stop", "No JSON at all"),
        ("", "stop", ""),
    ],
)
def test_close(text: str, finish: str, whole: str) -> None:
    """Only an object that the stop sequence ended is closed; one that ran out of tokens stays broken."""
    assert close(text, finish) == whole
