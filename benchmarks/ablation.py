"""What each idea of the engine brings: recorded cases judged without it. Prints the table in docs/benchmarks.md.

.venv/bin/python benchmarks/ablation.py CASES [--leave-out KIND ...]
"""

import argparse
import json
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from statistics import fmean
from typing import Any
from unittest.mock import patch

import numpy as np
import polars as pl

from logverdict.adapters.cases import case_folders, read_case
from logverdict.analysis import count, severity
from logverdict.analysis.ending import Ending, ending
from logverdict.analysis.floor import Floor, scripted
from logverdict.analysis.reworded import Reworded
from logverdict.analysis.statement import Outcome, Statement
from logverdict.domain.policy import Policy
from logverdict.domain.words import Severity, Verdict
from logverdict.verify.backtest import predict

POLICY = replace(Policy(), min_entries=10)
Change = tuple[str, Any]
"""A name in the engine, and what stands there instead."""


def level_alone(keys: pl.Series) -> pl.DataFrame:
    known = severity.key_severities(keys)
    return known.with_columns(words=pl.lit(0, pl.Int8), exception=pl.lit(False), coded=pl.lit(False))


def words_at_any_level(keys: pl.Series) -> pl.DataFrame:
    known = severity.key_severities(keys)
    return known.with_columns(coded=pl.col("coded") | (pl.col("words") >= int(Severity.ERROR)))


def no_floor(compared: Any, kind: Any, *_: object) -> Floor:
    found = int(np.count_nonzero(compared.new & kind))
    return Floor(found, 0.0, 0.0, beyond=found > 0, many=found >= 5, far=found >= 5, sure=found > 0)


def no_usual_end(*asked: Any) -> Ending:
    return replace(ending(*asked), usual=False)


def none(compared: Any, *_: object) -> Any:
    return np.zeros(len(compared.table), np.bool_)


IDEAS: dict[str, tuple[Change, ...]] = {
    "(all ideas)": (),
    "severity from words (level alone)": ((f"{count.__name__}.key_severities", level_alone),),
    "an author's INFO": ((f"{count.__name__}.key_severities", words_at_any_level),),
    "runs by the order of their messages (by one-off messages)": (("logverdict.analysis.judge.a_run", scripted),),
    "how a run breaks off": (("logverdict.analysis.ending._broken", none),),
    "what nothing comes after": (("logverdict.analysis.ending._hung", none),),
    "a run's usual end": (("logverdict.analysis.judge.ending", no_usual_end),),
    "what comes several times at once": (("logverdict.analysis.judge.at_once", lambda *_: {}),),
    "errors of a crash loop": (("logverdict.analysis.judge.at_each_start", none),),
    "roles": (("logverdict.analysis.strength.of_a_role", none),),
    "concurrent comparison": (("logverdict.verify.backtest.SAME_TIME", 2.0),),
    "frequency": (
        (
            "logverdict.analysis.judge.of_frequency",
            lambda c, *_: (np.zeros(len(c.table), np.int64), np.zeros(len(c.table), np.bool_)),
        ),
    ),
    "noise floors": (("logverdict.analysis.judge.floor", no_floor),),
    "new errors that last": (("logverdict.analysis.judge.lasting", none),),
    "new warnings that go on": (("logverdict.analysis.judge.throughout", none),),
    "what a new version words otherwise": (("logverdict.analysis.judge.reworded", lambda *_: Reworded()),),
    "a quiet baseline is long enough to be quiet": (("logverdict.analysis.spells.NOISE", 0.0),),
    "templates of a cluster by themselves": (("logverdict.analysis.engine.apart", lambda compared, *_: compared),),
    "drift between windows": (("logverdict.analysis.frequency.drift", lambda *_: (0.0, 1e9)),),
    "changes of frequency must last": (
        ("logverdict.analysis.frequency._lasting", lambda m, *_: np.ones(len(m), bool)),
    ),
    "a job's own statement": (("logverdict.analysis.statement.statement", lambda *_: Statement(Outcome.NONE)),),
    "outcome lines are effects, not causes": (("logverdict.analysis.judge.effects_of", none),),
    "variable places in sentences": (("logverdict.analysis.compare.clusters", lambda table: np.arange(len(table))),),
    "grouping of new templates": (("logverdict.analysis.compare.stories", lambda texts: np.arange(len(texts))),),
    "  of it: cosine of TF-IDF": (("logverdict.analysis.similar.ALIKE_COSINE", 0.0),),
    "  of it: Jaccard of words": (("logverdict.analysis.similar.ALIKE_JACCARD", 0.0),),
    "  of it: k-means (all pairs instead)": (
        ("logverdict.analysis.similar._blocks", lambda rows: [np.arange(rows.shape[0])]),
    ),
}


@dataclass(frozen=True)
class Outcomes:
    f1: float
    alarms: float
    lines: float
    events: float


def without(changes: Sequence[Change], folders: Sequence[Path]) -> Outcomes:
    """Runs in a process of its own: what it changes is gone with it."""
    with ExitStack() as stack:
        for name, instead in changes:
            stack.enter_context(patch(name, instead))
        return outcomes(folders)


def outcomes(folders: Sequence[Path]) -> Outcomes:
    said, lines, events = [], [], []
    for folder in folders:
        truth = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
        prediction = predict(read_case(folder), POLICY)
        bad, fails = truth["verdict"] == "fail", prediction.judgement.verdict is Verdict.FAIL
        said.append((bad, fails))
        events.append(sum(event.impact.value != "NONE" for event in prediction.judgement.events))
        if bad and truth.get("anomalous_messages"):
            undecided = set(truth.get("undecided_messages") or ())
            right, named = set(truth["anomalous_messages"]) - undecided, set(prediction.lines) - undecided
            if right:
                lines.append(2 * len(right & named) / (len(right) + len(named)))
    found, missed, alarms = (said.count(pair) for pair in ((True, True), (True, False), (False, True)))
    good = alarms + said.count((False, False))
    f1 = 2 * found / max(1, 2 * found + missed + alarms)
    return Outcomes(f1, alarms / max(1, good), fmean(lines) if lines else 0.0, fmean(events))


def chosen(cases: Path, leave_out: Sequence[str]) -> Iterator[Path]:
    for folder in case_folders(cases, "*"):
        if json.loads((folder / "truth.json").read_text(encoding="utf-8"))["kind"] not in leave_out:
            yield folder


def named(idea: str, folders: Sequence[Path]) -> Outcomes:
    return without(IDEAS[idea], folders)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("cases", type=Path)
    options.add_argument("--only", action="append", default=[], help="part of a row's name; without it all rows")
    options.add_argument("--leave-out", action="append", default=[], help="kind of case whose truth is weak")
    given = options.parse_args()
    folders = list(chosen(given.cases, given.leave_out))
    os.environ.setdefault("POLARS_MAX_THREADS", "1")
    work: Callable[[str], Outcomes] = partial(named, folders=folders)
    with ProcessPoolExecutor(mp_context=get_context("spawn"), max_tasks_per_child=1) as pool:
        print(f"{len(folders)} cases\n\n| left out | F1 | alarms | line F1 | events a case |\n|---|---|---|---|---|")
        ideas = [idea for idea in IDEAS if not given.only or any(part in idea for part in given.only)]
        for idea, one in zip(ideas, pool.map(work, ideas), strict=True):
            print(f"| {idea} | {one.f1:.3f} | {one.alarms:.3f} | {one.lines:.3f} | {one.events:.1f} |", flush=True)


if __name__ == "__main__":
    main()
