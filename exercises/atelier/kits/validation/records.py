"""Records of the validation kit: a document, the record a model made of it, and the rules that check the one against the other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

FieldType = Literal["text", "amount", "date", "iban", "vat", "code", "currency", "percent"]

RuleKind = Literal[
    "required",
    "in_source",
    "sum",
    "rate",
    "in_list",
    "register",
    "not_seen",
    "format",
    "date_order",
    "within",
    "phrase",
    "lines",
]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of a check plan. Which parameters matter depends on `kind`:

    required    `field` must not be empty
    in_source   the value of `field` must stand in the document, as a number, date or words
    sum         `field` + `other` must give `total`, to `tolerance`
    rate        `field` × `other` per cent must give `total`, to `tolerance`
    lines       the amounts of the document's lines must add up to `field`, to `tolerance`, each line in the document
    in_list     `field` must be one of `values`
    register    the row of the lab's table `table` whose `key` fits field `other` must hold `field` under `column`
    not_seen    no row of `table` may hold the same values of `field` and `other` under `column` and `key`
    format      `field` must be well formed for its type: IBAN and VAT check digits, a real date, an amount
    date_order  `field` must not be later than `other`, nor more than `tolerance` days earlier (0: no limit)
    within      `field` must lie between `low` and `high`
    phrase      if the document holds one of `values`, then `field` must say so (must not be empty or "no")
    """

    kind: RuleKind
    field: str
    other: str = ""
    total: str = ""
    table: str = ""
    key: str = ""
    column: str = ""
    values: tuple[str, ...] = ()
    low: float = 0.0
    high: float = 0.0
    tolerance: float = 0.0


@dataclass(frozen=True, slots=True)
class CheckPlan:
    """A learner's control: the rules, in order. A record with any issue is held."""

    rules: tuple[Rule, ...] = ()


@dataclass(frozen=True, slots=True)
class Field:
    """A field of the record. `label` is what the learner calls it."""

    name: str
    label: str
    type: FieldType


@dataclass(frozen=True, slots=True)
class Offer:
    """A kind of rule that the lab's palette offers: how it reads, and for which field types."""

    kind: RuleKind
    label: str
    says: str
    types: tuple[FieldType, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """A side table that checks may use, such as the supplier register. All cells are text."""

    name: str
    label: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class CheckSetup:
    """What a lab fixes: the record's fields, the rules on offer, and side tables (rows come with each case)."""

    fields: tuple[Field, ...]
    offers: tuple[Offer, ...]
    tables: tuple[Table, ...] = ()
    most_rules: int = 40


@dataclass(frozen=True, slots=True)
class CheckCase:
    """A document and the record that a model made of it.

    output     field -> value; "lines" may hold a list of [text, amount]
    operator   the kind of fault, or "" if the record is right
    fields     the fields that are wrong; empty if none (a rate recomputed makes tax and total wrong as well)
    odd        what makes a right record look wrong, or ""
    tables     rows of the setup's tables, by table name, as they stood when the record was made
    made_by    "seeded", or the model that really produced it
    """

    id: str
    source: str
    output: dict[str, Any]
    operator: str = ""
    fields: tuple[str, ...] = ()
    odd: str = ""
    tables: dict[str, tuple[tuple[str, ...], ...]] | None = None
    made_by: str = "seeded"


@dataclass(frozen=True, slots=True)
class Issue:
    """What a rule has against a record: its place in the plan, the field it points at, and the words."""

    rule: int
    field: str
    says: str
