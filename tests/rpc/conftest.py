"""A real server on a free port over the use cases in memory, and a real client."""

from collections.abc import AsyncIterator
from typing import Any

import grpc
import pytest

from fakes.verifications_usecase import MemoryVerifications
from logverdict.rpc.server import GrpcServer
from logverdict.v1 import verification_service_pb2_grpc as pb_grpc


@pytest.fixture
def usecases() -> MemoryVerifications:
    return MemoryVerifications()


@pytest.fixture
async def server(usecases: MemoryVerifications) -> AsyncIterator[GrpcServer]:
    server = GrpcServer(usecases, max_streams=3)
    yield server
    await server.stop(0)


@pytest.fixture
async def address(server: GrpcServer) -> str:
    return f"127.0.0.1:{await server.start('127.0.0.1:0')}"


@pytest.fixture
async def channel(address: str) -> AsyncIterator[Any]:
    async with grpc.aio.insecure_channel(address) as channel:
        yield channel


@pytest.fixture
def stub(channel: Any) -> Any:
    return pb_grpc.VerificationServiceStub(channel)
