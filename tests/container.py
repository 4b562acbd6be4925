"""An unprivileged container, simulated: `python container.py [UID] COMMAND...` runs COMMAND as Docker would by default.

Namespaces and mounts are refused by a filter, as by its seccomp profile, and root has Docker's capabilities only. With UID,
the command runs as that user.
"""

from __future__ import annotations

import errno
import os
import struct
import sys

from grader.isolation import kernel, seccomp

CAPABILITIES = (0, 1, 3, 4, 5, 6, 7, 8, 10, 13, 18, 27, 29, 31)  # chown ... setfcap: Docker's default


def program() -> bytes:
    p = seccomp.Program()
    p.add(0x20, 0)
    for name in ("unshare", "setns", "mount", "umount2", "pivot_root", "open_tree", "move_mount", "fsopen", "fsmount"):
        p.refuse(name, errno.EPERM)
    p.refuse("clone3", errno.ENOSYS)
    for shift in range(32):
        if 0x7E020000 >> shift & 1:
            p.refuse_if("clone", 0, 1 << shift, 1 << shift, errno.EPERM)
    p.add(0x06, 0x7FFF0000)
    return b"".join(struct.pack("=HBBI", *line) for line in p.code)


def main() -> None:
    words = sys.argv[1:]
    user = int(words.pop(0)) if words[0].isdigit() else 0
    if os.geteuid() != 0:
        kernel.no_new_privileges()
    kernel.load_filter(program())
    if os.geteuid() == 0:
        mask = sum(1 << capability for capability in CAPABILITIES)
        for capability in set(range(64)) - set(CAPABILITIES):
            kernel._libc.prctl(24, capability, 0, 0, 0)
        kernel.syscall(
            kernel.CAPSET,
            struct.pack("=Ii", 0x20080522, 0),
            struct.pack("=6I", mask & 0xFFFFFFFF, mask & 0xFFFFFFFF, 0, 0, 0, 0),
        )
        if user:
            os.setgroups([])
            os.setresgid(user, user, user)
            os.setresuid(user, user, user)
    os.execvp(words[0], words)


if __name__ == "__main__":
    main()
