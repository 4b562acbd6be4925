"""The learner's room: labs fetched into their folder, JupyterLab in the learner profile, the practice model beside it.

JupyterLab runs as a child process with settings of its own, kept under `.atelier/` in the learner's folder: the user's own
Jupyter set-up is neither read nor changed.
"""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import webbrowser
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import quote

import atelier
from atelier import assistant, exchange, records, track
from atelier.exchange import Seat
from atelier.files import write_text
from grader import engines, models, notebook, pipeline, serve, workspace
from grader.catalog import Catalog
from grader.engines import embedded
from grader.errors import GraderError
from grader.model import EngineSettings, Kpi, Lab, Module, Role, RoleFile
from grader.pipeline import Progress
from grader.workspace import Workspace

START_PAGE = "My track.ipynb"
_FURNITURE = Path(atelier.__file__).parent / "room"
_NAMES = "names.txt"
_START_SECONDS = 60
_PORTS_TRIED = 50


@dataclass(frozen=True, slots=True)
class Room:
    """A learner's folder, ready to open.

    seat     their place in the course
    engine   the model that answers them
    page     the page that opens first
    names    the cohort's list of names that the assistant protects, if there is one
    """

    seat: Seat
    engine: EngineSettings
    page: str = START_PAGE
    names: Path | None = None


def prepare(known: Catalog, role: str, course: Path | None, folder: Path, learner: str, progress: Progress) -> Room:
    """Make the learner's folder ready: fetch the track's labs from the exchange of `course`, write the start page.

    Without `course` a private one is made beside `folder`. What the learner has is never overwritten.
    """
    space = workspace.load(course) if course else _private(known, role, folder)
    seat = Seat(space.course.exchange, space.settings.course, learner, folder.resolve())
    labs = pipeline.labs_of(space, known)
    for index, lab in enumerate(labs):
        progress(index, len(labs), lab.file.title)
        if _released(space, lab):
            exchange.fetch_lab(lab.id, seat)
    progress(len(labs), len(labs), "")
    _start_page(seat.home, known.role(space.settings.role), space, [lab for lab in labs if _released(space, lab)])
    # The policy as it stands: labs carry the one of their release.
    write_text(seat.home / track.FOLDER / assistant.POLICY_FILE, records.text(known.policy))
    if not (space.settings.engine.base_url or space.settings.engine.model):
        models.fetch(progress)
    names = space.root / _NAMES
    return Room(seat, space.settings.engine, names=names if names.is_file() else None)


def preview(known: Catalog, lab: Lab, folder: Path, progress: Progress) -> Room:
    """Make a learner's folder inside `folder` with `lab` alone, as it stands now, on no matter which track."""
    of = next((role for role in known.roles if lab.id in role.labs), None)
    kpi = of.file.kpi if of else Kpi("The KPI of the role that takes this lab", "its unit", "", "its target", True)
    module = Module("Preview", lab.file.why, (lab.id,))
    file = RoleFile(1, "Preview", "This lab alone, as its learner sees it.", (), kpi, (), (module,))
    alone = replace(known, roles=(Role("preview", file),))
    return replace(
        prepare(alone, "preview", None, folder / "learner", "author", progress), page=f"{lab.id}/{lab.id}.ipynb"
    )


def _private(known: Catalog, role: str, folder: Path) -> Workspace:
    """Return a course of one, beside the learner's folder, with the role's labs released."""
    known.role(role)
    space = workspace.create(folder.resolve().with_name(f"{folder.name}-course-{role}"), f"own-{role}", role)
    with engines.configured(space.settings.engine) as engine:
        pipeline.release(space, pipeline.labs_of(space, known), engine.id)
    return space


def _released(space: Workspace, lab: Lab) -> bool:
    return (space.course.exchange / space.settings.course / "outbound" / lab.id).is_dir()


def _start_page(home: Path, role: Role, space: Workspace, labs: list[Lab]) -> None:
    modules = {lab: module for module in role.file.modules for lab in module.labs}
    steps = tuple(
        track.Step(
            lab.id, lab.file.title, lab.file.minutes, lab.file.summary, modules[lab.id].title, modules[lab.id].why
        )
        for lab in labs
        if lab.id in modules
    )
    beside = tuple(
        track.Step(lab.id, lab.file.title, lab.file.minutes, lab.file.summary, "", "")
        for lab in labs
        if lab.id not in modules
    )
    kpi = _measured(role.file.kpi)
    mine = track.Track(1, role.id, role.file.title, role.file.summary, space.settings.course, steps, kpi, beside)
    write_text(home / track.FOLDER / track.FILE, records.text(mine))
    write_text(home / START_PAGE, notebook.dumps(notebook.page("import atelier\natelier.my_track()", "track")))


def _measured(kpi: Kpi) -> str:
    """Return in words how a role's work is measured."""
    today = f"today {kpi.baseline}" if kpi.baseline else "measure it before you change anything"
    return f"{kpi.name} ({kpi.unit}): {today}; target {kpi.target}."


@contextmanager
def _model(settings: EngineSettings, say: Callable[[str], None]) -> Iterator[dict[str, str]]:
    """Yield the environment that leads notebooks to the practice model."""
    if settings.base_url:
        key = os.environ.get(settings.key_env, "") if settings.key_env else "none"
        yield {
            "ATELIER_MODEL_URL": settings.base_url,
            "ATELIER_MODEL_TOKEN": key,
            "ATELIER_MODEL_NAME": settings.model,
        }
        return
    with ExitStack() as stack:
        try:
            url, token = stack.enter_context(embedded.serving(model=engines.local(settings)))
        except GraderError as error:
            # Labs work without it, but for the practice replies, which then say so themselves.
            say(f"The practice model is off: {error}")
            yield {}
            return
        yield {"ATELIER_MODEL_URL": url, "ATELIER_MODEL_TOKEN": token}


