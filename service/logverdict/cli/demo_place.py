"""Where the demo's logs are read: the files themselves, or an Elasticsearch to which they are shipped."""

import json
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from logverdict.demo.fleet import Fleet

if TYPE_CHECKING:
    from elasticsearch import AsyncElasticsearch

SETTINGS = """\
# The settings of a logverdict server: where logs are, and where verifications are kept.
connections:
  demo-logs: %(connection)s
profiles: profiles.yaml
store: store.db
workers: 1
"""

PROFILES = """\
# What is judged, and when. Times are short for the demo; an hour before and ten minutes after are usual.
profiles:
  checkout:
    sources:
      app: %(source)s
    timing: {settle: 1s, ingest_lag: %(lag)s, interval: 2s, duration: %(judged)ds, baseline: %(baseline)ds}
    policy: {early_stop: false}
"""


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds of log entries on each side."""

    baseline: int
    judged: int


class PlaceError(Exception):
    """The logs can't be where they should."""


class Place(Protocol):
    """`connection` and `source` are what the settings and the profile say, `lag` how long entries take to it."""

    @property
    def connection(self) -> str: ...

    @property
    def source(self) -> str: ...

    @property
    def lag(self) -> str: ...

    async def prepare(self, config: Path) -> str:
        """Before the first entry; what to tell of the place. Raises PlaceError, or FailedPrecondition for settings
        that can't be and clients that are not installed."""
        ...

    async def fill(self, fleet: Fleet) -> None:
        """From now on what the fleet logs comes here."""
        ...

    async def entries(self, fleet: Fleet) -> str:
        """How many came here, in words."""
        ...

    async def clear(self) -> None:
        """At the end: nothing is left that `prepare` made."""
        ...


@dataclass(frozen=True, slots=True)
class FilePlace:
    connection = "{kind: file, root: logs}"
    source = '{connection: demo-logs, query: "checkout-*.jsonl"}'
    lag = "500ms"

    async def prepare(self, config: Path) -> str:
        return ""

    async def fill(self, fleet: Fleet) -> None:
        """They are here already."""

    async def entries(self, fleet: Fleet) -> str:
        return f"{fleet.lines():,} log entries"

    async def clear(self) -> None:
        """The folder stays, for the reader to look at."""


@dataclass(slots=True)
class ElasticsearchPlace:
    """An index of its own, made and deleted here. As whom: see `logverdict.demo.shipper.client`."""

    url: str
    environment: "dict[str, str]" = field(default_factory=dict)
    index: str = field(default_factory=lambda: f"logverdict-demo-{secrets.token_hex(4)}")
    lag: str = "2s"
    _made: bool = False

    @property
    def connection(self) -> str:
        key = ", api_key_env: ELASTICSEARCH_API_KEY" if self.environment.get("ELASTICSEARCH_API_KEY") else ""
        authority = self.environment.get("ELASTICSEARCH_CA_FILE")
        trusted = f", ca_file: {json.dumps(str(Path(authority).absolute()))}" if authority else ""
        return f"{{kind: elasticsearch, urls: {json.dumps(self.url)}{key}{trusted}}}"

    @property
    def source(self) -> str:
        return f'{{connection: demo-logs, query: "*", options: {{index: {self.index}, filter.service.name: checkout}}}}'

    async def prepare(self, config: Path) -> str:
        from logverdict.adapters.sources.elasticsearch_access import need_client
        from logverdict.connections import ElasticsearchConnection
        from logverdict.settings import load

        need_client()
        checked = load(config).connections["demo-logs"]
        if isinstance(checked, ElasticsearchConnection):
            (self.url,) = checked.urls  # with its port
        from logverdict.demo.shipper import MAPPINGS

        async with self._client() as client:
            server = (await client.info())["version"]["number"]
            settings = {"number_of_shards": 1, "number_of_replicas": 0, "refresh_interval": "1s"}
            await client.indices.create(index=self.index, settings=settings, mappings=MAPPINGS)
            self._made = True
        return f"Logs are shipped to Elasticsearch {server} at {self.url}, as they are written"

    async def fill(self, fleet: Fleet) -> None:
        await fleet.ship(self.url, self.index)

    async def entries(self, fleet: Fleet) -> str:
        written = fleet.lines()
        async with self._client() as client:
            count = (await client.count(index=self.index))["count"]
        return f"{written:,} log entries written, {count:,} of them are in Elasticsearch by now"

    async def clear(self) -> None:
        if self._made:
            async with self._client() as client:
                await client.indices.delete(index=self.index, ignore_unavailable=True)

    @asynccontextmanager
    async def _client(self) -> "AsyncIterator[AsyncElasticsearch]":
        from elasticsearch import ApiError, TransportError

        from logverdict.demo.shipper import client

        opened = client(self.url)
        try:
            yield opened
        except (ApiError, TransportError) as fault:
            raise PlaceError(f"Elasticsearch at {self.url}: {fault}") from None
        finally:
            await opened.close()


def write(folder: Path, config: Path, place: Place, pace: Pace) -> None:
    """Settings and profiles, for the demo and for the reader."""
    (folder / "logs").mkdir(exist_ok=True)
    config.write_text(SETTINGS % {"connection": place.connection})
    said = {"source": place.source, "lag": place.lag, "baseline": pace.baseline, "judged": pace.judged}
    (folder / "profiles.yaml").write_text(PROFILES % said)
