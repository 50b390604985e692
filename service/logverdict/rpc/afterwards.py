"""The methods of VerificationService that come after a verdict: override, judge again, pin."""

from collections.abc import AsyncIterator
from typing import Any

from google.protobuf.empty_pb2 import Empty
from grpc import StatusCode

from logverdict.domain.feedback import Author
from logverdict.rpc import convert_in as read
from logverdict.rpc import convert_past as convert
from logverdict.rpc.convert_out import write_verification
from logverdict.rpc.finishing import Finishing
from logverdict.rpc.usecases_past import Afterwards
from logverdict.v1 import verification_service_pb2 as pb
from logverdict.v1.verification_service_pb2_grpc import VerificationServiceServicer

AUTHOR = Author(read.CALLER)
"""Who speaks, until there is authentication."""


class AfterwardsServicer(VerificationServiceServicer):  # its other methods are those of a verification
    """Without use cases the methods are UNIMPLEMENTED. What changes something is finished once it is begun."""

    def __init__(self, after: Afterwards | None, finishing: Finishing) -> None:
        self._after = after
        self._finishing_after = finishing

    async def OverrideVerification(self, request: pb.OverrideVerificationRequest, context: Any) -> pb.Verification:
        read.check(request)
        decision = convert.read_required(request.decision)
        work = (await self._found(context)).overrides.override(request.name, decision, request.reason, AUTHOR)
        return write_verification(await self._finishing_after.run(work))

    async def JudgeVerification(
        self, request: pb.JudgeVerificationRequest, context: Any
    ) -> pb.JudgeVerificationResponse:
        read.check(request)
        what_if = (await self._found(context)).what_if
        again = await what_if.judge(request.name, convert.read_policies(request.policy))
        return convert.write_again(again, write_verification)

    async def JudgeVerifications(
        self, request: pb.JudgeVerificationsRequest, context: Any
    ) -> AsyncIterator[pb.JudgeVerificationsResponse]:
        read.check(request)
        what_if = (await self._found(context)).what_if
        async for again in what_if.judge_many(request.filter, convert.read_policies(request.policy), request.limit):
            yield convert.write_what_if(again)

    async def PinBaseline(self, request: pb.PinBaselineRequest, context: Any) -> pb.Pin:
        read.check(request)
        work = (await self._found(context)).pins.pin(request.name, request.reason, request.force, AUTHOR)
        return convert.write_pin(await self._finishing_after.run(work))

    async def UnpinBaseline(self, request: pb.UnpinBaselineRequest, context: Any) -> Empty:
        read.check(request)
        await self._finishing_after.run((await self._found(context)).pins.unpin(request.name))
        return Empty()

    async def ListPins(self, request: pb.ListPinsRequest, context: Any) -> pb.ListPinsResponse:
        read.check(request)
        found = await (await self._found(context)).pins.pins(request.service, request.environment)
        return pb.ListPinsResponse(pins=[convert.write_pin(one) for one in found])

    async def _found(self, context: Any) -> Afterwards:
        if self._after is None:
            await context.abort(StatusCode.UNIMPLEMENTED, "this server has no history")
        assert self._after is not None
        return self._after
