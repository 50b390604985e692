"""Stored verifications under another policy: one, or a whole month of them. What is stored stays as it is."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace

from logverdict.domain.errors import FailedPrecondition, InvalidRequest, NotFound
from logverdict.domain.verification import Verification
from logverdict.verify.again import judge_with_feedback
from logverdict.verify.gate import closed
from logverdict.verify.means import Means
from logverdict.verify.names import verification_id
from logverdict.verify.request import override

MOST, USUAL, PAGE = 10_000, 1_000, 100
Policies = Mapping[str, object]
"""Fields of Policy → values, put over what a verification had."""


@dataclass(frozen=True, slots=True)
class Again:
    """`record` is what is stored, `judged` as it would be, with all events; None where it can't be judged again, for a
    `fault`: COUNTS_DELETED, MASK_CHANGED, NOT_JUDGED."""

    record: Verification
    judged: Verification | None
    fault: str = ""


class WhatIf:
    """One after the other, in a worker: verifications that run come first."""

    def __init__(self, means: Means) -> None:
        self._means = means

    async def judge(self, name: str, policy: Policies) -> Again:
        """Raises NotFound, InvalidRequest (policy), FailedPrecondition as `judge_with_feedback`."""
        record = await self._means.store.get(verification_id(name))
        return Again(record, await self._judged(record, policy))

    async def judge_many(self, filter: str, policy: Policies, limit: int) -> AsyncIterator[Again]:
        """The newest that have ended, newest first. Raises InvalidRequest (filter, policy, limit)."""
        if not 0 <= limit <= MOST:
            raise InvalidRequest("limit", f"{limit} are asked for; allowed: 1 to {MOST:,}, or 0 for {USUAL:,}")
        token, left = "", limit or USUAL
        while left:
            page, token = await self._means.store.list(filter, token, min(PAGE, left))
            for record in (one for one in page if one.state.ended):
                if (again := await self._tried(record, policy)) is not None:
                    yield again
            left -= len(page)
            if not token:
                return

    async def _tried(self, record: Verification, policy: Policies) -> Again | None:
        """None for one that was deleted meanwhile."""
        try:
            return Again(record, await self._judged(record, policy))
        except FailedPrecondition as fault:
            return Again(record, None, fault.reason)
        except NotFound:
            return None

    async def _judged(self, record: Verification, policy: Policies) -> Verification:
        wished = _under(record, policy)
        judged = await judge_with_feedback(wished, self._means)
        judgement = closed(judged.judgement, wished)
        if wished.look < len(wished.plan.looks) and record.state.ended:
            note = f"judged at look {wished.look} of {len(wished.plan.looks)}, where it ended: nothing was read beyond"
            judgement = replace(judgement, notes=(*judgement.notes, note))
        now, ended = wished.request.policy, record.state.ended  # what runs has no decision yet
        return replace(
            wished,
            judgement=judgement,
            decision=now.decide(judgement.verdict) if ended else None,
            enforced_decision=now.enforced(judgement.verdict) if ended else None,
            override=None,
        )


def _under(record: Verification, given: Policies) -> Verification:
    request = record.request
    policy = override(request.policy, given, "policy")
    profile = replace(request.profile, policy=policy)
    plan = replace(record.plan, history=record.plan.history[: policy.history])
    return replace(record, request=replace(request, profile=profile), plan=plan)
