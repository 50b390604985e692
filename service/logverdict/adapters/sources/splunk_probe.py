"""What a Splunk says of itself: version, user, indexes, and a sample of entries."""

from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any

import orjson

from logverdict.adapters.sources.records import flat
from logverdict.adapters.sources.splunk_guard import allowed
from logverdict.adapters.sources.splunk_job import Ask, Jobs, Row, decoded
from logverdict.adapters.sources.splunk_search import Namespace, Search
from logverdict.adapters.sources.splunk_session import Session
from logverdict.adapters.sources.splunk_threads import Threads
from logverdict.domain.errors import QueryRejected, SourceUnavailable
from logverdict.domain.probe import Privilege, Probe, Record
from logverdict.domain.window import Window

SAMPLE = 50
MOST_ROWS = 1_000
NOISE = ("linecount", "punct", "splunk_server", "splunk_server_group", "timestartpos", "timeendpos")
"""Fields of every entry that say nothing of the service."""


class Prober:
    def __init__(self, session: Session, threads: Threads, jobs: Jobs) -> None:
        self._session, self._threads, self._jobs = session, threads, jobs

    async def probe(self, search: Search, span: Window) -> Probe:
        """Raises SourceUnavailable, and QueryRejected where we are not let in."""
        who = await self._threads.call(self._entry, "authentication/current-context", search.namespace)
        known: dict[str, Any] = {
            "server": await self._server(search.namespace),
            "user": str(who.get("username", "")),
            "roles": tuple(map(str, who.get("roles") or ())),
            "everything": search.indexed and "host=" not in search.where,
            "always": {"time": "_time"},
            "otherwise": {"message": "_raw", "instance": "host"},
        }
        try:
            places = await self._rows(search.existing, search, span)
            rows = await self._rows(allowed(f"search {search.where} | head {SAMPLE}"), search, span)
        except QueryRejected as fault:
            return Probe(**known, faults=(fault.message,))
        names = {str(row.get("index", "")) for row in places}
        privileges = tuple(_privilege(index, names) for index in search.indexes)
        faults = tuple(_fault(index) for index in search.indexes if not _privilege(index, names).granted)
        return Probe(
            **known,
            places=tuple(sorted(name for name in names if name)),
            privileges=privileges,
            records=tuple(map(_record, rows)),
            faults=faults if len(faults) == len(search.indexes) else (),
            notes=faults if len(faults) < len(search.indexes) else (),
        )

    async def _server(self, namespace: Namespace) -> str:
        try:
            info = await self._threads.call(self._entry, "server/info", namespace)
        except (QueryRejected, SourceUnavailable):
            return "Splunk"
        return f"Splunk {info.get('version', '')}".strip()

    def _entry(self, path: str, namespace: Namespace) -> Mapping[str, Any]:
        answer = decoded(self._session.request("GET", path, namespace, output_mode="json").whole(lambda: False))
        try:
            content = answer["entry"][0]["content"]
        except (LookupError, TypeError):
            return {}
        return content if isinstance(content, dict) else {}

    async def _rows(self, text: str, search: Search, span: Window) -> list[Row]:
        ask = Ask(text, span, search.namespace, MOST_ROWS)
        found: list[Row] = []
        async with self._jobs.done(ask) as job:
            async for rows, _ in self._jobs.pages(job, ask):
                found += rows
        return found


def _privilege(index: str, names: set[str]) -> Privilege:
    return Privilege(f"search in {index}", any(fnmatchcase(name, index) for name in names))


def _fault(index: str) -> str:
    return (
        f"options.index: Splunk lists no index {index}: it does not exist, or the connection's user may not search it; "
        "correct the name, or have the index added to a role of that user"
    )


def _record(row: Row) -> Record:
    """The fields that Splunk extracts, and those of an entry that is JSON."""
    raw = row.get("_raw")
    inner: object = None
    if isinstance(raw, str) and raw[:1] == "{":
        try:
            inner = orjson.loads(raw)
        except orjson.JSONDecodeError:
            inner = None
    shown = (name for name in row if name not in NOISE and (name[:1] != "_" or name in ("_raw", "_time")))
    kept = {name: row[name] for name in shown}
    return {**(flat(inner) if isinstance(inner, dict) else {}), **flat(kept)}
