"""The catalogue: `courses/` and `exercises/labs/` as frozen records, with every problem reported at once."""

from __future__ import annotations

import hashlib
import json
import sys
import tomllib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from graphlib import CycleError, TopologicalSorter
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from random import Random
from traceback import extract_tb
from types import ModuleType
from typing import Any, TypeVar

from atelier import kits, policy, records
from atelier.policy import Policy
from grader.errors import CatalogError, NotFound, Problem
from grader.model import Adoption, Attempt, Lab, LabFile, Role, RoleFile, Skills

LABS = Path("exercises/labs")
COURSES = Path("courses")
POLICY = COURSES / "policy.toml"
REQUIRED = ("lab.toml", "lab.py", "cases.py", "attempts.py", "trainer.md")
SPREAD = "spread.json"  # what was measured of a lab after the fact: no part of its version
ALLOWED = {*REQUIRED, "data", "gate.json", "replies", SPREAD}
PLACEHOLDER = "Replace: "  # what `atelier new lab` leaves for the author to write
T = TypeVar("T")
_LITTER = {"__pycache__", ".ipynb_checkpoints", ".DS_Store"}
_NO_CONTENT = {*_LITTER, SPREAD}


@dataclass(frozen=True, slots=True)
class Catalog:
    """All that Atelier can teach. Labs and roles are sorted by id."""

    root: Path
    labs: tuple[Lab, ...]
    roles: tuple[Role, ...]
    skills: Skills
    policy: Policy
    adoption: Adoption

    def lab(self, lab: str) -> Lab:
        """Return the lab with that id; NotFound names the nearest one."""
        return _find("lab", lab, {found.id: found for found in self.labs})

    def role(self, role: str) -> Role:
        """Return the role with that id; NotFound names the nearest one."""
        return _find("role", role, {found.id: found for found in self.roles})

    def track(self, role: str) -> tuple[Lab, ...]:
        """Return the labs of a role's track, in order."""
        return tuple(self.lab(lab) for lab in self.role(role).labs)

    def optional(self, role: str) -> tuple[Lab, ...]:
        """Return the labs that a role offers beside its track, in order."""
        return tuple(self.lab(lab) for lab in self.role(role).file.optional)


def _find(kind: str, name: str, among: dict[str, T]) -> T:
    if name not in among:
        raise NotFound(kind, name, among)
    return among[name]


def find_root(start: Path | None = None) -> Path:
    """Return the nearest folder, from `start` upward, that holds `courses/` and `exercises/labs/`.

    Falls back to the checkout that this package runs from.
    """
    here = (start or Path.cwd()).resolve()
    for folder in (here, *here.parents, Path(__file__).resolve().parents[1]):
        if (folder / COURSES).is_dir() and (folder / LABS).is_dir():
            return folder
    raise CatalogError(
        [Problem(str(here), "", "no courses/ and exercises/labs/ here or above; run this in a checkout")]
    )


def load(root: Path) -> Catalog:
    """Read the whole catalogue under `root`. Raises CatalogError with all problems of all files."""
    problems: list[Problem] = []
    rules = _load_toml(root / POLICY, Policy, root, problems)
    labs = []
    for folder in sorted(p for p in (root / LABS).iterdir() if p.name not in _LITTER):
        lab = _load_lab(folder, root, rules, problems)
        if lab is not None:
            labs.append(lab)
    roles = [
        Role(path.stem, file)
        for path in sorted((root / COURSES / "roles").glob("*.toml"))
        if (file := _load_toml(path, RoleFile, root, problems)) is not None
    ]
    skills = _load_toml(root / COURSES / "skills.toml", Skills, root, problems)
    adoption = _load_toml(root / COURSES / "adoption.toml", Adoption, root, problems)
    problems += _cross_check(root, labs, roles, skills, rules, adoption)
    if problems:
        raise CatalogError(problems)
    assert skills is not None
    assert rules is not None
    assert adoption is not None
    return Catalog(root, tuple(labs), tuple(roles), skills, rules, adoption)


