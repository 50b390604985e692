"""Entries become template counts: key, severity, instance, bin; samples and edges beside them."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import polars as pl

from logverdict.analysis.counts import COUNTS, EDGE, EDGES, INSTANCES, SAMPLE, SAMPLES, TIME, TemplateCounts, add
from logverdict.analysis.hashing import hashes
from logverdict.analysis.key import keys
from logverdict.analysis.redact import redact, samples
from logverdict.analysis.severity import combined, key_severities, level_severities
from logverdict.domain.errors import InvalidRequest
from logverdict.domain.words import Severity


def reduce(
    entries: Sequence[pl.DataFrame],
    *,
    source: str,
    start: datetime,
    bin_seconds: float,
    severities: Mapping[str, Severity],
) -> TemplateCounts:
    """The counts of one source's entries; batches (schema `entries.SCHEMA`) may come in any order and size.

    `start` is the window's start, from which bins of `bin_seconds` are numbered.
    """
    if bin_seconds <= 0:
        raise InvalidRequest("bin_seconds", f"{bin_seconds} is not positive; allowed: above 0")
    if start.tzinfo is None:
        raise InvalidRequest("start", f"{start.isoformat()} has no time zone; write an offset or Z")
    width = max(1, round(timedelta(seconds=bin_seconds) / timedelta(microseconds=1)))
    return add(add([_reduce_batch(batch, source, start, width, severities)]) for batch in entries if len(batch))


def _reduce_batch(
    batch: pl.DataFrame, source: str, start: datetime, width: int, severities: Mapping[str, Severity]
) -> TemplateCounts:
    """Strings are looked at once per distinct message or key; rows carry numbers that stand for them."""
    since = (pl.col("time") - pl.lit(start, dtype=TIME)).dt.total_microseconds()
    known = _known(batch["message"].unique())
    named = known.select("key_id", "key").unique().with_columns(source=pl.lit(source))
    rows = batch.with_columns(bin=since.floordiv(width).cast(pl.Int32), source=pl.lit(source)).join(
        known.select("message", "key_id", "hash"), on="message", how="left"
    )
    worded = _severities(batch["level"].unique(), named, severities)
    counts = rows.group_by("key_id", "level", "instance", "bin").agg(*_AGGREGATES)
    counts = counts.join(worded, on=["key_id", "level"]).join(named, on="key_id").select(COUNTS.names())
    edges = _edge_rows(rows).join(worded, on=["key_id", "level"]).join(named, on="key_id")
    return TemplateCounts(
        counts=counts,
        samples=_samples(known.join(named, on="key_id")),
        edges=edges.select(EDGES.names()),
        instances=rows.group_by("source", "instance", "version").agg(*_AGGREGATES).select(INSTANCES.names()),
    )


_AGGREGATES = (
    pl.len().cast(pl.Int64).alias("count"),
    pl.col("time").min().alias("first"),
    pl.col("time").max().alias("last"),
)


def _known(messages: pl.Series) -> pl.DataFrame:
    """Distinct messages with their key, a number for it, and their sample with its hash."""
    found = pl.DataFrame({"message": messages, "found": keys(messages)})
    distinct = found["found"].unique()
    kept = pl.DataFrame({"found": distinct, "key": redact(distinct)})
    shown = kept.select(pl.col("key").unique()).with_row_index("key_id")
    shown = shown.with_columns(sample=samples(shown["key"]))
    shown = shown.with_columns(hash=hashes(shown["sample"]))
    return found.join(kept, on="found").join(shown, on="key").drop("found")


def kept_keys(messages: pl.Series) -> pl.Series:
    """The key of each message as counts hold it: without secrets."""
    return redact(keys(messages))


def _severities(levels: pl.Series, named: pl.DataFrame, severities: Mapping[str, Severity]) -> pl.DataFrame:
    """Severity of every pair of key and level."""
    by_level = pl.DataFrame({"level_name": levels, "level": level_severities(levels, severities)})
    worded = key_severities(named["key"]).join(named, on="key")
    pairs = worded.join(by_level, how="cross").with_columns(severity=combined())
    return pairs.select("key_id", pl.col("level_name").alias("level"), "severity")


def _edge_rows(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows that may be among the first or last of their instance: `add` chooses among equal times."""
    ends = rows.group_by("instance").agg(
        early=pl.col("time").bottom_k(EDGE).max(), late=pl.col("time").top_k(EDGE).min()
    )
    return rows.join(ends, on="instance").filter(
        (pl.col("time") <= pl.col("early")) | (pl.col("time") >= pl.col("late"))
    )


def _samples(known: pl.DataFrame) -> pl.DataFrame:
    """Candidates for the samples of smallest hash: `add` chooses among equal hashes."""
    least = known.group_by("key_id").agg(most=pl.col("hash").unique().bottom_k(SAMPLES).max())
    chosen = known.join(least, on="key_id").filter(pl.col("hash") <= pl.col("most"))
    return chosen.select(SAMPLE.names()).unique()
