"""The calls of the commands on feedback."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass

from google.protobuf.empty_pb2 import Empty

from logverdict.cli.client import ANSWER_SECONDS, PAGE, Client
from logverdict.cli.faults import Fault
from logverdict.v1 import event_pb2, feedback_pb2
from logverdict.v1 import feedback_service_pb2 as pb

LOOKING_SECONDS = 60.0
"""How long a preview may take, or a file."""
EVENT = re.compile(r"(?:verifications/)?([a-z0-9-]{1,64})/(?:events/)?([A-Za-z0-9]{1,64})")
ID = re.compile(r"[A-Za-z0-9]{1,64}")


@dataclass(frozen=True)
class EventName:
    verification: str
    id: str

    def __str__(self) -> str:
        return f"{self.verification}/events/{self.id}"


def event_name(text: str, verification: str | None) -> EventName:
    """From verifications/ID/events/ID, ID/ID, or the event's ID beside `verification`."""
    found = EVENT.fullmatch(text.strip())
    if found:
        return EventName(f"verifications/{found[1]}", found[2])
    if ID.fullmatch(text.strip()) and verification:
        return EventName(f"verifications/{verification.strip().removeprefix('verifications/')}", text.strip())
    raise Fault(
        f"{text!r} is no event",
        "Write verifications/ID/events/ID, or the event's ID and --verification ID.",
        "`logverdict explain VERIFICATION` names the events of a verification.",
    )


def feedback_name(text: str) -> str:
    """feedback/{id}; the id alone will do."""
    name = text.strip()
    return name if name.startswith("feedback/") else f"feedback/{name}"


async def find_event(client: Client, name: EventName) -> event_pb2.Event:
    async for page in client.events(name.verification, f'id = "{name.id}"', page_size=1):
        for event in page:
            return event
    short = name.verification.removeprefix("verifications/")
    raise Fault(f"{name.verification} has no event {name.id}", f"logverdict events {short} --all lists those it has.")


async def create(client: Client, wanted: feedback_pb2.Feedback, id: str = "") -> feedback_pb2.Feedback:
    request = pb.CreateFeedbackRequest(feedback=wanted, feedback_id=id)
    return await client.feedback.CreateFeedback(request, timeout=ANSWER_SECONDS)


async def get(client: Client, name: str) -> feedback_pb2.Feedback:
    return await client.feedback.GetFeedback(pb.GetFeedbackRequest(name=name), timeout=ANSWER_SECONDS)


async def listed(client: Client, filter: str, limit: int) -> list[feedback_pb2.Feedback]:
    """The newest ones, at most `limit`."""
    found: list[feedback_pb2.Feedback] = []
    token = ""
    while len(found) < limit:
        request = pb.ListFeedbackRequest(page_size=min(PAGE, limit - len(found)), page_token=token, filter=filter)
        answer = await client.feedback.ListFeedback(request, timeout=ANSWER_SECONDS)
        found += answer.feedback
        token = answer.next_page_token
        if not token:
            break
    return found


async def history(client: Client, name: str) -> AsyncIterator[pb.FeedbackRevision]:
    token = ""
    while True:
        request = pb.ListFeedbackHistoryRequest(parent=name, page_size=PAGE, page_token=token)
        answer = await client.feedback.ListFeedbackHistory(request, timeout=ANSWER_SECONDS)
        for one in answer.revisions:
            yield one
        token = answer.next_page_token
        if not token:
            return


async def update(client: Client, wanted: feedback_pb2.Feedback, fields: list[str]) -> feedback_pb2.Feedback:
    request = pb.UpdateFeedbackRequest(feedback=wanted)
    request.update_mask.paths.extend(fields)
    return await client.feedback.UpdateFeedback(request, timeout=ANSWER_SECONDS)


async def delete(client: Client, name: str) -> Empty:
    return await client.feedback.DeleteFeedback(pb.DeleteFeedbackRequest(name=name), timeout=ANSWER_SECONDS)


async def preview(client: Client, request: pb.PreviewFeedbackRequest) -> list[pb.PreviewFeedbackResponse.Item]:
    return list((await client.feedback.PreviewFeedback(request, timeout=LOOKING_SECONDS)).items)


async def read_in(client: Client, text: str, dry_run: bool, prune: bool) -> list[pb.ImportFeedbackResponse.Item]:
    request = pb.ImportFeedbackRequest(yaml=text, dry_run=dry_run, prune=prune)
    return list((await client.feedback.ImportFeedback(request, timeout=LOOKING_SECONDS)).items)


async def export(client: Client, filter: str) -> str:
    request = pb.ExportFeedbackRequest(filter=filter)
    return (await client.feedback.ExportFeedback(request, timeout=LOOKING_SECONDS)).yaml
