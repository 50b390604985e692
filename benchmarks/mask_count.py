"""Entries a second that are masked and counted in memory, by one process and by two, and by drain3 in the same run.

.venv/bin/python benchmarks/mask_count.py [RECORDING]
"""

import os
import re
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from datetime import timedelta
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


def frames(part: int, parts: int, corpus: Path | None) -> list[pl.DataFrame]:
    rows = [
        (START + timedelta(milliseconds=at), text, level, instance, "")
        for at, (text, level, instance) in enumerate(entries(ENTRIES // parts, part, corpus))
    ]
    return list(pl.DataFrame(rows, schema=SCHEMA, orient="row").iter_slices(MAX_ROWS))


held: list[pl.DataFrame] = []


def prepare(part: int, parts: int, corpus: Path | None) -> None:
    held[:] = frames(part, parts, corpus)
    count(held[:1])


def count(batches: list[pl.DataFrame]) -> int:
    counts = reduce(batches, source="app", start=START, bin_seconds=30, severities={}).counts
    templates_of(counts["key"].unique())
    return int(counts["count"].sum())


def count_held() -> int:
    return count(held)


def ours(parts: int, corpus: Path | None) -> float:
    """Entries a second by so many processes; to make the entries is not measured."""
    workers = [ProcessPoolExecutor(1, mp_context=get_context("spawn")) for _ in range(parts)]
    for made in [worker.submit(prepare, part, parts, corpus) for part, worker in enumerate(workers)]:
        made.result()
    begun = time.perf_counter()
    done = sum(each.result() for each in [worker.submit(count_held) for worker in workers])
    took = time.perf_counter() - begun
    for worker in workers:
        worker.shutdown()
    return done / took


def drain3(corpus: Path | None) -> float | None:
    try:
        from drain3 import TemplateMiner
        from drain3.masking import MaskingInstruction
        from drain3.template_miner_config import TemplateMinerConfig
    except ImportError:
        return None
    config = TemplateMinerConfig()
    config.masking_instructions = [MaskingInstruction(re.compile(MASK).pattern, "*")]
    miner, texts = TemplateMiner(config=config), [text for text, _, _ in entries(PEER, 0, corpus)]
    begun = time.perf_counter()
    for text in texts:
        miner.add_log_message(text)
    return len(texts) / (time.perf_counter() - begun)


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
