"""The reference prompt, the prompts of the qualification gate, and what wrong and cheating answers earn."""

from __future__ import annotations

from dataclasses import replace

from atelier.kits.prompting import prompt
from atelier.kits.prompting.records import Example, Output, PromptSpec
from grader import prompts
from grader.model import Attempt

_OUTPUTS = (
    Output("order", "reference", nullable=True),
    Output("product", "text"),
    Output("date", "date", nullable=True),
    Output("request", "text"),
)


def _example(case: str, order: str | None, product: str, date: str | None, request: str) -> Example:
    return Example(case, {"order": order, "product": product, "date": date, "request": request})


# Values as they stand in the messages: the model copies, the software converts.
_LETTER_EN = _example("letter-en", "HL-4091", "Corail 40", "12 May 2026", "refund")
_LETTER_FR = _example("letter-fr", "HL-2284", "Kern 20", "09/06/2026", "échange")
_TWO_EN = _example("two-en", "HL-7142", "Alba 60", "March 2, 2026", "repair")
_TWO_FR = _example("two-fr", "HL-2881", "Nova 80", "14.02.2026", "remboursement")
_QUOTED_EN = _example("quoted-en", "HL-3557", "Opale 30", "21/04/2026", "refund")
_QUOTED_FR = _example("quoted-fr", "HL-4773", "Zest 90", "3 juillet 2026", "réparation")
_UNNUMBERED_EN = _example("unnumbered-en", None, "Lund 50", "6 January 2026", "exchange")
_UNNUMBERED_FR = _example("unnumbered-fr", None, "Delta 70", "25/03/2026", "remboursement")
_UNDATED_EN = _example("undated-en", "HL-2068", "Brume 30", None, "repair")
_UNDATED_FR = _example("undated-fr", "HL-6804", "Mistral 60", None, "remboursement")
_FORM_EN = _example("form-en", "HL-8440", "Solveig 20", "17 August 2026", "exchange")
_FORM_FR = _example("form-fr", "HL-3915", "Pivot 90", "05.11.2026", "réparation")

REFERENCE = PromptSpec(
    task="Copy the order number, the product, the date and the request from the message.",
    inputs=("message",),
    boundary="tags",
    collision="replace",
    missing="say",
    abstain="null",
    budget=2000,
    outputs=_OUTPUTS,
    examples=(
        _QUOTED_FR, _UNNUMBERED_EN, _TWO_FR, _UNDATED_EN, _QUOTED_EN, _UNNUMBERED_FR, _TWO_EN, _LETTER_FR,
    ),
)  # fmt: skip

GATE = prompts.gate(REFERENCE, "Give me the ticket.", (_UNDATED_FR, _LETTER_EN))

# Messages without a trap: nothing in them shows what to leave empty, or which of two orders counts.
_PLAIN = replace(REFERENCE, examples=(_LETTER_EN, _FORM_FR, _FORM_EN, _LETTER_FR))
_TRAPS = replace(REFERENCE, examples=(_UNNUMBERED_EN, _QUOTED_FR, _UNDATED_EN, _TWO_FR))
_ENGLISH_ONLY = replace(REFERENCE, examples=(_QUOTED_EN, _UNNUMBERED_EN, _UNDATED_EN, _TWO_EN))
# Dates as the system wants them: the model must convert, and invents days.
_CONVERTED = prompts.rewritten(REFERENCE, "date", lambda day: prompt.normalise(day, "date"))

_TARGET = prompts.Target(
    id="ticket-fields",
    text="message",
    inputs=("channel", "message", "customer", "phone", "address", "value", "notes"),
    expert="customer service",
    known="HL-4091 Corail 40 12 May 2026 refund; HL-2284 Kern 20 09/06/2026 échange; null Lund 50",
)

ATTEMPTS = {
    **prompts.usual(_TARGET, GATE, prompts.Earns(stuffed=12, two_examples=86.08, open_door=88.33)),
    "plain examples": Attempt(_PLAIN, 93.3, "four examples, none of them with a trap"),
    "examples with traps": Attempt(_TRAPS, 93.13, "four examples, each with a trap"),
    "nothing but examples": Attempt(prompts.bare(_TARGET, REFERENCE), 50.09, "the reference's examples, none of its settings"),
    "English examples only": Attempt(_ENGLISH_ONLY, 90.48, "half of the messages are in French"),
    "converted examples": Attempt(_CONVERTED, 95.59, "dates rewritten for the system in the examples"),
}  # fmt: skip
