"""The ladder of isolation: every level is attacked, as root, as an ordinary user and in an unprivileged container."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from grader import catalog
from grader.errors import IsolationError
from grader.isolation import (
    Bounds,
    Level,
    Room,
    attacks,
    kernel,
    landlock,
    launch,
    processes,
    proof,
    prove,
    runtime,
    seccomp,
)

ROOT = catalog.find_root()
USER = 64123
# What limits alone stop; everything else must get through where there is no isolation, or its probe proves nothing.
LIMITED = {
    "starts more processes than allowed",
    "takes more memory than allowed",
    "takes more shared memory than allowed",
    "fills the disk",
    "fills the disk with files it has deleted",
    "opens files without end",
    "never ends",
}
# And what a control group stops, where the grader may make one.
GROUPED = {"takes memory in files without a name"}
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")


def _namespaces() -> bool:
    """Whether this machine lets us have namespaces at all."""
    flag = [] if os.geteuid() == 0 else ["--user"]
    return subprocess.run(["unshare", *flag, "--mount", "true"], capture_output=True, check=False).returncode == 0


needs_a = pytest.mark.skipif(not _namespaces(), reason="namespaces are refused to us here: run as root, or see doctor")
needs_b = pytest.mark.skipif(not landlock.abi(), reason="this kernel has no Landlock")
LEVELS = [pytest.param(Level.A, marks=needs_a), pytest.param(Level.B, marks=needs_b)]


# Programs of their own: forking needs a single thread, and a user of our choice


@pytest.fixture(scope="module")
def package() -> Iterator[Path]:
    """A folder that every user can read, with all of the grader that confining needs."""
    folder = Path(tempfile.mkdtemp(prefix="atelier-test-"))
    folder.chmod(0o755)
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "grader/isolation", folder / "grader/isolation", ignore=ignored)
    for name in ("__init__.py", "errors.py"):
        shutil.copy(ROOT / "grader" / name, folder / "grader")
    shutil.copy(ROOT / "tests/container.py", folder)
    yield folder
    shutil.rmtree(folder)


def _python_for_all() -> str:
    """A Python that an ordinary user can start; ours may be in root's home."""
    for candidate in (sys.executable, "/usr/bin/python3", "/usr/local/bin/python3"):
        with suppress(OSError, subprocess.SubprocessError):
            probe = [candidate, "-c", "import sys; sys.exit(sys.version_info < (3, 11))"]
            user = {"user": USER, "group": USER, "extra_groups": []} if os.geteuid() == 0 else {}
            if subprocess.run(probe, capture_output=True, check=False, timeout=20, cwd="/", **user).returncode == 0:
                return candidate
    pytest.skip("no Python 3.11 that an ordinary user can start")


