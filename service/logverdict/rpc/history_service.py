"""The methods of HistoryService."""

from collections.abc import AsyncIterator
from functools import partial
from typing import Any

from logverdict.domain.errors import InvalidRequest
from logverdict.rpc import convert_history as history
from logverdict.rpc import convert_past as convert
from logverdict.rpc.afterwards import AUTHOR
from logverdict.rpc.convert_feedback import check, page_size
from logverdict.rpc.finishing import Finishing
from logverdict.rpc.pages import fitting_page
from logverdict.rpc.times import read_time
from logverdict.rpc.usecases_past import Lookback, Outcomes
from logverdict.rpc.words import EXPORT_FORMAT, GROUPING
from logverdict.v1 import history_service_pb2 as pb
from logverdict.v1.history_service_pb2_grpc import HistoryServiceServicer
from logverdict.verify.export import Format
from logverdict.verify.outcomes import OutcomeWish

SERVICE: str = pb.DESCRIPTOR.services_by_name["HistoryService"].full_name


class HistoryServicer(HistoryServiceServicer):
    """What changes something is finished once it is begun, as for verifications."""

    def __init__(self, lookback: Lookback, outcomes: Outcomes, finishing: Finishing) -> None:
        self._lookback = lookback
        self._outcomes = outcomes
        self._finishing = finishing

    async def GetStatistics(self, request: pb.GetStatisticsRequest, context: Any) -> pb.Statistics:
        check(request)
        start = read_time(request.start_time) if request.HasField("start_time") else None
        end = read_time(request.end_time) if request.HasField("end_time") else None
        grouping = GROUPING.word(request.grouping, "grouping")
        return history.write_statistics(await self._lookback.statistics(start, end, request.filter, grouping))

    async def RecordOutcome(self, request: pb.RecordOutcomeRequest, context: Any) -> pb.RecordedOutcome:
        check(request)
        work = self._outcomes.record(convert.read_outcome(request), AUTHOR)
        return convert.write_outcome(await self._finishing.run(work))

    async def BatchRecordOutcomes(
        self, request: pb.BatchRecordOutcomesRequest, context: Any
    ) -> pb.BatchRecordOutcomesResponse:
        wishes = [_wish(one) for one in request.requests]
        found = await self._finishing.run(self._outcomes.record_many(wishes, AUTHOR))
        return pb.BatchRecordOutcomesResponse(items=[convert.write_item(one) for one in found])

    async def ListOutcomes(self, request: pb.ListOutcomesRequest, context: Any) -> pb.ListOutcomesResponse:
        check(request)
        found = await self._outcomes.of(request.parent)
        return pb.ListOutcomesResponse(outcomes=[convert.write_outcome(one) for one in found])

    async def ListTemplates(self, request: pb.ListTemplatesRequest, context: Any) -> pb.ListTemplatesResponse:
        check(request)
        fetch = partial(self._lookback.templates, request.filter, request.text, page_token=request.page_token)
        size = page_size(request)
        page, token = await fitting_page(lambda most: fetch(page_size=most), history.write_template, size)
        return pb.ListTemplatesResponse(templates=page, next_page_token=token)

    async def GetTemplate(self, request: pb.GetTemplateRequest, context: Any) -> pb.Template:
        check(request)
        told = await self._lookback.template(request.name, request.service, request.environment, request.filter)
        return history.write_told_template(told)

    async def ListTemplateSightings(
        self, request: pb.ListTemplateSightingsRequest, context: Any
    ) -> pb.ListTemplateSightingsResponse:
        check(request)
        fetch = partial(self._lookback.sightings, request.parent, request.filter, page_token=request.page_token)
        size = page_size(request)
        page, token = await fitting_page(lambda most: fetch(page_size=most), history.write_sighting, size)
        return pb.ListTemplateSightingsResponse(sightings=page, next_page_token=token)

    async def ExportVerifications(
        self, request: pb.ExportVerificationsRequest, context: Any
    ) -> AsyncIterator[pb.ExportVerificationsResponse]:
        check(request)
        format = EXPORT_FORMAT.word(request.format, "format") or Format.JSONL
        async for lines, count in self._lookback.export(request.filter, format):
            yield pb.ExportVerificationsResponse(lines=lines, verifications=count)


def _wish(sent: pb.RecordOutcomeRequest) -> OutcomeWish | InvalidRequest:
    """Each is looked at for itself: a fault in one does not stop the others."""
    try:
        check(sent)
        return convert.read_outcome(sent)
    except InvalidRequest as fault:
        return fault
