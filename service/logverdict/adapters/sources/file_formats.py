"""The formats of log lines: JSON, logfmt, plain text; each understands a line as the start of an entry, or does not."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

import orjson

from logverdict.adapters.sources.file_columns import Columns
from logverdict.adapters.sources.file_plain import PlainFormat
from logverdict.adapters.sources.records import Parsed, Reading, Records

# A name starts after a space only: looked for anywhere, a long word without "=" would take quadratic time.
PAIR = re.compile(r'(?<!\S)([^\s="]++)=("(?:[^"\\]|\\.)*"|[^\s"]*)')
ESCAPE = re.compile(r"\\(.)")
ESCAPED = {"n": "\n", "t": "\t", "r": "\r"}
STREAMS = ("stdout", "stderr")


class Format(Protocol):
    loose: bool
    """Whether any line that starts no entry belongs to the entry before it."""

    def parse(self, line: bytes) -> Parsed | None:
        """The entry that a line of UTF-8 starts; None when it starts none."""
        ...

    def fault(self, line: bytes) -> str:
        """Why a line starts no entry, as what so many lines are or have."""
        ...

    def columns(self) -> Columns | None:
        """A faster way for many lines at once; None where there is none."""
        ...


class JsonFormat:
    loose = False

    def __init__(self, reading: Reading) -> None:
        self._reading, self._records = reading, Records(reading)
        self._inner = PlainFormat(replace(reading, instance="", version=""))

    def columns(self) -> Columns:
        return Columns(self._reading)

    def parse(self, line: bytes) -> Parsed | None:
        try:
            record = orjson.loads(line)
        except orjson.JSONDecodeError:
            record = _lenient(line)
        if type(record) is not dict:
            return None
        entry = self._records.entry(record)
        return self._opened(entry) if entry is not None and _is_envelope(record, entry) else entry

    def _opened(self, entry: Parsed) -> Parsed:
        """What a container wrote is plain text or a record of its own."""
        _, message, level, instance, version = self._inner.inside(entry[1], entry[0])
        return entry[0], message, level or entry[2], instance or entry[3], version or entry[4]

    def fault(self, line: bytes) -> str:
        return "have no time that is understood" if type(_lenient(line)) is dict else "are not JSON objects"


def _is_envelope(record: Mapping[str, object], entry: Parsed) -> bool:
    """As Docker and who collects its logs write them."""
    return record.get("stream") in STREAMS and bool(entry[1]) and record.get("log") == entry[1]


def _lenient(line: bytes) -> object:
    """What strict JSON forbids and loggers write all the same, NaN and halves of surrogate pairs; else None."""
    if b"{" not in line:
        return None
    try:
        record = json.loads(line, parse_constant=str)
        record = orjson.loads(json.dumps(record, ensure_ascii=False).encode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return None
    return record


class LogfmtFormat:
    loose = False

    def __init__(self, reading: Reading) -> None:
        self._records = Records(reading)

    def columns(self) -> None:
        return None

    def parse(self, line: bytes) -> Parsed | None:
        text = line.decode()
        return self._records.entry(pairs(text)) if PAIR.match(text) else None

    def fault(self, line: bytes) -> str:
        return "have no time that is understood" if PAIR.match(line.decode()) else "are not logfmt"


def pairs(text: str) -> dict[str, object]:
    """The pairs of a logfmt line; words without a value are left out."""
    return {name: _unquoted(value) if value.startswith('"') else value for name, value in PAIR.findall(text)}


def _unquoted(value: str) -> str:
    return ESCAPE.sub(lambda match: ESCAPED.get(match[1], match[1]), value[1:-1])


FORMATS: Mapping[str, Callable[[Reading], Format]] = {
    "json": JsonFormat,
    "logfmt": LogfmtFormat,
    "plain": PlainFormat,
}
SAMPLED = 100


def formats_of(names: Sequence[str], reading: Reading) -> list[Format]:
    """Those of FORMATS, in this order."""
    return [FORMATS[name](reading) for name in names]


def names_of(word: str, lines: Sequence[bytes], reading: Callable[[str], Reading]) -> tuple[str, ...]:
    """The formats to try on each line of a file, in order: the one named, or for `auto` all of them, first the one
    that understands most of the file's first lines. `reading` says what is wanted of a file of a format."""
    if word != "auto":
        return (word,)
    trial = {name: make(reading(name)) for name, make in FORMATS.items()}
    sample = [line.decode(errors="replace").encode() for line in lines if line.strip()][:SAMPLED]
    hits = {name: sum(format.parse(line) is not None for line in sample) for name, format in trial.items()}
    best = max(hits, key=lambda name: (hits[name], name == "plain"))
    return tuple(sorted(FORMATS, key=lambda name: name != best))
