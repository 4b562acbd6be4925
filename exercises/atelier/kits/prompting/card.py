"""The prompt in words and ready to copy, for the "take to work" card. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from atelier.kits.base import Passage
from atelier.kits.prompting import prompt
from atelier.kits.prompting.records import PromptCase, PromptSetup, PromptSpec

_MISSING: Mapping[str, str] = {
    "blank": "Where an entry is missing: leave its place empty.",
    "say": f"Where an entry is missing: write “{prompt.NOT_GIVEN}”.",
    "stop": "Where an entry is missing: a person reads the document.",
}
_COLLISION: Mapping[str, str] = {
    "leave": "",
    "replace": "If a document holds the mark itself: replace it first.",
    "stop": "If a document holds the mark itself: a person reads it.",
}


def card(spec: PromptSpec, cases: Sequence[PromptCase], setup: PromptSetup) -> tuple[Passage, ...]:
    """Return the prompt with its examples, and the settings around it."""
    if not spec.task.strip():
        return ()
    return (Passage("My prompt, to copy", text=copyable(spec, setup)), Passage("Around it", _around(spec, setup)))


def copyable(spec: PromptSpec, setup: PromptSetup) -> str:
    """Return all turns as one text: what to do, the examples with their replies, and places for the next document."""
    system, *turns = prompt.fixed_turns(spec, setup)
    told = [system.content]
    told += [
        f"Example {place // 2 + 1}\n{turns[place].content}\nReply: {turns[place + 1].content}"
        for place in range(0, len(turns), 2)
    ]
    places = {known.name: f"[{known.label}]" for known in setup.inputs}
    last = prompt.user_turn(replace(spec, budget=0), places, setup)
    return "\n\n".join([*told, f"Now this one\n{last}"] if last else told)


def _around(spec: PromptSpec, setup: PromptSetup) -> tuple[str, ...]:
    goes_in = [known.label for known in setup.inputs if known.name in spec.inputs]
    stays_out = [known.label for known in setup.inputs if known.name not in spec.inputs]
    optional = [output.name for output in spec.outputs if output.nullable]
    lines = (
        f"Goes in: {', '.join(goes_in) or 'nothing'}.",
        f"Stays out: {', '.join(stays_out)}." if stays_out else "",
        _MISSING[spec.missing],
        _COLLISION[spec.collision] if spec.boundary != "none" else "",
        f"At most {spec.budget:,} characters of a document go in." if spec.budget else "",
        f"May be empty in the reply: {', '.join(optional)}. Everything else must be there." if optional else "",
    )
    return tuple(line for line in lines if line)
