"""Documents become entries: a page at a time, column by column."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
import polars as pl

from logverdict.adapters.sources.elasticsearch_fields import Chosen
from logverdict.adapters.sources.records import dig, labelled, plain, with_details
from logverdict.adapters.sources.times import micros
from logverdict.analysis.entries import ORDER, SCHEMA
from logverdict.domain.window import Window

LONGEST_MESSAGE = 65_536
TIME_PATTERN = "epoch_millis"
"""With a fraction where a time has one. To write dates costs the server as much as all the rest of a document."""
Document = Mapping[str, Any]
Hit = Mapping[str, Any]


@dataclass
class Tally:
    """What came of the documents."""

    hits: int = 0
    read: int = 0
    elsewhere: int = 0
    """Documents of several times, the first of which is before the span: they belong to that time."""
    broken: int = 0
    characters: int = 0
    """Of the messages of the last page."""
    notes: Counter[str] = field(default_factory=Counter)

    def sentences(self, chosen: Chosen) -> Iterator[str]:
        if self.broken:
            yield f"{self.broken:,} entries have no text in {' or '.join(chosen.message)}"
        for note, count in sorted(self.notes.items()):
            yield f"{count:,} {note}"


class Rows:
    def __init__(self, chosen: Chosen, span: Window, by_fields: bool, tally: Tally) -> None:
        self._chosen = chosen
        # A field of type `date` knows milliseconds only, and so its range query does.
        self._floor = micros(span.start) // 1_000 * 1_000
        self._start = span.start
        self._tally = tally
        self._by_fields = by_fields
        self._columns = chosen.columns | set(chosen.in_documents) if by_fields else chosen.columns

    def frame(self, hits: Sequence[Hit]) -> pl.DataFrame:
        """The entries of a page of hits; those that are broken or belong elsewhere are counted only. What orders
        entries comes along where an index has it."""
        kept: list[Document] = [hit.get("fields") or {} for hit in hits]
        sources: list[Document] = [hit.get("_source") or {} for hit in hits]
        chosen, tally = self._chosen, self._tally
        self._ignored(hits)
        message = self._values(chosen.message, kept, sources)
        others = [self._one(some, kept, sources) for some in (chosen.level, chosen.instance, chosen.version)]
        if chosen.details:
            message = self._detailed(message, kept, sources)
        if chosen.stack:
            message = list(map(_with_stack, message, self._values(chosen.stack, kept, sources)))
        time, doubtful = self._times(kept)
        data: list[list[Any]] = [time, self._cut(message), *others]
        schema: dict[str, Any] = {**SCHEMA, "time": pl.String()}
        if chosen.stream or chosen.offset:
            data += [self._one(chosen.stream, kept, sources), self._offsets(kept)]
            schema |= ORDER
        table = pl.DataFrame(dict(zip(schema, data, strict=True)), schema=schema).with_columns(_microseconds())
        whole = self._placed(table, doubtful)
        read = whole.filter(pl.col("message") != "")
        tally.hits += len(hits)
        tally.elsewhere += table.height - whole.height
        tally.broken += whole.height - read.height
        tally.read += read.height
        return read

    def _times(self, kept: Sequence[Document]) -> tuple[list[str | None], bool]:
        """The smallest of each document's times, and whether any has several."""
        first, *others = self._chosen.time
        times = [values.get(first) for values in kept]
        for name in others:
            times = [time or values.get(name) for time, values in zip(times, kept, strict=True)]
        return [time[0] if time else None for time in times], any(time and len(time) > 1 for time in times)

    def _offsets(self, kept: Sequence[Document]) -> list[int | None]:
        """Of several the first; None where a document has none."""
        found: list[int | None] = [None] * len(kept)
        for name in reversed(self._chosen.offset):
            found = [values[name][0] if name in values else old for values, old in zip(kept, found, strict=True)]
        return found

    def _placed(self, table: pl.DataFrame, doubtful: bool) -> pl.DataFrame:
        """A document of several times is found in the window of each; it counts in that of the first only."""
        if doubtful:
            table = table.filter(pl.col("time").dt.epoch("us") >= self._floor)
        return table.with_columns(pl.max_horizontal("time", pl.lit(self._start, dtype=SCHEMA["time"])))

    def _values(self, names: Sequence[str], kept: Sequence[Document], sources: Sequence[Document]) -> list[str]:
        """The first field that holds something, for each document."""
        found: list[str] | None = None
        for name in names:
            if name in self._columns:
                new = [_first(values[name]) if name in values else "" for values in kept]
            else:
                new = [_text(source[name] if name in source else _deep(source, name)) for source in sources]
            found = new if found is None else [old or one for old, one in zip(found, new, strict=True)]
        return found if found is not None else [""] * len(kept)

    def _detailed(self, messages: Sequence[str], kept: Sequence[Document], sources: Sequence[Document]) -> list[str]:
        """Each message with what its document says beside it."""
        columns = [
            (label, [self._plain(name, kept, sources) for name in names])
            for label, names in labelled(self._chosen.details)
        ]
        return [
            with_details(message, ((label, [each[at] for each in values]) for label, values in columns))
            if message
            else ""
            for at, message in enumerate(messages)
        ]

    def _plain(self, name: str, kept: Sequence[Document], sources: Sequence[Document]) -> list[str]:
        if self._by_fields:
            return [plain(values.get(name)) for values in kept]
        return [plain(source[name] if name in source else _deep(source, name)) for source in sources]

    def _one(self, names: Sequence[str], kept: Sequence[Document], sources: Sequence[Document]) -> list[str]:
        """Of several values of a level, instance or version the first."""
        found = self._values(names, kept, sources)
        return [text.partition("\n")[0] for text in found] if any("\n" in text for text in found) else found

    def _cut(self, messages: list[str]) -> list[str]:
        lengths = [len(message) for message in messages]
        self._tally.characters = sum(lengths)
        if max(lengths, default=0) <= LONGEST_MESSAGE:
            return messages
        note = f"entries are longer than {LONGEST_MESSAGE:,} characters; the rest of them was cut"
        self._tally.notes[note] += sum(length > LONGEST_MESSAGE for length in lengths)
        return [message[:LONGEST_MESSAGE] for message in messages]

    def _ignored(self, hits: Sequence[Hit]) -> None:
        """What an index did not keep by column (ignore_above) is missing in what is read from there."""
        for hit in hits:
            if "_ignored" in hit:
                for name in self._columns.intersection(hit["_ignored"]):
                    self._tally.notes[too_long(name)] += 1


