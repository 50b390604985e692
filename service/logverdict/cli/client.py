"""The calls that commands make."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Any

import grpc

from logverdict.v1 import event_pb2
from logverdict.v1 import profile_service_pb2 as profile_pb
from logverdict.v1 import recording_service_pb2 as recording_pb
from logverdict.v1 import verification_service_pb2 as pb
from logverdict.v1.feedback_service_pb2_grpc import FeedbackServiceStub
from logverdict.v1.profile_service_pb2_grpc import ProfileServiceStub
from logverdict.v1.recording_service_pb2_grpc import RecordingServiceStub
from logverdict.v1.verification_service_pb2_grpc import VerificationServiceStub

ANSWER_SECONDS = 20.0
"""How long one call may take that should be answered at once."""
SILENCE_SECONDS = 50.0
"""Three missed heartbeats: the stream is dead, though nobody said so."""
TESTING_SECONDS = 150.0
"""How long sources may take to be tested."""
READING_SECONDS = 900.0
"""How long a source may take until entries of a recording come."""
PAGE = 200


class Silence(Exception):
    """A stream gave nothing, not even heartbeats."""


class Client:
    def __init__(self, channel: grpc.aio.Channel, server: str, silence: float = SILENCE_SECONDS) -> None:
        self.server = server
        self.channel = channel
        self._silence = silence
        self._stub = VerificationServiceStub(channel)
        self._recordings = RecordingServiceStub(channel)
        self._profiles = ProfileServiceStub(channel)
        self.feedback = FeedbackServiceStub(channel)

    async def create(self, request: pb.CreateVerificationRequest) -> pb.Verification:
        return await self._stub.CreateVerification(request, timeout=ANSWER_SECONDS)

    async def get(self, name: str) -> pb.Verification:
        return await self._stub.GetVerification(pb.GetVerificationRequest(name=name), timeout=ANSWER_SECONDS)

    async def cancel(self, name: str, decision: int = 0) -> pb.Verification:
        request = pb.CancelVerificationRequest(name=name, decision=decision)  # type: ignore[arg-type]
        return await self._stub.CancelVerification(request, timeout=ANSWER_SECONDS)

    async def watch(self, name: str, after: int) -> AsyncIterator[pb.WatchVerificationResponse]:
        """The stream's steps after that revision. Raises Silence, or grpc's error."""
        call = self._stub.WatchVerification(pb.WatchVerificationRequest(name=name, after_revision=after))
        async with aclosing(_steps(call, self._silence)) as steps:
            async for step in steps:
                yield step

    async def record(self, wanted: pb.Verification) -> AsyncIterator[recording_pb.RecordCaseResponse]:
        """What the windows of that past deployment hold. Raises as `watch`."""
        call = self._recordings.RecordCase(recording_pb.RecordCaseRequest(verification=wanted))
        async with aclosing(_steps(call, READING_SECONDS)) as steps:
            async for step in steps:
                yield step

    async def test(self, request: profile_pb.TestSourceRequest) -> profile_pb.TestSourceResponse:
        return await self._profiles.TestSource(request, timeout=TESTING_SECONDS)

    async def draft(self, request: profile_pb.DraftProfileRequest) -> profile_pb.DraftProfileResponse:
        return await self._profiles.DraftProfile(request, timeout=TESTING_SECONDS)

    async def verifications(self, filter: str, limit: int) -> list[pb.Verification]:
        """The newest ones, at most `limit`."""
        found: list[pb.Verification] = []
        token = ""
        while len(found) < limit:
            request = pb.ListVerificationsRequest(
                page_size=min(PAGE, limit - len(found)), page_token=token, filter=filter
            )
            answer = await self._stub.ListVerifications(request, timeout=ANSWER_SECONDS)
            found += answer.verifications
            token = answer.next_page_token
            if not token:
                break
        return found[:limit]

    async def calls(self, name: str, page_size: int = PAGE) -> AsyncIterator[list[pb.SourceCall]]:
        """Pages of what sources were asked, oldest first."""
        token = ""
        while True:
            request = pb.ListSourceCallsRequest(parent=name, page_size=page_size, page_token=token)
            answer = await self._stub.ListSourceCalls(request, timeout=ANSWER_SECONDS)
            yield list(answer.calls)
            token = answer.next_page_token
            if not token:
                return

    async def events(self, name: str, filter: str = "", page_size: int = PAGE) -> AsyncIterator[list[event_pb2.Event]]:
        """Pages of events, strongest first."""
        token = ""
        while True:
            request = pb.ListEventsRequest(parent=name, page_size=page_size, page_token=token, filter=filter)
            answer = await self._stub.ListEvents(request, timeout=ANSWER_SECONDS)
            yield list(answer.events)
            token = answer.next_page_token
            if not token:
                return


async def _steps(call: Any, silence: float) -> AsyncGenerator[Any, None]:
    """Until the stream's end; who stops reading ends the call."""
    try:
        while True:
            try:
                async with asyncio.timeout(silence):
                    step: Any = await call.read()
            except TimeoutError:
                raise Silence from None
            if step is grpc.aio.EOF:
                return
            yield step
    finally:
        call.cancel()
