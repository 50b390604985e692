"""The service as a client meets it."""

import asyncio
from typing import Any

import grpc
import pytest
from google.protobuf.json_format import ParseDict
from grpc import StatusCode

from fakes.statuses import told
from fakes.verifications import a_judgement, a_verification, an_event
from logverdict.domain.verification import Progress
from logverdict.domain.words import Decision, State
from logverdict.v1 import policy_pb2
from logverdict.v1 import verification_service_pb2 as pb

DEPLOYMENT = {"service": "checkout", "environment": "prod", "version": "1.1"}


def create_request(request_id: str = "", **deployment: str) -> pb.CreateVerificationRequest:
    verification = {"deployment": {**DEPLOYMENT, **deployment}}
    return ParseDict({"verification": verification, "request_id": request_id}, pb.CreateVerificationRequest())


def verify_request(request_id: str = "", **deployment: str) -> pb.VerifyRequest:
    return pb.VerifyRequest.FromString(create_request(request_id, **deployment).SerializeToString())


def watch_request(name: str, after: int = 0) -> pb.WatchVerificationRequest:
    return pb.WatchVerificationRequest(name=name, after_revision=after)


async def refused(call: Any) -> Any:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call
    return told(caught.value)


async def rest(stream: Any) -> list[Any]:
    """All that still comes."""
    steps = []
    while (step := await stream.read()) is not grpc.aio.EOF:
        steps.append(step)
    return steps


async def until(condition: Any) -> None:
    """Lets others work until it holds; the test's own timeout is the end of patience."""
    while not condition():
        await asyncio.sleep(0)


async def test_create_returns_the_verification_at_once(stub):
    """It is stored and has a name; the work goes on behind."""
    created = await stub.CreateVerification(create_request())
    assert (created.name, created.state) == ("verifications/v1", pb.Verification.PENDING)
    assert created == await stub.GetVerification(pb.GetVerificationRequest(name=created.name))


async def test_the_same_request_id_gives_the_same_verification(stub, usecases):
    """A retry is safe, by Create and by Verify; another one of them with another body is not."""
    first = await stub.CreateVerification(create_request("run-1"))
    again = await stub.CreateVerification(create_request("run-1"))
    stream = stub.Verify(verify_request("run-1"))
    assert {first.name, again.name, (await stream.read()).name} == {"verifications/v1"}
    error = await refused(stub.CreateVerification(create_request("run-1", version="1.2")))
    assert (error.code, error.metadata) == (StatusCode.ALREADY_EXISTS, {"name": "verifications/v1"})
    assert len(usecases.wanted) == 1


async def test_bad_requests_tell_every_fault(stub, usecases):
    """Nothing is created, and each field is named."""
    error = await refused(stub.CreateVerification(create_request("r" * 101, service="")))
    assert error.code is StatusCode.INVALID_ARGUMENT
    assert set(error.violations) == {"verification.deployment.service", "request_id"}
    assert usecases.wanted == []


async def test_verify_refuses_as_create_does(stub):
    """A stream that cannot begin is an error, not an empty stream."""
    error = await refused(stub.Verify(verify_request(version="")).read())
    assert list(error.violations) == ["verification.deployment.version"]


async def test_faults_found_later_are_named_as_the_caller_wrote_them(stub, usecases):
    """What the use case says of a field is told from the request on."""
    from logverdict.domain.errors import InvalidRequest

    usecases.fault = InvalidRequest("deployment.rollout_start_time", "is more than a day in the future")
    error = await refused(stub.CreateVerification(create_request()))
    assert list(error.violations) == ["verification.deployment.rollout_start_time"]
    assert error.metadata == {"field": "verification.deployment.rollout_start_time"}


async def test_bytes_that_are_no_message_are_refused(channel):
    """Garbage has its own answer, and it is the caller's fault."""
    create = channel.unary_unary("/logverdict.v1.VerificationService/CreateVerification")
    error = await refused(create(b"\x0a\xff\xff\xff"))
    assert (error.code, list(error.violations)) == (StatusCode.INVALID_ARGUMENT, ["request"])


