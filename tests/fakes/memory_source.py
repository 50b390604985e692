"""A log source that holds its entries in memory, and fails, waits, gains entries or counts wrongly when told to."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from datetime import datetime, timedelta

import polars as pl

from logverdict.analysis.counts import EDGE
from logverdict.analysis.entries import MAX_ROWS, SCHEMA, entries
from logverdict.analysis.key import SUSPECT_STARTS, UNREDUCED, key
from logverdict.analysis.reduced import REDUCED, SURVEY
from logverdict.domain.errors import CannotReduce, InvalidRequest, SourceUnavailable, VerifyError
from logverdict.domain.probe import Probe
from logverdict.domain.profile import SourceSpec
from logverdict.domain.result import WayBack
from logverdict.domain.verification import Coverage, SourceCall
from logverdict.domain.window import Grid, Window
from logverdict.verify.audit import tell
from logverdict.verify.ports import Clock, Reduced, Survey

Row = tuple[datetime, str, str, str, str]
TIME, INSTANCE = 0, 3


class MemorySource:
    """Reads all entries whatever the query. `reads` are the spans asked for so far, failed reads included; `surveys`
    and `reductions` likewise."""

    def __init__(self, rows: Iterable[Row] = ()) -> None:
        self.reads: list[Window] = []
        self.surveys: list[Window] = []
        self.reductions: list[Window] = []
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

    async def survey(self, spec: SourceSpec, span: Window, grid: Grid, *, evidence: bool = False) -> Survey | None:
        self.surveys.append(span)
        return None

    async def reduce(self, spec: SourceSpec, span: Window, grid: Grid) -> Reduced:
        self.reductions.append(span)
        raise CannotReduce("nothing counts entries in memory")

    async def probe(self, spec: SourceSpec, span: Window) -> Probe:
        if self._failures:
            raise self._failures.pop(0)
        records = [dict(zip(("time", "message", "level", "instance", "version"), map(str, row), strict=True))
                   for row in self._seen(span)]  # fmt: skip
        return Probe("memory", records=tuple(records[-50:]))

    def way_back(self, spec: SourceSpec, template: str, span: Window) -> WayBack | None:
        return None

    async def read(self, spec: SourceSpec, span: Window) -> AsyncIterator[pl.DataFrame | Coverage]:
        self.check(spec)
        seen = self._seen(span)
        self.reads.append(span)
        await self._open.wait()
        if self._failures:
            raise self._failures.pop(0)
        for at in range(0, len(seen), MAX_ROWS):
            await asyncio.sleep(0)
            yield entries(list(seen[at : at + MAX_ROWS]))
        yield Coverage(read=len(seen), broken=self._broken, complete=not self._faults, faults=self._faults)

    def _seen(self, span: Window) -> list[Row]:
        return [row for since, row in self._rows if since <= len(self.reads) and row[TIME] in span]


class CountingSource(MemorySource):
    """Counts and reduces too, as a log store does. An entry is seen once the clock has passed its time and the lag of
    its instance (`lags`; "" for all others). `evidence`: what the evidence query finds."""

    def __init__(
        self,
        rows: Iterable[Row],
        clock: Clock,
        *,
        lags: Mapping[str, timedelta] | None = None,
        evidence: Iterable[Row] = (),
    ) -> None:
        super().__init__(rows)
        self.lags = dict(lags or {})
        self.refusal = ""
        self.hidden = 0
        self.uncounted = 0
        self._clock = clock
        self._evidence = list(evidence)

    def refuse(self, reason: str) -> None:
        """From now on nothing is reduced."""
        self.refusal = reason

    def hide(self, count: int) -> None:
        """From now on each bin's count is greater by so many than what is read."""
        self.hidden = count

    def lose_count(self, times: int) -> None:
        """The next so many surveys raise SourceUnavailable."""
        self.uncounted = times

    async def survey(self, spec: SourceSpec, span: Window, grid: Grid, *, evidence: bool = False) -> Survey | None:
        self.surveys.append(span)
        tell(SourceCall(self._clock.now(), spec.name, "survey", spec.query, "ok", 10, 0.1))
        if self.uncounted:
            self.uncounted -= 1
            raise SourceUnavailable("the source does not count")
        rows = self._arrived(self._evidence, span) if evidence else self._seen(span)
        found: dict[tuple[int, str], tuple[int, datetime]] = {}
        for row in rows:
            place = (grid.number(row[TIME]), row[INSTANCE])
            count, last = found.get(place, (0 if evidence else self.hidden, row[TIME]))
            found[place] = (count + 1, max(last, row[TIME] + self._lag(row[INSTANCE])))
        table = [(*place, *value) for place, value in sorted(found.items())]
        return Survey(pl.DataFrame(table, schema=SURVEY, orient="row"))

    async def reduce(self, spec: SourceSpec, span: Window, grid: Grid) -> Reduced:
        self.reductions.append(span)
        if self.refusal:
            raise CannotReduce(self.refusal)
        rows = self._seen(span)
        table = [
            (_key(row[1]), row[2], row[INSTANCE], row[4], grid.number(row[TIME]), 1, row[TIME], row[TIME])
            for row in rows
        ]
        reduced = (
            pl.DataFrame(table, schema=REDUCED, orient="row")
            .group_by(REDUCED.names()[:5])
            .agg(pl.col("count").sum(), pl.col("first").min(), pl.col("last").max())
        )
        last = pl.DataFrame(rows, schema=SCHEMA, orient="row").sort("time").group_by("instance").tail(EDGE)
        return Reduced(reduced, last.select(SCHEMA.names()), Coverage(expected=len(rows), read=len(rows)))

    def _seen(self, span: Window) -> list[Row]:
        return self._arrived(super()._seen(span), span)

    def _arrived(self, rows: Iterable[Row], span: Window) -> list[Row]:
        now = self._clock.now()
        return [row for row in rows if row[TIME] in span and row[TIME] + self._lag(row[INSTANCE]) <= now]

    def _lag(self, instance: str) -> timedelta:
        return self.lags.get(instance, self.lags.get("", timedelta(0)))


def _key(message: str) -> str:
    return UNREDUCED if message.startswith(SUSPECT_STARTS) else key(message)
