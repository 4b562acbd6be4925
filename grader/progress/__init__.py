"""Who is where on a track, what a cohort trips over, and what may be told of a group.

Pure: records in, records out; no clock, disk or network. Three views, for three readers:

    learner(...)    one person: labs, level per practice line, what the next level still needs, the next lab and why
    cohort(...)     the trainer: grid, hardest checks, lures that caught most, who needs a hand
    aggregate(...)  the organisation: groups of at least five people, rounded, without any id
"""

from grader.progress.group import aggregate
from grader.progress.guide import learner
from grader.progress.overview import cohort

__all__ = ["aggregate", "cohort", "learner"]
