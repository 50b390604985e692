"""Export searches: one answer that streams every row as it is found."""

import threading
from collections.abc import AsyncGenerator, Iterator, Sequence

from logverdict.adapters.sources.splunk_errors import Said, said
from logverdict.adapters.sources.splunk_job import INACTIVE, TIMES, Ask, Row, decoded
from logverdict.adapters.sources.splunk_session import Answer, Session
from logverdict.adapters.sources.splunk_threads import Threads
from logverdict.domain.errors import SourceUnavailable

MOST_ROWS = 16_384
MOST_BYTES = 16 << 20
"""Of a batch; a line longer than this is no row."""


class Exports:
    def __init__(self, session: Session, threads: Threads) -> None:
        self._session, self._threads = session, threads

    async def rows(self, ask: Ask) -> AsyncGenerator[tuple[Sequence[Row], Said]]:
        """All rows of a search, in batches. Raises SourceUnavailable for a stream that ended before its last row."""
        stopped = threading.Event()
        answer = await self._threads.obtain(lambda: self._open(ask), Answer.close)
        stream = Stream(answer, stopped)
        try:
            while (batch := await self._threads.call(stream.batch)) is not None:
                yield batch
        finally:
            stopped.set()
            # Splunk ends an export whose connection is closed.
            self._threads.later(stream.close)

    def _open(self, ask: Ask) -> Answer:
        form = ask.form() | {"output_time_format": TIMES, "segmentation": "none", "auto_cancel": INACTIVE}
        return self._session.request("POST", "/export", ask.namespace, **form)


class Stream:
    """The lines of an export. Its methods are called in threads, `close` perhaps while `batch` still waits."""

    def __init__(self, answer: Answer, stopped: threading.Event) -> None:
        self._answer, self._stopped = answer, stopped
        self._lines = self._split(answer.chunks(stopped.is_set))
        self._last = False
        self._lock = threading.Lock()

    def batch(self) -> tuple[Sequence[Row], Said] | None:
        """None after the last one. Raises SourceUnavailable for a stream that is not complete."""
        with self._lock:
            rows: list[Row] = []
            heard, size = Said(), 0
            for line in self._lines:
                size += len(line)
                row, more = self._read(line)
                heard += more
                if row is not None:
                    rows.append(row)
                if len(rows) >= MOST_ROWS or size >= MOST_BYTES:
                    break
            if rows or heard != Said():
                return rows, heard
        if not self._last and not self._stopped.is_set():
            raise SourceUnavailable("Splunk's stream of rows ended before its last row")
        return None

    def close(self) -> None:
        with self._lock:
            self._answer.close()

    def _read(self, line: bytes) -> tuple[Row | None, Said]:
        """A row, and what the line says besides. A preview says nothing that the rows won't say again."""
        value = decoded(line)
        heard = said(value.get("messages") or ())
        if value.get("preview"):
            return None, heard
        row = value.get("result")
        if row is not None or "lastrow" in value:
            self._last = bool(value.get("lastrow"))
        return (row if isinstance(row, dict) else None), heard

    def _split(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        rest: list[bytes] = []
        for chunk in chunks:
            *lines, tail = chunk.split(b"\n")
            if lines:
                lines[0] = b"".join([*rest, lines[0]])
                rest = []
                yield from (line for line in lines if line.strip())
            rest.append(tail)
            if sum(map(len, rest)) > MOST_BYTES:
                raise SourceUnavailable(f"Splunk sent a row of more than {MOST_BYTES >> 20} MiB")
        if not self._stopped.is_set() and (line := b"".join(rest)).strip():
            yield line
