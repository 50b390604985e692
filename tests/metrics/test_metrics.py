"""What Prometheus sees of the work on verifications."""

import asyncio
import socket
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from prometheus_client import CollectorRegistry
from prometheus_client.parser import text_string_to_metric_families

from fakes.analyst import ScriptedAnalyst
from fakes.clock import NOON, FakeClock
from fakes.memory_source import MemorySource
from fakes.verifications import a_judgement, a_verification, an_event
from fakes.world import WANTED, World, rows, to_the_end
from fakes.world import world as world
from logverdict.adapters.metrics import Metrics
from logverdict.adapters.metrics_page import MetricsPage
from logverdict.domain.coverage import InstanceCoverage
from logverdict.domain.errors import FailedPrecondition
from logverdict.domain.feedback import AppliedFeedback, Author, FeedbackLevel, WithoutFeedback
from logverdict.domain.verification import Coverage, SourceCall
from logverdict.domain.words import Decision, Impact, Reason, State, Verdict
from logverdict.rpc.server import GrpcServer
from logverdict.v1 import verification_service_pb2 as pb
from logverdict.verify.heartbeat import beat
from logverdict.verify.observe import Beat


@pytest.fixture
def registry() -> CollectorRegistry:
    return CollectorRegistry()


@pytest.fixture
def metrics(registry: CollectorRegistry) -> Metrics:
    return Metrics(registry)


@pytest.fixture
def observed(world: World, metrics: Metrics) -> Iterator[World]:
    world.observer = metrics
    yield world


async def test_a_verification_is_counted_from_its_request_to_its_end(observed: World, registry: CollectorRegistry):
    """Created once, ended once with its state, verdict and decision, and its time to the first verdict is known."""
    observed.analyst = ScriptedAnalyst(Verdict.PASS)
    use = await observed.open()
    await to_the_end(use, await use.create(WANTED), after=1)
    value = registry.get_sample_value
    assert value("logverdict_verifications_requested_total") == 1
    ended = {"state": "SUCCEEDED", "verdict": "PASS", "decision": "PROCEED", "mode": "ENFORCE"}
    assert value("logverdict_verifications_ended_total", ended) == 1
    assert value("logverdict_first_verdict_seconds_count") == 1
    assert (value("logverdict_first_verdict_seconds_sum") or 0) < (
        value("logverdict_verification_duration_seconds_sum", {"verdict": "PASS"}) or 0
    )
    assert value("logverdict_revisions_total") == 5
    assert value("logverdict_coverage_ratio_count", {"side": "candidate"}) == 1


async def test_a_cancelled_one_has_no_verdict(observed: World, registry: CollectorRegistry):
    """What ends before it is judged counts with verdict NONE and the decision that was given."""
    observed.clock = FakeClock(held=True)
    use = await observed.open()
    made = await use.create(WANTED)
    await use.cancel(made.name, Decision.STOP)
    ended = {"state": "CANCELLED", "verdict": "NONE", "decision": "STOP", "mode": "ENFORCE"}
    assert registry.get_sample_value("logverdict_verifications_ended_total", ended) == 1


def test_what_was_provisional_is_no_verdict(metrics: Metrics, registry: CollectorRegistry):
    """A verification that fails after its first look was not judged, whatever the look said."""
    before = replace(a_verification(state=State.RUNNING), judgement=a_judgement(an_event()))
    metrics.revised(before, replace(before, state=State.FAILED, decision=Decision.ASK))
    ended = {"state": "FAILED", "verdict": "NONE", "decision": "ASK", "mode": "ENFORCE"}
    assert registry.get_sample_value("logverdict_verifications_ended_total", ended) == 1


def test_counters_begin_at_zero(metrics: Metrics, registry: CollectorRegistry):
    """The first STOP, failure or lost entry is an increase, and not a number that was never smaller."""
    metrics.reads(["es"])
    value = registry.get_sample_value
    ended = {"state": "SUCCEEDED", "verdict": "FAIL", "decision": "STOP", "mode": "ENFORCE"}
    assert value("logverdict_verifications_ended_total", ended) == 0
    assert value("logverdict_entries_lost_total", {"connection": "es", "cause": "missing"}) == 0
    assert value("logverdict_source_calls_total", {"connection": "es", "outcome": "failed"}) == 0
    assert value("logverdict_store_failures_total", {"operation": "write", "reason": "STORE_BUSY"}) == 0


