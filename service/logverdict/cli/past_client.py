"""The calls of the commands that look back, or come after a verdict."""

from collections.abc import AsyncIterator, Sequence

from logverdict.cli.client import ANSWER_SECONDS, Client
from logverdict.v1 import history_service_pb2 as history_pb
from logverdict.v1 import verification_service_pb2 as pb
from logverdict.v1.history_service_pb2_grpc import HistoryServiceStub
from logverdict.v1.verification_service_pb2_grpc import VerificationServiceStub

COUNTING_SECONDS = 120.0
"""How long statistics over a long period may take."""
JUDGING_SECONDS = 600.0
BATCH = 500
"""Outcomes of one call."""


class PastClient:
    def __init__(self, client: Client) -> None:
        self._verifications = VerificationServiceStub(client.channel)
        self._history = HistoryServiceStub(client.channel)

    async def page(self, filter: str, size: int, token: str) -> pb.ListVerificationsResponse:
        request = pb.ListVerificationsRequest(page_size=size, page_token=token, filter=filter)
        return await self._verifications.ListVerifications(request, timeout=ANSWER_SECONDS)

    async def statistics(self, request: history_pb.GetStatisticsRequest) -> history_pb.Statistics:
        return await self._history.GetStatistics(request, timeout=COUNTING_SECONDS)

    async def record(self, request: history_pb.RecordOutcomeRequest) -> history_pb.RecordedOutcome:
        return await self._history.RecordOutcome(request, timeout=ANSWER_SECONDS)

    async def record_many(
        self, requests: Sequence[history_pb.RecordOutcomeRequest]
    ) -> list[history_pb.BatchRecordOutcomesResponse.Item]:
        """At most BATCH."""
        request = history_pb.BatchRecordOutcomesRequest(requests=requests)
        return list((await self._history.BatchRecordOutcomes(request, timeout=COUNTING_SECONDS)).items)

    async def outcomes(self, name: str) -> history_pb.ListOutcomesResponse:
        return await self._history.ListOutcomes(history_pb.ListOutcomesRequest(parent=name), timeout=ANSWER_SECONDS)

    async def templates(self, filter: str, text: str, size: int) -> history_pb.ListTemplatesResponse:
        request = history_pb.ListTemplatesRequest(filter=filter, text=text, page_size=size)
        return await self._history.ListTemplates(request, timeout=COUNTING_SECONDS)

    async def template(self, request: history_pb.GetTemplateRequest) -> history_pb.Template:
        return await self._history.GetTemplate(request, timeout=COUNTING_SECONDS)

    async def sightings(self, name: str, filter: str, size: int) -> history_pb.ListTemplateSightingsResponse:
        request = history_pb.ListTemplateSightingsRequest(parent=name, filter=filter, page_size=size)
        return await self._history.ListTemplateSightings(request, timeout=ANSWER_SECONDS)

    async def override(self, request: pb.OverrideVerificationRequest) -> pb.Verification:
        return await self._verifications.OverrideVerification(request, timeout=ANSWER_SECONDS)

    async def judge(self, request: pb.JudgeVerificationRequest) -> pb.JudgeVerificationResponse:
        return await self._verifications.JudgeVerification(request, timeout=JUDGING_SECONDS)

    async def judge_many(self, request: pb.JudgeVerificationsRequest) -> AsyncIterator[pb.JudgeVerificationsResponse]:
        async for answer in self._verifications.JudgeVerifications(request):
            yield answer

    async def pin(self, request: pb.PinBaselineRequest) -> pb.Pin:
        return await self._verifications.PinBaseline(request, timeout=ANSWER_SECONDS)

    async def unpin(self, name: str) -> None:
        await self._verifications.UnpinBaseline(pb.UnpinBaselineRequest(name=name), timeout=ANSWER_SECONDS)

    async def pins(self, service: str, environment: str) -> pb.ListPinsResponse:
        request = pb.ListPinsRequest(service=service, environment=environment)
        return await self._verifications.ListPins(request, timeout=ANSWER_SECONDS)

    async def export(
        self, request: history_pb.ExportVerificationsRequest
    ) -> AsyncIterator[history_pb.ExportVerificationsResponse]:
        async for answer in self._history.ExportVerifications(request):
            yield answer
