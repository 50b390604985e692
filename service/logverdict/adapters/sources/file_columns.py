"""JSON lines as columns at once, where they are as plain as most loggers write them; about four times as fast as line
by line. What is not so plain is left to `file_formats`, which gives the same entries of all lines that both read."""

import io
import re
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import polars as pl

from logverdict.adapters.sources.file_moments import micros_of_one_day, moments
from logverdict.adapters.sources.records import LONGEST_MESSAGE, RECORD, STACKS, Details, Reading, labelled
from logverdict.analysis.entries import SCHEMA

BLANK = r"[ \t\r\n]"
"""What JSON allows between its signs. Nothing else of Unicode: to look for that takes a third longer."""
HEAD = 65_536
"""Bytes that show which of the many names there are: to look for all of them takes three times as long."""
TIMED = r'(?m)^\{(?:"[^"\\]*"\s*:\s*(?:"[^"\\]*"|[^"{\[\\,\n]*),\s*){0,8}?'
"""How a line begins before its time: with up to eight plain fields."""


class Columns:
    """For the blocks of one file."""

    def __init__(self, reading: Reading) -> None:
        fields = reading.fields
        self._reading = reading
        self._wanted = (fields.time, fields.message, fields.level, fields.instance, fields.version)
        self._names = list(dict.fromkeys(name for names in (*self._wanted, fields.named_details) for name in names))
        self._present: list[str] = []
        names, details, stacks = (
            "|".join(map(re.escape, some)) for some in (self._texts(), fields.named_details, STACKS)
        )
        # An object or list anywhere; a wanted field that holds no text, a detail that holds a number of another form
        # than Python would give it; a stack; what a container wrote; half a sign that two escapes write. In a text
        # quotes are escaped, so that a name in quotes right before a colon is a field's.
        colon = rf"{BLANK}*:{BLANK}*"
        odd = (
            rf'"{colon}[\[{{]',
            rf'"(?:{names})"{colon}[^"n \t\r\n]',
            rf'"(?:{details})"{colon}(?:[^"0-9tfn \t\r\n]|[0-9]+[0-9.eE]{{15}}|[0-9]+[.eE])',
            rf'"(?:{stacks})"{colon}',
            rf'"stream"{colon}"std(?:out|err)"',
            r"\\u[dD][89a-fA-F]",
        )
        self._odd = "|".join(odd)
        self._held = rf'"(?:{names})"{colon}"|"(?:{details})"{colon}["0-9tf]'
        self._time_names = fields.time
        self._timed = ""

    def times(self, block: bytes, lines: int) -> tuple[int, int] | None:
        """The first and the last time of the entries that begin in the lines, in microseconds, or a longer span; None
        where it is not so plain. Twice as fast as `read`: for what lies far from what is wanted."""
        whole = pl.Series([block.decode()])
        for name in [self._timed] if self._timed else self._time_names:
            if block.count(f'"{name}"'.encode()) == lines and not self._earlier(name, whole):
                self._timed = name
                break
        else:
            return None
        if (leading := _leading(block, name)) is not None:
            return int(leading.min()), int(leading.max())
        starts = whole.str.extract_all(rf'{TIMED}"{re.escape(name)}"\s*:\s*"[^"\\]*"').explode()
        times = moments(_last_texts(starts)) if len(starts) == lines else None
        if times is None or times.null_count():
            return None
        micros = times.dt.epoch("us")
        return int(micros.min()), int(micros.max())  # type: ignore[arg-type]

    def _earlier(self, name: str, whole: pl.Series) -> bool:
        """Whether a time may stand in a field that is asked before that one, or in an object."""
        before = self._time_names[: self._time_names.index(name)]
        heads = {other[:at] for other in before for at in (*_dots(other), len(other))}
        return bool(heads) and bool(whole.str.contains_any([f'"{head}"' for head in sorted(heads)]).item())

    def read(self, block: bytes, lines: int) -> pl.DataFrame | None:
        """The entries of the lines, all of them, with schema SCHEMA; None where any line is not so plain."""
        if not block.startswith(b"{"):
            return None
        whole = pl.Series([block.decode()])
        if whole.str.contains(self._odd).item():
            return None
        texts = whole.str.count_matches(self._held).item()
        head = block[:HEAD]
        likely = self._present or [name for name in self._names if f'"{name}"'.encode() in head]
        for names in filter(None, (likely, self._names)):
            frame = _parsed(block, names)
            if frame is None or len(frame) != lines:
                return None
            held = {name: len(frame) - frame[name].null_count() for name in names}
            if sum(held.values()) == texts:  # else one is written twice, or is none of `names`
                self._present = [name for name, count in held.items() if count]
                return self._entries(frame)
        return None

    def _texts(self) -> list[str]:
        return [name for name in self._names if name not in self._reading.fields.named_details]

    def _entries(self, frame: pl.DataFrame) -> pl.DataFrame | None:
        time, message, *others = ([name for name in names if name in frame.columns] for names in self._wanted)
        if not time or not message:
            return None
        times = moments(frame.select(pl.coalesce(time)).to_series())
        if times is None:
            return None
        level, instance, version = (
            _first(names).fill_null(otherwise) if names else pl.lit(otherwise)
            for names, otherwise in zip(others, ("", self._reading.instance, self._reading.version), strict=True)
        )
        details = labelled(tuple(name for name in self._reading.fields.named_details if name in frame.columns))
        said = _detailed(_first(message), details) if details else _first(message)
        entries = frame.select(time=times, message=said, level=level, instance=instance, version=version)
        if sum(entries.null_count().row(0)) or entries["message"].str.len_bytes().max() > LONGEST_MESSAGE:  # type: ignore[operator]
            return None
        return entries.select(SCHEMA.names())


