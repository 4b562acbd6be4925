"""Proving a level by attacking it: `prove`, and `best`, the best level that holds here.

The attacks run from a process of their own, `python -m grader.isolation.proof LEVEL`: forking needs a single thread, and what
is attacked must not be the caller.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import select
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, suppress
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

from grader.errors import IsolationError
from grader.isolation import attacks, kernel, landlock
from grader.isolation.attacks import ATTEMPTS, Attempt, Stage
from grader.isolation.child import REMEDY, spawn
from grader.isolation.room import VOUCHED, Bounds, Level, Room

_BOUNDS = Bounds(memory_mb=96, processes=12, disk_mb=16, seconds=6)
_ENDLESS = Bounds(memory_mb=96, processes=12, disk_mb=16, seconds=0.5)
_WATCH = 0.02
_PROBE = "ATELIER_PROBE"


@dataclass(frozen=True, slots=True)
class Attack:
    """One attack: was it stopped, and what was seen. `needed`: the level promises to stop it."""

    name: str
    held: bool
    says: str
    needed: bool = True


@dataclass(frozen=True, slots=True)
class Proof:
    """What the attacks on a level came to; it holds if all that it promises to stop was stopped."""

    level: Level
    results: tuple[Attack, ...]

    @property
    def holds(self) -> bool:
        """Whether grading may rely on this level. D promises nothing, so there is nothing to rely on."""
        return self.level is not Level.D and all(attack.held for attack in self.results if attack.needed)


def prove(level: Level) -> Proof:
    """Run every attack at `level`. Takes about two seconds, more where attacks are not stopped."""
    here = str(Path(__file__).parents[2])
    paths = os.pathsep.join(filter(None, (here, os.environ.get("PYTHONPATH"))))
    environment = {**os.environ, "PYTHONPATH": paths, _PROBE: secrets.token_hex(8)}
    try:
        done = subprocess.run(  # noqa: S603  # our own program
            [sys.executable, "-P", "-m", "grader.isolation.proof", level.value],
            env=environment, cwd="/", capture_output=True, text=True, timeout=120, check=True,
        )  # fmt: skip
    except (subprocess.SubprocessError, OSError) as error:
        says = getattr(error, "stderr", None) or str(error)
        raise IsolationError(f"Level {level} could not be tried: {says.strip()[-300:]}.", REMEDY) from None
    return Proof(level, tuple(Attack(**result) for result in json.loads(done.stdout)))


@cache
def _best() -> Level:
    return next((level for level in (Level.A, Level.B, Level.C) if prove(level).holds), Level.D)


def best(refresh: bool = False) -> Level:
    """Return the best level that was proved on this machine; D if none was.

    A proof is remembered until the machine starts again, or anything that it rests on changes: kernel, user and rights,
    Python, this package. With `refresh`, and where nothing holds, it is made anew.
    """
    # No library says where caches live here: what is confined starts without installed packages.
    caches = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")  # noqa: PTH111  # a user may have no home
    kept, circumstances = Path(caches, "atelier", "isolation.json"), _circumstances()
    if refresh:
        _best.cache_clear()
    else:
        with suppress(OSError, ValueError, KeyError, TypeError):
            told = json.loads(kept.read_text(encoding="utf-8"))
            if told["circumstances"] == circumstances:
                return Level(told["level"])
    found = _best()
    if found is not Level.D:
        with suppress(OSError):
            kept.parent.mkdir(parents=True, exist_ok=True)
            # Not atelier.files: this package stands alone, on the standard library.
            aside = kept.with_name(f".{kept.name}.{os.getpid()}")
            aside.write_text(json.dumps({"circumstances": circumstances, "level": found.value}), encoding="utf-8")
            aside.replace(kept)
    return found


def _circumstances() -> str:
    """Return a digest of all that a proof rests on."""
    digest = hashlib.sha256()
    facts: list[object] = [os.uname(), os.getresuid(), os.getresgid(), os.getgroups(), sys.executable, sys.version]
    facts += [os.environ.get(VOUCHED), kernel.effective_capabilities()]
    for name in ("/proc/sys/kernel/random/boot_id", "/proc/self/uid_map", "/proc/self/status"):
        with suppress(OSError):
            lines = Path(name).read_text(encoding="utf-8").splitlines()
            facts.append(
                [line for line in lines if not name.endswith("status") or line.startswith(("Cap", "Seccomp", "NoNew"))]
            )
    digest.update(repr(facts).encode())
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


# In the process of its own


def attack(level: Level) -> list[Attack]:
    """Run every attack at `level`, against a stage that is taken down again."""
    # Where every user comes through: what stops an attack is to be isolation, not the mode of a folder above.
    folder = Path(tempfile.mkdtemp(prefix="atelier-proof-"))
    folder.chmod(0o755)
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        theater = _Theater(folder, stack)
        try:
            with spawn(level, theater.room(_BOUNDS), lambda: None, []) as child:
                child.wait(5)
        except IsolationError as error:
            return [Attack("can be entered", False, error.says)]
        container = _container() if level is Level.C else []
        return container + [theater.play(level, attempt) for attempt in ATTEMPTS]


class _Theater:
    """The stage with its props, and what is seen of an attack from outside."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self._folder, self._stack = folder, stack
        self._token = os.environ.get(_PROBE) or secrets.token_hex(8)
        self._count = 0
        self._cohort = folder / "cohort"
        self._tcp = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        self._udp = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        self._udp.bind(self._tcp.getsockname())
        self._abstract = stack.enter_context(socket.socket(socket.AF_UNIX))
        self._abstract.bind(f"\0atelier-{self._token}")
        self._abstract.listen()
        self._victim: subprocess.Popen[bytes] | None = None
        stack.callback(self._end_victim)
        self._path: socket.socket | None = None
        self.stage = self._set()

    def _set(self) -> Stage:
        """Put everything (back) in its place."""
        shutil.rmtree(self._cohort, ignore_errors=True)
        self._cohort.mkdir()
        self._cohort.chmod(0o777)
        if self._victim is None or self._victim.poll() is not None:
            self._end_victim()
            program = "import sys, time; sys.stdin.close(); time.sleep(120)"
            self._victim = subprocess.Popen([sys.executable, "-I", "-S", "-c", program], stdin=subprocess.DEVNULL)  # noqa: S603
        stage = Stage(
            folder=self._cohort,
            token=self._token,
            victim=self._victim.pid,
            grader=os.getpid(),
            port=self._tcp.getsockname()[1],
            abstract=f"atelier-{self._token}",
            memory_mb=_BOUNDS.memory_mb,
            processes=_BOUNDS.processes,
            disk_mb=_BOUNDS.disk_mb,
        )
        stage.other.parent.mkdir(parents=True)
        for path in (stage.other, stage.gradebook, stage.secret):
            path.write_text(f'{{"token": "{self._token}"}}\n', encoding="utf-8")
            path.chmod(0o666)
        if self._path is not None:
            self._path.close()
        self._path = self._stack.enter_context(socket.socket(socket.AF_UNIX))
        self._path.bind(str(stage.socket))
        stage.socket.chmod(0o777)
        self._path.listen()
        return stage

    def _end_victim(self) -> None:
        if self._victim is not None:
            self._victim.kill()
            self._victim.wait()

    def room(self, bounds: Bounds) -> Room:
        """Return a fresh room."""
        self._count += 1
        scratch = self._folder / f"scratch-{self._count}"
        scratch.mkdir()
        return Room(scratch, bounds=bounds)

    def play(self, level: Level, attempt: Attempt) -> Attack:
        """Run one attack and say what came of it."""
        hear, tell = os.pipe()
        os.set_blocking(hear, False)
        stage = self.stage

        def main() -> None:
            got = attempt.run(stage)
            if got:
                os.write(tell, got.encode()[:500])

        room = self.room(_ENDLESS if attempt.run is attacks.never_ends else _BOUNDS)
        child = spawn(level, room, main, [tell])
        os.close(tell)
        stopped = ""
        while child.wait(_WATCH) is None:
            if stopped := child.exceeded():
                child.kill()
        got = _all_of(hear) or self._seen(stage, 0.2 if attempt.run is attacks.kills else 0.0)
        if not got and not _ends(hear, 1.0):
            got = "a process of it still ran a second later"
        os.close(hear)
        shutil.rmtree(room.scratch, ignore_errors=True)
        self.stage = self._set()
        needed = not (level is Level.C and attempt.by_absence)
        return Attack(attempt.name, not got, got or stopped or "refused", needed)

    def _seen(self, stage: Stage, patience: float) -> str:
        """Return what an attack did, as far as it shows outside of it."""
        assert self._victim is not None
        whole = f'{{"token": "{self._token}"}}\n'
        with suppress(OSError):
            if stage.gradebook.stat().st_mode & 0o777 != 0o666:
                return "changed who may read the gradebook"
        if not stage.gradebook.exists() or stage.gradebook.read_text(encoding="utf-8") != whole:
            return "changed the gradebook"
        if os.path.lexists(stage.drop):
            return "left something outside of its folder"
        lines: dict[socket.socket, str] = {self._tcp: "connected", self._udp: "sent", self._abstract: "connected"}
        if self._path is not None:
            lines[self._path] = "connected"
        for line in select.select(list(lines), [], [], 0)[0]:
            if line is self._udp:
                line.recv(100)
            else:
                line.accept()[0].close()
            return lines[line]
        with suppress(subprocess.TimeoutExpired):
            self._victim.wait(patience)
            return "ended it"
        return ""


