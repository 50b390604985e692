"""Seconds of one judgement of 50,000 templates a side, a fifth of them on one side only, as a worker makes it, and of
its way from there to the server.

.venv/bin/python benchmarks/judge_speed.py
"""

import gc
import os
import pickle
import random
import string
import time
from datetime import datetime, timedelta
from statistics import median

os.environ["POLARS_MAX_THREADS"] = "1"

import polars as pl
from corpus import START
from figures import tell

from logverdict.analysis import engine
from logverdict.analysis.entries import MAX_ROWS, SCHEMA
from logverdict.analysis.sides import Sides, Stretch
from logverdict.analysis.warm import warm
from logverdict.domain.policy import Policy
from logverdict.domain.words import Comparison

TEMPLATES, SECONDS, RUNS = 50_000, 600, 4
BIN = 15
"""Seconds: what a plan gives windows of ten minutes."""
LEVELS = ("INFO",) * 8 + ("WARN", "ERROR")


def texts(count: int, seed: int) -> list[str]:
    chance = random.Random(seed)
    words = ["".join(random.Random(place).choices(string.ascii_lowercase, k=3 + place % 7)) for place in range(3_000)]
    return [" ".join(chance.choices(words, k=chance.randint(5, 14))) for _ in range(count)]


def stretch(messages: list[str], start: datetime, seed: int) -> Stretch:
    chance = random.Random(seed)
    rows = [
        (start + timedelta(seconds=chance.random() * SECONDS), text, LEVELS[len(text) % 10], f"pod-{len(text) % 4}", "")
        for text in messages
        for _ in range(1 + len(text) % 3)
    ]
    frame = pl.DataFrame(rows, schema=SCHEMA, orient="row")
    counts = engine.reduce(list(frame.iter_slices(MAX_ROWS)), source="app", start=start, bin_seconds=BIN, severities={})
    return Stretch(counts, SECONDS, SECONDS // BIN)


def main() -> None:
    shared, own = texts(TEMPLATES * 4 // 5, 1), TEMPLATES // 5
    baseline = stretch(shared + texts(own, 2), START, 4)
    candidate = stretch(shared + texts(own, 3), START + timedelta(hours=1), 5)
    sides = Sides(candidate, (baseline,), (), Comparison.BEFORE_AFTER, "made up")
    took, passed = [], []
    gc.disable()  # as in a worker, which makes ready while it waits
    begun = time.perf_counter()
    warm()
    tell("make a worker ready to judge, while it waits", time.perf_counter() - begun, "s")
    for _ in range(RUNS):
        begun = time.perf_counter()
        judged = engine.judge(sides, Policy(), look=1, looks=1)
        took.append(time.perf_counter() - begun)
        begun = time.perf_counter()
        pickle.loads(pickle.dumps(judged, pickle.HIGHEST_PROTOCOL))
        passed.append(time.perf_counter() - begun)
        gc.collect()
    tell(f"judge {TEMPLATES:,} templates a side, the first time in a worker", took[0], "s", "< 2")
    tell(f"judge {TEMPLATES:,} templates a side", median(took[1:]), "s", "< 2")
    tell("pass that judgement on to the server", median(passed[1:]), "s")


if __name__ == "__main__":
    main()
