"""Labs prove themselves: the reference earns everything, the untouched notebook nothing, each attempt what it declares.

The proof runs on the real path: an attempt becomes an `answers.json` in a folder, is read as a submission is, and
scored on hidden cases drawn from the check's own secret. Model replies come from the lab's recordings. Then the reference and
the partial attempts are scored on the cases of twenty more secrets: cohorts must get the same points for the same work.
What the model's replies earn there is on record for some of them; see `spread`.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from datetime import date
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from atelier import answers, kits, records
from atelier.files import write_text
from grader import catalog, codelab, notebook, quality, release, scoring, spread
from grader.engines import Engine, configured, gate
from grader.engines.recorder import Recorder
from grader.errors import CatalogError, GraderError, Problem
from grader.model import Attempt, EngineSettings, Lab, Score, Status
from grader.quality import LabQuality, Quality
from grader.spread import Recorded, Spread

SECRET = "atelier check"  # noqa: S105  # the seed of the proof, open on purpose; cohorts have their own
REFERENCE_AT_LEAST = 95
CHEATS, CHEAT_AT_MOST = 8, 20
PARTIAL = 2
TRAINER_WORDS, MOST_TOLD = 150, 5
REPORT = Path("build/quality.html")  # under the checkout; the site reads the JSON beside it
COHORTS = Path("build/spread")  # under the checkout; replies of a measurement under way
_TOLERANCE = 0.05


@dataclass(frozen=True, slots=True)
class Proof:
    """What a lab proved: its problems, what each attempt earned (None: ungraded), and how the score spreads over cohorts."""

    lab: str
    problems: tuple[Problem, ...]
    ladder: tuple[tuple[str, float | None], ...] = ()
    spreads: tuple[Spread, ...] = ()


def prove(
    lab: Lab, engine: Engine, *, record: bool = False, progress: Callable[[int, int, str], None] | None = None
) -> Proof:
    """Prove `lab`. With `record`, replies that are missing are asked of `engine` and kept in the lab's folder."""
    try:
        measured = gate.read(lab.root / "gate.json", engine.id)
        recorded = spread.load(lab, engine.id)
        lab = release.qualified(lab, measured)
        built = notebook.source(lab)
        cases = catalog.hidden_cases(lab, SECRET)
        practice = catalog.practice_cases(lab, SECRET)
        everything = _everything(lab)
    except CatalogError as error:
        return Proof(lab.id, error.problems)
    except Exception as error:  # noqa: BLE001  # a lab's own code: any fault of it is a finding
        return Proof(lab.id, (catalog.crash(lab, error),))
    problems = [*_unwritten(lab), *_structure(lab, cases, practice), *_gate_problems(lab, measured)]
    problems += _outdated(lab, recorded)
    if lab.file.mode == "code":
        return _prove_code(lab, everything, cases, problems)
    earned: dict[str, Score] = {}
    with TemporaryDirectory() as scratch:
        submissions = {
            name: _submit(lab, attempt, built, Path(scratch) / str(i))
            for i, (name, attempt) in enumerate(everything.items())
        }
    recorder = Recorder(lab.root / "replies", engine)
    asked = {name: scoring.requests(lab, submission, cases) for name, submission in submissions.items()}
    wanted = list({r.key: r for requests in asked.values() for r in requests}.values())
    report = (lambda done, total: progress(done, total, f"{lab.id}: model replies")) if progress else None
    replies = recorder.replies(wanted, report) if record else recorder.recorded(wanted)
    if missing := len(wanted) - len(replies):
        problems.append(
            _problem(
                lab,
                "replies",
                f"{missing} of {len(wanted)} model replies are not recorded; run: atelier check {lab.id} --record",
            )
        )
    for name, submission in submissions.items():
        earned[name] = scoring.score(lab, submission, cases, replies, engine.id)
    problems += _ladder(lab, everything, earned)
    ladder = tuple((name, float(score.earned) if score.graded else None) for name, score in earned.items())
    try:
        honest = {name: a.answer for name, a in everything.items() if _spreads(name, a)}
        spreads = spread.measure(lab, honest, cases, tuple(recorded.values()), replies)
    except Exception as error:  # noqa: BLE001  # cases.py again, under other secrets
        problems.append(catalog.crash(lab, error, " under some secrets"))
        return Proof(lab.id, tuple(problems), ladder)
    problems += _spread_problems(lab, spreads)
    return Proof(lab.id, tuple(problems), ladder, spreads)


