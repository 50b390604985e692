"""The only place where ports meet adapters."""

import asyncio
import secrets
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import structlog
from prometheus_client import CollectorRegistry

from logverdict import __version__
from logverdict.adapters.clock import SystemClock
from logverdict.adapters.metrics import Metrics
from logverdict.adapters.metrics_page import MetricsPage
from logverdict.adapters.profiles.feedback_texts import FeedbackYaml
from logverdict.adapters.profiles.redacting import RedactingProfiles, RedactingTexts
from logverdict.adapters.profiles.store import FileProfiles
from logverdict.adapters.profiles.texts import YamlTexts
from logverdict.adapters.sources.file import FileSource
from logverdict.adapters.sources.splunk import SplunkSource
from logverdict.adapters.stores.postgres import Access
from logverdict.adapters.stores.sql import SqlStore
from logverdict.adapters.workers import WorkerAnalyst
from logverdict.analysis.rules import KNOWN_RULES, RULES_VERSION
from logverdict.analysis.versions import JUDGE_VERSION
from logverdict.connections import ElasticsearchConnection, FileConnection, PostgresUrl, SplunkConnection
from logverdict.rpc.server import GrpcServer
from logverdict.rpc.usecases import Said
from logverdict.rpc.usecases_past import Afterwards, Past
from logverdict.settings import Settings
from logverdict.verify.fair import Gates
from logverdict.verify.feedback import Feedbacks
from logverdict.verify.feedback_file import FeedbackFiles
from logverdict.verify.inspect import Inspection
from logverdict.verify.lookback import Lookback
from logverdict.verify.manage import Limits, Verifications
from logverdict.verify.means import Means
from logverdict.verify.outcomes import Outcomes
from logverdict.verify.override import Overrides
from logverdict.verify.pins import Pins
from logverdict.verify.ports import LogSource
from logverdict.verify.recording import Recordings
from logverdict.verify.whatif import WhatIf

GRACE = 10.0
"""Seconds that running calls get to end when the server stops."""
log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Running:
    """A server at work, and where it listens."""

    server: GrpcServer
    address: str


@runtime_checkable
class Opening(Protocol):
    """A source that can tell at once, without I/O, that its client or its secrets are missing."""

    def open(self) -> None: ...


@runtime_checkable
class Closing(Protocol):
    """A source that holds connections or threads, and gives them up when the server stops."""

    async def aclose(self) -> None: ...


def build_sources(settings: Settings) -> dict[str, LogSource]:
    """A source per connection: a new kind of connection is one more line here."""
    kinds: dict[type, Callable[[Any], LogSource]] = {
        ElasticsearchConnection: _elasticsearch,
        FileConnection: lambda connection: FileSource(connection.root, connection.way()),
        SplunkConnection: lambda connection: SplunkSource(connection.access(), link=connection.way()),
    }
    return {name: kinds[type(connection)](connection) for name, connection in settings.connections.items()}


def _elasticsearch(connection: ElasticsearchConnection) -> LogSource:
    """Its client is an extra of the package. Raises FailedPrecondition that names what to install."""
    from logverdict.adapters.sources.elasticsearch_access import need_client

    need_client()
    from logverdict.adapters.sources.elasticsearch import ElasticsearchSource

    return ElasticsearchSource(connection.access(), connection.way())


async def open_store(settings: Settings, clock: SystemClock) -> SqlStore:
    if isinstance(settings.store, PostgresUrl):
        return await SqlStore.connect(Access(settings.store.text, settings.store_password), clock)
    return await SqlStore.open(settings.store, clock)


