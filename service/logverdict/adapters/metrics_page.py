"""The page /metrics, on a port of its own."""

import asyncio
from types import TracebackType

from prometheus_client import CollectorRegistry, start_http_server

from logverdict.domain.errors import FailedPrecondition


class MetricsPage:
    """Serves a registry while it is open; its thread answers while the event loop is busy, too."""

    def __init__(self, registry: CollectorRegistry, listen: str) -> None:
        self._registry = registry
        self._host, _, port = listen.rpartition(":")
        self._port = int(port)

    async def __aenter__(self) -> str:
        """Where it listens. Raises FailedPrecondition for an address that is taken or not this machine's."""
        host = self._host.removeprefix("[").removesuffix("]")
        try:
            self._server, self._thread = start_http_server(self._port, host, self._registry)
        except OSError as fault:
            where = f"{self._host}:{self._port}"
            raise FailedPrecondition(f"metrics cannot listen on {where}: {fault.strerror}", address=where) from fault
        return f"{self._host}:{self._server.server_port}"

    async def __aexit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        await asyncio.to_thread(self._server.shutdown)
        self._server.server_close()
        self._thread.join()