def _prove_code(lab: Lab, everything: dict[str, Attempt], cases: Sequence[Any], problems: list[Problem]) -> Proof:
    """Prove a code lab: its attempts run as submissions do; how it spreads is measured on honest code, executed here."""
    earned, found = codelab.scores(lab, everything, SECRET)
    problems += found
    attempts = {name: attempt for name, attempt in everything.items() if name in earned}
    problems += _ladder(lab, attempts, earned)
    ladder = tuple((name, float(score.earned) if score.graded else None) for name, score in earned.items())
    try:
        honest = {name: codelab.as_answer(lab, a.answer or {}) for name, a in attempts.items() if _spreads(name, a)}
        spreads = spread.measure(lab, honest, cases)
    except Exception as error:  # noqa: BLE001  # the lab's own code
        problems.append(_problem(lab, "lab.py", f"its solution fails with {type(error).__name__}: {error}"))
        return Proof(lab.id, tuple(problems), ladder)
    problems += _spread_problems(lab, spreads)
    return Proof(lab.id, tuple(problems), ladder, spreads)


def _everything(lab: Lab) -> dict[str, Attempt]:
    reference, attempts = catalog.attempts(lab)
    return {
        "reference": Attempt(reference, 100, "the reference"),
        "untouched": Attempt(None, 0, "nothing"),
        **attempts,
    }


def report(labs: Sequence[Lab], proofs: Sequence[Proof], path: Path) -> Path:
    """Write the quality of `labs` to the HTML file `path`, and beside it as JSON for the site; returns `path`."""
    day = f"{date.today():%-d %B %Y}"  # noqa: DTZ011  # the author's own day
    found = Quality(1, day, tuple(_quality(lab, proof) for lab, proof in zip(labs, proofs, strict=True)))
    write_text(path, quality.render(found))
    write_text(path.with_suffix(".json"), records.text(found))
    return path


def _quality(lab: Lab, proof: Proof) -> LabQuality:
    try:
        attempts, built = _everything(lab), notebook.source(lab)
        gates = gate.load(lab.root / "gate.json")
    except CatalogError:
        attempts, built, gates = {}, {"cells": []}, {}  # the proof has said so
    reading = quality.read(quality.learner_texts(lab, built))
    return quality.of(lab, attempts, proof.ladder, proof.spreads, gates, reading, [str(p) for p in proof.problems])


def prove_all(labs: Sequence[Lab], progress: Callable[[int, int, str], None]) -> list[Proof]:
    """Prove `labs` from their recordings, as many at a time as there are cores; in their order."""
    if len(labs) == 1:
        return [_prove_recorded(labs[0])]
    found: dict[str, Proof] = {}
    # Fresh processes: forking one that draws a progress bar would copy its locks.
    with ProcessPoolExecutor(min(os.cpu_count() or 1, len(labs)), mp_context=get_context("spawn")) as pool:
        proving = [pool.submit(_prove_recorded, lab) for lab in sorted(labs, key=_takes)]
        try:
            for proved in as_completed(proving):
                proof = proved.result()
                found[proof.lab] = proof
                progress(len(found), len(labs), proof.lab)
        except BrokenProcessPool as error:
            culprit = next(lab.id for lab in labs if lab.id not in found)
            raise GraderError(
                "A lab's own code ended the process that proved it.", f"Try them one by one: atelier check {culprit}"
            ) from error
    return [found[lab.id] for lab in labs]


def _takes(lab: Lab) -> int:
    """Return where a lab stands among those that wait: longest first, so that no core idles while the last one is proved."""
    slow = (lab.file.kit == "testing", lab.file.mode == "code", lab.file.kit == "redaction")
    return slow.index(True) if any(slow) else len(slow)


def record_all(labs: Sequence[Lab], progress: Callable[[int, int, str], None]) -> list[Proof]:
    """Prove `labs` one after the other, asking the practice model for replies that are not recorded yet."""
    with configured(EngineSettings()) as engine:
        return [prove(lab, engine, record=True, progress=progress) for lab in labs]


