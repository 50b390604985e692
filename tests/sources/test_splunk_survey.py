"""Counts per bin and instance that Splunk makes: those of a read, and when the entries came."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from contract.log_source import START, at, results, window
from fakes import splunk
from fakes.splunk import SPAN, SPEC, TEN
from logverdict.adapters.sources import splunk_count
from logverdict.adapters.sources.splunk import SplunkSource
from logverdict.analysis.reduced import SURVEY
from logverdict.domain.errors import InvalidRequest, QueryRejected
from logverdict.domain.profile import FieldNames, SourceSpec
from logverdict.domain.verification import Coverage
from logverdict.domain.window import Grid, Window
from logverdict.verify.ports import Survey
from servers.splunk.functions import Dialect
from servers.splunk.knobs import PEER_DOWN, Rule
from servers.splunk.server import SplunkServer

pytestmark = pytest.mark.usefixtures("no_pauses")

GRID = Grid(START, timedelta(seconds=3))
BY_HOST = replace(SPEC, fields=FieldNames(instance=("host",)))


@pytest.fixture
def server() -> Iterator[SplunkServer]:
    with SplunkServer() as server:
        yield server


async def surveyed(source: SplunkSource, spec: SourceSpec, span: Window, grid: Grid, evidence: bool = False) -> Survey:
    found = await source.survey(spec, span, grid, evidence=evidence)
    assert found is not None
    assert found.rows.schema == SURVEY
    return found


async def by_reading(source: SplunkSource, spec: SourceSpec, span: Window, grid: Grid) -> list[tuple[int, str, int]]:
    frames = [found for found in await results((source, spec), span) if isinstance(found, pl.DataFrame)]
    bins = pl.concat(frames).select(
        "instance", bin=pl.Series([grid.number(time) for frame in frames for time in frame["time"]], dtype=pl.Int32)
    )
    return sorted(bins.group_by("bin", "instance").len().rows())


def counts(survey: Survey) -> list[tuple[int, str, int]]:
    return sorted(survey.rows.select("bin", "instance", "count").rows())


async def test_a_survey_is_what_a_read_counts(server: SplunkServer, paged: SplunkSource) -> None:
    """Instances in JSON nested, dotted, in lists, null, not extracted, or Splunk's host; bins of any start."""
    shapes = [
        '{"kubernetes": {"pod": {"name": "p1"}}}',
        '{"kubernetes": {"pod.name": "p2"}}',
        '{"kubernetes.pod.name": "p3", "pod": "x"}',
        '{"pod": null, "host": {"name": "h9"}}',
        '{"pod": "null"}',
        '{"pod": ["a", "b"], "instance": ""}',
        '{"instance": 5}',
        '{"user": {"name": "no pod"}}',
        '{"pod": "cut',
        "plain pod=p4",
        "plain",
        "{braces} pod=null",
    ]
    for number in range(120):
        sourcetype = "bare" if number % 3 == 0 else "json"
        server.indexes.add(at(number / 7), shapes[number % 12], sourcetype=sourcetype, host=f"h{number % 2}")
    grid, span = Grid(at(0.25), timedelta(seconds=0.9)), window(1.15, 12)
    found = await surveyed(paged, SPEC, span, grid)
    assert (counts(found), found.faults) == (await by_reading(paged, SPEC, span, grid), ())


async def test_the_index_counts_where_it_knows_the_instance(server: SplunkServer, paged: SplunkSource) -> None:
    """Splunk's host over all entries: no entry is looked at; the counts are the same."""
    for number in range(30):
        server.indexes.add(at(number), f"entry {number}", host=f"h{number % 4}")
    span = window(2, 29)
    quick = await surveyed(paged, BY_HOST, span, GRID)
    assert server.searches()[0]["search"].startswith("| tstats count max(_indextime)")
    slow = await surveyed(paged, replace(BY_HOST, query="entry"), span, GRID)
    assert quick.rows.equals(slow.rows)
    assert counts(quick) == await by_reading(paged, BY_HOST, span, GRID)


@pytest.mark.parametrize("start", [0.5, 100_000.000001])
async def test_bins_that_the_index_does_not_know_are_counted_exactly(
    server: SplunkServer, paged: SplunkSource, start: float
) -> None:
    """The index's steps begin at whole seconds."""
    server.indexes.add(at(start), "first", host="h1")
    grid = Grid(at(start), timedelta(seconds=3))
    assert counts(await surveyed(paged, BY_HOST, window(start, start + 9), grid)) == [(0, "h1", 1)]
    assert not any(form["search"].startswith("| tstats") for form in server.searches())


@pytest.mark.parametrize("spec", [SPEC, BY_HOST])
async def test_the_last_arrival_is_told(server: SplunkServer, paged: SplunkSource, spec: SourceSpec) -> None:
    """Per bin and instance, by which lags are measured."""
    arrivals = [int(at(seconds).timestamp()) for seconds in (4, 250, 9)]
    for second, arrived in zip((0, 1, 4), arrivals, strict=True):
        server.indexes.add(at(second), "entry", arrived=arrived)
    found = await surveyed(paged, spec, SPAN, GRID)
    assert found.rows.sort("bin")["arrived"].to_list() == [
        datetime.fromtimestamp(arrived, UTC) for arrived in arrivals[1:]
    ]


