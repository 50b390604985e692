"""Rows of Splunk become entries: each once, with the fields that the profile names."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC
from functools import lru_cache
from typing import Any

import orjson
import polars as pl

from logverdict.adapters.sources.records import (
    MOST_SHAPES,
    STACKS,
    Details,
    dig,
    has,
    labelled,
    outline,
    plain,
    text,
    with_details,
)
from logverdict.adapters.sources.times import Times, micros
from logverdict.analysis.entries import MAX_ROWS, ORDER, SCHEMA
from logverdict.domain.profile import FieldNames
from logverdict.domain.window import Window

ORDERED = pl.Schema({**SCHEMA, **ORDER})
COLUMNS = pl.Schema({**ORDERED, "time": pl.Int64()})
EPOCH = re.compile(r"(\d{8,11})(?:\.(\d{1,9}))?")
LONGEST_MESSAGE = 65_536
MILLISECOND = 1_000
"""A time that the server wrote with fewer digits than it has may lie this much beside the span."""
CUT = f"entries are longer than {LONGEST_MESSAGE:,} characters; the rest of them was cut"
NO_TIME, OUTSIDE = "entries came without a time", "entries came with a time outside of the window"
ADDRESS = re.compile(r"(\d{1,6}):(\d{1,12})")
"""Of an entry: the number of its bucket and the place in it."""
PLACES = 1 << 40
"""More than there are in a bucket."""
STACK_HINT = re.compile(r"stack|exc|\\u00")
"""One of them is in a JSON text with one of STACKS."""
NULL = "null"
"""How Splunk gives a JSON null."""
USUAL = FieldNames()
Entry = tuple[int, str, str, str, str, str, int | None]


class Rows:
    """Of one read: what came before is known, so that nothing is given twice."""

    def __init__(self, fields: FieldNames, span: Window) -> None:
        self._fields = fields
        self._start, self._end = micros(span.start), micros(span.end)
        self._times = Times(UTC, span.start)
        self._any_message = fields.message == USUAL.message
        self._seen: set[int] = set()
        self._details: dict[tuple[object, object], Details] = {}
        self.read = self.duplicate = 0
        self.broken: Counter[str] = Counter()
        self.notes: Counter[str] = Counter()

    def take(self, rows: Sequence[Mapping[str, Any]]) -> Iterator[pl.DataFrame]:
        """The rows that are new, as frames that are not too long."""
        found = [entry for row in rows if self._new(row) and (entry := self._entry(row)) is not None]
        self.read += len(found)
        for at in range(0, len(found), MAX_ROWS):
            columns = zip(*found[at : at + MAX_ROWS], strict=True)
            yield pl.DataFrame(dict(zip(ORDERED, columns, strict=True)), schema=COLUMNS).cast(ORDERED)

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
        fields = self._fields
        return (
            time,
            self._message(raw, record, row),
            _text(row, record, fields.level),
            _text(row, record, fields.instance) or _one(row.get("host")),
            _text(row, record, fields.version),
            _place(row, record, fields.stream, USUAL.stream) or _one(row.get("source")),
            _offset(_place(row, record, fields.offset, USUAL.offset), _one(row.get("_cd"))),
        )

    def _message(self, raw: str, record: Mapping[str, Any], row: Mapping[str, Any]) -> str:
        """The raw text, unless a field holds the message: one that the profile names, or a usual one of a JSON entry.

        In plain text `msg=...` may be a word of many, so the usual names count in JSON only."""
        named = bool(record) or not self._any_message
        message = _text(row, record, self._fields.message) if named else ""
        if message:
            details = self._beside(record, row)
            message = with_details(
                message, ((label, (_plain(row, record, name) for name in names)) for label, names in details)
            )
        message = message or raw
        stack = _text(row, record, STACKS) if record and message is not raw and STACK_HINT.search(raw) else ""
        if "\n" in stack and stack not in message:
            message = f"{message}\n{stack}"
        if len(message) > LONGEST_MESSAGE:
            self.notes[CUT] += 1
        return message[:LONGEST_MESSAGE]

    def _beside(self, record: Mapping[str, Any], row: Mapping[str, Any]) -> Details:
        """Which details there are, looked up once for all entries with the same names of fields, as for records."""
        key = tuple(row), outline(record)
        found = self._details.get(key)
        if found is None:
            if len(self._details) >= MOST_SHAPES:
                self._details.clear()
            names = self._fields.named_details
            found = labelled(tuple(name for name in names if name in row or has(record, name)))
            self._details[key] = found
        return found

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


def _text(row: Mapping[str, Any], record: Mapping[str, Any], names: Sequence[str]) -> str:
    """The first of the fields that holds something, as Splunk extracted it, else as it is in JSON. `splunk_spl` says
    the same in SPL."""
    for name in names:
        found = "" if name[:1] == "_" else _one(row.get(name))
        if not found or (found == NULL and record):
            found = "" if not record or record.keys().isdisjoint(_heads(name)) else text(record, (name,))
        if found:
            return found
    return ""


def _plain(row: Mapping[str, Any], record: Mapping[str, Any], name: str) -> str:
    """As `_text` of one field, or a truth; of a list in JSON nothing, as Splunk names its values otherwise."""
    found = "" if name[:1] == "_" else _one(row.get(name))
    if found and not (found == NULL and record):
        return found
    value = dig(record, name) if record and not record.keys().isdisjoint(_heads(name)) else None
    return "" if isinstance(value, list) else plain(value)


@lru_cache(maxsize=1_000)
def _heads(name: str) -> tuple[str, ...]:
    """The names that a record has to have one of, to have the field, whole or in nested objects."""
    return (name, *(name[:at] for at, sign in enumerate(name) if sign == "."))


def _place(row: Mapping[str, Any], record: Mapping[str, Any], names: tuple[str, ...], usual: tuple[str, ...]) -> str:
    """As `_text`; the usual names count in JSON only: in plain text `offset=...` may be a word of many."""
    return _text(row, record, names) if record or names != usual else ""


def _offset(given: str, address: str) -> int | None:
    """The field's number; else the place among all of the index's buckets, which are filled in the order of arrival."""
    if given.isascii() and given.isdigit() and len(given) <= len(str(PLACES)):
        return int(given)
    match = ADDRESS.fullmatch(address)
    return int(match[1]) * PLACES + int(match[2]) if match else None


def _record(raw: str) -> dict[str, Any]:
    """The fields of an entry that is JSON; Splunk may not have been told to extract them."""
    if raw[:1] != "{":
        return {}
    try:
        value = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return {}
    return value if isinstance(value, dict) else {}