def record_spread(labs: Sequence[Lab], folder: Path, progress: Callable[[int, int, str], None]) -> None:
    """Measure over twenty cohorts what the practice model's replies earn in those of `labs` that ask it; see `spread.record`."""
    with configured(EngineSettings()) as engine:
        for lab in labs:
            if catalog.gate_specs(lab) or len(labs) == 1:
                qualified = release.qualified(lab, gate.read(lab.root / "gate.json", engine.id))
                spread.record(qualified, engine, folder, progress)


def _prove_recorded(lab: Lab) -> Proof:
    with configured(EngineSettings()) as engine:
        return prove(lab, engine)


def _spreads(name: str, attempt: Attempt) -> bool:
    """Return whether an attempt's score must be the same in every cohort: the reference, and honest partial answers."""
    return name == "reference" or (not attempt.ungraded and CHEAT_AT_MOST < attempt.earns < REFERENCE_AT_LEAST)


def _spread_problems(lab: Lab, spreads: Sequence[Spread]) -> list[Problem]:
    return [
        _problem(
            lab,
            "cases.py",
            f"earns {found.low:.1f} to {found.high:.1f} over {found.cohorts} cohorts, ±{found.each_way:.1f}; at most "
            f"±{spread.EACH_WAY:g}. Draw each kind of case equally often, or more hidden cases",
            found.attempt,
        )
        for found in spreads
        if found.each_way > spread.EACH_WAY
    ]


def _problem(lab: Lab, file: str, says: str, key: str = "") -> Problem:
    return Problem(f"exercises/labs/{lab.id}/{file}", key, says)


def _unwritten(lab: Lab) -> list[Problem]:
    """Return what `atelier new lab` left for the author: a scaffold works, and is no lab."""
    found = []
    for name in ("lab.toml", "lab.py", "trainer.md"):
        lines = (lab.root / name).read_text(encoding="utf-8").splitlines()
        left = [number for number, line in enumerate(lines, 1) if catalog.PLACEHOLDER in line]
        if left:
            where = ", ".join(map(str, left[:6])) + (" …" if len(left) > 6 else "")
            found.append(
                _problem(lab, name, f'still says "{catalog.PLACEHOLDER}" on line {where}; write what belongs there')
            )
    return found


def _structure(lab: Lab, cases: Sequence[Any], practice: Sequence[Any]) -> list[Problem]:
    kit = kits.load(lab.file.kit)
    told = kit.problems(lab.setup, cases)
    problems = [_problem(lab, "lab.toml", says, "setup") for says in told[:MOST_TOLD]]
    if len(told) > MOST_TOLD:  # mostly one fault, in every case
        problems.append(_problem(lab, "lab.toml", f"{len(told) - MOST_TOLD} more like these", "setup"))
    for name, found, wanted in (
        ("hidden_cases", cases, lab.file.hidden_cases),
        ("practice_cases", practice, lab.file.practice_cases),
    ):
        if len(found) != wanted:
            says = f"cases(rng, {wanted}) draws {len(found)}; draw as many as asked, or change {name} in lab.toml"
            problems.append(_problem(lab, "cases.py", says, name))
        wire = json.loads(json.dumps(records.dump(tuple(found))))
        back = records.load(tuple[kit.case, ...], wire)  # type: ignore[name-defined]
        if changed := [case for case, again in zip(found, back, strict=True) if case != again]:
            says = "changes on its way through JSON; use text, numbers, true and false, and tuples of them"
            problems.append(_problem(lab, "cases.py", f"{says}: {changed[0]!r:.120}", name))
    if catalog.hidden_cases(lab, SECRET) != tuple(cases):
        says = "two draws from the same secret differ; draw everything from the rng given, and iterate over no set"
        problems.append(_problem(lab, "cases.py", says))
    words = len((lab.root / "trainer.md").read_text(encoding="utf-8").split())
    if words < TRAINER_WORDS:
        says = f"has {words} words, under {TRAINER_WORDS}; a trainer needs the moment, mistakes, and questions"
        problems.append(_problem(lab, "trainer.md", says))
    return problems


