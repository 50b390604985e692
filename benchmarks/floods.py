"""What floods cost, each in a process of its own: every line another template, lines of 1 MB, a million instances.

.venv/bin/python benchmarks/floods.py [templates | lines | instances]
"""

import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta

os.environ["POLARS_MAX_THREADS"] = "1"

import polars as pl
from corpus import START
from figures import tell

from logverdict.analysis import engine
from logverdict.analysis.counts import add
from logverdict.analysis.entries import MAX_ROWS, SCHEMA
from logverdict.analysis.sides import Sides, Stretch
from logverdict.domain.policy import Policy
from logverdict.domain.words import Comparison, EventKind, Severity

ENTRIES = 1_000_000
NEW = "cannot decode voucher of partner"


def letters(number: int) -> str:
    return f"{number:07}".translate(str.maketrans("0123456789", "abcdefghij"))


def templates(at: int) -> tuple[str, str]:
    return f"{letters(at)} is {letters(at * 7)} of {letters(at * 13)} and {letters(at * 31)}", "pod"


def lines(at: int) -> tuple[str, str]:
    return f"{letters(at)} dump " + "word " * 200_000, "pod"


def instances(at: int) -> tuple[str, str]:
    return "order paid", f"pod-{at}"


KINDS: dict[str, tuple[Callable[[int], tuple[str, str]], int]] = {
    "templates": (templates, ENTRIES),
    "lines": (lines, 500),
    "instances": (instances, ENTRIES),
}


def pages(made: Callable[[int], tuple[str, str]], count: int, step: int, error: bool) -> Iterator[pl.DataFrame]:
    for first in range(0, count, step):
        rows = [
            (START + timedelta(milliseconds=at * 600_000 // count), text, "INFO", instance, "")
            for at in range(first, min(count, first + step))
            for text, instance in (made(at),)
        ]
        if error and not first % (10 * step):
            rows += [(rows[0][0] + timedelta(microseconds=at), NEW, "ERROR", "pod", "") for at in range(50)]
        yield pl.DataFrame(rows, schema=SCHEMA, orient="row")


def stretch(kind: str, *, error: bool) -> tuple[Stretch, float]:
    """The counts, and the seconds that it took to reduce what was made up."""
    made, count = KINDS[kind]
    whole, seconds = None, 0.0
    for page in pages(made, count, min(MAX_ROWS, max(1, count // 20)), error):
        begun = time.perf_counter()
        part = engine.reduce([page], source="app", start=START, bin_seconds=30, severities={})
        whole = part if whole is None else add([whole, part])
        seconds += time.perf_counter() - begun
    assert whole is not None
    return Stretch(whole, 600, 20), seconds


def measure(kind: str) -> None:
    (candidate, first), (baseline, second) = stretch(kind, error=True), stretch(kind, error=False)
    sides = Sides(candidate, (baseline,), (), Comparison.BEFORE_AFTER, "made up")
    begun = time.perf_counter()
    found = engine.judge(sides, Policy(), look=1, looks=1)
    seconds = first + second + time.perf_counter() - begun
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    named = [one for one in found.events if one.kind is EventKind.UNKNOWN and one.severity >= Severity.ERROR]
    for note in found.notes:
        print(f"{kind}: {note}", file=sys.stderr)
    tell(f"flood of {kind}: reduce and judge {2 * KINDS[kind][1]:,} entries", seconds, "s")
    tell(f"flood of {kind}: memory", memory, "MiB", "<= 1024")
    tell(f"flood of {kind}: the one new error is found", float(any(NEW in one.template for one in named)), "", ">= 1")


if __name__ == "__main__":
    if sys.argv[1:]:
        measure(sys.argv[1])
    else:
        for kind in KINDS:
            subprocess.run([sys.executable, __file__, kind], check=True)
