"""A cohort's workspace."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from grader import workspace
from grader.errors import WorkspaceError


def test_a_new_workspace_is_nbgraders_layout_with_a_private_secret(tmp_path: Path) -> None:
    """All folders exist, and only the owner may read the secret."""
    space = workspace.create(tmp_path / "autumn", "autumn", "finance")
    assert all((space.root / name).is_dir() for name in workspace.FOLDERS)
    assert (space.root / "gradebook.db").is_file()
    assert stat.S_IMODE((space.root / workspace.SECRET).stat().st_mode) == 0o600
    assert len(space.secret) == 32


def test_what_is_about_people_is_closed_to_others_on_the_machine(tmp_path: Path) -> None:
    """All of nbgrader's folders but the exchange, and the gradebook; what a trainer opened since stays open."""
    space = workspace.create(tmp_path / "course", "spring", "finance")
    closed = [*(name for name in workspace.FOLDERS if name != "exchange"), "gradebook.db"]
    assert [name for name in closed if stat.S_IMODE((space.root / name).stat().st_mode) & 0o077] == []
    (space.root / "submitted").chmod(0o770)
    workspace.create(tmp_path / "course", "spring", "finance")
    assert stat.S_IMODE((space.root / "submitted").stat().st_mode) == 0o770


def test_making_it_again_changes_nothing(tmp_path: Path) -> None:
    """The secret stays, for hidden cases hang on it."""
    secret = workspace.create(tmp_path, "autumn", "finance").secret
    assert workspace.create(tmp_path, "autumn", "finance").secret == secret


def test_a_half_made_workspace_is_named_and_completed(tmp_path: Path) -> None:
    """Without atelier.toml it is refused with the way forward; creating again keeps the secret."""
    secret = workspace.create(tmp_path, "autumn", "finance").secret
    (tmp_path / workspace.FILE).unlink()
    (tmp_path / "submitted").rmdir()
    with pytest.raises(WorkspaceError, match="half made"):
        workspace.load(tmp_path)
    assert workspace.create(tmp_path, "autumn", "finance").secret == secret
    assert (tmp_path / "submitted").is_dir()


def test_a_folder_with_something_else_is_left_alone(tmp_path: Path) -> None:
    """A folder that holds other files is refused before anything is written."""
    (tmp_path / "holiday.jpg").write_bytes(b"x")
    with pytest.raises(WorkspaceError, match="not empty"):
        workspace.create(tmp_path, "autumn", "finance")
    assert [p.name for p in tmp_path.iterdir()] == ["holiday.jpg"]


def test_another_course_is_not_overwritten(tmp_path: Path) -> None:
    """The workspace of one cohort cannot become another's."""
    workspace.create(tmp_path, "autumn", "finance")
    with pytest.raises(WorkspaceError, match="already the workspace"):
        workspace.create(tmp_path, "winter", "finance")


@pytest.mark.parametrize("course", ["", "Autumn", "a/b", "../x", "a" * 41, "été"])
def test_an_id_that_cannot_be_a_course_is_refused(tmp_path: Path, course: str) -> None:
    """Course ids end up in paths and file names."""
    with pytest.raises(WorkspaceError, match="cannot be a course id"):
        workspace.create(tmp_path / "x", course, "finance")


def test_a_lost_secret_is_an_error_not_a_new_secret(tmp_path: Path) -> None:
    """Grading with another secret would silently change every score."""
    space = workspace.create(tmp_path, "autumn", "finance")
    (tmp_path / workspace.SECRET).unlink()
    with pytest.raises(WorkspaceError, match="Restore it"):
        _ = space.secret


def test_a_typo_in_the_settings_is_named(tmp_path: Path) -> None:
    """Unknown keys of atelier.toml are errors with the nearest known key."""
    workspace.create(tmp_path, "autumn", "finance")
    (tmp_path / workspace.FILE).write_text('course = "autumn"\nroel = "finance"\n')
    with pytest.raises(WorkspaceError, match='did you mean "role"'):
        workspace.load(tmp_path)


def test_submissions_with_hostile_names_are_left_out(tmp_path: Path) -> None:
    """Folders named like patterns, and links, are no submissions."""
    space = workspace.create(tmp_path, "autumn", "finance")
    for name in ("ada", "b*", "c d", "eve"):
        (tmp_path / "submitted" / name).mkdir()
    for name in ("ada", "b*", "c d"):
        (tmp_path / "submitted" / name / "lab").mkdir()
    (tmp_path / "submitted" / "eve" / "lab").symlink_to(tmp_path)
    assert [learner for learner, _ in space.submissions("lab")] == ["ada"]
