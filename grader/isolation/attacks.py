"""What hostile code tries, each a real attempt against a stage that the prover set up.

An attack runs in a confined child and returns what it got, or nothing; whatever it raises means that it was stopped. What
can be seen from outside (a file changed, a connection, a process that ended) is looked at there, in `proof`.
"""

from __future__ import annotations

import ctypes
import errno
import mmap
import os
import signal
import socket
import struct
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

MB = 1 << 20
HOLD = 1.5  # seconds for which an attack keeps what it took: the watch looks far more often


@dataclass(frozen=True, slots=True)
class Stage:
    """What the prover put up to be attacked. All of it is open to every user, so that only isolation is in the way."""

    folder: Path
    token: str
    victim: int
    grader: int
    port: int
    abstract: str
    memory_mb: int
    processes: int
    disk_mb: int

    @property
    def other(self) -> Path:
        """Another learner's answers."""
        return self.folder / "submitted" / "ben" / "answers.json"

    @property
    def gradebook(self) -> Path:
        """The gradebook."""
        return self.folder / "gradebook.db"

    @property
    def secret(self) -> Path:
        """What hidden cases are drawn from."""
        return self.folder / ".secret"

    @property
    def drop(self) -> Path:
        """A file outside of scratch that nobody made yet."""
        return self.folder / "dropped"

    @property
    def socket(self) -> Path:
        """A program's socket that has a path."""
        return self.folder / "service.sock"


_libc = ctypes.CDLL(None, use_errno=True)


def _call(number: int, *args: int) -> int:
    """Make a system call; return its errno, 0 for success."""
    done = _libc.syscall(ctypes.c_long(number), *map(ctypes.c_long, args))
    return ctypes.get_errno() if done < 0 else 0


def _seen(stage: Stage, path: Path) -> str:
    return f"read {path.name}" if stage.token in path.read_text(encoding="utf-8", errors="replace") else ""


def reads_other(stage: Stage) -> str:
    return _seen(stage, stage.other)


def reads_gradebook(stage: Stage) -> str:
    return _seen(stage, stage.gradebook)


def reads_secret(stage: Stage) -> str:
    return _seen(stage, stage.secret)


def reads_shadow(_: Stage) -> str:
    return "read /etc/shadow" if Path("/etc/shadow").read_bytes() else ""


def lists_folder(stage: Stage) -> str:
    return "saw " + ", ".join(sorted(path.name for path in stage.folder.iterdir())[:3])


def follows_link(stage: Stage) -> str:
    Path("mine.json").symlink_to(stage.other)
    return _seen(stage, Path("mine.json"))


def changes_gradebook(stage: Stage) -> str:
    # Each by itself: one that is refused says nothing about the next. What came of it is seen from outside.
    for attempt in (
        lambda: stage.gradebook.chmod(0),
        lambda: os.truncate(stage.gradebook, 0),
        lambda: os.close(os.open(stage.gradebook, os.O_RDONLY | os.O_TRUNC)),
        lambda: stage.gradebook.write_text("all passed", encoding="utf-8"),
        lambda: stage.gradebook.rename(stage.gradebook.with_name("taken")),
        stage.gradebook.unlink,
    ):
        with suppress(OSError):
            attempt()
    return ""


def writes_outside(stage: Stage) -> str:
    for attempt in (
        lambda: stage.drop.write_text("x", encoding="utf-8"),
        lambda: stage.drop.symlink_to("x"),
        stage.drop.mkdir,
        lambda: os.mkfifo(stage.drop),
    ):
        with suppress(OSError):
            attempt()
    return ""


def connects_tcp(stage: Stage) -> str:
    with socket.create_connection(("127.0.0.1", stage.port), 1) as line:
        line.sendall(b"x")
    return ""


def sends_udp(stage: Stage) -> str:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.sendto(b"x", ("127.0.0.1", stage.port))
    return ""


def connects_abstract(stage: Stage) -> str:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
        line.connect("\0" + stage.abstract)
    return ""


def connects_path(stage: Stage) -> str:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
        line.connect(str(stage.socket))
    return ""


def opens_vsock(_: Stage) -> str:
    socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM).close()
    return "opened a line to the host of this virtual machine"


