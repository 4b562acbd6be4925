"""A pytest plugin that runs nbgrader's own suite on our executor: `-p on_our_engine`. Nothing else of nbgrader is touched."""

from __future__ import annotations

from nbgrader.converters import Autograde
from nbgrader.preprocessors import Execute

from grader.autograde import SplitExecute

steps = Autograde.autograde_preprocessors.default_args[0]
steps[steps.index(Execute)] = SplitExecute
