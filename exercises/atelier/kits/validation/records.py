"""Records of the validation kit: a document, the record a model made of it, and the rules that check the one against the other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

FieldType = Literal["text", "prose", "amount", "number", "date", "iban", "vat", "code", "currency", "percent"]

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
    "equal",
    "needs",
    "known",
    "holds",
    "quote",
    "figures",
    "negation",
    "alike",
    "nearest",
    "others",
    "banned",
    "notice",
    "in_time",
    "periods",
    "invisible",
    "alphabets",
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
    equal       `field` and `other` must be the same, to `tolerance`
    needs       if `field` is above `low` (a text: if it is filled in), `other` must be filled in
    known       the value of `field` must stand in `table` under `column`
    holds       the text `field` must hold the value of `other`
    quote       `field` must stand word for word in the place; […] may leave words out
    figures     `field` may hold no figure that does not stand in the place (the document: nor in the record's other fields)
    negation    `field` must deny as often as the sentences of the place that are most like its own
    alike       `field` and the place must have `low` per cent of their words in common
    nearest     among all rows of `table`, the one of `other` must be the most like `field` under `column`
    others      the text `field` may hold no value of `column` that belongs to another `key` than that of `other`
    banned      the text `field` may say none of `values`: whole words, a star for any ending, + for "in one sentence"
    notice      the text `field` must say one of `values`
    in_time     the date `field` may not be later than the date `other` plus the days in field `total`
    periods     the periods in the document, overlaps counted once, must come to `field` years, to `tolerance`; an open end
                lasts until the date `other`
    invisible   `field` may hold `tolerance` invisible characters of the kinds `values` at most (see reading.INVISIBLE)
    alphabets   no word of `field` may mix Latin with Greek or Cyrillic letters

    The place is the document, or, with `table`, the cell `column` of the row whose `key` fits the field `other`.
    With `when`, the rule speaks only of records whose field `when` is one of `when_is`.
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
    when: str = ""
    when_is: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CheckPlan:
    """A learner's control: the rules, in order. A record with any issue is held."""

    rules: tuple[Rule, ...] = ()


@dataclass(frozen=True, slots=True)
class Field:
    """A field of the record. `label` is what the learner calls it; an `optional` one may rightly be empty."""

    name: str
    label: str
    type: FieldType
    optional: bool = False


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
    """What a lab fixes: the record's fields, the rules on offer, and side tables (rows here, or with each case).

    conditions     fields that a rule may be made to depend on
    things         what is checked, as the learner calls it, in the plural
    document       what it is checked against, as a rule says it: “must stand in the CV”
    source_title   what stands above the document
    record_title   what the record is
    passes         what happens to a record that no rule holds
    """

    fields: tuple[Field, ...]
    offers: tuple[Offer, ...]
    tables: tuple[Table, ...] = ()
    most_rules: int = 40
    conditions: tuple[str, ...] = ()
    things: str = "records"
    document: str = "document"
    source_title: str = "Document"
    record_title: str = "Record"
    passes: str = "it would go through"


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
