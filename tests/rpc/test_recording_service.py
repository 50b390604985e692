"""RecordingService as a client meets it."""

from collections.abc import AsyncIterator
from typing import Any

import grpc
import polars as pl
import pytest
from google.protobuf.json_format import ParseDict

from fakes.statuses import told
from fakes.verifications import at
from fakes.verifications_usecase import MemoryVerifications
from logverdict.analysis.entries import entries
from logverdict.domain.errors import InvalidRequest, VerifyError
from logverdict.domain.verification import Coverage, SourceCoverage
from logverdict.domain.wanted import Wanted
from logverdict.domain.window import Window
from logverdict.rpc.limits import MAX_ANSWER
from logverdict.rpc.recording_service import write
from logverdict.rpc.server import GrpcServer
from logverdict.v1 import recording_service_pb2 as pb
from logverdict.v1.recording_service_pb2_grpc import RecordingServiceStub
from logverdict.verify.recording import Ended, Planned, Recorded, RecordStep

PLANNED = Planned((Window(at(-60), at(0)),), Window(at(60), at(120)), ("a note",))
ENDED = Ended(False, (SourceCoverage("app", "candidate", 0.0, Coverage(read=7, complete=False, faults=("cut",))),))


def frame(*messages: str) -> pl.DataFrame:
    return entries([(at(place), message, "info", "a", "") for place, message in enumerate(messages)])


class MemoryRecordings:
    """Gives the steps it was made with; then raises its fault."""

    def __init__(self, *steps: RecordStep) -> None:
        self.steps, self.wanted, self.closed = steps, [], 0
        self.fault: VerifyError | None = None

    async def record(self, wanted: Wanted) -> AsyncIterator[RecordStep]:
        self.wanted.append(wanted)
        try:
            for step in self.steps:
                yield step
            if self.fault is not None:
                raise self.fault
        finally:
            self.closed += 1


@pytest.fixture
def recordings() -> MemoryRecordings:
    return MemoryRecordings(PLANNED, "reading app", Recorded("candidate", frame("one", "two")), ENDED)


@pytest.fixture
async def stub(recordings: MemoryRecordings) -> AsyncIterator[Any]:
    server = GrpcServer(MemoryVerifications(), recordings=recordings)
    port = await server.start("127.0.0.1:0")
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield RecordingServiceStub(channel)
    await server.stop(0)


def request(**more: Any) -> pb.RecordCaseRequest:
    deployment = {"service": "checkout", "environment": "prod", "version": "1.1"}
    return ParseDict({"verification": {"deployment": deployment, **more}}, pb.RecordCaseRequest())


async def test_a_recording_is_streamed(stub: Any, recordings: MemoryRecordings) -> None:
    """The plan first, entries with all they have, the end last; what was wanted reaches the use case."""
    answers = [answer async for answer in stub.RecordCase(request(timing={"baseline": "60s"}))]
    assert [answer.WhichOneof("step") for answer in answers] == ["plan", "progress", "entries", "end"]
    plan, _, found, end = answers
    assert plan.plan.candidate_window.start_time.ToJsonString() == "2026-11-20T12:01:00Z"
    assert (len(plan.plan.baseline_windows), list(plan.plan.notes)) == (1, ["a note"])
    first = found.entries.entries[0]
    assert (found.entries.window, first.message, first.level, first.instance) == ("candidate", "one", "info", "a")
    assert first.time.ToJsonString() == "2026-11-20T12:00:00Z"
    assert (end.end.complete, end.end.coverage[0].read, list(end.end.coverage[0].faults)) == (False, 7, ["cut"])
    assert (recordings.wanted[0].service, set(recordings.wanted[0].timing)) == ("checkout", {"baseline"})


async def test_faults_are_named_as_they_were_sent(stub: Any, recordings: MemoryRecordings) -> None:
    """Missing fields, and those that the use case refuses, are below `verification`; nothing is left open."""
    for sent, field in ((pb.RecordCaseRequest(), "verification"), (request(), "verification.baseline.windows[0]")):
        recordings.fault = InvalidRequest("baseline.windows[0]", "is in the future")
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            [answer async for answer in stub.RecordCase(sent)]
        assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
        assert field in str(told(caught.value))
    assert recordings.closed == len(recordings.wanted) == 1


def test_entries_come_in_messages_that_clients_take() -> None:
    """At most 1,000 in each, and fewer where they are long; each once, in order."""
    many = list(write(Recorded("candidate", frame(*map(str, range(2_500))))))
    assert [len(answer.entries.entries) for answer in many] == [1_000, 1_000, 500]
    long = list(write(Recorded("candidate", frame(*["x" * 1_000_000] * 7, "y"))))
    assert max(answer.ByteSize() for answer in long) <= MAX_ANSWER + 1_000
    assert [entry.message[0] for answer in long for entry in answer.entries.entries] == ["x"] * 7 + ["y"]
    assert list(write(Recorded("candidate", frame()))) == []
