"""An input transformer that blanks later cells blanks no check."""

from __future__ import annotations

HOSTILE = r"""
ip = get_ipython()
ip.input_transformers_post.append(lambda lines: ["pass\n"])
ip.ast_transformers.append(type("T", (), {"visit": lambda self, node: type(node)([], [])})())
"""

ANSWERS = {"square": HOSTILE}
