"""The reference prompt, the prompts of the qualification gate, and what wrong and cheating answers earn."""

from __future__ import annotations

from dataclasses import replace

from atelier.kits.prompting import prompt
from atelier.kits.prompting.records import Example, Output, PromptSpec
from grader import prompts
from grader.model import Attempt

_OUTPUTS = (
    Output("renewal", "text", nullable=True),
    Output("notice", "text"),
    Output("cap", "amount", nullable=True),
    Output("law", "text"),
)


def _example(case: str, renewal: str | None, notice: str, cap: str | None, law: str) -> Example:
    return Example(case, {"renewal": renewal, "notice": notice, "cap": cap, "law": law})


# Values as they stand in the contracts: the model copies, the software converts.
_PERIODS_EN = _example("periods-en", "36 months", "120 days", "€45,000", "Sweden")
_PERIODS_FR = _example("periods-fr", "9 mois", "75 jours", "35 000 €", "Grèce")
_CARVE_EN = _example("carve-en", "15 months", "20 days", "EUR 30,000", "Norway")
_CARVE_FR = _example("carve-fr", "3 mois", "100 jours", "EUR 90 000", "France")
_DEFINED_EN = _example("defined-en", "9 months", "75 days", "EUR 65,000", "Poland")
_DEFINED_FR = _example("defined-fr", "30 mois", "40 jours", "55 000 €", "Norvège")
_PENALTY_EN = _example("penalty-en", "3 months", "10 days", None, "Finland")
_PENALTY_FR = _example("penalty-fr", "15 mois", "25 jours", None, "Pologne")
_FIXED_EN = _example("fixed-en", None, "15 days", "EUR 35,000", "France")
_FIXED_FR = _example("fixed-fr", None, "50 jours", "70 000 €", "Suède")
_VENUE_EN = _example("venue-en", "36 months", "80 days", "EUR 95,000", "Greece")
_VENUE_FR = _example("venue-fr", "9 mois", "120 jours", "85 000 €", "Autriche")

REFERENCE = PromptSpec(
    task="Copy the renewal period, the notice, the liability cap and the governing law from the contract.",
    inputs=("contract",),
    boundary="tags",
    collision="replace",
    missing="say",
    abstain="null",
    budget=2000,
    outputs=_OUTPUTS,
    examples=(
        _FIXED_FR, _DEFINED_EN, _PENALTY_FR, _PERIODS_EN, _FIXED_EN, _PERIODS_FR, _PENALTY_EN, _CARVE_FR,
    ),
)  # fmt: skip

GATE = prompts.gate(REFERENCE, "Give me the key terms.", (_FIXED_FR, _VENUE_EN))

# Contracts without a trap: nothing in them shows what to leave empty.
_PLAIN = replace(REFERENCE, examples=(_PERIODS_EN, _VENUE_FR, _VENUE_EN, _PERIODS_FR))
_TRAPS = replace(REFERENCE, examples=(_FIXED_FR, _DEFINED_EN, _PENALTY_EN, _CARVE_FR))
_ENGLISH_ONLY = replace(REFERENCE, examples=(_FIXED_EN, _DEFINED_EN, _PENALTY_EN, _CARVE_EN))
# Amounts as the register wants them: the model must convert, and drops noughts.
_CONVERTED = prompts.rewritten(REFERENCE, "cap", lambda cap: prompt.normalise(cap, "amount"))

_TARGET = prompts.Target(
    id="contract-terms",
    text="contract",
    inputs=("kind", "contract", "party", "contact", "position", "opinion", "price"),
    expert="contract law",
    known="36 months 120 days €45,000 Sweden; 9 mois 75 jours 35 000 € Grèce; null 15 days EUR 35,000 France",
)

ATTEMPTS = {
    **prompts.usual(_TARGET, GATE, prompts.Earns(stuffed=12, two_examples=90.24, open_door=88.33)),
    "plain examples": Attempt(_PLAIN, 96.55, "four examples, none of them with a trap"),
    "examples with traps": Attempt(_TRAPS, 96.17, "four examples, each with a trap"),
    "English examples only": Attempt(_ENGLISH_ONLY, 87.56, "half of the contracts are in French"),
    "converted examples": Attempt(_CONVERTED, 98.09, "amounts rewritten for the register in the examples"),
    "nothing but examples": Attempt(prompts.bare(_TARGET, REFERENCE), 43.95, "the reference's examples, none of its settings"),
}  # fmt: skip