async def test_entries_are_counted_by_connection(observed: World, registry: CollectorRegistry):
    """What was read counts, what is read again counts again: it is work of the source, not entries judged."""
    observed.source = MemorySource(rows(range(-600, 300)))
    use = await observed.open()
    await to_the_end(use, await use.create(WANTED))
    read = registry.get_sample_value("logverdict_entries_read_total", {"connection": "files"}) or 0
    assert read >= 600 + 240


async def test_a_source_that_does_not_answer_is_counted(observed: World, registry: CollectorRegistry):
    """Each question without an answer counts, also those that are asked again."""
    observed.source = source = MemorySource(rows(range(-600, 400)))
    source.fail(100)
    use = await observed.open()
    await to_the_end(use, await use.create(WANTED))
    assert (registry.get_sample_value("logverdict_source_unanswered_total", {"connection": "files"}) or 0) >= 2


def test_what_a_source_holds_back_is_counted_by_cause(metrics: Metrics, registry: CollectorRegistry):
    """Missing, broken and late entries are told apart, and so are pulled and reduced ones."""
    instance = InstanceCoverage("a", 12, 9, lag=7.5)
    metrics.read("es", Coverage(expected=12, read=9, broken=1, late=2, instances=(instance,)), reduced=True)
    value = registry.get_sample_value
    assert value("logverdict_entries_reduced_total", {"connection": "es"}) == 9
    assert value("logverdict_entries_lost_total", {"connection": "es", "cause": "missing"}) == 2
    assert value("logverdict_entries_lost_total", {"connection": "es", "cause": "broken"}) == 1
    assert value("logverdict_entries_late_total", {"connection": "es"}) == 2
    assert value("logverdict_ingest_lag_seconds", {"connection": "es"}) == 7.5


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        *(("200", "2xx"), ("429 too many", "4xx"), ("timeout", "failed"), ("unreadable: no such file", "failed")),
        *(("read", "read"), ("stopped", "stopped"), ("cancelled", "stopped")),
    ],
)
def test_calls_are_counted_by_outcome(metrics: Metrics, registry: CollectorRegistry, status: str, outcome: str):
    """The outcome is one of a few words, whatever a source says; a file that was read is no failure."""
    metrics.called("es", SourceCall(NOON, "app", "POST /_search", "{}", status, 100, 3.0, times=2))
    labels = {"connection": "es", "outcome": outcome}
    assert registry.get_sample_value("logverdict_source_calls_total", labels) == 2
    assert registry.get_sample_value("logverdict_source_call_seconds_sum", {"connection": "es"}) == 1.5


async def test_watchers_are_counted_while_they_watch(observed: World, registry: CollectorRegistry):
    """A stream counts from its first message to its end, whoever ends it."""
    observed.clock = FakeClock(held=True)
    use = await observed.open()
    made = await use.create(WANTED)
    stream = use.watch(made.name, 0)
    await anext(stream)
    assert registry.get_sample_value("logverdict_watchers") == 1
    await stream.aclose()  # type: ignore[attr-defined]
    assert registry.get_sample_value("logverdict_watchers") == 0


async def test_the_load_is_what_runs_and_what_waits(observed: World):
    """Verifications beyond the places wait, and are counted apart."""
    observed.clock = FakeClock(held=True)
    use = await observed.open()
    await use.create(WANTED)
    assert (use.load.running, use.load.queued) == (1, 0)


async def test_calls_to_us_are_counted_by_method_and_code(usecases, metrics: Metrics, registry: CollectorRegistry):
    """A call that fails counts with its code; a method that nobody has is no label."""
    import grpc

    from logverdict.v1 import verification_service_pb2_grpc as pb_grpc

    server = GrpcServer(usecases, answered=metrics.answered)
    port = await server.start("127.0.0.1:0")
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        with pytest.raises(grpc.aio.AioRpcError):
            await pb_grpc.VerificationServiceStub(channel).GetVerification(pb.GetVerificationRequest(name="nothing"))
        with pytest.raises(grpc.aio.AioRpcError):
            await channel.unary_unary("/made.up/Method")(b"")
    await server.stop(0)
    methods = {s.labels["method"] for f in registry.collect() if f.name == "logverdict_rpcs" for s in f.samples}
    assert methods == {"/logverdict.v1.VerificationService/GetVerification"}


