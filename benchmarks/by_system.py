"""Mask and count, and drain3, on recordings of several systems: entries per second of processor, worst first.

    .venv/bin/python benchmarks/by_system.py FOLDER [--only PATTERN] [--most 1] [--entries 300000]

FOLDER holds recordings (`NAME.jsonl` or `.gz`), or cases, whose candidate is taken. Of those whose names begin alike,
up to the first `-`, at most so many are measured, so many entries by each process. Seconds of processor tell nearly the
same on a busy machine as on a quiet one.
"""

import argparse
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import mask_count

HEAD = "| recording | bytes | keys | one process | two at once | drain3, one process | two over drain3 |"


def recordings(folder: Path, only: str, most: int) -> Iterator[tuple[str, Path]]:
    taken = Counter[str]()
    found = {path.name.partition(".")[0]: path for path in folder.glob("*.jsonl*")}
    found |= {path.parent.name: path for path in folder.glob("*/candidate.jsonl*")}
    for name in sorted(found):
        system = name.partition("-")[0]
        if Path(name).match(only) and taken[system] < most:
            taken[system] += 1
            yield name, found[name]


def row(path: Path, count: int) -> tuple[float, float, float, float, float]:
    """Bytes of a message, keys, entries a second by one process, by two, by drain3."""
    (alone,) = mask_count.measured(1, count, path)
    both = mask_count.measured(2, 2 * count, path)
    peer = mask_count.drain3(path, time.process_time) or float("nan")
    return alone.size, alone.keys, alone.speed, sum(one.speed for one in both), peer


def main() -> None:
    parser = argparse.ArgumentParser(description="Mask and count recordings of several systems.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", default="*")
    parser.add_argument("--most", type=int, default=1)
    parser.add_argument("--entries", type=int, default=300_000)
    given = parser.parse_args()
    rows = list[tuple[float, str]]()
    for name, path in recordings(given.folder, given.only, given.most):
        print(name, file=sys.stderr, flush=True)
        size, keys, one, two, peer = row(path, given.entries)
        text = f"| {name} | {size:,.0f} | {keys:,.0f} | {one:,.0f} | {two:,.0f} | {peer:,.0f} | {two / peer:.1f} |"
        rows.append((two / peer, text))
    print(HEAD, "|---|---|---|---|---|---|---|", *(text for _, text in sorted(rows)), sep="\n")


if __name__ == "__main__":
    main()
