"""The methods of RecordingService."""

from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from typing import Any

from logverdict.rpc import convert_in as read
from logverdict.rpc.convert_out_coverage import write_coverage
from logverdict.rpc.convert_out_parts import write_window
from logverdict.rpc.limits import MAX_ANSWER
from logverdict.rpc.sent import as_sent, closing
from logverdict.rpc.usecases import Recordings
from logverdict.v1 import recording_service_pb2 as pb
from logverdict.v1.recording_service_pb2_grpc import RecordingServiceServicer
from logverdict.v1.verification_service_pb2 import VerifyRequest
from logverdict.verify.recording import Ended, Planned, Recorded, RecordStep

SERVICE: str = pb.DESCRIPTOR.services_by_name["RecordingService"].full_name
MOST_ENTRIES = 1_000
Answers = AsyncIterator[pb.RecordCaseResponse]


class RecordingServicer(RecordingServiceServicer):
    def __init__(self, recordings: Recordings) -> None:
        self._recordings = recordings

    async def RecordCase(self, request: pb.RecordCaseRequest, context: Any) -> Answers:
        read.check(request)
        wanted = read.read_wanted(VerifyRequest(verification=request.verification))
        async with closing(self._named(self._recordings.record(wanted))) as steps:
            async for step in steps:
                for answer in write(step):
                    yield answer

    @staticmethod
    async def _named(steps: AsyncIterator[RecordStep]) -> AsyncGenerator[RecordStep, None]:
        with as_sent():
            async with closing(steps) as inner:
                async for step in inner:
                    yield step


def write(step: RecordStep) -> Iterator[pb.RecordCaseResponse]:
    """One answer, or several where the entries do not fit into one."""
    match step:
        case Planned():
            plan = pb.RecordCaseResponse.Plan(
                baseline_windows=[write_window(window) for window in step.baselines],
                candidate_window=write_window(step.candidate),
                notes=step.notes,
            )
            yield pb.RecordCaseResponse(plan=plan)
        case Recorded():
            for entries in _fitting(step):
                yield pb.RecordCaseResponse(entries=entries)
        case Ended():
            coverage = [write_coverage(part) for part in step.coverage]
            yield pb.RecordCaseResponse(end=pb.RecordCaseResponse.End(complete=step.complete, coverage=coverage))
        case _:
            yield pb.RecordCaseResponse(progress=pb.RecordCaseResponse.Progress(step=step))


def _fitting(step: Recorded) -> Iterator[pb.RecordCaseResponse.Entries]:
    answer, size = pb.RecordCaseResponse.Entries(window=step.window), 0
    for time, message, level, instance in step.entries.select("time", "message", "level", "instance").iter_rows():
        entry = pb.RecordedEntry(message=message, level=level, instance=instance)
        entry.time.FromDatetime(time)
        size += entry.ByteSize()
        if answer.entries and (len(answer.entries) == MOST_ENTRIES or size > MAX_ANSWER):
            yield answer
            answer, size = pb.RecordCaseResponse.Entries(window=step.window), entry.ByteSize()
        answer.entries.append(entry)
    if answer.entries:
        yield answer
