"""Feedback from and to the protocol."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from google.protobuf.message import Message

from logverdict.analysis.likeness import marks, text_of
from logverdict.domain.errors import InvalidRequest
from logverdict.domain.feedback import Feedback, FeedbackLevel, FeedbackRevision, Scope
from logverdict.rpc import limits
from logverdict.rpc.convert_out_parts import write_deployment
from logverdict.rpc.faults import Faults, join
from logverdict.rpc.form import form_faults
from logverdict.rpc.times import read_time, write_time
from logverdict.rpc.words import (
    EVENT_KIND,
    FEEDBACK_CHANGE,
    FEEDBACK_LEVEL,
    IMPACT,
    SEVERITY,
    VERDICT,
)
from logverdict.v1 import feedback_pb2, feedback_service_pb2
from logverdict.verify.feedback_file import FileChange
from logverdict.verify.feedback_wish import FeedbackWish
from logverdict.verify.preview import Preview

pb = feedback_service_pb2
LEVELS = ", ".join(FeedbackLevel)


def check(request: Message) -> None:
    """Raises InvalidRequest, or InvalidFields with all faults. Names are looked at by who uses them."""
    faults = Faults()
    for fault in form_faults(request):
        faults.add(*fault)
    size = getattr(request, "page_size", 0)
    if size < 0:
        faults.add("page_size", f"{size} is negative; allowed: 0 and more")
    faults.check()


def page_size(request: Any) -> int:
    return min(request.page_size or limits.DEFAULT_PAGE, limits.MAX_PAGE)


def read_level(sent: feedback_pb2.Feedback) -> FeedbackLevel:
    level = FEEDBACK_LEVEL.word(sent.level, "level")
    if level is None:
        raise InvalidRequest("level", f"is required; allowed: {LEVELS}")
    return level


def read_wish(sent: feedback_pb2.Feedback, feedback_id: str = "", level: FeedbackLevel | None = None) -> FeedbackWish:
    """`level` is taken where the request says none."""
    scope = Scope(sent.scope.service, sent.scope.environment) if sent.HasField("scope") else None
    return FeedbackWish(
        level=level if level is not None and not sent.level else read_level(sent),
        reason=sent.reason,
        scope=scope,
        event=sent.event,
        template=sent.template,
        sample=sent.sample,
        severity=SEVERITY.word(sent.severity, "severity") if sent.severity else None,
        expires=read_time(sent.expire_time) if sent.HasField("expire_time") else None,
        ticket=sent.ticket,
        id=feedback_id,
    )


READERS: Mapping[str, Any] = {
    "level": read_level,
    "reason": lambda sent: sent.reason,
    "expire_time": lambda sent: read_time(sent.expire_time) if sent.HasField("expire_time") else None,
    "ticket": lambda sent: sent.ticket,
}
"""Fields that may be changed."""


def read_changes(request: pb.UpdateFeedbackRequest) -> dict[str, Any]:
    """By name of the field: those of the mask, or those that have a value. An unknown one is told by the use case."""
    sent = request.feedback
    wanted = list(request.update_mask.paths)
    if not wanted:
        wanted = [field.name for field, _ in sent.ListFields() if field.name in READERS]
    if not wanted:
        raise InvalidRequest("update_mask", f"names nothing, and nothing has a value; allowed: {', '.join(READERS)}")
    return {field: READERS[field](sent) if field in READERS else None for field in wanted}


@contextmanager
def as_sent() -> Iterator[None]:
    """The use cases name fields of the feedback; the caller wrote them inside a request."""
    try:
        yield
    except InvalidRequest as error:
        field = "feedback_id" if error.field == "id" else error.field
        if field.split(".")[0] in feedback_pb2.Feedback.DESCRIPTOR.fields_by_name:
            field = join("feedback", field)
        raise InvalidRequest(field, error.fault) from None


def write_feedback(one: Feedback) -> feedback_pb2.Feedback:
    its = marks(text_of(one.about.template))
    return feedback_pb2.Feedback(
        name=one.name,
        level=FEEDBACK_LEVEL.number(one.level),
        reason=one.reason,
        scope=feedback_pb2.Feedback.Scope(service=one.scope.service, environment=one.scope.environment),
        event=one.event,
        template=one.about.template,
        sample=one.about.sample,
        severity=SEVERITY.number(one.about.severity),
        expire_time=write_time(one.expires),
        ticket=one.ticket,
        author=one.author.name,
        author_verified=one.author.verified,
        create_time=write_time(one.created),
        update_time=write_time(one.updated),
        revision=one.revision,
        templates=one.about.templates,
        exception_types=its.exceptions,
        top_frame=its.frame,
        codes=its.codes,
    )


def write_revision(one: FeedbackRevision) -> pb.FeedbackRevision:
    return pb.FeedbackRevision(
        number=one.number,
        change=FEEDBACK_CHANGE.number(one.change),
        time=write_time(one.time),
        author=one.author.name,
        author_verified=one.author.verified,
        feedback=write_feedback(one.feedback),
    )


def write_preview(one: Preview) -> pb.PreviewFeedbackResponse.Item:
    verification = one.verification
    judged = verification.judgement
    return pb.PreviewFeedbackResponse.Item(
        verification=verification.name,
        deployment=write_deployment(verification.request.deployment),
        create_time=write_time(verification.created),
        verdict=VERDICT.number(judged.verdict if judged else None),
        verdict_with=VERDICT.number(one.verdict_with),
        met=[
            pb.PreviewFeedbackResponse.Met(
                event_id=met.event.id,
                template=met.event.template,
                kind=EVENT_KIND.number(met.event.kind),
                severity=SEVERITY.number(met.event.severity),
                impact=IMPACT.number(met.event.impact),
                impact_with=IMPACT.number(met.impact_with),
                unlike=met.unlike,
            )
            for met in one.met
        ],
    )


def write_file_change(one: FileChange) -> pb.ImportFeedbackResponse.Item:
    change = FEEDBACK_CHANGE.number(one.change)
    return pb.ImportFeedbackResponse.Item(feedback=one.feedback.name, change=change, diff=one.diff)
