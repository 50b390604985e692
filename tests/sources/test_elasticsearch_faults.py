"""Troubles of a server that a real one can't be made to have: each ends in the whole truth or a clear error."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import polars as pl
import pytest
import stamina
from aiohttp import web

from contract.log_source import results, window
from fakes.elastic import Elastic, Trouble, change, cut, fault, html, shards
from logverdict.adapters.sources.elasticsearch import ElasticsearchSource
from logverdict.adapters.sources.elasticsearch_access import Access
from logverdict.domain.errors import QueryRejected, SourceUnavailable
from logverdict.domain.profile import SourceSpec
from logverdict.domain.verification import Coverage

SPEC = SourceSpec("app", "logs", "*", options={"index": "logs-*", "page_size": "1000"})
SPAN = window(0, 7_200)
MANY = [f"order {number}" for number in range(5_000)]
WHOLE = Coverage(expected=5_000, read=5_000)
REJECTED = fault(429, "es_rejected_execution_exception", "queue capacity 1000")
BREAKER = fault(429, "circuit_breaking_exception", "Data too large", durability="TRANSIENT")
LOST = fault(404, "search_context_missing_exception", "No search context found for id [5]")


@pytest.fixture(autouse=True)
def no_waiting() -> Iterator[None]:
    with stamina.set_testing(True, attempts=6):
        yield


@pytest.fixture
async def server() -> AsyncIterator[Elastic]:
    async with Elastic(MANY) as server:
        yield server


@pytest.fixture
async def source(server: Elastic) -> AsyncIterator[ElasticsearchSource]:
    source = ElasticsearchSource(Access(urls=(server.url,), timeout=5.0))
    yield source
    await source.aclose()


async def coverage(source: ElasticsearchSource) -> Coverage:
    """Of a read that gives each entry once."""
    *frames, last = await results((source, SPEC), SPAN)
    assert isinstance(last, Coverage)
    texts = pl.concat([frame for frame in frames if isinstance(frame, pl.DataFrame)])["message"]
    assert texts.n_unique() == len(texts) == last.read
    return last


@pytest.mark.parametrize("path", ["_search", "_pit"])
@pytest.mark.parametrize(
    "trouble",
    [
        REJECTED,
        BREAKER,
        fault(503, "no_shard_available_action_exception"),
        fault(500, "node_disconnected_exception"),
        html(502),
        html(504),
        html(200),
        cut,
    ],
    ids=["429", "breaker", "503", "500", "proxy 502", "proxy 504", "proxy 200", "cut"],
)
async def test_a_passing_trouble_is_waited_out(
    server: Elastic, source: ElasticsearchSource, path: str, trouble: Trouble
) -> None:
    """Whatever the request: it is asked again, and the read is whole."""
    server.trouble(path, trouble, trouble)
    assert await coverage(source) == WHOLE
    assert not server.open


@pytest.mark.parametrize(
    "trouble",
    [change(timed_out=True), change(_shards=shards(failed=1))],
    ids=["timed out", "shard failed"],
)
async def test_an_incomplete_page_is_asked_again(
    server: Elastic, source: ElasticsearchSource, trouble: Trouble
) -> None:
    """An answer with status 200 that lacks something is never taken for a small one."""
    server.trouble("_search", trouble, trouble, trouble)
    assert await coverage(source) == WHOLE


@pytest.mark.parametrize("trouble", [BREAKER, change(timed_out=True)], ids=["memory", "time"])
async def test_pages_get_smaller_for_a_server_that_strains(
    server: Elastic, source: ElasticsearchSource, trouble: Trouble
) -> None:
    """Short of memory or time, the server is asked for half as much at once."""
    server.trouble("_search", lambda request, body: None, trouble, trouble)
    assert await coverage(source) == WHOLE
    assert server.sizes()[0] == 1_000
    assert min(server.sizes()) <= 500


@pytest.mark.parametrize(
    ("trouble", "said"),
    [
        (REJECTED, "overloaded or not whole"),
        (BREAKER, "short of memory"),
        (html(502), "HTTP 502"),
        (change(timed_out=True), "timed_out"),
        (change(_shards=shards(failed=1)), "1 of 2 shards"),
        (cut, "connection broke"),
    ],
    ids=["429", "breaker", "502", "timed out", "shard", "cut"],
)
async def test_a_lasting_trouble_is_an_outage(
    server: Elastic, source: ElasticsearchSource, trouble: Trouble, said: str
) -> None:
    """After some attempts the source is unavailable, and the point in time is closed."""
    server.trouble("_search", lambda request, body: None, *[trouble] * 20)
    with pytest.raises(SourceUnavailable, match=said):
        await coverage(source)
    assert not server.open


@pytest.mark.parametrize(
    ("trouble", "said"),
    [
        (fault(400, "query_shard_exception", "failed to create query"), "HTTP 400.*failed to create query"),
        (fault(400, "circuit_breaking_exception", "Regex"), "too large for the server: Regex"),
        (fault(429, "circuit_breaking_exception", "Too big", durability="PERMANENT"), "too large for the server"),
        (fault(401, "security_exception", "unable to authenticate user [joe]"), "credentials"),
        (fault(404, "index_not_found_exception", "no such index [logs]"), r"options\.index: no such index"),
        (html(405), "HTTP 405"),
        (
            fault(
                403,
                "security_exception",
                "action [indices:data/read/open_point_in_time] is unauthorized for user [joe] with effective roles "
                "[secret-role] on indices [logs], this action is granted by the index privileges [read,all]",
            ),
            r"indices:data/read/open_point_in_time \(HTTP 403\); the index privileges read, all give it",
        ),
    ],
    ids=["400", "400 breaker", "permanent", "401", "404", "405", "403"],
)
async def test_a_refusal_is_not_tried_again(
    server: Elastic, source: ElasticsearchSource, trouble: Trouble, said: str
) -> None:
    """It is QueryRejected at once, in words that help, and names no user or role."""
    server.trouble("_pit", trouble)
    with pytest.raises(QueryRejected, match=said) as refused:
        await coverage(source)
    assert "joe" not in str(refused.value) and "secret-role" not in str(refused.value)
    assert [path for path, _ in server.asked] == ["_field_caps", "_pit"]


async def test_a_point_that_is_lost_at_once_is_opened_again(server: Elastic, source: ElasticsearchSource) -> None:
    """Before anything was given on, the read begins anew and is whole."""
    server.trouble("_search", LOST, lambda request, body: None, LOST)
    assert await coverage(source) == WHOLE
    assert not server.open


async def test_a_point_that_is_lost_midway_ends_the_read(server: Elastic, source: ElasticsearchSource) -> None:
    """After the first batch the slice has to be read again as a whole, or entries would come twice."""
    reading = source.read(SPEC, SPAN)
    assert isinstance(await anext(reading), pl.DataFrame)
    server.trouble("_search", *[LOST] * 20)
    with pytest.raises(SourceUnavailable, match="point in time"):
        async for _ in reading:
            pass
    assert not server.open


async def test_a_skipped_cluster_makes_the_read_incomplete(server: Elastic, source: ElasticsearchSource) -> None:
    """A remote cluster that was left out is named; what the others gave is kept."""
    details = {"(local)": {"status": "successful"}, "eu": {"status": "skipped"}, "us": {"status": "partial"}}
    clusters = {"total": 3, "successful": 1, "skipped": 1, "partial": 1, "failed": 0, "details": details}
    server.trouble("_search", change(_clusters=clusters))
    last = await coverage(source)
    assert (last.read, last.complete) == (5_000, False)
    assert last.faults == ("2 of 3 clusters did not answer completely: eu, us",)


async def test_a_cluster_whose_fields_are_unknown_is_told(server: Elastic, source: ElasticsearchSource) -> None:
    """Indices that did not answer for their fields make the read incomplete."""
    server.trouble("_field_caps", change(failures=[{"indices": ["eu:logs"], "failure": {}}]))
    last = await coverage(source)
    assert not last.complete
    assert last.faults == ("the fields of eu:logs could not be asked for",)


async def test_a_point_on_no_shard_is_no_quiet_service(server: Elastic, source: ElasticsearchSource) -> None:
    """A pattern that matches no index opens a point on nothing, without an error: it is refused."""
    server.trouble("_pit", change(_shards={"total": 0, "successful": 0, "failed": 0}))
    with pytest.raises(QueryRejected, match=r"options\.index: logs-\* means no index"):
        await coverage(source)


async def test_fewer_documents_than_counted_is_incomplete(server: Elastic, source: ElasticsearchSource) -> None:
    """What was read is compared with what was counted at the same point in time."""
    server.trouble("_search", lambda r, b: change(hits={**b["hits"], "total": {"value": 5_001}})(r, b))  # type: ignore[arg-type,return-value]
    last = await coverage(source)
    assert (last.expected, last.read, last.complete) == (5_001, 5_000, False)
    assert last.faults == ("5,000 of 5,001 documents came",)


async def test_each_request_can_be_found_on_the_server(server: Elastic, source: ElasticsearchSource) -> None:
    """All requests of a read carry one X-Opaque-Id, another read has another."""
    await coverage(source)
    first = {headers["x-opaque-id"] for headers in server.headers}
    await coverage(source)
    assert len(first) == 1 and len({headers["x-opaque-id"] for headers in server.headers}) == 2
    assert first.pop().startswith("logverdict/app/")


async def test_searches_are_bounded_and_whole(server: Elastic, source: ElasticsearchSource) -> None:
    """Each search carries a time limit below ours, and its window half-open in UTC with microseconds."""
    await coverage(source)
    searches = [body for path, body in server.asked if path == "_search"]
    assert {body["timeout"] for body in searches} == {"4000ms"}
    limits = searches[0]["query"]["bool"]["filter"][0]["range"]["@timestamp"]
    assert (limits["gte"], limits["lt"]) == ("2026-11-22T03:00:00.000000Z", "2026-11-22T05:00:00.000000Z")


async def test_messages_of_great_length_make_small_pages() -> None:
    """So memory does not grow with the messages."""
    async with Elastic([f"{number}" + "x" * 9_000 for number in range(3_000)]) as server:
        source = ElasticsearchSource(Access(urls=(server.url,)))
        assert await coverage(source) == Coverage(expected=3_000, read=3_000)
        await source.aclose()
        assert server.sizes()[0] == 1_000
        assert server.sizes()[-1] < 500


async def test_another_product_is_refused(server: Elastic, source: ElasticsearchSource) -> None:
    """A server that does not say that it is Elasticsearch is not read."""
    server.trouble("_field_caps", lambda request, body: web.json_response(body))
    with pytest.raises(QueryRejected, match="no Elasticsearch"):
        await coverage(source)


async def test_nobody_there_is_an_outage() -> None:
    """A server that can't be reached is unavailable, in words without its address."""
    source = ElasticsearchSource(Access(urls=("http://127.0.0.1:9",)))
    with pytest.raises(SourceUnavailable, match="can't be reached") as gone:
        await results((source, SPEC), SPAN)
    assert "127.0.0.1" not in str(gone.value)
    await source.aclose()


async def test_a_cancelled_read_closes_its_point(server: Elastic, source: ElasticsearchSource) -> None:
    """Even while the server is silent."""
    silent = asyncio.Event()

    async def wait(request: object, body: object) -> None:
        silent.set()
        await asyncio.Event().wait()

    server.trouble("_search", wait)  # type: ignore[arg-type]
    task = asyncio.create_task(coverage(source))
    await silent.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not server.open
