"""From a verification and its steps to the protocol."""

from logverdict.domain.result import Judgement
from logverdict.domain.verification import Progress, Revision, Verification
from logverdict.rpc.convert_out_coverage import write_coverage
from logverdict.rpc.convert_out_parts import (
    write_baseline,
    write_deployment,
    write_detectable,
    write_event,
    write_floor,
    write_policy,
    write_side,
    write_source,
    write_timing,
    write_window,
)
from logverdict.rpc.convert_past import write_override
from logverdict.rpc.limits import MAX_ANSWER
from logverdict.rpc.times import write_seconds
from logverdict.rpc.words import COMPARISON, DECISION, EVENT_KIND, OUTCOME, STATE, VERDICT
from logverdict.v1 import profile_pb2
from logverdict.v1 import verification_service_pb2 as pb
from logverdict.verify.watch import Step

INLINE = "inline"
"""The name of a profile that a request brought along."""


def write_verification(verification: Verification) -> pb.Verification:
    request, plan = verification.request, verification.plan
    message = pb.Verification(
        name=verification.name,
        deployment=write_deployment(request.deployment),
        comparison=COMPARISON.number(request.comparison),
        changed_instances=pb.ChangedInstances(
            version=request.changed.version, pattern=request.changed.pattern, names=request.changed.names
        ),
        baseline=write_baseline(request.baseline),
        candidate_window=write_window(plan.candidate),
        policy=write_policy(request.policy),
        timing=write_timing(request.timing),
        labels=dict(request.labels),
        baseline_windows=[write_window(window) for window in plan.baselines],
        looks_planned=len(plan.looks),
        notes=plan.notes,
        history=plan.history,
    )
    _write_profile(message, verification)
    _write_life(message, verification)
    if verification.judgement is not None:
        _write_judgement(message, verification.judgement)
    return message


def _write_profile(message: pb.Verification, verification: Verification) -> None:
    profile = verification.request.profile
    if profile.name == INLINE:
        sources = [write_source(source) for source in profile.sources]
        message.inline_profile.CopyFrom(profile_pb2.InlineProfile(sources=sources))
    else:
        message.profile = profile.name


def _write_life(message: pb.Verification, verification: Verification) -> None:
    message.state = STATE.number(verification.state)
    message.decision = DECISION.number(verification.decision)
    message.enforced_decision = DECISION.number(verification.enforced_decision)
    message.revision = verification.revision
    message.looks = verification.look
    message.error = verification.error
    message.coverage.extend(write_coverage(part, verification.plan) for part in verification.coverage)
    message.outcome = OUTCOME.number(verification.outcome)
    if verification.override is not None:
        message.override.CopyFrom(write_override(verification.override))
    message.concurrent.extend(
        pb.Verification.Concurrent(
            name=one.name, service=one.service, version=one.version, verdict=VERDICT.number(one.verdict)
        )
        for one in verification.concurrent
    )
    if verification.superseded_by:
        message.superseded_by = f"verifications/{verification.superseded_by.removeprefix('verifications/')}"
    times = {"create": verification.created, "update": verification.updated}
    times |= {"start": verification.started, "end": verification.ended}  # type: ignore[dict-item]
    for name, time in times.items():
        if time is not None:
            getattr(message, f"{name}_time").FromDatetime(time)


def _write_judgement(message: pb.Verification, judgement: Judgement) -> None:
    message.verdict = VERDICT.number(judgement.verdict)
    message.score = judgement.score
    message.reason = judgement.reason.value
    message.sentence = judgement.sentence
    message.comparison_used = COMPARISON.number(judgement.comparison)
    message.comparison_reason = judgement.comparison_reason
    message.baseline_side.CopyFrom(write_side(judgement.baseline))
    message.candidate_side.CopyFrom(write_side(judgement.candidate))
    message.notes.extend(judgement.notes)
    if judgement.floor is not None:
        message.floor.CopyFrom(write_floor(judgement.floor))
    if judgement.detectable is not None:
        message.detectable.CopyFrom(write_detectable(judgement.detectable))
    message.judge_version = judgement.judge_version
    message.mask_version = judgement.mask_version
    message.event_counts.extend(
        pb.EventCount(kind=EVENT_KIND.number(kind), count=count) for kind, count in judgement.event_counts
    )
    if (without := judgement.without_feedback) is not None:
        message.without_feedback.CopyFrom(
            pb.Verification.WithoutFeedback(
                verdict=VERDICT.number(without.verdict),
                reason=without.reason.value,
                sentence=without.sentence,
                score=without.score,
                feedback=[one.name for one in judgement.feedback],
            )
        )


def write_step(name: str, step: Step) -> pb.WatchVerificationResponse:
    match step:
        case Revision():
            return pb.WatchVerificationResponse(name=name, revision=_revision(step))
        case Progress():
            return pb.WatchVerificationResponse(name=name, progress=_progress(step))
        case None:
            return pb.WatchVerificationResponse(name=name, heartbeat=pb.WatchVerificationResponse.Heartbeat())


def _revision(step: Revision) -> pb.WatchVerificationResponse.Revision:
    """With as many of the changed events, strongest first, as one message can carry; the others are counted."""
    message = pb.WatchVerificationResponse.Revision(
        number=step.number, verification=write_verification(step.verification)
    )
    left = MAX_ANSWER - message.ByteSize()
    for event in map(write_event, step.changed):
        left -= event.ByteSize()
        if left < 0:
            break
        message.changed_events.append(event)
    message.more_changed_events = step.more_changed + len(step.changed) - len(message.changed_events)
    return message


def _progress(step: Progress) -> pb.WatchVerificationResponse.Progress:
    return pb.WatchVerificationResponse.Progress(
        step=step.step,
        share=step.share,
        remaining=write_seconds(step.remaining_seconds),
        entries_read=step.entries_read,
        coverage=[write_coverage(part) for part in step.coverage],
    )
