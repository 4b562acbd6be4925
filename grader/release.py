"""From a lab's folder to what learners get, by an allow-list: notebook, `lab.json`, practice cases, `data/`."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

from atelier import records
from atelier.lab import LAB_FILE, PRACTICE_FILE, LabInfo, PublicCheck
from grader import catalog, nbg, notebook
from grader.engines.gate import Gate
from grader.errors import CatalogError, Problem
from grader.model import Lab
from grader.workspace import Workspace


def info(lab: Lab) -> LabInfo:
    """Return what a learner may know of `lab`."""
    file = lab.file
    return LabInfo(
        format=1,
        id=lab.id,
        version=lab.version,
        title=file.title,
        kit=file.kit,
        minutes=file.minutes,
        summary=file.summary,
        why=file.why,
        hand_in=file.hand_in,
        objectives=file.objectives,
        tomorrow=file.tomorrow,
        checks=tuple(PublicCheck(c.id, c.part, c.points, c.says) for c in file.checks),
        setup=records.dump(lab.setup),
        policy=lab.policy,
        mode=file.mode,
    )


def qualified(lab: Lab, gate: Gate | None) -> Lab:
    """Return `lab` with the engine's gate figures in its setup, where its kit asks for them.

    Without a gate the setup stays unqualified: points that need the engine are then not evaluated.
    """
    if not hasattr(lab.setup, "qualified") or gate is None:
        return lab
    setup = replace(lab.setup, qualified=gate.qualified, baseline=gate.accuracy["bad"], reference=gate.accuracy["good"])
    return replace(lab, setup=setup)


def stage(lab: Lab, secret: str, folder: Path) -> None:
    """Write the source of `lab` for a cohort into `folder`, which is replaced whole.

    It is the release plus the hidden blocks in the notebook; nbgrader derives the release from it.
    Raises CatalogError if the lab's own files contradict each other.
    """
    aside = folder.with_name(f".{folder.name}.new")
    shutil.rmtree(aside, ignore_errors=True)
    (aside / "data").mkdir(parents=True)
    files: dict[str, str] = {
        f"{lab.id}.ipynb": notebook.dumps(notebook.source(lab)),
        LAB_FILE: _json(records.dump(info(lab))),
        PRACTICE_FILE: _json({"cases": records.dump(catalog.practice_cases(lab, secret))}),
    }
    files |= {f"data/{name}": _json(data) for name, data in catalog.released_data(lab, secret).items()}
    for name, text in files.items():
        (aside / name).write_text(text, encoding="utf-8")
    shared = sorted((lab.base / "data").glob("*")) if lab.base else []
    for path in [*shared, *sorted((lab.root / "data").glob("*"))]:
        target = aside / "data" / path.name
        if target.exists() or not path.is_file() or path.is_symlink():
            raise CatalogError(
                [
                    Problem(
                        f"exercises/labs/{lab.id}/data/{path.name}",
                        "",
                        "not a plain file of its own; rename or remove it",
                    )
                ]
            )
        shutil.copyfile(path, target)
    if folder.exists():
        shutil.rmtree(folder)
    aside.replace(folder)


def _json(data: Any) -> str:
    return json.dumps(data, ensure_ascii=False, indent=1) + "\n"


def release(space: Workspace, lab: Lab) -> bool:
    """Release `lab` to the cohort: stage it, derive the release, put it into the exchange.

    Returns False if this version was released before with the same setup and policy; then nothing is touched.
    """
    if (
        _released(space, lab.id, "version") == lab.version
        and _released(space, lab.id, "policy") == records.dump(lab.policy)
        and _released(space, lab.id, "setup")
        == json.loads(_json(records.dump(lab.setup)))  # it holds the model's figures
        and (space.course.exchange / space.course.course_id / "outbound" / lab.id).is_dir()
    ):
        return False
    stage(lab, space.secret, space.root / "source" / lab.id)
    nbg.generate(space.course, lab.id)
    nbg.publish(space.course, lab.id)
    return True


def released_version(space: Workspace, lab: str) -> str | None:
    """Return the version of `lab` that the cohort has, or None."""
    found = _released(space, lab, "version")
    return None if found is None else str(found)


def _released(space: Workspace, lab: str, key: str) -> Any:
    """Return what `lab.json` of the cohort's release says of `key`, or None."""
    try:
        return json.loads((space.root / "release" / lab / LAB_FILE).read_text(encoding="utf-8")).get(key)
    except (OSError, ValueError):
        return None
