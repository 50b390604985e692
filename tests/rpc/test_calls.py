"""The audit as a client meets it."""

from dataclasses import replace

import grpc
import pytest

from fakes.statuses import told
from fakes.verifications import a_verification, at
from logverdict.domain.verification import SourceCall
from logverdict.v1 import verification_service_pb2 as pb

CALL = SourceCall(at(1.5), "app", "POST /logs/_search", '{"size":1}', "200", 1_234, 0.25, 7)


async def test_a_call_is_shown_whole(stub, usecases):
    """Each field of a call is in the answer."""
    usecases.put(a_verification())
    usecases.called = [CALL]
    answer = await stub.ListSourceCalls(pb.ListSourceCallsRequest(parent="verifications/v1"))
    (call,) = answer.calls
    assert call.time.ToJsonString() == "2026-11-20T12:00:01.500Z"
    assert (call.source, call.method, call.query, call.status) == ("app", "POST /logs/_search", '{"size":1}', "200")
    assert (call.size, call.took.ToMilliseconds(), call.times) == (1_234, 250, 7)
    assert not [field.name for field in call.DESCRIPTOR.fields if field not in dict(call.ListFields())]


async def test_calls_come_in_pages(stub, usecases):
    """Each call once, in order, until no token is given."""
    usecases.put(a_verification())
    usecases.called = [replace(CALL, query=str(number)) for number in range(5)]
    seen, token = [], ""
    while True:
        request = pb.ListSourceCallsRequest(parent="verifications/v1", page_size=2, page_token=token)
        answer = await stub.ListSourceCalls(request)
        seen += [call.query for call in answer.calls]
        token = answer.next_page_token
        if not token:
            break
    assert seen == ["0", "1", "2", "3", "4"]


@pytest.mark.parametrize(
    ("fields", "code", "said"),
    [
        ({"parent": "verifications/v9"}, grpc.StatusCode.NOT_FOUND, "v9"),
        ({"parent": "v1"}, grpc.StatusCode.INVALID_ARGUMENT, "parent"),
        ({}, grpc.StatusCode.INVALID_ARGUMENT, "parent"),
        ({"parent": "verifications/v1", "page_size": -1}, grpc.StatusCode.INVALID_ARGUMENT, "page_size"),
        ({"parent": "verifications/v1", "page_token": "x"}, grpc.StatusCode.INVALID_ARGUMENT, "page_token"),
    ],
)
async def test_a_wrong_question_is_refused(stub, usecases, fields, code, said):
    """An unknown verification, no name, a negative size, a strange token: each with its field."""
    usecases.put(a_verification())
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await stub.ListSourceCalls(pb.ListSourceCallsRequest(**fields))
    assert caught.value.code() is code
    assert said in str(told(caught.value))
