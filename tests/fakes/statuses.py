"""Reads what an RPC error tells."""

from typing import Any, NamedTuple

import grpc
from google.rpc import error_details_pb2
from grpc_status import rpc_status


class Told(NamedTuple):
    code: grpc.StatusCode
    message: str
    reason: str
    domain: str
    metadata: dict[str, str]
    violations: dict[str, str]


def told(error: grpc.aio.AioRpcError | grpc.RpcError) -> Told:
    """The code, the sentence, ErrorInfo and BadRequest of an error."""
    call: Any = error
    if isinstance(error, grpc.aio.AioRpcError):
        call = _Call(error)
    rich = rpc_status.from_call(call)
    info, bad = error_details_pb2.ErrorInfo(), error_details_pb2.BadRequest()
    for detail in rich.details if rich else ():
        detail.Unpack(info) if detail.Is(info.DESCRIPTOR) else detail.Unpack(bad)
    violations = {part.field: part.description for part in bad.field_violations}
    return Told(call.code(), call.details(), info.reason, info.domain, dict(info.metadata), violations)


class _Call:
    """The trailing metadata of an asynchronous error, in the shape that grpc_status reads."""

    def __init__(self, error: grpc.aio.AioRpcError) -> None:
        self.code, self.details = error.code, error.details
        self._metadata = tuple(error.trailing_metadata())

    def trailing_metadata(self) -> Any:
        return tuple(_Entry(key, value) for key, value in self._metadata)


class _Entry(NamedTuple):
    key: str
    value: Any