def _answer(package: Path, code: str, before: list[str], python: str, **more: Any) -> Any:
    """Run `code` in a Python of its own and return what it assigned to `answer`."""
    program = f"import json, os, time\nfrom pathlib import Path\nfrom grader.isolation import *\n{textwrap.dedent(code)}\nprint(json.dumps(answer))"
    done = subprocess.run(
        [*before, python, "-c", program],
        env={"PYTHONPATH": str(package), "PATH": os.environ["PATH"], "LANG": "C.UTF-8"},
        cwd=more.pop("cwd", "/"), capture_output=True, text=True, timeout=100, check=False, **more,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


Run = Callable[[str], Any]


@pytest.fixture(params=["root", "user"])
def run(request: pytest.FixtureRequest, package: Path) -> Run:
    """Run code in a process of its own, as root and as an ordinary user."""
    if request.param == "user":
        python = _python_for_all()
        user = {"user": USER, "group": USER, "extra_groups": []} if os.geteuid() == 0 else {}
        return lambda code: _answer(package, code, [], python, **user)
    if os.geteuid() != 0:
        pytest.skip("not root")
    return lambda code: _answer(package, code, [], sys.executable)


@pytest.fixture(params=["root", "user"])
def in_container(request: pytest.FixtureRequest, package: Path) -> Run:
    """Run code in a simulated unprivileged container, as its root and as an ordinary user in it."""
    if request.param == "root" and os.geteuid() != 0:
        pytest.skip("not root")
    python = _python_for_all() if request.param == "user" else sys.executable
    user = [str(USER)] if request.param == "user" and os.geteuid() == 0 else []
    return lambda code: _answer(package, code, [sys.executable, str(package / "container.py"), *user], python)


PROVE = """
proof = prove(Level.{level})
answer = [proof.holds, {{a.name: [a.held, a.says] for a in proof.results}}]
"""


# Attacks


@pytest.mark.parametrize("level", LEVELS)
def test_every_attack_is_stopped(run: Run, level: Level) -> None:
    """At A and B, as root and as an ordinary user."""
    holds, results = run(PROVE.format(level=level.value))
    assert {name: says for name, (held, says) in results.items() if not held} == {}
    assert holds
    assert len(results) == len(attacks.ATTEMPTS)


def test_without_isolation_every_attack_succeeds(run: Run) -> None:
    """Save for those that limits stop; so a probe that reports "stopped" would have reported "not stopped"."""
    holds, results = run(PROVE.format(level="D"))
    assert not holds
    limited = LIMITED | (GROUPED if run("answer = bounded_by()").startswith("held by a control group") else set())
    stopped = {name for name, (held, _) in results.items() if held}
    # An ordinary user may do less to begin with.
    by_the_system = {"reads the machine's passwords", "mounts a file system"}
    assert limited <= stopped <= limited | by_the_system
    if os.geteuid() == 0 and "user" not in os.environ.get("PYTEST_CURRENT_TEST", ""):
        assert stopped == limited


@pytest.mark.parametrize("name", sorted((LIMITED | GROUPED) - {"never ends", "opens files without end"}))
def test_what_limits_stop_is_seen_where_the_limits_are_wide(run: Run, name: str) -> None:
    """The same attack succeeds in a wider room."""
    got = run(f"""
        from grader.isolation import attacks, proof
        wide = Bounds(memory_mb=2000, processes=100, disk_mb=1000, seconds=20)
        import contextlib, tempfile
        attack = next(a for a in attacks.ATTEMPTS if a.name == {name!r})
        folder = Path(tempfile.mkdtemp()); folder.chmod(0o755)
        with contextlib.ExitStack() as stack:
            theater = proof._Theater(folder, stack)
            room = theater.room
            theater.room = lambda bounds: room(wide)
            got = theater.play(Level.D, attack)
        import shutil; shutil.rmtree(folder)
        answer = [got.held, got.says]
    """)
    assert not got[0], got


def test_in_a_container_the_ladder_falls_to_b(in_container: Run) -> None:
    """Namespaces are refused there; Landlock is not."""
    if not landlock.abi():
        pytest.skip("this kernel has no Landlock")
    level, entered, holds, missed = in_container("""
        a, b = prove(Level.A), prove(Level.B)
        answer = [best(), [r.says for r in a.results], b.holds, [r.name for r in b.results if not r.held]]
    """)
    assert (level, holds, missed) == ("B", True, [])
    assert len(entered) == 1
    assert "Operation not permitted" in entered[0]


def test_a_container_that_nobody_vouches_for_is_not_level_c(in_container: Run) -> None:
    """And what can be seen of it from inside is looked at."""
    holds, results = in_container(PROVE.format(level="C"))
    assert not holds
    assert results["the operator vouches for the container"][0] is False
    assert {"the container's system is read-only", "the container bounds memory"} <= results.keys()


@as_root
@needs_b
def test_doctor_in_a_container_says_level_b() -> None:
    """With the reason why A does not hold, and exit code 0."""
    command = [sys.executable, str(ROOT / "tests/container.py"), sys.executable, "-m", "grader.cli", "doctor"]
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'exercises'}"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("Level A does not hold here. can be entered: ")
    assert "reads another learner's work" in done.stdout
    assert "NOT STOPPED" not in done.stdout
    assert "Level B holds. It is the one that grading uses." in done.stdout


def test_doctor_tells_programs_what_it_proved() -> None:
    """One JSON document: each level that was tried with its attacks, the last of them the one that is used."""
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'exercises'}"}
    command = [sys.executable, "-m", "grader.cli", "doctor", "--json"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=100, check=False)
    told = json.loads(done.stdout)
    assert done.returncode == (0 if told["holds"] else 1), done.stderr
    last = told["proofs"][-1]
    assert (last["level"], last["holds"]) == (told["level"], told["holds"])
    assert all(attack["held"] for attack in last["results"] if attack["needed"]) == told["holds"]


