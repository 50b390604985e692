"""What finer bins bring: recorded cases, cut as a running verification cuts its windows. Prints the table in
docs/benchmarks.md.

.venv/bin/python benchmarks/bins.py CASES [--bins NUMBER ...] [--leave-out KIND ...]
"""

import argparse
import os
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import timedelta
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from unittest.mock import patch

import polars as pl
from ablation import Outcomes, chosen, outcomes

from logverdict.domain.window import Window
from logverdict.verify.plan import bin_seconds

LEAST = timedelta(seconds=1)


def as_running(_times: pl.Series, window: Window) -> float:
    return bin_seconds([Window(window.start, max(window.end, window.start + LEAST))])


def cut(bins: int, folders: Sequence[Path]) -> Outcomes:
    """Of 0 as `backtest` does."""
    if not bins:
        return outcomes(folders)
    with patch("logverdict.verify.plan.BINS", bins), patch("logverdict.verify.backtest.bin_width", as_running):
        return outcomes(folders)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("cases", type=Path)
    options.add_argument("--bins", action="append", default=[], type=int)
    options.add_argument("--leave-out", action="append", default=[], help="kind of case whose truth is weak")
    given = options.parse_args()
    folders = list(chosen(given.cases, given.leave_out))
    os.environ.setdefault("POLARS_MAX_THREADS", "1")
    bins = [*(given.bins or [20, 30, 40, 60, 120, 240]), 0]
    with ProcessPoolExecutor(mp_context=get_context("spawn"), max_tasks_per_child=1) as pool:
        print(f"{len(folders)} cases\n\n| bins | F1 | alarms | line F1 |\n|---|---|---|---|")
        for number, one in zip(bins, pool.map(partial(cut, folders=folders), bins), strict=True):
            print(f"| {number or 'as recorded'} | {one.f1:.3f} | {one.alarms:.3f} | {one.lines:.3f} |", flush=True)


if __name__ == "__main__":
    main()
