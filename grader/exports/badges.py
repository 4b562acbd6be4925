"""Open Badges 3.0 (1EdTech): a lab's badge as a signed credential that its holder keeps, shows and lets others verify.

The proof is a VC-JWT (Ed25519), made and verified offline by openbadgeslib. The issuer is a did:key: the identifier
*is* the public key, so nothing has to be hosted. The badge names nobody: it holds a salted hash of the learner's id, and
whoever knows the id can check that it belongs to them.

It says lab, version, model, policy, and the score with its interval. It holds for twelve months from the first grading of the
hand-in; practising again, in another cohort or with other answers, renews it. It lapses before that when the policy that
was in force, or the model that judged it, is no longer the one in use.
"""

from __future__ import annotations

import hashlib
import hmac
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from html import escape
from typing import TYPE_CHECKING, Any

from atelier.kits.base import percent
from grader import evidence, progress
from grader.errors import BadgeError, ExtraMissing
from grader.evidence import Entry
from grader.model import Lab, Role, Skills
from grader.progress.guide import LearnerScores
from grader.sessions import Session
from grader.templates import number

if TYPE_CHECKING:
    from openbadgeslib.ob3 import OpenBadgeCredential

MONTHS = 12
AMBASSADOR = "ambassador"  # stands where a lab's id stands in a lab's badge
_NO_MODEL = "none"
# What the badge states beside the score; `verify` reads them back by these names.
LAB, VERSION, MODEL, POLICY, COURSE, INTERVAL = (
    "Lab", "Lab version", "Practice model", "Policy", "Cohort", "95 % interval",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Issuer:
    """Who signs: the organisation's name, its site, the key pair (PEM), and the secret that learners' ids are salted with."""

    name: str
    site: str
    private_key: bytes
    public_key: bytes
    secret: str


@dataclass(frozen=True, slots=True)
class Badge:
    """A badge of one learner: the compact JWT, and an SVG picture that holds it (a "baked" badge). `lab` may be AMBASSADOR."""

    learner: str
    lab: str
    title: str
    ends: str
    token: str
    picture: bytes


class Standing(StrEnum):
    """What verifying found."""

    VALID = "valid"
    EXPIRED = "expired"
    LAPSED = "lapsed"
    INVALID = "not valid"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The result of verifying: the standing, why, and what the badge states (empty if its signature does not hold)."""

    standing: Standing
    why: str
    states: dict[str, str]


def _library() -> Any:
    try:
        import openbadgeslib.ob3
        import openbadgeslib.ob3.did
    except ImportError as error:
        raise ExtraMissing("Badges", "badges") from error
    return openbadgeslib.ob3


def key_pair() -> tuple[bytes, bytes]:
    """Return a new Ed25519 key pair as PEM: private, public."""
    _library()
    from openbadgeslib.keys import KeyEd25519

    private, public = KeyEd25519().generate_keypair()
    return private, public


def model_of(entry: Entry, lab: Lab) -> str:
    """Return the model that a score rests on, "none" where the lab asks for none."""
    return entry.score.engine if hasattr(lab.setup, "qualified") else _NO_MODEL


def ends(start: str) -> datetime:
    """Return when a badge of a hand-in first graded at `start` (ISO 8601) expires: twelve months later."""
    begun = datetime.fromisoformat(start).astimezone(UTC)
    # 29 February has no namesake in the next year.
    day = 28 if (begun.month, begun.day) == (2, 29) else begun.day
    return begun.replace(year=begun.year + MONTHS // 12, day=day)


def issue(
    entries: Iterable[Entry],
    labs: Iterable[Lab],
    issuer: Issuer,
    *,
    now: datetime,
    policy: str,
    model: str,
    only: str = "",
) -> list[Badge]:
    """Return the badges of all learners (or of `only`) that hold at `now`, under the policy and the model in use.

    The same evidence gives the same badges, to the byte.
    """
    everything = tuple(entries)
    by_id = {lab.id: lab for lab in labs}
    found = []
    for (learner, lab), entry in sorted(evidence.newest(everything).items()):
        if lab not in by_id or not evidence.earns_badge(entry.score) or (only and learner != only):
            continue
        start = evidence.first_graded(everything, entry)
        if _in_use(entry, by_id[lab], policy, model) and ends(start) > now:
            found.append(_badge(entry, by_id[lab], issuer, start))
    return found


def _in_use(entry: Entry, lab: Lab, policy: str, model: str) -> bool:
    return entry.occasion.policy == policy and model_of(entry, lab) in (_NO_MODEL, model)


def ambassadors(
    entries: Iterable[Entry],
    sessions: Iterable[Session],
    role: Role,
    labs: Sequence[Lab],
    skills: Skills,
    issuer: Issuer,
    *,
    now: datetime,
    policy: str,
    model: str,
    only: str = "",
) -> list[Badge]:
    """Return the ambassadors' badges that hold at `now`: the whole track at "validates", and a session led for others.

    `labs` are those of the track and beside it. The badge holds for twelve months from what came last, the session or a lab; scores
    under another policy or by another model than the one in use do not count.
    """
    everything, led = tuple(entries), tuple(sessions)
    newest = evidence.newest(everything)
    found = []
    for learner in sorted({session.learner for session in led if only in ("", session.learner)}):
        there = [(newest[learner, lab.id], lab) for lab in labs if (learner, lab.id) in newest]
        own = [(entry, lab) for entry, lab in there if _in_use(entry, lab, policy, model)]
        days = tuple(sorted(session.day for session in led if session.learner == learner))
        record = LearnerScores(learner, tuple(entry.score for entry, _ in own), sessions=days)
        guide = progress.learner(record, role, labs, skills)
        if not guide.ambassador.earned:
            continue
        graded = [evidence.first_graded(everything, entry) for entry, _ in own if entry.score.graded]
        start = max(f"{days[-1]}T00:00:00+00:00", *graded)
        if ends(start) > now:
            asked = {model_of(entry, lab) for entry, lab in own} - {_NO_MODEL}
            states = {
                LAB: AMBASSADOR,
                VERSION: ", ".join(f"{entry.score.lab} {entry.score.version}" for entry, _ in own),
                MODEL: next(iter(asked), _NO_MODEL),
                POLICY: policy,
                COURSE: own[-1][0].occasion.course,
                "Levels": ", ".join(f"{line.title}: {line.level}" for line in guide.lines if line.level),
                "Sessions led": ", ".join(days),
            }
            found.append(_ambassador(learner, role, issuer, start, states))
    return found


def _ambassador(learner: str, role: Role, issuer: Issuer, start: str, states: dict[str, str]) -> Badge:
    ob3 = _library()
    title = f"Ambassador: {role.file.title}"
    achievement = ob3.Achievement(
        id=f"{issuer.site}roles/{role.id}/#ambassador",
        name=title,
        description="Practised a whole track, and led a session in which others practise.",
        criteria_narrative='A score on every lab of the track, the level "validates" on each practice line that the track can bring there, and at '
        "least one session led for others, recorded by the trainer.",
        achievement_type="Badge",
    )
    name = f"{states[COURSE]}\n{learner}\n{states[VERSION]}\n{states['Sessions led']}\n{start}"
    says = "“Validates” on a whole track, led a session"
    return _signed(issuer, learner, AMBASSADOR, achievement, states, start, name, says)


def _badge(entry: Entry, lab: Lab, issuer: Issuer, start: str) -> Badge:
    ob3 = _library()
    score, learner = entry.score, entry.occasion.learner
    name = f"{entry.occasion.course}\n{learner}\n{lab.id}\n{score.version}\n{score.submission}\n{start}"
    of_lab = f"{issuer.site}labs/{lab.id}/"
    cases = max((result.n for result in score.results), default=0)
    total = ob3.ResultDescription(
        f"{of_lab}#score", "Points of 100", "Percent", value_min="0", value_max="100",
        required_value=f"{100 * evidence.BADGE_SHARE:.0f}",
    )  # fmt: skip
    achievement = ob3.Achievement(
        id=of_lab,
        name=lab.file.title,
        description=lab.file.summary,
        criteria_narrative=f"At least {100 * evidence.BADGE_SHARE:.0f} of 100 points on cases that the learner had not seen ({cases} in this "
        "cohort), every check evaluated, no cap. " + " ".join(f"{c.points} points: {c.says}" for c in lab.file.checks),
        achievement_type="Assessment",
        tags=list(lab.file.skills),
        result_descriptions=[total],
    )
    low, high = evidence.interval(score) or (0.0, 1.0)
    states = {
        LAB: lab.id,
        VERSION: score.version,
        MODEL: model_of(entry, lab),
        POLICY: entry.occasion.policy,
        COURSE: entry.occasion.course,
        INTERVAL: f"{100 * low:.0f} to {100 * high:.0f} of 100 points",
    }
    result = ob3.Result(value=number(100 * evidence.share(score)), result_description=total.id)
    says = f"{percent(evidence.share(score))} of the points, on unseen cases"
    return _signed(issuer, learner, lab.id, achievement, states, start, name, says, [result])


def _signed(
    issuer: Issuer,
    learner: str,
    lab: str,
    achievement: Any,
    states: dict[str, str],
    start: str,
    name: str,
    says: str,
    results: Sequence[Any] = (),
) -> Badge:
    """Return the signed badge. `name` tells this credential from all others; `says` stands on the picture."""
    ob3 = _library()
    credential = ob3.OpenBadgeCredential(
        issuer=ob3.Issuer(ob3.did.did_key_from_pem(issuer.public_key), issuer.name, issuer.site),
        recipient_id=None,
        achievement=achievement,
        id=f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, f'{achievement.id}{hmac_of(issuer.secret, name)}')}",
        issuance_date=datetime.fromisoformat(start),
        expiration_date=ends(start),
        evidence=[ob3.Evidence(name=key, narrative=value) for key, value in states.items()],
        identifiers=[ob3.IdentityObject.create(learner, hmac_of(issuer.secret, learner)[:16], _kind(learner))],
        results=list(results),
    )
    signer = ob3.OB3Signer(issuer.private_key, algorithm="EdDSA")
    until = f"{ends(start):%-d %B %Y}"
    baked = signer.sign_into_svg(credential, _picture(achievement.name, says, issuer.name, until).encode())
    return Badge(learner, lab, achievement.name, until, signer.sign(credential), baked)


def hmac_of(secret: str, text: str) -> str:
    """Return a keyed hash of `text`, in hex: whoever lacks the cohort's secret can neither make nor guess it."""
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()


def _kind(learner: str) -> str:
    return "emailAddress" if "@" in learner else "userName"


def _picture(title: str, says: str, issuer: str, until: str) -> str:
    """Return the badge as anyone sees it who opens the file: a card, in colours that need no style sheet."""
    lines = _wrapped(title, 22)
    spans = "".join(f'<tspan x="32" dy="{0 if i == 0 else 30}">{escape(line)}</tspan>' for i, line in enumerate(lines))
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 260" width="400" height="260" role="img" '
        f'aria-label="{escape(f"Badge: {title}, {says}, valid until {until}, issued by {issuer}")}">'
        '<rect x="3" y="3" width="394" height="254" rx="14" fill="#fbf9f5" stroke="#1f5c4d" stroke-width="6"/>'
        '<g font-family="system-ui, sans-serif" fill="#1c2321">'
        f'<text x="32" y="48" font-size="14" fill="#1f5c4d">{escape(issuer)}</text>'
        f'<text x="32" y="92" font-size="24" font-weight="700">{spans}</text>'
        f'<text x="32" y="204" font-size="15">{escape(says)}</text>'
        f'<text x="32" y="230" font-size="14">Valid until {escape(until)}</text></g></svg>'
    )


