"""Running a submission's code: learner cells in a confined process, check cells in a judge's, tagged JSON between them.

jobs.py      what is executed and what comes of it
wire.py      values as bounded, tagged JSON; no pickle
peer.py      numbered questions and answers over it
learner.py   the learner's process
zygote.py    the warm process that learners' processes are forked from
proxies.py   what a check sees of a learner's names
judge.py     the judge's process
host.py      one worker: warm judge side and zygote
kernel.py    the kernel engine: a notebook whole in one confined kernel
workers.py   several workers, from the scheduler's side
"""
