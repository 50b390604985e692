"""What stands between the engine's judgement and the verdict: coverage, closed windows, work that did not come off."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from logverdict.domain.coverage import uncounted
from logverdict.domain.feedback import WithoutFeedback
from logverdict.domain.policy import Policy
from logverdict.domain.result import Judgement, Side
from logverdict.domain.verification import SourceCoverage, Verification
from logverdict.domain.words import Reason, Verdict
from logverdict.verify.presence import UNLIKELY

TOO_LITTLE = (Reason.CANDIDATE_TOO_SMALL, Reason.NO_CHANGED_INSTANCES)
TOO_SMALL = {Reason.BASELINE_TOO_SMALL: False, Reason.CANDIDATE_TOO_SMALL: True}
"""Of which side there is too little: of the candidate?"""
UNKNOWN: dict[str, Any] = {"verdict": Verdict.INCONCLUSIVE, "score": 0, "reason": Reason.COVERAGE_TOO_LOW}
"""No verdict, and so no score, whatever the part that was read would give."""


def gate(judgement: Judgement, coverage: Sequence[SourceCoverage], policy: Policy) -> Judgement:
    """As `_gated`, the verdict without feedback too."""
    gated, without = _gated(judgement, coverage, policy), judgement.without_feedback
    if without is None:
        return gated
    grounds: dict[str, Any] = {name: getattr(without, name) for name in ("verdict", "reason", "score", "sentence")}
    other = _gated(replace(judgement, **grounds), coverage, policy)
    return replace(gated, without_feedback=WithoutFeedback(*(getattr(other, name) for name in grounds)))


def _gated(judgement: Judgement, coverage: Sequence[SourceCoverage], policy: Policy) -> Judgement:
    """Without evidence that the service logs, or below the policy's coverage, there is no verdict, whatever the part
    that was read says. Events stay."""
    if (dark := next((part for part in coverage if part.coverage.evidence == 0), None)) is not None:
        sentence = (
            f"The evidence query of source {dark.source!r} counts no entry in the {dark.side}: nothing shows that the "
            "service ran there, or that its entries may be read"
        )
        return replace(judgement, **UNKNOWN | {"reason": Reason.SOURCE_UNAVAILABLE}, sentence=sentence)
    poor = [part for part in coverage if part.share < policy.min_coverage]
    if not poor and judgement.reason in TOO_SMALL:
        return replace(judgement, sentence=" ".join((judgement.sentence, *_not_understood(judgement, coverage))))
    if not poor:
        return next((replace(judgement, **UNKNOWN, sentence=why) for why in _unlike(judgement, coverage)), judgement)
    worst = min(poor, key=lambda part: part.share)
    reason = Reason.SOURCE_UNAVAILABLE if worst.share == 0 else Reason.COVERAGE_TOO_LOW
    why = worst.coverage.faults[0] if worst.coverage.faults else "the source gave less than it has"
    sentence = (
        f"Only {worst.share:.0%} of the {worst.side} of source {worst.source!r} could be read "
        f"(needed: {policy.min_coverage:.0%}): {why}"
    )
    return replace(judgement, **UNKNOWN | {"reason": reason}, sentence=sentence)


def _not_understood(judgement: Judgement, coverage: Sequence[SourceCoverage]) -> Iterator[str]:
    """Why there is too little, where more was written that was not understood."""
    for part in coverage:
        covered, candidate = part.coverage, part.side == "candidate"
        if candidate is TOO_SMALL[judgement.reason] and covered.broken > covered.read and covered.faults:
            why = uncounted(covered.faults[0])
            yield f"{covered.broken:,} entries of source {part.source!r} could not be understood: {why}."


def _unlike(judgement: Judgement, coverage: Sequence[SourceCoverage]) -> Iterator[str]:
    """Why a verdict that lets the deployment go on can't be given: the candidate wrote entries that could not be
    understood, and many more of them than the baseline. They may be its errors."""
    if judgement.verdict not in (Verdict.PASS, Verdict.WARN):
        return
    before = {part.source: part.coverage for part in coverage if part.side != "candidate"}
    for part in (part for part in coverage if part.side == "candidate"):
        now, usual = part.coverage, 0.0
        if (then := before.get(part.source)) is not None and then.broken:
            usual = then.broken / (then.read + then.broken) * (now.read + now.broken)
        if now.broken > usual + UNLIKELY + 3 * math.sqrt(usual):
            why = uncounted(now.faults[0]) if now.faults else "counted as broken"
            yield (
                f"{now.broken:,} entries of the candidate of source {part.source!r} could not be understood, where "
                f"{usual:,.0f} are usual: what they say is not known ({why})"
            )


def inconclusive(verification: Verification, reason: Reason, sentence: str) -> Judgement:
    """No verdict for this reason, over the evidence that there was."""
    nothing = Side(0, 0, 0, 0.0)
    asked = verification.request.comparison
    empty = Judgement(Verdict.INCONCLUSIVE, 0, reason, sentence, asked, "nothing was compared", nothing, nothing)
    known = verification.judgement or empty
    return replace(known, **UNKNOWN | {"reason": reason}, sentence=sentence, without_feedback=None)


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
