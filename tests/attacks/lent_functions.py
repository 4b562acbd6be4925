"""The functions that a check lends lead to no frame, global or code of the judge."""

from __future__ import annotations

HOSTILE = r"""
def each(function, items):
    loot = []
    for name in ("__globals__", "__code__", "__closure__", "__self__", "__func__", "__wrapped__", "gi_frame"):
        try:
            loot.append(getattr(function, name))
        except BaseException as error:
            loot.append(error)
    try:
        function(Exception())
    except BaseException as error:
        trace = error.__traceback__
        while trace is not None:
            loot.append(sorted(trace.tb_frame.f_globals))
            loot.append({k: str(v) for k, v in trace.tb_frame.f_locals.items()})
            trace = trace.tb_next
    raise ValueError(str(loot)[:3000])
"""

ANSWERS = {"square": HOSTILE}
