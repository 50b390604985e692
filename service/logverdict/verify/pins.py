"""Good verifications that serve as the baseline of their service and environment."""

from collections.abc import Sequence
from dataclasses import replace

from logverdict.domain.afterwards import Pin
from logverdict.domain.errors import FailedPrecondition, InvalidRequest
from logverdict.domain.feedback import Author
from logverdict.domain.verification import Request
from logverdict.verify.history import judged_counts
from logverdict.verify.history_ports import PastStore
from logverdict.verify.history_ports import Pins as Pinned
from logverdict.verify.keyed import same_key
from logverdict.verify.names import verification_id
from logverdict.verify.ports import Clock, Store


class NoPins:
    """Nothing is pinned."""

    async def pins(self, service: str, environment: str) -> Sequence[Pin]:
        return ()


class Pins:
    def __init__(self, store: Store, past: PastStore, clock: Clock) -> None:
        self._store = store
        self._past = past
        self._clock = clock

    async def pin(self, name: str, reason: str, force: bool, author: Author) -> Pin:
        """Raises NotFound, InvalidRequest (not PASS or of bad outcome, and not forced with a reason), LimitReached, and
        FailedPrecondition for one that runs or whose counts were deleted."""
        found = await self._store.get(verification_id(name))
        if not found.state.ended:
            raise FailedPrecondition(f"{name} has not ended; what is pinned does not change", reason="NOT_ENDED")
        counts = await judged_counts(self._store, found)
        if counts is None or not counts.slices:
            raise FailedPrecondition(f"the counts of {name} were deleted for their age", reason="COUNTS_DELETED")
        if found.outcome is not None and found.outcome.bad and not force:
            raise InvalidRequest("force", f"{name} has outcome {found.outcome}; that is not pinned without force")
        deployment = found.request.deployment
        made = Pin(
            found.id,
            deployment.service,
            deployment.environment,
            deployment.version,
            found.judgement.verdict if found.judgement else None,
            author,
            self._clock.now(),
            reason.strip(),
            force,
        )
        await self._past.pin(made)
        return made

    async def unpin(self, name: str) -> None:
        await self._past.unpin(verification_id(name))

    async def pins(self, service: str, environment: str) -> Sequence[Pin]:
        return await self._past.pins(service, environment)


async def with_pins(pinned: Pinned, store: Store, request: Request) -> tuple[Request, tuple[str, ...]]:
    """The request with what is pinned now as its baseline, where it asks for that, and what there is to note.

    Raises FailedPrecondition where nothing is pinned, or nothing that can be compared with.
    """
    if not request.baseline.pinned:
        return request, ()
    deployment = request.deployment
    place = f"{deployment.service} in {deployment.environment}"
    pins = await pinned.pins(deployment.service, deployment.environment)
    if not pins:
        raise FailedPrecondition(
            f"the baseline is to be what is pinned, and nothing is pinned for {place}; pin a good verification",
            reason="NOTHING_PINNED",
        )
    found = [await store.get(pin.verification) for pin in pins]
    usable = [one.name for one in found if same_key(one)]
    if not usable:
        raise FailedPrecondition(
            f"all that is pinned for {place} was keyed by other rules; pin a newer verification",
            reason="MASK_CHANGED",
        )
    notes = tuple(
        f"MASK_CHANGED: the pinned {one.name} was counted by other rules, and is left out"
        for one in found
        if one.name not in usable
    )
    named = tuple(dict.fromkeys((*request.baseline.verifications, *usable)))
    return replace(request, baseline=replace(request.baseline, verifications=named)), notes
