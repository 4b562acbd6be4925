"""The system calls that no learner's program needs, refused by a seccomp filter."""

from __future__ import annotations

import errno
import os
import socket
import struct
from dataclasses import dataclass
from functools import cache

from grader.isolation import kernel

# name -> number on x86_64 and aarch64; None where the architecture has no such call.
_NUMBERS: dict[str, tuple[int | None, int | None]] = {
    "acct": (163, 89),
    "add_key": (248, 217),
    "adjtimex": (159, 171),
    "bpf": (321, 280),
    "chmod": (90, None),
    "chown": (92, None),
    "chroot": (161, 51),
    "clock_adjtime": (305, 266),
    "clock_settime": (227, 112),
    "clone": (56, 220),
    "clone3": (435, 435),
    "connect": (42, 203),
    "create_module": (174, None),
    "delete_module": (176, 106),
    "fanotify_init": (300, 262),
    "fanotify_mark": (301, 263),
    "fchmod": (91, 52),
    "fchmodat": (268, 53),
    "fchmodat2": (452, 452),
    "fchown": (93, 55),
    "fchownat": (260, 54),
    "fcntl": (72, 25),
    "file_setattr": (469, 469),
    "finit_module": (313, 273),
    "fremovexattr": (199, 16),
    "fsconfig": (431, 431),
    "fsetxattr": (190, 7),
    "fsmount": (432, 432),
    "fsopen": (430, 430),
    "fspick": (433, 433),
    "futimesat": (261, None),
    "init_module": (175, 105),
    "inotify_add_watch": (254, 27),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "io_uring_setup": (425, 425),
    "ioctl": (16, 29),
    "ioperm": (173, None),
    "iopl": (172, None),
    "ioprio_set": (251, 30),
    "kcmp": (312, 272),
    "kexec_file_load": (320, 294),
    "kexec_load": (246, 104),
    "keyctl": (250, 219),
    "kill": (62, 129),
    "lchown": (94, None),
    "listmount": (458, 458),
    "lookup_dcookie": (212, 18),
    "lremovexattr": (198, 15),
    "lsetxattr": (189, 6),
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "migrate_pages": (256, 238),
    "modify_ldt": (154, None),
    "mount": (165, 40),
    "mount_setattr": (442, 442),
    "move_mount": (429, 429),
    "move_pages": (279, 239),
    "mq_open": (240, 180),
    "mq_unlink": (241, 181),
    "msgctl": (71, 187),
    "msgget": (68, 186),
    "msgrcv": (70, 188),
    "msgsnd": (69, 189),
    "name_to_handle_at": (303, 264),
    "nfsservctl": (180, 42),
    "open": (2, None),
    "open_by_handle_at": (304, 265),
    "open_tree": (428, 428),
    "open_tree_attr": (467, 467),
    "openat": (257, 56),
    "openat2": (437, 437),
    "perf_event_open": (298, 241),
    "personality": (135, 92),
    "pidfd_getfd": (438, 438),
    "pidfd_send_signal": (424, 424),
    "pivot_root": (155, 41),
    "prctl": (157, 167),
    "prlimit64": (302, 261),
    "process_madvise": (440, 440),
    "process_mrelease": (448, 448),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "ptrace": (101, 117),
    "quotactl": (179, 60),
    "quotactl_fd": (443, 443),
    "reboot": (169, 142),
    "removexattr": (197, 14),
    "removexattrat": (466, 466),
    "request_key": (249, 218),
    "rt_sigqueueinfo": (129, 138),
    "rt_tgsigqueueinfo": (297, 240),
    "sched_setaffinity": (203, 122),
    "sched_setattr": (314, 274),
    "sched_setparam": (142, 118),
    "sched_setscheduler": (144, 119),
    "semctl": (66, 191),
    "semget": (64, 190),
    "semop": (65, 193),
    "semtimedop": (220, 192),
    "setdomainname": (171, 162),
    "sethostname": (170, 161),
    "setns": (308, 268),
    "setpgid": (109, 154),
    "setpriority": (141, 140),
    "setsid": (112, 157),
    "settimeofday": (164, 170),
    "setxattr": (188, 5),
    "setxattrat": (463, 463),
    "shmat": (30, 196),
    "shmctl": (31, 195),
    "shmdt": (67, 197),
    "shmget": (29, 194),
    "socket": (41, 198),
    "socketpair": (53, 199),
    "statmount": (457, 457),
    "swapoff": (168, 225),
    "swapon": (167, 224),
    "syslog": (103, 116),
    "tgkill": (234, 131),
    "tkill": (200, 130),
    "truncate": (76, 45),
    "umount2": (166, 39),
    "unshare": (272, 97),
    "userfaultfd": (323, 282),
    "uselib": (134, None),
    "utime": (132, None),
    "utimensat": (280, 88),
    "utimes": (235, None),
    "vhangup": (153, 58),
}
_LAST = 480  # calls newer than those we know do not exist

