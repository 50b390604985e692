"""The audit: every call that a source makes is told, timed and sized, without secrets."""

import asyncio
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

import pytest
from aiohttp import web

from contract.log_source import results, window
from fakes import splunk
from fakes.elastic import Body, Elastic
from logverdict.adapters.sources.elasticsearch import ElasticsearchSource
from logverdict.adapters.sources.file import FileSource
from logverdict.adapters.sources.splunk import SplunkSource
from logverdict.adapters.sources.splunk_session import Secret
from logverdict.adapters.sources.telling import MOST_QUERY, MOST_TEXT, cut, written
from logverdict.connections import ElasticsearchConnection
from logverdict.domain.errors import QueryRejected, SourceUnavailable
from logverdict.domain.profile import SourceSpec
from logverdict.domain.verification import SourceCall
from logverdict.verify.audit import hearing
from servers.splunk.knobs import Rule
from servers.splunk.server import SplunkServer

pytestmark = pytest.mark.usefixtures("no_pauses")
SECRET = "hunter2-hunter2"
LOGS = SourceSpec("app", "logs", "*", options={"index": "logs"})
HOUR = window(-3600, 3600)


@contextmanager
def listening() -> Iterator[list[SourceCall]]:
    calls: list[SourceCall] = []
    with hearing(calls.append, "app"):
        yield calls


def asked(calls: list[SourceCall]) -> list[tuple[str, str]]:
    return [(call.method, call.status) for call in calls]


def elastic(server: Elastic, **connection: object) -> ElasticsearchSource:
    given = {"kind": "elasticsearch", "urls": server.url, **connection}
    return ElasticsearchSource(ElasticsearchConnection.model_validate(given).access())


AUTHS = {
    "none": {},
    "basic": {"username": "reader", "password_env": "AUDIT_SECRET"},
    "api_key": {"api_key_env": "AUDIT_SECRET"},
    "api_key in two parts": {"api_key_id": "key-id-17", "api_key_env": "AUDIT_SECRET"},
    "bearer": {"token_env": "AUDIT_SECRET"},
}