# Rooms


SPAWN = """
def tried(level, bounds=Bounds(), keep=(), main=None, **room):
    import tempfile
    scratch = Path(tempfile.mkdtemp()); (scratch / "before.txt").write_text("hello")
    hear, tell = os.pipe()
    def inside():
        try: got = main()
        except BaseException as error: got = repr(error)
        os.write(tell, json.dumps(got).encode())
    child = spawn(level, Room(scratch, bounds=bounds, **room), inside, [tell, *keep])
    os.close(tell)
    code = child.wait(10)
    child.kill()
    with os.fdopen(hear) as told: got = json.loads(told.read() or "null")
    import shutil; shutil.rmtree(scratch)
    return got
"""


@pytest.mark.parametrize("level", LEVELS)
def test_the_child_has_its_folder_and_nothing_of_the_parent(run: Run, level: Level) -> None:
    """It reads what the caller put in scratch, writes there, and has no other descriptor, variable or capability."""
    code = (
        SPAWN
        + """
os.environ["SECRET"] = "s3cret"
secret = os.open("/dev/null", os.O_RDONLY)
def main():
    Path("after.txt").write_text("x")
    fds = [int(n) for n in os.listdir("/proc/self/fd")]
    status = dict(l.split(":", 1) for l in open("/proc/self/status").read().splitlines())
    def opened(fd):
        try: return bool(os.fstat(fd))
        except OSError: return False
    return [Path("before.txt").read_text(), Path.cwd() == Path.home(), "SECRET" in os.environ, opened(secret), len([f for f in fds if opened(f)]),
            status["NoNewPrivs"].strip(), status["Seccomp"].strip(), int(status["Uid"].split()[0]) != 0, os.read(0, 5).decode()]
answer = tried(Level.LEVEL, main=main)
""".replace("LEVEL", level.value, 1).replace("Level.LEVEL", f"Level.{level.value}")
    )
    assert run(code) == ["hello", True, False, False, 4, "1", "2", True, ""]


@pytest.mark.parametrize("level", LEVELS)
def test_inputs_and_trees_are_read_and_never_written(run: Run, level: Level) -> None:
    """Also where their owner keeps them from others."""
    code = (
        SPAWN
        + f"""
import tempfile
inputs = Path(tempfile.mkdtemp()); (inputs / "data.csv").write_text("1,2"); (inputs / "data.csv").chmod(0o600)
def main():
    import xml.dom.minidom  # not loaded yet: Python's own tree is there
    got = [(inputs / "data.csv").read_text()]
    for attempt in (lambda: (inputs / "data.csv").write_text("x"), lambda: (inputs / "new").write_text("x"), lambda: (inputs / "data.csv").unlink()):
        try: attempt(); got.append("done")
        except OSError: got.append("refused")
    return got
answer = tried(Level.{level.value}, main=main, inputs=inputs, readable=runtime())
import shutil; shutil.rmtree(inputs)
"""
    )
    assert run(code) == ["1,2", "refused", "refused", "refused"]


@pytest.mark.parametrize("level", LEVELS)
def test_ordinary_work_goes_on(run: Run, level: Level) -> None:
    """Subprocesses, threads, pools over pipes, temporary files, copies: what notebooks do."""
    code = (
        SPAWN
        + f"""
def main():
    import concurrent.futures, shutil, socket, subprocess, tempfile, threading
    shutil.copy2("before.txt", "copy.txt")
    with tempfile.TemporaryDirectory() as folder: Path(folder, "x").write_text("y")
    thread = threading.Thread(target=lambda: None); thread.start(); thread.join()
    left, right = socket.socketpair(); left.send(b"z")
    shell = subprocess.run(["sh", "-c", "echo hi | cat"], capture_output=True, text=True).stdout
    session = subprocess.run(["true"], start_new_session=True).returncode
    with concurrent.futures.ThreadPoolExecutor(2) as pool: squares = list(pool.map(lambda x: x * x, range(3)))
    return [Path("copy.txt").read_text(), right.recv(1).decode(), shell, session, squares]
answer = tried(Level.{level.value}, main=main, readable=runtime())
"""
    )
    assert run(code) == ["hello", "z", "hi\n", 0, [0, 1, 4]]


