"""Questions to the history: statistics, templates, and lines for other tools."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta

from logverdict.domain.deployment import Deployment
from logverdict.domain.errors import InvalidRequest
from logverdict.domain.window import Window
from logverdict.verify.export import Format, header, line
from logverdict.verify.feedback_ports import FeedbackStore
from logverdict.verify.history_ports import Grouping, PastStore, Statistics, TemplateSeen
from logverdict.verify.names import template_id
from logverdict.verify.ports import Clock, Store
from logverdict.verify.said import SightingTold, TemplateTold, applied, kept_feedback, reaching_any, reaching_each

USUAL = timedelta(days=30)
PAGE = 200
SIGHTINGS = 1_000
"""The newest of a template: feedback that was applied in earlier ones is not told of the template as a whole."""


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

    async def template(self, name: str, service: str, environment: str, filter: str) -> TemplateTold:
        """With the feedback that was applied to it in the verifications that these name, and that reaches it now in the
        service and environment. Raises NotFound."""
        its, place = template_id(name), (service, environment)
        found = await self._past.template(its, service, environment, filter)
        newest, _ = await self._past.sightings(its, filter, "", SIGHTINGS)
        here = [one for one in newest if _is_in(one.deployment, *place)]
        kept = [one async for one in kept_feedback(self._kept)]
        reaching = await asyncio.to_thread(reaching_any, found, here, kept, place, self._clock.now())
        said = tuple(one.id for one in kept if found.template in one.about.templates)
        return TemplateTold(found, said, applied(here), reaching)

    async def sightings(
        self, parent: str, filter: str, page_size: int, page_token: str
    ) -> tuple[Sequence[SightingTold], str]:
        """Each with the feedback that reaches it now."""
        page, token = await self._past.sightings(template_id(parent, "parent"), filter, page_token, page_size)
        kept = [one async for one in kept_feedback(self._kept)]
        return await asyncio.to_thread(reaching_each, page, kept, self._clock.now()), token

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


def _is_in(deployment: Deployment, service: str, environment: str) -> bool:
    """ "" is any."""
    return service in ("", deployment.service) and environment in ("", deployment.environment)