def opens_netlink(_: Stage) -> str:
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0) as line:
        line.bind((0, 0))
        line.send(struct.pack("=IHHIIBxxx", 20, 18, 0x301, 1, 0, 0))  # list the network interfaces
        line.settimeout(1)
        return f"read {len(line.recv(65536))} bytes about network interfaces"


def kills(stage: Stage) -> str:
    os.kill(stage.victim, signal.SIGKILL)
    return ""


def reads_memory(stage: Stage) -> str:
    with suppress(OSError):
        first = Path(f"/proc/{stage.victim}/maps").read_text(encoding="ascii").split("-")[0]
        with Path(f"/proc/{stage.victim}/mem").open("rb") as memory:
            memory.seek(int(first, 16))
            return f"read {len(memory.read(64))} bytes of its memory"
    ptrace_seize = 0x4206
    if _libc.ptrace(ptrace_seize, stage.victim, None, None) == 0:
        return "attached to it"
    return ""


def reads_environment(stage: Stage) -> str:
    if stage.token in os.environ.values():
        return "found it in its own environment"
    for process in ("self", str(os.getppid()), str(stage.grader)):
        with suppress(OSError):
            if stage.token.encode() in Path(f"/proc/{process}/environ").read_bytes():
                return f"read it from process {process}"
    return ""


def slows_grader(stage: Stage) -> str:
    import resource

    soft, hard = resource.prlimit(stage.victim, resource.RLIMIT_NOFILE)
    resource.prlimit(stage.victim, resource.RLIMIT_NOFILE, (min(soft, 64), hard))
    return "changed its limits"


def sees_processes(stage: Stage) -> str:
    return "read how it was started" if Path(f"/proc/{stage.victim}/cmdline").read_bytes() else ""


def forks(stage: Stage) -> str:
    started = 0
    for _ in range(4 * stage.processes):
        try:
            pid = os.fork()
        except OSError:
            break
        if pid == 0:
            time.sleep(HOLD)
            os._exit(0)
        started += 1
    if started <= stage.processes:
        return ""
    time.sleep(HOLD)
    return f"ran {started} processes"


def takes_memory(stage: Stage) -> str:
    taken = [bytearray(MB) for _ in range(4 * stage.memory_mb)]
    time.sleep(HOLD)
    return f"kept {len(taken)} MB"


