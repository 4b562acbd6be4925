"""Confining what learners wrote: a ladder of levels, each proved by attacks rather than assumed.

`spawn` forks a warm, trusted process into a confined child; `launch` confines a new program. Levels: A new namespaces and a
root of its own, B Landlock and seccomp on the machine's files, C whatever the operator's container does, D limits only.
`prove` attacks a level, `best` is the best that holds on this machine.
"""

from grader.isolation.cgroup import bounded_by
from grader.isolation.cgroup import sweep as sweep_groups
from grader.isolation.child import Confined, spawn
from grader.isolation.launch import Launched, launch
from grader.isolation.proof import Attack, Proof, best, prove, remedies
from grader.isolation.room import Bounds, Level, Room, Usage, runtime

__all__ = [
    "Attack",
    "Bounds",
    "Confined",
    "Launched",
    "Level",
    "Proof",
    "Room",
    "Usage",
    "best",
    "bounded_by",
    "launch",
    "prove",
    "remedies",
    "runtime",
    "spawn",
    "sweep_groups",
]
