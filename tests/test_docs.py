"""What README, CONTRIBUTING and the repository itself promise. The site's pages have their own tests."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from grader import catalog

ROOT = catalog.find_root()
PAGES = ("README.md", "CONTRIBUTING.md")
TRACKED = [
    ROOT / line
    for line in subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True, timeout=30
    ).stdout.splitlines()
]


@pytest.mark.parametrize("page", PAGES)
def test_links_and_pictures_lead_to_files(page: str) -> None:
    links = re.findall(r"\]\(([^)#]+)\)", (ROOT / page).read_text(encoding="utf-8"))
    assert [link for link in links if "://" not in link and not (ROOT / link).exists()] == []


@pytest.mark.parametrize("page", PAGES)
def test_make_targets_exist(page: str) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    told = set(re.findall(r"\bmake ([a-z-]+)", (ROOT / page).read_text(encoding="utf-8")))
    assert told
    assert told <= targets


def test_the_contracts_of_make_and_ci_stand() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in ("setup", "demo", "lab", "test", "conformance", "bench"):
        assert re.search(rf"^{target}:.*(setup|\$\(READY\))", makefile, re.MULTILINE), target
    assert (ROOT / ".ci/run").read_text(encoding="utf-8").rstrip().endswith("exec make test")


def test_the_lock_has_hashes_and_no_address() -> None:
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    pinned = re.findall(r"^[a-z0-9._-]+(?:\[[a-z,]+\])?==", lock, re.MULTILINE)
    assert len(pinned) > 100
    assert lock.count("--hash=sha256:") >= len(pinned)
    assert "://" not in lock


def test_nothing_private_is_tracked() -> None:
    """No registry's address, no machine's paths, no key, no built or fetched file."""
    forbidden = re.compile(
        r"pypi\.org|pythonhosted|npmjs|/home/[a-z]+/|/root/|/Users/[A-Z]|BEGIN [A-Z ]*PRIVATE KEY|sk-[A-Za-z0-9]{20}"
    )
    mine = Path(__file__).resolve()
    found = []
    for path in TRACKED:
        if path.resolve() == mine or path.suffix in {".png", ".svg"} or not path.is_file():
            continue
        if hit := forbidden.search(path.read_text(encoding="utf-8", errors="replace")):
            found.append(f"{path.relative_to(ROOT)}: {hit[0]}")
    assert found == []
    assert not [path for path in TRACKED if path.suffix in {".gguf", ".db", ".pyc", ".whl"} or "build" in path.parts]
    assert max(path.stat().st_size for path in TRACKED if path.is_file()) < 1_000_000


def test_the_top_level_is_the_client_s() -> None:
    """Eight names are prescribed; beside them only what the ecosystem expects."""
    names = {path.relative_to(ROOT).parts[0] for path in TRACKED}
    prescribed = {"courses", "exercises", "grader", "site", "tests", "mkdocs.yml", "pyproject.toml", "README.md"}
    expected = {"LICENSE", "CHANGELOG.md", "CONTRIBUTING.md", "Makefile", "requirements.lock", ".ci", ".gitignore"}
    assert prescribed <= names
    assert names - prescribed <= expected
