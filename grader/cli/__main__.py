"""`python -m grader.cli` is `atelier`."""

from grader.cli import main

main()