def _all_of(fd: int) -> str:
    with suppress(BlockingIOError):
        return os.read(fd, 1000).decode(errors="replace")
    return ""


def _ends(fd: int, seconds: float) -> bool:
    """Whether nobody holds the other end of the pipe any more, at the latest in `seconds`."""
    until = time.monotonic() + seconds
    while True:
        with suppress(BlockingIOError):
            if not os.read(fd, 1000):
                return True
        if time.monotonic() > until:
            return False
        time.sleep(0.01)


def _container() -> list[Attack]:
    """What can be seen from inside of the container that the operator vouches for. The network is attacked, not looked at."""
    return [
        Attack("the operator vouches for the container", VOUCHED in os.environ, f"by setting {VOUCHED}"),
        Attack("the container's system is read-only", bool(os.statvfs("/").f_flag & os.ST_RDONLY), "mount of /"),
        Attack("the container bounds memory", _bounded("memory.max", "memory/memory.limit_in_bytes"), "its cgroup"),
        Attack("the container bounds processes", _bounded("pids.max", "pids/pids.max"), "its cgroup"),
    ]


def _bounded(*names: str) -> bool:
    for name in names:
        with suppress(OSError, ValueError):
            # Version 1 writes "no limit" as a number near 2^63.
            return int(Path("/sys/fs/cgroup", name).read_text(encoding="ascii")) < 1 << 60
    return False