def _detailed(message: pl.Expr, details: Details) -> pl.Expr:
    """As `records.with_details`."""
    lines = {label: _first(names).str.splitn("\n", 2).struct.field("field_0").fill_null("") for label, names in details}
    found = [
        pl.when(line != "").then(pl.lit(f" {label}=") + line).otherwise(pl.lit("")) for label, line in lines.items()
    ]
    parts = message.str.splitn("\n", 2).struct
    rest = ("\n" + parts.field("field_1")).fill_null("")
    said = pl.concat_str([parts.field("field_0"), *found, rest])
    return pl.when(message.str.starts_with(RECORD)).then(message).otherwise(said)


def _leading(block: bytes, name: str) -> npt.NDArray[np.int64] | None:
    """The times, in microseconds, of lines that all begin with that field, and all alike; twice as fast again."""
    first = re.match(rb'\{"%b"\s*:\s*"([^"\\]*)"' % re.escape(name).encode(), block)
    if first is None:
        return None
    text = np.frombuffer(block, np.uint8)
    starts = np.concatenate(([0], np.flatnonzero(text == ord("\n")) + 1))
    if starts[-1] + first.end() > len(text):
        return None
    heads = np.lib.stride_tricks.sliding_window_view(text, first.end())[starts]
    before, behind = heads[:, : first.start(1)], heads[:, first.end(1)]
    if not (before == before[0]).all() or not (behind == behind[0]).all():
        return None
    return micros_of_one_day(heads[:, first.start(1) : first.end(1)])


def _last_texts(starts: pl.Series) -> pl.Series:
    """What stands in the last quotes of each, which end it."""
    size = len(starts[0][:-1].rpartition('"')[2])
    cut = starts.str.tail(size + 2)
    # They are mostly equally long.
    return cut.str.head(-1).str.tail(-1) if cut.str.starts_with('"').all() else starts.str.extract('"([^"]*)"$')


def _dots(name: str) -> list[int]:
    return [at for at, sign in enumerate(name) if sign == "."]


def _parsed(block: bytes, names: Sequence[str]) -> pl.DataFrame | None:
    try:
        return pl.read_ndjson(io.BytesIO(block), schema=dict.fromkeys(names, pl.String))
    except pl.exceptions.PolarsError:
        return None


def _first(names: Sequence[str]) -> pl.Expr:
    """The first of the fields that holds a text that is not empty."""
    return pl.coalesce(pl.when(pl.col(name) != "").then(pl.col(name)) for name in names)
