"""MkDocs hook: add the pages that are derived from the catalogue.

An aggregate of cohorts is read from the file named in ATELIER_AGGREGATE, else from build/aggregate.json if it is there; the
quality of the labs from build/quality.json, which `atelier check --report` writes. What the theme leaves without a name gets one. After
the build, words with accents are entered into the search index without them as well.
"""

from __future__ import annotations

import json
import os
import re
import unicodedata
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

from atelier import kits, records
from grader import catalog, pages
from grader.cli import atelier as command
from grader.engines import gate
from grader.errors import CatalogError
from grader.progress.group import Aggregate
from grader.quality import Quality

DEFAULT_AGGREGATE = Path("build/aggregate.json")
QUALITY = Path("build/quality.json")

_pages: dict[str, str] = {}


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Render the derived pages, and put them where the navigation says "*"."""
    root = Path(config.config_file_path).parent
    try:
        known = catalog.load(root)
    except CatalogError as error:
        raise PluginError("The catalogue has problems:\n" + "\n".join(map(str, error.problems))) from error
    _pages.clear()
    _pages.update(
        pages.render(
            roles=known.roles,
            labs=known.labs,
            skills=known.skills,
            policy=known.policy,
            adoption=known.adoption,
            aggregate=_aggregate(root),
            gates={lab.id: gate.load(lab.root / "gate.json") for lab in known.labs},
            hub=_hub(config),
        )
    )
    _pages["reference/commands.md"] = pages.command_reference(command)
    setups = {name: kits.load(name).setup for name in sorted({lab.file.kit for lab in known.labs})}
    _pages["reference/lab-toml.md"] = pages.lab_reference(setups)
    _pages["reference/policy-toml.md"] = pages.policy_reference()
    _pages["reference/lab-quality.md"] = pages.quality_page(_quality(root), known.labs)
    config.nav = _expanded(config.nav or [])
    return config


def _hub(config: MkDocsConfig) -> str:
    address = str(config.extra.get("hub") or "")
    if address and not address.startswith(("https://", "http://")):
        raise PluginError(
            f"mkdocs.yml: extra.hub: {address!r} is no address; write https://hub.example.org, or leave it empty."
        )
    return address


def _aggregate(root: Path) -> Aggregate | None:
    named = os.environ.get("ATELIER_AGGREGATE", "")
    path = Path(named) if named else root / DEFAULT_AGGREGATE
    if not named and not path.is_file():
        return None
    try:
        found: Aggregate = records.load(Aggregate, json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:
        raise PluginError(
            f"{path} is not an aggregate: {error}. Write it again: atelier site build --course DIR"
        ) from error
    return found


def _quality(root: Path) -> Quality | None:
    path = root / QUALITY
    try:
        found: Quality = records.load(Quality, json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise PluginError(f"{path} is not a quality report: {error}. Write it again: atelier check --report") from error
    return found


def _expanded(nav: list[Any]) -> list[Any]:
    found: list[Any] = []
    for item in nav:
        if isinstance(item, str) and item.endswith("/*"):
            folder = item.removesuffix("*")
            found += [path for path in _pages if path.startswith(folder) and path != f"{folder}index.md"]
        elif isinstance(item, dict):
            found.append(
                {title: _expanded(below) if isinstance(below, list) else below for title, below in item.items()}
            )
        else:
            found.append(item)
    return found


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the derived pages to the hand-written ones; a path in both is an error, not a surprise."""
    for path, text in _pages.items():
        if files.get_file_from_path(path) is not None:
            raise PluginError(f"site/pages/{path} is derived from the catalogue; remove the hand-written one.")
        files.append(File.generated(config, path, content=text))
    return files


def on_post_page(output: str, page: Page, config: MkDocsConfig) -> str:  # noqa: ARG001  # MkDocs names them
    """Give the theme's search dialog a name: a screen reader announces it."""
    return output.replace('role="dialog"', 'role="dialog" aria-label="Search"')


def on_post_build(config: MkDocsConfig) -> None:
    """Let a search for "competence" find "compétence": Material's own index knows accents, people's keyboards may not."""
    path = Path(config.site_dir) / "search" / "search_index.json"
    if path.is_file():
        index = json.loads(path.read_text(encoding="utf-8"))
        for entry in index["docs"]:
            entry["text"] += "".join(f" {word}" for word in _plain_words(f"{entry['title']} {entry['text']}"))
        path.write_text(json.dumps(index, ensure_ascii=False, separators=(",", ":")), encoding="utf-8")


def _plain_words(text: str) -> list[str]:
    """Return the words that have accents, without them, each once."""
    found = {word: _plain(word) for word in re.findall(r"\w+", text)}
    return sorted({plain for word, plain in found.items() if plain != word})


def _plain(word: str) -> str:
    return "".join(letter for letter in unicodedata.normalize("NFD", word) if not unicodedata.combining(letter))
