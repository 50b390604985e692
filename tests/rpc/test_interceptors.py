"""What is put around calls works for all four call shapes."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import grpc
import pytest
from grpc import StatusCode

from fakes.statuses import told
from logverdict.domain.errors import NotFound
from logverdict.rpc.around import Answered, InFlight, Stopping, Told, logged
from logverdict.rpc.interceptors import AroundCalls

SHAPES = ("unary_unary", "unary_stream", "stream_unary", "stream_stream")
SERVICE = "test.Echo"


class Log:
    """Keeps what was logged."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, dict[str, Any]]] = []
        self._ended = asyncio.Event()

    def info(self, text: str, **fields: Any) -> None:
        self.lines.append((text, fields))
        self._ended.set()

    debug = info

    def exception(self, text: str, **fields: Any) -> None:
        self.lines.append((text, fields))

    async def ended(self) -> list[tuple[str, dict[str, Any]]]:
        """The lines, once the call's own is there: it may come after its answer."""
        await self._ended.wait()
        return self.lines


class Echo:
    """Answers with what it got; the words `known`, `other` and `hang` do as they say."""

    def __init__(self) -> None:
        self.hanging = asyncio.Event()

    async def _do(self, word: bytes) -> bytes:
        if word == b"known":
            raise NotFound("there is no such thing", name="x")
        if word == b"other":
            raise ZeroDivisionError("secret")
        if word == b"hang":
            self.hanging.set()
            await asyncio.Event().wait()
        return word

    async def unary_unary(self, request: bytes, context: Any) -> bytes:
        return await self._do(request)

    async def unary_stream(self, request: bytes, context: Any) -> AsyncIterator[bytes]:
        yield b"first"
        yield await self._do(request)

    async def stream_unary(self, requests: AsyncIterator[bytes], context: Any) -> bytes:
        return b"".join([await self._do(request) async for request in requests])

    async def stream_stream(self, requests: AsyncIterator[bytes], context: Any) -> AsyncIterator[bytes]:
        async for request in requests:
            yield await self._do(request)


@pytest.fixture
def log() -> Log:
    return Log()


@pytest.fixture
def stopping() -> Stopping:
    return Stopping()


@pytest.fixture
def echo() -> Echo:
    return Echo()


@pytest.fixture
async def channel(log: Log, stopping: Stopping, echo: Echo) -> AsyncIterator[Any]:
    arounds = [Answered(logged(log), timer=iter(range(100)).__next__), Told(log), InFlight(SERVICE, 9, 9), stopping]
    server = grpc.aio.server(interceptors=[AroundCalls(arounds)])
    methods = {shape: getattr(grpc, f"{shape}_rpc_method_handler")(getattr(echo, shape)) for shape in SHAPES}
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(SERVICE, methods),))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield channel
    await server.stop(0)


def start(channel: Any, shape: str, word: bytes, **options: Any) -> Any:
    method = getattr(channel, shape)(f"/{SERVICE}/{shape}")
    return method(iter([word]) if shape.startswith("stream") else word, **options)


async def answers(call: Any) -> list[bytes]:
    return [part async for part in call] if hasattr(call, "__aiter__") else [await call]


@pytest.mark.parametrize("shape", SHAPES)
async def test_answers_pass(channel, log, shape):
    """A call that goes well is answered as without interceptor, and logged with its method, code and seconds."""
    assert (await answers(start(channel, shape, b"word")))[-1] == b"word"
    assert await log.ended() == [("call", {"method": f"/{SERVICE}/{shape}", "code": "OK", "seconds": 1})]


@pytest.mark.parametrize("shape", SHAPES)
async def test_errors_of_the_family_are_told(channel, log, shape):
    """The code, the sentence and the reason arrive."""
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await answers(start(channel, shape, b"known"))
    error = told(caught.value)
    assert error[:3] == (StatusCode.NOT_FOUND, "there is no such thing", "NOT_FOUND")
    assert (await log.ended())[-1][1]["code"] == "NOT_FOUND"


@pytest.mark.parametrize("shape", SHAPES)
async def test_other_errors_are_logged_and_leave_without_text(channel, log, shape):
    """What was not foreseen is INTERNAL for the caller and has its trace in the log."""
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await answers(start(channel, shape, b"other"))
    error = told(caught.value)
    assert (error.code, error.reason) == (StatusCode.INTERNAL, "INTERNAL")
    assert "secret" not in str(caught.value)
    assert [text for text, _ in await log.ended()] == ["unexpected error", "call"]


@pytest.mark.parametrize("shape", SHAPES)
async def test_a_deadline_ends_the_call(channel, log, shape):
    """The caller gets DEADLINE_EXCEEDED, and nothing is taken for an error of ours."""
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await answers(start(channel, shape, b"hang", timeout=0.2))
    assert caught.value.code() is StatusCode.DEADLINE_EXCEEDED
    assert [text for text, _ in await log.ended()] == ["call"]


@pytest.mark.parametrize("shape", ["unary_stream", "stream_stream"])
async def test_streams_end_when_the_server_stops(channel, echo, stopping, shape):
    """The caller learns that it may come back."""
    call = start(channel, shape, b"hang")
    reading = asyncio.ensure_future(answers(call))
    await echo.hanging.wait()
    stopping.end(SERVICE)
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await reading
    assert told(caught.value)[::2][:2] == (StatusCode.UNAVAILABLE, "SERVER_STOPPING")


async def test_a_stream_that_comes_while_the_server_stops_is_told_so(channel, stopping):
    """Nothing is begun that would be cut off."""
    stopping.end(SERVICE)
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await answers(start(channel, "unary_stream", b"word"))
    assert told(caught.value).reason == "SERVER_STOPPING"
