"""The authors' guide, followed word for word in a checkout of its own: files written, commands run, answers compared."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

from conftest import ROOT, Run

GUIDE = ROOT / "site/pages/guides/author.md"
_BLOCK = re.compile(r'^```(\w+)(?: title="([^"]+)")?\n(.*?)^```$', re.MULTILINE | re.DOTALL)


def _blocks() -> Iterator[tuple[str, str, str]]:
    """Yield language, title and text of each block, in order."""
    yield from ((lang, title, text) for lang, title, text in _BLOCK.findall(GUIDE.read_text(encoding="utf-8")))


def _fits(told: str, wanted: str) -> bool:
    """Compare what a command printed with the guide, where "…" stands for anything."""
    pattern = ".*".join(re.escape(piece) for piece in wanted.strip().split("…"))
    return re.fullmatch(pattern, told.strip(), re.DOTALL) is not None


def test_following_the_guide_makes_a_lab_that_holds(run: Run, tiny: Path) -> None:
    """Every titled block is a file, every console block is run and answers as printed."""
    ran = []
    for lang, title, text in _blocks():
        if title.endswith(", at the end"):
            path = tiny / title.removesuffix(", at the end")
            path.write_text(f"{path.read_text(encoding='utf-8')}\n{text}", encoding="utf-8")
        elif title:
            path = tiny / title
            assert path.exists(), "the guide fills in what the scaffold made"
            path.write_text(text, encoding="utf-8")
        elif lang == "console":
            command, _, wanted = text.partition("\n")
            name, *arguments = shlex.split(command.removeprefix("$ "))
            assert name == "atelier"
            told = run(*arguments, at=tiny)
            assert _fits(told.out + told.err, wanted), told
            ran.append((command, told.code))
    assert ran[1][1] == 1
    assert [code for _, code in ran[2:]] == [0] * (len(ran) - 2)
    assert ran[-1][0] == "$ atelier check order-confirmations"
