"""What is said of a real Elasticsearch to who writes a profile for it."""

import json
import secrets
from collections.abc import Iterator
from dataclasses import replace

import pytest

from contract.log_source import at, window
from fakes.inspecting import inspection, report_on
from logverdict.adapters.sources.elasticsearch import ElasticsearchSource
from logverdict.adapters.sources.elasticsearch_access import Access
from logverdict.connections import ElasticsearchConnection
from logverdict.domain.profile import FieldNames, SourceSpec
from logverdict.domain.words import Readable
from logverdict.verify.inspect import DraftWish, Wish
from servers.elasticsearch.fixtures import bulk, secured_node
from servers.elasticsearch.logs import FIELDS, KEYWORD, Logs, document
from servers.elasticsearch.node import PASSWORD, Node

pytestmark = pytest.mark.timeout(400)
SPAN, NOW = window(0, 600), at(600)
SECRET = "LOGVERDICT_TEST_SECRET_OF_PROBE"
SERVICE = {
    **FIELDS,
    "service": {"properties": {"name": KEYWORD}},
    "event": {"properties": {"ingested": {"type": "date"}}},
}


def shop(second: int) -> dict[str, object]:
    late = {"ingested": at(second + 30).isoformat()}
    text = f"order {second} for ann.lee@example.org"
    return document(second, text, level="info", host=f"web-{second % 2}", service={"name": "shop"}, event=late)


async def test_a_good_source_is_told(logs: Logs) -> None:
    """Version, indices, types and shares of fields, exact counts, lag, requests, redacted entries."""
    index = logs.index("a", [shop(second) for second in range(300)], SERVICE)
    report = await report_on(logs.source, logs.spec(), SPAN, NOW)
    found = {one.what: (one.name, one.type, one.share) for one in report.fields}
    assert (report.state, report.faults) == (Readable.READABLE, ())
    assert report.probe.server.startswith("Elasticsearch ") and report.probe.places == (index,)
    assert found["time"] == ("@timestamp", "date", 1.0) and found["message"] == ("message", "text", 1.0)
    assert found["instance"] == ("host", "keyword", 1.0) and found["version"] == ("", "", 0.0)
    assert report.counts.total == 300 and report.counts.counted
    assert report.counts.lag_max is not None and 15 <= report.counts.lag_max <= 35
    assert report.entries[0].message == "order 299 for <email>"
    assert any(call.query for call in report.calls)
    assert any("every entry of the index" in text for text in report.warnings)


async def test_an_empty_window_says_when_the_newest_entry_was(logs: Logs) -> None:
    """Silence is told with what there is elsewhere."""
    logs.index("a", [shop(5)], SERVICE)
    report = await report_on(
        logs.source, logs.spec("*", **{"filter.service.name": "shop"}), window(3_000, 3_600), at(3_600)
    )
    assert report.state is Readable.READABLE and report.counts.total == 0
    assert "no entries in the window; the newest one that matches is of 2026-11-22 03:00:05 UTC" in report.warnings[0]


async def test_a_field_of_the_wrong_type_is_named(logs: Logs) -> None:
    """A time that is a keyword can't be read: the sentence says which field, and of which type it is."""
    logs.index("a", [{"stamp": "today", "message": "ready"}], {"stamp": KEYWORD, "message": {"type": "text"}})
    spec = replace(logs.spec(), fields=FieldNames(time=("stamp",)))
    report = await report_on(logs.source, spec, SPAN, NOW)
    assert report.state is Readable.REFUSED
    assert "fields.time" in report.faults[0] and "stamp" in report.faults[0] and "keyword" in report.faults[0]
    assert report.fields[0].type == "keyword" and report.fields[0].share == 1.0


async def test_an_index_that_is_not_there(logs: Logs) -> None:
    """By name and by pattern: a fault that names the option."""
    for index in ("nothing-such", "nothing-such-*"):
        report = await report_on(logs.source, SourceSpec("app", "logs", "*", options={"index": index}), SPAN, NOW)
        assert report.state is Readable.REFUSED
        assert "options.index" in report.faults[0] and "nothing-such" in report.faults[0]


