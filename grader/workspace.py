"""A cohort's workspace: a folder outside the repository, laid out as nbgrader expects.

atelier.toml        course id, role, released labs with their versions
.secret             what hidden cases are drawn from; readable by its owner only
source/ release/ submitted/ autograded/ feedback/   one folder per step, nbgrader's layout
gradebook.db        nbgrader's gradebook
exchange/           where learners fetch and hand in
runs/               results and recorded model replies; safe to keep, costs time if deleted
evidence.jsonl      append-only record of every score
sessions.jsonl      sessions that learners led for others, as a trainer recorded them
exports/            what was exported of people, and the key that signs badges; readable by its owner only
receipts/           that somebody was erased, without saying who
names.txt           names of clients and suppliers that the assistant protects, one a line; yours to write, or not
kpi.csv             the figure of the workflow, before and after
"""

from __future__ import annotations

import json
import os
import re
import secrets
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from atelier import records
from atelier.files import write_text
from grader.errors import WorkspaceError
from grader.model import EngineSettings, Limits
from grader.nbg import Course

FILE, SECRET = "atelier.toml", ".secret"
FOLDERS = ("source", "release", "submitted", "autograded", "feedback", "exchange", "runs")
_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_SUBMITTER = re.compile(r"[A-Za-z0-9._@-]{1,64}")


@dataclass(frozen=True, slots=True)
class Settings:
    """`atelier.toml`. `db_url` is empty for the SQLite file of the workspace; `engine` for the embedded model.

    organisation   who issues badges, by the name that others know
    site_url       address that the organisation's site is published under, such as "https://atelier.example.org/"
    limits         bounds of one submission to an assignment that was made with nbgrader alone; labs have their own
    kernel         assignments made with nbgrader alone whose checks need more than plain data: run whole in one kernel
    """

    course: str
    role: str
    db_url: str = ""
    engine: EngineSettings = field(default_factory=EngineSettings)
    organisation: str = ""
    site_url: str = ""
    limits: Limits = field(default_factory=Limits)
    kernel: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Workspace:
    """An existing workspace."""

    root: Path
    settings: Settings

    @property
    def course(self) -> Course:
        """Return the workspace in nbgrader's terms."""
        url = self.settings.db_url or f"sqlite:///{self.root / 'gradebook.db'}"
        return Course(self.root, self.settings.course, self.root / "exchange", url)

    @property
    def secret(self) -> str:
        """Return the cohort's secret; WorkspaceError if it is gone, for scores would change without it."""
        try:
            return (self.root / SECRET).read_text(encoding="ascii").strip()
        except OSError as error:
            raise WorkspaceError(
                f"The cohort's secret is missing ({self.root / SECRET}).",
                "Restore it from a backup: with another secret the hidden cases would change.",
            ) from error

    @property
    def exports(self) -> Path:
        """Return the folder of exports. They are about people: write them with `write_private`."""
        return self.root / "exports"

    def badges(self, learner: str) -> Path:
        """Return the folder of a learner's badges: per lab a signed token (.jwt) and a picture that holds it (.svg)."""
        return self.exports / "badges" / learner

    @property
    def runs(self) -> Path:
        """Return the folder of results and recorded replies."""
        return self.root / "runs"

    @property
    def replies(self) -> Path:
        """Return the file of recorded model replies."""
        return self.runs / "replies.jsonl"

    def step(self, step: str, student: str, lab: str) -> Path:
        """Return a submission's folder at a step, such as `submitted/ada/invoice-checks`."""
        return self.root / step / student / lab

    def submissions(self, lab: str) -> Iterator[tuple[str, Path]]:
        """Yield (learner, folder) of the collected submissions of a lab, by learner.

        Names that nbgrader would read as a pattern or a path are left out.
        """
        submitted = self.root / "submitted"
        for student in sorted(p.name for p in submitted.iterdir()) if submitted.is_dir() else ():
            folder = submitted / student / lab
            if _SUBMITTER.fullmatch(student) and folder.is_dir() and not folder.is_symlink():
                yield student, folder


