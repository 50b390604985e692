"""Going on with a verification: what is stored of it, and whether the work can go on here."""

from dataclasses import replace

from logverdict.domain.errors import FailedPrecondition
from logverdict.domain.result import Event
from logverdict.domain.verification import Verification
from logverdict.verify.leases import Lease
from logverdict.verify.means import Means
from logverdict.verify.ports import Store

TAKEOVERS = 10
"""So often a verification is taken over without anything coming of it; then it is taken to be what kills replicas."""
PAGE = 1000


async def stored_whole(store: Store, verification_id: str) -> Verification:
    """The stored state with its events, which the store keeps apart. Raises as `Store.get`."""
    verification = await store.get(verification_id)
    if verification.judgement is None:
        return verification
    events: list[Event] = []
    token = ""
    while True:
        page, token = await store.events(verification_id, "", token, PAGE)
        events += page
        if not token:
            return replace(verification, judgement=replace(verification.judgement, events=tuple(events)))


def check_resumable(verification: Verification, lease: Lease, means: Means) -> None:
    """Raises FailedPrecondition, with a reason that a person can act on, for what can't be worked on here."""
    if lease.takeovers > TAKEOVERS:
        raise FailedPrecondition(
            f"{lease.takeovers} replicas took it over, and nothing came of it: they may have died of it",
            reason="ABANDONED",
        )
    for spec in verification.request.profile.sources:
        if spec.connection not in means.sources:
            raise FailedPrecondition(
                f"source {spec.name!r} needs the connection {spec.connection!r}, which is not in the settings any more",
                reason="CONNECTION_GONE",
            )