@pytest.mark.parametrize("spec", [SPEC, BY_HOST])
async def test_entries_that_come_late_are_counted_when_they_are_there(
    server: SplunkServer, paged: SplunkSource, spec: SourceSpec
) -> None:
    """Counted again after they came, they are in the survey and in the read."""
    splunk.fill(server, TEN)
    server.indexes.add(at(5), "late", host="web-1", arrived=int(at(240).timestamp()))
    server.indexes.now = at(60).timestamp()
    before = await surveyed(paged, spec, SPAN, GRID)
    server.indexes.now = at(300).timestamp()
    after = await surveyed(paged, spec, SPAN, GRID)
    assert (before.rows["count"].sum(), after.rows["count"].sum()) == (10, 11)
    *_, coverage = await results((paged, spec), SPAN)
    assert coverage == Coverage(expected=11, read=11)


async def test_evidence_is_counted_by_its_own_query(server: SplunkServer, paged: SplunkSource) -> None:
    """Beside a query that finds nothing."""
    splunk.fill(server, TEN)
    spec = replace(SPEC, query="level=FATAL", evidence="*")
    assert (await surveyed(paged, spec, SPAN, GRID)).rows.is_empty()
    assert (await surveyed(paged, spec, SPAN, GRID, evidence=True)).rows["count"].sum() == 10


@pytest.mark.parametrize("evidence", ["* | delete", "index=secret", "earliest=0", '"', "  "])
def test_bad_evidence_is_refused(server: SplunkServer, paged: SplunkSource, evidence: str) -> None:
    """Before anything is asked, naming the field."""
    with pytest.raises(InvalidRequest) as caught:
        paged.check(replace(SPEC, evidence=evidence))
    assert caught.value.field == "evidence"


async def test_a_warning_is_a_doubt(server: SplunkServer, paged: SplunkSource) -> None:
    """In words."""
    splunk.fill(server, TEN)
    server.knobs.messages = [PEER_DOWN]
    found = await surveyed(paged, SPEC, SPAN, GRID)
    assert len(found.faults) == 1
    assert "idx2" in found.faults[0]


@pytest.mark.parametrize("spec", [SPEC, BY_HOST])
async def test_rows_that_are_not_kept_are_a_doubt(server: SplunkServer, paged: SplunkSource, spec: SourceSpec) -> None:
    """Each row knows how many entries there are in all."""
    splunk.fill(server, TEN)
    server.knobs.kept = 2
    (fault,) = (await surveyed(paged, spec, SPAN, GRID)).faults
    assert re.fullmatch(r"Splunk counts 10 entries, and per instance [1-9] of them", fault)


async def test_rows_that_come_twice_are_a_doubt(server: SplunkServer, paged: SplunkSource) -> None:
    """For them others are missing."""
    for number in range(9):
        server.indexes.add(at(number), "entry", host=f"h{number}")
    for number in range(9):
        server.indexes.add(at(number + 10), "more", host="h0")
    server.knobs.page, server.knobs.repeated_rows = 4, 1
    found = await surveyed(paged, SPEC, window(0, 30), Grid(START, timedelta(seconds=1)))
    assert found.faults
    assert found.faults[0].startswith("Splunk counts 18 entries, and ")


@pytest.mark.parametrize("index", ["secret", "nosuch"])
async def test_an_index_that_is_forbidden_or_missing_is_a_doubt(
    server: SplunkServer, paged: SplunkSource, index: str
) -> None:
    """No rows and no error come from there."""
    server.indexes.add(at(1), "hidden", index="secret")
    user = server.access.users["verifier"]
    server.access.users["verifier"] = replace(user, forbidden=frozenset({"secret"}))
    found = await surveyed(paged, replace(SPEC, options={"index": index}), SPAN, GRID)
    assert found.rows.is_empty()
    assert found.faults == (
        f"Splunk lists no index {index}: it does not exist, or the connection's user may not search it",
    )


async def test_many_entries_whose_fields_are_not_extracted_are_extracted(
    server: SplunkServer, paged: SplunkSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    """JSON that Splunk does not extract is looked at one by one up to a number of entries, then by the search itself;
    what even that can't tell is in doubt. Bins are exact all the same."""
    monkeypatch.setattr(splunk_count, "MOST_DOUBTFUL", 9)
    for number in range(10):
        server.indexes.add(at(number), '{"pod": "p1"}', sourcetype="bare")
    found = await surveyed(paged, SPEC, SPAN, GRID)
    assert (counts(found), found.faults) == ([(0, "p1", 3), (1, "p1", 3), (2, "p1", 3), (3, "p1", 1)], ())
    for number in range(10):
        server.indexes.add(at(number), json.dumps({"filler": "x" * 5_000, "pod": "p2"}))
    found = await surveyed(paged, SPEC, SPAN, GRID)
    assert counts(found)[:2] == [(0, "", 3), (0, "p1", 3)]
    assert found.faults == ("10 entries are JSON whose fields Splunk can't extract: who wrote them is not counted",)


async def test_a_splunk_that_lacks_a_function_gives_no_survey(server: SplunkServer, paged: SplunkSource) -> None:
    """It can't count without reading; reading goes on."""
    splunk.fill(server, TEN)
    server.dialect = Dialect(missing=frozenset({"json_valid"}))
    assert await paged.survey(SPEC, SPAN, GRID) is None
    *_, coverage = await results((paged, SPEC), SPAN)
    assert coverage == Coverage(expected=10, read=10)


async def test_a_query_that_is_refused_is_refused_here_too(server: SplunkServer, paged: SplunkSource) -> None:
    """With Splunk's words."""
    server.knobs.rules.append(Rule(re.compile("POST .*/jobs$"), status=403, times=99))
    with pytest.raises(QueryRejected, match="403"):
        await paged.survey(SPEC, SPAN, GRID)
