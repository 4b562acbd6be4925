"""Patching json, socket, our own modules and the wire in its process forges only its own words."""

from __future__ import annotations

HOSTILE = r"""
import json, socket, operator, sys
import grader.execution.learner as learner, grader.execution.wire as wire, grader.execution.peer as peer
for name in list(learner.OPERATIONS):
    learner.OPERATIONS[name] = lambda *args, **named: True
learner.Learner._do = lambda self, message: {"value": True, "changed": {str(i): True for i in range(-3, 5)}}
learner.Learner._run = lambda self, message: {"good": True, "outputs": [{"output_type": "execute_result", "data": {"text/plain": "3.0"}, "metadata": {}}], "earned": 9, "points": 9}
json.loads = lambda *args, **named: {"ask": 1}
"""

ANSWERS = {"square": HOSTILE}
