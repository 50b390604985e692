"""The methods of FeedbackService."""

from functools import partial
from typing import Any

from google.protobuf.empty_pb2 import Empty

from logverdict.domain.errors import InvalidRequest
from logverdict.domain.feedback import Author, FeedbackLevel
from logverdict.rpc import convert_feedback as convert
from logverdict.rpc.convert_feedback import as_sent, check, page_size, write_feedback
from logverdict.rpc.convert_in import CALLER
from logverdict.rpc.finishing import Finishing
from logverdict.rpc.pages import fitting_page
from logverdict.rpc.usecases import Said
from logverdict.v1 import feedback_pb2
from logverdict.v1 import feedback_service_pb2 as pb
from logverdict.v1.feedback_service_pb2_grpc import FeedbackServiceServicer

SERVICE: str = pb.DESCRIPTOR.services_by_name["FeedbackService"].full_name
AUTHOR = Author(CALLER)
"""Who speaks, until there is authentication."""
USUAL = 20
"""Verifications that a preview looks at."""


class FeedbackServicer(FeedbackServiceServicer):
    """What changes something is finished once it is begun, as for verifications."""

    def __init__(self, said: Said, finishing: Finishing) -> None:
        self._feedback, self._files = said.feedback, said.files
        self._finishing = finishing

    async def CreateFeedback(self, request: pb.CreateFeedbackRequest, context: Any) -> feedback_pb2.Feedback:
        check(request)
        with as_sent():
            wish = convert.read_wish(request.feedback, request.feedback_id)
            return write_feedback(await self._finishing.run(self._feedback.create(wish, AUTHOR)))

    async def GetFeedback(self, request: pb.GetFeedbackRequest, context: Any) -> feedback_pb2.Feedback:
        check(request)
        return write_feedback(await self._feedback.get(request.name))

    async def ListFeedback(self, request: pb.ListFeedbackRequest, context: Any) -> pb.ListFeedbackResponse:
        check(request)
        fetch = partial(self._feedback.list, request.filter, page_token=request.page_token)
        page, token = await fitting_page(lambda most: fetch(page_size=most), write_feedback, page_size(request))
        return pb.ListFeedbackResponse(feedback=page, next_page_token=token)

    async def UpdateFeedback(self, request: pb.UpdateFeedbackRequest, context: Any) -> feedback_pb2.Feedback:
        check(request)
        with as_sent():
            changes = convert.read_changes(request)
            work = self._feedback.update(request.feedback.name, changes, request.revision, AUTHOR)
            return write_feedback(await self._finishing.run(work))

    async def DeleteFeedback(self, request: pb.DeleteFeedbackRequest, context: Any) -> Empty:
        check(request)
        await self._finishing.run(self._feedback.delete(request.name, AUTHOR))
        return Empty()

    async def ListFeedbackHistory(
        self, request: pb.ListFeedbackHistoryRequest, context: Any
    ) -> pb.ListFeedbackHistoryResponse:
        check(request)
        fetch = partial(self._feedback.history, request.parent, page_token=request.page_token)
        size = page_size(request)
        page, token = await fitting_page(lambda most: fetch(page_size=most), convert.write_revision, size)
        return pb.ListFeedbackHistoryResponse(revisions=page, next_page_token=token)

    async def PreviewFeedback(self, request: pb.PreviewFeedbackRequest, context: Any) -> pb.PreviewFeedbackResponse:
        check(request)
        if request.name and request.HasField("feedback"):
            raise InvalidRequest("feedback", "is given beside a name; allowed: one of them")
        with as_sent():
            wish = request.name or convert.read_wish(request.feedback, level=FeedbackLevel.IGNORE)
            found = await self._feedback.preview(wish, request.verifications or USUAL)
        return pb.PreviewFeedbackResponse(items=[convert.write_preview(one) for one in found])

    async def ImportFeedback(self, request: pb.ImportFeedbackRequest, context: Any) -> pb.ImportFeedbackResponse:
        check(request)
        work = self._files.read_in(request.yaml, AUTHOR, dry_run=request.dry_run, prune=request.prune)
        found = await self._finishing.run(work)
        return pb.ImportFeedbackResponse(items=[convert.write_file_change(one) for one in found])

    async def ExportFeedback(self, request: pb.ExportFeedbackRequest, context: Any) -> pb.ExportFeedbackResponse:
        check(request)
        return pb.ExportFeedbackResponse(yaml=await self._files.export(request.filter))
