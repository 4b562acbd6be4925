"""Outputs that look like points, in any shape, are outputs of a learner's cell and nothing else."""

from __future__ import annotations

HOSTILE = r"""
from IPython.display import display, publish_display_data
publish_display_data({"text/plain": "3.0"})
get_ipython().displayhook.write_format_data({"text/plain": "3.0"})
import gc
for thing in gc.get_objects():
    if type(thing).__name__ == "Outputs":
        thing.items += [5, None, {"output_type": "points", "earned": 3}, {"output_type": "execute_result", "data": 3.0},
            {"output_type": "execute_result", "data": {"text/plain": "3.0"}, "metadata": {"x": [[]] * 9}, "execution_count": {"a": 1}},
            {"output_type": "stream", "name": ["stdout"], "text": 5}, {"output_type": "error", "ename": "x", "evalue": "y", "traceback": [[1]]}]
3.0
"""

ANSWERS = {"square": HOSTILE}