async def test_a_message_that_is_too_large_is_refused(channel):
    """4 MB are enough for any request."""
    create = channel.unary_unary("/logverdict.v1.VerificationService/CreateVerification")
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await create(b"\0" * (4 * 1024 * 1024 + 1))
    assert caught.value.code() is StatusCode.RESOURCE_EXHAUSTED


async def test_verify_streams_to_the_end(stub, usecases):
    """Each revision once and in order, the last with the verdict and its events; then the stream ends."""
    stream = stub.Verify(verify_request())
    first = await stream.read()
    await usecases.move(first.name, state=State.RUNNING)
    await usecases.move(first.name, state=State.SUCCEEDED, decision=Decision.STOP, judgement=a_judgement(an_event()))
    steps = [first, *await rest(stream)]
    assert [step.revision.number for step in steps] == [1, 2, 3]
    assert {step.name for step in steps} == {"verifications/v1"}
    last = steps[-1].revision
    assert (last.verification.verdict, last.verification.decision) == (pb.Verification.FAIL, policy_pb2.STOP)
    assert [event.id for event in last.changed_events] == ["e1"]


async def test_a_watch_goes_on_after_a_revision(stub, usecases):
    """A client that was cut off misses nothing and sees nothing twice, and the work went on meanwhile."""
    stream = stub.Verify(verify_request())
    name = (await stream.read()).name
    stream.cancel()
    await until(lambda: usecases.watching == 0)
    await usecases.move(name, state=State.RUNNING)
    await usecases.move(name, look=1)
    await usecases.move(name, state=State.SUCCEEDED)
    steps = [step async for step in stub.WatchVerification(watch_request(name, after=1))]
    assert [step.revision.number for step in steps] == [2, 3, 4]
    assert [step async for step in stub.WatchVerification(watch_request(name, after=4))] == []


async def test_progress_comes_between_revisions(stub, usecases):
    """It has no number."""
    usecases.put(a_verification())
    stream = stub.WatchVerification(watch_request("verifications/v1"))
    await stream.read()
    await usecases.tell(Progress("reading", 0.5, 30.0, 12))
    assert (await stream.read()).progress.entries_read == 12


async def test_silence_is_filled_with_heartbeats(stub, usecases):
    """A stream without news shows that it lives."""
    usecases.heartbeat = 0.01
    usecases.put(a_verification())
    stream = stub.WatchVerification(watch_request("verifications/v1"))
    assert [(await stream.read()).WhichOneof("step") for _ in range(3)] == ["revision", "heartbeat", "heartbeat"]


async def test_a_deadline_ends_the_stream_only(stub, usecases):
    """The verification goes on, and its watch is closed."""
    stream = stub.Verify(verify_request(), timeout=0.2)
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        [step async for step in stream]
    assert caught.value.code() is StatusCode.DEADLINE_EXCEEDED
    await until(lambda: usecases.watching == 0)
    assert (await usecases.get("verifications/v1")).state is State.PENDING


async def test_a_creation_that_began_is_finished(stub, usecases):
    """A caller that goes away in the middle leaves a whole verification, not half of one."""
    usecases.gate.clear()
    call = stub.CreateVerification(create_request(), timeout=0.1)
    assert (await refused(call)).code is StatusCode.DEADLINE_EXCEEDED
    usecases.gate.set()
    await until(lambda: usecases.wanted)
    assert (await usecases.get("verifications/v1")).name == "verifications/v1"


async def test_too_many_streams_are_refused_and_room_is_given_back(stub, usecases):
    """The limit is told; a stream that ends makes room; other calls go on."""
    usecases.put(a_verification())
    streams = [stub.WatchVerification(watch_request("verifications/v1")) for _ in range(3)]
    for stream in streams:
        await stream.read()
    error = await refused(stub.WatchVerification(watch_request("verifications/v1")).read())
    assert (error.code, error.reason) == (StatusCode.RESOURCE_EXHAUSTED, "TOO_MANY_CALLS")
    await stub.GetVerification(pb.GetVerificationRequest(name="verifications/v1"))
    streams[0].cancel()
    await until(lambda: usecases.watching == 2)
    assert (await stub.WatchVerification(watch_request("verifications/v1")).read()).revision.number == 1


