"""FeedbackService through a real server and client, over the real use cases."""

from collections.abc import AsyncIterator
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf.field_mask_pb2 import FieldMask
from google.rpc import error_details_pb2
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_status import rpc_status

from fakes.clock import NOON, FakeClock
from fakes.feedback import a_feedback
from fakes.feedback_store import MemoryFeedback
from fakes.logs import before_after, every, usual
from fakes.verifications import a_verification
from fakes.verifications_usecase import MemoryVerifications
from logverdict.adapters.profiles.feedback_texts import FeedbackYaml
from logverdict.adapters.stores.sql import SqlStore
from logverdict.analysis.engine import judge
from logverdict.domain.feedback import FeedbackLevel
from logverdict.domain.policy import Policy
from logverdict.domain.words import State
from logverdict.rpc.convert_out import write_verification
from logverdict.rpc.convert_out_parts import write_event
from logverdict.rpc.feedback_service import SERVICE
from logverdict.rpc.server import GrpcServer
from logverdict.rpc.usecases import Said
from logverdict.v1 import event_pb2, feedback_pb2
from logverdict.v1 import feedback_service_pb2 as pb
from logverdict.v1 import verification_service_pb2 as verification_pb
from logverdict.v1.feedback_service_pb2_grpc import FeedbackServiceStub
from logverdict.verify.feedback import Feedbacks
from logverdict.verify.feedback_file import FeedbackFiles

KEY = "shop.KeyException: no key for customer <num>"
LINES = [*usual(), *every(20, "shop.KeyException: no key for customer {n}", "ERROR")]
Feedback = feedback_pb2.Feedback


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqlStore]:
    """With one verification that failed."""
    opened = await SqlStore.open(tmp_path / "logverdict.db", FakeClock())
    made, _ = await opened.create(a_verification())
    found = judge(before_after(usual(), LINES), Policy(), look=1, looks=1)
    await opened.save(replace(made, state=State.SUCCEEDED, ended=NOON, judgement=found))
    yield opened
    await opened.close()


@pytest.fixture
async def channel(store: SqlStore) -> AsyncIterator[Any]:
    kept, clock, ids = MemoryFeedback(), FakeClock(), count(1)
    use = Feedbacks(kept, store, clock, lambda: f"f{next(ids)}")
    said = Said(use, FeedbackFiles(kept, FeedbackYaml(), clock))
    server = GrpcServer(MemoryVerifications(), said=said)
    port = await server.start("127.0.0.1:0")
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield channel
    await server.stop(0)


@pytest.fixture
def stub(channel: Any) -> Any:
    return FeedbackServiceStub(channel)


def wish(**more: Any) -> Any:
    values = {"level": Feedback.IGNORE, "reason": "known noise", "scope": Feedback.Scope(service="checkout")}
    return Feedback(**values | more)


def create(feedback: Any = None, **more: Any) -> Any:
    return pb.CreateFeedbackRequest(feedback=feedback if feedback is not None else wish(template=KEY), **more)


async def refused(call: Any, request: Any) -> tuple[grpc.StatusCode, list[str]]:
    """The code, and the fields that are named."""
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call(request)
    fields = []
    for detail in rpc_status.from_call(caught.value).details:
        bad = error_details_pb2.BadRequest()
        if detail.Unpack(bad):
            fields = [one.field for one in bad.field_violations]
    return caught.value.code(), fields


async def test_what_is_said_comes_back(stub: Any) -> None:
    """With who said it, when, and what it will never reach beyond; listed and got by name."""
    made = await stub.CreateFeedback(create(wish(template=KEY, ticket="https://t.example/7"), feedback_id="mine"))
    assert (made.name, made.author, made.author_verified, made.revision) == ("feedback/mine", "local", False, 1)
    assert (made.template, list(made.exception_types), made.scope.service) == (KEY, ["shop.KeyException"], "checkout")
    assert made.create_time.ToDatetime(NOON.tzinfo) == NOON
    assert await stub.GetFeedback(pb.GetFeedbackRequest(name=made.name)) == made
    assert list((await stub.ListFeedback(pb.ListFeedbackRequest())).feedback) == [made]


async def test_an_author_in_the_request_is_ignored(stub: Any) -> None:
    """The author is the caller, whatever is written there."""
    made = await stub.CreateFeedback(create(wish(template=KEY, author="the boss", author_verified=True)))
    assert (made.author, made.author_verified) == ("local", False)


