"""The emulated Splunk, judged by the real SDK, used as its examples use it, and by recorded facts."""

import json
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
from splunklib import client
from splunklib.binding import AuthenticationError, HTTPError
from splunklib.results import JSONResultsReader, Message

from contract.log_source import at
from fakes.splunk import PASSWORD, TOKEN
from servers.splunk.server import SplunkServer

# What clients rely on.
JOB_KEYS = {
    "earliestTime",
    "label",
    "searchProviders",
    "cursorTime",
    "resultPreviewCount",
    "priority",
    "isPreviewEnabled",
    "keywords",
    "isFailed",
    "isSaved",
    "reportSearch",
    "ttl",
    "numPreviews",
    "eventAvailableCount",
    "latestTime",
    "resultIsStreaming",
    "dropCount",
    "isZombie",
    "isPaused",
    "eventCount",
    "delegate",
    "isFinalized",
    "remoteSearch",
    "eventIsStreaming",
    "doneProgress",
    "resultCount",
    "statusBuckets",
    "eventSearch",
    "dispatchState",
    "messages",
    "isDone",
    "runDuration",
    "eventIsTruncated",
    "diskUsage",
    "sid",
    "scanCount",
    "isRealTimeSearch",
    "eventSorting",
}


@pytest.fixture
def server() -> Iterator[SplunkServer]:
    with SplunkServer() as server:
        for number in range(20):
            server.indexes.add(
                at(number), f"level={'ERROR' if number % 4 == 0 else 'INFO'} n={number} took {number} ms"
            )
        yield server


@pytest.fixture
def service(server: SplunkServer) -> Any:
    where = {"host": "127.0.0.1", "port": server.port, "scheme": "http", "owner": "nobody", "app": "search"}
    return client.connect(username="verifier", password=PASSWORD, **where)


def rows(stream: Any) -> list[dict[str, Any]]:
    return [row for row in JSONResultsReader(stream) if isinstance(row, dict)]


def test_a_job_lives_as_the_sdk_expects(server: SplunkServer, service: Any) -> None:
    """Made, polled through its states, read, touched, finalized, cancelled, cancelled again."""
    server.knobs.queued_polls, server.knobs.running_polls = 1, 1
    job = service.jobs.create("search index=app level=ERROR")
    states = []
    while not job.is_done():
        states.append(job.state.content["dispatchState"])
    assert (states, job["dispatchState"], job["resultCount"], job["isFailed"]) == (["RUNNING"], "DONE", "5", "0")
    assert not JOB_KEYS - set(job.content)
    assert [row["n"] for row in rows(job.results(output_mode="json"))] == ["16", "12", "8", "4", "0"]
    assert len(rows(job.results(output_mode="json", count=2, offset=4))) == 1
    job.touch().set_ttl(60).finalize()
    assert job.refresh()["isFinalized"] == "1"
    job.cancel().cancel()
    with pytest.raises(HTTPError, match="Unknown sid"):
        job.refresh()


@pytest.mark.parametrize(
    ("search", "expected"),
    [
        ("search index=app | stats count", [{"count": "20"}]),
        (
            "search index=app | stats count by level",
            [{"level": "ERROR", "count": "5"}, {"level": "INFO", "count": "15"}],
        ),
        ("| tstats count where index=app", [{"count": "20"}]),
        ("| tstats count where index=app by host", [{"host": "web-1", "count": "20"}]),
        ("search index=app | sort -n | head 2 | table n", [{"n": "19"}, {"n": "18"}]),
        ("search index=app n IN (3, 5) | table n", [{"n": "5"}, {"n": "3"}]),
        ("search index=app NOT level=INFO n>8 | table n", [{"n": "16"}, {"n": "12"}]),
        ("search index=app n=1* n!=1 (n<12 OR n=19) | table n", [{"n": "19"}, {"n": "11"}, {"n": "10"}]),
        ('search index=app "took 7 ms" | table n', [{"n": "7"}]),
        ("search index=app LEVEL=x", []),
        ("search index=app 7 OR 9 level=info | table n", [{"n": "9"}, {"n": "7"}]),
        ("search index=app earliest=1795316410 latest=1795316412 | stats count", [{"count": "2"}]),
        ("| makeresults count=2 | stats count", [{"count": "2"}]),
        ("| eventcount summarize=false index=a*", [{"count": "20", "index": "app", "server": "idx1"}]),
        ("search index=nosuch", []),
    ],
)
def test_searches_find_what_they_mean(service: Any, search: str, expected: list[dict[str, str]]) -> None:
    """A small SPL, without surprises. OR binds more than AND."""
    assert rows(service.jobs.oneshot(search, output_mode="json", count=0)) == expected