@pytest.mark.parametrize(
    ("method", "request_"),
    [
        ("GetVerification", pb.GetVerificationRequest(name="verifications/none")),
        ("CancelVerification", pb.CancelVerificationRequest(name="verifications/none")),
        ("ListEvents", pb.ListEventsRequest(parent="verifications/none")),
    ],
)
async def test_what_does_not_exist_is_not_found(stub, method, request_):
    """The name is in the metadata."""
    error = await refused(getattr(stub, method)(request_))
    assert (error.code, error.metadata) == (StatusCode.NOT_FOUND, {"name": "verifications/none"})


async def test_watching_what_does_not_exist_is_not_found(stub):
    """A stream that cannot begin is an error."""
    error = await refused(stub.WatchVerification(watch_request("verifications/none")).read())
    assert error.code is StatusCode.NOT_FOUND


async def test_a_negative_revision_is_refused(stub):
    """The field is named."""
    error = await refused(stub.WatchVerification(watch_request("verifications/v1", after=-1)).read())
    assert list(error.violations) == ["after_revision"]


async def test_an_unknown_field_is_refused_in_every_method(stub):
    """Nothing that a caller said is dropped in silence."""
    request = pb.GetVerificationRequest(name="verifications/v1")
    request.MergeFromString(b"\xa0\x06\x01")
    error = await refused(stub.GetVerification(request))
    assert "has no field 100" in error.message


async def test_lists_come_in_pages(stub):
    """Newest first, each once, and an empty token is the end."""
    for number in range(5):
        await stub.CreateVerification(create_request(version=f"1.{number}"))
    names, token = [], ""
    while True:
        request = pb.ListVerificationsRequest(page_size=2, page_token=token)
        page = await stub.ListVerifications(request)
        names += [verification.name for verification in page.verifications]
        token = page.next_page_token
        if not token:
            break
    assert names == [f"verifications/v{number}" for number in (5, 4, 3, 2, 1)]


@pytest.mark.parametrize(
    ("fields", "field"),
    [({"page_size": -1}, "page_size"), ({"page_token": "x"}, "page_token"), ({"filter": "colour = red"}, "filter")],
)
async def test_a_list_names_what_it_does_not_understand(stub, fields, field):
    """Page sizes, tokens and filters are not guessed."""
    error = await refused(stub.ListVerifications(pb.ListVerificationsRequest(**fields)))
    assert (error.code, list(error.violations)) == (StatusCode.INVALID_ARGUMENT, [field])


async def test_events_come_in_pages_that_fit(stub, usecases):
    """Large events make small pages, and none is lost."""
    usecases.put(a_verification())
    usecases.found = {f"e{n}": an_event(id=f"e{n}", samples=("x" * 500_000,)) for n in range(10)}
    found, token = [], ""
    while True:
        request = pb.ListEventsRequest(parent="verifications/v1", page_size=1000, page_token=token)
        page = await stub.ListEvents(request)
        found += [event.id for event in page.events]
        token = page.next_page_token
        if not token:
            break
    assert found == list(usecases.found)


async def test_cancel_carries_the_decision(stub, usecases):
    """The caller's decision is given; a second cancel comes too late."""
    usecases.put(a_verification())
    request = pb.CancelVerificationRequest(name="verifications/v1", decision=policy_pb2.PROCEED)
    cancelled = await stub.CancelVerification(request)
    assert (cancelled.state, cancelled.decision) == (pb.Verification.CANCELLED, policy_pb2.PROCEED)
    assert (await refused(stub.CancelVerification(request))).code is StatusCode.FAILED_PRECONDITION


async def test_an_unknown_decision_is_refused(stub, usecases):
    """A word that we do not know never becomes another one."""
    usecases.put(a_verification())
    request = pb.CancelVerificationRequest(name="verifications/v1", decision=9)
    assert list((await refused(stub.CancelVerification(request))).violations) == ["decision"]
