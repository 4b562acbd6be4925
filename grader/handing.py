"""Handing evidence to other systems and to the learners themselves: exports, badges, and what they need of the workspace."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from atelier.files import write_private
from grader import catalog, engines, evidence, nbg, sessions
from grader.catalog import Catalog
from grader.errors import BadgeError, NotFound, WorkspaceError
from grader.exports import badges, cornerstone, generic, moodle, xapi
from grader.workspace import Workspace

TABLES = ("generic", "moodle", "cornerstone")
_PRIVATE, _PUBLIC = "issuer.pem", "issuer.pub"


def table(space: Workspace, known: Catalog, columns: str, path: Path | None) -> Path:
    """Write the evidence as CSV with the `columns` of one of TABLES; returns the file, readable by its owner only."""
    entries = evidence.read(space)
    track = known.track(space.settings.role)
    text: dict[str, Callable[[], str]] = {
        "generic": lambda: generic.render(entries),
        "moodle": lambda: moodle.render(entries, track, {who: (a, b) for who, a, b in nbg.students(space.course)}),
        "cornerstone": lambda: cornerstone.render(entries, track),
    }
    target = path or space.exports / f"{columns}.csv"
    # Excel takes UTF-8 for UTF-8 only with the mark; Moodle and Cornerstone skip it.
    write_private(target, text[columns]().encode("utf-8-sig"))
    return target


def statements(space: Workspace, known: Catalog, path: Path | None) -> tuple[Path, int]:
    """Write the evidence as xAPI statements, one JSON array; returns the file and how many there are."""
    found = xapi.statements(evidence.read(space), known.track(space.settings.role), _site(space))
    target = path or space.exports / "xapi.json"
    write_private(target, (json.dumps(found, ensure_ascii=False, indent=1) + "\n").encode())
    return target, len(found)


def issue(space: Workspace, known: Catalog, student: str = "") -> list[badges.Badge]:
    """Write the badges that hold today to `exports/badges/<learner>/`, as JWT and as picture; returns them.

    Badges that no longer hold are removed from there. The issuer's key pair is made at the first use.
    """
    entries = evidence.read(space)
    learners = {entry.occasion.learner for entry in entries}
    if student and student not in learners:
        raise NotFound("learner with evidence", student, learners)
    role = known.role(space.settings.role)
    track, issuer = known.track(role.id), _issuer(space)
    now, policy, model = datetime.now(UTC), catalog.policy_name(known.policy), _model(space)
    found = badges.issue(entries, track, issuer, now=now, policy=policy, model=model, only=student)
    found += badges.ambassadors(
        entries,
        sessions.read(space),
        role,
        (*track, *known.optional(role.id)),
        known.skills,
        issuer,
        now=now,
        policy=policy,
        model=model,
        only=student,
    )
    for old in space.badges(student or "*").parent.glob(f"{student or '*'}/*"):
        old.unlink()
    for badge in found:
        write_private(space.badges(badge.learner) / f"{badge.lab}.jwt", badge.token.encode())
        write_private(space.badges(badge.learner) / f"{badge.lab}.svg", badge.picture)
    return found


def verify(
    path: Path, key: Path | None, space: Workspace | None, known: Catalog | None, learner: str | None
) -> badges.Verdict:
    """Verify a badge against the public key in the file `key`, or the workspace's own.

    With a workspace and a catalogue it is also checked that policy and model are still in use.
    """
    if key is None and space is None:
        raise BadgeError("There is no key to verify with.", "Name the issuer's public key: --key issuer.pub")
    public = key or (space.exports / _PUBLIC if space else Path())
    try:
        data, pem = path.read_bytes(), badges.read_key(public.read_bytes())
    except OSError as error:
        raise BadgeError(f"{error.filename} cannot be read ({error.strerror}).") from error
    return badges.verify(
        data,
        pem,
        policy=catalog.policy_name(known.policy) if space and known else None,
        model=_model(space) if space else None,
        learner=learner,
    )


def _model(space: Workspace) -> str:
    with engines.configured(space.settings.engine) as engine:
        return engine.id


def _site(space: Workspace) -> str:
    address = space.settings.site_url
    if not address.startswith(("https://", "http://")):
        raise WorkspaceError(
            "This export names labs by their address on your site, and the workspace knows none.",
            f'Put a line into {space.root / "atelier.toml"}, before any [table]: site_url = "https://…/"',
        )
    return address if address.endswith("/") else f"{address}/"


def _issuer(space: Workspace) -> badges.Issuer:
    name = space.settings.organisation
    if not name:
        raise WorkspaceError(
            "A badge says who issues it, and the workspace does not know.",
            f'Put a line into {space.root / "atelier.toml"}, before any [table]: organisation = "…"',
        )
    private, public = space.exports / _PRIVATE, space.exports / _PUBLIC
    if not private.exists():
        made = badges.key_pair()
        write_private(public, made[1])
        # Written last: a key pair with this file is whole.
        write_private(private, made[0])
    return badges.Issuer(name, _site(space), private.read_bytes(), public.read_bytes(), space.secret)
