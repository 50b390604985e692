"""Log entries from Splunk: counted first, then pulled, by pages or as one stream, and compared with the count."""

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from fnmatch import fnmatchcase

import polars as pl

from logverdict.adapters.sources.splunk_errors import Said
from logverdict.adapters.sources.splunk_export import Exports
from logverdict.adapters.sources.splunk_job import Ask, Jobs, Row
from logverdict.adapters.sources.splunk_rows import Rows
from logverdict.adapters.sources.splunk_search import Namespace, Search, build
from logverdict.adapters.sources.splunk_session import Access, Session
from logverdict.adapters.sources.splunk_threads import Threads
from logverdict.domain.errors import QueryRejected
from logverdict.domain.profile import SourceSpec
from logverdict.domain.verification import Coverage
from logverdict.domain.window import Window

MOST_PAGED = 100_000
"""Entries up to which a job is read by pages: a page can be asked for again, and Splunk says what became of the job.
More are streamed: a stream has no limit on rows and leaves nothing on the search head's disk, but can't be resumed."""
LEAST_KEPT = 10_000
KNOWN_FOR = 600.0
"""Seconds for which an index that was there counts as there."""
Batch = tuple[Sequence[Row], Said]


@dataclass(frozen=True, slots=True)
class Counted:
    """How many entries Splunk counts; not `sure` when it may have seen a part of them only."""

    entries: int
    sure: bool
    said: Said


class SplunkSource:
    """A connection to one Splunk. `most_paged` is where streaming begins."""

    def __init__(self, access: Access, most_paged: int = MOST_PAGED) -> None:
        self._namespace, self._most_paged = access.namespace, most_paged
        self._session = Session(access)
        self._threads = Threads(access.threads)
        self._jobs = Jobs(self._session, self._threads, access.search_timeout)
        self._exports = Exports(self._session, self._threads)
        self._there: dict[tuple[Namespace, tuple[str, ...]], float] = {}

    def check(self, spec: SourceSpec) -> None:
        build(spec, self._namespace)

    def open(self) -> None:
        """No connection is made. Raises FailedPrecondition where the SDK, a secret or a certificate is missing."""
        self._session.open()

    def close(self) -> None:
        """Returns when every search of ours is cancelled."""
        self._threads.close()

    async def aclose(self) -> None:
        await asyncio.to_thread(self.close)

    async def read(self, spec: SourceSpec, span: Window) -> AsyncIterator[pl.DataFrame | Coverage]:
        search = build(spec, self._namespace)
        counted = await self._count(search, span)
        absent = await self._absent(search, span)
        rows, heard = Rows(spec.fields, span), counted.said + absent
        if counted.entries:
            async with aclosing(self._pull(search, span, counted.entries)) as batches:
                async for batch, more in batches:
                    heard += more
                    for frame in await self._threads.call(_frames, rows, batch):
                        yield frame
        yield _coverage(rows, counted.entries, counted.sure and not absent.flaws, heard)

    async def _pull(self, search: Search, span: Window, entries: int) -> AsyncGenerator[Batch]:
        """All entries; room is left for those that arrive meanwhile."""
        ask = Ask(search.pull, span, search.namespace, max(LEAST_KEPT, 2 * entries), entries=True)
        if entries > self._most_paged:
            async with aclosing(self._exports.rows(ask)) as batches:
                async for batch in batches:
                    yield batch
            return
        async with self._jobs.done(ask) as job:
            yield (), job.said
            async with aclosing(self._jobs.pages(job, ask)) as pages:
                async for page in pages:
                    yield page

    async def _count(self, search: Search, span: Window) -> Counted:
        rows, said = await self._table(Ask(search.count, span, search.namespace, LEAST_KEPT))
        number = str(rows[0].get("count", "")) if len(rows) == 1 else ""
        if not number.isdigit():
            # Pulled all the same: what comes is evidence, but nobody knows how much is missing.
            return Counted(1, False, said + Said(flaws=("Splunk did not count the entries",)))
        return Counted(int(number), not said.flaws, said)

    async def _absent(self, search: Search, span: Window) -> Said:
        """A sentence for each index that Splunk does not list: a search in it finds nothing and says nothing."""
        key = search.namespace, search.indexes
        if time.monotonic() < self._there.get(key, 0.0):
            return Said()
        try:
            found, _ = await self._table(Ask(search.existing, span, search.namespace, LEAST_KEPT))
        except QueryRejected:
            return Said(notes=("Splunk did not say whether the indexes exist",))
        names = {str(row.get("index", "")) for row in found}
        absent = [index for index in search.indexes if not any(fnmatchcase(name, index) for name in names)]
        if not absent:
            self._there[key] = time.monotonic() + KNOWN_FOR
        text = "Splunk lists no index {}: it does not exist, or the connection's user may not search it"
        return Said(flaws=tuple(map(text.format, absent)))

    async def _table(self, ask: Ask) -> Batch:
        """The few rows of a search that sums up."""
        rows: list[Row] = []
        async with self._jobs.done(ask) as job:
            said = job.said
            async for page, more in self._jobs.pages(job, ask):
                rows += page
                said += more
        return rows, said


def _frames(rows: Rows, batch: Sequence[Row]) -> list[pl.DataFrame]:
    return list(rows.take(batch))


def _coverage(rows: Rows, counted: int, sure: bool, said: Said) -> Coverage:
    """Entries that arrived between the count and the pull are expected too."""
    broken = rows.broken.total()
    found = rows.read + broken
    flaws = [*said.flaws]
    if found < counted and sure:
        flaws.append(f"Splunk counts {counted:,} entries and gave {found:,} of them")
    if rows.duplicate:
        flaws.append(f"{rows.duplicate:,} entries came twice and were left out; others may be missing for them")
    return Coverage(
        expected=max(counted, found) if sure else None,
        read=rows.read,
        broken=broken,
        duplicate=rows.duplicate,
        complete=not flaws and not broken,
        faults=tuple(dict.fromkeys([*flaws, *said.notes, *rows.sentences()])),
    )
