"""Outcomes, overrides, pins and what was judged again, from and to the protocol."""

from typing import Any

from logverdict.domain.afterwards import Outcome, Override, Pin, RecordedOutcome
from logverdict.domain.errors import InvalidRequest
from logverdict.domain.verification import Verification
from logverdict.domain.words import Decision
from logverdict.rpc.convert_in_parts import read_policy
from logverdict.rpc.convert_out_parts import write_deployment, write_event
from logverdict.rpc.faults import Faults
from logverdict.rpc.limits import MAX_ANSWER
from logverdict.rpc.times import read_time, write_time
from logverdict.rpc.words import DECISION, OUTCOME, VERDICT
from logverdict.v1 import history_service_pb2 as history_pb
from logverdict.v1 import policy_pb2
from logverdict.v1 import verification_service_pb2 as pb
from logverdict.verify.outcomes import BatchItem, OutcomeWish
from logverdict.verify.whatif import Again, Policies


def read_policies(sent: policy_pb2.Policy) -> Policies:
    """What is given, by field name. Raises InvalidRequest, or InvalidFields with all faults."""
    faults = Faults()
    given = read_policy(sent, "", faults)
    faults.check()
    return given


def read_required(sent: int, field: str = "decision") -> Decision:
    word = DECISION.word(sent, field)
    if word is None:
        raise InvalidRequest(field, f"is required; allowed: {', '.join(Decision)}")
    return word


def read_outcome(sent: history_pb.RecordOutcomeRequest) -> OutcomeWish:
    outcome = OUTCOME.word(sent.outcome, "outcome")
    if outcome is None:
        raise InvalidRequest("outcome", f"is required; allowed: {', '.join(Outcome)}")
    texts = {
        name: getattr(sent, name) for name in ("verification", "service", "environment", "version", "link", "note")
    }
    return OutcomeWish(outcome, time=read_time(sent.time) if sent.HasField("time") else None, **texts)


def write_outcome(one: RecordedOutcome) -> history_pb.RecordedOutcome:
    return history_pb.RecordedOutcome(
        verification=f"verifications/{one.verification}",
        number=one.number,
        outcome=OUTCOME.number(one.outcome),
        link=one.link,
        note=one.note,
        author=one.author.name,
        author_verified=one.author.verified,
        time=write_time(one.time),
    )


def write_item(one: BatchItem) -> history_pb.BatchRecordOutcomesResponse.Item:
    recorded = write_outcome(one.recorded) if one.recorded else None
    return history_pb.BatchRecordOutcomesResponse.Item(recorded=recorded, fault=one.fault)


def write_override(one: Override) -> pb.Verification.Override:
    return pb.Verification.Override(
        decision=DECISION.number(one.decision),
        reason=one.reason,
        author=one.author.name,
        author_verified=one.author.verified,
        time=write_time(one.time),
        instead_of=DECISION.number(one.instead_of),
    )


def write_pin(one: Pin) -> pb.Pin:
    return pb.Pin(
        verification=f"verifications/{one.verification}",
        service=one.service,
        environment=one.environment,
        version=one.version,
        verdict=VERDICT.number(one.verdict),
        reason=one.reason,
        forced=one.forced,
        author=one.author.name,
        author_verified=one.author.verified,
        create_time=write_time(one.time),
    )


def write_again(one: Again, write: Any) -> pb.JudgeVerificationResponse:
    """`write` makes a message of a verification. With as many events, strongest first, as one message can carry."""
    record, judged = one.record, one.judged
    assert judged is not None and judged.judgement is not None and record.judgement is not None
    message = pb.JudgeVerificationResponse(
        verification=write(judged),
        verdict_of_record=VERDICT.number(record.judgement.verdict),
        decision_of_record=DECISION.number(_before(record)),
        judge_version_of_record=record.judgement.judge_version,
    )
    left = MAX_ANSWER - message.ByteSize()
    for event in map(write_event, judged.judgement.events):
        left -= event.ByteSize() + 8
        if left < 0:
            break
        message.events.append(event)
    return message


def write_what_if(one: Again) -> pb.JudgeVerificationsResponse:
    record, judged = one.record, one.judged
    message = pb.JudgeVerificationsResponse(
        verification=record.name,
        deployment=write_deployment(record.request.deployment),
        create_time=write_time(record.created),
        verdict=VERDICT.number(record.judgement.verdict if record.judgement else None),
        decision=DECISION.number(_before(record)),
        outcome=OUTCOME.number(record.outcome),
        fault=one.fault,
    )
    if judged is not None and judged.judgement is not None:
        message.verdict_with = VERDICT.number(judged.judgement.verdict)
        message.decision_with = DECISION.number(judged.decision)
        message.reason_with = judged.judgement.reason.value
        message.sentence_with = judged.judgement.sentence
    return message


def _before(record: Verification) -> Decision | None:
    """The judge's decision, before any override."""
    return record.override.instead_of if record.override else record.decision
