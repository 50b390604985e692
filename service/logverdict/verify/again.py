"""A stored verification judged again, with the feedback that stands now; no source is read."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace

from logverdict.domain.coverage import add_instances
from logverdict.domain.errors import FailedPrecondition
from logverdict.domain.verification import Slice, SourceCoverage, Verification
from logverdict.domain.window import Window
from logverdict.domain.words import Reason
from logverdict.verify.coverage import exposed
from logverdict.verify.engine_ports import Judged, JudgeTask, WindowCounts
from logverdict.verify.gate import gate
from logverdict.verify.history import past, pinned
from logverdict.verify.keyed import same_key
from logverdict.verify.means import Means
from logverdict.verify.plan import baseline_slices, candidate_slices
from logverdict.verify.ports import StoredSlice
from logverdict.verify.standing import standing


async def judge_with_feedback(verification: Verification, means: Means) -> Judged:
    """The judgement of its last look with the feedback that stands now. What is stored stays as it is.

    Raises FailedPrecondition with a reason: NOT_JUDGED, COUNTS_DELETED (for their age), MASK_CHANGED (by an
    upgrade of the key; by another mask table it is masked anew).
    """
    judgement, plan, request = verification.judgement, verification.plan, verification.request
    stored = {piece.key: piece for piece in await means.store.slices(verification.id)}
    if judgement is None or not verification.look:
        raise _refused(verification, "it came to no look", "NOT_JUDGED")
    if not stored:
        raise _refused(verification, "its counts were deleted for their age", "COUNTS_DELETED")
    if not same_key(verification):
        raise _refused(verification, "it was counted by other rules", Reason.MASK_CHANGED)
    upto = min(plan.looks[verification.look - 1], verification.closes_at or plan.candidate.end)
    pieces = list(baseline_slices(request, plan))
    baselines = [
        _counts(verification, [one for one in pieces if one.window == f"baseline-{place}"], window, stored)
        for place, window in enumerate(plan.baselines)
    ]
    baselines[:1] = [replace(one, evidence=_evidence(verification.coverage, "baseline")) for one in baselines[:1]]
    mine = list(candidate_slices(request, plan, upto))
    if _some_deleted(verification, [*pieces, *mine], stored):
        raise _refused(verification, "some of its counts were deleted for their age", "COUNTS_DELETED")
    candidate = _counts(verification, mine, Window(plan.candidate.start, upto), stored)
    task = JudgeTask(
        request=request,
        candidate=replace(candidate, evidence=_evidence(verification.coverage, "candidate")),
        baselines=(*baselines, *await pinned(means.store, plan.verifications)),
        look=verification.look,
        looks=len(plan.looks),
        history=await past(means.store, plan.history),
        feedback=await standing(request, means),
    )
    judged = await means.analyst.judge(task)
    return replace(judged, judgement=gate(judged.judgement, verification.coverage, request.policy))


def _refused(verification: Verification, why: str, reason: str) -> FailedPrecondition:
    return FailedPrecondition(f"{verification.name} can't be judged again: {why}", reason=reason)


def _some_deleted(verification: Verification, due: Iterable[Slice], stored: dict[str, StoredSlice]) -> bool:
    """Retention works in steps: of what was once read completely nothing may be missing. Where a newer deployment
    closed the window, its last slice may never have been read."""
    whole = {(part.source, part.side) for part in verification.coverage if part.share == 1}
    return verification.closes_at is None and any(
        piece.key not in stored and (piece.source.name, piece.window.partition("-")[0]) in whole for piece in due
    )


def _counts(
    verification: Verification, pieces: Sequence[Slice], window: Window, stored: dict[str, StoredSlice]
) -> WindowCounts:
    found = [stored[piece.key] for piece in pieces if piece.key in stored]
    bins = max(1, math.ceil(window.seconds / verification.plan.bin_seconds))
    share = exposed(found) * len(found) / max(1, len(pieces))
    return WindowCounts(tuple(one.counts for one in found if one.counts is not None), window.seconds * share, bins)


def _evidence(parts: Iterable[SourceCoverage], side: str) -> tuple[tuple[str, int], ...] | None:
    """By instance, as it was counted then; None where there was no such query."""
    rows = add_instances(row for part in parts if part.side == side for row in part.coverage.instances)
    return tuple((row.instance, row.evidence) for row in rows if row.evidence is not None) or None
