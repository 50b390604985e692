"""The fake source does what real ones do, and what tests tell it."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from contract.log_source import LogSourceContract, Make, Row, at, read, results, row, window
from fakes.clock import FakeClock
from fakes.counted import agree, entries
from fakes.memory_source import CountingSource, MemorySource
from logverdict.domain.errors import SourceUnavailable
from logverdict.domain.profile import SourceSpec
from logverdict.domain.verification import Coverage
from logverdict.domain.window import Grid
from logverdict.verify.ports import LogSource

SPEC = SourceSpec("app", "memory", "all")


class TestMemorySource(LogSourceContract):
    @pytest.fixture
    def make(self) -> Make:
        def make(rows: Sequence[Row]) -> tuple[LogSource, SourceSpec]:
            return MemorySource(list(rows)), SPEC

        return make


class TestCountingSource(LogSourceContract):
    @pytest.fixture
    def make(self) -> Make:
        def make(rows: Sequence[Row]) -> tuple[LogSource, SourceSpec]:
            return CountingSource(list(rows), FakeClock(at(3600))), SPEC

        return make


async def test_what_is_counted_is_what_is_read() -> None:
    """Bin by bin and instance by instance, as entries and as keys; lines of traces are left to be read."""
    rows = [row(second, f"order {second} stored", instance=f"web-{second % 2}") for second in range(30)]
    source = CountingSource([*rows, row(12, "\tat shop.Store.read(Store.java:7)")], FakeClock(at(3600)))
    span, grid = window(0, 30), Grid(at(0), timedelta(seconds=10))
    frame = await entries(source, SPEC, span)
    survey = await source.survey(SPEC, span, grid)
    assert survey and survey.rows["count"].sum() == frame.height == 31
    assert agree(await source.reduce(SPEC, span, grid), frame, grid) == {1}


async def test_entries_are_seen_once_they_have_arrived() -> None:
    """At their time and the lag of their instance."""
    clock = FakeClock(at(20), held=True)
    source = CountingSource([row(1), row(2, instance="slow")], clock, lags={"slow": timedelta(seconds=30)})
    assert len(await read((source, SPEC), window(0, 10))) == 1
    clock.move(timedelta(seconds=12))
    assert len(await read((source, SPEC), window(0, 10))) == 2


async def test_it_fails_as_often_as_told() -> None:
    """After so many failures it reads again."""
    source = MemorySource([row(1)])
    source.fail(2)
    for _ in range(2):
        with pytest.raises(SourceUnavailable):
            await read((source, SPEC), window(0, 10))
    assert await read((source, SPEC), window(0, 10)) == [row(1)]
    assert source.reads == [window(0, 10)] * 3


async def test_it_gains_entries_over_time() -> None:
    """Late entries are there from the read on that was named."""
    source = MemorySource([row(1)])
    source.gain([row(2)], after_reads=1)
    assert [len(await read((source, SPEC), window(0, 10))) for _ in range(2)] == [1, 2]


async def test_it_lacks_what_it_is_told_to() -> None:
    """An incomplete read says so in its coverage."""
    source = MemorySource()
    source.lack("a shard is away", broken=3)
    assert await results((source, SPEC), window(0, 10)) == [
        Coverage(broken=3, complete=False, faults=("a shard is away",))
    ]