@pytest.mark.parametrize("auth", AUTHS)
async def test_elasticsearch_tells_each_request_without_secrets(auth: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Method, path, body, status, bytes and seconds of each; of credentials and ids of points nothing."""
    monkeypatch.setenv("AUDIT_SECRET", SECRET)
    async with Elastic(["one", "two"]) as server:
        source = elastic(server, **AUTHS[auth])
        with listening() as calls:
            await results((source, LOGS), HOUR)
        await source.aclose()
        sent = [header["authorization"].split()[-1] for header in server.headers if "authorization" in header]
    assert len(calls) == len(server.asked)
    assert bool(sent) is (auth != "none")
    text = json.dumps([asdict(call) for call in calls], default=str)
    for secret in (SECRET, "key-id-17", "point-", *sent):
        assert secret not in text
    assert all(call.status == "200" and call.size > 0 and call.seconds > 0 and call.source == "app" for call in calls)
    searches = [call for call in calls if "/_search" in call.method]
    assert searches and all('"query":' in call.query and '"pit":"..."' in call.query for call in searches)


async def test_elasticsearch_tells_what_went_wrong() -> None:
    """A refusal, an answer in part, and one that timed out have their own status, and each try is a call."""

    def refused(_: web.Request, __: Body) -> web.Response:
        return web.json_response(
            {"error": {"reason": "busy"}}, status=429, headers={"X-Elastic-Product": "Elasticsearch"}
        )

    def late(_: web.Request, body: Body) -> None:
        body |= {"timed_out": True}
        for name in [name for name in body if name != "timed_out"]:
            body[name] = body.pop(name)  # the flag comes first, as the server writes it

    async with Elastic(["one"]) as server:
        server.trouble("_search", refused, late)
        source = elastic(server)
        with listening() as calls:
            await results((source, LOGS), HOUR)
        await source.aclose()
    statuses = [call.status for call in calls if "/_search" in call.method]
    assert statuses[:3] == ["429", "200 timed out", "200"]


async def test_elasticsearch_tells_of_no_answer() -> None:
    """A server that is not there has a word for a status, and nothing of its size."""
    async with Elastic([]) as server:
        source = elastic(server)
    with listening() as calls, pytest.raises(SourceUnavailable):
        await results((source, LOGS), HOUR)
    await source.aclose()
    assert calls and {(call.status, call.size) for call in calls} == {("ConnectionError", 0)}


async def test_pages_of_one_question_are_alike() -> None:
    """What differs from page to page is left out, so that many pages are one row of the audit."""
    async with Elastic([f"m{number}" for number in range(60)]) as server:
        source = elastic(server)
        with listening() as calls:
            await results((source, SourceSpec("app", "logs", "*", options={"index": "logs", "page_size": "50"})), HOUR)
        await source.aclose()
    pages = [call.query for call in calls if '"sort"' in call.query]
    after = [query.replace(',"search_after":"..."', "") for query in pages]
    assert len(pages) > 1 and len({re.sub(r'"size":\d+', "", query) for query in after}) == 1


@pytest.mark.parametrize("kind", ["password", "token", "session_key"])
@pytest.mark.parametrize("cookies", [True, False])
async def test_splunk_tells_each_request_without_secrets(
    server: SplunkServer, tmp_path: Path, kind: str, cookies: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every request that the server saw is told with its form; of passwords, tokens, session keys, cookies and ids of
    searches nothing."""
    server.access.cookies = cookies
    key = server.access.login("verifier", splunk.PASSWORD) or ""
    secrets = {"password": splunk.PASSWORD, "token": splunk.TOKEN, "session_key": key}
    server.seen.clear()
    monkeypatch.setenv("AUDIT_SECRET", secrets[kind])
    source = splunk.source(server, tmp_path, kind=kind, secret=Secret("AUDIT_SECRET"))
    with listening() as calls:
        await results((source, splunk.SPEC), splunk.SPAN)
    await source.aclose()
    assert len(calls) == len(server.seen)
    text = json.dumps([asdict(call) for call in calls], default=str)
    for secret in (
        *secrets.values(),
        *server.access.sessions,
        *SIDS.findall(" ".join(path for _, path, _ in server.seen)),
    ):
        assert secret not in text
    forms = [json.loads(call.query) for call in calls if "earliest_time" in call.query]
    assert {form["search"] for form in forms} == {form["search"] for form in server.searches()}
    assert all(call.status.startswith("20") and call.source == "app" for call in calls)
    assert sum(call.size for call in calls if "/results" in call.method) > 0


SIDS = re.compile(r"/jobs/([^/ ]+)/")


async def test_splunk_tells_a_stream_once_with_its_bytes(server: SplunkServer, tmp_path: Path) -> None:
    """An export is one call, as large as what came."""
    source = splunk.source(server, tmp_path, most_paged=0)
    with listening() as calls:
        await results((source, splunk.SPEC), splunk.SPAN)
    await source.aclose()
    exports = [call for call in calls if call.method.endswith("/export")]
    assert len(exports) == 1 and exports[0].size > 10 * len("message 1") and exports[0].status == "200"


async def test_splunk_tells_what_went_wrong(server: SplunkServer, paged: SplunkSource) -> None:
    """A refusal has its status, and the tries after it are calls of their own."""
    server.knobs.rules.append(Rule(re.compile("POST .*/jobs$"), status=503, body=b"{}", times=1))
    with listening() as calls:
        await results((paged, splunk.SPEC), splunk.SPAN)
    created = [status for method, status in asked(calls) if method.endswith("/jobs")]
    assert created[:2] == ["503", "201"]


async def test_a_refused_login_is_told_without_its_form(server: SplunkServer, tmp_path: Path) -> None:
    """Who tried to log in, and with what, is not in the audit."""
    (tmp_path / "wrong").write_text(SECRET)
    source = splunk.source(server, tmp_path, secret=Secret(file=tmp_path / "wrong"))
    with listening() as calls, pytest.raises(QueryRejected):
        await results((source, splunk.SPEC), splunk.SPAN)
    await source.aclose()
    assert [(method.rpartition("/")[2], status) for method, status in asked(calls)] == [("login", "401")]
    assert (calls[0].query, SECRET in str(calls)) == ("", False)


async def test_the_file_source_tells_each_file(tmp_path: Path) -> None:
    """A call a file, with its bytes; one that cannot be read says why."""
    line = json.dumps({"time": "2026-11-22T03:00:01Z", "message": "ready"})
    (tmp_path / "a.log").write_text(line + "\n" + line + "\n")
    (tmp_path / "b.log").write_bytes(b"BZh91AY")
    with listening() as calls:
        await results((FileSource(tmp_path), SourceSpec("app", "files", "*.log")), HOUR)
    assert asked(calls) == [
        ("READ a.log", "read"),
        ("READ b.log", "unreadable: it is packed with bzip2; allowed: gzip, or not packed"),
    ]
    assert calls[0].size == 2 * len(line)
    assert calls[0].query.startswith("*.log: entries from 2026-")


async def test_nobody_has_to_listen(tmp_path: Path) -> None:
    """Without a listener a read is as ever, also in a task that was started before the listening."""
    async with Elastic(["one"]) as server:
        source = elastic(server)
        before = asyncio.create_task(results((source, LOGS), HOUR))
        with listening() as calls:
            await before
        await source.aclose()
    assert calls == []


def test_a_long_query_is_cut_and_still_told_apart() -> None:
    """It keeps its start, its length and a hash; long texts in it are named by theirs."""
    one, other = (cut("x" * 5_000 + end, MOST_QUERY) for end in "ab")
    assert one != other and one.startswith("x" * MOST_QUERY) and "(5,001 characters, sha256 " in one
    assert f"{'y' * MOST_TEXT}... (9,000 characters" in written({"source": "y" * 9_000})
    assert cut("short", MOST_QUERY) == "short"


def test_what_looks_like_a_secret_is_left_out_of_queries() -> None:
    """Also where an operator wrote it into a query."""
    text = written({"query": [f"password={SECRET}", {"deep": f"Authorization: Bearer {SECRET}"}], "size": 1})
    assert SECRET not in text and '"size":1' in text
