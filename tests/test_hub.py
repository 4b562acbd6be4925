"""Several people on one server: a real JupyterHub, its proxy, real Unix users, nbgrader's exchange. Needs root and both programs."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import chromium
import pytest
from playwright.sync_api import Browser, expect

ROOT = Path(__file__).parents[1]
NEEDS = {
    "jupyterhub": find_spec("jupyterhub") is not None,
    "configurable-http-proxy": shutil.which("configurable-http-proxy") is not None,
    "useradd": shutil.which("useradd") is not None,
    # One in a closed home, such as root's, cannot be started by learners.
    "an interpreter open to all users": all(
        path.stat().st_mode & 0o001 for path in Path(sys.executable).resolve().parents
    ),
    "root": hasattr(os, "geteuid") and os.geteuid() == 0,
}
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not all(NEEDS.values()), reason=f"not here: {[n for n, here in NEEDS.items() if not here]}"),
]
TRAINER, ADA, BEN = "at-trainer", "at-ada", "at-ben"
SECONDS = 90_000
LAB = "invoice-checks"
ATELIER = str(Path(sys.executable).with_name("atelier"))
CONFIG = """
c.JupyterHub.bind_url = "http://127.0.0.1:{public}"
c.JupyterHub.hub_bind_url = "http://127.0.0.1:{inner}"
c.JupyterHub.db_url = "sqlite:///{folder}/hub.sqlite"
c.JupyterHub.cookie_secret_file = "{folder}/cookie"
c.JupyterHub.authenticator_class = "dummy"
c.DummyAuthenticator.password = "a password of this test"
c.Authenticator.allow_all = True
c.JupyterHub.spawner_class = "jupyterhub.spawner.LocalProcessSpawner"
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{proxy}"
c.Spawner.cmd = ["{atelier}", "lab", "--hub", "--course", "{course}"]
c.Spawner.default_url = "/doc/tree/My%20track.ipynb"
c.Spawner.environment = {environment}
c.Spawner.start_timeout = c.Spawner.http_timeout = 120
"""


def _free() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Hub:
    address: str
    course: Path

    def atelier(self, user: str, *args: str) -> subprocess.CompletedProcess[str]:
        return run_as(user, ATELIER, *args)


def run_as(user: str, *command: str) -> subprocess.CompletedProcess[str]:
    who = pwd.getpwnam(user)
    environment = {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "HOME": who.pw_dir,
        "USER": user,
        **_environment(),
    }
    return subprocess.run(
        command, user=who.pw_uid, group=who.pw_gid, extra_groups=[], cwd=ROOT, env=environment, capture_output=True,
        text=True, check=False, timeout=180,
    )  # fmt: skip


def _environment() -> dict[str, str]:
    return {"PYTHONPATH": f"{ROOT / 'exercises'}:{ROOT}", "PYTHONDONTWRITEBYTECODE": "1"}


@pytest.fixture(scope="module")
def hub() -> Iterator[Hub]:
    """Yield a hub with a cohort that the trainer made, for three users who go again afterwards."""
    # Not pytest's own folder, which is closed to other users.
    folder = Path(tempfile.mkdtemp(prefix="atelier-hub-"))
    folder.chmod(0o755)
    try:
        for user in (TRAINER, ADA, BEN):
            subprocess.run(["useradd", "--create-home", "--base-dir", folder, user], check=True)
        found = Hub("", Path(pwd.getpwnam(TRAINER).pw_dir) / "course")
        Path(pwd.getpwnam(TRAINER).pw_dir).chmod(0o711)
        for args in (("course", "new", str(found.course)), ("release", "--course", str(found.course), "--lab", LAB)):
            done = found.atelier(TRAINER, *args)
            assert done.returncode == 0, done.stderr
        # A model that is not there: this lab asks none.
        settings = found.course / "atelier.toml"
        settings.write_text(
            settings.read_text(encoding="utf-8") + '[engine]\nbase_url = "http://127.0.0.1:9/v1"\n', encoding="utf-8"
        )
        close(found.course)
        yield from _running(found, folder)
    finally:
        for user in (TRAINER, ADA, BEN):
            subprocess.run(["userdel", "--remove", "--force", user], check=False, capture_output=True)
        shutil.rmtree(folder, ignore_errors=True)


def close(course: Path) -> None:
    """Close a workspace to all but its owner, as the deployment guide says; learners reach the exchange."""
    for path in course.iterdir():
        if path.name not in ("exchange", "atelier.toml"):
            path.chmod(0o700 if path.is_dir() else 0o600)
    course.chmod(0o711)
    (course / "exchange").chmod(0o1777)


def _running(found: Hub, folder: Path) -> Iterator[Hub]:
    public, inner, proxy = _free(), _free(), _free()
    (folder / "own").mkdir(mode=0o700)
    config = folder / "own" / "jupyterhub_config.py"
    config.write_text(
        CONFIG.format(
            public=public, inner=inner, proxy=proxy, folder=folder / "own", atelier=ATELIER,
            course=found.course, environment=_environment(),
        ),
        encoding="utf-8",
    )  # fmt: skip
    log = (folder / "own" / "log").open("w")
    child = subprocess.Popen(
        [sys.executable, "-m", "jupyterhub", "-f", str(config)], cwd=folder / "own", stdout=log, stderr=log
    )
    try:
        found.address = f"http://127.0.0.1:{public}"
        for _ in range(300):
            with suppress(OSError), urllib.request.urlopen(f"{found.address}/hub/api/"):
                break
            assert child.poll() is None, (folder / "own" / "log").read_text()
            time.sleep(0.2)
        yield found
    finally:
        child.terminate()
        child.wait(timeout=60)


def _enter(hub: Hub, browser: Browser, user: str, path: str) -> tuple[chromium.Page, chromium.Heard]:
    """Log in by a deep link of the site's kind; the hub starts the server, and the link leads to the page."""
    page, heard = chromium.listen(browser, 1366, height=768)
    page.set_default_timeout(SECONDS)
    page.goto(f"{hub.address}/hub/user-redirect/doc/tree/{path}")
    page.get_by_label("Username").fill(user)
    page.get_by_label("Password").fill("a password of this test")
    page.get_by_role("button", name="Sign in").click()
    page.locator('[data-atelier="ready"]').first.wait_for(timeout=SECONDS)
    return page, heard


