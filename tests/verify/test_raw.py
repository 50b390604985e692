"""Entries that are made out where they are counted: whatever is given out at once, the counts are the same."""

import asyncio
import gzip
import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from fakes.analyst import InlineAnalyst
from fakes.clock import FakeClock
from fakes.traces import TRACES
from fakes.verifications import a_plan, a_slice, a_source, at
from logverdict.adapters.sources import file_work, lines
from logverdict.adapters.sources.file import FileSource
from logverdict.adapters.stores.sql import SqlStore
from logverdict.adapters.workers import WorkerAnalyst
from logverdict.analysis.counts import FRAMES, TemplateCounts
from logverdict.domain.errors import LimitReached
from logverdict.domain.verification import Slice
from logverdict.verify import parts
from logverdict.verify.asking import Asking
from logverdict.verify.budget import Budget
from logverdict.verify.engine_ports import Analyst
from logverdict.verify.means import Means
from logverdict.verify.piece import PieceReading
from logverdict.verify.ports import LogSource, StoredSlice

PIECE = a_slice(source=a_source(connection="logs", query="*.jsonl"))
"""From the second minute after NOON to the third."""


def write(folder: Path, names: Sequence[str] = ("a", "b")) -> None:
    """Twice a minute and a half of orders, and traces whose lines a shipper made entries; some lines are broken."""
    for name in names:
        out = []
        for number in range(900):
            time = at(45 + number / 10)
            texts = TRACES["Java"].split("\n") if number % 40 == 7 else [f"order {number} stored"]
            out += [json.dumps({"time": f"{time:%Y-%m-%dT%H:%M:%S.%f}Z", "message": text}) for text in texts]
            out += ["no json"] if number % 100 == 50 else []
        (folder / f"{name}.jsonl").write_text("\n".join(out) + "\n")


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqlStore]:
    store = await SqlStore.open(tmp_path / "store.db", FakeClock())
    yield store
    await store.close()


async def counted(source: LogSource, store: SqlStore, analyst: Analyst, piece: Slice = PIECE) -> StoredSlice:
    means = Means(store, {"logs": source}, analyst, FakeClock())
    asking = Asking("v", means, lambda _: None)
    return await PieceReading(asking, means, a_plan(), piece, Budget(5_000)).go()


def same(one: bytes | None, other: bytes | None) -> None:
    assert one and other
    for name in FRAMES:
        found = [getattr(TemplateCounts.from_bytes(counts), name) for counts in (one, other)]
        assert_frame_equal(*(frame.sort(frame.columns) for frame in found))


@pytest.mark.parametrize(("block", "most", "few"), [(300, 900, 1), (300, 900, 60), (700, 20_000, 200), (1 << 19, 1, 1)])
async def test_little_at_once_gives_what_all_at_once_gives(
    tmp_path: Path, store: SqlStore, monkeypatch: pytest.MonkeyPatch, block: int, most: int, few: int
) -> None:
    """Traces go on from one to the next, and each line is counted once, broken ones too."""
    write(tmp_path)
    whole = await counted(FileSource(tmp_path), store, InlineAnalyst())
    monkeypatch.setattr(lines, "CHUNK", block)
    monkeypatch.setattr(file_work, "MOST", most)
    monkeypatch.setattr(parts, "FEW", few)
    monkeypatch.setattr(parts, "CHUNK", 20 * few)
    found = await counted(FileSource(tmp_path), store, InlineAnalyst())
    same(found.counts, whole.counts)
    assert found.coverage == whole.coverage
    assert (found.coverage.read, found.coverage.broken) == (1_440, 14)


async def test_workers_give_what_is_given_here(tmp_path: Path, store: SqlStore) -> None:
    """Slices read at once by processes, of files that are packed and not: the counts are those of one process."""
    write(tmp_path)
    packed = tmp_path / "a.jsonl"
    (tmp_path / "c.jsonl").write_bytes(gzip.compress(packed.read_bytes()))
    packed.unlink()
    halves = [replace(PIECE, span=half) for half in PIECE.span.cut([at(90)])]
    analyst = WorkerAnalyst(2)
    try:
        source = FileSource(tmp_path)
        found = await asyncio.gather(*(counted(source, store, analyst, half) for half in halves))
        for piece, one in zip(halves, found, strict=True):
            here = await counted(FileSource(tmp_path), store, InlineAnalyst(), piece)
            same(one.counts, here.counts)
            assert one.coverage == here.coverage
    finally:
        analyst.close()


async def test_more_than_may_be_pulled_ends_the_slice(tmp_path: Path, store: SqlStore) -> None:
    """The reader has not to know beforehand how many entries come."""
    write(tmp_path, "abcdefgh")
    with pytest.raises(LimitReached):
        await counted(FileSource(tmp_path), store, InlineAnalyst())


@dataclass(frozen=True)
class Threads:
    """Tells how many threads its reader's columns have."""

    last: bool = True

    def make_out(self) -> tuple[Sequence[pl.DataFrame], int]:
        return [], pl.thread_pool_size()


async def test_a_worker_keeps_to_its_threads() -> None:
    """As many workers as cores would be in each other's way with more than one."""
    analyst = WorkerAnalyst(1)
    try:
        assert (await analyst.count_raw(Threads(), (), PIECE, a_plan(), PIECE.span)).found == 1
    finally:
        analyst.close()
