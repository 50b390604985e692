"""The use cases in memory: they keep and tell, but do no work of their own; a test moves a verification on."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from typing import Any

from fakes.verifications import a_plan, a_request, a_verification, at
from logverdict.domain.deployment import Deployment
from logverdict.domain.errors import AlreadyExists, FailedPrecondition, InvalidRequest, NotFound
from logverdict.domain.result import Event
from logverdict.domain.verification import Progress, Revision, SourceCall, Verification
from logverdict.domain.wanted import Wanted
from logverdict.domain.words import Decision, State


class MemoryVerifications:
    """`wanted` holds what came; `fault` is raised by the next call; `gate` holds back `create` until it is set, `begun`
    says that it was called."""

    def __init__(self, heartbeat: float = 15.0) -> None:
        self.wanted: list[Wanted] = []
        self.found: dict[str, Event] = {}
        self.called: list[SourceCall] = []
        self.fault: Exception | None = None
        self.gate = asyncio.Event()
        self.gate.set()
        self.begun = asyncio.Event()
        self.watching = 0
        self.heartbeat = heartbeat
        self._revisions: dict[str, list[Revision]] = {}
        self._progress: Progress | None = None
        self._changed = asyncio.Condition()

    async def create(self, wanted: Wanted) -> Verification:
        self._raise_fault()
        self.begun.set()
        await self.gate.wait()
        for earlier, name in zip(self.wanted, list(self._revisions), strict=True):
            if wanted.request_id and earlier.request_id == wanted.request_id:
                if earlier.fingerprint != wanted.fingerprint:
                    raise AlreadyExists(f"request_id {wanted.request_id!r} came with another body", name=name)
                return self._newest(name)
        self.wanted.append(wanted)
        return self.put(_made(f"v{len(self.wanted)}", wanted))

    async def get(self, name: str) -> Verification:
        self._raise_fault()
        return self._newest(name)

    async def list(self, filter: str, page_size: int, page_token: str) -> tuple[Sequence[Verification], str]:
        if filter:
            raise InvalidRequest("filter", f"unknown field {filter.split(maxsplit=1)[0]!r}; allowed: none here")
        return _page([self._newest(name) for name in reversed(self._revisions)], page_size, page_token)

    async def events(self, parent: str, filter: str, page_size: int, page_token: str) -> tuple[Sequence[Event], str]:
        self._newest(parent)
        return _page(list(self.found.values()), page_size, page_token)

    async def calls(self, parent: str, page_size: int, page_token: str) -> tuple[Sequence[SourceCall], str]:
        self._newest(parent)
        return _page(self.called, page_size, page_token)

    async def cancel(self, name: str, decision: Decision | None) -> Verification:
        if self._newest(name).state.ended:
            raise FailedPrecondition(f"{name} has ended already", name=name)
        return await self.move(name, state=State.CANCELLED, decision=decision or Decision.ASK)

    async def watch(self, name: str, after: int) -> AsyncIterator[Revision | Progress | None]:
        self._raise_fault()
        seen = after or self._newest(name).revision - 1
        progress = None
        self.watching += 1
        try:
            while True:
                for revision in self._revisions[name][seen:]:
                    seen = revision.number
                    yield revision
                if seen and self._revisions[name][seen - 1].verification.state.ended:
                    return
                if self._progress is not progress:
                    progress = self._progress
                    yield progress
                if not await self._wait(name, seen, progress):
                    yield None
        finally:
            self.watching -= 1

    def put(self, verification: Verification) -> Verification:
        """Keep it as its next revision."""
        revisions = self._revisions.setdefault(verification.name, [])
        stored = replace(verification, revision=len(revisions) + 1)
        judgement = stored.judgement
        without = replace(stored, judgement=judgement and replace(judgement, events=()))
        revisions.append(Revision(stored.revision, without, judgement.events if judgement else ()))
        return stored

    async def move(self, name: str, **changes: Any) -> Verification:
        """Store the next revision and tell the watchers."""
        async with self._changed:
            stored = self.put(replace(self._newest(name), **changes))
            self._changed.notify_all()
        return stored

    async def tell(self, progress: Progress) -> None:
        async with self._changed:
            self._progress = progress
            self._changed.notify_all()

    async def _wait(self, name: str, seen: int, progress: Progress | None) -> bool:
        def changed() -> bool:
            return len(self._revisions[name]) > seen or self._progress is not progress

        try:
            async with asyncio.timeout(self.heartbeat), self._changed:
                return await self._changed.wait_for(changed)
        except TimeoutError:
            return False

    def _newest(self, name: str) -> Verification:
        if name not in self._revisions:
            raise NotFound(f"there is no {name}", name=name)
        return self._revisions[name][-1].verification

    def _raise_fault(self) -> None:
        fault, self.fault = self.fault, None
        if fault is not None:
            raise fault


def _made(verification_id: str, wanted: Wanted) -> Verification:
    deployment = Deployment(
        wanted.service,
        wanted.environment,
        wanted.version,
        wanted.rollout_start or at(0),
        wanted.rollout_end,
        wanted.kind,
        wanted.traffic_share,
        wanted.commit,
    )
    request = a_request(deployment=deployment, labels=wanted.labels, request_id=wanted.request_id)
    return a_verification(id=verification_id, request=request, plan=a_plan())


def _page(values: Sequence[Any], size: int, token: str) -> tuple[Sequence[Any], str]:
    if token and not token.isdigit():
        raise InvalidRequest("page_token", f"{token!r} is not from a page before")
    start = int(token or 0)
    end = start + size
    return values[start:end], str(end) if end < len(values) else ""
