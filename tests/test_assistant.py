"""`atelier.ask()` under the organisation's policy, against servers of our own on loopback."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient
from test_client import Answer, Seen, refusal, server, told

import atelier
from atelier import assistant, client, detect, records
from atelier.errors import AskRefused, AtelierError, ModelAbsent, ModelUnreachable
from atelier.policy import Policy
from atelier.track import FOLDER
from grader import room
from grader.catalog import Catalog
from grader.errors import CatalogError

IBAN = "FR76 3000 6000 0112 3456 7890 189"
CLIENT = "Kermel Transport"


# What is found


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        (f"Pay to {IBAN} today", "IBANs", IBAN),
        ("to fr7630006000011234567890189.", "IBANs", "fr7630006000011234567890189"),
        ("FR76\u00a03000\u202f6000\u00a00112\u00a03456\u00a07890\u00a0189", "IBANs", None),
        ("FR76 3000 6000\u200b 0112 3456 7890 189", "IBANs", None),
        ("N° 2 95 10 99 126 111 93 at the fund", "social security numbers", "2 95 10 99 126 111 93"),
        ("SIRET : 732 829 320 00074", "company numbers", "732 829 320 00074"),
        ("SIREN 732 829 320", "company numbers", "732 829 320"),
        ("TVA FR40 303 265 045", "company numbers", "FR40 303 265 045"),
        ("card 4111 1111 1111 1111, 12/27", "payment cards", "4111 1111 1111 1111"),
        ("rappelez-moi au 06 39 98 00 11", "phone numbers", "06 39 98 00 11"),
        ("call +32 2 555 12 12", "phone numbers", "+32 2 555 12 12"),
        ("write to j.okafor+desk@example.org", "e-mail addresses", "j.okafor+desk@example.org"),
        ("lives 12 bis, rue de l'Écluse", "street addresses", "12 bis, rue de l'Écluse"),
        ("Dear Mme Lefranc,", "names of people", "Lefranc"),
        ("asked Noémie Lefranc twice", "names of people", "Noémie Lefranc"),
        ("JEAN-LUC LE GOFF called", "names of people", "JEAN-LUC LE GOFF"),
        ("signed Jean Luc Moreau", "names of people", "Jean Luc Moreau"),
        ("MOREAU Camille", "names of people", "MOREAU Camille"),
        ("the offer of KERMEL  transport", "listed names", "KERMEL  transport"),
    ],
)
def test_what_is_found(text: str, kind: str, value: str | None) -> None:
    """One thing is found in each text, of the right kind, at the right place."""
    (found,) = detect.detect(text, [CLIENT])
    assert found.kind == kind
    assert text[found.start : found.end] == (value or text[found.start : found.end])


@pytest.mark.parametrize(
    "text",
    [
        "Summarise our travel rules in five points.",
        "Invoice 1234567 of 2026-11-02: 17,390.34 EUR, order 20261124.",
        "FR76 3000 6000 0112 3456 7890 188 has wrong check digits",
        "Rose petals, stone of pierre, a marine biologist",
        "Article 12 of the law of 6 January 1978",
        "",
    ],
)
def test_what_is_left_alone(text: str) -> None:
    assert detect.detect(text, [CLIENT]) == ()


def test_one_value_gets_one_token() -> None:
    """Redacting is consistent, whatever the spacing, and leaves the rest as it was."""
    text = f"Noémie Lefranc ({IBAN}) asked.\nSame account: {IBAN.replace(' ', '')}. {CLIENT} waits for NOÉMIE LEFRANC."
    assert detect.redact(text, [CLIENT]) == (
        "[name 1] ([IBAN 1]) asked.\nSame account: [IBAN 1]. [listed name 1] waits for [name 1]."
    )
    assert detect.detect(detect.redact(text, [CLIENT]), [CLIENT]) == ()


def test_a_place_is_told_without_its_content() -> None:
    text = f"Hello\nplease pay {IBAN}"
    (found,) = detect.detect(text)
    assert detect.where(text, found) == "line 2, characters 12 to 44"


@pytest.mark.parametrize(
    "text", ["1 " * 20_000, "A" * 40_000, "a@" * 20_000, "FR76" * 10_000, "Marie " * 8_000, "\u200b" * 9]
)
def test_nothing_takes_long_to_read(text: str) -> None:
    """Hostile text of 40 kB is read in well under a second: no pattern explodes."""
    import time

    began = time.process_time()
    detect.detect(text, [CLIENT])
    assert time.process_time() - began < 2


# Where it may go


@pytest.fixture
def home(tmp_path: Path, known: Catalog, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a learner's folder with the real policy, and the list of names that the organisation protects."""
    folder = tmp_path / "learner"
    (folder / FOLDER).mkdir(parents=True)
    write(folder, known.policy)
    names = tmp_path / "cohort-names.txt"
    names.write_text(f"# clients\n\n{CLIENT}\n", encoding="utf-8")
    for name in ("ATELIER_MODEL_URL", "ATELIER_MODEL_TOKEN", "ATELIER_MODEL_NAME", "TIER_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("ATELIER_HOME", str(folder))
    monkeypatch.setenv(assistant.NAMES, str(names))
    monkeypatch.setattr(client, "_before", None)
    return folder


def write(home: Path, policy: Policy) -> None:
    text = json.dumps(records.dump(policy), ensure_ascii=False)
    (home / FOLDER / assistant.POLICY_FILE).write_text(text, encoding="utf-8")


def with_tiers(policy: Policy, **urls: str) -> Policy:
    """Return `policy` with an endpoint per tier; `public_cloud` for "public-cloud"."""
    return replace(
        policy,
        tiers=tuple(
            replace(t, base_url=urls[name], model=f"model-{t.id}", key_env="TIER_KEY")
            if (name := t.id.replace("-", "_")) in urls
            else t
            for t in policy.tiers
        ),
    )


Tiers = tuple[Path, Seen, Seen]


@pytest.fixture
def tiers(home: Path, known: Catalog, monkeypatch: pytest.MonkeyPatch) -> Iterator[Tiers]:
    """Serve a practice model on premises and a model in the public cloud; yields the folder and what each was asked."""
    with (
        server(lambda _: told("From the building.")) as (near, asked_near),
        server(lambda _: told("From afar.")) as (
            far,
            asked_far,
        ),
    ):
        monkeypatch.setenv("ATELIER_MODEL_URL", near)
        monkeypatch.setenv("TIER_KEY", "a-key-of-the-environment")
        write(home, with_tiers(known.policy, public_cloud=far))
        yield home, asked_near, asked_far


def lines(home: Path) -> list[assistant.Line]:
    return list(assistant.asked(home))


def test_the_least_strict_tier_that_may_see_it_answers(tiers: Tiers) -> None:
    """What is stated public goes out, with the key of its tier and the model's name there; the reply is a text that knows whence."""
    home, near, far = tiers
    reply = atelier.ask("What is a credit note?", data="public")
    assert (reply, reply.tier.id, reply.data_class.id) == ("From afar.", "public-cloud", "public")
    assert near.bodies == []
    assert far.bodies[0]["model"] == "model-public-cloud"
    assert "cache_prompt" not in far.bodies[0]
    assert far.headers[0]["authorization"] == "Bearer a-key-of-the-environment"
    (line,) = lines(home)
    assert (line.outcome, line.data_class, line.tier, line.found) == ("sent", "public", "public-cloud", {})
    assert (line.sent, line.received) == (22, 10)
    assert line.sha256 == sha256(b"What is a credit note?").hexdigest()


@pytest.mark.parametrize(
    ("text", "found", "data_class"),
    [
        (f"Pay {IBAN}", "IBAN (line 1, characters 5 to 37)", "confidential"),
        (f"Write to {CLIENT.upper()}", "listed name (line 1", "confidential"),
        ("Answer Noémie Lefranc", "name (line 1", "personal"),
        ("Fund: 2 95 10 99 126 111 93", "social security number (line 1", "sensitive"),
        (f"{IBAN}, Noémie Lefranc", "IBAN (line 1, characters 1 to 33); name (line 1", "personal"),
    ],
)
def test_refused_for_the_public_tier_and_allowed_on_premises(
    tiers: Tiers, text: str, found: str, data_class: str
) -> None:
    """What is found outweighs what is stated; the refusal says what, where, and what to do; elsewhere the same text passes."""
    home, near, far = tiers
    with pytest.raises(AskRefused) as refused:
        atelier.ask(text, data="public", tier="public-cloud")
    assert found in refused.value.says
    for way in ("atelier.redacted(text)", "tier='on-premises'", "ask the owner of the policy, Product owner"):
        assert way in refused.value.remedy
    assert (near.bodies, far.bodies) == ([], [])
    assert atelier.ask(text, data="public").tier.id == "on-premises"
    assert near.bodies[0]["messages"] == [{"role": "user", "content": text}]
    assert far.bodies == []
    assert [(line.outcome, line.data_class, line.tier) for line in lines(home)] == [
        ("refused", data_class, "public-cloud"),
        ("sent", data_class, "on-premises"),
    ]
    written = (home / FOLDER / assistant.AUDIT_FILE).read_text(encoding="utf-8")
    assert [word for word in (IBAN, "Lefranc", CLIENT, CLIENT.upper(), "2 95 10") if word in written] == []
    assert atelier.ask(atelier.redacted(text), data="public", tier="public-cloud") == "From afar."


def test_what_nobody_called_public_is_internal(tiers: Tiers) -> None:
    """Finding nothing proves nothing: without a word of the user the public tier is refused, and the way is to state the class."""
    with pytest.raises(AskRefused, match=r"counts as internal until you state its class.*data='public'"):
        atelier.ask("Summarise our travel rules", tier="public-cloud")
    assert atelier.ask("Summarise our travel rules").tier.id == "on-premises"


def test_stated_classes_count_without_any_finding(tiers: Tiers) -> None:
    with pytest.raises(AskRefused, match="sensitive data, and “Private cloud” may not see it"):
        atelier.ask("She is ill again", data="sensitive", tier="private-cloud")
    assert atelier.ask("She is ill again", data="sensitive").data_class.id == "sensitive"


def test_data_that_no_tier_may_see_goes_nowhere(tiers: Tiers, known: Catalog) -> None:
    home, near, far = tiers
    blind = tuple(replace(tier, allows=("public",)) for tier in known.policy.tiers)
    write(home, replace(known.policy, tiers=blind))
    with pytest.raises(AskRefused, match="No tier may see it"):
        atelier.ask("Hello")
    assert (near.bodies, far.bodies) == ([], [])


def test_words_that_the_policy_does_not_know(tiers: Tiers) -> None:
    """A slip in a class or a tier is named, with the nearest; nothing is sent."""
    with pytest.raises(AtelierError, match=r"no data class 'publik'.*'public'"):
        atelier.ask("Hello", data="publik")
    with pytest.raises(AtelierError, match=r"no tier 'moon'.*on-premises, private-cloud, public-cloud"):
        atelier.ask("Hello", tier="moon")
    assert tiers[1].bodies == []


def test_a_practice_model_elsewhere_is_not_taken_for_ours(
    tiers: Tiers, known: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An address beyond this machine counts as the least strict tier, unless the policy says whose it is."""
    home, near, _ = tiers
    monkeypatch.setattr(client, "is_local", lambda url: False)
    write(home, known.policy)
    with pytest.raises(ModelAbsent, match=r"No model that may see this \(internal data\)"):
        atelier.ask("Hello")
    write(home, with_tiers(known.policy, private_cloud=os.environ["ATELIER_MODEL_URL"]))
    assert atelier.ask("Hello").tier.id == "private-cloud"
    assert len(near.bodies) == 1


def test_no_policy_no_question(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / FOLDER / assistant.POLICY_FILE).unlink()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(AskRefused, match="no policy here"):
        atelier.ask("Hello")


def test_a_list_of_names_that_is_gone_stops_everything(tiers: Tiers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(assistant.NAMES, "/nowhere/names.txt")
    with pytest.raises(AtelierError, match="list of names"):
        atelier.ask("Hello")
    assert tiers[1].bodies == []


def test_a_question_that_cannot_be_accounted_for_is_not_sent(tiers: Tiers) -> None:
    home, near, _ = tiers
    (home / FOLDER / assistant.AUDIT_FILE).mkdir()
    with pytest.raises(AtelierError, match="cannot be accounted for"):
        atelier.ask("Hello")
    assert near.bodies == []


# Nobody answers


def test_offline_is_told(home: Path, known: Catalog) -> None:
    """Without a model the words name the tiers, what each lacks, and how to get one; the line says that it failed."""
    write(home, with_tiers(known.policy, private_cloud="http://127.0.0.1:9/v1"))
    with pytest.raises(
        ModelAbsent, match=r"Private cloud: its key is not set \(environment variable TIER_KEY\).*atelier lab"
    ):
        atelier.ask("Hello")
    assert [(line.outcome, line.received) for line in lines(home)] == [("failed", 0)]


@pytest.mark.parametrize(
    ("answer", "says"),
    [(refusal(401, "no"), "refused the key"), (refusal(500, "no"), r"an error \(500\)")],
)
def test_a_model_that_fails_leaves_a_line(
    home: Path, monkeypatch: pytest.MonkeyPatch, answer: Answer, says: str
) -> None:
    with server(lambda _: answer) as (url, _):
        monkeypatch.setenv("ATELIER_MODEL_URL", url)
        with pytest.raises(ModelUnreachable, match=says):
            atelier.ask("Hello")
    assert [line.outcome for line in lines(home)] == ["failed"]


def test_stopping_keeps_what_came(tiers: Tiers, monkeypatch: pytest.MonkeyPatch) -> None:
    """An interrupt ends the reply where it is, and is no error."""

    def interrupted(*_: object) -> Iterator[str]:
        yield "From the"
        raise KeyboardInterrupt

    monkeypatch.setattr(client, "stream", interrupted)
    assert atelier.ask("Hello") == "From the"


# Nothing is written down


def holders(root: Path, *secrets: str) -> list[str]:
    """Return the files under `root` that hold a secret, with or without its spaces, in UTF-8 or UTF-16."""
    wanted = {form.encode(code) for s in secrets for form in (s, s.replace(" ", "")) for code in ("utf-8", "utf-16-le")}
    files = [path for path in sorted(root.rglob("*")) if path.is_file()]
    assert files
    return [str(path.relative_to(root)) for path in files if any(w in path.read_bytes() for w in wanted)]


PROGRAM = """
import sys, tempfile, atelier
from atelier.errors import AtelierError
text = sys.stdin.read()
try:
    atelier.ask(text, tier="public-cloud", data="public")
except AtelierError as error:
    print(error)
print(atelier.ask(text, tier="on-premises"))
"""


def test_no_file_anywhere_holds_the_prompt(tiers: Tiers, tmp_path: Path) -> None:
    """An IBAN and a client's name, refused and then asked, are in no file of the folder, the home or the temporary folder."""
    home, near, far = tiers
    own = {name: str(tmp_path / "user") for name in ("HOME", "TMPDIR", "XDG_CACHE_HOME", "XDG_CONFIG_HOME")}
    (tmp_path / "user").mkdir()
    (tmp_path / "cohort-names.txt").rename(tmp_path.parent / f"{tmp_path.name}-names.txt")
    names = {assistant.NAMES: str(tmp_path.parent / f"{tmp_path.name}-names.txt")}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        input=f"Remind {CLIENT} of the account {IBAN}",
        env={**os.environ, **own, **names, "OPENAI_LOG": "debug"},
        cwd=home,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert "From the building." in done.stdout
    assert "Not sent" in done.stdout
    assert IBAN not in done.stdout + done.stderr
    assert CLIENT not in done.stdout + done.stderr
    assert (len(near.bodies), far.bodies) == (1, [])
    assert len(lines(home)) == 2
    assert holders(tmp_path, IBAN, CLIENT) == []


def test_a_notebook_shows_the_reply_and_keeps_no_history(
    tiers: Tiers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a room's kernel: tier, class, time and size stand by the reply, a refusal is two lines, and no history keeps what was typed."""
    home, _, _ = tiers
    seat = room.Seat(tmp_path / "exchange", "course", "ada", home)
    environment = room._environment(room.Room(seat, room.EngineSettings()), "token")
    for name in ("IPYTHONDIR", "ATELIER_HOME"):
        monkeypatch.setenv(name, environment[name])
    book = nbformat.v4.new_notebook()
    book.cells = [
        nbformat.v4.new_code_cell("import atelier"),
        nbformat.v4.new_code_cell(f"atelier.ask('Pay {IBAN}')"),
        nbformat.v4.new_code_cell("_"),
        nbformat.v4.new_code_cell(
            f"atelier.ask('Pay {IBAN}', tier='public-cloud')", metadata={"tags": ["raises-exception"]}
        ),
    ]
    NotebookClient(book, timeout=60, kernel_name="python3", resources={"metadata": {"path": str(home)}}).execute()
    outputs: list[list[dict[str, Any]]] = [cell["outputs"] for cell in book.cells]
    (shown,) = outputs[1]
    for part in (
        "Confidential · On our own machines · found: 1 IBAN",
        "From the building.",
        "37 characters sent, 18 received",
    ):
        assert part in shown["data"]["text/html"]
    assert "From the building." in outputs[2][0]["data"]["text/html"]
    assert outputs[3][0]["ename"] == "AskRefused"
    assert len(outputs[3][0]["traceback"]) == 2
    assert outputs[3][0]["traceback"][0].startswith("Not sent: this is confidential data")
    assert IBAN not in json.dumps(outputs)
    assert holders(home, IBAN) == []


# The policy's own file


def test_a_kind_that_nothing_detects_is_a_problem(tiny: Path) -> None:
    """A slip in `detects` is named with its key."""
    from grader import catalog

    path = tiny / catalog.POLICY
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('"IBANs"', '"IBAN"', 1), encoding="utf-8")
    with pytest.raises(CatalogError, match="detects"):
        catalog.load(tiny)


def test_every_kind_makes_a_class(known: Catalog) -> None:
    """Our own policy gives each kind that can be found a class that the public tier may not see."""
    for kind in detect.SINGULAR:
        (found,) = known.policy.detected([kind])
        assert not known.policy.may_see(known.policy.tier("public-cloud"), [found])
