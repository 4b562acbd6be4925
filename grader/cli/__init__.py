"""The `atelier` command: parse, call, render, exit code (0 good, 1 findings, 2 misuse). Nothing else prints or exits.

Each module has a family of commands. Heavy imports happen inside the commands, so that `atelier --help` answers at once.
"""

from __future__ import annotations

import sys

import click

from grader.cli import authoring, cohort, doctor, insight, learner, model, records, site
from grader.cli.shared import FINDINGS, MISUSE, say


def main() -> None:
    """Run the command line; every error of ours is one message with a remedy, never a traceback."""
    from atelier.errors import AtelierError
    from grader.errors import CatalogError, GraderError

    try:
        atelier(standalone_mode=False)
    except click.exceptions.Exit as leave:
        sys.exit(leave.exit_code)
    except click.exceptions.Abort:
        say("Stopped. What was done is kept; run the same command to go on.", err=True)
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(MISUSE)
    except CatalogError as error:
        for problem in error.problems:
            say(str(problem), err=True)
        sys.exit(FINDINGS)
    except (GraderError, AtelierError) as error:
        say(f"atelier: {error}", err=True)
        sys.exit(MISUSE)
    except BrokenPipeError:
        sys.exit(0)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="atelier")
def atelier() -> None:
    """Hands-on GenAI training: graded notebook labs inside the learner's own workflow.

    \b
    Learner    atelier lab --role finance
    Trainer    atelier course new DIR, then in it: release, collect, grade, feedback, report
    Author     atelier new lab ID --kit validation, atelier check ID
    Look       atelier demo
    """


for _command in (
    *(learner.demo, learner.lab),
    *(cohort.course, cohort.release, cohort.collect, cohort.grade, cohort.feedback),
    *(insight.report, insight.similar, insight.history, insight.progress),
    *(records.kpi_group, records.session, records.badge, records.export, records.erase),
    *(authoring.check, authoring.new, model.model, site.site, doctor.doctor),
):
    atelier.add_command(_command)
