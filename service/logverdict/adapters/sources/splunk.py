"""Log entries from Splunk: counted first, then pulled, by pages or as one stream, and compared with the count."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing

import polars as pl

from logverdict.adapters.sources.links import Link
from logverdict.adapters.sources.splunk_count import LEAST_KEPT, Counting
from logverdict.adapters.sources.splunk_errors import Said
from logverdict.adapters.sources.splunk_export import Exports
from logverdict.adapters.sources.splunk_job import Ask, Jobs, Row
from logverdict.adapters.sources.splunk_probe import Prober
from logverdict.adapters.sources.splunk_rows import Rows
from logverdict.adapters.sources.splunk_search import Search, build
from logverdict.adapters.sources.splunk_session import Access, Session
from logverdict.adapters.sources.splunk_threads import Threads
from logverdict.adapters.sources.splunk_way import way_back
from logverdict.domain.probe import Probe
from logverdict.domain.profile import SourceSpec
from logverdict.domain.result import WayBack
from logverdict.domain.verification import Coverage
from logverdict.domain.window import Grid, Window
from logverdict.verify.ports import Reduced, Survey

MOST_PAGED = 100_000
"""Entries up to which a job is read by pages: a page can be asked for again, and Splunk says what became of the job.
More are streamed: a stream has no limit on rows and leaves nothing on the search head's disk, but can't be resumed."""
Batch = tuple[Sequence[Row], Said]


class SplunkSource:
    """A connection to one Splunk. `most_paged` is where streaming begins."""

    def __init__(self, access: Access, most_paged: int = MOST_PAGED, link: Link | None = None) -> None:
        self._namespace, self._most_paged, self._link = access.namespace, most_paged, link
        self._session = Session(access)
        self._threads = Threads(access.threads)
        self._jobs = Jobs(self._session, self._threads, access.search_timeout)
        self._exports = Exports(self._session, self._threads)
        self._counting = Counting(self._jobs, self._threads)

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

    async def survey(self, spec: SourceSpec, span: Window, grid: Grid, *, evidence: bool = False) -> Survey | None:
        search = build(spec, self._namespace, evidence=evidence)
        return await self._counting.survey(search, spec.fields, span, grid)

    async def reduce(self, spec: SourceSpec, span: Window, grid: Grid) -> Reduced:
        return await self._counting.reduce(build(spec, self._namespace), spec.fields, span, grid)

    def way_back(self, spec: SourceSpec, template: str, span: Window) -> WayBack | None:
        return way_back(spec, template, span, self._namespace, self._link)

    async def probe(self, spec: SourceSpec, span: Window) -> Probe:
        prober = Prober(self._session, self._threads, self._jobs)
        return await prober.probe(build(spec, self._namespace), span)

    async def read(self, spec: SourceSpec, span: Window) -> AsyncIterator[pl.DataFrame | Coverage]:
        search = build(spec, self._namespace)
        counted = await self._counting.count(search, span)
        absent = await self._counting.absent(search, span)
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
