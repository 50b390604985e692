"""Log entries from files below a folder: JSON lines, logfmt, or plain text, also packed with gzip."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from concurrent.futures import Future
from contextlib import aclosing, suppress
from pathlib import Path

import polars as pl

from logverdict.adapters.sources.file_index import Index
from logverdict.adapters.sources.file_lines import Made, RawLines
from logverdict.adapters.sources.file_options import parse_options
from logverdict.adapters.sources.file_probe import probe
from logverdict.adapters.sources.file_query import parse_query
from logverdict.adapters.sources.file_way import way_back
from logverdict.adapters.sources.file_work import Steps, Work
from logverdict.adapters.sources.links import Link
from logverdict.domain.errors import CannotReduce
from logverdict.domain.probe import Probe
from logverdict.domain.profile import SourceSpec
from logverdict.domain.result import WayBack
from logverdict.domain.verification import Coverage
from logverdict.domain.window import Grid, Window
from logverdict.verify.ports import Reduced, Survey


class FileSource:
    """A connection to the files below `root`; nothing outside of it is ever read."""

    def __init__(self, root: Path, link: Link | None = None) -> None:
        self._root, self._link = root, link
        self._index = Index()

    def check(self, spec: SourceSpec) -> None:
        parse_query(spec.query)
        parse_options(spec.options)

    async def survey(self, spec: SourceSpec, span: Window, grid: Grid, *, evidence: bool = False) -> Survey | None:
        return None

    async def reduce(self, spec: SourceSpec, span: Window, grid: Grid) -> Reduced:
        raise CannotReduce("files are read, nothing counts their entries for us")

    def way_back(self, spec: SourceSpec, template: str, span: Window) -> WayBack | None:
        return way_back(spec, template, span, self._link)

    async def probe(self, spec: SourceSpec, span: Window) -> Probe:
        return await asyncio.to_thread(probe, self._root, spec, span)

    async def read(self, spec: SourceSpec, span: Window) -> AsyncIterator[pl.DataFrame | Coverage]:
        # Here the file is open, whatever becomes of it meanwhile.
        async with aclosing(self._lines(Work(self._root, spec, span, self._index, placed=False))) as steps:
            step = await anext(steps)
            while not isinstance(step, Coverage):
                frames, made = await asyncio.to_thread(step.make_out)
                for frame in frames:
                    yield frame
                step = await steps.asend(made)
            yield step

    def read_raw(self, spec: SourceSpec, span: Window) -> AsyncGenerator[RawLines | Coverage, Made | None]:
        return self._lines(Work(self._root, spec, span, self._index, placed=True))

    async def _lines(self, work: Work) -> AsyncGenerator[RawLines | Coverage, Made | None]:
        steps = work.steps()
        made: Made | None = None
        try:
            while (step := await asyncio.to_thread(_next, steps, made)) is not None:
                if isinstance(step, Future):
                    await asyncio.wrap_future(step)
                else:
                    made = yield step
        finally:
            work.stop()


def _next(steps: Steps, made: Made | None) -> "RawLines | Coverage | Future[None] | None":
    """None at the end: a thread can't raise StopIteration."""
    with suppress(StopIteration):
        return steps.send(made)
    return None
