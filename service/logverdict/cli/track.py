"""What a call knows of one verification, and how it stays with it through lost connections."""

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Literal

import grpc

from logverdict.cli import words
from logverdict.cli.client import Client, Silence
from logverdict.cli.faults import PASSING, brief
from logverdict.cli.request import Wish, stamp
from logverdict.v1 import event_pb2
from logverdict.v1 import verification_service_pb2 as pb

What = Literal["created", "revision", "progress", "link"]
Tell = Callable[["Track", What], None]

LOST = PASSING | {
    grpc.StatusCode.UNKNOWN,
    grpc.StatusCode.INTERNAL,
    grpc.StatusCode.ABORTED,
}
"""Ends of a stream after which watching again may help: the work is stored and goes on."""
FIRST_PAUSE, LONGEST_PAUSE = 0.2, 5.0
LATE = timedelta(seconds=5)
CLOSED = "the server closed the stream"


@dataclass
class Track:
    """One verification as this call sees it. `trouble` says what the connection suffers from, "" when it is fine."""

    wish: Wish | None = None
    name: str = ""
    revision: int = 0
    verification: pb.Verification | None = None
    last: pb.WatchVerificationResponse.Revision | None = None
    progress: pb.WatchVerificationResponse.Progress | None = None
    events: dict[str, event_pb2.Event] = field(default_factory=dict)
    trouble: str = ""
    notes: list[str] = field(default_factory=list)

    @property
    def label(self) -> str:
        if self.wish:
            return self.wish.label
        if self.verification:
            return f"{self.verification.deployment.service} {self.verification.deployment.version}"
        return self.name

    @property
    def ended(self) -> bool:
        return self.verification is not None and words.ended(self.verification)

    def take(self, step: pb.WatchVerificationResponse) -> What | None:
        """Puts a step in its place; a revision that is here already changes nothing."""
        if step.HasField("progress"):
            self.progress = step.progress
            return "progress"
        if not step.HasField("revision") or step.revision.number <= self.revision:
            return None
        self.last, self.revision = step.revision, step.revision.number
        self.verification = step.revision.verification
        self.events.update((event.id, event) for event in step.revision.changed_events)
        return "revision"


class Follower:
    """Stays with one verification to its end. `begun` is the call's time, which an early outage must not shift."""

    def __init__(
        self, client: Client, tell: Tell, begun: datetime, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._client = client
        self._tell = tell
        self._begun = begun
        self._now = now
        self._failures = 0

    async def follow(self, track: Track) -> None:
        """Returns at the end. Raises grpc's error when trying again cannot help."""
        while not track.name:
            try:
                created = await self._create(track)
            except grpc.aio.AioRpcError as error:
                await self._pause(track, error, PASSING)
            else:
                track.name, track.verification = created.name, created
                self._well(track)
                self._tell(track, "created")
        while not track.ended:
            try:
                await self._watch(track)
            except grpc.aio.AioRpcError as error:
                await self._pause(track, error, LOST)
            except Silence:
                await self._wait(track, "nothing was heard from the server")

    async def _watch(self, track: Track) -> None:
        async for step in self._client.watch(track.name, track.revision):
            self._well(track)
            if what := track.take(step):
                self._tell(track, what)
            if track.ended:
                return
        # Nothing new, or a server that stops in order: ask once, which tells the two apart.
        track.verification = await self._client.get(track.name)
        if not track.ended:
            await self._wait(track, CLOSED)

    async def _create(self, track: Track) -> pb.Verification:
        assert track.wish is not None
        request = self._as_of_now(track, track.wish.request)
        try:
            return await self._client.create(request)
        except grpc.aio.AioRpcError as error:
            # An earlier try, or an earlier call of this CI attempt, was stored before the outage.
            if error.code() is not grpc.StatusCode.ALREADY_EXISTS or request is track.wish.request:
                raise
            return await self._client.create(track.wish.request)

    def _as_of_now(self, track: Track, request: pb.CreateVerificationRequest) -> pb.CreateVerificationRequest:
        """The request; after an outage with the rollout's start written out, which would be the server's "now"."""
        if self._now() - self._begun < LATE or request.verification.deployment.HasField("rollout_start_time"):
            return request
        late = pb.CreateVerificationRequest()
        late.CopyFrom(request)
        late.verification.deployment.rollout_start_time.CopyFrom(stamp(self._begun))
        return late

    def _well(self, track: Track) -> None:
        self._failures = 0
        if track.trouble:
            track.trouble = ""
            self._tell(track, "link")

    async def _pause(self, track: Track, error: grpc.aio.AioRpcError, passing: set[grpc.StatusCode]) -> None:
        if error.code() not in passing:
            raise error
        await self._wait(track, f"{error.code().name}: {brief(error)}")

    async def _wait(self, track: Track, why: str) -> None:
        """Full jitter, so that a fleet of pipelines does not come back in step."""
        self._failures += 1
        if self._failures > 1 or why != CLOSED:
            track.trouble = why
            self._tell(track, "link")
        await asyncio.sleep(random.uniform(0.1, 1) * min(LONGEST_PAUSE, FIRST_PAUSE * 2**self._failures))
