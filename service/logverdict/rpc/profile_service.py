"""The methods of ProfileService."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from logverdict.domain.errors import InvalidRequest
from logverdict.rpc import convert_in as read
from logverdict.rpc.convert_profile import (
    read_draft,
    read_wish,
    write_checked,
    write_known,
    write_report,
)
from logverdict.rpc.usecases import Inspection
from logverdict.v1 import profile_service_pb2 as pb
from logverdict.v1.profile_service_pb2_grpc import ProfileServiceServicer

SERVICE: str = pb.DESCRIPTOR.services_by_name["ProfileService"].full_name
SOURCE = "inline_profile.sources[0]."


class ProfileServicer(ProfileServiceServicer):
    def __init__(self, inspection: Inspection) -> None:
        self._inspection = inspection

    async def ListProfiles(self, request: pb.ListProfilesRequest, context: Any) -> pb.ListProfilesResponse:
        read.check(request)
        found = await self._inspection.profiles()
        start, size = _start(request.page_token), read.read_page_size(request)
        page = [write_known(one) for one in found[start : start + size]]
        token = str(start + size) if start + size < len(found) else ""
        return pb.ListProfilesResponse(profiles=page, next_page_token=token)

    async def CheckProfile(self, request: pb.CheckProfileRequest, context: Any) -> pb.CheckProfileResponse:
        read.check(request)
        return write_checked(await self._inspection.check(request.yaml, request.service, request.environment))

    async def TestSource(self, request: pb.TestSourceRequest, context: Any) -> pb.TestSourceResponse:
        read.check(request)
        with _as_sent("source."):
            reports = await self._inspection.test(read_wish(request))
        return pb.TestSourceResponse(reports=[write_report(one) for one in reports])

    async def DraftProfile(self, request: pb.DraftProfileRequest, context: Any) -> pb.DraftProfileResponse:
        read.check(request)
        with _as_sent(""):
            made = await self._inspection.draft(read_draft(request))
        return pb.DraftProfileResponse(yaml=made.text, sampled=made.sampled, warnings=made.warnings)


@contextmanager
def _as_sent(path: str) -> Iterator[None]:
    """The use cases take a request's own source as one of an inline profile; the caller wrote it at `path`."""
    try:
        yield
    except InvalidRequest as fault:
        if not fault.field.startswith(SOURCE):
            raise
        raise InvalidRequest(path + fault.field.removeprefix(SOURCE), fault.fault) from None


def _start(token: str) -> int:
    if token and not (token.isascii() and token.isdigit() and len(token) <= 6):
        raise InvalidRequest("page_token", "is not from a page before; allowed: next_page_token as it was given")
    return int(token or 0)