def test_two_learners_and_a_trainer_do_the_whole_loop(hub: Hub, browser: Browser) -> None:
    """Open by a deep link, answer, hand in; the trainer collects, grades, returns; each reads their own page and no other's."""
    rooms = {}
    for user, field, rule in (
        (ADA, "IBAN", "must match the register"),
        (BEN, "Total to pay", "must stand in the document"),
    ):
        page, heard = rooms[user] = _enter(hub, browser, user, f"{LAB}/{LAB}.ipynb")
        form = page.locator(".atelier-form")
        form.get_by_label("Field").select_option(label=field)
        form.get_by_label("Rule", exact=True).select_option(label=rule)
        form.get_by_role("button", name="Add this rule").click()
        form.get_by_text(f"1. {field}").first.wait_for()
        page.get_by_role("button", name="Hand in").click()
        page.get_by_text("Receipt").wait_for()
        assert heard.outside == []
    for step in ("collect", "grade", "feedback"):
        done = hub.atelier(TRAINER, step, "--course", str(hub.course))
        assert done.returncode == 0, done.stdout + done.stderr
    seen = {}
    for user, (page, _) in rooms.items():
        page.get_by_role("button", name="Fetch feedback").click()
        inside = page.frame_locator("iframe.atelier-feedback").locator("body")
        expect(inside).to_be_visible()
        seen[user] = inside.inner_text()
        page.context.close()
    assert seen[ADA] != seen[BEN]


def test_a_learner_reaches_the_exchange_and_nothing_else(hub: Hub) -> None:
    """Neither gradebook, secret, sources, others' hand-ins nor others' homes."""
    ada = Path(pwd.getpwnam(ADA).pw_dir)
    ada.chmod(0o700)
    inbound = hub.course / "exchange" / "course" / "inbound"
    for path in (hub.course / "gradebook.db", hub.course / ".secret", hub.course / "source", inbound, ada):
        assert path.exists(), path
        done = run_as(
            BEN,
            sys.executable,
            "-c",
            f"import os; os.listdir({str(path)!r}) if os.path.isdir({str(path)!r}) else open({str(path)!r})",
        )
        assert "Permission denied" in done.stderr, path
