"""Pulls the documents of a span: one point in time, read in slices side by side, page by page."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from functools import partial
from typing import Any

import polars as pl

from logverdict.adapters.sources.elasticsearch_ask import Body
from logverdict.adapters.sources.elasticsearch_place import Place
from logverdict.adapters.sources.elasticsearch_rows import Rows, Tally
from logverdict.domain.verification import Coverage
from logverdict.domain.window import Window

SLICES = 2
FIRST_PAGE = 1_000
LEAST_PAGE = 50
MOST_CHARACTERS = 4 << 20
"""Of messages on a page; beyond it pages get smaller, so that memory does not grow with the messages."""


class Pull:
    def __init__(self, place: Place, span: Window) -> None:
        self._place, self._span = place, span
        self._asker, self._point, self._chosen = place.asker, place.point, place.chosen
        self._query = place.query(span)
        self._largest = place.asked.options.page_size
        self._size = min(FIRST_PAGE, self._largest)
        self._by_fields = False

    async def results(self) -> AsyncGenerator[pl.DataFrame | Coverage, None]:
        """Frames, then the coverage. Raises PointGone."""
        look = await self._place.look(self._span)
        count, self._by_fields = look.count, look.by_fields
        tally = Tally()
        rows = Rows(self._chosen, self._span, self._by_fields, tally)
        async with aclosing(self._pages(count, rows, tally)) as pages:
            async for frame in pages:
                if frame.height:
                    yield frame
        yield self._coverage(count, tally, await self._place.closed())

    async def _pages(self, count: int, rows: Rows, tally: Tally) -> AsyncGenerator[pl.DataFrame, None]:
        """Pages of all slices as they come; few of them wait."""
        if not count:
            return
        slices: list[Body | None] = [None]
        if count > FIRST_PAGE * SLICES:
            slices = [{"id": number, "max": SLICES} for number in range(SLICES)]
        ready = _Ready(asyncio.Queue(), asyncio.Semaphore(2 * len(slices)))
        tasks = [asyncio.create_task(self._slice(one, ready, rows, tally)) for one in slices]
        running = len(tasks)
        try:
            while running:
                page = await ready.pages.get()
                if isinstance(page, Exception):
                    raise page
                if page is None:
                    running -= 1
                else:
                    ready.room.release()
                    yield page
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _slice(self, part: Body | None, ready: "_Ready", rows: Rows, tally: Tally) -> None:
        """A page becomes columns at once: its hundred thousand small objects are gone before the next one comes, so
        the collector of cycles never walks over them."""
        after: Sequence[Any] | None = None
        try:
            while True:
                await ready.room.acquire()
                answer = await self._asker.search(self._point.id, partial(self._ask, part, after), self._shrink)
                self._point.heard(answer)
                hits = answer["hits"]["hits"]
                if not hits:
                    ready.pages.put_nowait(None)
                    return
                after = hits[-1]["sort"]
                ready.pages.put_nowait(rows.frame(hits))
                del answer, hits
                self._adapt(tally.characters)
        except Exception as fault:
            ready.pages.put_nowait(fault)  # raised where the pages are read

    def _ask(self, part: Body | None, after: Sequence[Any] | None) -> Body:
        ask: dict[str, Any] = {
            "query": self._query,
            "size": self._size,
            "sort": ["_shard_doc"],
            "track_total_hits": False,
            **self._place.contents(self._by_fields),
        }
        if part is not None:
            ask["slice"] = part
        if after is not None:
            ask["search_after"] = after
        return ask

    def _shrink(self) -> None:
        self._size = max(LEAST_PAGE, self._size // 2)
        self._largest = max(LEAST_PAGE, self._largest // 2)

    def _adapt(self, characters: int) -> None:
        """Pages start small, as nobody knows how long the messages are."""
        if characters > MOST_CHARACTERS:
            self._size = max(LEAST_PAGE, self._size // 2)
        elif characters < MOST_CHARACTERS // 4:
            self._size = min(self._largest, self._size * 2)

    def _coverage(self, count: int, tally: Tally, closed: Sequence[str]) -> Coverage:
        told = [*self._place.faults, *closed, *tally.sentences(self._chosen)]
        if tally.hits != count:
            told.append(f"{tally.hits:,} of {count:,} documents came")
        complete = self._place.whole and tally.hits == count
        return Coverage(
            expected=count - tally.elsewhere,
            read=tally.read,
            broken=tally.broken,
            complete=complete,
            faults=tuple(told),
        )


@dataclass(frozen=True, slots=True)
class _Ready:
    """Pages that wait to be read, None at the end of a slice; `room` for more of them."""

    pages: "asyncio.Queue[pl.DataFrame | Exception | None]"
    room: asyncio.Semaphore
