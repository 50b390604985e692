"""Which deployments of an environment ran at the same time."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Protocol

from logverdict.domain.nearby import Nearby
from logverdict.domain.verification import Verification

MOST = 20
"""That are named."""


class Neighbourhood(Protocol):
    async def nearby(self, verification: Verification) -> Sequence[Nearby]:
        """Deployments of any service to its environment that ran while it did, newest rollout first, at most MOST."""
        ...


def span(verification: Verification) -> tuple[datetime, datetime]:
    """From the rollout's start to the end of what is judged."""
    end = verification.plan.candidate.end
    return verification.request.deployment.rollout_start, min(end, verification.closes_at or end)


def beside(verification: Verification, others: Iterable[Verification]) -> Iterator[Nearby]:
    """Those whose spans overlap. Other verifications of the same deployment are no other deployment."""
    mine, (start, end) = verification.request.deployment, span(verification)
    for other in others:
        theirs, (began, ended) = other.request.deployment, span(other)
        same = (theirs.service, theirs.version, began) == (mine.service, mine.version, start)
        if other.id != verification.id and not same and began < end and start < ended:
            verdict = other.judgement.verdict if other.judgement else None
            yield Nearby(other.name, theirs.service, theirs.version, verdict)