def remedies() -> list[str]:
    """Say what would get this machine a better level, as far as its settings show."""
    found = []
    for setting, bad, says in (
        (
            "kernel/apparmor_restrict_unprivileged_userns", "1",
            "AppArmor keeps ordinary users from namespaces: sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0",
        ),
        (
            "kernel/unprivileged_userns_clone", "0",
            "Ordinary users may not make namespaces: sudo sysctl kernel.unprivileged_userns_clone=1",
        ),
        (
            "user/max_user_namespaces", "0",
            "User namespaces are switched off: sudo sysctl user.max_user_namespaces=10000",
        ),
    ):  # fmt: skip
        with suppress(OSError):
            if Path("/proc/sys", setting).read_text(encoding="ascii").strip() == bad:
                found.append(says)
    release = tuple(int(part) for part in os.uname().release.split("-")[0].split(".")[:2] if part.isdigit())
    if release < (5, 12):
        found.append("Level A needs Linux 5.12, level B Linux 5.13 with Landlock: use a newer kernel")
    if not landlock.abi():
        found.append("Level B needs Landlock: start the kernel with lsm=landlock,... (most distributions do)")
    if Path("/.dockerenv").exists() or Path("/run/.containerenv").exists():
        found.append(
            "This is a container: its seccomp profile keeps namespaces from it. Level A: start it with "
            "--security-opt seccomp=unconfined --security-opt apparmor=unconfined, learner code then has our own filter"
        )
    return found


if __name__ == "__main__":
    print(json.dumps([asdict(result) for result in attack(Level(sys.argv[1]))]))  # noqa: T201  # to `prove`