def takes_shared_memory(stage: Stage) -> str:
    shared = [mmap.mmap(-1, 16 * MB) for _ in range(stage.memory_mb // 4)]
    for part in shared:
        part.write(b"x" * 16 * MB)
    time.sleep(HOLD)
    return f"kept {16 * len(shared)} MB"


def takes_memory_files(stage: Stage) -> str:
    files = []
    for _ in range(stage.memory_mb // 4):
        file = os.memfd_create("x")
        files.append(file)
        os.write(file, b"x" * 16 * MB)
    time.sleep(HOLD)
    return f"kept {16 * len(files)} MB"


def fills_shm(stage: Stage) -> str:
    return _fill(stage, Path("/dev/shm"))  # noqa: S108  # that it is shared is the point


def fills_disk(stage: Stage) -> str:
    return _fill(stage, Path())


def _fill(stage: Stage, folder: Path) -> str:
    with tempfile.TemporaryDirectory(dir=folder) as room:
        for index in range(4 * stage.disk_mb):
            Path(room, str(index)).write_bytes(b"x" * MB)
        time.sleep(HOLD)
        return f"kept {4 * stage.disk_mb} MB"


def fills_unnamed(stage: Stage) -> str:
    files = []
    for _ in range(4 * stage.disk_mb // 8):
        file = tempfile.TemporaryFile(dir=".")  # noqa: SIM115  # it is to stay open
        files.append(file)
        file.write(b"x" * 8 * MB)
        file.flush()
    time.sleep(HOLD)
    return f"kept {8 * len(files)} MB"


def opens_files(_: Stage) -> str:
    files = [os.open("/dev/null", os.O_RDONLY) for _ in range(4096)]
    return f"held {len(files)} files open"


def makes_segments(_: Stage) -> str:
    size, create = 16 * MB, 0o1600
    found = _libc.shmget(0, ctypes.c_size_t(size), create)
    if found < 0:
        return ""
    _libc.shmctl(found, 0, None)
    return "made memory that outlives it"


def stays(_: Stage) -> str:
    """Leave a process of its own behind, which holds the answering pipe open: whoever waits at its other end knows."""
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
                signal.signal(number, signal.SIG_IGN)
            time.sleep(3)
        os._exit(0)
    time.sleep(0.1)
    return ""


def never_ends(_: Stage) -> str:
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGALRM, signal.SIGXCPU):
        signal.signal(number, signal.SIG_IGN)
    until = time.monotonic() + 4
    while time.monotonic() < until:
        pass
    return "ran on for 4 seconds"


_NEW_USER, _NEW_NS, _MS_PRIVATE = 0x10000000, 0x00020000, 0x44000


def makes_namespaces(_: Stage) -> str:
    for kind in (_NEW_USER, _NEW_NS):
        if _libc.unshare(kind) == 0:
            return "made a namespace of its own"
    return ""


def mounts(_: Stage) -> str:
    _libc.unshare(_NEW_NS)  # where this is allowed, the mount stays with us
    _libc.mount(None, b"/", None, ctypes.c_ulong(_MS_PRIVATE), None)
    done = _libc.mount(b"x", os.fsencode(Path.cwd()), b"tmpfs", ctypes.c_ulong(0), b"size=1m")
    return "mounted a file system" if done == 0 else ""


def asks_kernel(_: Stage) -> str:
    """Calls that no notebook needs and that broke out of sandboxes before; invalid arguments, so nothing happens."""
    machine = os.uname().machine
    calls = {"io_uring_setup": 425, "open_tree": 428, "pidfd_getfd": 438}
    calls |= (
        {"keyctl": 250, "bpf": 321, "userfaultfd": 323, "perf_event_open": 298}
        if machine == "x86_64"
        else {"keyctl": 219, "bpf": 280, "userfaultfd": 282, "perf_event_open": 241}
    )
    refused = (errno.EPERM, errno.ENOSYS, errno.EACCES)
    got = [name for name, number in calls.items() if _call(number, 0x7FFF, 0, 0, 0, 0) not in refused]
    return "reached " + ", ".join(got) if got else ""


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attack, its name in a trainer's words, and whether an operator's container stops it by not holding the file."""

    name: str
    run: Callable[[Stage], str]
    by_absence: bool = False


ATTEMPTS = (
    Attempt("reads another learner's work", reads_other, by_absence=True),
    Attempt("reads the gradebook", reads_gradebook, by_absence=True),
    Attempt("reads the cohort's secret", reads_secret, by_absence=True),
    Attempt("reads the machine's passwords", reads_shadow),
    Attempt("lists the cohort's folder", lists_folder, by_absence=True),
    Attempt("reads another's work through a link", follows_link, by_absence=True),
    Attempt("changes the gradebook", changes_gradebook, by_absence=True),
    Attempt("writes outside its own folder", writes_outside, by_absence=True),
    Attempt("connects over the network (TCP)", connects_tcp),
    Attempt("sends over the network (UDP)", sends_udp),
    Attempt("talks to another program (abstract socket)", connects_abstract),
    Attempt("talks to another program (socket file)", connects_path),
    Attempt("reaches the host of a virtual machine (vsock)", opens_vsock),
    Attempt("reads the machine's network (netlink)", opens_netlink),
    Attempt("ends another program", kills),
    Attempt("reads another program's memory", reads_memory),
    Attempt("changes another program's limits", slows_grader),
    Attempt("reads the grader's environment", reads_environment),
    Attempt("sees which programs run", sees_processes),
    Attempt("starts more processes than allowed", forks),
    Attempt("takes more memory than allowed", takes_memory),
    Attempt("takes more shared memory than allowed", takes_shared_memory),
    Attempt("takes memory in files without a name", takes_memory_files),
    Attempt("fills the disk", fills_disk),
    Attempt("fills the disk with files it has deleted", fills_unnamed),
    Attempt("fills the machine's shared memory", fills_shm),
    Attempt("leaves memory behind", makes_segments),
    Attempt("opens files without end", opens_files),
    Attempt("runs on after its end", stays),
    Attempt("never ends", never_ends),
    Attempt("makes namespaces of its own", makes_namespaces),
    Attempt("mounts a file system", mounts),
    Attempt("asks the kernel for what no notebook needs", asks_kernel),
)