@pytest.mark.parametrize("level", LEVELS)
def test_sockets_made_inside_are_reached_from_outside(run: Run, level: Level) -> None:
    """In the folder for sockets, where nothing else can be made."""
    code = (
        SPAWN
        + """
import socket, tempfile
sockets = Path(tempfile.mkdtemp())
def main():
    try: (sockets / "file").write_text("x"); made = True
    except OSError: made = False
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(sockets / "s")); server.listen()
        line, _ = server.accept()
        return [line.recv(9).decode(), made]
"""
    )  # the parent connects from a second process: it must stay single-threaded
    code += f"""
other = os.fork()
if other == 0:
    for _ in range(500):
        try:
            with socket.socket(socket.AF_UNIX) as line: line.connect(str(sockets / "s")); line.send(b"hi")
            break
        except OSError: time.sleep(0.01)
    os._exit(0)
answer = tried(Level.{level.value}, main=main, sockets=sockets)
os.waitpid(other, 0)
import shutil; shutil.rmtree(sockets)
"""
    assert run(code) == ["hi", False]


# Ends


@pytest.mark.parametrize("level", [*LEVELS, Level.D])
def test_usage_grows_with_what_is_used(run: Run, level: Level) -> None:
    """Memory in proportion, processes, disk; and `exceeded` says which bound, in words."""
    code = f"""
import tempfile
scratch = Path(tempfile.mkdtemp())
def main():
    Path("big").write_bytes(b"x" * (5 << 20))
    for _ in range(2):
        if os.fork() == 0:
            kept = bytearray(os.urandom(1 << 20)) * 50
            time.sleep(30)
    time.sleep(30)
child = spawn(Level.{level.value}, Room(scratch, bounds=Bounds(memory_mb=90, processes=32, disk_mb=32)), main, [])
until = time.monotonic() + 8
while time.monotonic() < until and (child.usage().memory_mb < 100 or child.usage().disk_mb < 5): time.sleep(0.05)
usage, says, running = child.usage(), child.exceeded(), child.poll()
child.kill(); child.kill()
import shutil; shutil.rmtree(scratch)
answer = [usage.memory_mb, usage.processes, usage.disk_mb, says, running, child.poll()]
"""
    memory, processes, disk, says, running, ended = run(code)
    assert 90 < memory < 200
    assert processes == 3
    assert 5 <= disk < 6
    assert says.startswith("used 1")
    assert says.endswith(" MB of memory, more than the 90 allowed")
    assert (running, ended) == (None, -signal.SIGKILL)


@pytest.mark.parametrize("level", [*LEVELS, Level.D])
def test_a_control_group_stops_what_no_watch_sees(run: Run, level: Level) -> None:
    """Memory taken at once is refused by the kernel, where groups can be made; and no group is left."""
    code = f"""
import tempfile
from grader.isolation import cgroup
bounds = Bounds(memory_mb=60, processes=4, disk_mb=4)
tried, scratch = cgroup.make(bounds), Path(tempfile.mkdtemp())
def main():
    import mmap
    for _ in range(2): os.fork()  # four, each below the bound
    taken = mmap.mmap(-1, 50 << 20)
    for at in range(0, len(taken), 4096): taken[at] = 1
    time.sleep(1)
child = spawn(Level.{level.value}, Room(scratch, bounds=bounds), main, [])
ended, says = child.wait(60), child.exceeded()
import shutil; shutil.rmtree(scratch)
if tried: tried.remove()
left = [str(made) for folder in (tried.folders if tried else ()) for made in folder.parent.glob(f"atelier-{{os.getpid()}}-*")]
answer = [tried is not None, ended, says, left]
"""
    offered, ended, says, left = run(code)
    assert left == []
    if not offered:
        pytest.skip("the grader may make no control groups here")
    assert ended in (0, -signal.SIGKILL)  # whichever of the four it was
    assert says == "used more memory than the 60 MB allowed"