_REFUSED = (
    # Other processes: their memory, their descriptors, their speed.
    *("ptrace", "process_vm_readv", "process_vm_writev", "process_madvise", "process_mrelease", "kcmp", "pidfd_getfd"),
    *("migrate_pages", "move_pages", "perf_event_open"),
    # The kernel: its keys, programs, modules, clock, power, quotas, log.
    *("add_key", "keyctl", "request_key", "bpf", "userfaultfd", "kexec_load", "kexec_file_load", "init_module"),
    *("finit_module", "create_module", "delete_module", "reboot", "swapon", "swapoff", "acct", "settimeofday"),
    *("clock_settime", "clock_adjtime", "adjtimex", "sethostname", "setdomainname", "ioperm", "iopl", "modify_ldt"),
    *("quotactl", "quotactl_fd", "nfsservctl", "lookup_dcookie", "vhangup", "syslog", "uselib", "personality"),
    # Files by another way than their path.
    *("mount", "umount2", "pivot_root", "chroot", "move_mount", "open_tree", "open_tree_attr", "fsopen", "fsconfig"),
    *("fsmount", "fspick", "mount_setattr", "statmount", "listmount", "name_to_handle_at", "open_by_handle_at"),
    *("fanotify_init", "fanotify_mark", "unshare", "setns"),
)
# Said not to exist, so that libraries take their other way. io_uring would go past this filter, clone3 and openat2 hide
# their flags in memory that it cannot read, and the rest hold memory that belongs to no process.
_ABSENT = (
    *("io_uring_setup", "io_uring_enter", "io_uring_register", "clone3", "openat2", "memfd_create", "memfd_secret"),
    *("shmget", "shmat", "shmctl", "shmdt", "semget", "semop", "semctl", "semtimedop"),
    *("msgget", "msgsnd", "msgrcv", "msgctl", "mq_open", "mq_unlink"),
)
# Landlock does not guard these. They report success and do nothing: copying a file sets its mode and time.
_OWNER_CALLS = (
    *("chmod", "fchmod", "fchmodat", "fchmodat2", "chown", "fchown", "lchown", "fchownat"),
    *("utime", "utimes", "futimesat", "utimensat", "setxattr", "lsetxattr", "fsetxattr", "setxattrat"),
    *("removexattr", "lremovexattr", "fremovexattr", "removexattrat", "file_setattr"),
)
_NEW_NAMESPACES = 0x7E020000
_TIOCSTI, _TIOCLINUX, _FIOSETOWN, _SIOCSPGRP = 0x5412, 0x541C, 0x8901, 0x8902
_PDEATHSIG, _DUMPABLE, _SUBREAPER = 1, 4, 36
_SETOWN, _SETSIG, _SETOWN_EX = 8, 10, 15

_ALLOW, _ERRNO, _KILL = 0x7FFF0000, 0x00050000, 0x80000000
_LD, _JEQ, _JGE, _AND, _RET = 0x20, 0x15, 0x35, 0x54, 0x06
_ARCH = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}


@dataclass(frozen=True, slots=True)
class Guard:
    """What the filter must refuse because nothing else does.

    `shared`: the machine's own files and processes are in reach, so no socket with a path may be connected to, and the
    child stays in its process group, which is how all that it starts is ended at once. `owned`: files of our own user are
    in reach; `truncate`, `signals`: the same, where Landlock guards neither. `pid` may still signal itself.
    """

    shared: bool = False
    owned: bool = False
    truncate: bool = False
    signals: bool = False
    pid: int = 0


class Program:
    """Classic BPF, written from top to bottom."""

    def __init__(self) -> None:
        self.code: list[tuple[int, int, int, int]] = []

    def add(self, code: int, value: int, yes: int = 0, no: int = 0) -> None:
        """Add an instruction; `yes` and `no` are how many to skip after a comparison."""
        self.code.append((code, yes, no, value & 0xFFFFFFFF))

    def refuse(self, name: str, number: int) -> None:
        """Refuse the call `name` with the error `number`; 0 reports success and does nothing."""
        if (call := _number(name)) is not None:
            self.add(_JEQ, call, 0, 1)
            self.add(_RET, _ERRNO | number)

    def refuse_if(self, name: str, argument: int, mask: int, value: int, number: int, *, unless: bool = False) -> None:
        """Refuse `name` if `argument & mask` is (or, `unless`, is not) `value`."""
        if (call := _number(name)) is None:
            return
        self.add(_JEQ, call, 0, 5)
        self.add(_LD, 16 + 8 * argument)
        self.add(_AND, mask)
        self.add(_JEQ, value, *((1, 0) if unless else (0, 1)))
        self.add(_RET, _ERRNO | number)
        self.add(_LD, 0)

    def refuse_any(self, name: str, argument: int, values: tuple[int, ...], number: int) -> None:
        """Refuse `name` if `argument` is one of `values`."""
        for value in values:
            self.refuse_if(name, argument, 0xFFFFFFFF, value, number)


