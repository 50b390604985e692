"""Recording past windows: what a verification of that deployment would read, entry by entry and without secrets."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial

import polars as pl

from logverdict.analysis.entries import MAX_ROWS, ORDER, SCHEMA
from logverdict.analysis.redact import redact
from logverdict.analysis.severity import level_severities
from logverdict.domain.errors import InvalidRequest, LimitReached, SourceUnavailable
from logverdict.domain.profile import SourceSpec
from logverdict.domain.verification import Coverage, Plan, Request, SourceCoverage
from logverdict.domain.wanted import Wanted
from logverdict.domain.window import Window
from logverdict.domain.words import Severity
from logverdict.verify.asking import Asking, insistently
from logverdict.verify.means import Means
from logverdict.verify.parts import parts
from logverdict.verify.plan import make_plan
from logverdict.verify.ports import Profiles
from logverdict.verify.request import resolve

AT_ONCE = 4
"""Recordings that are served at the same time."""


@dataclass(frozen=True, slots=True)
class Planned:
    """`notes` say what lies in the windows that should not."""

    baselines: tuple[Window, ...]
    candidate: Window
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Recorded:
    """Entries of a window ("baseline-0", …, "candidate"), schema `entries.SCHEMA`, redacted."""

    window: str
    entries: pl.DataFrame


@dataclass(frozen=True, slots=True)
class Ended:
    complete: bool
    coverage: tuple[SourceCoverage, ...]


RecordStep = Planned | str | Recorded | Ended
"""A text says what is going on."""


class Recordings:
    """One per process. `new_id` gives names under which recordings take their turns at connections."""

    def __init__(self, means: Means, profiles: Profiles, new_id: Callable[[], str]) -> None:
        self._means = means
        self._profiles = profiles
        self._new_id = new_id
        self._now = 0

    async def record(self, wanted: Wanted) -> AsyncGenerator[RecordStep, None]:
        """The plan, then entries window by window, then the end. A source that does not answer makes the recording
        incomplete.

        Raises InvalidRequest, NotFound (profile), LimitReached, QueryRejected.
        """
        request = resolve(wanted, self._profiles, self._means.sources, self._means.clock.now())
        planned, plan = await self._plan(request)
        if self._now >= AT_ONCE:
            raise LimitReached(f"{AT_ONCE} recordings are made already; try again later", limit=str(AT_ONCE))
        self._now += 1
        try:
            yield planned
            recording = _Recording(self._means, plan, self._new_id())
            for window in [*(f"baseline-{place}" for place in range(len(plan.baselines))), "candidate"]:
                for spec in request.profile.sources:
                    yield f"reading {spec.name} of {window}"
                    async for frame in recording.entries(window, spec):
                        yield Recorded(window, frame)
            yield Ended(recording.complete, recording.coverage())
        finally:
            self._now -= 1

    async def _plan(self, request: Request) -> tuple[Planned, Plan]:
        _check(request)
        now = self._means.clock.now()
        plan = make_plan(request, now, ())
        for name, window in (("candidate_window", plan.candidate), *(("baseline", one) for one in plan.baselines)):
            if window.end + request.timing.ingest_lag > now:
                raise InvalidRequest(name, f"ends at {window.end.isoformat()}; only what is over can be recorded")
        return Planned(plan.baselines, plan.candidate, tuple(await self._disturbed(request, plan))), plan

    async def _disturbed(self, request: Request, plan: Plan) -> Sequence[str]:
        """The other rollouts that the store knows of in these windows."""
        deployment, windows = request.deployment, (*plan.baselines, plan.candidate)
        since = min(window.start for window in windows)
        known = await self._means.store.neighbours(deployment.service, deployment.environment, since)
        others = {(other.request.deployment.rollout_start, other.request.deployment.version) for other in known}
        return [
            f"a rollout of version {version} began in these windows, at {start.isoformat()}"
            for start, version in sorted(others)
            if start != deployment.rollout_start and any(start in window for window in windows)
        ]


@dataclass
class _Recording:
    means: Means
    plan: Plan
    who: str
    complete: bool = True
    _read: dict[tuple[str, str], Coverage] = field(default_factory=dict)

    def coverage(self) -> tuple[SourceCoverage, ...]:
        return tuple(
            SourceCoverage(source, side, 1.0 if coverage.complete else 0.0, coverage)
            for (side, source), coverage in sorted(self._read.items())
        )

    async def entries(self, window: str, spec: SourceSpec) -> AsyncGenerator[pl.DataFrame, None]:
        """Where the source counts first, in parts that fit into memory, each sorted and asked for again when it does
        not come; else as it comes."""
        key = "candidate" if window == "candidate" else "baseline", spec.name
        asking = Asking(self.who, self.means, lambda _: None)
        whole, grid = self.plan.window(window), self.plan.grid(window)
        try:
            survey = await insistently(spec, lambda: asking.survey(spec, whole, grid), self.means.retry_for)
            if survey is None:
                async for item in self._as_it_comes(spec, whole):
                    if isinstance(item, Coverage):
                        self._covered(key, item)
                    else:
                        yield await asyncio.to_thread(cleaned, item, spec)
                return
            for span in parts(whole, survey.rows, grid):
                frames, said = await insistently(spec, partial(_part, asking, spec, span), self.means.retry_for)
                self._covered(key, said)
                for frame in await asyncio.to_thread(ordered, frames):
                    yield await asyncio.to_thread(cleaned, frame, spec)
        except SourceUnavailable as fault:
            self._covered(key, Coverage(complete=False, faults=(fault.message,)))

    async def _as_it_comes(self, spec: SourceSpec, span: Window) -> AsyncGenerator[pl.DataFrame | Coverage, None]:
        said = False
        async with self.means.gates.place(spec.connection, self.who, lambda _: None):
            async for item in self.means.sources[spec.connection].read(spec, span):
                said = said or isinstance(item, Coverage)
                yield item
        if not said:
            yield _silent(spec)

    def _covered(self, key: tuple[str, str], coverage: Coverage) -> None:
        before = self._read.get(key)
        self._read[key] = coverage if before is None else before + coverage
        self.complete = self.complete and coverage.complete


def cleaned(frame: pl.DataFrame, spec: SourceSpec) -> pl.DataFrame:
    """The entries as a case keeps them: redacted, and with the severities that the profile gives to its levels."""
    kept = frame.select(SCHEMA.names()).with_columns(redact(frame["message"], spec.redactions).alias("message"))
    if not spec.severities:
        return kept
    levels = frame["level"].unique()
    names = {int(severity): severity.name for severity in Severity}
    own = {word.strip().lower() for word in spec.severities}
    given = zip(levels, level_severities(levels, spec.severities), strict=True)
    words = {level: names[number] for level, number in given if level.strip(" []<>():").lower() in own}
    return kept.with_columns(pl.col("level").replace(words))


async def _part(asking: Asking, spec: SourceSpec, span: Window) -> tuple[list[pl.DataFrame], Coverage]:
    frames: list[pl.DataFrame] = []

    async def take(frame: pl.DataFrame) -> None:
        frames.append(frame)

    said = await asking.read(spec, span, take)
    return frames, said or _silent(spec)


def _silent(spec: SourceSpec) -> Coverage:
    return Coverage(complete=False, faults=(f"{spec.name}: the source did not say what it covered",))


def ordered(frames: Sequence[pl.DataFrame]) -> Iterator[pl.DataFrame]:
    """By time; lines of the same moment in the order of their stream, so that a stack trace stays together."""
    if not frames:
        return iter(())
    whole = pl.concat(frames, how="diagonal")
    by = ["time", "instance", *(name for name in ORDER.names() if name in whole.columns)]
    return whole.sort(by, maintain_order=True).iter_slices(MAX_ROWS)


def _check(request: Request) -> None:
    if request.baseline.verifications:
        raise InvalidRequest("baseline.verifications", "can't be recorded; give windows")
    if request.changed.given:
        raise InvalidRequest("changed_instances", "can't be recorded; cases compare a time before with a time after")
