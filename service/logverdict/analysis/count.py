"""Entries, or what a source reduced them to, become template counts: key, severity, instance, bin; samples, edges."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import polars as pl

from logverdict.analysis.bins import bin_of
from logverdict.analysis.counts import COUNTS, EDGE, EDGES, INSTANCES, SAMPLE, TemplateCounts, add
from logverdict.analysis.hashing import hashes
from logverdict.analysis.key import keys
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
    parts = (_of_entries(batch.with_columns(bin=bins), source, severities, own) for batch in entries if len(batch))
    return add(add([part]) for part in parts)


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
    last = last.with_columns(key=keys(last["message"]))
    known = _known(pl.concat([rows["key"], last["key"]]).unique(), own)
    levels = pl.concat([rows["level"], last["level"]]).unique()
    worded = _severities(levels, known.named, severities)
    counted = _numbered(rows, known)
    whole = TemplateCounts(
        counts=_named(counted.group_by(_CELL).agg(*_SUMS), known, worded, source, COUNTS),
        samples=_samples(known.of(rows["key"]), source),
        edges=_named(_edge_rows(_numbered(last, known)), known, worded, source, EDGES),
        instances=_instances(counted.group_by("instance", "version").agg(*_SUMS), source),
    )
    return add([whole])


def _of_entries(
    batch: pl.DataFrame, source: str, severities: Mapping[str, Severity], own: Sequence[Redaction]
) -> TemplateCounts:
    """Strings are looked at once per distinct message or key; rows carry numbers that stand for them."""
    keyed = _keyed(batch)
    known = _known(keyed["key"].unique(), own)
    rows = _numbered(keyed, known)
    worded = _severities(batch["level"].unique(), known.named, severities)
    return TemplateCounts(
        counts=_named(rows.group_by(_CELL).agg(*_COUNTS), known, worded, source, COUNTS),
        samples=_samples(known.named, source),
        edges=_named(_edge_rows(rows), known, worded, source, EDGES),
        instances=_instances(rows.group_by("instance", "version").agg(*_COUNTS), source),
    )


def _keyed(batch: pl.DataFrame) -> pl.DataFrame:
    """With the raw `key` of each message; to find the distinct ones first is worth it only where there are few."""
    messages = batch["message"]
    if messages.head(SAMPLED).n_unique() * 2 > min(SAMPLED, len(batch)):
        return batch.with_columns(keys(messages))
    found = messages.unique()
    return batch.join(pl.DataFrame({"message": found, "key": keys(found)}), on="message", how="left")


SAMPLED = 2_000
"""Messages of a batch that tell whether most are distinct."""
_CELL = ["key_id", "level", "instance", "bin"]
_SPAN = (pl.col("time").min().alias("first"), pl.col("time").max().alias("last"))
_COUNTS = (pl.len().cast(pl.Int64).alias("count"), *_SPAN)
_SUMS = (pl.col("count").sum(), pl.col("first").min(), pl.col("last").max())


@dataclass(frozen=True)
class _Known:
    """`numbers`: raw key, `key_id`. `named`: `key_id`, its key without secrets, its sample, the hash of that."""

    numbers: pl.DataFrame
    named: pl.DataFrame

    def of(self, raw: pl.Series) -> pl.DataFrame:
        """What is named by those raw keys."""
        ids = self.numbers.filter(pl.col("key").is_in(raw.unique().implode()))["key_id"].unique()
        return self.named.filter(pl.col("key_id").is_in(ids.implode()))


def _known(raw: pl.Series, own: Sequence[Redaction]) -> _Known:
    """Distinct raw keys: several may differ in secrets only."""
    kept = pl.DataFrame({"raw": raw, "key": redact(raw, own)})
    named = kept.select(pl.col("key").unique()).with_row_index("key_id")
    named = named.with_columns(sample=samples(named["key"]))
    named = named.with_columns(hash=hashes(named["sample"]))
    numbers = kept.join(named.select("key", "key_id"), on="key").select(pl.col("raw").alias("key"), "key_id")
    return _Known(numbers, named)


def kept_keys(messages: pl.Series, own: Sequence[Redaction] = ()) -> pl.Series:
    """The key of each message as counts hold it: without secrets."""
    return redact(keys(messages), own)


def _numbered(rows: pl.DataFrame, known: _Known) -> pl.DataFrame:
    """Rows with a raw key, with its number in place of it."""
    return rows.join(known.numbers, on="key", how="left").drop("key")


def _named(rows: pl.DataFrame, known: _Known, worded: pl.DataFrame, source: str, schema: pl.Schema) -> pl.DataFrame:
    """Rows of numbered keys, with what the numbers stand for."""
    full = rows.join(worded, on=["key_id", "level"]).join(known.named.drop("sample"), on="key_id")
    return full.with_columns(source=pl.lit(source)).select(schema.names())


def _severities(levels: pl.Series, named: pl.DataFrame, severities: Mapping[str, Severity]) -> pl.DataFrame:
    """Severity of every pair of key and level."""
    by_level = pl.DataFrame({"level_name": levels, "level": level_severities(levels, severities)})
    worded = key_severities(named["key"]).join(named, on="key")
    pairs = worded.join(by_level, how="cross").with_columns(severity=combined())
    return pairs.select("key_id", pl.col("level_name").alias("level"), "severity")


def _edge_rows(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows that may be among the last: `add` chooses among equal times."""
    return rows.filter(pl.col("time") >= pl.col("time").top_k(EDGE).min())


def _samples(named: pl.DataFrame, source: str) -> pl.DataFrame:
    """The sample of each key; `add` chooses among those of several parts."""
    return named.with_columns(source=pl.lit(source)).select(SAMPLE.names())


def _instances(counted: pl.DataFrame, source: str) -> pl.DataFrame:
    return counted.with_columns(source=pl.lit(source)).select(INSTANCES.names())
