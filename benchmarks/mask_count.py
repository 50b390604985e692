"""Entries a second that are masked and counted in memory, by one process and by two, and by drain3 in the same run.

.venv/bin/python benchmarks/mask_count.py [RECORDING]
"""

import os
import re
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

os.environ["POLARS_MAX_THREADS"] = "1"  # as in a worker, and before Polars is imported

import polars as pl
from corpus import START, entries
from figures import tell

from logverdict.analysis.engine import reduce
from logverdict.analysis.entries import MAX_ROWS, SCHEMA
from logverdict.analysis.template import templates_of

ENTRIES, PEER = 1_000_000, 100_000
"""Entries that we count, and those of them that drain3 is given: it takes minutes for all."""
MASK = (
    r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?|\b0x[0-9a-fA-F]+"
    r"|\b[0-9a-f]{12,}\b|[-+]?\d+(?:[.,:]\d+)*"
)
"""What people give drain3 to mask."""


@dataclass(frozen=True)
class Done:
    """What one process counted."""

    entries: int
    keys: int
    size: float
    """Bytes of a message."""
    processor: float
    """Seconds."""

    @property
    def speed(self) -> float:
        """Entries a second of processor."""
        return self.entries / self.processor


def frames(part: int, count: int, corpus: Path | None) -> list[pl.DataFrame]:
    texts, levels, instances = zip(*entries(count, part, corpus), strict=True)
    times = START.timestamp() * 1_000 + pl.int_range(count, eager=True)
    columns = {"message": texts, "level": levels, "instance": instances}
    frame = pl.DataFrame({"time": times.cast(pl.Datetime("ms", "UTC")), **columns, "version": [""] * count})
    return list(frame.cast(dict(SCHEMA)).select(SCHEMA.names()).iter_slices(MAX_ROWS))


held: list[pl.DataFrame] = []


def prepare(part: int, count: int, corpus: Path | None) -> None:
    held[:] = frames(part, count, corpus)
    counted(held[:1])


def counted(batches: list[pl.DataFrame]) -> Done:
    begun = time.process_time()
    counts = reduce(batches, source="app", start=START, bin_seconds=30, severities={}).counts
    keys = counts["key"].unique()
    templates_of(keys)
    took = time.process_time() - begun
    size = float(str(pl.concat(batches)["message"].str.len_bytes().mean()))
    return Done(int(counts["count"].sum()), len(keys), size, took)


def count_held() -> Done:
    return counted(held)


def measured(parts: int, count: int, corpus: Path | None) -> list[Done]:
    """What so many processes at once make of so many entries together; to make the entries is not measured."""
    return _measured(parts, count, corpus)[0]


def _measured(parts: int, count: int, corpus: Path | None) -> tuple[list[Done], float]:
    """And how long that took, by the clock."""
    workers = [ProcessPoolExecutor(1, mp_context=get_context("spawn")) for _ in range(parts)]
    for made in [worker.submit(prepare, part, count // parts, corpus) for part, worker in enumerate(workers)]:
        made.result()
    begun = time.perf_counter()
    done = [each.result() for each in [worker.submit(count_held) for worker in workers]]
    took = time.perf_counter() - begun
    for worker in workers:
        worker.shutdown()
    return done, took


def ours(parts: int, corpus: Path | None) -> float:
    """Entries a second by so many processes, by the clock."""
    done, took = _measured(parts, ENTRIES, corpus)
    return sum(one.entries for one in done) / took


def drain3(corpus: Path | None, clock: Callable[[], float] = time.perf_counter) -> float | None:
    """Entries a second by that clock; None where it is not installed."""
    try:
        from drain3 import TemplateMiner
        from drain3.masking import MaskingInstruction
        from drain3.template_miner_config import TemplateMinerConfig
    except ImportError:
        return None
    config = TemplateMinerConfig()
    config.masking_instructions = [MaskingInstruction(re.compile(MASK).pattern, "*")]
    miner, texts = TemplateMiner(config=config), [text for text, _, _ in entries(PEER, 0, corpus)]
    begun = clock()
    for text in texts:
        miner.add_log_message(text)
    return len(texts) / (clock() - begun)


def main(corpus: Path | None) -> None:
    peer = drain3(corpus)
    two = ours(2, corpus)
    tell("mask and count, one process", ours(1, corpus), "entries/s")
    tell("mask and count, two processes", two, "entries/s", ">= 1000000")
    if peer:
        tell("drain3, one process", peer, "entries/s")
        tell("mask and count, two processes, over drain3", two / peer, "times", ">= 25")
    else:
        print("drain3 is not installed: no peer measured", file=sys.stderr)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if sys.argv[1:] else None)
