"""The fake source does what real ones do, and what tests tell it."""

from collections.abc import Sequence

import pytest

from contract.log_source import LogSourceContract, Make, Row, read, results, row, window
from fakes.memory_source import MemorySource
from logverdict.domain.errors import SourceUnavailable
from logverdict.domain.profile import SourceSpec
from logverdict.domain.verification import Coverage
from logverdict.verify.ports import LogSource

SPEC = SourceSpec("app", "memory", "all")


class TestMemorySource(LogSourceContract):
    @pytest.fixture
    def make(self) -> Make:
        def make(rows: Sequence[Row]) -> tuple[LogSource, SourceSpec]:
            return MemorySource(list(rows)), SPEC

        return make


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
