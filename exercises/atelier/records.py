"""JSON and TOML in, frozen records out, and back. Every problem of a document is reported, not the first.

pydantic checks stdlib dataclasses as they stand, so the records themselves stay free of it.
"""

from __future__ import annotations

import json
from dataclasses import fields, is_dataclass
from difflib import get_close_matches
from functools import cache
from typing import Any, get_args, get_type_hints

from pydantic import ConfigDict, TypeAdapter, ValidationError


class RecordError(ValueError):
    """A document does not fit its record. `problems` holds (key path, what is wrong and what to do)."""

    def __init__(self, problems: list[tuple[str, str]]) -> None:
        self.problems = problems
        super().__init__("; ".join(f"{key}: {says}" for key, says in problems))


@cache
def _forbid_unknown(record: type) -> None:
    """Make `record` and all dataclasses inside it refuse keys that they do not know."""
    record.__pydantic_config__ = ConfigDict(extra="forbid")  # type: ignore[attr-defined]
    for hint in get_type_hints(record).values():
        for inner in _dataclasses(hint):
            _forbid_unknown(inner)


def _dataclasses(hint: Any) -> list[type]:
    if is_dataclass(hint) and isinstance(hint, type):
        return [hint]
    return [found for arg in get_args(hint) for found in _dataclasses(arg)]


@cache
def _adapter(record: Any) -> TypeAdapter[Any]:
    for inner in _dataclasses(record):
        _forbid_unknown(inner)
    return TypeAdapter(record)


def _known_keys(record: Any, path: tuple[int | str, ...]) -> list[str]:
    """Return the keys allowed at `path` of `record`, for a suggestion; empty if the path leaves the records."""
    hint = record
    for step in path:
        found = _dataclasses(hint)
        if not found:
            return []
        if isinstance(step, int):
            continue
        hints = [get_type_hints(f) for f in found]
        hint = next((h[step] for h in hints if step in h), hint)
    return [f.name for d in _dataclasses(hint) for f in fields(d)]


def load(record: Any, raw: object) -> Any:
    """Build `record` (a dataclass, or a tuple type of them) from plain JSON or TOML data.

    Raises RecordError listing every unknown key (with the nearest known one), missing key and wrong type.
    """
    try:
        return _adapter(record).validate_python(raw)
    except ValidationError as error:
        problems = []
        for item in error.errors():
            path = tuple(item["loc"])
            key = ".".join(str(step) for step in path) or "(whole document)"
            if item["type"] in ("extra_forbidden", "unexpected_keyword_argument"):
                near = get_close_matches(str(path[-1]), _known_keys(record, path[:-1]), 1)
                says = "unknown key" + (f'; did you mean "{near[0]}"?' if near else "; remove it")
            elif item["type"] in ("missing", "missing_argument"):
                says = "missing; add it"
            else:
                says = f"{item['msg'][:1].lower()}{item['msg'][1:]}; got {item['input']!r:.80}"
            problems.append((key, says))
        raise RecordError(problems) from error


def dump(record: Any) -> Any:
    """Return `record` as plain JSON data (dicts, lists, strings, numbers)."""
    if isinstance(record, str | int | float | None):
        return record
    if isinstance(record, dict):
        return {str(k): dump(v) for k, v in record.items()}
    if isinstance(record, tuple | list | frozenset | set):
        return [dump(v) for v in record]
    if is_dataclass(record) and not isinstance(record, type):
        return {field.name: dump(getattr(record, field.name)) for field in fields(record)}
    return record


def text(record: Any) -> str:
    """Return `record` as the JSON text that our files hold."""
    return json.dumps(dump(record), ensure_ascii=False, indent=1) + "\n"
