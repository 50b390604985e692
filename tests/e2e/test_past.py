"""A window of the past, judged by a real server on real files."""

import random
from datetime import timedelta

import grpc
import pytest

from fakes.site import NOON, Site, a_past_request, broken, ordinary, revisions, window
from logverdict.v1 import event_pb2, policy_pb2
from logverdict.v1 import verification_service_pb2 as v1


def last(site: Site, request: v1.VerifyRequest) -> v1.Verification:
    return revisions(site.servers[-1].stub().Verify(request, timeout=60))[-1].verification


def test_a_bad_deployment_is_stopped_with_the_exception_named(site: Site):
    """Verdict FAIL, decision STOP, and the event says what is new, where, and how often."""
    site.past("shop", bad=True)
    server = site.serve()
    found = last(site, a_past_request())
    assert (found.verdict, found.decision) == (v1.Verification.FAIL, policy_pb2.STOP)
    events = server.stub().ListEvents(v1.ListEventsRequest(parent=found.name, filter="impact = FAIL")).events
    assert "InvalidKeyException" in events[0].template
    assert events[0].kind == event_pb2.Event.UNKNOWN
    assert events[0].candidate_count == 150
    assert {count.instance for count in events[0].instances} == {"a", "b"}
    assert "InvalidKeyException" in found.sentence


def test_a_good_deployment_proceeds(site: Site):
    """Ordinary entries on both sides: PASS."""
    site.past("shop", bad=False)
    site.serve()
    found = last(site, a_past_request())
    assert (found.verdict, found.decision) == (v1.Verification.PASS, policy_pb2.PROCEED)
    assert found.candidate_side.entries > 1000
    assert {part.share for part in found.coverage} == {1.0}


def comparable(site: Site, found: v1.Verification) -> tuple[bytes, list[bytes]]:
    """What has to be the same in every run: all but names and times of the work."""
    stub = site.servers[-1].stub()
    events = stub.ListEvents(v1.ListEventsRequest(parent=found.name, page_size=1000)).events
    for field in ("name", "create_time", "update_time", "start_time", "end_time"):
        found.ClearField(field)
    return found.SerializeToString(deterministic=True), [
        event.SerializeToString(deterministic=True) for event in events
    ]


def test_the_same_input_gives_byte_identical_events_and_verdicts(site: Site):
    """Also with the entries of a second in another order, and cut into other files."""
    site.serve()
    lines = ordinary(NOON - timedelta(minutes=10), 900) + broken(NOON, 300)
    site.write("shop", sorted(lines))
    first = comparable(site, last(site, a_past_request()))
    again = comparable(site, last(site, a_past_request()))
    (site.root / "logs" / "shop" / "a.jsonl").unlink()
    random.Random(7).shuffle(lines)
    lines.sort(key=lambda line: line[:35])
    site.write("shop", lines[:2000], "b.jsonl")
    site.write("shop", lines[2000:], "c.jsonl")
    assert first == again == comparable(site, last(site, a_past_request()))
    assert first[1]


def test_an_empty_baseline_is_inconclusive(site: Site):
    """There is nothing to compare with: every event is NO_BASELINE, and a person is asked."""
    site.write("shop", ordinary(NOON, 300))
    server = site.serve()
    found = last(site, a_past_request())
    assert (found.verdict, found.reason) == (v1.Verification.INCONCLUSIVE, "BASELINE_TOO_SMALL")
    assert found.decision == policy_pb2.ASK
    events = server.stub().ListEvents(v1.ListEventsRequest(parent=found.name)).events
    assert {event.kind for event in events} == {event_pb2.Event.NO_BASELINE}


def test_garbage_in_the_files_is_counted_and_said(site: Site):
    """A 1 MB line, binary noise and a cut-off line neither crash it nor vanish."""
    site.past("shop", bad=False)
    with (site.root / "logs" / "shop" / "noise.jsonl").open("wb") as out:
        out.write(b"\x00\xff\xfe\x80 binary \x01\x02\n")
        out.write(b'{"timestamp": "2026-11-20T12:00:30Z", "mess\n')
        out.write(b'{"timestamp": "2026-11-20T12:01:00Z", "message": "' + b"x" * 1_000_000 + b'"}\n')
        out.write(b'{"timestamp": "2026-11-20T12:01:00Z", "mess')
    site.serve()
    found = last(site, a_past_request())
    assert found.state == v1.Verification.SUCCEEDED
    candidate = next(part for part in found.coverage if part.side == "candidate")
    assert candidate.faults
    assert sum(part.broken for part in found.coverage) >= 2


def test_a_missing_file_is_no_quiet_service(site: Site):
    """A query that matches nothing is INCONCLUSIVE with the source's words, never PASS."""
    site.serve()
    found = last(site, a_past_request())
    assert (found.verdict, found.reason) == (v1.Verification.INCONCLUSIVE, "QUERY_REJECTED")
    assert "shop/*.jsonl" in found.sentence


def backwards(request: v1.VerifyRequest) -> None:
    request.verification.candidate_window.CopyFrom(window(300, 0))


def unknown_profile(request: v1.VerifyRequest) -> None:
    request.verification.profile = "nobody"


def no_service(request: v1.VerifyRequest) -> None:
    request.verification.deployment.service = ""


def unknown_field(request: v1.VerifyRequest) -> None:
    request.verification.MergeFromString(b"\xc2\x3e\x03abc")


@pytest.mark.parametrize(
    ("spoil", "code", "text"),
    [
        (backwards, grpc.StatusCode.INVALID_ARGUMENT, "candidate_window.end_time"),
        (unknown_profile, grpc.StatusCode.NOT_FOUND, "search, shop"),
        (no_service, grpc.StatusCode.INVALID_ARGUMENT, "deployment.service"),
        (unknown_field, grpc.StatusCode.INVALID_ARGUMENT, "no field 1000"),
    ],
)
def test_a_wrong_request_gets_its_own_answer(site: Site, spoil, code, text):
    """Which field, what was wrong, what is allowed."""
    server = site.serve()
    request = a_past_request()
    spoil(request)
    with pytest.raises(grpc.RpcError) as caught:
        list(server.stub().Verify(request, timeout=10))
    assert caught.value.code() is code  # type: ignore[attr-defined]
    assert text in caught.value.details()  # type: ignore[attr-defined]
