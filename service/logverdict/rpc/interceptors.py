"""One interceptor for all four call shapes: it puts context managers around each call."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, aclosing
from dataclasses import dataclass
from typing import Any

import grpc
from google.protobuf.message import DecodeError

from logverdict.domain.errors import InvalidRequest


@dataclass(frozen=True, slots=True)
class Call:
    """`streaming` is whether the answer is a stream; `method` is /package.Service/Method."""

    method: str
    streaming: bool
    context: Any

    def of(self, service: str) -> bool:
        return self.method.startswith(f"/{service}/")


Around = Callable[[Call], AbstractAsyncContextManager[None]]
Handler = Callable[[Any, Any], Any]


@dataclass(frozen=True, slots=True)
class Undecodable:
    """Stands for a request whose bytes are no message."""

    fault: str


class AroundCalls(grpc.aio.ServerInterceptor):
    """`arounds` from the outermost to the innermost. Handlers are coroutines or asynchronous generators."""

    def __init__(self, arounds: Sequence[Around]) -> None:
        self._arounds = tuple(arounds)

    async def intercept_service(self, continuation: Any, handler_call_details: grpc.HandlerCallDetails) -> Any:
        handler = await continuation(handler_call_details)
        return handler and self._wrapped(handler, handler_call_details.method)

    def _wrapped(self, handler: Any, method: str) -> Any:
        shape = "_".join("stream" if it else "unary" for it in (handler.request_streaming, handler.response_streaming))
        make = getattr(grpc, f"{shape}_rpc_method_handler")
        answer = self._around(getattr(handler, shape), method, handler.response_streaming)
        return make(answer, _decoder(handler.request_deserializer), handler.response_serializer)

    def _around(self, inner: Handler, method: str, streaming: bool) -> Callable[[Any, Any], Awaitable[Any]]:
        async def answer(request: Any, context: Any) -> Any:
            call = Call(method, streaming, context)
            async with AsyncExitStack() as stack:
                for around in self._arounds:
                    await stack.enter_async_context(around(call))
                if isinstance(request, Undecodable):
                    raise InvalidRequest("request", request.fault)
                return await _answer(inner, request, context)

        return answer


async def _answer(inner: Handler, request: Any, context: Any) -> Any:
    """The answer of a coroutine, or the messages of a generator written out, which is closed in any case."""
    answer = inner(request, context)
    if not isinstance(answer, AsyncGenerator):
        return await answer
    async with aclosing(answer):
        async for message in answer:
            await context.write(message)
    return None


def _decoder(decode: Callable[[bytes], Any] | None) -> Callable[[bytes], Any] | None:
    """Left to grpc, undecodable bytes would end as INTERNAL."""

    def decoded(data: bytes) -> Any:
        try:
            return decode(data) if decode else data
        except DecodeError:
            return Undecodable("is no message of this method; allowed: its request in protobuf's encoding")

    return decoded