def _environment(room: Room, token: str) -> dict[str, str]:
    """Return the child's environment: its own Jupyter folders, the learner profile, the seat, the names to protect."""
    seat = room.seat
    own = seat.home / track.FOLDER
    config = own / "jupyter"
    shutil.copytree(_FURNITURE / "config", config, dirs_exist_ok=True)
    shutil.copytree(_FURNITURE / "ipython", own / "ipython", dirs_exist_ok=True)
    return {
        **os.environ,
        "ATELIER_EXCHANGE": str(seat.exchange),
        "ATELIER_COURSE": seat.course,
        "ATELIER_LEARNER": seat.learner,
        "ATELIER_HOME": str(seat.home),
        **({assistant.NAMES: str(room.names)} if room.names else {}),
        "IPYTHONDIR": str(own / "ipython"),
        "JUPYTER_CONFIG_DIR": str(config),
        "JUPYTER_DATA_DIR": str(own / "data"),
        "JUPYTER_PATH": str(_FURNITURE),
        # The learner profile comes before what the environment has set up for trainers.
        "JUPYTER_PREFER_ENV_PATH": "0",
        "JUPYTER_TOKEN": token,
        "JUPYTERLAB_SETTINGS_DIR": str(config / "user-settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(own / "workspaces"),
    }


@contextmanager
def opened(room: Room, port: int, say: Callable[[str], None]) -> Iterator[str]:
    """Run JupyterLab and the practice model for a room; yields the address of its first page.

    Both end with the block. GraderError, with the log's place, if JupyterLab does not start.
    """
    token = secrets.token_urlsafe(24)
    free = _free_port(port)
    log = room.seat.home / track.FOLDER / "jupyterlab.log"
    command = [
        sys.executable, "-m", "jupyterlab", "--no-browser", "--ServerApp.ip=127.0.0.1", f"--ServerApp.port={free}",
        "--ServerApp.port_retries=0", f"--ServerApp.root_dir={room.seat.home}", "--ServerApp.quit_button=False",
        *(["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []),
    ]  # fmt: skip
    with _model(room.engine, say) as model, log.open("w", encoding="utf-8") as out:
        environment = {**_environment(room, token), **model}
        child = subprocess.Popen(  # noqa: S603  # argv is ours
            command, env=environment, cwd=room.seat.home, stdin=subprocess.DEVNULL, stdout=out, stderr=out
        )
        try:
            _await(child, f"http://127.0.0.1:{free}/api/status", token, log)
            yield f"http://127.0.0.1:{free}/doc/tree/{quote(room.page)}?token={token}"
        finally:
            _stop(child)


def host(room: Room, *, say: Callable[[str], None]) -> None:
    """Be the server that a JupyterHub started for a learner: the same room, under the hub's address and log-in.

    GraderError outside of a hub.
    """
    if "JUPYTERHUB_API_TOKEN" not in os.environ:
        raise GraderError(
            "No JupyterHub started this.", "Name the command in its Spawner.cmd; see the deployment guide."
        )
    # Nobody knows this token: the hub's own log-in is the only way in.
    with _model(room.engine, say) as model:
        child = subprocess.Popen(  # noqa: S603  # argv is ours
            [sys.executable, "-m", "jupyterhub.singleuser", f"--ServerApp.root_dir={room.seat.home}"],
            env={**_environment(room, secrets.token_urlsafe(24)), **model},
            cwd=room.seat.home,
        )
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        try:
            child.wait()
        except KeyboardInterrupt:
            say("The hub closes the room.")
        finally:
            _stop(child)


def _free_port(wanted: int) -> int:
    for port in range(wanted, wanted + _PORTS_TRIED) if wanted else [0]:
        with suppress(OSError), socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            return int(probe.getsockname()[1])
    raise GraderError(
        f"Ports {wanted} to {wanted + _PORTS_TRIED - 1} are all taken.", "Choose another with --port, or 0 for any."
    )


def _await(child: subprocess.Popen[bytes], url: str, token: str, log: Path) -> None:
    """Wait until JupyterLab answers."""
    request = urllib.request.Request(url, headers={"Authorization": f"token {token}"})  # noqa: S310  # loopback
    end = time.monotonic() + _START_SECONDS
    while time.monotonic() < end and child.poll() is None:
        with suppress(urllib.error.URLError, OSError), urllib.request.urlopen(request, timeout=5):  # noqa: S310
            return
        time.sleep(0.1)
    raise GraderError("JupyterLab did not start.", f"Its log says why: {log}")


def _stop(child: subprocess.Popen[bytes]) -> None:
    child.send_signal(signal.SIGTERM)
    try:
        child.wait(timeout=10)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def run(room: Room, *, port: int, open_browser: bool, say: Callable[[str], None]) -> None:
    """Open the room and stay until Ctrl-C."""
    # Ended from outside, it closes as after Ctrl-C: no child stays behind.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with opened(room, port, say) as address:
        say(f"{Path(room.page).stem}: {address}")
        say("Your labs are saved by themselves. Ctrl-C closes the room.")
        if open_browser:
            webbrowser.open(address)
        serve.wait()
