"""HistoryService, and what VerificationService does after a verdict, through a real server over a real store."""

from collections.abc import AsyncIterator
from datetime import UTC
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.rpc import error_details_pb2
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_status import rpc_status

from fakes.past_server import past_server
from fakes.verifications import NOON, at
from logverdict.rpc.history_service import SERVICE
from logverdict.v1 import feedback_pb2, outcome_pb2, policy_pb2
from logverdict.v1 import history_service_pb2 as pb
from logverdict.v1 import verification_service_pb2 as verification_pb
from logverdict.v1.history_service_pb2_grpc import HistoryServiceStub
from logverdict.v1.verification_service_pb2_grpc import VerificationServiceStub

V = verification_pb.Verification


@pytest.fixture
async def channel(tmp_path: Path) -> AsyncIterator[Any]:
    async with past_server(tmp_path) as (address, _), grpc.aio.insecure_channel(address) as channel:
        yield channel


@pytest.fixture
def history(channel: Any) -> Any:
    return HistoryServiceStub(channel)


@pytest.fixture
def verifications(channel: Any) -> Any:
    return VerificationServiceStub(channel)


async def refused(call: Any) -> tuple[grpc.StatusCode, str, str]:
    """Code, reason, and the field or the message."""
    with pytest.raises(grpc.aio.AioRpcError) as fault:
        await call
    status = rpc_status.from_call(fault.value)
    assert status is not None
    info, bad = error_details_pb2.ErrorInfo(), error_details_pb2.BadRequest()
    for detail in status.details:
        detail.Unpack(info)
        detail.Unpack(bad)
    fields = [violation.field for violation in bad.field_violations]
    return fault.value.code(), info.reason, fields[0] if fields else str(fault.value.details())


async def test_it_serves(channel: Any) -> None:
    """Health knows the service."""
    health = health_pb2_grpc.HealthStub(channel)
    answer = await health.Check(health_pb2.HealthCheckRequest(service=SERVICE))
    assert answer.status == health_pb2.HealthCheckResponse.SERVING


async def test_outcomes_make_statistics_tell(history: Any, verifications: Any) -> None:
    """Recorded by verification or by deployment; lists show the newest; a period without a start is 30 days."""
    place = {"service": "checkout", "environment": "prod", "version": "1.1.0"}
    made = await history.RecordOutcome(pb.RecordOutcomeRequest(outcome=outcome_pb2.BAD, **place))
    assert (made.verification, made.number, made.author, made.author_verified) == (
        "verifications/bad",
        1,
        "local",
        False,
    )
    requests = [
        pb.RecordOutcomeRequest(outcome=outcome_pb2.INCIDENT, verification="verifications/good"),
        pb.RecordOutcomeRequest(verification="verifications/good"),
        pb.RecordOutcomeRequest(outcome=outcome_pb2.GOOD, verification="good"),
    ]
    answer = await history.BatchRecordOutcomes(pb.BatchRecordOutcomesRequest(requests=requests))
    assert [item.fault[:12] for item in answer.items] == ["", "outcome: is ", "verification"]
    request = pb.GetStatisticsRequest(grouping=pb.GetStatisticsRequest.DAY)
    found = await history.GetStatistics(request)
    total = found.total
    assert (total.verifications, total.true_alarms, total.misses, total.share_passed) == (2, 1, 1, 0.5)
    assert [group.key for group in found.groups] == ["2026-11-20"]
    assert found.groups[0].median_window_share == pytest.approx(1.0)
    known = await verifications.GetVerification(verification_pb.GetVerificationRequest(name="verifications/good"))
    assert known.outcome == outcome_pb2.INCIDENT
    told = await history.ListOutcomes(pb.ListOutcomesRequest(parent="verifications/bad"))
    assert [one.outcome for one in told.outcomes] == [outcome_pb2.BAD]


async def test_faults_name_their_field(history: Any, verifications: Any) -> None:
    """A period without length, an outcome of nothing, a decision that is none, a policy out of range."""
    start = pb.GetStatisticsRequest()
    start.start_time.FromDatetime(NOON)
    start.end_time.FromDatetime(NOON)
    nothing = pb.RecordOutcomeRequest(outcome=outcome_pb2.GOOD)
    none = verification_pb.OverrideVerificationRequest(name="verifications/bad", reason="why")
    far = verification_pb.JudgeVerificationRequest(name="verifications/good", policy=policy_pb2.Policy(min_coverage=2))
    for call, field in (
        (history.GetStatistics(start), "end_time"),
        (history.RecordOutcome(nothing), "service"),
        (verifications.OverrideVerification(none), "decision"),
        (verifications.JudgeVerification(far), "policy.min_coverage"),
        (history.ListTemplates(pb.ListTemplatesRequest(page_size=-1)), "page_size"),
        (history.GetTemplate(pb.GetTemplateRequest(name="e1")), "name"),
    ):
        assert (await refused(call))[::2] == (grpc.StatusCode.INVALID_ARGUMENT, field)


async def test_an_override_is_told_beside_the_verdict(verifications: Any) -> None:
    """Who, when, why, and in place of what."""
    request = verification_pb.OverrideVerificationRequest(
        name="verifications/bad", decision=policy_pb2.PROCEED, reason="known"
    )
    after = await verifications.OverrideVerification(request)
    assert (after.decision, after.enforced_decision, after.verdict) == (policy_pb2.PROCEED, policy_pb2.STOP, V.FAIL)
    assert (after.override.instead_of, after.override.author, after.override.reason) == (2, "local", "known")