async def test_an_event_is_named(stub: Any, store: SqlStore) -> None:
    """Its service and environment are the scope, and how often it came is kept for later."""
    page, _ = await store.events("v1", "impact = FAIL", "", 1)
    asked = Feedback(level=Feedback.IGNORE, reason="noise", event=f"verifications/v1/events/{page[0].id}")
    made = await stub.CreateFeedback(create(asked))
    assert (made.template, made.scope.service, made.scope.environment) == (KEY, "checkout", "prod")
    assert made.event == asked.event and made.sample


@pytest.mark.parametrize(
    ("feedback", "fields"),
    [
        (wish(), ["feedback.event"]),
        (wish(template=KEY, level=0), ["feedback.level"]),
        (wish(template=KEY, level=77), ["feedback.level"]),
        (wish(template=KEY, reason=""), ["feedback.reason"]),
        (wish(template=KEY, reason="x" * 1001, ticket="y" * 1001), ["feedback.reason", "feedback.ticket"]),
        (wish(template=KEY, scope=Feedback.Scope(environment="prod")), ["feedback.scope.service"]),
        (wish(template=KEY, ticket="ask Bob"), ["feedback.ticket"]),
        (wish(event="verifications/v1"), ["feedback.event"]),
    ],
)
async def test_faults_name_their_field(stub: Any, feedback: Any, fields: list[str]) -> None:
    """By its path in the request."""
    assert await refused(stub.CreateFeedback, create(feedback)) == (grpc.StatusCode.INVALID_ARGUMENT, fields)


async def test_other_refusals(stub: Any) -> None:
    """An id that is none or is taken, names of nothing, a size below zero."""
    await stub.CreateFeedback(create(feedback_id="mine"))
    assert (await refused(stub.CreateFeedback, create(feedback_id="mine")))[0] is grpc.StatusCode.ALREADY_EXISTS
    assert await refused(stub.CreateFeedback, create(feedback_id="No!")) == (
        grpc.StatusCode.INVALID_ARGUMENT, ["feedback_id"],
    )  # fmt: skip
    assert (await refused(stub.GetFeedback, pb.GetFeedbackRequest(name="feedback/x")))[0] is grpc.StatusCode.NOT_FOUND
    bad = pb.GetFeedbackRequest(name="verifications/x")
    assert await refused(stub.GetFeedback, bad) == (grpc.StatusCode.INVALID_ARGUMENT, ["name"])
    bad = pb.ListFeedbackRequest(page_size=-1)
    assert await refused(stub.ListFeedback, bad) == (grpc.StatusCode.INVALID_ARGUMENT, ["page_size"])
    bad = create(wish(event="verifications/v1/events/nothing"))
    assert (await refused(stub.CreateFeedback, bad))[0] is grpc.StatusCode.NOT_FOUND


async def test_a_change_and_its_history(stub: Any) -> None:
    """The mask says what changes (without one, what has a value); an older revision is refused; history has all."""
    made = await stub.CreateFeedback(create(wish(template=KEY, ticket="https://t.example/7")))
    changed = Feedback(name=made.name, level=Feedback.MEDIUM)
    one = await stub.UpdateFeedback(pb.UpdateFeedbackRequest(feedback=changed, revision=1))
    assert (one.level, one.reason, one.ticket, one.revision) == (
        Feedback.MEDIUM, "known noise", "https://t.example/7", 2,
    )  # fmt: skip
    mask = FieldMask(paths=["ticket", "expire_time"])
    two = await stub.UpdateFeedback(pb.UpdateFeedbackRequest(feedback=changed, update_mask=mask))
    assert (two.ticket, two.level) == ("", Feedback.MEDIUM)
    late = pb.UpdateFeedbackRequest(feedback=changed, revision=1)
    assert (await refused(stub.UpdateFeedback, late))[0] is grpc.StatusCode.FAILED_PRECONDITION
    for wrong in (FieldMask(paths=["template"]), FieldMask(paths=["author"])):
        request = pb.UpdateFeedbackRequest(feedback=changed, update_mask=wrong)
        assert await refused(stub.UpdateFeedback, request) == (grpc.StatusCode.INVALID_ARGUMENT, ["update_mask"])
    await stub.DeleteFeedback(pb.DeleteFeedbackRequest(name=made.name))
    rows = (await stub.ListFeedbackHistory(pb.ListFeedbackHistoryRequest(parent=made.name))).revisions
    assert [(row.number, row.change, row.author) for row in rows] == [
        (1, pb.CREATED, "local"), (2, pb.UPDATED, "local"), (3, pb.UPDATED, "local"), (4, pb.DELETED, "local"),
    ]  # fmt: skip
    assert rows[0].feedback == made


