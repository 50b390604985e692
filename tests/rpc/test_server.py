"""The server begins, says how it is, shows what it can, and ends in order."""

import asyncio
import re
import threading
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf import descriptor_pool, message_factory
from grpc import StatusCode
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase

from fakes.statuses import told
from fakes.verifications import a_verification
from fakes.verifications_usecase import MemoryVerifications
from logverdict.domain.errors import FailedPrecondition, InvalidRequest
from logverdict.domain.words import State
from logverdict.rpc.server import GrpcServer
from logverdict.v1 import verification_service_pb2 as pb
from logverdict.v1 import verification_service_pb2_grpc as pb_grpc

SERVING, NOT_SERVING = health_pb2.HealthCheckResponse.SERVING, health_pb2.HealthCheckResponse.NOT_SERVING
SERVICE = "logverdict.v1.VerificationService"
WATCH = pb.WatchVerificationRequest(name="verifications/v1")
PROTOCOL = Path(__file__).parents[2] / "docs" / "protocol.md"


@pytest.mark.parametrize("service", ["", SERVICE])
async def test_health_says_serving(channel, service):
    """Of the whole and of the service by name."""
    answer = await health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest(service=service))
    assert answer.status == SERVING


async def test_a_second_server_on_the_port_is_refused(address):
    """Two servers never share a port by accident."""
    second = GrpcServer(MemoryVerifications())
    with pytest.raises(FailedPrecondition, match="cannot listen on .*: Address already in use"):
        await second.start(address)
    await second.stop(0)


async def test_other_machines_are_kept_out(server):
    """Without authentication there is loopback only."""
    with pytest.raises(InvalidRequest, match="listen"):
        await server.start("0.0.0.0:0")


async def test_a_unix_socket_serves_too(usecases, tmp_path, monkeypatch):
    """A sidecar needs no port."""
    monkeypatch.chdir(tmp_path)
    usecases.put(a_verification())
    server = GrpcServer(usecases)
    assert await server.start("unix:lv.sock") == 0
    async with grpc.aio.insecure_channel("unix:lv.sock") as channel:
        stub = pb_grpc.VerificationServiceStub(channel)
        assert (await stub.GetVerification(pb.GetVerificationRequest(name="verifications/v1"))).revision == 1
    await server.stop(0)


async def test_stopping_tells_health_watchers_and_ends_streams(server, stub, channel, usecases):
    """Health says NOT_SERVING, then streams end with UNAVAILABLE and a reason, from which a client goes on."""
    usecases.put(a_verification())
    stream = stub.WatchVerification(WATCH)
    health = health_pb2_grpc.HealthStub(channel).Watch(health_pb2.HealthCheckRequest())
    assert (await stream.read()).revision.number == 1
    assert (await health.read()).status == SERVING
    stopped = asyncio.ensure_future(server.stop(30))
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await stream.read()
    assert told(caught.value)[:3] == (
        StatusCode.UNAVAILABLE,
        "The server is stopping; watch again from the last revision.",
        "SERVER_STOPPING",
    )
    assert (await health.read()).status == NOT_SERVING
    await stopped
    assert usecases.watching == 0


async def test_stopping_lets_running_calls_finish(server, stub, usecases):
    """What was begun is answered; the server is gone only then."""
    usecases.gate.clear()
    request = pb.CreateVerificationRequest()
    request.verification.deployment.MergeFrom(pb.Deployment(service="s", environment="e", version="1"))
    call = stub.CreateVerification(request)
    await usecases.begun.wait()
    stopped = asyncio.ensure_future(server.stop(30))
    usecases.gate.set()
    assert (await call).name == "verifications/v1"
    await stopped


async def test_stopping_does_not_wait_for_a_reader_that_is_stuck(server, stub, usecases):
    """After the grace a stream that nobody reads is cut."""
    usecases.heartbeat = 0.0
    usecases.put(a_verification())
    stream = stub.WatchVerification(WATCH)
    await stream.read()
    await server.stop(0.1)
    stream.cancel()


def by_reflection(address: str) -> tuple[set[str], Any]:
    """What a client without our code does: find the service, build its messages, call it."""
    with grpc.insecure_channel(address) as channel:
        database = ProtoReflectionDescriptorDatabase(channel)
        pool = descriptor_pool.DescriptorPool(database)
        method = pool.FindServiceByName(SERVICE).methods_by_name["GetVerification"]
        make = message_factory.GetMessageClass(method.input_type)
        read = message_factory.GetMessageClass(method.output_type)
        call = channel.unary_unary(f"/{SERVICE}/{method.name}", make.SerializeToString, read.FromString)
        return set(database.get_services()), call(make(name="verifications/v1"))


async def test_a_client_without_our_code_works_by_reflection(address, usecases):
    """It lists the services, reads their descriptors, and gets a verification."""
    usecases.put(a_verification())
    services, verification = await asyncio.to_thread(by_reflection, address)
    assert services >= {SERVICE, "grpc.health.v1.Health"}
    assert verification.deployment.service == "checkout"


@pytest.mark.parametrize("version", ["v1", "v1alpha"])
async def test_reflection_has_both_names(channel, version):
    """Newer clients ask for v1, older ones for v1alpha."""
    method = channel.stream_stream(
        f"/grpc.reflection.{version}.ServerReflection/ServerReflectionInfo",
        reflection_pb2.ServerReflectionRequest.SerializeToString,
        reflection_pb2.ServerReflectionResponse.FromString,
    )
    call = method(iter([reflection_pb2.ServerReflectionRequest(list_services="")]))
    answer = await call.read()
    assert SERVICE in {service.name for service in answer.list_services_response.service}


async def test_the_client_in_the_documentation_works(address, usecases, capsys):
    """The ten lines of docs/protocol.md verify a deployment as they stand."""
    (code,) = re.findall(r"```python\n(.*?)```", PROTOCOL.read_text(), re.DOTALL)
    code = code.replace("127.0.0.1:50051", address)
    client = threading.Thread(target=exec, args=(code, {}))
    client.start()
    while not usecases.watching:
        await asyncio.sleep(0)
    await usecases.move("verifications/v1", state=State.CANCELLED)
    await asyncio.to_thread(client.join)
    assert "CANCELLED" in capsys.readouterr().out