async def test_a_draft_reads_the_entries_that_it_was_made_from(logs: Logs) -> None:
    """Fields, types and the service's filter come from the sample; the draft is checked and tested."""
    logs.index("a", [shop(second) for second in range(40)], SERVICE)
    logs.index("b", [document(1, "another's", service={"name": "cart"})], SERVICE)
    use = inspection({"logs": logs.source}, now=NOW)
    draft = await use.draft(DraftWish(logs.spec(), "shop", SPAN))
    assert "filter.service.name: shop" in draft.text and "example.org" not in draft.text
    assert "type date" in draft.text and "instance: [host]" in draft.text
    assert (await use.check(draft.text, "", "")).faults == ()
    (report,) = await use.test(Wish("shop", text=draft.text, window=SPAN))
    assert (report.state, report.counts.total) == (Readable.READABLE, 40)


async def test_a_draft_without_a_usual_time_shows_what_there_is(logs: Logs) -> None:
    """The field that could be the time is listed with its type."""
    logs.index(
        "a", [{"born": at(1).isoformat(), "message": "ready"}], {"born": {"type": "date"}, "message": {"type": "text"}}
    )
    draft = await inspection({"logs": logs.source}, now=NOW).draft(DraftWish(logs.spec(), "shop", SPAN))
    assert "born (100%, date)" in draft.text
    assert any("fields.time" in text for text in draft.warnings)


async def test_nobody_answers() -> None:
    """A server that is not there is told at once, without another try."""
    source = ElasticsearchSource(Access(urls=("http://127.0.0.1:1",), timeout=5.0))
    report = await report_on(source, SourceSpec("app", "logs", "*", options={"index": "logs-shop"}), SPAN, NOW)
    await source.aclose()
    assert report.state is Readable.UNREACHABLE
    assert "can't be reached" in report.faults[0]


@pytest.fixture
def secured() -> Iterator[tuple[Node, str]]:
    server, index = secured_node(), f"probed-{secrets.token_hex(6)}"
    fields = {"@timestamp": {"type": "date"}, "message": {"type": "text"}}
    server.call("PUT", f"/{index}", {"mappings": {"properties": fields}})
    bulk(server, index, [json.dumps({"@timestamp": at(1).isoformat(), "message": "ready"})])
    yield server, index
    server.call("DELETE", f"/{index}")


@pytest.mark.slow
async def test_who_we_are_and_what_we_lack(secured: tuple[Node, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """The right password reads as admin; a wrong one, and a key without rights, are refused with what to do."""
    server, index = secured
    spec = SourceSpec("app", "logs", "*", options={"index": index})
    section = {"kind": "elasticsearch", "urls": server.url, "ca_file": str(server.run / "config" / "ca.pem")}

    async def by(secret: str, **more: str):  # type: ignore[no-untyped-def]
        monkeypatch.setenv(SECRET, secret)
        source = ElasticsearchSource(ElasticsearchConnection.model_validate(section | more).access())
        report = await report_on(source, spec, SPAN, NOW)
        await source.aclose()
        assert secret not in str(report)
        return report

    right = await by(PASSWORD, username="admin", password_env=SECRET)
    assert (right.state, right.probe.user) == (Readable.READABLE, "admin")
    assert {one.name: one.granted for one in right.probe.privileges} == {
        f"read on {index}": True,
        f"view_index_metadata on {index}": True,
    }
    wrong = await by("opensesame", username="admin", password_env=SECRET)
    assert (wrong.state, wrong.faults) == (
        Readable.REFUSED,
        ("the server does not accept the connection's credentials (HTTP 401)",),
    )
    role = {"indices": [{"names": ["other"], "privileges": ["read"]}]}
    key = server.call("POST", "/_security/api_key", {"name": index, "role_descriptors": {"reader": role}})
    lacking = await by(str(key["encoded"]), api_key_env=SECRET)
    assert lacking.state is Readable.REFUSED
    assert "lacks the right" in lacking.faults[0] and "read" in lacking.faults[0]
    assert {one.granted for one in lacking.probe.privileges} == {False}
