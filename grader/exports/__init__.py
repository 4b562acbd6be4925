"""What leaves a cohort for other systems, one module per format. Each is pure: evidence in, text out.

    generic       CSV, a row per check of every score ever given
    moodle        CSV for Moodle's gradebook
    cornerstone   CSV for Cornerstone's transcripts
    xapi          statements for a learning record store
    badges        Open Badges 3.0 for each learner's own use (signs, so it needs a key; an extra)

All of them name people: they are written for their owner only, into the workspace, and reach no shared page.
"""