async def test_the_page_holds_what_prometheus_can_parse(metrics: Metrics, registry: CollectorRegistry):
    """A scrape over HTTP gives every metric, each with help and a unit or total in its name."""
    async with MetricsPage(registry, "127.0.0.1:0") as where:
        with await asyncio.to_thread(urllib.request.urlopen, f"http://{where}/metrics") as answer:
            text = answer.read().decode()
    families = list(text_string_to_metric_families(text))
    ours = [family for family in families if family.name.startswith("logverdict_")]
    assert len(ours) > 15 and all(family.documentation for family in ours)
    assert "process_resident_memory_bytes" in {family.name for family in families}
    assert not [family.name for family in families if family.name.endswith("_created")]


async def test_a_page_that_cannot_listen_says_where(registry: CollectorRegistry):
    """A port that is taken is an error with the address, not a trace."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(FailedPrecondition, match=f"127.0.0.1:{port}"):
            async with MetricsPage(registry, f"127.0.0.1:{port}"):
                raise AssertionError


async def test_leases_and_the_database_are_seen(observed: World, metrics: Metrics, registry: CollectorRegistry):
    """Replicas that live, what is leased to this one, and each transaction with its time."""
    observed.store.tell(metrics.stored)
    observed.clock = FakeClock(held=True)
    use = await observed.open()
    await use.create(WANTED)
    await beat(observed.means, timedelta(minutes=1))
    value = registry.get_sample_value
    assert (value("logverdict_replicas"), value("logverdict_leases")) == (1, 1)
    assert (value("logverdict_store_seconds_count", {"operation": "write"}) or 0) >= 2
    assert (value("logverdict_store_seconds_count", {"operation": "read"}) or 0) >= 2
    assert value("logverdict_takeovers_total") == 0


def test_what_the_store_fails_at_is_counted_by_reason(metrics: Metrics, registry: CollectorRegistry):
    """An answer that is no failure has its time only."""
    metrics.stored("write", "STORE_BUSY", 5.0)
    metrics.stored("write", "", 0.01)
    value = registry.get_sample_value
    assert value("logverdict_store_failures_total", {"operation": "write", "reason": "STORE_BUSY"}) == 1
    assert value("logverdict_store_seconds_count", {"operation": "write"}) == 2


def test_what_feedback_did_is_counted(metrics: Metrics, registry: CollectorRegistry):
    """Events that it decided by its level, and verdicts that would be others; how much of it stands."""
    applied = AppliedFeedback("f1", FeedbackLevel.IGNORE, Author("ann"), "noise", "", 1.0, Impact.FAIL)
    without = WithoutFeedback(Verdict.FAIL, Reason.NEW_ERRORS, 20, "One new error.")
    event = replace(an_event(), feedback=(applied, replace(applied, id="f2", overridden=True)))
    judged = replace(a_judgement(event), verdict=Verdict.PASS, without_feedback=without)
    before = a_verification(state=State.RUNNING)
    metrics.revised(before, replace(before, state=State.SUCCEEDED, judgement=judged))
    metrics.beat(Beat(replicas=2, leases=5, feedback=3))
    value = registry.get_sample_value
    assert value("logverdict_feedback_events_total", {"level": "IGNORE"}) == 1
    assert value("logverdict_feedback_verdicts_total", {"verdict": "PASS", "without": "FAIL"}) == 1
    assert (value("logverdict_feedback"), value("logverdict_leases")) == (3, 5)


def test_what_runs_is_told_with_the_judges_version(metrics: Metrics, registry: CollectorRegistry):
    """Beside the program's own: verdicts of different ones can differ."""
    labels = {"version": "1", "judge_version": "4", "mask_version": "2.2"}
    metrics.runs(**labels)
    assert registry.get_sample_value("logverdict_build_info", labels) == 1