def test_a_raw_row_has_the_recorded_fields(service: Any) -> None:
    """Internal fields have to be named, times carry a zone, every value is a text or a list of texts."""
    (row,) = rows(service.jobs.oneshot("search index=app n=3", output_mode="json"))
    assert row["_time"] == "2026-11-22T03:00:03.000+00:00"
    assert {"_bkt", "_cd", "_indextime", "_raw", "_si", "host", "index", "linecount", "splunk_server"} <= set(row)
    (row,) = rows(service.jobs.oneshot("search index=app n=3 | fields n, _cd", output_mode="json"))
    assert set(row) == {"_raw", "_time", "_cd", "n"}


def test_an_export_streams_lines(service: Any) -> None:
    """Previews first, then all rows, the last one marked; nothing found is one line."""
    lines = service.jobs.export("search index=app", output_mode="json").read().splitlines()
    found = [json.loads(line) for line in lines]
    assert [line["offset"] for line in found] == list(range(20))
    assert [line.get("lastrow") for line in found] == [None] * 19 + [True]
    nothing = service.jobs.export("search index=nosuch", output_mode="json").read()
    assert json.loads(nothing) == {"preview": False, "lastrow": True}


def test_messages_come_as_the_sdk_reads_them(server: SplunkServer, service: Any) -> None:
    """With the rows of a oneshot search."""
    server.knobs.messages = [{"type": "WARN", "text": "a peer is down"}]
    found = list(JSONResultsReader(service.jobs.oneshot("search index=app", output_mode="json")))
    assert [one for one in found if isinstance(one, Message)] == [Message("WARN", "a peer is down")]


@pytest.mark.parametrize(
    ("search", "text"),
    [
        ("search index=app | nosuchcmd", "Unknown search command 'nosuchcmd'."),
        ("search (index=app", "unbalanced parentheses"),
        ('search "index', "quotes"),
        ("", "The required 'search' parameter"),
        ("| tstats count where index=app ERROR", "WHERE clause is not an exact query"),
    ],
)
def test_wrong_searches_get_the_real_texts(service: Any, search: str, text: str) -> None:
    """Status 400."""
    with pytest.raises(HTTPError, match=text) as caught:
        service.jobs.create(search)
    assert caught.value.status == 400


def test_wrong_times_are_refused(service: Any) -> None:
    """Status 400."""
    with pytest.raises(HTTPError, match="Invalid earliest_time"):
        service.jobs.create("search index=app", earliest_time="soon")


def test_credentials_are_needed(server: SplunkServer) -> None:
    """By password, token, or Basic; all else is 401."""
    where = {"host": "127.0.0.1", "port": server.port, "scheme": "http"}
    assert client.connect(splunkToken=TOKEN, **where).splunk_version == (10, 4, 2)
    assert (
        client.connect(username="verifier", password=PASSWORD, basic=True, **where).info["product_type"] == "enterprise"
    )
    with pytest.raises(AuthenticationError, match="Login failed"):
        client.connect(username="verifier", password="x", **where)
    with pytest.raises(AuthenticationError):
        client.connect(splunkToken="x", **where).jobs.create("search *")


def test_a_session_that_ended_is_renewed_by_the_sdk(server: SplunkServer) -> None:
    """With autologin."""
    where = {"host": "127.0.0.1", "port": server.port, "scheme": "http"}
    service = client.connect(username="verifier", password=PASSWORD, autologin=True, **where)
    server.access.end_sessions()
    assert service.jobs.create("search index=app").sid
    assert server.access.logins == 2


@pytest.mark.parametrize(
    ("method", "path", "status", "text"),
    [
        ("GET", "/services/search/v2/jobs/export", 405, "The method is not allowed."),
        ("GET", "/services/search/v2/jobs/1.1", 404, "Unknown sid."),
        ("GET", "/services/search/nothing", 404, "Unknown endpoint."),
        ("GET", "/services/nothing", 404, "Not Found"),
        ("POST", "/services/search/v2/jobs?output_mode=odd", 400, "Invalid output mode specified (odd)."),
        ("POST", "/services/search/v2/parser?q=search+x+%7C+stats+count&output_mode=json", 200, '"stats"'),
        ("POST", "/servicesNS/nobody/search/search/jobs/?search=search+x&output_mode=json", 201, '{"sid":"'),
    ],
)
def test_other_paths_answer_as_recorded(server: SplunkServer, method: str, path: str, status: int, text: str) -> None:
    """With and without namespace and slash, version 1 and 2."""
    request = urllib.request.Request(server.url + path, method=method, headers={"Authorization": f"Bearer {TOKEN}"})
    try:
        with urllib.request.urlopen(request) as answer:
            found, body = answer.status, answer.read().decode()
    except urllib.request.HTTPError as fault:  # type: ignore[attr-defined]
        found, body = fault.code, fault.read().decode()
        fault.close()
    assert (found, text in body) == (status, True)


def test_xml_results_are_whole(service: Any) -> None:
    """The other form of the same rows."""
    body = service.jobs.oneshot("search index=app n=3", output_mode="xml").read().decode()
    assert "<results preview='0'>" in body
    assert "<v xml:space='preserve' trunc='0'>level=INFO n=3 took 3 ms</v>" in body
