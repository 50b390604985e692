"""Rows of Splunk become entries: each once, with the fields that the profile names."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC
from typing import Any

import orjson
import polars as pl

from logverdict.adapters.sources.records import STACKS, text
from logverdict.adapters.sources.times import Times, micros
from logverdict.analysis.entries import MAX_ROWS, SCHEMA
from logverdict.domain.profile import FieldNames
from logverdict.domain.window import Window

COLUMNS = pl.Schema({**SCHEMA, "time": pl.Int64()})
EPOCH = re.compile(r"(\d{8,11})(?:\.(\d{1,9}))?")
LONGEST_MESSAGE = 65_536
MILLISECOND = 1_000
"""A time that the server wrote with fewer digits than it has may lie this much beside the span."""
CUT = f"entries are longer than {LONGEST_MESSAGE:,} characters; the rest of them was cut"
NO_TIME, OUTSIDE = "entries came without a time", "entries came with a time outside of the window"
Entry = tuple[int, str, str, str, str]


class Rows:
    """Of one read: what came before is known, so that nothing is given twice."""

    def __init__(self, fields: FieldNames, span: Window) -> None:
        self._fields = fields
        self._start, self._end = micros(span.start), micros(span.end)
        self._times = Times(UTC, span.start)
        self._any_message = fields.message == FieldNames().message
        self._seen: set[int] = set()
        self.read = self.duplicate = 0
        self.broken: Counter[str] = Counter()
        self.notes: Counter[str] = Counter()

    def take(self, rows: Sequence[Mapping[str, Any]]) -> Iterator[pl.DataFrame]:
        """The rows that are new, as frames that are not too long."""
        found = [entry for row in rows if self._new(row) and (entry := self._entry(row)) is not None]
        self.read += len(found)
        for at in range(0, len(found), MAX_ROWS):
            columns = zip(*found[at : at + MAX_ROWS], strict=True)
            yield pl.DataFrame(dict(zip(SCHEMA, columns, strict=True)), schema=COLUMNS).cast(SCHEMA)

    def sentences(self) -> Iterator[str]:
        for what, count in sorted((self.broken + self.notes).items()):
            yield f"{count:,} {what}"

    def _new(self, row: Mapping[str, Any]) -> bool:
        """Whether a row is an event not seen yet: bucket and address identify it. Kept as numbers, for their size."""
        address = row.get("_cd")
        if not address:
            return True
        bucket = row.get("_bkt") or (row.get("index"), row.get("splunk_server"))
        key = hash((str(bucket), str(address)))
        if key in self._seen:
            self.duplicate += 1
            return False
        self._seen.add(key)
        return True

    def _entry(self, row: Mapping[str, Any]) -> Entry | None:
        time = self._time(_one(row.get("_time")))
        if time is None:
            self.broken[NO_TIME] += 1
            return None
        if not self._start - MILLISECOND <= time < self._end + MILLISECOND:
            self.broken[OUTSIDE] += 1
            return None
        time = min(max(time, self._start), self._end - 1)
        raw = _one(row.get("_raw"))
        record = _record(raw)
        known = {**record, **{name: _one(value) for name, value in row.items() if name[:1] != "_" and _one(value)}}
        fields = self._fields
        return (
            time,
            self._message(raw, record, known),
            text(known, fields.level),
            text(known, fields.instance) or _one(row.get("host")),
            text(known, fields.version),
        )

    def _message(self, raw: str, record: Mapping[str, Any], known: Mapping[str, Any]) -> str:
        """The raw text, unless a field holds the message: one that the profile names, or a usual one of a JSON entry.

        In plain text `msg=...` may be a word of many, so the usual names count in JSON only."""
        message = (text(known, self._fields.message) if record or not self._any_message else "") or raw
        stack = text(record, STACKS) if record else ""
        if "\n" in stack and stack not in message and message is not raw:
            message = f"{message}\n{stack}"
        if len(message) > LONGEST_MESSAGE:
            self.notes[CUT] += 1
        return message[:LONGEST_MESSAGE]

    def _time(self, value: str) -> int | None:
        """Microseconds of an epoch, or of a text with a zone."""
        if match := EPOCH.fullmatch(value):
            return int(match[1]) * 1_000_000 + int((match[2] or "")[:6].ljust(6, "0"))
        return self._times.of_value(value) if value else None


def _one(value: object) -> str:
    """The first text of a field; Splunk gives texts, and lists of texts where there are several."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return next((_one(part) for part in value if part), "")
    return "" if value is None else str(value)


def _record(raw: str) -> dict[str, Any]:
    """The fields of an entry that is JSON; Splunk may not have been told to extract them."""
    if raw[:1] != "{":
        return {}
    try:
        value = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return {}
    return value if isinstance(value, dict) else {}