async def test_pages(stub: Any) -> None:
    """Newest first; the token goes on, and only with the same filter."""
    for _ in range(3):
        await stub.CreateFeedback(create())
    first = await stub.ListFeedback(pb.ListFeedbackRequest(page_size=2))
    rest = await stub.ListFeedback(pb.ListFeedbackRequest(page_size=2, page_token=first.next_page_token))
    assert [one.name for one in (*first.feedback, *rest.feedback)] == ["feedback/f3", "feedback/f2", "feedback/f1"]
    assert rest.next_page_token == ""


async def test_a_preview(stub: Any) -> None:
    """Of what is not said yet, without a reason, and of what is kept."""
    made = await stub.CreateFeedback(create())
    for request in (
        pb.PreviewFeedbackRequest(feedback=wish(template=KEY, reason="", level=0)),
        pb.PreviewFeedbackRequest(name=made.name, verifications=5),
    ):
        (item,) = (await stub.PreviewFeedback(request)).items
        assert (item.verification, item.deployment.service) == ("verifications/v1", "checkout")
        verdicts = verification_pb.Verification
        assert (item.verdict, item.verdict_with) == (verdicts.FAIL, verdicts.PASS)
        ((met,)) = item.met
        assert (met.template, met.impact, met.impact_with) == (KEY, event_pb2.Event.FAIL, event_pb2.Event.NONE)
    bad = pb.PreviewFeedbackRequest(feedback=wish(template=KEY), verifications=1000)
    assert await refused(stub.PreviewFeedback, bad) == (grpc.StatusCode.INVALID_ARGUMENT, ["verifications"])
    both = pb.PreviewFeedbackRequest(name="feedback/a", feedback=wish(template=KEY))
    assert await refused(stub.PreviewFeedback, both) == (grpc.StatusCode.INVALID_ARGUMENT, ["feedback"])


async def test_files_travel(stub: Any) -> None:
    """What is exported can be imported again, which changes nothing; a mistake is told by its line."""
    await stub.CreateFeedback(create())
    text = (await stub.ExportFeedback(pb.ExportFeedbackRequest())).yaml
    (item,) = (await stub.ImportFeedback(pb.ImportFeedbackRequest(yaml=text, prune=True))).items
    assert (item.feedback, item.change) == ("feedback/f1", pb.FEEDBACK_CHANGE_UNSPECIFIED)
    other = pb.ImportFeedbackRequest(yaml=text.replace("known noise", "noise"), dry_run=True)
    (item,) = (await stub.ImportFeedback(other)).items
    assert item.change == pb.UPDATED and len(item.diff) == 2
    bad = pb.ImportFeedbackRequest(yaml="feedback: [{}]")
    assert await refused(stub.ImportFeedback, bad) == (grpc.StatusCode.INVALID_ARGUMENT, ["yaml"] * 4)


async def test_it_is_found(channel: Any) -> None:
    """Health knows the service by its name."""
    answer = await health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest(service=SERVICE))
    assert answer.status == health_pb2.HealthCheckResponse.SERVING


def test_a_judgement_tells_what_reached_it() -> None:
    """Each event lists the feedback with who said it and what it would do without; the verification, the verdict
    without."""
    said = a_feedback(FeedbackLevel.IGNORE, KEY, ticket="https://t.example/7")
    found = judge(before_after(usual(), LINES), Policy(), look=1, looks=1, feedback=[said])
    event = next(one for one in found.events if one.template == KEY)
    (applied,) = write_event(event).feedback
    assert (applied.feedback, applied.level, applied.author, applied.author_verified, applied.reason) == (
        "feedback/f1", Feedback.IGNORE, "ann", True, "known noise",
    )  # fmt: skip
    assert (applied.ticket, applied.impact_without, applied.similarity, applied.overridden) == (
        "https://t.example/7", event_pb2.Event.FAIL, 1.0, False,
    )  # fmt: skip
    without = write_verification(a_verification(judgement=found)).without_feedback
    assert (without.verdict, without.reason) == (verification_pb.Verification.FAIL, "NEW_ERRORS")
    assert list(without.feedback) == ["feedback/f1"]
    plain = judge(before_after(usual(), LINES), Policy(), look=1, looks=1)
    assert not write_verification(a_verification(judgement=plain)).HasField("without_feedback")
