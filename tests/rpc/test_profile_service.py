"""ProfileService through a real server and client."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from fakes.inspection import NOON, WINDOW, ScriptedInspection, a_report
from fakes.verifications_usecase import MemoryVerifications
from logverdict.domain.errors import InvalidRequest, NotFound, SourceUnavailable
from logverdict.domain.words import PushDown, Readable
from logverdict.rpc.profile_service import SERVICE
from logverdict.rpc.server import GrpcServer
from logverdict.v1 import profile_pb2
from logverdict.v1 import profile_service_pb2 as pb
from logverdict.v1.profile_service_pb2_grpc import ProfileServiceStub
from logverdict.verify.inspect import Wish


@pytest.fixture
def use() -> ScriptedInspection:
    return ScriptedInspection(a_report(), a_report(Readable.REFUSED, faults=("no such index",)))


@pytest.fixture
async def channel(use: ScriptedInspection) -> AsyncIterator[Any]:
    server = GrpcServer(MemoryVerifications(), inspection=use)
    port = await server.start("127.0.0.1:0")
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield channel
    await server.stop(0)


@pytest.fixture
def stub(channel: Any) -> Any:
    return ProfileServiceStub(channel)


async def refused(call: Callable[[Any], Awaitable[object]], request: object) -> tuple[grpc.StatusCode, str]:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call(request)
    return caught.value.code(), caught.value.details() or ""


async def test_a_report_travels_whole(stub: Any, use: ScriptedInspection) -> None:
    """State, who, privileges, fields, counts, lag, entries, requests and warnings of each source arrive."""
    found = await stub.TestSource(pb.TestSourceRequest(service="shop"))
    good, bad = found.reports
    assert (good.state, bad.state) == (pb.SourceReport.READABLE, pb.SourceReport.REFUSED)
    assert (good.server, good.user, list(good.roles)) == ("Elasticsearch 8.19.8", "reader", ["logs"])
    assert [(one.name, one.granted) for one in good.privileges] == [("read on logs-shop", True)]
    assert [one.name for one in good.fields] == ["time", "message", "level", "instance", "", "", ""]
    assert (good.fields[0].share, good.fields[4].candidates[0].name, good.sampled) == (1.0, "no.version", 2)
    assert (good.entry_count, good.counted, [one.count for one in good.counts]) == (30, True, [10, 20])
    assert good.counts[0].time.ToDatetime(NOON.tzinfo) == NOON
    assert (good.lag_p95.ToMilliseconds(), good.lag_max.ToSeconds()) == (1_500, 90)
    assert (
        good.calls[0].query == '{"query": {"match_all": {}}}'
        and list(good.warnings)
        and not good.HasField("evidence_count")
    )
    assert list(bad.faults) == ["no such index"]


async def test_what_is_tested_arrives(stub: Any, use: ScriptedInspection) -> None:
    """Profile, text, own source, window: as they were sent; the environment is any where none is named."""
    window = a_window()
    source = profile_pb2.Source(name="x", connection="logs", query="*", push_down=profile_pb2.Source.NEVER)
    await stub.TestSource(pb.TestSourceRequest(service="shop", profile="web", source_name="app", window=window))
    await stub.TestSource(pb.TestSourceRequest(yaml="profiles: {}", environment="prod"))
    await stub.TestSource(pb.TestSourceRequest(source=source))
    named, text, own = use.asked
    assert named == Wish("shop", "any", profile="web", source_name="app", window=WINDOW)
    assert text == Wish("", "prod", text="profiles: {}")
    assert isinstance(own, Wish) and own.source is not None
    assert (own.source.name, own.source.push_down) == ("x", PushDown.NEVER)


@pytest.mark.parametrize(
    ("sent", "text"),
    [
        (pb.TestSourceRequest(), "service: is required"),
        (pb.TestSourceRequest(service="s", source=profile_pb2.Source(name="x")), "source.connection: is required"),
        (pb.TestSourceRequest(service="s", yaml="y" * 1_000_001), "yaml: has 1000001 characters"),
        (pb.TestSourceRequest(yaml="y", source=profile_pb2.Source(name="x", connection="c", query="q")), "beside yaml"),
    ],
)
async def test_a_request_that_can_t_be_meant(stub: Any, sent: pb.TestSourceRequest, text: str) -> None:
    """It is refused with the field."""
    code, said = await refused(stub.TestSource, sent)
    assert code is grpc.StatusCode.INVALID_ARGUMENT and text in said


async def test_errors_have_their_codes(stub: Any, use: ScriptedInspection) -> None:
    """What the use case raises arrives by the one table; a draft's faults name the request's own fields."""
    use.fault = NotFound("unknown profile 'x'")
    assert await refused(stub.TestSource, pb.TestSourceRequest(service="x")) == (
        grpc.StatusCode.NOT_FOUND,
        "unknown profile 'x'",
    )
    use.fault = SourceUnavailable("does not answer")
    code, _ = await refused(stub.DraftProfile, pb.DraftProfileRequest(connection="logs"))
    assert code is grpc.StatusCode.UNAVAILABLE
    use.fault = InvalidRequest("inline_profile.sources[0].connection", "unknown connection 'x'")
    _, said = await refused(stub.DraftProfile, pb.DraftProfileRequest(connection="x"))
    assert said.startswith("connection: unknown connection")
    own = profile_pb2.Source(name="x", connection="x", query="*")
    _, said = await refused(stub.TestSource, pb.TestSourceRequest(source=own))
    assert said.startswith("source.connection: unknown connection")


async def test_profiles_come_by_pages(stub: Any) -> None:
    """Each once, and an empty token at the end; a token of another kind is refused."""
    first = await stub.ListProfiles(pb.ListProfilesRequest(page_size=2))
    rest = await stub.ListProfiles(pb.ListProfilesRequest(page_size=2, page_token=first.next_page_token))
    assert [one.name for one in (*first.profiles, *rest.profiles)] == ["a", "b", "c"]
    assert rest.next_page_token == "" and rest.profiles[0].origin == "p.yaml:3"
    code, _ = await refused(stub.ListProfiles, pb.ListProfilesRequest(page_token="x"))
    assert code is grpc.StatusCode.INVALID_ARGUMENT


async def test_a_text_is_checked(stub: Any) -> None:
    """Mistakes with line, field, what is allowed and what was meant; or the profiles as they hold."""
    wrong = await stub.CheckProfile(pb.CheckProfileRequest(yaml="wrong"))
    right = await stub.CheckProfile(pb.CheckProfileRequest(yaml="fine"))
    (fault,) = wrong.faults
    assert (fault.line, fault.column, fault.field, fault.allowed, fault.hint) == (2, 3, "profiles.x", "right", "rigth")
    assert [one.name for one in right.profiles] == ["shop"] and not wrong.profiles


async def test_a_draft_travels(stub: Any, use: ScriptedInspection) -> None:
    """Connection, options and window go in, text and warnings come out; no query means everything."""
    made = await stub.DraftProfile(
        pb.DraftProfileRequest(connection="logs", options={"index": "logs-shop"}, service="shop", window=a_window())
    )
    (asked,) = use.asked
    assert (made.yaml, made.sampled, list(made.warnings)) == ("profiles: {}\n", 50, ["no entries"])
    assert not isinstance(asked, Wish | tuple)
    assert (asked.spec.query, asked.spec.options, asked.window) == ("*", {"index": "logs-shop"}, WINDOW)


async def test_health_knows_the_service(channel: Any) -> None:
    """It is SERVING like the others."""
    answer = await health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest(service=SERVICE))
    assert answer.status == health_pb2.HealthCheckResponse.SERVING


def a_window():  # type: ignore[no-untyped-def]
    request = pb.TestSourceRequest()
    request.window.start_time.FromDatetime(WINDOW.start)
    request.window.end_time.FromDatetime(WINDOW.end)
    return request.window
