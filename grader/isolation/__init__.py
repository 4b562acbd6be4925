"""Confining what learners wrote: a ladder of levels, each proved by attacks rather than assumed.

`spawn` forks a warm, trusted process into a confined child; `launch` confines a program. Levels: A new namespaces and a
root of its own, B Landlock and seccomp on the machine's files, C whatever the operator's container does, D limits only.
"""

from grader.isolation.child import Confined, spawn
from grader.isolation.room import Bounds, Level, Room, Usage, runtime

__all__ = ["Bounds", "Confined", "Level", "Room", "Usage", "runtime", "spawn"]
