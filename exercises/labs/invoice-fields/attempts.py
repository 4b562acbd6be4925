"""The reference prompt, the prompts of the qualification gate, and what wrong and cheating answers earn."""

from __future__ import annotations

from dataclasses import replace

from atelier.kits.prompting.records import Example, Output, PromptSpec
from grader import prompts
from grader.model import Attempt

_OUTPUTS = (
    Output("supplier", "text"),
    Output("invoice", "reference", nullable=True),
    Output("total", "amount"),
)


def _example(case: str, supplier: str, invoice: str | None, total: str) -> Example:
    return Example(case, {"supplier": supplier, "invoice": invoice, "total": total})


# Values as they stand in the documents: the model copies, the software converts.
_BLOCK_FR = _example("block-fr", "Montclar Télécom", "FA3723", "928,09")
_ORDER_EN = _example("order-en", "Cap Lumière Formation", "F-5200", "605.16")
_MAIL_FR = _example("mail-fr", "Fonderie Lys Formation", "R8784", "961,25")
_CREDIT_FR = _example("credit-fr", "Lisière Télécom", "F-1939", "-443,08")
_CREDIT_EN = _example("credit-en", "Wagram Bis Logistique", "INV7570", "-2507.92")
_STATEMENT_FR = _example("statement-fr", "Façade Ouest Imprimerie", None, "2 275,57")
_STATEMENT_EN = _example("statement-en", "Novalis Formation", None, "139.95")
_UNNUMBERED_EN = _example("unnumbered-en", "Uzel Formation", None, "224.23")

REFERENCE = PromptSpec(
    task="Copy the supplier, the invoice number and the amount from the document.",
    inputs=("kind", "document"),
    boundary="tags",
    collision="replace",
    missing="say",
    abstain="null",
    budget=2000,
    outputs=_OUTPUTS,
    examples=(
        _BLOCK_FR, _CREDIT_EN, _STATEMENT_FR, _ORDER_EN, _MAIL_FR, _UNNUMBERED_EN, _STATEMENT_EN, _CREDIT_FR,
    ),
)  # fmt: skip

GATE = prompts.gate(REFERENCE, "Give me the invoice details.", (_STATEMENT_FR, _ORDER_EN))

# The same documents with values as the ledger wants them: the model must convert, and invents figures.
_CONVERTED = prompts.rewritten(REFERENCE, "total", lambda total: str(total).replace(" ", "").replace(",", "."))
_FRENCH_ONLY = replace(REFERENCE, examples=(_BLOCK_FR, _CREDIT_FR, _STATEMENT_FR, _MAIL_FR))

_TARGET = prompts.Target(
    id="invoice-fields",
    text="document",
    inputs=("kind", "document", "notes", "approver", "approver_phone", "iban", "ceiling"),
    expert="accounting",
    known="Montclar Télécom FA3723 928.09; Lisière Télécom F-1939 -443.08; Uzel Formation null 224.23",
)

ATTEMPTS = {
    **prompts.usual(_TARGET, GATE, prompts.Earns(stuffed=9.33, two_examples=88.53, open_door=88.33)),
    "converted examples": Attempt(_CONVERTED, 97.2, "amounts rewritten for the ledger in the examples"),
    "French examples only": Attempt(_FRENCH_ONLY, 98.6, "half of the mail is English"),
}  # fmt: skip
