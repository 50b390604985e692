"""An HTTP proxy between a client and a real server, where tests let things happen to requests and answers."""

import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import aiohttp
from aiohttp import web

from logverdict.domain.window import Window

Body = dict[str, Any]
TIME = re.compile(r'"(gte|lt)":\s*"([^"]+)"')
DROPPED = {"host", "content-length", "transfer-encoding", "content-encoding", "connection", "accept-encoding"}


@dataclass
class Passing:
    """A request on its way. `forward` gets the server's answer; it may be asked for more than once."""

    request: web.Request
    text: str
    forward: Callable[[], Awaitable[web.Response]]

    @property
    def asked(self) -> Body:
        return dict(json.loads(self.text)) if self.text else {}

    def covers(self, span: Window) -> bool:
        """Whether it asks for entries of that time."""
        found = {word: datetime.fromisoformat(text) for word, text in TIME.findall(self.text)}
        return bool(found) and found["gte"] < span.end and found["lt"] > span.start


Happening = Callable[[Passing], Awaitable[web.StreamResponse]]


@dataclass
class Rule:
    wanted: Callable[[Passing], bool]
    happening: Happening
    times: float
    happened: int = 0


@dataclass
class Proxy:
    """Answers at `url`. The first rule that wants a request and is not used up gets it."""

    server: str
    rules: list[Rule] = field(default_factory=list)
    url: str = ""

    def rule(
        self,
        happening: Happening,
        *,
        path: str = "_search",
        span: Window | None = None,
        times: float = float("inf"),
    ) -> Rule:
        """For requests with that last part of the path which ask for entries of `span`."""

        def wanted(passing: Passing) -> bool:
            return passing.request.path.endswith(path) and (span is None or passing.covers(span))

        self.rules.append(made := Rule(wanted, happening, times))
        return made

    async def __aenter__(self) -> "Proxy":
        self._session = aiohttp.ClientSession()
        app = web.Application(client_max_size=1 << 30)
        app.router.add_route("*", "/{tail:.*}", self._answer)
        self._runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        host, port = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{port}"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()
        await self._session.close()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()

        async def forward() -> web.Response:
            return await self._forward(request, body)

        passing = Passing(request, body.decode(), forward)
        for rule in self.rules:
            if rule.happened < rule.times and rule.wanted(passing):
                rule.happened += 1
                return await rule.happening(passing)
        return await forward()

    async def _forward(self, request: web.Request, body: bytes) -> web.Response:
        headers = {name: value for name, value in request.headers.items() if name.lower() not in DROPPED}
        try:
            async with self._session.request(
                request.method, self.server + request.raw_path, data=body, headers=headers
            ) as answer:
                kept = {name: value for name, value in answer.headers.items() if name.lower() not in DROPPED}
                return web.Response(body=await answer.read(), status=answer.status, headers=kept)
        except aiohttp.ClientError:
            return web.Response(status=502, text="<html>Bad gateway")


async def cut(passing: Passing) -> web.StreamResponse:
    """Half of the answer, then the connection ends."""
    answer = await passing.forward()
    whole = bytes(answer.body)  # type: ignore[arg-type]
    response = web.StreamResponse(headers={**answer.headers, "Content-Length": str(len(whole))})
    await response.prepare(passing.request)
    await response.write(whole[: len(whole) // 2])
    if passing.request.transport is not None:
        passing.request.transport.close()
    return response


async def drop(passing: Passing) -> web.StreamResponse:
    """No answer at all."""
    if passing.request.transport is not None:
        passing.request.transport.close()
    return web.Response()


def changed(change: Callable[[Body], None]) -> Happening:
    """The server's answer, altered."""

    async def happening(passing: Passing) -> web.StreamResponse:
        answer = await passing.forward()
        body = json.loads(bytes(answer.body))  # type: ignore[arg-type]
        change(body)
        kept = {name: value for name, value in answer.headers.items() if name.lower() != "content-length"}
        return web.Response(body=json.dumps(body), status=answer.status, headers=kept)

    return happening


def after(event: Callable[[Passing], Awaitable[None]]) -> Happening:
    """Something happens elsewhere, then the request goes on."""

    async def happening(passing: Passing) -> web.StreamResponse:
        await event(passing)
        return await passing.forward()

    return happening
