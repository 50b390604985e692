"""A log source that holds its entries in memory, and fails, waits or gains entries when told to."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from datetime import datetime

import polars as pl

from logverdict.analysis.entries import MAX_ROWS, entries
from logverdict.domain.errors import InvalidRequest, SourceUnavailable, VerifyError
from logverdict.domain.profile import SourceSpec
from logverdict.domain.verification import Coverage
from logverdict.domain.window import Window

Row = tuple[datetime, str, str, str, str]


class MemorySource:
    """Reads all entries whatever the query. `reads` are the spans asked for so far, failed reads included."""

    def __init__(self, rows: Iterable[Row] = ()) -> None:
        self.reads: list[Window] = []
        self._rows = [(0, row) for row in rows]
        self._failures: list[VerifyError] = []
        self._faults: tuple[str, ...] = ()
        self._broken = 0
        self._open = asyncio.Event()
        self._open.set()

    def fail(self, times: int, error: VerifyError | None = None) -> None:
        """The next so many reads raise the error."""
        self._failures += [error or SourceUnavailable("the source does not answer")] * times

    def gain(self, rows: Iterable[Row], after_reads: int = 0) -> None:
        """More entries, to be seen once so many reads were made from now on."""
        self._rows += [(len(self.reads) + after_reads, row) for row in rows]

    def lack(self, *faults: str, broken: int = 0) -> None:
        """From now on reads are incomplete for these faults; without any they are complete again."""
        self._faults, self._broken = faults, broken

    def block(self) -> None:
        """Reads wait until `release`."""
        self._open.clear()

    def release(self) -> None:
        self._open.set()

    def check(self, spec: SourceSpec) -> None:
        if not spec.query.strip():
            raise InvalidRequest("query", "is empty")
        for name in spec.options:
            raise InvalidRequest(f"options.{name}", "is unknown to a memory source; it has no options")

    async def read(self, spec: SourceSpec, span: Window) -> AsyncIterator[pl.DataFrame | Coverage]:
        self.check(spec)
        seen = [row for since, row in self._rows if since <= len(self.reads) and row[0] in span]
        self.reads.append(span)
        await self._open.wait()
        if self._failures:
            raise self._failures.pop(0)
        for at in range(0, len(seen), MAX_ROWS):
            await asyncio.sleep(0)
            yield entries(list(seen[at : at + MAX_ROWS]))
        yield Coverage(read=len(seen), broken=self._broken, complete=not self._faults, faults=self._faults)
