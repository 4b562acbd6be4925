"""A hook before each cell sees learner cells only: no hidden test."""

from __future__ import annotations

HOSTILE = r"""
ip = get_ipython()
seen = []
ip.events.register("pre_run_cell", lambda info: seen.append(info.raw_cell))
"""

ANSWERS = {
    "table": r"""
def table(n):
    raise ValueError(str(seen))
""",
    "square": r"""
ip = get_ipython()
seen = []
ip.events.register("pre_run_cell", lambda info: seen.append(info.raw_cell))
""",
}
