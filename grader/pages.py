"""The organisation's site, as Markdown: `render(...)` maps page paths to text. Pure: no clock, disk or network.

Everything here is derived from the catalogue and, for progress, from an `Aggregate`. A person's score cannot
reach these pages: the records that they are made from hold none.
"""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin, get_type_hints

import click

from atelier.kits.base import percent
from atelier.policy import Policy
from grader import charts, guidance, templates
from grader.kpi import FEWEST
from grader.model import Adoption, Check, Lab, LabFile, Limits, Role, Skills
from grader.progress.adoption import Answered, answers, standing
from grader.progress.group import SMALLEST_GROUP, Aggregate, Cell, Group
from grader.spread import COHORTS

if TYPE_CHECKING:
    from grader.engines.gate import Gate
    from grader.quality import Quality


def render(
    *,
    roles: Sequence[Role],
    labs: Sequence[Lab],
    skills: Skills,
    policy: Policy,
    adoption: Adoption,
    aggregate: Aggregate | None = None,
    gates: Mapping[str, Mapping[str, Gate]] | None = None,
    hub: str = "",
) -> dict[str, str]:
    """Return every derived page of the curriculum: path under the site's root -> Markdown.

    gates   lab id -> engine id -> gate, as `gate.load` gives it per lab
    hub     address of the JupyterHub where learners work; without one, pages give the command for the own machine
    """
    by_id = {lab.id: lab for lab in labs}
    titles = {lab.id: lab.file.title for lab in labs}
    lines = {line.id: line.title for line in skills.lines}
    levels = list(dict.fromkeys(level.title for line in skills.lines for level in line.levels))
    shown = publishable(aggregate)
    phases = standing(adoption, roles, policy, shown)
    stand = {
        "phases": phases,
        "reached": next((phase for phase in reversed(phases) if phase.reached), None),
        "upcoming": next((phase for phase in phases if not phase.reached), None),
        "titles": titles,
        "day": shown.day,
        "smallest": SMALLEST_GROUP,
    }
    read = {group.role: guidance.read(group, _role(group, roles), titles, skills) for group in shown.groups}
    told = [
        {"id": g.role, "title": _title(g, roles), "people": g.people, "kpis": g.kpis, "labs": guidance.labs_shown(g)}
        for g in shown.groups
    ]
    answered = answers(adoption, phases)
    pages = {
        "index.md": _page("home", hide=["navigation", "toc"], roles=roles, labs=labs),
        "roles/index.md": _page("roles", title="Tracks by role", roles=roles, labs=labs),
        "labs/index.md": _page("labs", title="All labs", labs=labs, roles=roles),
        "skills.md": _page("skills", title="Skills", hide=["navigation"], skills=skills, levels=levels, titles=titles),
        "policy.md": _page("policy", title="Policy", policy=policy),
        "adoption.md": _page("adoption", title="Adoption", **stand),
        "manager.md": _page("manager", title="For managers", **stand, groups=told, read=read),
        "executive.md": _page(
            "executive",
            title="Readiness report",
            hide=["toc"],
            **stand,
            groups=told,
            answers=answered,
            sure=sum(answer.answered is Answered.YES for answer in answered),
        ),
        "progress.md": _page(
            "progress",
            title="Progress",
            groups=[_group(group, roles, titles) for group in shown.groups],
            heat={group.role: _heat(group, skills) for group in shown.groups},
            practises=next((line.levels[1].title for line in skills.lines if len(line.levels) > 1), ""),
            fewest=FEWEST,
            kpi_chart=charts.kpi,
            smallest=SMALLEST_GROUP,
            titles=titles,
            lines=lines,
        ),
    }
    for role in roles:
        about = {"title": role.file.title, "description": role.file.summary}
        pages[f"roles/{role.id}.md"] = _page("role", **about, role=role, labs=by_id, titles=titles, hub=hub.rstrip("/"))
    for lab in labs:
        about = {"title": lab.file.title, "description": lab.file.summary}
        known = {
            "gates": (gates or {}).get(lab.id, {}),
            "roles": roles,
            "titles": titles,
            "lines": lines,
            "hub": hub.rstrip("/"),
        }
        pages[f"labs/{lab.id}.md"] = _page("lab", **about, **known, lab=lab)
    return pages


def quality_page(quality: Quality | None, labs: Sequence[Lab]) -> str:
    """Return the trainers' page on what `atelier check --report` found of `labs`; a lab changed since is marked."""
    known = {lab.id: lab for lab in labs}
    found = [lab for lab in quality.labs if lab.lab in known] if quality else []
    return _page(
        "lab-quality",
        title="Quality of the labs",
        day=quality.day if quality else "",
        labs=found,
        cohorts=COHORTS,
        stale={lab.lab for lab in found if lab.version != known[lab.lab].version},
        titles={lab.id: lab.file.title for lab in labs},
    )