@pytest.mark.parametrize("level", [*LEVELS, Level.D])
def test_nothing_is_left_when_the_grader_is_killed(package: Path, level: Level) -> None:
    """SIGKILL to the process that forks: its child and the child's own go with it."""
    code = f"""
import os, sys, tempfile, time
from pathlib import Path
from grader.isolation import *
def main():
    if os.fork() == 0: time.sleep(60)
    time.sleep(60)
child = spawn(Level.{level.value}, Room(Path(sys.argv[1])), main, [])
while child.usage().processes < 2: time.sleep(0.01)
from grader.isolation import processes
print(child.pid, *processes.tree(child.pid), flush=True)
time.sleep(60)
"""
    scratch = tempfile.mkdtemp()
    grader = subprocess.Popen(
        [sys.executable, "-c", code, scratch],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(package)},
    )
    assert grader.stdout is not None
    pids = [int(pid) for pid in grader.stdout.readline().split()]
    grader.kill()
    grader.wait()
    shutil.rmtree(scratch)
    assert len(pids) == 2
    until = time.monotonic() + 5
    while time.monotonic() < until and any(_runs(pid) for pid in pids):
        time.sleep(0.05)
    assert not any(_runs(pid) for pid in pids)


def _runs(pid: int) -> bool:
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    return False


@pytest.mark.parametrize("level", LEVELS)
def test_processes_that_keep_forking_are_ended(run: Run, level: Level) -> None:
    """A chain in which each process starts the next and ends has no member that stays long enough to be found."""
    code = f"""
import tempfile
scratch = Path(tempfile.mkdtemp())
hear, tell = os.pipe()
def main():
    for _ in range(4):
        if os.fork() == 0:
            while True:
                if os.fork(): os._exit(0)
    time.sleep(0.3)
child = spawn(Level.{level.value}, Room(scratch), main, [tell])
os.close(tell)
code = child.wait(10)
os.set_blocking(hear, False)
try: left = os.read(hear, 1) != b""
except BlockingIOError: left = True
import shutil; shutil.rmtree(scratch)
answer = [code, left]
"""
    assert run(code) == [0, False]


def test_a_level_that_cannot_be_entered_runs_nothing(in_container: Run) -> None:
    """IsolationError with a remedy, before `main`."""
    says, remedy, ran = in_container("""
        import tempfile
        from grader.errors import IsolationError
        scratch = Path(tempfile.mkdtemp())
        hear, tell = os.pipe()
        try: spawn(Level.A, Room(scratch), lambda: os.write(tell, b"ran"), [tell]); answer = None
        except IsolationError as error: answer = [error.says, error.remedy]
        os.close(tell)
        answer.append(os.read(hear, 9).decode())
    """)
    assert says == "Level A of isolation cannot be entered: clone: Operation not permitted."
    assert "atelier doctor" in remedy
    assert ran == ""


# Programs