def _gate_problems(lab: Lab, measured: gate.Gate | None) -> list[Problem]:
    if catalog.gate_specs(lab) is None:
        return []
    if measured is None:
        says = f"the practice model was never measured on this lab; run: atelier model gate {lab.id} --save"
        return [_problem(lab, "gate.json", says)]
    if not measured.qualified:
        figures = ", ".join(f"{name} {share:.2f}" for name, share in measured.accuracy.items())
        says = f"the practice model does not qualify ({figures}); change the lab (shorter documents, fewer fields), not the gate"
        return [_problem(lab, "gate.json", says)]
    return []


def _outdated(lab: Lab, recorded: Mapping[str, Recorded]) -> list[Problem]:
    return [
        _problem(
            lab,
            catalog.SPREAD,
            f"was measured on other prompts, cases or gate figures; run: atelier check {lab.id} --spread, or delete the file",
            name,
        )
        for name in spread.outdated(lab, recorded)
    ]


def _submit(lab: Lab, attempt: Attempt, built: notebook.Notebook, folder: Path) -> scoring.Submission:
    folder.mkdir()
    (folder / f"{lab.id}.ipynb").write_text(notebook.dumps(built), encoding="utf-8")
    target = folder / answers.FILE
    if isinstance(attempt.answer, bytes):
        target.write_bytes(attempt.answer)
    elif isinstance(attempt.answer, dict | str | list):
        target.write_text(
            attempt.answer if isinstance(attempt.answer, str) else json.dumps(attempt.answer),
            encoding="utf-8",
        )
    elif attempt.answer is not None:
        answers.write(target, answers.Answers(lab.id, lab.file.kit, records.dump(attempt.answer)))
    return scoring.read(lab, folder, None)


def _ladder(lab: Lab, attempts: dict[str, Attempt], earned: dict[str, Score]) -> list[Problem]:
    problems = []
    for name, attempt in attempts.items():
        if says := _differs(name, attempt, earned[name]):
            problems.append(_problem(lab, "attempts.py", says, name))
    declared = [a for name, a in attempts.items() if name not in ("reference", "untouched")]
    cheats = sum(a.ungraded or a.earns <= CHEAT_AT_MOST for a in declared)
    partial = sum(not a.ungraded and CHEAT_AT_MOST < a.earns < REFERENCE_AT_LEAST for a in declared)
    if cheats < CHEATS:
        says = f"wrong attempts that earn {CHEAT_AT_MOST} or less: {cheats}, at least {CHEATS} are needed; try what people try: "
        says += (
            "empty, everything refused, everything deleted, last cohort's answers, the right words only, a broken file"
        )
        problems.append(_problem(lab, "attempts.py", says))
    if partial < PARTIAL:
        says = f"partial attempts between {CHEAT_AT_MOST} and {REFERENCE_AT_LEAST}: {partial}, at least {PARTIAL} are needed; "
        says += "take the reference and leave out what learners leave out"
        problems.append(_problem(lab, "attempts.py", says))
    return problems


def _differs(name: str, attempt: Attempt, score: Score) -> str:
    """Say how a score differs from what it must be, and where to look; empty if it does not."""
    if attempt.ungraded and score.graded:
        return "is graded; it must end without a score, for nobody can read it. Declare what it earns, without ungraded"
    if not score.graded:
        return "" if attempt.ungraded else f"has no score: {score.reason} Declare ungraded=True if that is right"
    if name == "reference":
        unknown = [r.check for r in score.results if r.status is Status.NOT_EVALUATED]
        if unknown:
            return f"cannot be evaluated on {', '.join(unknown)}: that needs a practice model that qualifies, and its replies"
        if score.earned < REFERENCE_AT_LEAST:
            return (
                f"earns {score.earned}, at least {REFERENCE_AT_LEAST} are needed ({_parts(score)}). {_weakest(score)}"
            )
    elif abs(float(score.earned) - attempt.earns) > _TOLERANCE:
        return f"earns {score.earned}, declares {attempt.earns:g} ({_parts(score)}). Declare {score.earned} if that is fair, else mend the cases"
    return ""


def _parts(score: Score) -> str:
    told = (f"{r.check} {'not evaluated' if r.earned is None else r.earned} of {r.points}" for r in score.results)
    return "; ".join([*told, *([score.cap] if score.cap else [])])


def _weakest(score: Score) -> str:
    return max(score.results, key=lambda r: r.points - float(r.earned or 0)).says