def _page(name: str, **data: Any) -> str:
    # Templates leave blank lines where a block is left out; Markdown needs one.
    return re.sub(r"\n{3,}", "\n\n", templates.page(f"site/{name}.md", **data)).strip() + "\n"


def publishable(aggregate: Aggregate | None) -> Aggregate:
    """Return the aggregate without anything on fewer than five people, whoever wrote it."""
    groups = aggregate.groups if aggregate else ()
    large = tuple(_large_only(group) for group in groups if group.people >= SMALLEST_GROUP)
    return Aggregate(1, large, aggregate.day if aggregate else "")


def _large_only(group: Group) -> Group:
    return replace(
        group,
        labs=tuple(
            replace(lab, bands=lab.bands if _all_large(lab.bands) else ())
            for lab in group.labs
            if lab.n >= SMALLEST_GROUP
        ),
        lines=tuple(line for line in group.lines if _all_large(line.levels)),
        lures=tuple(lure for lure in group.lures if min(lure.at_least, lure.n - lure.at_least) >= SMALLEST_GROUP),
        waves=group.waves if all(wave.people >= SMALLEST_GROUP for wave in group.waves) else (),
    )


def _all_large(cells: Iterable[Cell]) -> bool:
    return all(cell.people >= SMALLEST_GROUP for cell in cells)


def _role(group: Group, roles: Sequence[Role]) -> Role | None:
    return next((role for role in roles if role.id == group.role), None)


def _title(group: Group, roles: Sequence[Role]) -> str:
    role = _role(group, roles)
    return role.file.title if role else group.role


def _group(group: Group, roles: Sequence[Role], titles: Mapping[str, str]) -> dict[str, Any]:
    role = _role(group, roles)
    shown = {lab.lab for lab in group.labs}
    means = [charts.Bar(titles.get(lab.lab, lab.lab), lab.mean, lab.interval) for lab in group.labs]
    lures = [charts.Bar(lure.kind, lure.at_least / lure.n) for lure in group.lures]
    waves = [charts.Bar(f"{wave.begun} {wave.course}", wave.mean, wave.interval) for wave in group.waves]
    points = [(step.said, step.right) for step in group.confidence]
    return {
        "id": group.role,
        "title": _title(group, roles),
        "people": group.people,
        "labs": group.labs,
        "lines": group.lines,
        "lures": group.lures,
        "waves": group.waves,
        "kpis": group.kpis,
        "confidence": group.confidence,
        "left_out": [lab for lab in role.labs if lab not in shown] if role else [],
        "labs_chart": charts.bars("Mean share of points, by lab", _words(means), means) if means else None,
        "lures_chart": charts.bars("What caught most", f"At least so many: {_words(lures)}", lures) if lures else None,
        "waves_chart": charts.bars("Mean share of points, by wave", _words(waves), waves) if len(waves) > 1 else None,
        "confidence_chart": charts.confidence(points) if len(points) > 1 else None,
    }


def _words(found: Iterable[charts.Bar]) -> str:
    return "; ".join(f"{bar.label}: {percent(bar.value)}" for bar in found) + "."


@dataclass(frozen=True, slots=True)
class _Heat:
    """A field of the heat map: the share of people who surely reached "practises"; None where that can be said of nobody."""

    share: float | None
    people: int


def _heat(group: Group, skills: Skills) -> dict[str, _Heat]:
    """Return, by practice line, how many surely reached its second level. From merged levels: it is a lower bound."""
    found = {}
    for line in skills.lines:
        levels = next((told.levels for told in group.lines if told.line == line.id), ())
        high = {level.title for level in line.levels[1:]}
        people = sum(cell.people for cell in levels)
        sure = sum(cell.people for cell in levels if cell.low in high)
        found[line.id] = _Heat(sure / people if sure else None, people)
    return found


@dataclass(frozen=True, slots=True)
class _Option:
    names: str
    help: str
    default: str


@dataclass(frozen=True, slots=True)
class _Command:
    path: str
    usage: str
    help: str
    options: tuple[_Option, ...]

    @property
    def anchor(self) -> str:
        return self.path.replace(" ", "-")


def command_reference(group: click.Group) -> str:
    """Return the reference page of a click group: every command with usage, help and options."""
    return _page("commands", title="Commands", commands=list(_commands(group, (), group.context_settings)))


