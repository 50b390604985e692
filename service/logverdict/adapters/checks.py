"""Recorded sides on disk, for the checks: their marks, and their entries; both run in processes of their own."""

from collections.abc import Callable, Collection, Sequence
from functools import lru_cache
from pathlib import Path

from logverdict.adapters.cases import read_case
from logverdict.domain.policy import Policy
from logverdict.domain.words import Comparison, Verdict
from logverdict.verify.backtest import Case, Prediction, spanned
from logverdict.verify.checked import SOUND, Checked, Recording, judge_checks
from logverdict.verify.checks import Check, Recorded, Where
from logverdict.verify.marks import mark

REMEMBERED = 4
"""Cases that a process keeps: checks of one case follow each other."""


def recorded(folder: Path, said: Prediction, left_out: Collection[str]) -> Recorded | None:
    """What the checks need to know of a case: where its truth is not known, FAIL is taken for bad and PASS for good.

    None for incomplete recordings and for kinds of truth that are left out.
    """
    truth, verdict = said.truth, said.judgement.verdict
    if not said.complete or (truth is not None and truth.kind in left_out):
        return None
    case = read_case(folder)
    return Recorded(
        case.name,
        case.source,
        good=truth.verdict == "pass" if truth else verdict is Verdict.PASS,
        bad=truth.verdict == "fail" if truth else verdict is Verdict.FAIL,
        sound=verdict in SOUND,
        concurrent=said.judgement.comparison is Comparison.CONCURRENT,
        marks=tuple(mark(frame) for frame in (case.candidate, *case.baselines)),
    )


def check_folder(root: Path, checks: Sequence[Check], policy: Policy) -> list[Checked]:
    """Those of the checks that can be made."""
    return judge_checks(checks, _sides(root), policy)


def _sides(root: Path) -> Callable[[Where], Recording]:
    def read(where: Where) -> Recording:
        case = _case(root / where.folder)
        entries = (case.candidate, *case.baselines)[where.side]
        return Recording(entries, case.windows[where.side] if case.windows else spanned(entries))

    return read


@lru_cache(maxsize=REMEMBERED)
def _case(folder: Path) -> Case:
    return read_case(folder)
