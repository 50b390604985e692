"""What may go wrong when a server counts by itself: right counts, a clear refusal, or an error; never a wrong count."""

import asyncio

import pytest
from aiohttp import web

from contract.log_source import START, window
from fakes.elastic import Body, Elastic, Trouble, change, fault, shards
from logverdict.adapters.sources.elasticsearch import ElasticsearchSource
from logverdict.domain.errors import CannotReduce, InvalidRequest, QueryRejected, SourceUnavailable, VerifyError
from logverdict.domain.profile import SourceSpec
from logverdict.domain.window import Grid
from logverdict.verify.ports import Reduced

pytestmark = pytest.mark.usefixtures("six_attempts")
SPEC = SourceSpec("app", "logs", "*", options={"index": "logs-*"})
SPAN, GRID = window(0, 7_200), Grid(START, window(0, 60).length)
REJECTED = fault(429, "es_rejected_execution_exception", "queue capacity 1000")
TOO_MANY = fault(400, "too_many_buckets_exception", "Trying to create too many buckets", max_buckets=65_536)
MEMORY = fault(429, "circuit_breaking_exception", "Data too large", durability="PERMANENT")
LATE = change(timed_out=True)


def let(request: web.Request, body: Body) -> None:
    """No trouble."""


async def counted(source: ElasticsearchSource) -> Reduced:
    return await source.reduce(SPEC, SPAN, GRID)


def whole(reduced: Reduced) -> None:
    """All 5,000 entries, one key a minute."""
    assert (reduced.coverage.read, reduced.coverage.expected, reduced.coverage.complete) == (5_000, 5_000, True)
    assert reduced.rows.sort("bin").select("key", "instance", "bin", "count").rows() == [
        ("order #", "web-1", number, 60 if number < 83 else 20) for number in range(84)
    ]


@pytest.mark.parametrize(
    "trouble",
    [REJECTED, TOO_MANY, MEMORY, LATE, change(_shards=shards(failed=1))],
    ids=["429", "buckets", "memory", "late", "shard"],
)
async def test_a_passing_trouble_changes_no_count(
    elastic: Elastic, elastic_source: ElasticsearchSource, trouble: Trouble
) -> None:
    """Asked again, or for half as much at once: each entry is counted once."""
    elastic.trouble("_search", let, trouble, trouble, trouble)
    whole(await counted(elastic_source))
    assert not elastic.open


@pytest.mark.parametrize(
    ("trouble", "error", "said"),
    [
        (fault(400, "illegal_argument_exception", "cannot execute [inline] scripts"), CannotReduce, "inline"),
        (
            fault(400, "script_exception", "runtime error"),
            CannotReduce,
            "does not count these entries: .*runtime error",
        ),
        (fault(400, "circuit_breaking_exception", "[scripting] Too many"), CannotReduce, "limits are too low"),
        (TOO_MANY, CannotReduce, "limits are too low"),
        (LATE, CannotReduce, "too slow or too small"),
        (REJECTED, SourceUnavailable, "queue capacity"),
        (fault(403, "security_exception", "action [x] is unauthorized"), QueryRejected, "HTTP 403"),
    ],
    ids=["inline", "script", "breaker", "buckets", "late", "429", "403"],
)
async def test_a_server_that_does_not_count(
    elastic: Elastic, elastic_source: ElasticsearchSource, trouble: Trouble, error: type[VerifyError], said: str
) -> None:
    """The entries are to be read where that helps; an outage stays one. Nothing stays open."""
    elastic.trouble("_search", let, *[trouble] * 200)
    with pytest.raises(error, match=said):
        await counted(elastic_source)
    assert not elastic.open


async def test_counts_begin_anew_on_a_new_point_in_time(elastic: Elastic, elastic_source: ElasticsearchSource) -> None:
    """Lost once, it is opened again; lost each time, the source is unavailable."""
    lost = fault(404, "search_context_missing_exception", "No search context found for id [5]")
    elastic.trouble("_search", let, lost)
    whole(await counted(elastic_source))
    elastic.trouble("_search", *[lost] * 20)
    with pytest.raises(SourceUnavailable, match="point in time"):
        await counted(elastic_source)
    assert not elastic.open


async def test_sums_that_contradict_each_other(elastic: Elastic, elastic_source: ElasticsearchSource) -> None:
    """A cell that lost an entry is noticed, whatever the server says of itself."""

    def less(request: web.Request, body: Body) -> web.Response:
        body["hits"]["total"]["value"] += 1
        return web.json_response(body, headers={"X-Elastic-Product": "Elasticsearch"})

    elastic.trouble("_search", let, *[less] * 20)
    with pytest.raises(SourceUnavailable, match="contradict each other"):
        await counted(elastic_source)


async def test_a_skipped_cluster_makes_counts_incomplete(elastic: Elastic, elastic_source: ElasticsearchSource) -> None:
    """Both the counts and the survey name it."""
    gone = {"total": 2, "successful": 1, "skipped": 1, "details": {"eu": {"status": "skipped"}}}
    elastic.trouble("_search", change(_clusters=gone))
    reduced = await counted(elastic_source)
    told = "1 of 2 clusters did not answer completely: eu"
    assert (reduced.coverage.complete, reduced.coverage.faults) == (False, (told,))
    elastic.trouble("_search", change(_clusters=gone))
    survey = await elastic_source.survey(SPEC, SPAN, GRID)
    assert survey is not None
    assert survey.faults == (told,)


async def test_a_survey_where_scripts_are_refused(elastic: Elastic, elastic_source: ElasticsearchSource) -> None:
    """Where only a script could tell the instance, entries are counted without it, and that is said."""
    fields = {"@timestamp": {"date": {}}, "message": {"text": {}}, "host": {"text": {}}}
    elastic.trouble("_field_caps", change(fields=fields))
    elastic.trouble("_search", let, fault(400, "illegal_argument_exception", "cannot execute [inline] scripts"))
    survey = await elastic_source.survey(SPEC, SPAN, GRID)
    assert survey is not None
    assert survey.rows["count"].sum() == 5_000
    assert survey.rows["instance"].unique().to_list() == [""]
    assert "cannot execute [inline] scripts" in survey.faults[0]


async def test_cancelled_counting_leaves_nothing_open(elastic: Elastic, elastic_source: ElasticsearchSource) -> None:
    """The search is cut off and the point in time closed."""
    begun, ended = asyncio.Event(), asyncio.Event()

    async def hang(request: web.Request, body: Body) -> web.StreamResponse:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()
        raise AssertionError

    elastic.trouble("_search", let, hang)
    counting = asyncio.create_task(counted(elastic_source))
    await begun.wait()
    counting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await counting
    await ended.wait()
    assert not elastic.open


def test_a_bad_evidence_query_is_refused(elastic_source: ElasticsearchSource) -> None:
    """By the same guard as the query, naming its own field."""
    with pytest.raises(InvalidRequest) as refused:
        elastic_source.check(SourceSpec("app", "logs", "*", options=SPEC.options, evidence="message:/x/"))
    assert refused.value.field == "evidence"
