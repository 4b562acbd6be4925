"""No line leads out: no network, no name, no socket of the machine, no host of a virtual machine."""

from __future__ import annotations

HOSTILE = r"""
import socket
got = []
for family in (socket.AF_INET, socket.AF_INET6, socket.AF_UNIX, 40, 16, 17):
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW):
        try:
            line = socket.socket(family, kind)
            line.settimeout(0.2)
            line.connect({socket.AF_UNIX: "/run/docker.sock"}.get(family, ("127.0.0.1", PORT)))
            line.send(b"x")
            got.append(family)
        except Exception as error:
            pass
try:
    socket.getaddrinfo("example.org", 80)
    got.append("name")
except Exception:
    pass
print("TRIED", "LOOT" if got else "")
"""

ANSWERS = {"square": HOSTILE}
