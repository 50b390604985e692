"""A stored verification judged again, with the feedback that stands now; no source is read."""

from dataclasses import replace

from logverdict.domain.errors import FailedPrecondition
from logverdict.domain.verification import Verification
from logverdict.domain.words import Reason
from logverdict.verify.engine_ports import Judged, JudgeTask, WindowCounts
from logverdict.verify.gate import gate
from logverdict.verify.history import past, pinned
from logverdict.verify.keyed import same_key
from logverdict.verify.means import Means
from logverdict.verify.plan import baseline_slices
from logverdict.verify.standing import standing
from logverdict.verify.window_counts import (
    Stored,
    candidate_counts,
    candidate_pieces,
    evidence_of,
    some_deleted,
    window_counts,
)


async def judge_with_feedback(verification: Verification, means: Means) -> Judged:
    """The judgement of its last look with the feedback that stands now. What is stored stays as it is.

    Raises FailedPrecondition with a reason: NOT_JUDGED, COUNTS_DELETED (for their age, its own or those of a baseline
    that it names), MASK_CHANGED (by an upgrade of the key; by another mask table it is masked anew).
    """
    judgement, plan, request = verification.judgement, verification.plan, verification.request
    stored = {piece.key: piece for piece in await means.store.slices(verification.id)}
    if judgement is None or not verification.look:
        raise _refused(verification, "it came to no look", "NOT_JUDGED")
    if not stored:
        raise _refused(verification, "its counts were deleted for their age", "COUNTS_DELETED")
    if not same_key(verification):
        raise _refused(verification, "it was counted by other rules", Reason.MASK_CHANGED)
    if some_deleted(verification, [*baseline_slices(request, plan), *candidate_pieces(verification)], stored):
        raise _refused(verification, "some of its counts were deleted for their age", "COUNTS_DELETED")
    try:
        named = await pinned(means.store, plan.verifications)
    except FailedPrecondition as fault:
        raise _refused(verification, fault.message, fault.reason) from None
    task = JudgeTask(
        request=request,
        candidate=candidate_counts(verification, stored),
        baselines=(*_baselines(verification, stored), *named),
        look=verification.look,
        looks=len(plan.looks),
        history=await past(means.store, plan.history),
        feedback=await standing(request, means),
    )
    judged = await means.analyst.judge(task)
    return replace(judged, judgement=gate(judged.judgement, verification.coverage, request.policy))


def _refused(verification: Verification, why: str, reason: str) -> FailedPrecondition:
    return FailedPrecondition(f"{verification.name} can't be judged again: {why}", reason=reason)


def _baselines(verification: Verification, stored: Stored) -> list[WindowCounts]:
    """Of its windows. What evidence they had is kept as one sum, which is told with the first."""
    plan, pieces = verification.plan, list(baseline_slices(verification.request, verification.plan))
    found = [
        window_counts([one for one in pieces if one.window == f"baseline-{place}"], stored, window, plan)
        for place, window in enumerate(plan.baselines)
    ]
    return [replace(one, evidence=evidence_of(verification.coverage, "baseline")) for one in found[:1]] + found[1:]
