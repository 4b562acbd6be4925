"""`atelier.ask()`: one question to a model that may see it, under the organisation's policy.

What is found in a prompt, and what its user states, gives its data class; the policy says which tiers may see that class. The
least strict of them that has a model here answers. Nothing is sent where the policy forbids it, and each question leaves a
line in `.atelier/asked.jsonl` of the learner's folder, which says what happened and never what was asked.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from difflib import get_close_matches
from html import escape
from pathlib import Path
from typing import Any, Literal

from atelier import client, records, track
from atelier.client import Endpoint
from atelier.detect import SINGULAR, Found, detect, redact, where
from atelier.errors import AskRefused, AtelierError, ModelAbsent
from atelier.kits.base import Message, Request
from atelier.lab import LAB_FILE, LabInfo
from atelier.model import Parameters
from atelier.policy import DataClass, Policy, Tier

POLICY_FILE, AUDIT_FILE = "policy.json", "asked.jsonl"
NAMES = "ATELIER_NAMES"
_EVERY = 0.1  # seconds between two updates of the screen: each is a message to the browser
_SHOWN = 6  # findings that are told one by one


@dataclass(frozen=True, slots=True)
class Line:
    """A line of `asked.jsonl`.

    at           UTC
    outcome      "sent", "refused" by the policy, or "failed": no model, or it did not answer to the end
    data_class   id of the most delicate class that was stated or found
    tier         id of the tier that was asked, or that was refused; empty if none may see the class
    found        how many of each kind were found
    sent         characters of the prompt, whether or not it went out
    received     characters of the reply
    seconds      from the question to the last character
    sha256       of the prompt in UTF-8: tells whether a text that somebody has was asked
    """

    at: str
    outcome: Literal["sent", "refused", "failed"]
    data_class: str
    tier: str
    found: dict[str, int]
    sent: int
    received: int
    seconds: float
    sha256: str


class Reply(str):
    """A reply: text like any other, which also knows where it came from.

    tier, data_class   as the policy calls them
    seconds            from the question to the last character
    """

    __slots__ = ("_seen", "data_class", "seconds", "tier")

    def __new__(cls, text: str, tier: Tier, data_class: DataClass, seconds: float, *, seen: bool) -> Reply:
        """Make a reply; `seen` if it is on the screen already."""
        made = super().__new__(cls, text)
        made.tier, made.data_class, made.seconds, made._seen = tier, data_class, seconds, seen
        return made

    tier: Tier
    data_class: DataClass
    seconds: float
    _seen: bool

    def _ipython_display_(self) -> None:
        """Show nothing as the result of the cell in which it was written already; the text in any other."""
        if self._seen:
            self._seen = False
            return
        from IPython.display import HTML, display

        display(HTML(_box("", str(self), "")))


def ask(prompt: str, *, data: str = "", tier: str = "", max_tokens: int = 256) -> Reply:
    """Ask a model that may see `prompt`, and return its reply, which a notebook shows while it is written.

    data   id of the data class that you know it to be, such as "public". Without it a prompt counts as internal; what is found in
           it may make its class more delicate, never less
    tier   id of the tier to ask, such as "on-premises". Without it, the least strict one that may see the prompt and has a model

    Raises AskRefused where the policy forbids it, ModelAbsent or ModelUnreachable where nobody answers: each with a way forward.
    """
    home = _home()
    policy = _policy(home)
    _known("data class", data, [c.id for c in policy.data_classes])
    _known("tier", tier, [t.id for t in policy.tiers])
    findings = detect(prompt, names())
    stated = policy.data_class(data) if data else policy.unstated
    classes = {stated.id, *policy.detected(f.kind for f in findings)}
    data_class = policy.most_delicate(classes)
    line = Line(
        at=f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
        outcome="refused",
        data_class=data_class.id,
        tier=tier,
        found=dict(Counter(f.kind for f in findings)),
        sent=len(prompt),
        received=0,
        seconds=0.0,
        sha256=hashlib.sha256(prompt.encode("utf-8", "replace")).hexdigest(),
    )
    allowed = [t for t in reversed(policy.tiers) if policy.may_see(t, classes)]
    if not allowed or (tier and policy.tier(tier) not in allowed):
        _write(home, line)
        raise _refusal(policy, prompt, findings, data_class, bool(data), policy.tier(tier) if tier else None, allowed)
    try:
        chosen, endpoint = _route(policy, [policy.tier(tier)] if tier else allowed, data_class)
    except ModelAbsent:
        _write(home, replace(line, outcome="failed"))
        raise
    # Before anything goes out: a question that cannot be accounted for is not sent.
    line = replace(line, outcome="failed", tier=chosen.id)
    _write(home, None)
    screen = _Screen(f"{data_class.title} · {chosen.title} · {_summary(findings)}")
    began, text, stopped = time.monotonic(), "", ""
    warning = "" if endpoint.model else " · from the small practice model: check every word"
    try:
        for piece in client.stream(
            endpoint, Request((Message("user", prompt),)), Parameters(max_tokens=max_tokens, stop=())
        ):
            text += piece
            screen.show(text)
        line = replace(line, outcome="sent")
    except KeyboardInterrupt:
        stopped = "stopped by you · "
    finally:
        seconds = round(time.monotonic() - began, 2)
        _write(home, replace(line, received=len(text), seconds=seconds))
        screen.end(text, f"{stopped}{seconds:.1f} s · {len(prompt):,} characters sent, {len(text):,} received{warning}")
    return Reply(text, chosen, data_class, seconds, seen=screen.live)


def redacted(text: str) -> str:
    """Return `text` with a token such as [IBAN 1] in place of all that the assistant finds. Look it over: it knows no meaning."""
    return redact(text, names())


def names() -> list[str]:
    """Return the organisation's list of names, one a line, from the file that ATELIER_NAMES tells; none without it.

    Raises AtelierError if it is told and cannot be read: without the list too much would pass.
    """
    told = os.environ.get(NAMES, "")
    if not told:
        return []
    try:
        lines = Path(told).read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError) as error:
        raise AtelierError(
            "The list of names to protect cannot be read, so nothing was sent.", f"Tell your trainer: {NAMES} is {told}"
        ) from error
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


def _home() -> Path:
    return Path(os.environ.get("ATELIER_HOME") or Path.cwd())


def _policy(home: Path) -> Policy:
    """Return the policy of the learner's folder, or of the lab beside the notebook."""
    with suppress(OSError, ValueError):
        found: Policy = records.load(
            Policy, json.loads((home / track.FOLDER / POLICY_FILE).read_text(encoding="utf-8"))
        )
        return found
    with suppress(OSError, ValueError):
        lab: LabInfo = records.load(LabInfo, json.loads((Path.cwd() / LAB_FILE).read_text(encoding="utf-8")))
        if lab.policy:
            return lab.policy
    raise AskRefused(
        "There is no policy here that says where your question may go, so nothing was sent.",
        "Start your labs with `atelier lab`, and ask from a notebook in that folder.",
    )


