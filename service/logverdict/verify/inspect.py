"""Asks sources for the person who writes a profile: do they answer, what do they let us see, what do they hold."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

import polars as pl

from logverdict.analysis.entries import SCHEMA
from logverdict.domain.errors import InvalidRequest, NotFound, QueryRejected, SourceUnavailable, VerifyError
from logverdict.domain.probe import CheckedProfile, Counts, Draft, KnownProfile, SourceReport
from logverdict.domain.profile import Profile, SourceSpec
from logverdict.domain.verification import Coverage, SourceCall
from logverdict.domain.wanted import InlineProfile
from logverdict.domain.window import Grid, Window
from logverdict.domain.words import Readable
from logverdict.verify import drafting, findings, tallies
from logverdict.verify.audit import hearing
from logverdict.verify.means import Means
from logverdict.verify.ports import LogSource, Profiles, Survey

LAST, DRAFTED = timedelta(minutes=15), timedelta(hours=24)
HOUR = timedelta(hours=1)
LONGEST = 24 * HOUR
ENOUGH, MOST = 500, 200_000
"""Entries that are read where the source counts them itself, and where it does not."""
TIMEOUT = 90.0
"""Seconds for one source."""


class ProfileTexts(Protocol):
    """Profiles for who writes them."""

    def known(self) -> Sequence[KnownProfile]:
        """Those that requests may name, by name."""
        ...

    def checked(self, text: str, service: str, environment: str) -> CheckedProfile:
        """The text of a profile file; no I/O beside the settings' own files."""
        ...

    def of_text(self, text: str, name: str, service: str, environment: str) -> Profile:
        """A profile of a text, chosen as `Profiles.named` does; the only one where there is one. Raises InvalidRequest
        with every mistake, NotFound."""
        ...


@dataclass(frozen=True, slots=True)
class Wish:
    """What to test: the profile of that name, or of a text, or one source of its own."""

    service: str
    environment: str = "any"
    profile: str = ""
    text: str = ""
    source: SourceSpec | None = None
    source_name: str = ""
    window: Window | None = None


@dataclass(frozen=True, slots=True)
class DraftWish:
    spec: SourceSpec
    service: str = ""
    window: Window | None = None


@dataclass
class _Read:
    """What came of reading some entries. `all`: the span was read to its end."""

    entries: pl.DataFrame
    coverage: Coverage | None = None

    @property
    def all(self) -> bool:
        return self.coverage is not None


class Inspection:
    """Stores nothing. What entries hold leaves it redacted."""

    def __init__(self, means: Means, profiles: Profiles, texts: ProfileTexts) -> None:
        self._means, self._profiles, self._texts = means, profiles, texts

    async def profiles(self) -> Sequence[KnownProfile]:
        return await asyncio.to_thread(self._texts.known)

    async def check(self, text: str, service: str, environment: str) -> CheckedProfile:
        return await asyncio.to_thread(self._texts.checked, text, service, environment)

    async def test(self, wish: Wish) -> tuple[SourceReport, ...]:
        """A report for each source of the profile. Raises NotFound, InvalidRequest, FailedPrecondition."""
        profile = await asyncio.to_thread(self._profile, wish)
        specs = [spec for spec in profile.sources if wish.source_name in ("", spec.name)]
        if not specs:
            known = ", ".join(spec.name for spec in profile.sources)
            raise NotFound(f"profile {profile.name!r} has no source {wish.source_name!r}; known: {known}")
        span = self._span(wish.window, LAST)
        return tuple(await asyncio.gather(*(self._report(spec, span) for spec in specs)))

    async def draft(self, wish: DraftWish) -> Draft:
        """Raises SourceUnavailable, QueryRejected, InvalidRequest."""
        brought = InlineProfile((wish.spec,))
        spec = self._profiles.inline(brought, wish.service or "service", "any").sources[0]
        source = self._source(spec)
        source.check(spec)
        span = self._span(wish.window, DRAFTED)
        try:
            async with asyncio.timeout(TIMEOUT), self._means.gates.place(spec.connection, "draft", _nobody):
                probe = await source.probe(spec, span)
        except TimeoutError:
            raise SourceUnavailable(f"the source did not answer within {TIMEOUT:g} s: try again later") from None
        if probe.faults and not probe.records:
            raise QueryRejected("; ".join(probe.faults))
        return drafting.draft(spec, wish.service, probe)

    def _profile(self, wish: Wish) -> Profile:
        if wish.source is not None:
            return self._profiles.inline(InlineProfile((wish.source,)), wish.service or "service", wish.environment)
        if wish.text:
            return self._texts.of_text(wish.text, wish.profile, wish.service, wish.environment)
        return self._profiles.named(wish.profile, wish.service, wish.environment)

    def _span(self, window: Window | None, last: timedelta) -> Window:
        now = self._means.clock.now()
        span = window or Window(now - last, now)
        if span.length > LONGEST:
            raise InvalidRequest("window", f"is longer than a day; allowed: up to {LONGEST // HOUR}h")
        return span

    def _source(self, spec: SourceSpec) -> LogSource:
        if spec.connection not in self._means.sources:
            known = ", ".join(sorted(self._means.sources)) or "none: the settings have no connections"
            raise NotFound(f"unknown connection {spec.connection!r}; known: {known}", reason="CONNECTION_NOT_FOUND")
        return self._means.sources[spec.connection]

    async def _report(self, spec: SourceSpec, span: Window) -> SourceReport:
        calls: list[SourceCall] = []
        empty = SourceReport(spec.name, spec.connection, spec.query, span, Readable.REFUSED)
        now = self._means.clock.now()
        with hearing(calls.append, spec.name):
            try:
                async with asyncio.timeout(TIMEOUT), self._means.gates.place(spec.connection, "test", _nobody):
                    report = await _looked(self._source(spec), spec, empty, now)
            except TimeoutError:
                text = f"the source did not give its entries within {TIMEOUT:g} s: try a shorter window, or later"
                report = replace(empty, state=Readable.UNREACHABLE, faults=(text,))
        return replace(report, calls=tallies.calls(calls))