def _microseconds() -> pl.Expr:
    """Of milliseconds as text. What is cut off below a microsecond never moves an entry past a window's end."""
    whole = pl.col("time").str.extract(r"^(-?\d+)").cast(pl.Int64) * 1_000
    rest = pl.col("time").str.extract(r"\.(\d{1,3})").fill_null("").str.pad_end(3, "0").cast(pl.Int64)
    return (whole + rest).cast(SCHEMA["time"]).alias("time")


def too_long(name: str) -> str:
    """What is said of entries whose field the index did not keep."""
    return f"entries have a {name} too long for the index, and come without it"


def has_text(document: Document, names: Sequence[str]) -> bool:
    return any(_text(document[name] if name in document else _deep(document, name)) for name in names)


def _first(values: Sequence[Any]) -> str:
    """Of one value or several; those of a message are its lines."""
    if len(values) == 1:
        value = values[0]
        return value if type(value) is str else _text(value)
    return _text(values)


def _text(value: Any) -> str:
    if type(value) is str:
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, list):
        return "\n".join(filter(None, map(_text, value)))
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode() if value else ""


def _deep(source: Document, name: str) -> Any:
    """A field in nested objects, those in lists too."""
    found = dig(source, name)
    if found is not None or "." not in name:
        return found
    head, _, rest = name.partition(".")
    inner = source.get(head)
    if isinstance(inner, list):
        return [_deep(one, rest) for one in inner if isinstance(one, dict)]
    return None


def _with_stack(message: str, stack: str) -> str:
    return f"{message}\n{stack}" if message and "\n" in stack and stack not in message else message
