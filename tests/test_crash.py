"""A killed grader costs time and nothing else. `tests/bench/crash.py` does the same a hundred times."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from grader import isolation

sys.path.insert(0, str(Path(__file__).parent / "bench"))

import crash


@pytest.mark.skipif(isolation.best() is isolation.Level.D, reason="no isolation on this machine")
def test_a_grader_killed_at_any_moment_is_taken_up(tmp_path: Path) -> None:
    """SIGKILL while code is run and stored: nothing runs on, and the next run ends in the same gradebook, files and evidence."""
    found = crash.crash(tmp_path, times=2, seed=2)
    assert found["kills"] >= 1
