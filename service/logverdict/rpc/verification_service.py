"""The methods of VerificationService: read the request, call the use case, write the answer."""

from collections.abc import AsyncIterator
from functools import partial
from typing import Any

from logverdict.domain.verification import Verification
from logverdict.rpc import convert_in as read
from logverdict.rpc.afterwards import AfterwardsServicer
from logverdict.rpc.convert_out import write_verification
from logverdict.rpc.convert_out_parts import write_call, write_event
from logverdict.rpc.finishing import Finishing
from logverdict.rpc.pages import fitting_page
from logverdict.rpc.sent import as_sent, closing
from logverdict.rpc.shared import SharedSteps
from logverdict.rpc.usecases import Verifications
from logverdict.rpc.usecases_past import Afterwards
from logverdict.v1 import verification_service_pb2 as pb

SERVICE: str = pb.DESCRIPTOR.services_by_name["VerificationService"].full_name
Steps = AsyncIterator[pb.WatchVerificationResponse]


class VerificationServicer(AfterwardsServicer):
    """What changes something is finished once it is begun: a call's deadline or cancel ends that call only."""

    def __init__(self, verifications: Verifications, finishing: Finishing, after: Afterwards | None = None) -> None:
        super().__init__(after, finishing)
        self._verifications = verifications
        self._finishing = finishing
        self._shared = SharedSteps()

    async def CreateVerification(self, request: pb.CreateVerificationRequest, context: Any) -> pb.Verification:
        return write_verification(await self._create(request))

    async def Verify(self, request: pb.VerifyRequest, context: Any) -> Steps:
        created = await self._create(request)
        async for step in self._steps(created.name, 0):
            yield step

    async def WatchVerification(self, request: pb.WatchVerificationRequest, context: Any) -> Steps:
        read.check(request)
        async for step in self._steps(request.name, request.after_revision):
            yield step

    async def GetVerification(self, request: pb.GetVerificationRequest, context: Any) -> pb.Verification:
        read.check(request)
        return write_verification(await self._verifications.get(request.name))

    async def ListVerifications(
        self, request: pb.ListVerificationsRequest, context: Any
    ) -> pb.ListVerificationsResponse:
        read.check(request)
        fetch = partial(self._verifications.list, request.filter, page_token=request.page_token)
        size = read.read_page_size(request)
        page, token = await fitting_page(lambda most: fetch(page_size=most), write_verification, size)
        return pb.ListVerificationsResponse(verifications=page, next_page_token=token)

    async def ListEvents(self, request: pb.ListEventsRequest, context: Any) -> pb.ListEventsResponse:
        read.check(request)
        fetch = partial(self._verifications.events, request.parent, request.filter, page_token=request.page_token)
        size = read.read_page_size(request)
        page, token = await fitting_page(lambda most: fetch(page_size=most), write_event, size)
        return pb.ListEventsResponse(events=page, next_page_token=token)

    async def ListSourceCalls(self, request: pb.ListSourceCallsRequest, context: Any) -> pb.ListSourceCallsResponse:
        read.check(request)
        fetch = partial(self._verifications.calls, request.parent, page_token=request.page_token)
        size = read.read_page_size(request)
        page, token = await fitting_page(lambda most: fetch(page_size=most), write_call, size)
        return pb.ListSourceCallsResponse(calls=page, next_page_token=token)

    async def CancelVerification(self, request: pb.CancelVerificationRequest, context: Any) -> pb.Verification:
        read.check(request)
        cancelling = self._verifications.cancel(request.name, read.read_decision(request))
        return write_verification(await self._finishing.run(cancelling))

    async def _create(self, request: pb.CreateVerificationRequest | pb.VerifyRequest) -> Verification:
        wanted = read.read_wanted(request)
        with as_sent():
            return await self._finishing.run(self._verifications.create(wanted))

    async def _steps(self, name: str, after: int) -> Steps:
        async with closing(self._verifications.watch(name, after)) as steps:
            async for step in steps:
                yield self._shared.write(name, step)
