"""Log entries from Elasticsearch: complete, or said to be incomplete."""

import re
import secrets
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import TYPE_CHECKING

import polars as pl
import structlog

from logverdict.adapters.sources.elasticsearch_access import Access, credentials, open_client
from logverdict.adapters.sources.elasticsearch_ask import Asker
from logverdict.adapters.sources.elasticsearch_errors import PointGone
from logverdict.adapters.sources.elasticsearch_fields import Chosen, Mapped, choose, inner_names, mapped, wanted_names
from logverdict.adapters.sources.elasticsearch_pull import Point, Pull, point_in_time
from logverdict.adapters.sources.elasticsearch_query import Wanted, build, build_timeless, unmatched, wanted
from logverdict.domain.errors import SourceUnavailable
from logverdict.domain.profile import SourceSpec
from logverdict.domain.verification import Coverage
from logverdict.domain.window import Window

if TYPE_CHECKING:
    from elasticsearch import AsyncElasticsearch

STARTS = 3
"""Times that a read begins, when its point in time is lost before anything was given on."""
log = structlog.get_logger(__name__)


class ElasticsearchSource:
    """One connection. Its client is made by the first read, on that read's event loop, and closed by `aclose`."""

    def __init__(self, access: Access) -> None:
        self._access = access
        self._client: AsyncElasticsearch | None = None

    def check(self, spec: SourceSpec) -> None:
        wanted(spec)

    async def aclose(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            await client.close()

    async def read(self, spec: SourceSpec, span: Window) -> AsyncIterator[pl.DataFrame | Coverage]:
        asked = wanted(spec)
        asker = self._asker(spec)
        given = False
        for _ in range(STARTS):
            try:
                async with aclosing(_read(asker, asked, spec, span)) as results:
                    async for result in results:
                        given = True
                        yield result
                return
            except PointGone:
                if given:  # reading on would give entries twice: the slice has to be read again as a whole
                    break
        raise SourceUnavailable("the point in time of the read was lost: the server was restarted, or was too slow")

    def _asker(self, spec: SourceSpec) -> Asker:
        if self._client is None:
            self._client = open_client(self._access)
        name = re.sub(r"[^\w.-]", "_", spec.name, flags=re.ASCII)[:80]
        client = self._client.options(
            **credentials(self._access), opaque_id=f"logverdict/{name}/{secrets.token_hex(4)}"
        )
        return Asker(client, self._access.timeout)


async def _read(
    asker: Asker, asked: Wanted, spec: SourceSpec, span: Window
) -> AsyncGenerator[pl.DataFrame | Coverage, None]:
    index = asked.options.index
    names = wanted_names(spec.fields, asked.named)
    found = mapped(await asker.fields(index, names))
    if more := inner_names(found, spec.fields):
        found = mapped(await asker.fields(index, (*names, *more)))
    chosen = choose(found, spec.fields)
    log.debug("fields chosen", source=spec.name, fields=str(chosen))
    async with point_in_time(asker, index) as point:
        lost = await _timeless(asker, point, asked, found, chosen)
        faults = [*found.faults, *lost, *_slips(asked, found)]
        pull = Pull(asker, point, chosen, build(asked, found, chosen, span), asked.options.page_size)
        async with aclosing(pull.results(span, faults, whole=not found.faults and not lost)) as results:
            async for result in results:
                yield result


async def _timeless(asker: Asker, point: Point, asked: Wanted, found: Mapped, chosen: Chosen) -> list[str]:
    """Entries that no window can have, because their index has no time that we know of."""
    if not chosen.timeless:
        return []
    ask = {"query": build_timeless(asked, found, chosen), "size": 0, "track_total_hits": True}
    answer = await asker.search(point.id, lambda: ask)
    point.heard(answer)
    count = answer["hits"]["total"]["value"]
    names = ", ".join(sorted(chosen.timeless)[:5])
    return [f"{count:,} entries of {names} have no time in any field of fields.time"] if count else []


def _slips(asked: Wanted, found: Mapped) -> list[str]:
    names = unmatched(asked, found)
    return [f"no index has the field {', '.join(names)}, which the query or a filter names"] if names else []
