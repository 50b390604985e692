"""A bad deployment whose errors lie in an index that may not be read, in Elasticsearch and Splunk: never a PASS."""

import secrets
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from fakes import splunk
from fakes.flow import FIELDS
from fakes.judged import BEFORE, LAST_MINUTE, court, honest
from fakes.site import broken, entry
from logverdict.adapters.sources.elasticsearch import ElasticsearchSource
from logverdict.connections import ElasticsearchConnection
from logverdict.domain.profile import SourceSpec
from logverdict.domain.words import PushDown
from servers.elasticsearch.fixtures import bulk, secured_node
from servers.elasticsearch.node import Node
from servers.splunk.server import SplunkServer

BOTH_WAYS = pytest.mark.parametrize("push_down", [PushDown.NEVER, PushDown.ALWAYS])
SECRET = "LOGVERDICT_TEST_SECRET_OF_FORBIDDEN"


def good() -> list[str]:
    seconds = int((LAST_MINUTE.end - BEFORE.start).total_seconds())
    step = (LAST_MINUTE.end - BEFORE.start) / seconds
    return [entry(BEFORE.start + second * step, f"order {second} stored") for second in range(0, seconds, 3)]


@BOTH_WAYS
@pytest.mark.parametrize("index", ["secret", "app, secret"])
async def test_splunk_that_answers_with_nothing_is_not_believed(
    tmp_path: Path, push_down: PushDown, index: str
) -> None:
    """It gives status 200 and no rows for what the user may not search, alone or beside what he may."""
    with SplunkServer() as server:
        server.access.users["verifier"] = replace(server.access.users["verifier"], forbidden=frozenset({"secret"}))
        for lines, where in ((good(), "app"), (broken(LAST_MINUTE.start, 60), "secret")):
            for number, line in enumerate(lines):
                start = BEFORE.start if where == "app" else LAST_MINUTE.start
                end = (LAST_MINUTE.end - start) / len(lines)
                server.indexes.add(start + number * end, line, index=where)
        source = splunk.source(server, tmp_path)
        spec = replace(splunk.SPEC, options={"index": index}, push_down=push_down)
        async with court(source, spec, folder=tmp_path) as at_work:
            found = await at_work.judge()
        await source.aclose()
    assert honest(found, "secret"), found.judgement


@pytest.fixture
def prefix() -> Iterator[str]:
    """Indices PREFIX-good and PREFIX-bad on the secured node."""
    server, prefix = secured_node(), f"forbidden-{secrets.token_hex(6)}"
    for name, lines in (("good", good()), ("bad", broken(LAST_MINUTE.start, 60))):
        server.call("PUT", f"/{prefix}-{name}", {"mappings": {"properties": FIELDS}})
        bulk(server, f"{prefix}-{name}", lines)
    yield prefix
    server.call("DELETE", f"/{prefix}-*")


def key(server: Node, names: str) -> str:
    role = {"indices": [{"names": [names], "privileges": ["read", "view_index_metadata"]}]}
    body = {"name": f"test-{secrets.token_hex(4)}", "role_descriptors": {"reader": role}}
    return str(server.call("POST", "/_security/api_key", body)["encoded"])


@pytest.mark.slow
@pytest.mark.timeout(400)
@BOTH_WAYS
@pytest.mark.parametrize("index", ["{}-good,{}-bad", "{}-bad", "{}-bad*", "{}-good,{}-bad*"])
async def test_an_index_that_the_key_may_not_read_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, prefix: str, push_down: PushDown, index: str
) -> None:
    """Refused by name, and by a pattern that means nothing for this key."""
    server = secured_node()
    monkeypatch.setenv(SECRET, key(server, f"{prefix}-good"))
    section = {
        "kind": "elasticsearch",
        "urls": server.url,
        "ca_file": str(server.run / "config" / "ca.pem"),
        "api_key_env": SECRET,
    }
    source = ElasticsearchSource(ElasticsearchConnection.model_validate(section).access())
    spec = SourceSpec("app", "", "*", options={"index": index.format(prefix, prefix)}, push_down=push_down)
    async with court(source, spec, folder=tmp_path) as at_work:
        found = await at_work.judge()
    await source.aclose()
    assert honest(found, "403") or honest(found, "options.index"), found.judgement