def _commands(group: click.Group, path: tuple[str, ...], settings: Mapping[str, Any]) -> Iterator[_Command]:
    for name, command in sorted(group.commands.items()):
        if command.hidden:
            continue
        if isinstance(command, click.Group):
            yield from _commands(command, (*path, name), settings)
            continue
        full = " ".join((*path, name))
        # A command remembers its help option from the first context it meets: it must be the group's.
        with click.Context(command, info_name=f"atelier {full}", **settings) as context:
            usage = command.get_usage(context).removeprefix("Usage: ")
        options = tuple(
            _Option(", ".join((*found.opts, *found.secondary_opts)), found.help or "", _default(found))
            for found in command.params
            if isinstance(found, click.Option) and not found.hidden
        )
        yield _Command(full, usage, inspect.cleandoc(command.help or ""), options)


def _default(option: click.Option) -> str:
    # What is computed (a user's name) or said in the help text would mislead here.
    value = option.default
    return str(value) if isinstance(value, str | int) and not option.is_flag and value != "" else ""


@dataclass(frozen=True, slots=True)
class _Key:
    """A key of a TOML table; `default` is None where the key is required."""

    name: str
    type: str
    says: str
    default: str | None


def lab_reference(setups: Mapping[str, type]) -> str:
    """Return the reference page of `lab.toml`, from the records that read it. `setups`: kit -> its setup record."""
    return _page(
        "lab-toml",
        title="lab.toml",
        file=keys(LabFile),
        checks=keys(Check),
        limits=keys(Limits),
        setups=[
            {"kit": kit, "says": _summary(setup), "own": keys(setup), "inner": list(_tables(setup))}
            for kit, setup in sorted(setups.items())
        ],
    )


def policy_reference() -> str:
    """Return the reference page of `policy.toml`, from the record that reads it."""
    return _page("policy-toml", title="policy.toml", file=keys(Policy), tables=list(_tables(Policy)))


def _summary(record: type) -> str:
    return inspect.cleandoc(record.__doc__ or "").split("\n\n")[0]


def _tables(record: type) -> Iterator[dict[str, Any]]:
    """Yield the tables inside a record, each once, in the order in which an author meets them."""
    waiting, met = list(_inside(record)), {record}
    while waiting:
        inner = waiting.pop(0)
        if inner not in met:
            met.add(inner)
            yield {"name": inner.__name__, "says": _summary(inner), "keys": keys(inner)}
            waiting = [*_inside(inner), *waiting]


def _inside(record: type) -> list[type]:
    return [found for hint in get_type_hints(record).values() for found in _named(hint)]


def _named(hint: Any) -> list[type]:
    if is_dataclass(hint) and isinstance(hint, type):
        return [hint]
    return [found for argument in get_args(hint) for found in _named(argument)]


_DOCUMENTED = re.compile(r"(?P<keys>[a-z_]+(?:, [a-z_]+)*) {2,}(?P<says>\S.*)")


def keys(record: type) -> tuple[_Key, ...]:
    """Return the keys of a dataclass, with what its docstring says of each in lines of "key   meaning"."""
    hints = get_type_hints(record)
    says: dict[str, str] = {}
    current: tuple[str, ...] = ()
    for line in inspect.cleandoc(record.__doc__ or "").splitlines():
        if found := _DOCUMENTED.fullmatch(line):
            current = tuple(found["keys"].split(", "))
            says |= dict.fromkeys(current, found["says"])
        elif current and line.startswith("  "):
            says |= {key: f"{says[key]} {line.strip()}" for key in current}
        else:
            current = ()
    return tuple(
        _Key(field.name, _kind(hints[field.name]), says.get(field.name, ""), _written(field))
        for field in fields(record)
    )


_KINDS = {str: "text", int: "whole number", float: "number", bool: "true or false"}


def _kind(hint: Any) -> str:
    """Return a type as an author of TOML would call it, such as "list of text"."""
    arguments = [argument for argument in get_args(hint) if argument not in (type(None), ...)]
    match get_origin(hint):
        case None:
            return _KINDS.get(hint) or f"table ({hint.__name__})"
        case origin if origin is Literal:
            return " or ".join(json.dumps(argument) for argument in arguments)
        case origin if origin is tuple:
            listed = get_args(hint)[-1] is ...
            return f"list of {_kind(arguments[0])}" if listed else f"list: {', '.join(map(_kind, arguments))}"
        case origin if origin is dict:
            return "table"
        case _:
            return " or ".join(map(_kind, arguments))


def _written(field: Field[Any]) -> str | None:
    """Return a field's default as TOML would write it; None if the field is required."""
    if field.default_factory is not MISSING:
        return "[]" if field.default_factory in (tuple, list) else "{}"
    if field.default is MISSING:
        return None
    if field.default is None:
        return "unset"
    return "[]" if field.default == () else json.dumps(field.default, ensure_ascii=False)
