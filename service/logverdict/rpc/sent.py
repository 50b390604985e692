"""What methods share: faults named as the caller wrote them, and streams that are closed when nobody reads on."""

from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

from logverdict.domain.errors import InvalidRequest
from logverdict.rpc.faults import join
from logverdict.v1 import profile_pb2
from logverdict.v1 import verification_service_pb2 as pb


@asynccontextmanager
async def closing(steps: AsyncIterator[Any]) -> AsyncIterator[AsyncIterator[Any]]:
    try:
        yield steps
    finally:
        if isinstance(steps, AsyncGenerator):
            await steps.aclose()


@contextmanager
def as_sent() -> Iterator[None]:
    """The use cases name fields from the verification on; the caller wrote them inside a request."""
    try:
        yield
    except InvalidRequest as error:
        path = _path(error.field.split(".")[0].split("[")[0])
        if not path:
            raise
        details = {name: value for name, value in error.details.items() if name != "field"}
        raise InvalidRequest(join(path, error.field), error.fault, **details) from None


def _path(root: str) -> str:
    if root in pb.Verification.DESCRIPTOR.fields_by_name:
        return "verification"
    return "verification.inline_profile" if root in profile_pb2.InlineProfile.DESCRIPTOR.fields_by_name else ""
