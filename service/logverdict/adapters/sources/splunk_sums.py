"""Searches in which Splunk counts: per bin and instance, and per key; and their rows."""

import math
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl

from logverdict.adapters.sources.splunk_guard import allowed
from logverdict.adapters.sources.splunk_search import Search
from logverdict.adapters.sources.splunk_spl import (
    BIN,
    DOUBT,
    HELD,
    INSTANCE,
    KEY,
    LEVEL,
    VERSION,
    bin_eval,
    fields_eval,
    key_eval,
    micros_of,
)
from logverdict.adapters.sources.times import Times, micros
from logverdict.analysis.counts import EDGE
from logverdict.analysis.key import UNREDUCED
from logverdict.analysis.reduced import REDUCED, SURVEY
from logverdict.domain.profile import FieldNames
from logverdict.domain.window import Grid, Window

Row = Mapping[str, Any]
ARRIVED, TOTAL, OLDEST, NEWEST = "lv_arrived", "lv_total", "lv_first", "lv_last"
MOST_PARTS = 10
"""Parts of a bin by which the index may count; with more of them the entries are counted."""
LAST = (3 * EDGE, 10_000)
"""How many of the last entries are asked for: more when those do not tell which the last EDGE are."""
WHOLE = re.compile(r"-?\d{1,18}(?:\.0+)?", re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Unclear(ValueError):
    """A row of a search is not as it has to be: says what is wrong with it."""


def survey_search(search: Search, fields: FieldNames, grid: Grid, *, extract: bool) -> str:
    """Entries per bin and instance, and when the last of them came; each row says how many entries there are in all.

    `extract`: the fields of JSON are extracted by the search, which takes long, where Splunk does not by itself."""
    spath = " | spath" if extract else ""
    return allowed(
        f"search {search.where} | fields {search.columns}, _indextime{spath} | {fields_eval(fields)} | {bin_eval(grid)}"
        f" | stats count max(_indextime) AS {ARRIVED} by {BIN}, {INSTANCE} | eventstats sum(count) AS {TOTAL}"
    )


def index_search(search: Search, fields: FieldNames, grid: Grid) -> tuple[str, int] | None:
    """The same by the index alone, in steps of so many seconds; None where the index does not know."""
    start, width = micros(grid.start), micros_of(grid)
    step = math.gcd(start, width)
    if not search.indexed or fields.instance[:1] != ("host",) or step % 1_000_000 or width // step > MOST_PARTS:
        return None
    seconds = step // 1_000_000
    text = (
        f"| tstats count max(_indextime) AS {ARRIVED} where {search.where} by host, _time span={seconds}s"
        f" | eventstats sum(count) AS {TOTAL}"
    )
    return allowed(text), seconds


def doubtful_search(search: Search, fields: FieldNames) -> str:
    """The entries whose instance only `splunk_rows` can tell."""
    return allowed(
        f'search {search.where} | fields {search.columns} | {fields_eval(fields)} | search {INSTANCE}="{DOUBT}"'
        f" | fields {search.columns}"
    )


def reduce_search(search: Search, fields: FieldNames, grid: Grid) -> str:
    """Entries per key, level, instance, version and bin."""
    commands = [fields_eval(fields), *key_eval(fields), bin_eval(grid)]
    by = ", ".join((KEY, LEVEL, INSTANCE, VERSION, BIN))
    return allowed(
        f"search {search.where} | fields {search.columns} | {' | '.join(commands)}"
        f" | stats count min(_time) AS {OLDEST} max(_time) AS {NEWEST} by {by}"
    )


def last_search(search: Search, most: int) -> str:
    """So many of the last entries: Splunk gives the newest first, and ends a search when `head` has enough."""
    return allowed(f"search {search.where} | fields {search.columns} | head {most}")


def survey_rows(rows: Sequence[Row]) -> pl.DataFrame:
    """Schema SURVEY; instances in doubt are null. Raises Unclear."""
    found = [(_whole(row, BIN), _held(row, INSTANCE), _whole(row, "count"), _arrived(row)) for row in rows]
    return pl.DataFrame(found, schema=SURVEY, orient="row")


def index_rows(rows: Sequence[Row], grid: Grid, seconds: int) -> pl.DataFrame:
    """Schema SURVEY, of the steps that the index counted. Raises Unclear for steps that lie across bins."""
    found = []
    for row in rows:
        time = _time(row, "_time")
        host = row.get("host")
        if micros(time) % (seconds * 1_000_000) or not isinstance(host, str):
            raise Unclear("a step of the index that is not ours")
        found.append((grid.number(time), host, _whole(row, "count"), _arrived(row)))
    return summed(pl.DataFrame(found, schema=SURVEY, orient="row"))


def summed(frame: pl.DataFrame) -> pl.DataFrame:
    """One row a bin and instance."""
    return (
        frame.group_by("bin", "instance")
        .agg(pl.col("count").sum(), pl.col("arrived").max())
        .select(SURVEY.names())
        .sort("bin", "instance")
    )


def amiss(rows: Sequence[Row]) -> tuple[int, int]:
    """How many entries the rows count, and how many there are in all as each row says. Raises Unclear."""
    return sum(_whole(row, "count") for row in rows), max((_whole(row, TOTAL) for row in rows), default=0)


def reduced_rows(rows: Sequence[Row], span: Window) -> pl.DataFrame:
    """Schema REDUCED. Raises Unclear, for a group that comes twice too."""
    found = []
    for row in rows:
        key = _held(row, KEY)
        found.append(
            (
                UNREDUCED if key is None else key,
                _held(row, LEVEL) or "",
                _held(row, INSTANCE) or "",
                _held(row, VERSION) or "",
                _whole(row, BIN),
                _whole(row, "count"),
                max(_time(row, OLDEST), span.start),
                min(_time(row, NEWEST), span.end - timedelta(microseconds=1)),
            )
        )
    frame = pl.DataFrame(found, schema=REDUCED, orient="row")
    known = frame.filter(pl.col("key") != UNREDUCED)  # those in doubt may read alike here
    if known.select(REDUCED.names()[:5]).is_duplicated().any():
        raise Unclear("a group that came twice")
    return frame


def last_entries(frame: pl.DataFrame) -> pl.DataFrame:
    """The last EDGE of those that came, and those of the same time as the first of them."""
    return frame.filter(pl.col("time") >= pl.col("time").top_k(EDGE).min())


def _held(row: Row, name: str) -> str | None:
    """What stands behind HELD; None for a value in doubt."""
    value = row.get(name)
    if value == DOUBT:
        return None
    if not isinstance(value, str) or not value.startswith(HELD):
        raise Unclear(f"a row without {name.removeprefix('lv_')}")
    return value.removeprefix(HELD)


def _whole(row: Row, name: str) -> int:
    text = str(row.get(name, ""))
    if not WHOLE.fullmatch(text):
        raise Unclear(f"a row without {name.removeprefix('lv_')}")
    return int(text.partition(".")[0])


def _arrived(row: Row) -> datetime | None:
    text = str(row.get(ARRIVED, ""))
    return _EPOCH + timedelta(seconds=int(text)) if text.isdigit() else None


def _time(row: Row, name: str) -> datetime:
    """To the microsecond."""
    text = str(row.get(name, ""))
    try:
        return _EPOCH + timedelta(microseconds=round(float(text) * 1_000_000))
    except (ValueError, OverflowError):
        found = Times(UTC, _EPOCH).of_value(text)
    if found is None:
        raise Unclear(f"a row without {name.removeprefix('lv_')}")
    return _EPOCH + timedelta(microseconds=found)
