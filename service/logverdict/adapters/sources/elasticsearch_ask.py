"""Questions to a server: each bounded in time, asked again while that helps, and its answer checked."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import stamina
from elastic_transport import ApiError, TransportError

from logverdict.adapters.sources.elasticsearch_errors import Again, PointGone, translated
from logverdict.domain.errors import QueryRejected, SourceUnavailable

if TYPE_CHECKING:
    from elasticsearch import AsyncElasticsearch

KEEP_ALIVE = "5m"
ATTEMPTS = 6
TRY_FOR = 90.0
"""Seconds in which one question is asked again; the reader of slices tries longer, the whole slice."""
CLOSE_SECONDS = 3.0
SHARE_OF_TIMEOUT = 0.8
"""The server gives up a little before we do, so that it tells us."""

Body = Mapping[str, Any]


class Asker:
    """Speaks for one read. `client` has the credentials and the X-Opaque-Id of that read."""

    def __init__(self, client: "AsyncElasticsearch", timeout: float) -> None:
        self._client = client
        self._limit = f"{max(1, round(timeout * SHARE_OF_TIMEOUT * 1_000))}ms"

    async def fields(self, index: Sequence[str], names: Sequence[str]) -> Body:
        """Which of the fields are where. An index, alias or pattern that means nothing is an error."""
        return await _asked(
            lambda: self._client.field_caps(
                index=list(index), fields=list(names), include_unmapped=True, allow_no_indices=False
            )
        )

    async def closed(self, index: Sequence[str]) -> Sequence[str]:
        """Closed indices that the names mean: searches pass over those that only a pattern matches, without a word."""
        answer = await self.once(
            lambda client: client.indices.resolve_index(name=list(index), expand_wildcards="closed")
        )
        return [str(one["name"]) for one in answer.get("indices", ()) if "closed" in one.get("attributes", ())]

    async def open(self, index: Sequence[str]) -> Body:
        return await _asked(lambda: self._client.open_point_in_time(index=list(index), keep_alive=KEEP_ALIVE))

    async def once(self, call: "Callable[[AsyncElasticsearch], Awaitable[Any]]") -> Body:
        """Any question, asked once. Raises SourceUnavailable or QueryRejected."""
        try:
            return await _once(lambda: call(self._client), lambda: None)
        except Again as fault:
            raise SourceUnavailable(str(fault)) from None

    async def close(self, point: str) -> None:
        """Tries once; a point that can't be closed ends by itself."""
        try:
            await self._client.options(request_timeout=CLOSE_SECONDS).close_point_in_time(id=point)
        except (ApiError, TransportError):
            return

    async def search(
        self, point: str, ask: Callable[[], Mapping[str, Any]], smaller: Callable[[], None] = lambda: None
    ) -> Body:
        """`ask` is called for each attempt, so that `smaller` may change what it gives. Raises PointGone."""

        async def search() -> Any:
            answer = await self._client.search(
                **ask(),
                pit={"id": point, "keep_alive": KEEP_ALIVE},
                timeout=self._limit,
                allow_partial_search_results=False,
            )
            _whole(answer.body)
            return answer

        try:
            return await _asked(search, smaller)
        except QueryRejected as fault:
            if fault.details.get("status") == "404":  # an index of the point was deleted meanwhile
                raise PointGone from None
            raise


async def _asked(call: Callable[[], Awaitable[Any]], smaller: Callable[[], None] = lambda: None) -> Body:
    try:
        async for attempt in stamina.retry_context(
            on=Again, attempts=ATTEMPTS, timeout=TRY_FOR, wait_initial=0.2, wait_max=5.0, wait_jitter=1.0
        ):
            with attempt:
                return await _once(call, smaller)
    except Again as fault:
        raise SourceUnavailable(str(fault)) from None
    raise AssertionError("stamina gives an attempt or raises")


async def _once(call: Callable[[], Awaitable[Any]], smaller: Callable[[], None]) -> Body:
    try:
        answer = await call()
    except (ApiError, TransportError) as fault:
        told = translated(fault)
        if isinstance(told, Again) and told.smaller:
            smaller()
        raise told from None
    except Again as fault:
        if fault.smaller:
            smaller()
        raise
    if not isinstance(answer.body, Mapping):
        raise Again("the answer could not be understood: it is not the server's")
    return answer.body


def _whole(answer: object) -> None:
    """Raises Again for an answer that lacks something, though its status is 200."""
    if not isinstance(answer, Mapping):
        return
    if answer.get("timed_out"):
        raise Again("the server gave up a search that took too long (timed_out)", smaller=True)
    shards = answer.get("_shards", {})
    if shards.get("failed"):
        raise Again(f"{shards['failed']} of {shards.get('total', '?')} shards did not answer")