async def _looked(source: LogSource, spec: SourceSpec, empty: SourceReport, now: datetime) -> SourceReport:
    """All that can be found out; what went wrong ends it."""
    report = empty
    try:
        source.check(spec)
        probe = await source.probe(spec, empty.window)
        report = replace(empty, probe=probe, fields=findings.fields(spec.fields, probe), faults=probe.faults)
        if probe.faults:
            return report
        grid = Grid(empty.window.start, tallies.width(empty.window))
        survey = await source.survey(spec, empty.window, grid)
        read = await _read(source, spec, empty.window, ENOUGH if survey else MOST)
        counts = await _counts(source, spec, empty.window, survey, read)
    except VerifyError as fault:
        state = Readable.UNREACHABLE if isinstance(fault, SourceUnavailable) else Readable.REFUSED
        return replace(report, state=state, faults=(fault.message,))
    report = replace(
        report, state=Readable.READABLE, counts=counts, entries=findings.samples(read.entries, spec.redactions)
    )
    said = (*(survey.faults if survey else ()), *(read.coverage.faults if read.coverage else ()))
    return replace(report, warnings=findings.warnings(spec, report, read.entries, said, now))


async def _counts(source: LogSource, spec: SourceSpec, span: Window, survey: Survey | None, read: _Read) -> Counts:
    grid = Grid(span.start, tallies.width(span))
    counts = tallies.surveyed(survey.rows, grid) if survey else tallies.read(read.entries, grid, read.all)
    if not spec.evidence:
        return counts
    wider = await source.survey(spec, span, grid, evidence=True)
    return replace(counts, evidence=None if wider is None else int(wider.rows["count"].sum()))


async def _read(source: LogSource, spec: SourceSpec, span: Window, most: int) -> _Read:
    """The span's entries, or about so many of them."""
    found = _Read(pl.DataFrame(schema=SCHEMA))
    async with aclosing(_steps(source.read(spec, span))) as steps:
        async for step in steps:
            if isinstance(step, Coverage):
                found.coverage = step
            elif found.entries.height < most:
                found.entries = pl.concat([found.entries, step.select(SCHEMA.names())])
            else:
                break
    return found


async def _steps(
    given: AsyncIterator[pl.DataFrame | Coverage],
) -> AsyncGenerator[pl.DataFrame | Coverage, None]:
    """Closes the source's generator with itself."""
    try:
        async for step in given:
            yield step
    finally:
        if isinstance(given, AsyncGenerator):
            await given.aclose()


def _nobody(waiting: int) -> None:
    """Nobody is told how many wait."""
