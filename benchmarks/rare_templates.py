"""Share of rare templates that are found new once the baseline has none of them. Prints what docs/benchmarks.md says.

    .venv/bin/python benchmarks/rare_templates.py CASES

Of each case, templates that both sides have and the candidate has at most 3 times are taken out of the baseline in
turn, by the words of their keys: whatever else falls into the same template or cluster stays and hides them.
"""

import random
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import polars as pl

from logverdict.adapters.cases import case_folders, read_case
from logverdict.analysis.compare import compare
from logverdict.analysis.sides import Sides, Stretch
from logverdict.domain.errors import InvalidRequest
from logverdict.verify.backtest import recorded_sides

RARE, TRIED = 3, 10
"""Entries in the candidate, at most; keys tried per case."""


def rare_keys(sides: Sides) -> list[str]:
    """Keys that both sides have, those of the candidate at most RARE times; a sample of TRIED."""
    mine = sides.candidate.counts.counts.group_by("key").agg(pl.col("count").sum())
    mine = mine.filter(pl.col("count") <= RARE)
    known = pl.concat([one.counts.counts["key"] for one in sides.baselines]).unique()
    found = mine.filter(pl.col("key").is_in(known.implode()))["key"].sort().to_list()
    return random.Random(1).sample(found, min(TRIED, len(found)))


def without(stretch: Stretch, key: str) -> Stretch:
    whole = stretch.counts
    return replace(stretch, counts=replace(whole, counts=whole.counts.filter(pl.col("key") != key)))


def outcome(sides: Sides, key: str) -> str:
    """Whether the key's cluster is new, and else what hides it."""
    found = compare(replace(sides, baselines=tuple(without(one, key) for one in sides.baselines)))
    row = found.cells.filter((pl.col("key") == key) & (pl.col("stretch") == 0)).row(0, named=True)
    if found.new[row["cluster"]]:
        return "found"
    others = found.cells.filter((pl.col("row") == row["row"]) & (pl.col("key") != key) & (pl.col("stretch") != 0))
    return "template" if len(others) else "cluster"


def main(root: str) -> None:
    total = Counter[str]()
    for folder in case_folders(Path(root), "*"):
        try:
            sides = recorded_sides(read_case(folder))
        except InvalidRequest:
            continue
        total.update(outcome(sides, key) for key in rare_keys(sides))
    tried = total.total()
    print(f"{tried} rare keys taken out: {total['found'] / tried:.1%} found new")
    for what in ("template", "cluster"):
        print(f"hidden by a known key of the same {what}: {total[what] / tried:.1%}")


if __name__ == "__main__":
    main(*sys.argv[1:])
