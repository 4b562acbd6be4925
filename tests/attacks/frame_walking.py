"""The frames, modules, garbage and threads of its process hold nothing of the judge's."""

from __future__ import annotations

HOSTILE = r"""
import gc, sys, inspect
loot = []
frame = sys._getframe()
while frame is not None:
    loot.append(str({**frame.f_globals, **frame.f_locals})[:20000])
    frame = frame.f_back
for name, module in list(sys.modules.items()):
    if name.startswith("grader"):
        loot.append(str(vars(module))[:5000])
loot += [str(thing)[:300] for thing in gc.get_objects() if isinstance(thing, (str, dict, list)) and "hidden" in str(thing)[:3000].lower()][:200]
print("TRIED")
print("".join(loot)[:100000])
"""

ANSWERS = {"square": HOSTILE}