@asynccontextmanager
async def running(
    settings: Settings, listen: str, metrics_listen: str | None = None, analyst: WorkerAnalyst | None = None
) -> AsyncIterator[Running]:
    """Metrics, store, use cases, worker processes and server, opened in this order and closed in the other. `analyst`:
    processes that were begun already; they end with the server."""
    async with AsyncExitStack() as stack:
        analyst = analyst or WorkerAnalyst(settings.workers)
        stack.callback(analyst.close)
        registry = CollectorRegistry()
        metrics = Metrics(registry)
        metrics.reads(settings.connections)
        if metrics_listen is not None:
            page = await stack.enter_async_context(MetricsPage(registry, metrics_listen))
            log.info("metrics", address=page)
        clock = SystemClock()
        store = await open_store(settings, clock)
        stack.push_async_callback(store.close)
        store.tell(metrics.stored)
        sources = build_sources(settings)
        for source in sources.values():
            if isinstance(source, Opening):
                source.open()
            if isinstance(source, Closing):
                stack.push_async_callback(source.aclose)
        gates = Gates({name: connection.max_searches for name, connection in settings.connections.items()})
        kept = store.feedback
        means = Means(
            store=store,
            sources=sources,
            analyst=analyst,
            clock=clock,
            gates=gates,
            observer=metrics,
            feedback=kept,
            pins=store.past,
            max_entries=settings.max_entries,
        )
        files = FileProfiles(settings, sources)
        rules = tuple(part.rule for part in settings.redact)
        profiles = RedactingProfiles(files, rules)
        verifications = Verifications(means, profiles, _new_id, _limits(settings))
        metrics.loaded(lambda: verifications.load.running, lambda: verifications.load.queued)
        metrics.runs(version=__version__, judge_version=JUDGE_VERSION, mask_version=RULES_VERSION)
        stack.push_async_callback(verifications.stop)
        inspection = Inspection(means, profiles, RedactingTexts(YamlTexts(settings, files, sources), rules))
        said = Said(Feedbacks(kept, store, clock, _new_id, rules), FeedbackFiles(kept, FeedbackYaml(), clock, rules))
        past = _past(means, store, verifications)
        recordings = Recordings(means, profiles, _new_id)
        server = GrpcServer(
            verifications,
            recordings=recordings,
            inspection=inspection,
            said=said,
            past=past,
            answered=metrics.answered,
        )
        await analyst.open()  # what its processes import, they did meanwhile
        await store.live(settings.lease, KNOWN_RULES, JUDGE_VERSION)  # before the first call: what is created is ours
        port = await server.start(listen)
        stack.push_async_callback(server.stop, GRACE)
        await verifications.start()
        address = f"{listen.rpartition(':')[0]}:{port}"
        log.info("listening", address=address, store=str(settings.store), connections=sorted(sources))
        yield Running(server, address)


@asynccontextmanager
async def embedded(settings: Settings, analyst: WorkerAnalyst | None = None) -> AsyncIterator[str]:
    """A server of one's own on a free loopback port, for `--local` and the demo; its address."""
    async with running(settings, "127.0.0.1:0", analyst=analyst) as at_work:
        yield at_work.address


async def serve(settings: Settings, analyst: WorkerAnalyst | None = None) -> None:
    """Serve until SIGTERM or SIGINT, then stop in order: unfinished verifications go on after the next start."""
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    async with running(settings, settings.listen, settings.metrics_listen, analyst):
        await stopping.wait()
        log.info("stopping", grace_seconds=GRACE)
    log.info("stopped")


def _past(means: Means, store: SqlStore, verifications: Verifications) -> Past:
    past, clock = store.past, means.clock
    after = Afterwards(Overrides(store, past, clock, verifications.told), WhatIf(means), Pins(store, past, clock))
    return Past(after, Outcomes(past, clock), Lookback(store, past, store.feedback, clock))


def _new_id() -> str:
    return secrets.token_hex(8)


def _limits(settings: Settings) -> Limits:
    return Limits(
        running=settings.max_verifications,
        queued=settings.max_queued,
        per_caller=settings.max_per_caller,
        heartbeat=settings.heartbeat.total_seconds(),
        keep_slices=settings.retention.slices,
        keep_verifications=settings.retention.verifications,
        keep_samples=settings.retention.samples,
        keep_calls=settings.retention.calls,
        lease=settings.lease,
    )
