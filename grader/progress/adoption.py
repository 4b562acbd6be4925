"""Where the organisation stands: phases and questions, with the proofs that are there and those that are missing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from atelier.policy import Policy
from grader.model import Adoption, Evidence, Role
from grader.progress.group import SMALLEST_GROUP, Aggregate, Group
from grader.templates import day


@dataclass(frozen=True, slots=True)
class Proof:
    """A piece of evidence, whether it is there, and where it is or what is missing."""

    evidence: Evidence
    found: bool
    where: str


@dataclass(frozen=True, slots=True)
class PhaseStanding:
    """A phase of adoption with its proofs. Reached when they and those of every phase below are there."""

    id: str
    title: str
    says: str
    proofs: tuple[Proof, ...]
    reached: bool


def standing(
    adoption: Adoption, roles: Sequence[Role], policy: Policy, aggregate: Aggregate | None
) -> tuple[PhaseStanding, ...]:
    """Return every phase with the proof that is there and the proof that is missing, in order."""
    phases: list[PhaseStanding] = []
    for phase in adoption.phases:
        proofs = tuple(_proof(evidence, roles, policy, aggregate) for evidence in phase.evidence)
        reached = all(proof.found for proof in proofs) and all(before.reached for before in phases)
        phases.append(PhaseStanding(phase.id, phase.title, phase.says, proofs, reached))
    return tuple(phases)


def _baseline(group: Group) -> bool:
    """Return whether the group's figure was measured before the training, on enough cases to compare with."""
    return any(m.moment == "before" and m.median is not None for kpi in group.kpis for m in kpi.moments)


def _proof(evidence: Evidence, roles: Sequence[Role], policy: Policy, aggregate: Aggregate | None) -> Proof:
    match evidence.source:
        case "gradebook":
            seen = Counter(dict.fromkeys(evidence.labs, 0))
            for group in aggregate.groups if aggregate else ():
                seen.update({lab.lab: lab.n for lab in group.labs if lab.lab in evidence.labs})
            fewest = min(seen.values(), default=0)
            where = f"{fewest} people in the gradebook" if fewest else "no group of five or more in the gradebook yet"
            return Proof(evidence, bool(evidence.labs) and fewest >= max(evidence.people, SMALLEST_GROUP), where)
        case "kpi":
            measured = {group.role for group in aggregate.groups if _baseline(group)} if aggregate else set()
            without = [r.file.title for r in roles if not r.file.kpi.baseline.strip() and r.id not in measured]
            where = f"no baseline yet: {', '.join(without)}" if without else "each role has its baseline"
            return Proof(evidence, bool(roles) and not without, where)
        case "policy":
            whole = bool(policy.owner.strip() and policy.data_classes and policy.tiers and policy.validation)
            return Proof(
                evidence, whole, f"owner: {policy.owner}; reviewed {day(policy.reviewed)}" if whole else "incomplete"
            )
        case "declared":
            return Proof(evidence, bool(evidence.proof.strip()), evidence.proof.strip() or "nobody has shown it yet")


class Answered(StrEnum):
    """Whether a question is answered by proofs that can be seen."""

    YES = "yes"
    PARTLY = "in part"
    NO = "not yet"


@dataclass(frozen=True, slots=True)
class Answer:
    """A committee's question with the proofs that answer it, and what to do until all of them are there."""

    asks: str
    answered: Answered
    proofs: tuple[Proof, ...]
    until: str


def answers(adoption: Adoption, phases: Iterable[PhaseStanding]) -> tuple[Answer, ...]:
    """Return every question of `adoption`, answered by the proofs of `phases`, as `standing` gives them."""
    proofs = {proof.evidence.id: proof for phase in phases for proof in phase.proofs}
    found = []
    for question in adoption.questions:
        own = tuple(proofs[name] for name in question.evidence)
        there = sum(proof.found for proof in own)
        answered = Answered.NO if not there else Answered.YES if there == len(own) else Answered.PARTLY
        found.append(Answer(question.asks, answered, own, question.until))
    return tuple(found)
