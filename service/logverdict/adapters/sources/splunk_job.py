"""Search jobs: made, awaited, read by pages, and always cancelled."""

import asyncio
import threading
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import orjson

from logverdict.adapters.sources.splunk_errors import Ended, Passing, Said, bounded, said
from logverdict.adapters.sources.splunk_search import Namespace
from logverdict.adapters.sources.splunk_session import Session
from logverdict.adapters.sources.splunk_threads import Threads
from logverdict.adapters.sources.times import micros
from logverdict.domain.errors import SourceUnavailable
from logverdict.domain.window import Window

Row = Mapping[str, Any]
PAGE = 10_000
"""Rows of a page; Splunk gives 50,000 at most."""
INACTIVE = 120
"""Seconds without a request after which Splunk may end a search of ours."""
TIMES = "%s.%6N"
FIRST_POLL, LAST_POLL = 0.1, 2.0


@dataclass(frozen=True, slots=True)
class Ask:
    """A search over a span; `rows` is how many are to be kept for us. `entries`: each entry found is a row."""

    search: str
    span: Window
    namespace: Namespace
    rows: int
    entries: bool = False

    def form(self) -> dict[str, object]:
        """Both ends of the span are always given: a search without them is over all time."""
        return {
            "search": self.search,
            "earliest_time": epoch(micros(self.span.start)),
            "latest_time": epoch(micros(self.span.end)),
            "adhoc_search_level": "smart",
            "status_buckets": 0,
            "preview": 0,
            "output_mode": "json",
        }


@dataclass(frozen=True, slots=True)
class Job:
    """A job that is done."""

    sid: str
    rows: int
    said: Said


def epoch(time: int) -> str:
    return f"{time // 1_000_000}.{time % 1_000_000:06}"


class Jobs:
    """Of one connection; `limit` seconds is how long a search may take."""

    def __init__(self, session: Session, threads: Threads, limit: float) -> None:
        self._session, self._threads, self._limit = session, threads, limit

    @asynccontextmanager
    async def done(self, ask: Ask) -> AsyncIterator[Job]:
        """The search, done. Raises Ended for one that failed or did not end in time, else SourceUnavailable."""
        sid = await self._threads.obtain(lambda: self._create(ask), lambda sid: self._cancel(sid, ask.namespace))
        try:
            state = await self._wait(sid, ask.namespace)
            yield Job(sid, _count(state, "resultCount"), _flaws(state, ask.entries))
        except BaseException:
            self._threads.later(self._cancel, sid, ask.namespace)
            raise
        # Awaited, so that our next search does not count beside this one in the user's quota.
        await asyncio.shield(asyncio.wrap_future(self._threads.later(self._cancel, sid, ask.namespace)))

    async def pages(self, job: Job, ask: Ask) -> AsyncGenerator[tuple[Sequence[Row], Said]]:
        """All rows of a job. A page is taken whole or not at all. Raises SourceUnavailable when the rows end early."""
        offset, stopped = 0, threading.Event()
        try:
            while offset < job.rows:
                rows, more = await self._threads.insist(self._page, job.sid, ask.namespace, offset, stopped)
                if not rows:
                    raise SourceUnavailable(
                        f"Splunk gave {offset:,} of the {job.rows:,} rows of a search, then no more"
                    )
                offset += len(rows)
                yield rows, more
        finally:
            stopped.set()

    def _create(self, ask: Ask) -> str:
        form = ask.form() | {
            "exec_mode": "normal",
            "max_count": ask.rows,
            "timeout": 600,
            "auto_cancel": INACTIVE,
        }
        answer = decoded(self._session.request("POST", "", ask.namespace, **form).whole(lambda: False))
        sid = answer.get("sid")
        if not isinstance(sid, str) or not sid:
            raise SourceUnavailable("Splunk took a search and gave no id for it")
        return sid

    async def _wait(self, sid: str, namespace: Namespace) -> Row:
        now = asyncio.get_running_loop().time
        pause, end = FIRST_POLL, now() + self._limit
        while True:
            state = await self._threads.insist(self._state, sid, namespace)
            if _true(state, "isDone") or state.get("dispatchState") == "FAILED":
                break
            if now() >= end:
                word = bounded(str(state.get("dispatchState", "of no state")))
                raise Ended(f"a search was still {word} after {self._limit:g} s")
            await asyncio.sleep(pause)
            pause = min(pause * 1.5, LAST_POLL)
        if _true(state, "isFailed") or _true(state, "isZombie") or state.get("dispatchState") == "FAILED":
            why = "; ".join(said(state.get("messages") or ()).flaws) or "Splunk does not say why"
            raise Ended(f"a search failed: {bounded(why)}")
        return state

    def _state(self, sid: str, namespace: Namespace) -> Row:
        answer = self._session.request("GET", f"/{sid}", namespace, output_mode="json")
        if answer.status == 204:
            return {}
        try:
            content = decoded(answer.whole(lambda: False))["entry"][0]["content"]
        except (LookupError, TypeError):
            raise Passing("Splunk's answer on the state of a search holds no state") from None
        return content if isinstance(content, dict) else {}

    def _page(
        self, sid: str, namespace: Namespace, offset: int, stopped: threading.Event
    ) -> tuple[Sequence[Row], Said]:
        form = {"output_mode": "json", "output_time_format": TIMES, "segmentation": "none"}
        answer = self._session.request("PAGE", f"/{sid}/results", namespace, offset=offset, count=PAGE, **form)
        if answer.status == 204:
            raise Passing("Splunk has no results yet of a search that it calls done")
        body = answer.whole(stopped.is_set)
        page = {} if stopped.is_set() else decoded(body)
        rows = page.get("results", ())
        if not isinstance(rows, list | tuple):
            raise Passing("a page of results holds no list of them")
        return rows, said(page.get("messages") or ())

    def _cancel(self, sid: str, namespace: Namespace) -> None:
        self._session.request("POST", f"/{sid}/control", namespace, action="cancel", output_mode="json").close()


def decoded(body: bytes) -> dict[str, Any]:
    """Raises Passing for what is no JSON object: cut, or from something between us and Splunk."""
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise Passing("an answer that should be Splunk's is not JSON, or was cut") from None
    if not isinstance(value, dict):
        raise Passing("an answer that should be Splunk's is no JSON object")
    return value


def _flaws(state: Row, entries: bool) -> Said:
    return said(state.get("messages") or ()) + Said(flaws=tuple(_signs(state, entries)))


def _signs(state: Row, entries: bool) -> Iterator[str]:
    """What a job's state tells beside its messages. Only isDone is certain to be there."""
    if _true(state, "isFinalized"):
        yield "Splunk ended a search before it was done"
    if _true(state, "eventIsTruncated"):
        yield "Splunk kept only a part of the entries of a search"
    if entries and _count(state, "resultCount") < _count(state, "eventCount"):
        yield f"Splunk kept {_count(state, 'resultCount'):,} of {_count(state, 'eventCount'):,} entries of a search"


def _true(state: Row, name: str) -> bool:
    return str(state.get(name, "")).lower() in ("1", "true")


def _count(state: Row, name: str) -> int:
    try:
        return int(state.get(name) or 0)
    except (TypeError, ValueError):
        return 0
