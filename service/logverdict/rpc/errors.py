"""Our errors as gRPC statuses: one table, and nothing that is not of the family leaves with its text."""

from collections.abc import Mapping
from typing import Any

import grpc
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message
from google.rpc import error_details_pb2, status_pb2  # type: ignore[import-untyped]
from grpc import StatusCode
from grpc_status import rpc_status

from logverdict.domain.errors import (
    AlreadyExists,
    CannotReduce,
    FailedPrecondition,
    InvalidRequest,
    LeaseLost,
    LimitReached,
    NotFound,
    QueryRejected,
    QuotaReached,
    SourceUnavailable,
    StoreBroken,
    StoreBusy,
    StoreUnavailable,
    VerifyError,
    WorkerDied,
)
from logverdict.rpc.faults import Fault, faults_of

DOMAIN = "logverdict"
TEXT_BYTES = 800
VALUE_BYTES = 200
VIOLATION_BYTES = 1_500
"""Errors travel in the trailers: beyond about 8 kB of them, clients see only that there was too much."""


class ServerStopping(VerifyError):
    reason = "SERVER_STOPPING"


STATUS: Mapping[type[VerifyError], StatusCode] = {
    InvalidRequest: StatusCode.INVALID_ARGUMENT,
    QueryRejected: StatusCode.INVALID_ARGUMENT,
    CannotReduce: StatusCode.FAILED_PRECONDITION,
    NotFound: StatusCode.NOT_FOUND,
    AlreadyExists: StatusCode.ALREADY_EXISTS,
    FailedPrecondition: StatusCode.FAILED_PRECONDITION,
    SourceUnavailable: StatusCode.UNAVAILABLE,
    LeaseLost: StatusCode.UNAVAILABLE,
    StoreBusy: StatusCode.UNAVAILABLE,
    StoreUnavailable: StatusCode.UNAVAILABLE,
    ServerStopping: StatusCode.UNAVAILABLE,
    LimitReached: StatusCode.RESOURCE_EXHAUSTED,
    StoreBroken: StatusCode.DATA_LOSS,
    WorkerDied: StatusCode.INTERNAL,
    VerifyError: StatusCode.INTERNAL,
}
"""Subclasses are found by the nearest of these."""

COME_BACK: Mapping[type[VerifyError], int] = {
    ServerStopping: 1,
    LeaseLost: 1,
    StoreBusy: 1,
    StoreUnavailable: 5,
    SourceUnavailable: 15,
    LimitReached: 30,
}
"""Seconds after which to try again, about: how long a change of server, a lock, a failover, an outage and a
verification before us last at least. A quota does not pass."""

UNEXPECTED = VerifyError("An internal error; the server's log says more.")
"""Stands for whatever is not of the family."""


def code_of(kind: type[VerifyError]) -> StatusCode:
    return next(STATUS[base] for base in kind.__mro__ if base in STATUS)


def status_of(error: VerifyError) -> grpc.Status:
    """The status with ErrorInfo, with BadRequest for faults of the request, with RetryInfo for what passes."""
    violations = _violations(faults_of(error)) if isinstance(error, InvalidRequest) else None
    info = error_details_pb2.ErrorInfo(
        reason=error.reason,
        domain=DOMAIN,
        metadata={name: short(value, VALUE_BYTES) for name, value in error.details.items()},
    )
    code: Any = code_of(type(error)).value
    rich = status_pb2.Status(
        code=code[0],
        message=short(error.message, TEXT_BYTES),
        details=[_packed(detail) for detail in (info, violations, _come_back(type(error))) if detail is not None],
    )
    return rpc_status.to_status(rich)


def _come_back(kind: type[VerifyError]) -> Any:
    if issubclass(kind, QuotaReached):
        return None
    seconds = next((COME_BACK[base] for base in kind.__mro__ if base in COME_BACK), None)
    return seconds and error_details_pb2.RetryInfo(retry_delay=Duration(seconds=seconds))


def _violations(faults: list[Fault]) -> Any:
    """As many as fit; the last one then says how many more there are."""
    found = error_details_pb2.BadRequest()
    for place, (field, message) in enumerate(faults):
        if found.ByteSize() > VIOLATION_BYTES:
            found.field_violations.add(field="", description=f"and {len(faults) - place} more faults")
            break
        found.field_violations.add(field=short(field, VALUE_BYTES), description=short(message, 2 * VALUE_BYTES))
    return found


def short(text: str, most: int) -> str:
    """At most so many bytes of UTF-8, the cut shown."""
    data = text.encode(errors="replace")
    return data.decode() if len(data) <= most else data[: most - 3].decode(errors="ignore") + "…"


def _packed(detail: Message) -> AnyMessage:
    packed = AnyMessage()
    packed.Pack(detail)
    return packed
