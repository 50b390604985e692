"""Goes over a span part by part, each as long as one answer can hold: no script sees a document twice."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from logverdict.adapters.sources.elasticsearch_cells import (
    BUCKETS,
    MILLISECOND,
    Cells,
    Layout,
    Row,
    aggregations,
    cells,
    runtime,
)
from logverdict.adapters.sources.elasticsearch_errors import TooMuch
from logverdict.adapters.sources.elasticsearch_place import Place
from logverdict.adapters.sources.times import EPOCH
from logverdict.domain.errors import CannotReduce, QueryRejected, SourceUnavailable
from logverdict.domain.window import Window

AT_ONCE = 2
FIRST = 100_000
"""Documents that the first questions are about; later ones are about more or fewer."""
MOST = 500_000
ENOUGH = 20_000
"""Documents that show whether counting them is worth it."""
WORTH = 0.5
"""Rows a document, from which on the documents themselves are less work."""
LEAST_STRAINED = timedelta(seconds=1)


class Several(Exception):
    """Documents have several times or values: the script has to choose. Never leaves the adapter."""


@dataclass
class Found:
    """The rows of all parts (see Cells), and of how many documents they are; `matched` count once a part."""

    rows: list[Row] = field(default_factory=list)
    count: int = 0
    matched: int = 0


@dataclass
class _Part:
    span: Window
    strained: bool = False
    """The server had no time or memory for it."""


class Sweep:
    """`exact`: raise Several for documents that are in several cells; else they are counted in each."""

    def __init__(self, place: Place, layout: Layout, span: Window, count: int, *, exact: bool = True) -> None:
        self._place, self._layout, self._end, self._exact = place, layout, span.end, exact
        self._aggregations = aggregations(layout)
        self._next, self._again = span.start, list[Window]()
        share = min(1.0, FIRST / max(1, count)) if layout.keyed else 1.0
        self._width = max(MILLISECOND, span.length * share)
        self._found = Found()

    async def found(self) -> Found:
        """Raises CannotReduce, Several, PointGone, and what a read raises."""
        tasks = [asyncio.create_task(self._work()) for _ in range(AT_ONCE)]
        try:
            await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        return self._found

    async def _work(self) -> None:
        while (span := self._take()) is not None:
            part = _Part(span)
            try:
                answer = await self._ask(part)
            except TooMuch:
                self._halve(part.span)
                continue
            self._place.point.heard(answer)
            self._sort(answer, part.span)

    async def _ask(self, part: _Part) -> Mapping[str, Any]:
        try:
            point = self._place.point.id
            return await self._place.asker.search(point, lambda: self._question(part.span), partial(self._less, part))
        except SourceUnavailable as fault:
            if part.strained:
                raise CannotReduce(f"the server is too slow or too small to count these entries: {fault}") from None
            raise
        except QueryRejected as fault:
            if fault.reason == "REQUEST_TOO_LARGE":
                raise TooMuch from None
            if fault.details.get("status") in ("401", "403"):
                raise
            raise CannotReduce(f"the server does not count these entries: {fault}") from None

    def _question(self, span: Window) -> Mapping[str, Any]:
        return {
            "query": self._place.query(span),
            "size": 0,
            "track_total_hits": True,
            "request_cache": False,
            "runtime_mappings": runtime(self._layout, (span.start - EPOCH) // MILLISECOND),
            "aggs": self._aggregations,
        }

    def _sort(self, answer: Mapping[str, Any], span: Window) -> None:
        new = cells(self._layout, answer.get("aggregations", {}), span)
        if new.full:
            self._halve(span)
            return
        matched = int(answer["hits"]["total"]["value"])
        if self._exact and (new.count + new.elsewhere != matched or (new.elsewhere and not self._layout.scripted)):
            raise (
                Several
                if not self._layout.scripted
                else SourceUnavailable(
                    f"the server's counts contradict each other: {new.count:,} and {matched:,} entries"
                )
            )
        self._keep(new, matched)

    def _keep(self, new: Cells, matched: int) -> None:
        found = self._found
        found.rows += new.rows
        found.count += new.count
        found.matched += matched
        if self._layout.messages and matched >= ENOUGH and len(new.rows) > WORTH * matched:
            raise CannotReduce(f"{matched:,} entries are of {len(new.rows):,} kinds: to count them is no less work")
        if len(new.rows) > 2 * BUCKETS:
            self._width /= 2
        elif len(new.rows) < BUCKETS and matched < MOST / 2:
            self._width *= 2

    def _take(self) -> Window | None:
        """Ends where a bin does, if it can, so that bins are not split over answers."""
        if self._again:
            return self._again.pop()
        start = self._next
        if start >= self._end:
            return None
        stop = _whole(start + min(self._width, self._end - start))
        bound = self._layout.grid.bin(self._layout.grid.number(stop)).start
        stop = bound if bound > start else max(stop, _whole(start) + MILLISECOND)
        self._next = self._end if stop + self._width / 4 >= self._end else stop
        return Window(start, self._next)

    def _halve(self, span: Window) -> None:
        if span.length < 2 * MILLISECOND:
            raise CannotReduce(f"the server's limits are too low even for the entries of {span.length}")
        middle = max(_whole(span.start + span.length / 2), _whole(span.start) + MILLISECOND)
        self._again += [Window(middle, span.end), Window(span.start, middle)]
        self._width = min(self._width, span.length / 2)

    def _less(self, part: _Part) -> None:
        """The next try is about the first half only; the other is asked for later."""
        part.strained = True
        if part.span.length > LEAST_STRAINED:
            self._halve(part.span)
            part.span = self._again.pop()


def _whole(time: datetime) -> datetime:
    """Fields of type `date` know milliseconds only."""
    return time.replace(microsecond=time.microsecond // 1_000 * 1_000)
