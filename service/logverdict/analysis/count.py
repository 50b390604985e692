"""Entries, or what a source reduced them to, become template counts: key, severity, instance, bin; samples, edges."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate

import polars as pl

from logverdict.analysis.bins import bin_of
from logverdict.analysis.counts import COUNTS, EDGE, EDGES, SAMPLE, TemplateCounts, add, folded, last_entries
from logverdict.analysis.entries import MAX_ROWS
from logverdict.analysis.hashing import hashes
from logverdict.analysis.keys import alike, coded, each, keys
from logverdict.analysis.redact import redact, samples
from logverdict.analysis.severity import combined, key_severities, level_severities
from logverdict.domain.errors import InvalidRequest
from logverdict.domain.redaction import Redaction
from logverdict.domain.window import Grid
from logverdict.domain.words import Severity


def reduce(
    entries: Sequence[pl.DataFrame],
    *,
    source: str,
    start: datetime,
    bin_seconds: float,
    severities: Mapping[str, Severity],
    own: Sequence[Redaction] = (),
) -> TemplateCounts:
    """The counts of one source's entries; batches (schema `entries.SCHEMA`) may come in any order and size.

    What the operator's `own` redactions take is not kept. `start` is the window's start, from which bins of
    `bin_seconds` are numbered.
    """
    if bin_seconds <= 0:
        raise InvalidRequest("bin_seconds", f"{bin_seconds} is not positive; allowed: above 0")
    if start.tzinfo is None:
        raise InvalidRequest("start", f"{start.isoformat()} has no time zone; write an offset or Z")
    bins = bin_of(Grid(start, timedelta(seconds=bin_seconds)))
    pages = (_page(batch.with_columns(bin=bins)) for batch in entries if len(batch))
    naming = _Naming(source, severities, own, each)
    parts = [add([_whole(page, naming)]) for page in _gathered(pages)]
    return parts[0] if len(parts) == 1 else add(parts)


def of_reduced(
    rows: pl.DataFrame,
    last: pl.DataFrame,
    *,
    source: str,
    severities: Mapping[str, Severity],
    own: Sequence[Redaction] = (),
) -> TemplateCounts:
    """The counts of what a source counted itself: `rows` (schema `reduced.REDUCED`), and `last`, the last EDGE
    entries at least (schema `entries.SCHEMA`). They are those that `reduce` gives of the entries themselves."""
    naming = _Naming(source, severities, own, lambda keys: keys)
    texts = pl.concat([rows["key"], keys(last["message"])])
    places = pl.int_range(len(texts), eager=True).alias("text")
    rows, last = rows.with_columns(places.head(len(rows))), last.with_columns(places.tail(len(last)))
    return add([_whole(_together([_Page(rows, last, texts)]), naming)])


@dataclass(frozen=True)
class _Page:
    """What a source would give that counts by itself, with texts in place of keys: the rows of a batch, and the last
    entries. Their column `text` is a place in `texts`."""

    rows: pl.DataFrame
    last: pl.DataFrame
    texts: pl.Series


def _page(batch: pl.DataFrame) -> _Page:
    found = alike(batch["message"])
    placed = batch.with_columns(found.places.cast(pl.Int64).alias("text"))
    rows = placed.group_by(_ROW).agg(*_COUNTS)
    return _Page(rows, placed.filter(pl.col("time") >= pl.col("time").top_k(EDGE).min()), found.texts)


def _gathered(pages: Iterable[_Page]) -> Iterator[_Page]:
    """Pages put together to GATHERED rows, so that a key is looked at once and not once a page. Two pages of a flood
    have as many: they are coarsened before the next are keyed."""
    some = list[_Page]()
    for page in pages:
        some.append(page)
        if sum(len(one.rows) for one in some) >= GATHERED:
            yield _together(some)
            some = []
    if some:
        yield _together(some)


def _together(pages: list[_Page]) -> _Page:
    """One page, whose texts are used, and distinct."""
    starts = accumulate((len(page.texts) for page in pages), initial=0)
    moved = [(pl.col("text") + start, page) for start, page in zip(starts, pages, strict=False)]
    rows = pl.concat([page.rows.with_columns(place) for place, page in moved], rechunk=True)
    last = pl.concat([page.last.with_columns(place) for place, page in moved])
    texts = pl.concat([page.texts for page in pages])
    used = pl.concat([rows["text"], last["text"]]).unique()
    found = coded(texts.gather(used))
    numbers = pl.zeros(len(texts), pl.Int64, eager=True).scatter(used, found.places)
    rows, last = (frame.with_columns(numbers.gather(frame["text"]).alias("text")) for frame in (rows, last))
    return _Page(rows, last, found.texts)


@dataclass(frozen=True)
class _Naming:
    """What texts are counted as: `keyed` gives the raw keys of some, `own` redactions come after."""

    source: str
    severities: Mapping[str, Severity]
    own: Sequence[Redaction]
    keyed: Callable[[pl.Series], pl.Series]


def _whole(page: _Page, naming: _Naming) -> TemplateCounts:
    """The counts of rows per text, and of the last entries with theirs. Strings are looked at once per distinct text;
    rows carry numbers that stand for them, in the order of the keys."""
    levels = pl.concat([page.rows["level"], page.last["level"]]).unique()
    kept = pl.DataFrame({"key": redact(naming.keyed(page.texts), naming.own)})
    kept = kept.with_columns(text=pl.int_range(pl.len()))
    named = _named(kept["key"].unique().sort(), naming.source)
    numbers = kept.join(_severities(levels, named, naming.severities), on="key").drop("key")
    counted, ending = (frame.join(numbers, on=["text", "level"]) for frame in (page.rows, page.last))
    return TemplateCounts(
        counts=_with_names(folded(counted, _CELL), named, COUNTS),
        samples=named[counted["key_id"].unique().sort()].select(SAMPLE.names()),
        edges=last_entries(_with_names(ending, named, EDGES)),
        instances=folded(counted.with_columns(source=pl.lit(naming.source)), ["source", "instance", "version"]),
    )


GATHERED = 2 * MAX_ROWS
"""Rows of counts."""
_ROW = ["text", "level", "instance", "version", "bin"]
_CELL = ["key_id", "severity", "instance", "bin"]
_SPAN = (pl.col("time").min().alias("first"), pl.col("time").max().alias("last"))
_COUNTS = (pl.len().cast(pl.Int64).alias("count"), *_SPAN)


def kept_keys(messages: pl.Series, own: Sequence[Redaction] = ()) -> pl.Series:
    """The key of each message as counts hold it: without secrets."""
    return redact(keys(messages), own)


def _named(keys: pl.Series, source: str) -> pl.DataFrame:
    """Per key without secrets: its number, its sample, the hash of that."""
    named = pl.DataFrame({"key": keys, "sample": samples(keys)}).with_row_index("key_id")
    return named.with_columns(hashes(named["sample"]), source=pl.lit(source))


def _with_names(rows: pl.DataFrame, named: pl.DataFrame, schema: pl.Schema) -> pl.DataFrame:
    """Rows of numbered keys, with what the numbers stand for."""
    names = named.select("source", "key", "hash")[rows["key_id"]]
    return pl.concat([rows, names], how="horizontal").select(schema.names())


def _severities(levels: pl.Series, named: pl.DataFrame, severities: Mapping[str, Severity]) -> pl.DataFrame:
    """Number and severity of every pair of key and level."""
    by_level = pl.DataFrame({"level_name": levels, "level": level_severities(levels, severities)})
    worded = key_severities(named["key"]).join(named, on="key")
    pairs = worded.join(by_level, how="cross").with_columns(severity=combined())
    return pairs.select("key", "key_id", pl.col("level_name").alias("level"), "severity")
