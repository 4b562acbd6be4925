"""Templates: the stand-alone HTML pages (`*.html`) and the site's derived Markdown pages (`site/*.md`).

Everything put into a template is escaped, in Markdown too: text from a file can show tags but never make one.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from atelier.kits.base import percent
from grader.model import Lab, Role


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("grader", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    filters = (percent, span, number, heat, cell, code, day, yaml, time_of)
    environment.filters |= {made.__name__: made for made in filters}
    environment.tests["contains"] = lambda found, wanted: wanted in found
    return environment


def page(name: str, **data: Any) -> str:
    """Render the template `name` with `data`; a name that the template misses is an error, not a blank."""
    return _environment().get_template(name).render(**data)


def span(interval: tuple[float, float]) -> str:
    """Write an interval of shares as "48–71 %"."""
    return f"{interval[0] * 100:.0f}–{interval[1] * 100:.0f}\N{NO-BREAK SPACE}%"


def number(value: Any) -> str:
    """Write points without needless decimals: 62, 62.5, 62.25."""
    return f"{float(value):.2f}".rstrip("0").rstrip(".")


def heat(share: float) -> int:
    """Return the step of the five-step scale, 0 to 4, that a share of 0 to 1 is coloured by."""
    return min(int(round(share, 3) * 5), 4)


def cell(text: str) -> str:
    """Return text for a line or a table cell of Markdown: on one line, without what would end the cell."""
    return " ".join(text.split()).replace("|", "\\|")


def code(text: str) -> Markup:
    """Return text as inline code of Markdown, where nothing needs escaping but the backtick."""
    return Markup("`{}`").format(Markup(text.replace("`", "'")))  # noqa: S704  # Markdown escapes inside backticks


def day(text: str) -> str:
    """Write a day such as "2026-11-02" as "2 November 2026"; any other text stays as it is."""
    try:
        return f"{date.fromisoformat(text):%-d %B %Y}"
    except ValueError:
        return text


def yaml(value: str | list[str]) -> Markup:
    """Return a value of a page's front matter; JSON is YAML."""
    return Markup(json.dumps(value, ensure_ascii=False))  # noqa: S704  # front matter is data, not HTML


def time_of(role: Role, labs: Iterable[Lab]) -> str:
    """Write the time that a role's track takes, such as "3 h 05"."""
    hours, minutes = divmod(sum(lab.file.minutes for lab in labs if lab.id in role.labs), 60)
    return f"{hours} h {minutes:02d}" if hours else f"{minutes} min"