def _wrapped(text: str, width: int) -> list[str]:
    import textwrap

    return textwrap.wrap(text, width)[:4]


def verify(
    data: bytes,
    public_key: bytes,
    *,
    policy: str | None = None,
    model: str | None = None,
    learner: str | None = None,
) -> Verdict:
    """Verify a badge (a JWT, or a picture that holds one) against the issuer's public key. Asks nothing of the network.

    policy    the policy in force, as `catalog.policy_name` gives it; a badge under another one has lapsed. None: not checked
    model     the model in use; a badge that another model judged has lapsed. None: not checked
    learner   whose badge it must be. None: not checked
    """
    ob3 = _library()
    try:
        token = (ob3.OB3Verifier.extract_token_from_svg(data) if b"<svg" in data else data.decode("ascii")).strip()
        issuer = ob3.did.did_key_from_pem(public_key)
        credential = ob3.OB3Verifier(public_key).verify(token)
    except Exception as error:  # noqa: BLE001  # the library's own errors, and decoding errors of whatever was given
        expired = "expired" in str(error).lower()
        return Verdict(Standing.EXPIRED if expired else Standing.INVALID, _why(error, expired=expired), {})
    if credential.issuer.id != issuer:
        return Verdict(Standing.INVALID, "It names another issuer than the key's.", {})
    states = _states(credential)
    if learner is not None and not _belongs(credential, learner):
        return Verdict(Standing.INVALID, f"It is not a badge of {learner!r}.", states)
    if policy is not None and states.get(POLICY) != policy:
        return Verdict(Standing.LAPSED, f"The policy changed; it is now {policy}. {_RENEW}", states)
    if model is not None and states.get(MODEL) not in (_NO_MODEL, model):
        return Verdict(Standing.LAPSED, f"The practice model changed; it is now {model}. {_RENEW}", states)
    return Verdict(Standing.VALID, "Signature, dates and issuer hold.", states)