async def test_judged_again(verifications: Any) -> None:
    """One, or all of a filter: what it was, what it would be, and why one can't be judged."""
    policy = policy_pb2.Policy(sensitivity=policy_pb2.HIGH, mode=policy_pb2.OBSERVE)
    request = verification_pb.JudgeVerificationRequest(name="verifications/good", policy=policy)
    again = await verifications.JudgeVerification(request)
    assert (again.verdict_of_record, again.verification.verdict) == (V.PASS, V.FAIL)
    assert (again.verification.policy.sensitivity, again.verification.decision) == (policy_pb2.HIGH, policy_pb2.PROCEED)
    assert len(again.events) == 2
    many = verification_pb.JudgeVerificationsRequest(policy=policy)
    found = [one async for one in verifications.JudgeVerifications(many)]
    assert [(one.verification, one.verdict, one.verdict_with, one.fault) for one in found] == [
        ("verifications/good", V.PASS, V.FAIL, ""), ("verifications/bad", V.FAIL, 0, "COUNTS_DELETED")
    ]  # fmt: skip
    gone = verification_pb.JudgeVerificationRequest(name="verifications/bad")
    assert (await refused(verifications.JudgeVerification(gone)))[:2] == (
        grpc.StatusCode.FAILED_PRECONDITION, "COUNTS_DELETED"
    )  # fmt: skip


async def test_pins_come_and_go(verifications: Any) -> None:
    """What is not good is not pinned; what is not pinned is not found."""
    bad = verification_pb.PinBaselineRequest(name="verifications/bad")
    assert (await refused(verifications.PinBaseline(bad)))[0] is grpc.StatusCode.FAILED_PRECONDITION
    made = await verifications.PinBaseline(verification_pb.PinBaselineRequest(name="verifications/good", reason="may"))
    listed = await verifications.ListPins(verification_pb.ListPinsRequest(service="checkout"))
    assert list(listed.pins) == [made] and made.version == "1.2.0"
    again = verification_pb.UnpinBaselineRequest(name="verifications/good")
    await verifications.UnpinBaseline(again)
    assert (await refused(verifications.UnpinBaseline(again)))[0] is grpc.StatusCode.NOT_FOUND


async def test_templates_and_their_sightings(history: Any) -> None:
    """Found by text, told with versions and verdicts, and one by one."""
    (listed,) = (await history.ListTemplates(pb.ListTemplatesRequest(text="ENCRYPT"))).templates
    found = await history.GetTemplate(pb.GetTemplateRequest(name=listed.name))
    assert (found.name, found.severity, found.first_verification) == ("templates/e1", 4, "verifications/bad")
    assert [(one.version, one.failed, one.entries) for one in found.versions] == [("1.1.0", 1, 12)]
    seen = await history.ListTemplateSightings(pb.ListTemplateSightingsRequest(parent="templates/e1"))
    assert [(one.verification, one.verdict, one.kind) for one in seen.sightings] == [("verifications/bad", V.FAIL, 2)]
    none = await history.ListTemplateSightings(
        pb.ListTemplateSightingsRequest(parent="templates/e1", filter='version = "1.2.0"')
    )
    assert list(none.sightings) == []
    elsewhere = history.GetTemplate(pb.GetTemplateRequest(name="templates/e1", filter='version = "1.2.0"'))
    assert (await refused(elsewhere))[0] is grpc.StatusCode.NOT_FOUND
    missing = history.GetTemplate(pb.GetTemplateRequest(name="templates/none"))
    assert (await refused(missing))[0] is grpc.StatusCode.NOT_FOUND


async def test_a_template_tells_its_feedback(history: Any) -> None:
    """What was applied then and by whom, and what reaches it now: of the whole, and at each sighting."""
    found = await history.GetTemplate(pb.GetTemplateRequest(name="templates/e1"))
    (then,), (now,) = found.applied_feedback, found.reaching_feedback
    level = feedback_pb2.Feedback.Level
    assert (then.feedback, then.level, then.author, then.author_verified) == ("feedback/f0", level.MEDIUM, "bob", False)
    assert (then.verifications, then.changed, then.first_seen_time.ToDatetime(UTC)) == (1, 0, at(70))
    assert (now.feedback, now.level, now.author, now.scope.environment) == ("feedback/f1", level.IGNORE, "ann", "prod")
    assert (list(found.feedback), now.similarity, now.HasField("expire_time")) == (["feedback/f1"], 1.0, False)
    seen = await history.ListTemplateSightings(pb.ListTemplateSightingsRequest(parent="templates/e1"))
    (one,) = seen.sightings
    assert [(each.feedback, each.reason) for each in one.applied_feedback] == [("feedback/f0", "it happens")]
    assert (list(one.feedback), list(one.reaching_feedback)) == (["feedback/f0"], [now])


async def test_lines_come_as_a_stream(history: Any) -> None:
    """With the number of verifications that they are."""
    request = pb.ExportVerificationsRequest(format=pb.ExportVerificationsRequest.CSV, filter="verdict = FAIL")
    found = [answer async for answer in history.ExportVerifications(request)]
    assert sum(answer.verifications for answer in found) == 1
    head, row = "".join(answer.lines for answer in found).splitlines()
    assert head.startswith("name,service") and row.startswith("verifications/bad,checkout")


async def test_a_server_without_history_says_so(address: str) -> None:
    """UNIMPLEMENTED, not a fault of ours."""
    request = verification_pb.UnpinBaselineRequest(name="verifications/good")
    async with grpc.aio.insecure_channel(address) as channel:
        with pytest.raises(grpc.aio.AioRpcError) as fault:
            await VerificationServiceStub(channel).UnpinBaseline(request)
    assert fault.value.code() is grpc.StatusCode.UNIMPLEMENTED