def create(root: Path, course: str, role: str, secret: str = "", db_url: str = "") -> Workspace:
    """Create a cohort's workspace in the folder `root`. Running it again on the same course changes nothing.

    `db_url` names the gradebook's database, such as postgresql+psycopg://host/name; "" is a file in the workspace.

    Raises WorkspaceError if the folder holds something else or another course, or the id cannot be one.
    """
    if not _ID.fullmatch(course):
        raise WorkspaceError(
            f"{course!r} cannot be a course id.", "Use lower-case letters, digits and hyphens, 40 at most."
        )
    if (root / FILE).exists():
        existing = load(root)
        if (existing.settings.course, existing.settings.role) != (course, role):
            raise WorkspaceError(
                f"{root} is already the workspace of {existing.settings.course!r} ({existing.settings.role}).",
                "Choose another folder.",
            )
        return _complete(existing)
    if root.exists() and any(
        p.name not in {*FOLDERS, SECRET, "nbgrader_config.py", "gradebook.db", ".cache"} for p in root.iterdir()
    ):
        raise WorkspaceError(f"{root} is not empty.", "Choose a new folder for the cohort.")
    try:
        root.mkdir(parents=True, exist_ok=True)
        if not (root / SECRET).exists():
            handle = os.open(root / SECRET, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "w", encoding="ascii") as file:
                file.write((secret or secrets.token_hex(16)) + "\n")
        lines = [
            "# A cohort of Atelier. See `atelier course --help`.",
            f"course = {json.dumps(course)}",
            f"role = {json.dumps(role)}",
            *([f"db_url = {json.dumps(db_url)}"] if db_url else []),
        ]
        _complete(Workspace(root, Settings(course, role, db_url)))
        # Written last: a workspace with this file is whole.
        write_text(root / FILE, "\n".join(lines) + "\n")
    except OSError as error:
        raise WorkspaceError(
            f"The workspace cannot be made in {root} ({error.strerror}).", "Choose a folder you may write to."
        ) from error
    return load(root)


def _complete(space: Workspace) -> Workspace:
    from grader import nbg

    # What is about people is closed when it is made; whoever opens it later, to a group of trainers say, is left alone.
    for name in FOLDERS:
        (space.root / name).mkdir(mode=0o700, exist_ok=True)
    # The exchange takes hand-ins from every learner; what is inside is protected per folder by nbgrader.
    (space.root / "exchange").chmod(0o777)
    if not (space.root / "nbgrader_config.py").exists():
        write_text(space.root / "nbgrader_config.py", nbg.config_file(space.course))
    gradebook = space.root / "gradebook.db"
    fresh = not gradebook.exists()
    nbg.open_gradebook(space.course)
    if fresh and gradebook.exists():
        gradebook.chmod(0o600)
    return space


def find(start: Path) -> Workspace:
    """Return the workspace that `start` is in. WorkspaceError if it is in none."""
    here = start.resolve()
    for folder in (here, *here.parents):
        if (folder / FILE).is_file():
            return load(folder)
    raise WorkspaceError(f"{start} is not in a cohort's workspace.", "Make one: atelier course new DIR")


def load(root: Path) -> Workspace:
    """Read the workspace in the folder `root`, naming everything that is missing."""
    root = root.resolve()
    try:
        settings: Settings = records.load(Settings, tomllib.loads((root / FILE).read_text(encoding="utf-8")))
    except FileNotFoundError:
        half = root.is_dir() and (root / SECRET).exists()
        remedy = (
            "It was left half made: run the same `atelier course new` again."
            if half
            else "Make one: atelier course new DIR"
        )
        raise WorkspaceError(f"{root} is not a cohort's workspace (no {FILE}).", remedy) from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, records.RecordError) as error:
        raise WorkspaceError(
            f"{root / FILE} cannot be read: {error}.", "Mend that line; nothing was changed."
        ) from error
    return Workspace(root, settings)
