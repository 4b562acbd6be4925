"""Trainer side of Atelier: releasing, grading, reporting, and the `atelier` command."""
