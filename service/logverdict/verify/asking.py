"""A source as one verification asks it: in its turn at the connection, again for a while, heard for the audit."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from datetime import timedelta
from functools import partial
from typing import Any, TypeVar

import polars as pl
import stamina
from structlog.contextvars import bound_contextvars

from logverdict.domain.errors import SourceUnavailable
from logverdict.domain.profile import SourceSpec
from logverdict.domain.verification import Coverage, SourceCall
from logverdict.domain.window import Grid, Window
from logverdict.verify.audit import hearing
from logverdict.verify.means import Means
from logverdict.verify.ports import LogSource, Raw, RawSource, Reduced, Survey

Answer = TypeVar("Answer")


async def insistently(spec: SourceSpec, ask: Callable[[], Awaitable[Answer]], retry_for: timedelta) -> Answer:
    """Asks a source that does not answer again for so long. Raises SourceUnavailable then, and any other error.

    What is logged meanwhile, the adapters' own retries too, names the source.
    """
    with bound_contextvars(source=spec.name, connection=spec.connection):
        async for attempt in stamina.retry_context(
            on=SourceUnavailable, attempts=None, timeout=retry_for, wait_initial=0.5, wait_max=15.0
        ):
            with attempt:
                return await ask()
    raise AssertionError("stamina gives an attempt or raises")


class Asking:
    """The sources of one verification. Each call waits for its place at the connection and keeps it until it ends;
    `say` is told what is waited for."""

    def __init__(self, verification_id: str, means: Means, say: Callable[[str], None]) -> None:
        self._id = verification_id
        self._means = means
        self._say = say
        self._calls: list[SourceCall] = []

    def take_calls(self, least: int = 1) -> list[SourceCall]:
        """The audit since the last time, if it holds so many calls; threads may add to it meanwhile."""
        count = len(self._calls) if len(self._calls) >= least else 0
        calls = self._calls[:count]
        del self._calls[:count]
        return calls

    async def survey(self, spec: SourceSpec, span: Window, grid: Grid, *, evidence: bool = False) -> Survey | None:
        async with self._turn(spec) as source:
            return await source.survey(spec, span, grid, evidence=evidence)

    async def reduce(self, spec: SourceSpec, span: Window, grid: Grid) -> Reduced:
        async with self._turn(spec) as source:
            return await source.reduce(spec, span, grid)

    async def read(
        self,
        spec: SourceSpec,
        span: Window,
        take: Callable[[pl.DataFrame], Awaitable[None]],
        finish: Callable[[], Awaitable[None]] | None = None,
    ) -> Coverage | None:
        """Gives each batch to `take`, and after the last one calls `finish`, both inside the place: so few entries are
        in memory at once, over all verifications. What the source says it covered; None where it does not say."""
        said = None
        async with self._turn(spec) as source:
            async for item in source.read(spec, span):
                if isinstance(item, Coverage):
                    said = item
                else:
                    await take(item)
            if finish is not None:
                await finish()
        return said

    async def read_raw(
        self, source: RawSource, spec: SourceSpec, span: Window, take: Callable[[Raw], Awaitable[Any]]
    ) -> Coverage:
        """Gives all that is read to `take`, inside the place; what that returns is for the source."""
        async with self._turn(spec), aclosing(source.read_raw(spec, span)) as steps:
            step = await anext(steps)
            while not isinstance(step, Coverage):
                step = await steps.asend(await take(step))
        return step

    @asynccontextmanager
    async def _turn(self, spec: SourceSpec) -> AsyncIterator[LogSource]:
        name = spec.connection

        def waiting(before: int) -> None:
            self._say(f"waiting for a place at connection {name}, {before} before us")

        async with self._means.gates.place(name, self._id, waiting):
            with hearing(partial(self._heard, name), spec.name):
                try:
                    yield self._means.sources[name]
                except SourceUnavailable:
                    self._means.observer.unanswered(name)
                    raise

    def _heard(self, connection: str, call: SourceCall) -> None:
        self._calls.append(call)
        self._means.observer.called(connection, call)