def _number(name: str) -> int | None:
    return _NUMBERS[name][kernel.MACHINE == "aarch64"]


@cache
def program(guard: Guard) -> bytes:
    """Return the filter as the kernel takes it."""
    p = Program()
    p.add(_LD, 4)
    p.add(_JEQ, _ARCH[kernel.MACHINE], 1, 0)
    p.add(_RET, _KILL)
    p.add(_LD, 0)
    p.add(_JGE, _LAST, 0, 1)  # newer ones, and x86's second numbering
    p.add(_RET, _ERRNO | errno.ENOSYS)
    for name in _REFUSED:
        p.refuse(name, errno.EPERM)
    for name in _ABSENT:
        p.refuse(name, errno.ENOSYS)
    for shift in range(32):
        if _NEW_NAMESPACES >> shift & 1:
            p.refuse_if("clone", 0, 1 << shift, 1 << shift, errno.EPERM)
    # EACCES here makes libzmq abort.
    p.refuse_if("socket", 0, 0xFFFFFFFF, socket.AF_UNIX, errno.EOPNOTSUPP, unless=True)
    p.refuse_if("socketpair", 0, 0xFFFFFFFF, socket.AF_UNIX, errno.EOPNOTSUPP, unless=True)
    p.refuse_any("ioctl", 1, (_TIOCSTI, _TIOCLINUX), errno.EPERM)
    # Dying with the parent, being looked at by it, and adopting orphans.
    p.refuse_any("prctl", 0, (_PDEATHSIG, _DUMPABLE, _SUBREAPER), errno.EPERM)
    _guard(p, guard)
    p.add(_RET, _ALLOW)
    return b"".join(struct.pack("=HBBI", *line) for line in p.code)


def _guard(p: Program, guard: Guard) -> None:
    if guard.shared:
        p.refuse("setsid", 0)
        p.refuse("setpgid", 0)
        p.refuse("connect", errno.EOPNOTSUPP)
        p.refuse("inotify_add_watch", errno.EPERM)
        for call in ("socket", "socketpair"):  # a datagram names its receiver without connecting
            for kind in (socket.SOCK_DGRAM, socket.SOCK_RAW):
                p.refuse_if(call, 1, 0xF, kind, errno.EOPNOTSUPP)
    if guard.owned:
        for name in _OWNER_CALLS:
            p.refuse(name, 0)
        # Priority and cores of other processes. Of our own threads, too: libraries insist on success.
        for name, argument in (
            *(("setpriority", 1), ("ioprio_set", 1), ("sched_setaffinity", 0)),
            *(("sched_setattr", 0), ("sched_setparam", 0), ("sched_setscheduler", 0)),
        ):
            p.refuse_if(name, argument, 0xFFFFFFFF, 0, 0, unless=True)
        p.refuse_if("prlimit64", 0, 0xFFFFFFFF, 0, errno.EPERM, unless=True)
    if guard.truncate:
        p.refuse("truncate", errno.EPERM)
        cut = os.O_TRUNC | os.O_ACCMODE
        p.refuse_if("open", 1, cut, os.O_TRUNC | os.O_RDONLY, errno.EPERM)
        p.refuse_if("openat", 2, cut, os.O_TRUNC | os.O_RDONLY, errno.EPERM)
    if guard.signals:
        for name in ("kill", "tgkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo"):
            p.refuse_if(name, 0, 0xFFFFFFFF, guard.pid, errno.EPERM, unless=True)
        p.refuse("tkill", errno.EPERM)
        p.refuse("pidfd_send_signal", errno.EPERM)
        p.refuse_any("fcntl", 1, (_SETOWN, _SETSIG, _SETOWN_EX), errno.EPERM)
        p.refuse_any("ioctl", 1, (_FIOSETOWN, _SIOCSPGRP), errno.EPERM)


def load(guard: Guard) -> None:
    """Refuse these calls from now on, here and in all that is started."""
    kernel.no_new_privileges()
    kernel.load_filter(program(guard))


def supported() -> bool:
    """Whether we know this machine's call numbers."""
    return kernel.MACHINE in _ARCH
