"""Entries a second of processor that are reduced to counts, from a recorded case. Prints what docs/benchmarks.md says.

    POLARS_MAX_THREADS=1 .venv/bin/python benchmarks/reduce_speed.py CASE

Its candidate is repeated to 400,000 entries: as recorded, then with a number before each message so that all differ.
"""

import statistics
import sys
import time
from pathlib import Path

import polars as pl

from logverdict.adapters.cases import read_case
from logverdict.analysis.engine import reduce
from logverdict.analysis.entries import MAX_ROWS

ENTRIES, RUNS = 400_000, 5


def speed(entries: pl.DataFrame) -> float:
    """Median of the runs after one that warms up."""
    batches, start = list(entries.iter_slices(MAX_ROWS)), entries["time"].min()
    took = []
    for _ in range(RUNS + 1):
        begun = time.process_time()
        reduce(batches, source="app", start=start, bin_seconds=30, severities={})  # type: ignore[arg-type]
        took.append(time.process_time() - begun)
    return len(entries) / statistics.median(took[1:])


def main(path: str) -> None:
    window = read_case(Path(path)).candidate
    whole = pl.concat([window] * (ENTRIES // len(window) + 1)).head(ENTRIES)
    numbers = pl.int_range(1_000_000, 1_000_000 + ENTRIES, eager=True).cast(pl.String)
    print(f"as recorded: {speed(whole):,.0f} entries/s")
    print(f"all distinct: {speed(whole.with_columns(message=numbers + ' ' + whole['message'])):,.0f} entries/s")


if __name__ == "__main__":
    main(*sys.argv[1:])
