"""What stands between the engine's judgement and the verdict: coverage, closed windows, work that did not come off."""

from collections.abc import Sequence
from dataclasses import replace

from logverdict.domain.policy import Policy
from logverdict.domain.result import Judgement, Side
from logverdict.domain.verification import SourceCoverage, Verification
from logverdict.domain.words import Reason, Verdict

TOO_LITTLE = (Reason.CANDIDATE_TOO_SMALL, Reason.NO_CHANGED_INSTANCES)


def gate(judgement: Judgement, coverage: Sequence[SourceCoverage], policy: Policy) -> Judgement:
    """Without evidence that the service logs, or below the policy's coverage, there is no verdict, whatever the part
    that was read says. Events stay."""
    if (dark := next((part for part in coverage if part.coverage.evidence == 0), None)) is not None:
        sentence = (
            f"The evidence query of source {dark.source!r} counts no entry in the {dark.side}: nothing shows that the "
            "service ran there, or that its entries may be read"
        )
        return replace(judgement, verdict=Verdict.INCONCLUSIVE, reason=Reason.SOURCE_UNAVAILABLE, sentence=sentence)
    poor = [part for part in coverage if part.share < policy.min_coverage]
    if not poor:
        return judgement
    worst = min(poor, key=lambda part: part.share)
    reason = Reason.SOURCE_UNAVAILABLE if worst.share == 0 else Reason.COVERAGE_TOO_LOW
    why = worst.coverage.faults[0] if worst.coverage.faults else "the source gave less than it has"
    sentence = (
        f"Only {worst.share:.0%} of the {worst.side} of source {worst.source!r} could be read "
        f"(needed: {policy.min_coverage:.0%}): {why}"
    )
    return replace(judgement, verdict=Verdict.INCONCLUSIVE, reason=reason, sentence=sentence)


def inconclusive(verification: Verification, reason: Reason, sentence: str) -> Judgement:
    """No verdict for this reason, over the evidence that there was."""
    nothing = Side(0, 0, 0, 0.0)
    asked = verification.request.comparison
    empty = Judgement(Verdict.INCONCLUSIVE, 0, reason, sentence, asked, "nothing was compared", nothing, nothing)
    return replace(verification.judgement or empty, verdict=Verdict.INCONCLUSIVE, reason=reason, sentence=sentence)


def superseded(verification: Verification) -> Judgement:
    by = verification.superseded_by
    return inconclusive(
        verification, Reason.SUPERSEDED, f"A newer deployment ({by}) came before there was anything to judge."
    )


def closed(judgement: Judgement, verification: Verification) -> Judgement:
    """Says that a newer deployment cut the window short; where that left too little, it is the reason."""
    if verification.closes_at is None:
        return judgement
    at, by = verification.closes_at.isoformat(), verification.superseded_by
    note = f"the window was closed at {at} by a newer deployment ({by})"
    noted = replace(judgement, notes=(*judgement.notes, note))
    if judgement.reason not in TOO_LITTLE:
        return noted
    return replace(noted, reason=Reason.SUPERSEDED, sentence=f"{judgement.sentence} Moreover, {note}.")