def policy_name(policy: Policy) -> str:
    """Return what tells a policy from any other: when it was reviewed, and a hash over all it says."""
    said = json.dumps(records.dump(policy), ensure_ascii=False, sort_keys=True)
    return f"{policy.reviewed} ({hashlib.sha256(said.encode()).hexdigest()[:12]})"


def policy_over(lab: Lab) -> str:
    """Return the name of the policy in force where `lab` comes from."""
    path = lab.root.parents[len(LABS.parts)] / COURSES / "policy.toml"
    return _policy_at(path, path.stat().st_mtime_ns)


@cache
def _policy_at(path: Path, _changed: int) -> str:
    return policy_name(records.load(Policy, tomllib.loads(path.read_text(encoding="utf-8"))))


def _load_toml(path: Path, record: type, root: Path, problems: list[Problem]) -> Any:
    where = path.relative_to(root).as_posix()
    try:
        return records.load(record, tomllib.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        problems.append(Problem(where, "", "missing; add it"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        problems.append(Problem(where, "", f"not readable TOML: {error}"))
    except records.RecordError as error:
        problems.extend(Problem(where, key, says) for key, says in error.problems)
    return None


def _load_lab(folder: Path, root: Path, rules: Policy | None, problems: list[Problem]) -> Lab | None:
    where = folder.relative_to(root).as_posix()
    if not folder.is_dir():
        problems.append(Problem(where, "", "not a folder; a lab is a folder"))
        return None
    present = {p.name for p in folder.iterdir()} - _LITTER
    problems.extend(
        Problem(
            f"{where}/{name}",
            "",
            f"unexpected{_nearest(name, ALLOWED)}; a lab holds {', '.join(sorted(ALLOWED))}",
        )
        for name in sorted(present - ALLOWED)
    )
    file: LabFile | None = _load_toml(folder / "lab.toml", LabFile, root, problems) if "lab.toml" in present else None
    shared = {"cases.py"} if file is not None and file.variant_of else set()
    problems.extend(
        Problem(f"{where}/{name}", "", "missing; add it") for name in REQUIRED if name not in present | shared
    )
    if file is None:
        return None
    toml = f"{where}/lab.toml"
    kit = kits.load(file.kit)
    base = folder.parent / file.variant_of if file.variant_of else None
    if base is not None and not (base / "cases.py").is_file():
        near = _nearest(file.variant_of, (path.name for path in folder.parent.iterdir()))
        problems.append(Problem(toml, "variant_of", f'no lab "{file.variant_of}"{near}'))
        return None
    shared_setup = tomllib.loads((base / "lab.toml").read_text(encoding="utf-8")).get("setup", {}) if base else {}
    if not (kit.code if file.mode == "code" else kit.form):
        other = "form" if file.mode == "code" else "code"
        problems.append(Problem(toml, "mode", f'the kit "{kit.name}" has no {file.mode} labs; use mode = "{other}"'))
    try:
        setup = records.load(kit.setup, file.setup or shared_setup)
    except records.RecordError as error:
        problems.extend(Problem(toml, f"setup.{key}", says) for key, says in error.problems)
        setup = None
    parts_there = (
        (*kit.parts, *kit.own_parts(setup)) if setup is not None else (*kit.parts, *(c.part for c in file.checks))
    )
    ids = [check.id for check in file.checks]
    parts = [check.part for check in file.checks]
    for check in file.checks:
        key = f"checks.{check.id}"
        if check.part not in parts_there:
            problems.append(
                Problem(
                    toml,
                    f"{key}.part",
                    f'the kit "{kit.name}" has no part "{check.part}"; it has {", ".join(parts_there)}',
                )
            )
        if check.points <= 0:
            problems.append(Problem(toml, f"{key}.points", f"{check.points} is not positive; give it a share of 100"))
    if len(set(ids)) < len(ids) or len(set(parts)) < len(parts):
        problems.append(Problem(toml, "checks", "an id or a part occurs twice; each check needs its own"))
    if sum(check.points for check in file.checks) != 100:
        problems.append(Problem(toml, "checks", f"points add up to {sum(c.points for c in file.checks)}; make it 100"))
    if setup is None:
        return None
    version = _version([folder, *([base] if base else [])], rules if file.policy else None)
    return Lab(folder.name, folder, version, file, setup, rules, base)


def _nearest(name: str, known: Iterable[str]) -> str:
    near = get_close_matches(name, list(known), 1)
    return f' (did you mean "{near[0]}"?)' if near else ""


def _version(folders: Sequence[Path], rules: Policy | None) -> str:
    """Return 12 hex digits over every file of the lab's folders, and the policy that it follows: any change is a new version."""
    digest = hashlib.sha256()
    for folder in folders:
        for path in sorted(p for p in folder.rglob("*") if p.is_file() and not _NO_CONTENT.intersection(p.parts)):
            digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    if rules is not None:
        digest.update(json.dumps(records.dump(rules), sort_keys=True).encode())
    return digest.hexdigest()[:12]


def _cross_check(
    root: Path,
    labs: list[Lab],
    roles: list[Role],
    skills: Skills | None,
    rules: Policy | None,
    adoption: Adoption | None,
) -> list[Problem]:
    # A lab whose file has problems of its own is known by its folder, so that it is reported once.
    known = {p.name for p in (root / LABS).iterdir() if p.is_dir()}
    lines = {line.id for line in skills.lines} if skills else set()
    by_id = {lab.id: lab for lab in labs}
    found: list[Problem] = []
    for lab in labs:
        where = f"{LABS.as_posix()}/{lab.id}/lab.toml"
        found += [
            Problem(where, "requires", f'no lab "{need}"{_nearest(need, known)}')
            for need in lab.file.requires
            if need not in known
        ]
        found += [
            Problem(where, "skills", f'no practice line "{line}"{_nearest(line, lines)}')
            for line in lab.file.skills
            if skills and line not in lines
        ]
    found += _circle(labs)
    for role in roles:
        found += [
            Problem(f"courses/roles/{role.id}.toml", "modules.labs", f'no lab "{lab}"{_nearest(lab, known)}')
            for lab in role.labs
            if lab not in known
        ]
        found += [
            Problem(f"courses/roles/{role.id}.toml", "optional", f'no lab "{lab}"{_nearest(lab, known)}')
            for lab in role.file.optional
            if lab not in known
        ]
    for line in skills.lines if skills else ():
        for level in line.levels:
            for need in level.needs:
                key = f"lines.{line.id}.{level.id}.needs"
                if need.lab not in known:
                    found.append(Problem("courses/skills.toml", key, f'no lab "{need.lab}"{_nearest(need.lab, known)}'))
                elif need.lab in by_id and need.check not in (ids := [c.id for c in by_id[need.lab].file.checks]):
                    found.append(
                        Problem(
                            "courses/skills.toml",
                            key,
                            f'"{need.lab}" has no check "{need.check}"{_nearest(need.check, ids)}',
                        )
                    )
    found += [
        Problem(POLICY.as_posix(), key, f'no {kind} "{name}"{_nearest(name, there)}')
        for key, kind, name, there in (policy.problems(rules) if rules else ())
    ]
    for phase in adoption.phases if adoption else ():
        found += [
            Problem(
                "courses/adoption.toml", f"phases.{phase.id}.{proof.id}.labs", f'no lab "{lab}"{_nearest(lab, known)}'
            )
            for proof in phase.evidence
            for lab in proof.labs
            if lab not in known
        ]
    proofs = {proof.id for phase in adoption.phases for proof in phase.evidence} if adoption else set()
    found += [
        Problem(
            "courses/adoption.toml", f"questions.{question.id}.evidence", f'no proof "{name}"{_nearest(name, proofs)}'
        )
        for question in (adoption.questions if adoption else ())
        for name in question.evidence
        if name not in proofs
    ]
    return found


def _circle(labs: list[Lab]) -> list[Problem]:
    """Return a problem if labs require each other in a circle, so that none of them could come first."""
    try:
        TopologicalSorter({lab.id: lab.file.requires for lab in labs}).prepare()
    except CycleError as error:
        circle: list[str] = error.args[1][::-1]
        where = f"{LABS.as_posix()}/{circle[0]}/lab.toml"
        return [Problem(where, "requires", f"goes in a circle: {' → '.join(circle)}; remove one of them")]
    return []


def _module(lab: Lab, name: str) -> ModuleType:
    """Import a Python file of a lab's folder under a name of its own. It is our code, not a learner's."""
    path = (lab.cases_root if name == "cases" else lab.root) / f"{name}.py"
    spec = spec_from_file_location(f"atelier_lab_{lab.id.replace('-', '_')}_{name}", path)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    try:
        spec.loader.exec_module(module)
    except CatalogError:
        raise  # a fault of another file, which has been named
    except Exception as error:
        raise CatalogError([crash(lab, error)]) from error
    return module


def crash(lab: Lab, error: Exception, when: str = "") -> Problem:
    """Return the problem that a lab's own code raised `error`: the file, the line, and what was wrong."""
    line, name = 0, "cases.py"
    for frame in extract_tb(error.__traceback__):
        if Path(frame.filename).parent == lab.root:
            line, name = frame.lineno or 0, Path(frame.filename).name
    if isinstance(error, SyntaxError) and error.filename and Path(error.filename).parent == lab.root:
        line, name = error.lineno or 0, Path(error.filename).name
    says = f"{type(error).__name__}{when}: {error}"
    return Problem(f"{LABS.as_posix()}/{lab.id}/{name}", f"line {line}" if line else "", says)


def hidden_rng(lab: Lab, secret: str) -> Random:
    """Return the generator that hidden cases of `lab` are drawn from under a cohort's `secret`."""
    return Random(f"{secret}/{lab.cases_root.name}/hidden")


def hidden_cases(lab: Lab, secret: str) -> tuple[Any, ...]:
    """Draw the hidden cases of `lab` for a cohort's `secret`."""
    return _draw(lab, hidden_rng(lab, secret), lab.file.hidden_cases)


def practice_cases(lab: Lab, secret: str) -> tuple[Any, ...]:
    """Draw the practice cases, with gold, that the learners of a cohort get."""
    rng = Random(f"{secret}/{lab.cases_root.name}/practice")
    return _draw(lab, rng, lab.file.practice_cases, public=True)


def _draw(lab: Lab, rng: Random, n: int, **more: Any) -> tuple[Any, ...]:
    return tuple(_module(lab, "cases").cases(rng, n, **more, **_rules(lab)))


def _rules(lab: Lab) -> dict[str, Policy | None]:
    """Return what a lab that follows the policy is given to draw its cases by."""
    return {"policy": lab.policy} if lab.file.policy else {}


def released_data(lab: Lab, secret: str) -> dict[str, Any]:
    """Return what the lab draws for its learners per cohort beside practice cases: file name -> JSON data.

    Most labs draw nothing; a lab whose hidden cases must be *shown* (cards to decide on) shows them here
    without their truth.
    """
    draw: Callable[..., dict[str, Any]] | None = getattr(_module(lab, "cases"), "released", None)
    return draw(hidden_rng(lab, secret), **_rules(lab)) if draw else {}


def attempts(lab: Lab) -> tuple[Any, dict[str, Attempt]]:
    """Return the reference answer of `lab` and its declared attempts by name."""
    module = _module(lab, "attempts")
    return getattr(module, "REFERENCE", None), dict(module.ATTEMPTS)


def gate_specs(lab: Lab) -> dict[str, Any] | None:
    """Return the three reference prompts of a lab's qualification gate, or None if it asks no model."""
    specs: dict[str, Any] | None = getattr(_module(lab, "attempts"), "GATE", None)
    return specs


def lab_at(folder: Path) -> Lab:
    """Read one lab's folder alone. Raises CatalogError with all its problems."""
    problems: list[Problem] = []
    root = folder.parents[2]
    found = _load_lab(folder, root, _load_toml(root / POLICY, Policy, root, problems), problems)
    if problems or found is None:
        raise CatalogError(problems)
    return found