def _known(what: str, name: str, there: Sequence[str]) -> None:
    if name and name not in there:
        near = get_close_matches(name, there, 1)
        hint = f"Did you mean {near[0]!r}?" if near else f"There are: {', '.join(there)}."
        raise AtelierError(f"The policy has no {what} {name!r}. Nothing was sent.", hint)


def _route(policy: Policy, tiers: Sequence[Tier], data_class: DataClass) -> tuple[Tier, Endpoint]:
    """Return the first of `tiers` that has a model here. ModelAbsent if none has."""
    practice = client.practice()
    lacking = []
    for tier in tiers:
        if practice and tier == _tier_of(policy, practice.base_url):
            return tier, practice
        if not tier.base_url:
            lacking.append(f"{tier.title}: no model is set up.")
        elif tier.key_env and not os.environ.get(tier.key_env):
            lacking.append(f"{tier.title}: its key is not set (environment variable {tier.key_env}).")
        else:
            key = os.environ.get(tier.key_env, "") if tier.key_env else ""
            return tier, Endpoint(tier.base_url, key, tier.model or "default")
    raise ModelAbsent(
        f"No model that may see this ({data_class.title.lower()} data) is connected. Nothing was sent. {' '.join(lacking)}",
        f"Start your labs with `atelier lab`, which brings a model of its own, or ask {policy.contact}.",
    )


def _tier_of(policy: Policy, url: str) -> Tier:
    """Return the tier of the practice model: by its address; else this machine is the strictest, elsewhere the least strict."""
    by_address = (tier for tier in policy.tiers if tier.base_url and tier.base_url.rstrip("/") == url.rstrip("/"))
    return next(by_address, policy.tiers[0] if client.is_local(url) else policy.tiers[-1])


def _summary(findings: Sequence[Found]) -> str:
    if not findings:
        return "nothing found to protect"
    counted = Counter(f.kind for f in findings)
    return "found: " + ", ".join(f"{n} {kind if n > 1 else SINGULAR[kind]}" for kind, n in counted.items())