@pytest.mark.parametrize("level", LEVELS)
def test_a_program_is_confined_with_its_streams(level: Level, tmp_path: Path) -> None:
    """From a process with threads; its output, its exit status and what was passed on arrive."""
    (tmp_path / "given.txt").write_text("given")
    hear, tell = os.pipe()
    code = f"import os, sys; print(open('given.txt').read(), sorted(os.environ)); os.write({tell}, b'passed'); open('{ROOT}/README.md')"
    command = [sys.executable, "-I", "-S", "-c", code]
    room = Room(tmp_path, runtime())
    with launch(
        level, room, command, env={"A": "1"}, pass_fds=[tell], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as program:
        os.close(tell)
        assert program.process.stdout is not None
        assert program.process.stderr is not None
        assert program.process.stdout.read().decode().startswith("given ['A'")
        assert b"README.md" in program.process.stderr.read()
        assert program.wait(10) == 1
    with os.fdopen(hear) as passed:
        assert passed.read() == "passed"


@pytest.mark.parametrize("level", LEVELS)
def test_a_program_ends_with_all_that_it_started(level: Level, tmp_path: Path) -> None:
    """When it is killed, and when whoever launched it is."""
    command = ["/bin/sh", "-c", "sleep 50 & sleep 50 & wait"]
    program = launch(level, Room(tmp_path), command, env={}, stdin=subprocess.DEVNULL)
    until = time.monotonic() + 5
    while program.usage().processes < 3 and time.monotonic() < until:
        time.sleep(0.02)
    pids = [program.pid, *processes.tree(program.pid)]
    assert len(pids) == 3
    program.process.kill()  # not asked to: it, too, may be killed
    program.process.wait()
    while any(map(_runs, pids)) and time.monotonic() < until:
        time.sleep(0.02)
    assert not any(map(_runs, pids))
    again = launch(level, Room(tmp_path), command, env={})
    again.kill()
    again.kill()
    assert again.poll() == -signal.SIGKILL
    assert not _runs(again.pid)


@as_root
def test_a_program_is_not_started_where_the_level_cannot_be_entered(in_container: Run) -> None:
    """As with a fork: IsolationError, and nothing ran."""
    says = in_container("""
        import tempfile
        from grader.errors import IsolationError
        scratch = Path(tempfile.mkdtemp())
        try: launch(Level.A, Room(scratch), ["/bin/touch", str(scratch / "ran")], env={}); answer = "ran"
        except IsolationError as error: answer = error.says
        assert not (scratch / "ran").exists()
    """)
    assert says.startswith("Level A of isolation cannot be entered")


@pytest.mark.parametrize("level", LEVELS)
def test_a_jupyter_kernel_works_over_sockets_in_a_folder(level: Level, tmp_path: Path) -> None:
    """It answers, is interrupted, and reaches no network."""
    from jupyter_client import BlockingKernelClient
    from jupyter_client.connect import write_connection_file

    sockets = Path(tempfile.mkdtemp(prefix="k"))
    where, _ = write_connection_file(str(tmp_path / "kernel.json"), transport="ipc", ip=str(sockets / "k"))
    command = [sys.executable, "-m", "ipykernel_launcher", "-f", where]
    env = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "IPYTHONDIR": str(tmp_path)}
    streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    said: list[str] = []
    with launch(level, Room(tmp_path, runtime(), sockets=sockets), command, env=env, **streams) as kernel_:
        client = BlockingKernelClient(connection_file=where)
        client.load_connection_file()
        client.hb_channel.time_to_dead = 40.0  # a loaded machine takes its time to load a kernel
        client.start_channels()
        try:
            client.wait_for_ready(timeout=40)
            code = "import socket, os; print(os.getcwd()); socket.socket()"
            client.execute_interactive(
                code,
                timeout=20,
                output_hook=lambda m: said.append(m["content"].get("text") or m["content"].get("evalue", "")),
            )
            client.execute("import time; time.sleep(30)")
            time.sleep(0.5)
            kernel_.send_signal(signal.SIGINT)
            assert client.get_shell_msg(timeout=20)["content"]["ename"] == "KeyboardInterrupt"
        finally:
            client.stop_channels()
    shutil.rmtree(sockets)
    assert f"{tmp_path}\n" in said
    assert any("not supported" in text for text in said)


# Parts


def test_the_filter_knows_the_kernel_s_numbers() -> None:
    """Those of this machine's header file, if there is one."""
    headers = [Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h"), Path("/usr/include/asm-generic/unistd.h")]
    found = 0
    for column, header in enumerate(headers):
        if not header.exists():
            continue
        words = [line.split() for line in header.read_text().splitlines() if line.startswith("#define __NR")]
        numbers = {w[1].removeprefix("__NR_").removeprefix("__NR3264_"): w[2] for w in words if len(w) > 2}
        for name, both in seccomp._NUMBERS.items():
            if name in numbers and numbers[name].isdigit():
                assert both[column] == int(numbers[name]), name
                found += 1
    if not found:
        pytest.skip("no kernel headers here")


def test_a_proof_that_cannot_run_is_an_error_with_a_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not a level that holds."""
    monkeypatch.setattr(proof.sys, "executable", "/nowhere/python")
    with pytest.raises(IsolationError, match="could not be tried"):
        prove(Level.B)


def test_runtime_is_where_python_and_its_packages_are() -> None:
    """Nothing else of the machine is asked for."""
    assert {Path(sys.prefix), Path(sys.base_prefix)} <= set(runtime())
    assert Path("/") not in runtime()
    assert kernel.MACHINE in ("x86_64", "aarch64")
    assert Room(Path("/tmp/x")).bounds == Bounds(1024, 32, 256, 120.0)
