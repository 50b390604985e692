"""Log lines to measure with: made up here, or a recording that is gone through again and again with other numbers.

    .venv/bin/python benchmarks/corpus.py FILE ENTRIES [--start TIME] [--seed N] [--corpus RECORDING]

A recording is JSON lines with `message`, and maybe `level` and `host`; it may be packed with gzip. Numbers of three
digits and more get other digits on each pass, the same ones within a pass, so ids still join lines and the number of
templates does not grow.
"""

import argparse
import gzip
import json
import random
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

RATE = 1_000
"""Entries a second of log time."""
START = datetime(2026, 11, 20, 10, tzinfo=UTC)
NUMBER = re.compile(r"[0-9]{3,}")
Entry = tuple[str, str, str]
"""Message, level, instance."""

NOUNS = ("order", "payment", "parcel", "invoice", "basket", "voucher", "session", "stock", "price", "address", "refund")
VERBS = ["accepted", "settled", "opened", "routed", "printed", "renewed", "merged", "checked"]
SHAPES = (
    "{noun} {number} {verb} in {ms} ms",
    "GET /{noun}s/{number}/lines 200 {ms}ms from 10.{byte}.{byte}.{byte}:{port}",
    "{verb} {noun} id={hex} for customer {number}",
    'cache miss for key "{noun}:{number}" after {ms} ms',
    "[pool-{small}-thread-{small}] com.example.shop.{noun}.Worker - {noun} {hex} {verb}",
)
RARE = ("retrying {noun} {number}: connection reset by 10.{byte}.{byte}.{byte}:{port}", "{noun} {number} failed: {hex}")


def made_up(count: int, seed: int) -> list[Entry]:
    """A shop of eight instances: some 480 templates, three in a hundred entries warnings or errors."""
    chance = random.Random(seed)
    entries = []
    for _ in range(count):
        rare = chance.random() < 0.03
        text = chance.choice(RARE if rare else SHAPES).format(
            noun=chance.choice(NOUNS),
            verb=chance.choice(VERBS),
            number=chance.randrange(10**4, 10**7),
            ms=chance.randrange(1, 900),
            byte=chance.randrange(256),
            port=chance.randrange(1024, 65536),
            small=chance.randrange(9),
            hex=f"{chance.getrandbits(48):012x}",
        )
        entries.append((text, chance.choice(("WARN", "ERROR")) if rare else "INFO", f"shop-{chance.randrange(8)}"))
    return entries


def recorded(path: Path) -> list[Entry]:
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8") as lines:
        read = [json.loads(line) for line in lines]
    return [(one["message"], one.get("level") or "", one.get("host") or "") for one in read]


def entries(count: int, seed: int, corpus: Path | None = None, size: int = 20_000) -> Iterator[Entry]:
    """So many entries; memory holds the recording, or `size` entries that are made up."""
    base = recorded(corpus) if corpus else made_up(min(count, size), seed)
    for number in range(0, count, len(base)):
        digits = random.Random(f"{seed} {number}").sample("123456789", 9)
        other = str.maketrans("123456789", "".join(digits))
        for text, level, instance in base[: count - number]:
            yield _with_digits(text, other), level, instance


def _with_digits(text: str, other: dict[int, int]) -> str:
    return NUMBER.sub(lambda found: found[0].translate(other), text)


def write(path: Path, count: int, start: datetime, seed: int, corpus: Path | None = None) -> None:
    with path.open("w", encoding="utf-8") as out:
        for place, (text, level, instance) in enumerate(entries(count, seed, corpus)):
            at = start + timedelta(milliseconds=place * 1_000 // RATE)
            line = {"timestamp": f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03}Z", "message": text}
            out.write(json.dumps(line | {"level": level, "host": instance}, ensure_ascii=False) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description="Write log lines to measure with.")
    parser.add_argument("file", type=Path)
    parser.add_argument("entries", type=int)
    parser.add_argument("--start", type=datetime.fromisoformat, default=START)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--corpus", type=Path)
    given = parser.parse_args()
    write(given.file, given.entries, given.start, given.seed, given.corpus)


if __name__ == "__main__":
    main()
