"""Pulls the documents of a span: one point in time, read in slices side by side, page by page."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

import polars as pl

from logverdict.adapters.sources.elasticsearch_ask import Asker, Body
from logverdict.adapters.sources.elasticsearch_fields import Chosen
from logverdict.adapters.sources.elasticsearch_query import Clause
from logverdict.adapters.sources.elasticsearch_rows import TIME_PATTERN, Hit, Rows, Tally, has_text
from logverdict.domain.errors import QueryRejected
from logverdict.domain.verification import Coverage
from logverdict.domain.window import Window

SLICES = 2
FIRST_PAGE = 1_000
LEAST_PAGE = 50
MOST_CHARACTERS = 4 << 20
"""Of messages on a page; beyond it pages get smaller, so that memory does not grow with the messages."""
PROBES = 20
"""Documents that show whether their texts can be had from their sources."""


@dataclass
class Point:
    """A point in time; the server may give it another name with each answer, all of which stay good."""

    id: str
    faults: dict[str, None]
    """Words for what did not answer though the server went on without it."""

    def heard(self, answer: Body) -> None:
        self.id = answer.get("pit_id", self.id)
        clusters = answer.get("_clusters") or {}
        lost = sum(int(clusters.get(word, 0)) for word in ("skipped", "partial", "failed"))
        if lost:
            names = [
                name or "the local one"
                for name, state in sorted((clusters.get("details") or {}).items())
                if state.get("status") not in ("successful", "running")
            ]
            which = f": {', '.join(names[:5])}" if names else ""
            self.faults[f"{lost} of {clusters.get('total', '?')} clusters did not answer completely{which}"] = None


@asynccontextmanager
async def point_in_time(asker: Asker, index: Sequence[str]) -> AsyncIterator[Point]:
    """Closed at the end, also of a cancelled read. Raises QueryRejected when the names mean no index at all."""
    answer = await asker.open(index)
    point = Point(answer["id"], {})
    try:
        point.heard(answer)
        if answer.get("_shards", {}).get("total") == 0:
            raise QueryRejected(f"options.index: {','.join(index)} means no index, or none that may be read")
        yield point
    finally:
        await asyncio.shield(asyncio.create_task(asker.close(point.id)))


class Pull:
    def __init__(self, asker: Asker, point: Point, chosen: Chosen, query: Clause, page_size: int) -> None:
        self._asker, self._point, self._chosen, self._query = asker, point, chosen, query
        self._largest = page_size
        self._size = min(FIRST_PAGE, page_size)
        self._by_fields = False

    async def results(
        self, span: Window, faults: Sequence[str], whole: bool
    ) -> AsyncGenerator[pl.DataFrame | Coverage, None]:
        """Frames, then the coverage. Raises PointGone."""
        count = await self._survey()
        tally = Tally()
        rows = Rows(self._chosen, span, self._by_fields, tally)
        async with aclosing(self._pages(count)) as pages:
            async for hits in pages:
                frame = rows.frame(hits)
                self._adapt(tally.characters)
                if frame.height:
                    yield frame
        yield self._coverage(count, tally, faults, whole)

    async def _survey(self) -> int:
        """The exact number of documents. Looks at some: a text may be an alias or made up, and not in the source."""
        names = list(self._chosen.in_documents)
        ask = {"query": self._query, "size": PROBES, "track_total_hits": True, "source": names, "fields": names}
        answer = await self._asker.search(self._point.id, lambda: ask)
        self._point.heard(answer)
        for hit in answer["hits"]["hits"]:
            by_field = has_text(hit.get("fields") or {}, self._chosen.message)
            if by_field and not has_text(hit.get("_source") or {}, self._chosen.message):
                self._by_fields = True
        return int(answer["hits"]["total"]["value"])

    async def _pages(self, count: int) -> AsyncGenerator[list[Hit], None]:
        """Pages of all slices as they come; few of them wait."""
        if not count:
            return
        slices: list[Body | None] = [None]
        if count > FIRST_PAGE * SLICES:
            slices = [{"id": number, "max": SLICES} for number in range(SLICES)]
        ready = _Ready(asyncio.Queue(), asyncio.Semaphore(2 * len(slices)))
        tasks = [asyncio.create_task(self._slice(one, ready)) for one in slices]
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

    async def _slice(self, part: Body | None, ready: "_Ready") -> None:
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
                ready.pages.put_nowait(hits)
        except Exception as fault:
            ready.pages.put_nowait(fault)  # raised where the pages are read

    def _ask(self, part: Body | None, after: Sequence[Any] | None) -> Body:
        names = list(self._chosen.in_documents)
        ask: dict[str, Any] = {
            "query": self._query,
            "size": self._size,
            "sort": ["_shard_doc"],
            "track_total_hits": False,
            "source": False if self._by_fields else names,
            "docvalue_fields": [
                *({"field": name, "format": TIME_PATTERN} for name in self._chosen.time),
                *self._chosen.in_columns,
            ],
        }
        if self._by_fields:
            ask["fields"] = names
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

    def _coverage(self, count: int, tally: Tally, faults: Sequence[str], whole: bool) -> Coverage:
        told = [*faults, *self._point.faults, *tally.sentences(self._chosen)]
        if tally.hits != count:
            told.append(f"{tally.hits:,} of {count:,} documents came")
        complete = whole and not self._point.faults and tally.hits == count
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

    pages: "asyncio.Queue[list[Hit] | Exception | None]"
    room: asyncio.Semaphore
