"""Open the sample cohort, or JupyterLab as a learner."""

from __future__ import annotations

from getpass import getuser
from pathlib import Path

import click

from grader.cli.shared import course_option, progress_bar, say, say_json


@click.command()
@click.option(
    "--serve/--no-serve",
    default=True,
    help="Serve report and site on loopback at the end (default), or stop there.",
)
@click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where to build it. Default: build/demo in the checkout.",
)
@click.option("--port", default=8765, show_default=True, help="Port for the site and the report.")
def demo(serve: bool, folder: Path | None, port: int) -> None:
    """Set up the sample cohort, grade it for real, build the report and the site, and serve them.

    Starts again where an earlier run stopped. Ends with one JSON line of figures and paths.
    """
    from grader import catalog
    from grader import demo as show

    root = catalog.find_root()
    target = folder or root / "build" / "demo"
    with progress_bar("Sample cohort") as progress:
        result = show.run(catalog.load(root), target, progress, lambda text: say(text, err=True))
    if serve:
        with show.serving(result, port) as addresses:
            for name, address in addresses.items():
                say(f"{name:<12} {address}", err=True)
            say("Ctrl-C stops it.", err=True)
            show.wait()
    say_json(result.figures)


@click.command()
@click.option("--role", "-r", default="finance", show_default=True, help="Whose track to learn.")
@course_option
@click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Your folder. Default: build/learner in the checkout.",
)
@click.option("--learner", default=getuser, help="Your id in the course. Default: your user name.")
@click.option("--port", default=8888, show_default=True, help="Port of JupyterLab; the next free one is taken.")
@click.option("--browser/--no-browser", default=True, help="Open the browser (default), or print the address only.")
@click.option(
    "--hub", is_flag=True, help="Be the server that a JupyterHub starts for a learner; your folder is ~/atelier."
)
def lab(role: str, course: Path | None, folder: Path | None, learner: str, port: int, browser: bool, hub: bool) -> None:
    """Open JupyterLab as a learner, with the practice model, on "My track".

    Without --course you practise on your own: a private course is made beside your folder.
    """
    from grader import catalog, room

    root = catalog.find_root()
    known = catalog.load(root)
    with progress_bar("Preparing your labs") as progress:
        home = folder or (Path.home() / "atelier" if hub else root / "build" / "learner")
        ready = room.prepare(known, role, course, home, learner, progress)
    if hub:
        room.host(ready, say=say)
        return
    room.run(ready, port=port, open_browser=browser, say=say)
