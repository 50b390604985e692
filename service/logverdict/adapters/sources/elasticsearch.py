"""Log entries from Elasticsearch: complete, or said to be incomplete."""

import re
import secrets
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from typing import TYPE_CHECKING, TypeVar

import polars as pl
import structlog

from logverdict.adapters.sources import elasticsearch_reduce
from logverdict.adapters.sources.elasticsearch_access import Access, credentials, open_client
from logverdict.adapters.sources.elasticsearch_ask import Asker
from logverdict.adapters.sources.elasticsearch_errors import PointGone
from logverdict.adapters.sources.elasticsearch_place import Place, placed
from logverdict.adapters.sources.elasticsearch_probe import probe
from logverdict.adapters.sources.elasticsearch_pull import Pull
from logverdict.adapters.sources.elasticsearch_query import Wanted, wanted
from logverdict.adapters.sources.elasticsearch_way import way_back
from logverdict.adapters.sources.links import Link
from logverdict.domain.errors import SourceUnavailable
from logverdict.domain.probe import Probe
from logverdict.domain.profile import SourceSpec
from logverdict.domain.result import WayBack
from logverdict.domain.verification import Coverage
from logverdict.domain.window import Grid, Window
from logverdict.verify.ports import Reduced, Survey

if TYPE_CHECKING:
    from elasticsearch import AsyncElasticsearch

T = TypeVar("T")
STARTS = 3
"""Times that a read begins, when its point in time is lost before anything was given on."""
log = structlog.get_logger(__name__)


class ElasticsearchSource:
    """One connection. Its client is made by the first read, on that read's event loop, and closed by `aclose`."""

    def __init__(self, access: Access, link: Link | None = None) -> None:
        self._access, self._link = access, link
        self._client: AsyncElasticsearch | None = None

    def check(self, spec: SourceSpec) -> None:
        wanted(spec)
        if spec.evidence:
            wanted(spec, evidence=True)

    async def aclose(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            await client.close()

    async def survey(self, spec: SourceSpec, span: Window, grid: Grid, *, evidence: bool = False) -> Survey | None:
        if evidence and not spec.evidence:
            return None
        asked = wanted(spec, evidence=evidence)
        return await self._once(spec, asked, lambda place: elasticsearch_reduce.survey(place, span, grid))

    async def reduce(self, spec: SourceSpec, span: Window, grid: Grid) -> Reduced:
        return await self._once(spec, wanted(spec), lambda place: elasticsearch_reduce.reduce(place, span, grid))

    def way_back(self, spec: SourceSpec, template: str, span: Window) -> WayBack | None:
        return way_back(spec, template, span, self._link)

    async def probe(self, spec: SourceSpec, span: Window) -> Probe:
        return await probe(self._asker(spec), wanted(spec), span)

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
        raise _lost()

    async def _once(self, spec: SourceSpec, asked: Wanted, count: Callable[[Place], Awaitable[T]]) -> T:
        """Counts begin anew when their point in time is lost."""
        asker = self._asker(spec)
        for _ in range(STARTS):
            try:
                async with placed(asker, asked, spec) as place:
                    return await count(place)
            except PointGone:
                continue
        raise _lost()

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
    async with placed(asker, asked, spec) as place, aclosing(Pull(place, span).results()) as results:
        async for result in results:
            yield result


def _lost() -> SourceUnavailable:
    return SourceUnavailable("the point in time of the read was lost: the server was restarted, or was too slow")
