"""Columns that filters and statistics read, so that they need no document."""

from datetime import UTC

from logverdict.domain.verification import Verification


def facts(verification: Verification) -> dict[str, object]:
    """Texts are "" where there is nothing."""
    policy, judgement, override = verification.request.policy, verification.judgement, verification.override
    without = judgement.without_feedback if judgement else None
    enforced = verification.enforced_decision
    return {
        "day": f"{verification.created.astimezone(UTC):%Y-%m-%d}",
        "mode": policy.mode.value,
        "sensitivity": policy.sensitivity.value,
        "enforced_decision": enforced.value if enforced else "",
        "overridden": override.decision.value if override else "",
        "without_verdict": without.verdict.value if without else "",
        "window_permille": _permille(verification),
    }


def _permille(verification: Verification) -> int | None:
    """How much of the window was used when it ended; None before, and where there was no look."""
    plan, look = verification.plan, verification.look
    if not verification.state.ended or not 0 < look <= len(plan.looks):
        return None
    return round(1000 * ((plan.looks[look - 1] - plan.candidate.start) / plan.candidate.length))
