"""An HTTP server that answers as Elasticsearch does, and has the troubles that tests tell it to have."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from fakes.elastic_counts import START, aggregated, inside, lead

Body = dict[str, Any]
Trouble = Callable[[web.Request, Body], Awaitable[web.StreamResponse] | web.StreamResponse | None]
"""Gets the request and the good answer, which it may change; what it returns goes out instead."""


@dataclass
class Elastic:
    """Holds messages, a second apart. Troubles are used up one a request, by the last part of the path."""

    messages: Sequence[str]
    troubles: dict[str, list[Trouble]] = field(default_factory=dict)
    asked: list[tuple[str, Body]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    open: set[str] = field(default_factory=set)
    closed: Sequence[str] = ()
    url: str = ""

    def trouble(self, path: str, *troubles: Trouble) -> None:
        self.troubles.setdefault(path, []).extend(troubles)

    def sizes(self) -> list[int]:
        """Of the pages that were asked for."""
        return [body["size"] for path, body in self.asked if path == "_search" and body.get("sort")]

    async def __aenter__(self) -> "Elastic":
        app = web.Application()
        app.router.add_route("*", "/{tail:.*}", self._answer)
        self._runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{port}"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        if request.path.startswith("/_resolve/index/"):  # asked beside the reads that tests look at
            return answer({"indices": [{"name": name, "attributes": ["closed"]} for name in self.closed]})
        path = request.path.rpartition("/")[2]
        asked: Body = await request.json() if request.can_read_body else {}
        self.asked.append((path, asked))
        self.headers.append({name.lower(): value for name, value in request.headers.items()})
        body = self._good(request.method, path, asked)
        waiting = self.troubles.get(path if request.method == "POST" else f"{request.method} {path}", [])
        if waiting:
            instead = waiting.pop(0)(request, body)
            if isinstance(instead, Awaitable):
                instead = await instead
            if instead is not None:
                return instead
        if path == "_pit" and request.method == "POST":
            self.open.add(body["id"])
        return answer(body)

    def _good(self, method: str, path: str, asked: Body) -> Body:
        if path == "_field_caps":
            kinds = {"@timestamp": "date", "message": "text", "host": "keyword"}
            fields = {name: {kind: {"type": kind, "aggregatable": True}} for name, kind in kinds.items()}
            return {"indices": ["logs"], "fields": fields}
        if path == "_pit" and method == "DELETE":
            self.open.discard(asked["id"])
            return {"succeeded": True, "num_freed": 1}
        if path == "_pit":
            point = f"point-{len(self.asked)}"
            return {"id": point, "_shards": shards()}
        return self._search(asked)

    def _search(self, asked: Body) -> Body:
        part = asked.get("slice", {"id": 0, "max": 1})
        after = asked.get("search_after", [-1])[0]
        numbers = [n for n in range(len(self.messages)) if n % part["max"] == part["id"] and n > after]
        hits = [self._hit(number) for number in numbers[: asked["size"]]]
        total: Body = {"value": len(self.messages), "relation": "eq"}
        found = {"hits": hits, "total": total} if asked.get("track_total_hits") else {"hits": hits}
        body: Body = {"pit_id": asked["pit"]["id"], "timed_out": False, "_shards": shards(), "hits": found}
        if "aggs" in asked:
            counted = inside(asked["query"], self.messages)
            total["value"] = len(counted)
            body["aggregations"] = aggregated(asked["aggs"], self.messages, counted, lead(asked))
        return body

    def _hit(self, number: int) -> Body:
        time = str(START + 1_000 * number)
        return {
            "_source": {"message": self.messages[number]},
            "fields": {"@timestamp": [time], "host": ["web-1"]},
            "sort": [number],
        }


def shards(failed: int = 0) -> Body:
    return {"total": 2, "successful": 2 - failed, "skipped": 0, "failed": failed}


def answer(body: object, status: int = 200) -> web.Response:
    return web.json_response(body, status=status, headers={"X-Elastic-Product": "Elasticsearch"})


def fault(status: int, kind: str, reason: str = "because", **more: object) -> Trouble:
    """An error answer in Elastic's shape."""
    cause = {"type": kind, "reason": reason, **more}
    return lambda request, body: answer({"error": {"root_cause": [cause], **cause}, "status": status}, status)


def change(**parts: object) -> Trouble:
    """The good answer with other parts."""
    return lambda request, body: answer({**body, **parts})


def html(status: int) -> Trouble:
    """What a proxy says."""
    return lambda request, body: web.Response(text="<html>Bad gateway", content_type="text/html", status=status)


async def cut(request: web.Request, body: Body) -> web.StreamResponse:
    """Half of an answer, then the connection ends."""
    response = web.StreamResponse(headers={"X-Elastic-Product": "Elasticsearch", "Content-Length": "1000"})
    response.content_type = "application/json"
    await response.prepare(request)
    await response.write(b'{"hits": {"hits": [')
    if request.transport is not None:
        request.transport.close()
    return response
