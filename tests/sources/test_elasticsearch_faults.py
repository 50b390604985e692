"""Troubles of a server that a real one can't be made to have: each ends in the whole truth or a clear error."""

import pytest

from fakes.elastic import Elastic, Trouble, change, cut, fault, html, shards
from fakes.elastic_reads import WHOLE, coverage
from logverdict.adapters.sources.elasticsearch import ElasticsearchSource
from logverdict.domain.errors import QueryRejected, SourceUnavailable

pytestmark = pytest.mark.usefixtures("six_attempts")
REJECTED = fault(429, "es_rejected_execution_exception", "queue capacity 1000")
BREAKER = fault(429, "circuit_breaking_exception", "Data too large", durability="TRANSIENT")


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
    elastic: Elastic, elastic_source: ElasticsearchSource, path: str, trouble: Trouble
) -> None:
    """Whatever the request: it is asked again, and the read is whole."""
    elastic.trouble(path, trouble, trouble)
    assert await coverage(elastic_source) == WHOLE
    assert not elastic.open


@pytest.mark.parametrize(
    "trouble",
    [change(timed_out=True), change(_shards=shards(failed=1))],
    ids=["timed out", "shard failed"],
)
async def test_an_incomplete_page_is_asked_again(
    elastic: Elastic, elastic_source: ElasticsearchSource, trouble: Trouble
) -> None:
    """An answer with status 200 that lacks something is never taken for a small one."""
    elastic.trouble("_search", trouble, trouble, trouble)
    assert await coverage(elastic_source) == WHOLE


@pytest.mark.parametrize("trouble", [BREAKER, change(timed_out=True)], ids=["memory", "time"])
async def test_pages_get_smaller_for_a_server_that_strains(
    elastic: Elastic, elastic_source: ElasticsearchSource, trouble: Trouble
) -> None:
    """Short of memory or time, the server is asked for half as much at once."""
    elastic.trouble("_search", lambda request, body: None, trouble, trouble)
    assert await coverage(elastic_source) == WHOLE
    assert elastic.sizes()[0] == 1_000
    assert min(elastic.sizes()) <= 500


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
    elastic: Elastic, elastic_source: ElasticsearchSource, trouble: Trouble, said: str
) -> None:
    """After some attempts the source is unavailable, and the point in time is closed."""
    elastic.trouble("_search", lambda request, body: None, *[trouble] * 20)
    with pytest.raises(SourceUnavailable, match=said):
        await coverage(elastic_source)
    assert not elastic.open


async def test_a_node_that_has_just_started_is_waited_for(
    elastic: Elastic, elastic_source: ElasticsearchSource
) -> None:
    """It answers as if there were no such index, until it has read which there are."""
    elastic.trouble("_field_caps", fault(404, "index_not_found_exception", "no such index [logs]"))
    elastic.trouble("_pit", fault(503, "cluster_block_exception", "state not recovered"))
    await coverage(elastic_source)
    assert [path for path, _ in elastic.asked][:5] == ["_field_caps", "_pit", "_pit", "_field_caps", "_pit"]
    assert not elastic.open


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
    elastic: Elastic, elastic_source: ElasticsearchSource, trouble: Trouble, said: str
) -> None:
    """It is QueryRejected at once, in words that help, and names no user or role."""
    elastic.trouble("_pit", trouble)
    with pytest.raises(QueryRejected, match=said) as refused:
        await coverage(elastic_source)
    assert "joe" not in str(refused.value) and "secret-role" not in str(refused.value)
    assert [path for path, _ in elastic.asked] == ["_field_caps", "_pit"]
