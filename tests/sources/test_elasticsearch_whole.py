"""Lost points in time, clusters and counts: a read that lacks something says so; and what each request looks like."""

import asyncio

import polars as pl
import pytest
from aiohttp import web

from contract.log_source import results
from fakes.elastic import Elastic, change, fault
from fakes.elastic_reads import SPAN, SPEC, WHOLE, coverage
from logverdict.adapters.sources.elasticsearch import ElasticsearchSource
from logverdict.adapters.sources.elasticsearch_access import Access
from logverdict.domain.errors import QueryRejected, SourceUnavailable
from logverdict.domain.verification import Coverage

pytestmark = pytest.mark.usefixtures("six_attempts")
LOST = fault(404, "search_context_missing_exception", "No search context found for id [5]")


async def test_a_point_that_is_lost_at_once_is_opened_again(
    elastic: Elastic, elastic_source: ElasticsearchSource
) -> None:
    """Before anything was given on, the read begins anew and is whole."""
    elastic.trouble("_search", LOST, lambda request, body: None, LOST)
    assert await coverage(elastic_source) == WHOLE
    assert not elastic.open


async def test_a_point_that_is_lost_midway_ends_the_read(elastic: Elastic, elastic_source: ElasticsearchSource) -> None:
    """After the first batch the slice has to be read again as a whole, or entries would come twice."""
    reading = elastic_source.read(SPEC, SPAN)
    assert isinstance(await anext(reading), pl.DataFrame)
    elastic.trouble("_search", *[LOST] * 20)
    with pytest.raises(SourceUnavailable, match="point in time"):
        async for _ in reading:
            pass
    assert not elastic.open


async def test_a_skipped_cluster_makes_the_read_incomplete(
    elastic: Elastic, elastic_source: ElasticsearchSource
) -> None:
    """A remote cluster that was left out is named; what the others gave is kept."""
    details = {"(local)": {"status": "successful"}, "eu": {"status": "skipped"}, "us": {"status": "partial"}}
    clusters = {"total": 3, "successful": 1, "skipped": 1, "partial": 1, "failed": 0, "details": details}
    elastic.trouble("_search", change(_clusters=clusters))
    last = await coverage(elastic_source)
    assert (last.read, last.complete) == (5_000, False)
    assert last.faults == ("2 of 3 clusters did not answer completely: eu, us",)


async def test_a_cluster_whose_fields_are_unknown_is_told(
    elastic: Elastic, elastic_source: ElasticsearchSource
) -> None:
    """Indices that did not answer for their fields make the read incomplete."""
    elastic.trouble("_field_caps", change(failures=[{"indices": ["eu:logs"], "failure": {}}]))
    last = await coverage(elastic_source)
    assert not last.complete
    assert last.faults == ("the fields of eu:logs could not be asked for",)


async def test_a_point_on_no_shard_is_no_quiet_service(elastic: Elastic, elastic_source: ElasticsearchSource) -> None:
    """A pattern that matches no index opens a point on nothing, without an error: it is refused."""
    elastic.trouble("_pit", change(_shards={"total": 0, "successful": 0, "failed": 0}))
    with pytest.raises(QueryRejected, match=r"options\.index: logs-\* means no index"):
        await coverage(elastic_source)


async def test_fewer_documents_than_counted_is_incomplete(
    elastic: Elastic, elastic_source: ElasticsearchSource
) -> None:
    """What was read is compared with what was counted at the same point in time."""
    elastic.trouble("_search", lambda r, b: change(hits={**b["hits"], "total": {"value": 5_001}})(r, b))  # type: ignore[arg-type,return-value]
    last = await coverage(elastic_source)
    assert (last.expected, last.read, last.complete) == (5_001, 5_000, False)
    assert last.faults == ("5,000 of 5,001 documents came",)


async def test_each_request_can_be_found_on_the_server(elastic: Elastic, elastic_source: ElasticsearchSource) -> None:
    """All requests of a read carry one X-Opaque-Id, another read has another."""
    await coverage(elastic_source)
    first = {headers["x-opaque-id"] for headers in elastic.headers}
    await coverage(elastic_source)
    assert len(first) == 1 and len({headers["x-opaque-id"] for headers in elastic.headers}) == 2
    assert first.pop().startswith("logverdict/app/")


async def test_searches_are_bounded_and_whole(elastic: Elastic, elastic_source: ElasticsearchSource) -> None:
    """Each search carries a time limit below ours, and its window half-open in UTC with microseconds."""
    await coverage(elastic_source)
    searches = [body for path, body in elastic.asked if path == "_search"]
    assert {body["timeout"] for body in searches} == {"4000ms"}
    limits = searches[0]["query"]["bool"]["filter"][0]["range"]["@timestamp"]
    assert (limits["gte"], limits["lt"]) == ("2026-11-22T03:00:00.000000Z", "2026-11-22T05:00:00.000000Z")


async def test_messages_of_great_length_make_small_pages() -> None:
    """So memory does not grow with the messages."""
    async with Elastic([f"{number}" + "x" * 9_000 for number in range(3_000)]) as elastic:
        source = ElasticsearchSource(Access(urls=(elastic.url,)))
        assert await coverage(source) == Coverage(expected=3_000, read=3_000)
        await source.aclose()
        assert elastic.sizes()[0] == 1_000
        assert elastic.sizes()[-1] < 500


async def test_another_product_is_refused(elastic: Elastic, elastic_source: ElasticsearchSource) -> None:
    """A server that does not say that it is Elasticsearch is not read."""
    elastic.trouble("_field_caps", lambda request, body: web.json_response(body))
    with pytest.raises(QueryRejected, match="no Elasticsearch"):
        await coverage(elastic_source)


async def test_nobody_there_is_an_outage() -> None:
    """A server that can't be reached is unavailable, in words without its address."""
    source = ElasticsearchSource(Access(urls=("http://127.0.0.1:9",)))
    with pytest.raises(SourceUnavailable, match="can't be reached") as gone:
        await results((source, SPEC), SPAN)
    assert "127.0.0.1" not in str(gone.value)
    await source.aclose()


async def test_a_cancelled_read_closes_its_point(elastic: Elastic, elastic_source: ElasticsearchSource) -> None:
    """Even while the server is silent."""
    silent = asyncio.Event()

    async def wait(request: object, body: object) -> None:
        silent.set()
        await asyncio.Event().wait()

    elastic.trouble("_search", wait)  # type: ignore[arg-type]
    task = asyncio.create_task(coverage(elastic_source))
    await silent.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not elastic.open
