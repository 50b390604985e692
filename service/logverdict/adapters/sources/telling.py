"""Calls to sources as the audit keeps them: timed, without secrets, short."""

import asyncio
import hashlib
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import lru_cache

import orjson
import polars as pl

from logverdict.analysis.redact import redact
from logverdict.domain.verification import SourceCall
from logverdict.verify.audit import heard, tell

MOST_QUERY = 4_000
"""Characters of a query; of a longer one the start is kept, with its length and a hash."""
MOST_METHOD = 500
MOST_TEXT = 3_000
"""Characters of one text inside a query, such as a script; of a longer one the start is kept in the same way."""
LEFT_OUT = "..."
"""Stands for a value that is a secret, or that differs from page to page of the same question."""


class Told:
    """A call under way; `end` tells it, once, unless it was told already (`over`)."""

    def __init__(self, method: str, query: Callable[[], str], over: bool = False) -> None:
        self.status, self.size = "", 0
        self._method, self._query = method, query
        self._time, self._start = datetime.now(UTC), time.monotonic()
        self._over = over

    def end(self, status: str = "") -> None:
        """`status` is how it ended where no status was set."""
        if self._over or not heard():
            return
        self._over = True
        seconds = time.monotonic() - self._start
        tell(
            SourceCall(
                self._time,
                "",
                cut(self._method, MOST_METHOD),
                cut(self._query(), MOST_QUERY),
                self.status or status,
                self.size,
                seconds,
            )
        )


@contextmanager
def telling(method: str, query: Callable[[], str]) -> Iterator[Told]:
    """Tells a call when the block ends; one that raises without a status has the error as its status."""
    told = Told(method, query)
    try:
        yield told
    except BaseException as fault:
        told.end(word(fault))
        raise
    told.end()


def word(fault: BaseException) -> str:
    """What stands for a status where nothing was answered; without the fault's text, which may hold anything."""
    if isinstance(fault, asyncio.CancelledError | GeneratorExit):
        return "cancelled"
    return "timeout" if isinstance(fault, TimeoutError) or "Timeout" in type(fault).__name__ else type(fault).__name__


def written(value: object, left_out: frozenset[str] = frozenset()) -> str:
    """As JSON. The values of the names in `left_out` are, and what looks like a secret is replaced."""
    return orjson.dumps(_clean(value, left_out), option=orjson.OPT_NON_STR_KEYS, default=str).decode()


def cut(text: str, most: int) -> str:
    """Long texts stay apart by their hashes."""
    if len(text) <= most:
        return text
    mark = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]
    return f"{text[:most]}... ({len(text):,} characters, sha256 {mark})"


def _clean(value: object, left_out: frozenset[str]) -> object:
    match value:
        case str():
            return cut(without_secrets(value), MOST_TEXT)
        case Mapping():
            return {str(name): LEFT_OUT if name in left_out else _clean(part, left_out) for name, part in value.items()}
        case Sequence():
            return [_clean(part, left_out) for part in value]
    return value


@lru_cache(maxsize=1_024)
def without_secrets(text: str) -> str:
    """Remembered, as the pages of a read ask the same again and again."""
    return str(redact(pl.Series([text], dtype=pl.String))[0])
