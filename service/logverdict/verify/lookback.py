"""Questions to the history: statistics, templates, and lines for other tools."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from logverdict.domain.errors import InvalidRequest
from logverdict.domain.window import Window
from logverdict.verify.export import Format, header, line
from logverdict.verify.feedback_ports import FeedbackStore
from logverdict.verify.history_ports import Grouping, PastStore, Sighting, Statistics, TemplateSeen
from logverdict.verify.names import template_id
from logverdict.verify.ports import Clock, Store

USUAL = timedelta(days=30)
PAGE = 200
FEEDBACK_PAGES = 20
"""Of a thousand each: more is not looked at."""


class Lookback:
    """`kept` has the feedback."""

    def __init__(self, store: Store, past: PastStore, kept: FeedbackStore, clock: Clock) -> None:
        self._store = store
        self._past = past
        self._kept = kept
        self._clock = clock

    async def statistics(
        self, start: datetime | None, end: datetime | None, filter: str, grouping: Grouping | None
    ) -> Statistics:
        """Raises InvalidRequest for a period that ends before it starts, and for the filter."""
        last = end or self._clock.now()
        first = start or last - USUAL
        if last <= first:
            raise InvalidRequest("end_time", f"{last.isoformat()} is not after the start, {first.isoformat()}")
        return await self._past.statistics(Window(first, last), filter, grouping)

    async def templates(
        self, filter: str, text: str, page_size: int, page_token: str
    ) -> tuple[Sequence[TemplateSeen], str]:
        return await self._past.templates(filter, text, page_token, page_size)

    async def template(self, name: str, service: str, environment: str) -> TemplateSeen:
        """With the feedback that is said of it. Raises NotFound."""
        found = await self._past.template(template_id(name), service, environment)
        return replace(found, feedback=tuple([one async for one in self._said(found.template)]))

    async def sightings(self, parent: str, page_size: int, page_token: str) -> tuple[Sequence[Sighting], str]:
        return await self._past.sightings(template_id(parent, "parent"), page_token, page_size)

    async def export(self, filter: str, format: Format) -> AsyncIterator[tuple[str, int]]:
        """Whole lines, newest verification first, and how many verifications they are; a CSV begins with names."""
        page, token = await self._store.list(filter, "", PAGE)  # first: a wrong filter has no lines, not even names
        yield header(format), 0
        while True:
            if page:
                yield "".join(line(one, format) for one in page), len(page)
            if not token:
                return
            page, token = await self._store.list(filter, token, PAGE)

    async def _said(self, template: str) -> AsyncIterator[str]:
        token = ""
        for _ in range(FEEDBACK_PAGES):
            page, token = await self._kept.list("", token, 1000)
            for one in page:
                if template in one.about.templates:
                    yield one.id
            if not token:
                return