def _refusal(
    policy: Policy,
    prompt: str,
    findings: Sequence[Found],
    data_class: DataClass,
    stated: bool,
    tier: Tier | None,
    allowed: Sequence[Tier],
) -> AskRefused:
    """Return the reason and the ways forward, in that order: take it out, ask elsewhere, ask the owner."""
    places = [f"{SINGULAR[f.kind]} (line {where(prompt, f).removeprefix('line ')})" for f in findings[:_SHOWN]]
    more = f", and {len(findings) - _SHOWN} more" if len(findings) > _SHOWN else ""
    because = f"Found: {'; '.join(places)}{more}." if findings else "Nothing to protect was found in it."
    if not findings and not stated:
        because += f" A text counts as {data_class.title.lower()} until you state its class."
    whom = f"“{tier.title}” may not see it" if tier else "No tier may see it"
    ways = []
    if findings:
        ways.append("take out what was found: atelier.ask(atelier.redacted(text), …), after a look at it")
    elif not stated:
        ways.append(f"if anyone may read it already, say so: data={policy.data_classes[0].id!r}")
    if allowed:
        other = allowed[0]
        with suppress(ModelAbsent):
            other, _ = _route(policy, allowed, data_class)  # one that has a model here, if any has
        ways.append(f"ask a tier that may see it: tier={other.id!r} ({other.title})")
    ways.append(f"ask the owner of the policy, {policy.owner} ({policy.contact})")
    return AskRefused(
        f"Not sent: this is {data_class.title.lower()} data, and {whom}. {because}",
        "Ways forward: " + "; or ".join(ways) + ".",
    )


def _write(home: Path, line: Line | None) -> None:
    """Add a line to the learner's audit file; None only tries whether that is possible."""
    path = home / track.FOLDER / AUDIT_FILE
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        opened = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        with os.fdopen(opened, "ab", buffering=0) as file:
            if line is not None:
                file.write(json.dumps(asdict(line), ensure_ascii=False).encode() + b"\n")
    except OSError as error:
        raise AtelierError(
            f"The question cannot be accounted for ({path.name}: {error.strerror}).",
            "Free some space, or start your labs with `atelier lab`, then ask again.",
        ) from error


def asked(home: Path) -> Iterator[Line]:
    """Yield the lines of a learner's audit file, oldest first."""
    with suppress(FileNotFoundError), (home / track.FOLDER / AUDIT_FILE).open("rb") as file:
        for line in file:
            with suppress(ValueError):  # half a line of a kernel that was killed
                yield records.load(Line, json.loads(line))


class _Screen:
    """The place under a notebook's cell where a reply appears; silent outside of a notebook."""

    def __init__(self, head: str) -> None:
        self._head, self._last = head, 0.0
        self.live = _in_notebook()
        if self.live:
            from IPython.display import HTML, DisplayHandle

            self._handle: Any = DisplayHandle()
            self._handle.display(HTML(_box(head, "…", "")))

    def show(self, text: str) -> None:
        """Show what came so far."""
        if self.live and time.monotonic() - self._last > _EVERY:
            self._update(text, "")

    def end(self, text: str, foot: str) -> None:
        """Show all of it, with its figures."""
        if self.live:
            self._update(text, foot)

    def _update(self, text: str, foot: str) -> None:
        from IPython.display import HTML

        self._handle.update(HTML(_box(self._head, text, foot)))
        self._last = time.monotonic()


def _in_notebook() -> bool:
    from IPython.core.getipython import get_ipython

    return getattr(get_ipython(), "kernel", None) is not None


def _box(head: str, text: str, foot: str) -> str:
    """Return a reply as HTML. Its style stands in it: a notebook of the learner's own has no style sheet of ours."""
    small = '<p style="margin:.2em 0;font-size:.9em;opacity:.85">'
    return (
        '<section aria-label="Reply of the assistant" style="border-inline-start:4px solid var(--jp-brand-color1,#1565c0);'
        'padding:.2em .9em;max-width:75ch">'
        f"{f'{small}{escape(head)}</p>' if head else ''}"
        # A small model may repeat itself for pages; a long reply scrolls, by keyboard too.
        '<p aria-live="polite" tabindex="0" style="white-space:pre-wrap;margin:.4em 0;max-height:22em;overflow:auto">'
        f"{escape(text)}</p>"
        f"{f'{small}{escape(foot)}</p>' if foot else ''}</section>"
    )
