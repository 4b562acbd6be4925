"""A patched shell (run_cell, run_cell_async, do_execute, hooks, compile) runs no check, so it forges none."""

from __future__ import annotations

HOSTILE = r"""
ip = get_ipython()
class Good:
    success, result, error_in_exec, error_before_exec = True, 3.0, None, None
for name in ("run_cell", "run_cell_async", "run_ast_nodes", "run_code", "do_execute", "compile", "showtraceback"):
    setattr(type(ip), name, lambda *args, **named: Good())
    ip.__dict__[name] = lambda *args, **named: Good()
ip.user_ns["3.0"] = 3.0
"""

ANSWERS = {"square": HOSTILE}
