"""The organisation's policy, `courses/policy.toml`: one record for labs, assistant and site.

The trainer side reads it from the catalogue; learners get it inside each lab's `lab.json`. What it decides is asked of
it here (`tier_for`, `validation_for`), so that a changed line of the file changes every answer at once.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Kind = Literal[
    "IBANs",
    "payment cards",
    "company numbers",
    "social security numbers",
    "listed names",
    "names of people",
    "e-mail addresses",
    "phone numbers",
    "street addresses",
]
"""What `atelier.detect` finds in a text."""


@dataclass(frozen=True, slots=True)
class DataClass:
    """A class of data, in words that staff recognise.

    id           name in tiers and labs
    title        what staff call it
    says         what makes data belong to it
    examples     artefacts of this class
    validation   id of the least check by a person, whatever is done with the result
    detects      what the assistant finds in a prompt that makes it this class: "IBANs", "payment cards", "company numbers",
                 "social security numbers", "listed names", "names of people", "e-mail addresses", "phone numbers" or
                 "street addresses"
    """

    id: str
    title: str
    says: str
    examples: tuple[str, ...]
    validation: str
    detects: tuple[Kind, ...] = ()


@dataclass(frozen=True, slots=True)
class Tier:
    """A hosting tier: what it may see, and where it answers. The file lists the strictest first.

    id         name in labs and audit lines
    title      what staff call it
    says       where the model runs, and what happens to what is sent
    allows     ids of the data classes that it may see
    base_url   address of its OpenAI-compatible endpoint; empty for the embedded model or none
    model      name of the model at that address
    key_env    name of the environment variable that holds its key; keys are never written down
    """

    id: str
    title: str
    says: str
    allows: tuple[str, ...]
    base_url: str = ""
    model: str = ""
    key_env: str = ""


@dataclass(frozen=True, slots=True)
class Validation:
    """A level of human validation. The file lists the lightest first.

    id      name in consequences, data classes and labs
    title   what staff call it
    says    how it is done
    """

    id: str
    title: str
    says: str


@dataclass(frozen=True, slots=True)
class Consequence:
    """What may follow from a result.

    id           name in labs
    title        the consequence, in a few words
    says         how to recognise it
    validation   id of the check that it needs; left out where no check makes it acceptable, so that no tier hosts it
    """

    id: str
    title: str
    says: str
    validation: str = ""


@dataclass(frozen=True, slots=True)
class Post:
    """A post or body of the organisation, and what it may be for a use case.

    id       name in labs
    title    what staff call it
    says     why
    owns     whether it may own a use case: one person who answers for the result and may stop it on the day
    checks   whether it may check results before they are used; never those that the same person prepared
    """

    id: str
    title: str
    says: str
    owns: bool = False
    checks: bool = False


@dataclass(frozen=True, slots=True)
class Policy:
    """`courses/policy.toml`, key by key.

    format          version of this file's layout
    owner           who answers for the policy
    contact         where staff ask
    reviewed        day of the last review
    payment_limit   EUR; a payment above it needs two people
    data_classes    what there is to protect, the least delicate first
    tiers           where a model may run, the strictest first
    validation      checks by a person, the lightest first
    consequences    what may follow from a result, and the check that it needs
    posts           who may own a use case, and who may check its results
    """

    format: Literal[1]
    owner: str
    contact: str
    reviewed: str
    payment_limit: int
    data_classes: tuple[DataClass, ...]
    tiers: tuple[Tier, ...]
    validation: tuple[Validation, ...]
    consequences: tuple[Consequence, ...]
    posts: tuple[Post, ...]

    def data_class(self, name: str) -> DataClass:
        """Return the data class with that id. KeyError if there is none."""
        return {c.id: c for c in self.data_classes}[name]

    def consequence(self, name: str) -> Consequence:
        """Return the consequence with that id. KeyError if there is none."""
        return {c.id: c for c in self.consequences}[name]

    def level(self, name: str) -> Validation:
        """Return the validation level with that id. KeyError if there is none."""
        return {v.id: v for v in self.validation}[name]

    def post(self, name: str) -> Post:
        """Return the post with that id. KeyError if there is none."""
        return {p.id: p for p in self.posts}[name]

    def tier(self, name: str) -> Tier:
        """Return the tier with that id. KeyError if there is none."""
        return {t.id: t for t in self.tiers}[name]

    def detected(self, kinds: Iterable[Kind]) -> frozenset[str]:
        """Return ids of the data classes that a text belongs to in which `kinds` were found."""
        there = set(kinds)
        return frozenset(c.id for c in self.data_classes if there & set(c.detects))

    def most_delicate(self, data: Iterable[str]) -> DataClass:
        """Return the most delicate of the data classes `data`, of which there is at least one."""
        asked = set(data)
        return [c for c in self.data_classes if c.id in asked][-1]

    @property
    def unstated(self) -> DataClass:
        """Return the class of a text about which nobody said anything: it is not public until somebody says so."""
        return self.data_classes[min(1, len(self.data_classes) - 1)]

    def may_see(self, tier: Tier, data: Iterable[str]) -> bool:
        """Return whether `tier` may see all of the data classes `data`."""
        return set(data) <= set(tier.allows)

    def tier_for(self, data: Iterable[str], consequences: Iterable[str] = ()) -> Tier | None:
        """Return the least strict tier that may see all of `data`: stricter ones cost more and do no good.

        None if no tier may see it, or if a consequence is one that no check makes acceptable.
        """
        if any(not self.consequence(name).validation for name in consequences):
            return None
        asked = tuple(data)
        return next((tier for tier in reversed(self.tiers) if self.may_see(tier, asked)), None)

    def validation_for(self, data: Iterable[str], consequences: Iterable[str]) -> Validation | None:
        """Return the check by a person that data classes and consequences ask for: the strictest one of all of them.

        None if a consequence is one that no check makes acceptable.
        """
        levels = {level.id: place for place, level in enumerate(self.validation)}
        asked = [
            *(self.data_class(name).validation for name in data),
            *(self.consequence(name).validation for name in consequences),
        ]
        if "" in asked:
            return None
        return self.validation[max((levels[name] for name in asked), default=0)]


def problems(policy: Policy) -> list[tuple[str, str, str, tuple[str, ...]]]:
    """Return ids that lead nowhere, as (key, kind, id, the ids there are); the catalogue words them."""
    classes = tuple(c.id for c in policy.data_classes)
    levels = tuple(v.id for v in policy.validation)
    found = [
        (f"tiers.{t.id}.allows", "data class", c, classes) for t in policy.tiers for c in t.allows if c not in classes
    ]
    found += [
        (f"data_classes.{c.id}.validation", "validation level", c.validation, levels)
        for c in policy.data_classes
        if c.validation not in levels
    ]
    found += [
        (f"consequences.{c.id}.validation", "validation level", c.validation, levels)
        for c in policy.consequences
        if c.validation and c.validation not in levels
    ]
    return found
