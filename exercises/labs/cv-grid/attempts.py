"""The reference prompt, the prompts of the qualification gate, and what wrong and cheating answers earn."""

from __future__ import annotations

from dataclasses import replace

from atelier.kits.prompting.records import Example, Output, PromptSpec
from grader import prompts
from grader.model import Attempt

_OUTPUTS = (Output("degree", "text", nullable=True), Output("job", "text"), Output("language", "text", nullable=True))


def _example(case: str, degree: str | None, job: str, language: str | None) -> Example:
    return Example(case, {"degree": degree, "job": job, "language": language})


# Quotes: the model copies, nothing is put into other words.
_NEWEST_EN = _example("newest-en", "BSc in Physics, 2015", "2019 - 2023 Auditor, Garrigue", "English C2")
_NEWEST_FR = _example("newest-fr", "Licence de chimie, 2013", "2017 - 2021 Vendeur, Escale", "Anglais B2")
_OLDEST_EN = _example(
    "oldest-en", "Diploma in Tourism, 2012", "11/2016 - 05/2020 Hotel manager, Delta Nord", "English C1"
)
_OLDEST_FR = _example("oldest-fr", "BTS banque, 2014", "2017 - 2021 Conseiller, Valmont", "Anglais A2")
_PROGRESS_EN = _example("progress-en", "BA in Geography, 2016", "2020 - 2024 Planner, Zéphyr", "English B1")
_PROGRESS_FR = _example("progress-fr", "BUT informatique, 2012", "2016 - 2020 Dessinateur, Belleroche", "Anglais C1")
_NONE_EN = _example("none-en", None, "07/2018 - 04/2022 Recruiter, Castellan", "English B2")
_NONE_FR = _example("none-fr", None, "2017 - 2020 Agent de paie, Jolimont", "Anglais B1")
_GAP_EN = _example("gap-en", "Diploma in Nursing, 2013", "2016 - 2020 Nurse, Quai Neuf", "English A2")
_GAP_FR = _example("gap-fr", "Licence de maths, 2017", "12/2021 - 06/2024 Actuaire, Fonderie Lys", "Anglais C2")
_OVERLAP_EN = _example("overlap-en", "BA in Drama, 2014", "2017 - 2021 Editor, Cap Lumière", "English C2")
_OVERLAP_FR = _example("overlap-fr", "BTS photo, 2015", "2018 - 2023 Infographiste, Montclar", "Anglais B1")
_SILENT_EN = _example("silent-en", "BSc in Biology, 2016", "2020 - 2024 Lab manager, Verrerie Sud", None)
_SILENT_FR = _example("silent-fr", "BUT mesures, 2011", "2015 - 2019 Contremaître, Papeterie Oise", None)

REFERENCE = PromptSpec(
    task="Quote the finished degree, the last job and the level of English from the CV.",
    inputs=("cv",),
    boundary="tags",
    collision="replace",
    missing="say",
    abstain="null",
    budget=2000,
    outputs=_OUTPUTS,
    examples=(
        _SILENT_EN, _OLDEST_FR, _NONE_EN, _GAP_FR, _OVERLAP_EN, _PROGRESS_FR, _SILENT_FR, _OLDEST_EN,
    ),
)  # fmt: skip

GATE = prompts.gate(REFERENCE, "Fill in the grid.", (_SILENT_FR, _NEWEST_EN))

# CVs without a trap: nothing in them shows what to leave empty.
_PLAIN = replace(REFERENCE, examples=(_NEWEST_FR, _OLDEST_EN, _OLDEST_FR, _NEWEST_EN))
_TRAPS = replace(REFERENCE, examples=(_SILENT_EN, _GAP_FR, _NONE_EN, _PROGRESS_FR))
_ENGLISH_ONLY = replace(REFERENCE, examples=(_SILENT_EN, _GAP_EN, _NONE_EN, _PROGRESS_EN))
# The job's title alone, without dates and firm: not the line that the grid needs.
_REWORDED = prompts.rewritten(REFERENCE, "job", lambda job: str(job).split(" ", 3)[-1].split(",")[0])

_TARGET = prompts.Target(
    id="cv-grid",
    text="CV",
    inputs=("offer", "cv", "name", "born", "photo", "address", "nationality", "family"),
    expert="recruitment",
    known="BSc in Physics, 2015, 2019 - 2023 Auditor, English C2; null, 2017 - 2020 Agent de paie, Anglais B1",
)

ATTEMPTS = {
    **prompts.usual(_TARGET, GATE, prompts.Earns(stuffed=16, two_examples=89.37, open_door=88.33, unread=20)),
    "nothing but examples": Attempt(prompts.bare(_TARGET, REFERENCE), 45.93, "the reference's examples, none of its settings"),
    "plain examples": Attempt(_PLAIN, 93.01, "four examples, none of them with a trap"),
    "examples with traps": Attempt(_TRAPS, 88.53, "four examples, each with a trap"),
    "English examples only": Attempt(_ENGLISH_ONLY, 87.69, "half of the CVs are in French"),
    "jobs without dates": Attempt(_REWORDED, 89.37, "the reference's examples, the job's title instead of its line"),
}  # fmt: skip
