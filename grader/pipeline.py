"""The flows of a cohort, each readable from top to bottom: release, collect, grade, feedback, report.

Run, score, store and tell are separate and restartable; `grading` is the part that grades.
"""

from __future__ import annotations

from collections.abc import Sequence

from atelier.files import write_text
from grader import evidence, nbg
from grader import feedback as feedback_page
from grader import release as releasing
from grader.catalog import Catalog
from grader.engines import gate
from grader.errors import NotFound, WorkspaceError
from grader.exports.badges import AMBASSADOR
from grader.grading import Means, Progress, Told, grade, grading, quiet, scores, slip, stored
from grader.model import Lab, Score
from grader.workspace import Workspace

__all__ = [
    "Means",
    "Progress",
    "Told",
    "collect",
    "feedback",
    "gradable",
    "grade",
    "grading",
    "labs_of",
    "release",
    "released",
    "scores",
    "stored",
]


def labs_of(space: Workspace, known: Catalog, only: Sequence[str] = ()) -> tuple[Lab, ...]:
    """Return the labs of the cohort's track, or those of `only` in track order; of the optional ones those named or released."""
    track, optional = known.track(space.settings.role), known.optional(space.settings.role)
    for lab in only:
        if lab not in (ids := [t.id for t in (*track, *optional)]):
            raise NotFound(f"lab of the {space.settings.role} track", lab, ids)
    there = (
        *track,
        *(lab for lab in optional if lab.id in only or releasing.released_version(space, lab.id) is not None),
    )
    return tuple(lab for lab in there if not only or lab.id in only)


def released(space: Workspace, known: Catalog) -> tuple[Lab, ...]:
    """Return the labs of the track that the cohort has so far. WorkspaceError if there is none."""
    found = tuple(lab for lab in labs_of(space, known) if releasing.released_version(space, lab.id) is not None)
    if not found:
        raise WorkspaceError("Nothing was released to this cohort.", "Run: atelier release")
    return found


def gradable(space: Workspace, known: Catalog, only: Sequence[str] = ()) -> tuple[Lab | str, ...]:
    """Return what can be graded: the labs that the cohort has so far, and by name what was released with nbgrader alone.

    With `only`, those of it; NotFound names the nearest one.
    """
    role = space.settings.role
    track = {lab.id: lab for lab in (*known.track(role), *known.optional(role))}
    ids = {lab.id for lab in known.labs}
    folders = sorted(p.parent.name for p in (space.root / "release").glob("*/*.ipynb") if p.parent.name not in ids)
    ordinary = list(dict.fromkeys(folders))
    for name in only:
        if name not in track and name not in ordinary:
            raise NotFound(f"lab of the {space.settings.role} track", name, [*track, *ordinary])
    if only:
        return tuple(track.get(name, name) for name in [*track, *ordinary] if name in only)
    if not ordinary:
        return released(space, known)
    return (*(lab for lab in track.values() if releasing.released_version(space, lab.id) is not None), *ordinary)


def release(space: Workspace, labs: Sequence[Lab], engine_id: str, progress: Progress = quiet) -> list[str]:
    """Release `labs` to the cohort; returns the ids of those that were new or changed."""
    done = []
    for index, lab in enumerate(labs):
        progress(index, len(labs), lab.id)
        if releasing.release(space, releasing.qualified(lab, gate.read(lab.root / "gate.json", engine_id))):
            done.append(lab.id)
    progress(len(labs), len(labs), "")
    return done


def collect(space: Workspace, labs: Sequence[Lab], progress: Progress = quiet) -> int:
    """Collect new and newer submissions from the exchange; returns how many there are now."""
    for index, lab in enumerate(labs):
        progress(index, len(labs), lab.id)
        nbg.collect(space.course, lab.id)
    progress(len(labs), len(labs), "")
    return sum(1 for lab in labs for _ in space.submissions(lab.id))


def _badges(space: Workspace, learner: str, lab: Lab, score: Score) -> dict[str, bytes]:
    """Return the pictures of the badges that were issued for a score and for the whole track, by title."""
    issued = {lab.file.title: lab.id} if evidence.earns_badge(score) else {}
    found = {
        title: space.badges(learner) / f"{name}.svg" for title, name in {**issued, "Ambassador": AMBASSADOR}.items()
    }
    return {title: path.read_bytes() for title, path in found.items() if path.is_file()}


def feedback(space: Workspace, labs: Sequence[Lab | str], progress: Progress = quiet) -> int:
    """Write each learner's feedback page and put it into the exchange; returns how many pages there are."""
    written = 0
    for index, lab in enumerate(labs):
        name = lab if isinstance(lab, str) else lab.id
        progress(index, len(labs), name)
        notebooks = sorted(path.stem for path in (space.root / "release" / name).glob("*.ipynb"))
        pages = 0
        for learner, score in scores(space, [lab]):
            submitted, target = space.step("submitted", learner, name), space.step("feedback", learner, name)
            slips = {file: slip(submitted, file) for file in ("timestamp.txt", "submission_secret.txt")}
            if not all(slips.values()):
                continue  # handed over outside the exchange: there is no address to send it back to
            for file, text in slips.items():
                write_text(target / file, text)
            for notebook in notebooks:
                page = (
                    feedback_page.render_notebook(name, notebook, score)
                    if isinstance(lab, str)
                    else feedback_page.render(lab, score, _badges(space, learner, lab, score))
                )
                write_text(target / f"{notebook}.html", page)
            pages += 1
        if pages:
            nbg.release_feedback(space.course, name)
        written += pages
    progress(len(labs), len(labs), "")
    return written
