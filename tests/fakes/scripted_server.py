"""A real gRPC server whose verifications go as a test wrote them down."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import grpc
from google.protobuf.any_pb2 import Any as AnyMessage
from google.rpc import error_details_pb2, status_pb2  # type: ignore[import-untyped]
from grpc_status import rpc_status

from logverdict.v1 import event_pb2, policy_pb2
from logverdict.v1 import verification_service_pb2 as pb
from logverdict.v1.verification_service_pb2_grpc import (
    VerificationServiceServicer,
    add_VerificationServiceServicer_to_server,
)

V = pb.Verification
RUNNING, DONE, CANCELLED, BROKEN = V.RUNNING, V.SUCCEEDED, V.CANCELLED, V.FAILED


@dataclass
class Script:
    """What happens to the verification of one service.

    The n-th watch is cut after revision `drops[n]`; after the last revision the stream stalls when `stalls`.
    `refusals` are the codes that the first calls of Create get.
    """

    revisions: Sequence[pb.WatchVerificationResponse.Revision] = ()
    drops: list[int] = field(default_factory=list)
    stalls: bool = False
    refusals: list[grpc.StatusCode] = field(default_factory=list)
    events: Sequence[event_pb2.Event] = ()
    calls: Sequence[pb.SourceCall] = ()
    forgotten: bool = False
    progress: bool = False


class ScriptedServer(VerificationServiceServicer):
    def __init__(self, scripts: dict[str, Script]) -> None:
        self.scripts = scripts
        self.requests: list[pb.CreateVerificationRequest] = []
        self.watches: list[pb.WatchVerificationRequest] = []
        self.cancelled: list[str] = []
        self.filters: list[str] = []

    async def CreateVerification(self, request: pb.CreateVerificationRequest, context: Any) -> pb.Verification:
        self.requests.append(request)
        script = self.scripts.get(request.verification.deployment.service)
        if script is None:
            await refuse(context, "verification.profile", "no profile is named so; known: checkout, payments")
        assert script is not None
        if script.refusals:
            await context.abort(script.refusals.pop(0), "not now")
        made = pb.Verification(name=f"verifications/{request.verification.deployment.service}", state=V.PENDING)
        made.deployment.CopyFrom(request.verification.deployment)
        made.candidate_window.CopyFrom(request.verification.candidate_window)
        made.policy.on_error = policy_pb2.STOP
        made.policy.mode = request.verification.policy.mode or policy_pb2.ENFORCE
        return made

    async def WatchVerification(
        self, request: pb.WatchVerificationRequest, context: Any
    ) -> AsyncIterator[pb.WatchVerificationResponse]:
        self.watches.append(request)
        script = await self._script(request.name, context)
        drop = script.drops.pop(0) if script.drops else None
        if script.forgotten:
            await context.abort(grpc.StatusCode.NOT_FOUND, "verification: there is none")
        if script.progress:
            yield pb.WatchVerificationResponse(
                name=request.name, progress=pb.WatchVerificationResponse.Progress(step="reading", share=0.5)
            )
        for revision in script.revisions:
            if revision.number > request.after_revision:
                yield pb.WatchVerificationResponse(name=request.name, revision=revision)
            if drop == revision.number:
                await context.abort(grpc.StatusCode.UNAVAILABLE, "the server stops")
        if script.stalls:
            await asyncio.Event().wait()

    async def GetVerification(self, request: pb.GetVerificationRequest, context: Any) -> pb.Verification:
        script = await self._script(request.name, context)
        return script.revisions[-1].verification

    async def ListEvents(self, request: pb.ListEventsRequest, context: Any) -> pb.ListEventsResponse:
        script = await self._script(request.parent, context)
        start = int(request.page_token or 0)
        end = start + (request.page_size or 50)
        more = str(end) if end < len(script.events) else ""
        return pb.ListEventsResponse(events=script.events[start:end], next_page_token=more)

    async def ListSourceCalls(self, request: pb.ListSourceCallsRequest, context: Any) -> pb.ListSourceCallsResponse:
        script = await self._script(request.parent, context)
        start = int(request.page_token or 0)
        end = start + 2
        more = str(end) if end < len(script.calls) else ""
        return pb.ListSourceCallsResponse(calls=script.calls[start:end], next_page_token=more)

    async def ListVerifications(
        self, request: pb.ListVerificationsRequest, context: Any
    ) -> pb.ListVerificationsResponse:
        self.filters.append(request.filter)
        found = [script.revisions[-1].verification for script in self.scripts.values() if script.revisions]
        return pb.ListVerificationsResponse(verifications=found[: request.page_size])

    async def CancelVerification(self, request: pb.CancelVerificationRequest, context: Any) -> pb.Verification:
        await self._script(request.name, context)
        self.cancelled.append(request.name)
        service = request.name.removeprefix("verifications/")
        decision = request.decision or policy_pb2.ASK
        return verification(service, state=CANCELLED, verdict=V.INCONCLUSIVE, decision=decision, reason="CANCELLED")

    async def _script(self, name: str, context: Any) -> Script:
        script = self.scripts.get(name.removeprefix("verifications/"))
        if script is None:
            await context.abort(grpc.StatusCode.NOT_FOUND, f"name: there is no verification {name!r}")
        assert script is not None
        return script


@asynccontextmanager
async def served(server: ScriptedServer, port: int = 0) -> AsyncIterator[str]:
    """The address of a server that lives as long as this block."""
    running = grpc.aio.server()
    add_VerificationServiceServicer_to_server(server, running)  # type: ignore[no-untyped-call]
    bound = running.add_insecure_port(f"127.0.0.1:{port}")
    await running.start()
    try:
        yield f"127.0.0.1:{bound}"
    finally:
        await running.stop(None)


async def refuse(context: Any, field: str, text: str) -> None:
    """INVALID_ARGUMENT as the real server gives it."""
    info = error_details_pb2.ErrorInfo(reason="INVALID_REQUEST", domain="logverdict")
    bad = error_details_pb2.BadRequest()
    bad.field_violations.add(field=field, description=text)
    status = status_pb2.Status(code=grpc.StatusCode.INVALID_ARGUMENT.value[0], message=f"{field}: {text}")
    for detail in (info, bad):
        packed = AnyMessage()
        packed.Pack(detail)
        status.details.append(packed)
    await context.abort_with_status(rpc_status.to_status(status))


def verification(service: str = "checkout", **fields: Any) -> pb.Verification:
    """A verification of version 1.1 in prod, with these fields."""
    made = pb.Verification(name=f"verifications/{service}", looks=3, looks_planned=10, revision=1, **fields)
    made.deployment.service, made.deployment.environment, made.deployment.version = service, "prod", "1.1"
    made.enforced_decision = made.enforced_decision or made.decision
    made.policy.on_error, made.policy.mode = policy_pb2.STOP, made.policy.mode or policy_pb2.ENFORCE
    return made


def revision(number: int, known: pb.Verification, *events: event_pb2.Event) -> pb.WatchVerificationResponse.Revision:
    result = pb.WatchVerificationResponse.Revision(number=number, changed_events=events)
    result.verification.CopyFrom(known)
    result.verification.revision = number
    return result


def event(id: str, template: str, **fields: Any) -> event_pb2.Event:
    """A new error that fails the deployment, unless `fields` say otherwise."""
    usual = {"kind": event_pb2.Event.UNKNOWN, "impact": event_pb2.Event.FAIL, "severity": 4, "seen": 41, "weight": 9}
    return event_pb2.Event(id=id, template=template, **{**usual, **fields})


def failing(service: str = "checkout") -> Script:
    """Provisional PASS, provisional FAIL, FAIL with two events."""
    bad = event("a1", "EncryptionError: no key for tenant <id>")
    often = event(
        "b2", "retrying in <num> ms", kind=3, impact=2, direction=1, expected=4.0, seen=40, ratio=10, weight=5
    )
    return Script(
        [
            revision(1, verification(service, state=RUNNING, verdict=V.PASS, sentence="Nothing departs so far.")),
            revision(2, verification(service, state=RUNNING, verdict=V.FAIL, sentence="1 new error."), bad),
            revision(
                3,
                verification(
                    service, state=DONE, verdict=V.FAIL, decision=policy_pb2.STOP, reason="NEW_ERRORS", score=12,
                    sentence="1 new error, and 1 message 10 × as often.",
                ),
                often,
            ),
        ],
        events=[bad, often],
    )  # fmt: skip


def passing(service: str = "payments") -> Script:
    good = verification(
        service, state=DONE, verdict=V.PASS, decision=policy_pb2.PROCEED, reason="NO_ANOMALY", score=100,
        sentence="Nothing departs from the baseline.",
    )  # fmt: skip
    return Script([revision(1, verification(service, state=RUNNING)), revision(2, good)])


def endless(service: str = "payments") -> Script:
    """Provisional FAIL, then nothing for ever."""
    known = verification(service, state=RUNNING, verdict=V.FAIL, sentence="1 new error.")
    return Script([revision(1, known)], stalls=True)
