"""Scaffolding: a new lab or role from the templates in `templates/new`, whole enough for the structural part of the check.

A scaffolded lab works: it draws real cases and has a reference that earns its points. What an author must add is what the
check asks for: more attempts, a story, the trainer's page.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from string import Template

from atelier import kits
from atelier.files import write_text
from grader import catalog
from grader.errors import GraderError, NotFound

_TEMPLATES = Path(__file__).parent / "templates" / "new"
_ID = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_LONGEST = 40

# Per kit: practice line, practice and hidden cases, ids of the checks in `setup.toml.txt`.
_KITS = {
    "prompting": ("prompting", 12, 60, ("right-values", "reply-contract", "difficult-documents", "nothing-extra")),
    "validation": ("validation", 20, 120, ("catch-rate", "right-field", "robust")),
    "redaction": ("data-handling", 4, 60, ("leak", "utility", "linkage", "consistency")),
    "decisions": ("validation", 6, 60, ("cost", "calibration")),
    "testing": ("validation", 4, 45, ("kill-rate", "steady-verdict", "sample-size")),
    "functions": ("validation", 12, 80, ("late-fee",)),
}


def lab(root: Path, lab_id: str, kit: str) -> Path:
    """Make `exercises/labs/<lab_id>` in the catalogue at `root`, judged by `kit`; returns its folder.

    Nothing is overwritten. Raises NotFound for an unknown kit, GraderError for an id that cannot be one or is taken.
    """
    if kit not in _KITS:
        raise NotFound("kit", kit, kits.NAMES)
    folder = root / catalog.LABS / _named(lab_id, "lab")
    if folder.exists():
        raise GraderError(f"The lab {lab_id!r} exists already: {folder}.", "Choose another id, or edit that one.")
    skill, practice, hidden, checks = _KITS[kit]
    told = {
        "id": lab_id,
        "title": _title(lab_id),
        "kit": kit,
        "mode": "form" if kits.load(kit).form else "code",
        "skill": skill,
        "practice": str(practice),
        "hidden": str(hidden),
    }
    told["setup"] = _filled(f"{kit}/setup.toml.txt", told)
    # A code lab hands over the function that is named after its check.
    code = not kits.load(kit).form
    handed = {check: f", {check.replace('-', '_')}" if code else "" for check in checks}
    told["checks"] = "\n".join(f'# %% check="{check}"\nlab.check("{check}"{handed[check]})' for check in checks)
    told["answer"] = _filled(f"{kit}/answer.py.txt", told).rstrip() if code else "# %%\nlab.form()"
    aside = folder.with_name(f".{lab_id}.new")
    shutil.rmtree(aside, ignore_errors=True)
    (aside / "data").mkdir(parents=True)
    shutil.copyfile(_TEMPLATES / kit / "first-case.txt", aside / "data" / "first-case.txt")
    for source in ("any/lab.toml", "any/lab.py", "any/trainer.md", f"{kit}/cases.py", f"{kit}/attempts.py"):
        (aside / Path(source).name).write_text(_filled(f"{source}.txt", told), encoding="utf-8")
    aside.replace(folder)
    return folder


def role(root: Path, role_id: str) -> Path:
    """Make `courses/roles/<role_id>.toml` in the catalogue at `root`, every key explained; returns the file."""
    path = root / catalog.COURSES / "roles" / f"{_named(role_id, 'role')}.toml"
    if path.exists():
        raise GraderError(f"The role {role_id!r} exists already: {path}.", "Choose another id, or edit that one.")
    write_text(path, _filled("any/role.toml.txt", {"title": _title(role_id)}))
    return path


def _named(name: str, kind: str) -> str:
    if not _ID.fullmatch(name) or len(name) > _LONGEST:
        raise GraderError(
            f"{name!r} cannot be the id of a {kind}.",
            f"Use lower-case words joined by hyphens, such as invoice-checks, {_LONGEST} characters at most.",
        )
    return name


def _title(name: str) -> str:
    return name.replace("-", " ").capitalize()


def _filled(name: str, told: dict[str, str]) -> str:
    return Template((_TEMPLATES / name).read_text(encoding="utf-8")).substitute(told)