_RENEW = "The lab can be done again for a new badge."


def _why(error: Exception, *, expired: bool) -> str:
    if expired:
        return f"Twelve months are over. {_RENEW}"
    says = str(error) or type(error).__name__
    return f"{says[:1].upper()}{says[1:]}{'' if says.endswith('.') else '.'}"


def _states(credential: OpenBadgeCredential) -> dict[str, str]:
    told = {item.name: item.narrative for item in credential.evidence if item.name and item.narrative}
    assert credential.issuance_date is not None
    assert credential.expiration_date is not None
    return {
        "Badge": credential.achievement.name,
        "Issuer": credential.issuer.name,
        **told,
        "Points of 100": credential.results[0].value or "" if credential.results else "",
        "From": f"{credential.issuance_date:%Y-%m-%d}",
        "Until": f"{credential.expiration_date:%Y-%m-%d}",
    }


def _belongs(credential: OpenBadgeCredential, learner: str) -> bool:
    for found in credential.identifiers:
        said = hashlib.sha256(f"{learner}{found.salt or ''}".encode()).hexdigest()
        if found.hashed and hmac.compare_digest(found.identity_hash, f"sha256${said}"):
            return True
    return False


def read_key(data: bytes) -> bytes:
    """Return a public key in PEM, or BadgeError if `data` is none."""
    if b"BEGIN PUBLIC KEY" not in data:
        raise BadgeError("That file holds no public key.", "Ask the issuer for issuer.pub, a PEM file.")
    return data
