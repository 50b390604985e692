"""The gRPC server: services, health, reflection, and an end in order."""

import asyncio
from collections.abc import Callable
from typing import Any

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection, reflection_pb2

from logverdict.rpc import limits
from logverdict.rpc.address import Address, cannot_listen
from logverdict.rpc.around import Answered, InFlight, Stopping, Told, logged
from logverdict.rpc.feedback_service import SERVICE as FEEDBACK
from logverdict.rpc.feedback_service import FeedbackServicer
from logverdict.rpc.finishing import Finishing
from logverdict.rpc.history_service import SERVICE as HISTORY
from logverdict.rpc.history_service import HistoryServicer
from logverdict.rpc.interceptors import AroundCalls
from logverdict.rpc.profile_service import SERVICE as PROFILES
from logverdict.rpc.profile_service import ProfileServicer
from logverdict.rpc.recording_service import SERVICE as RECORDING
from logverdict.rpc.recording_service import RecordingServicer
from logverdict.rpc.usecases import Inspection, Recordings, Said, Verifications
from logverdict.rpc.usecases_past import Past
from logverdict.rpc.verification_service import SERVICE, VerificationServicer
from logverdict.v1.feedback_service_pb2_grpc import add_FeedbackServiceServicer_to_server
from logverdict.v1.history_service_pb2_grpc import add_HistoryServiceServicer_to_server
from logverdict.v1.profile_service_pb2_grpc import add_ProfileServiceServicer_to_server
from logverdict.v1.recording_service_pb2_grpc import add_RecordingServiceServicer_to_server
from logverdict.v1.verification_service_pb2_grpc import add_VerificationServiceServicer_to_server

LISTED = (SERVICE, PROFILES, RECORDING, FEEDBACK, HISTORY, health.SERVICE_NAME, reflection.SERVICE_NAME)
REFLECTION_V1 = "grpc.reflection.v1.ServerReflection"
MOMENT = 0.05
"""Seconds that health watchers get to hear NOT_SERVING before their streams end."""


class GrpcServer:
    """One server, started and stopped once. Made and used inside one event loop."""

    def __init__(  # noqa: PLR0913  one for each service
        self,
        verifications: Verifications,
        *,
        recordings: Recordings | None = None,
        inspection: Inspection | None = None,
        answered: Callable[[str, str, float, bool], None] | None = None,
        said: Said | None = None,
        past: Past | None = None,
        max_unary: int = limits.MAX_UNARY,
        max_streams: int = limits.MAX_STREAMS,
    ) -> None:
        self._finishing = Finishing()
        self._stopping = Stopping()
        self._in_flight = InFlight(SERVICE, max_unary, max_streams)
        tells = (logged(), answered) if answered is not None else (logged(),)
        around = AroundCalls([Answered(*tells), Told(), self._in_flight, self._stopping])
        self._server = grpc.aio.server(interceptors=[around], options=limits.OPTIONS)
        self._health = health.aio.HealthServicer()
        self._others = [
            name for name, its in ((PROFILES, inspection), (FEEDBACK, said), (HISTORY, past)) if its is not None
        ]
        after = past.after if past is not None else None
        servicer = VerificationServicer(verifications, self._finishing, after)
        add_VerificationServiceServicer_to_server(servicer, self._server)
        if recordings is not None:
            add_RecordingServiceServicer_to_server(RecordingServicer(recordings), self._server)
        if inspection is not None:
            add_ProfileServiceServicer_to_server(ProfileServicer(inspection), self._server)
        if said is not None:
            add_FeedbackServiceServicer_to_server(FeedbackServicer(said, self._finishing), self._server)
        if past is not None:
            history = HistoryServicer(past.lookback, past.outcomes, self._finishing)
            add_HistoryServiceServicer_to_server(history, self._server)
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._server)
        _add_reflection(self._server)

    async def start(self, address: str) -> int:
        """Listen and serve; the port (0 for a unix socket).

        Raises InvalidRequest for an address that is none or not on loopback, FailedPrecondition when it is taken.
        """
        where = Address.parse(address)
        where.check_free()
        try:
            port = self._server.add_insecure_port(str(where))
        except RuntimeError as error:
            raise cannot_listen(where, str(error)) from None
        await self._server.start()
        for service in ("", SERVICE, *self._others):
            await self._health.set(service, health_pb2.HealthCheckResponse.SERVING)
        return 0 if where.path else port

    async def stop(self, grace: float = 10.0) -> None:
        """Health says NOT_SERVING, streams end with UNAVAILABLE, running calls get `grace` seconds to finish."""
        await self._health.enter_graceful_shutdown()
        self._stopping.end(SERVICE)
        stopped = asyncio.ensure_future(self._server.stop(grace))
        await asyncio.sleep(MOMENT)
        idle = asyncio.ensure_future(self._in_flight.idle.wait())
        await asyncio.wait((idle, stopped), return_when=asyncio.FIRST_COMPLETED)
        idle.cancel()
        self._stopping.end()
        await stopped
        await self._finishing.drain(grace)

    async def wait(self) -> None:
        """Until the server has stopped."""
        await self._server.wait_for_termination()


def _add_reflection(server: Any) -> None:
    """Under both names that clients ask for: the messages are the same, and so is the servicer."""
    reflection.enable_server_reflection(LISTED, server)
    method = grpc.stream_stream_rpc_method_handler(
        reflection.aio.ReflectionServicer(LISTED).ServerReflectionInfo,
        reflection_pb2.ServerReflectionRequest.FromString,
        reflection_pb2.ServerReflectionResponse.SerializeToString,
    )
    handler = grpc.method_handlers_generic_handler(REFLECTION_V1, {"ServerReflectionInfo": method})
    server.add_generic_rpc_handlers((handler,))
