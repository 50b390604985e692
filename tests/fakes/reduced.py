"""What a source would give that counts by itself, made of entries."""

from datetime import datetime

import polars as pl

from logverdict.analysis.counts import EDGE
from logverdict.analysis.entries import SCHEMA
from logverdict.analysis.keys import keys
from logverdict.analysis.reduced import REDUCED


def reduced(entries: pl.DataFrame, start: datetime, seconds: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Rows of schema REDUCED, bins of so many seconds from `start`, and the last entries of those that wrote last."""
    since = (pl.col("time") - start).dt.total_microseconds()
    rows = entries.with_columns(keys(entries["message"]).alias("key"), bin=(since // (seconds * 1_000_000)))
    counted = rows.group_by("key", "level", "instance", "version", "bin").agg(
        count=pl.len(), first=pl.col("time").min(), last=pl.col("time").max()
    )
    newest = entries.group_by("instance").agg(pl.col("time").max()).sort("time", "instance").tail(EDGE)
    spoke = entries.filter(pl.col("instance").is_in(newest["instance"].implode())).sort("time", "message")
    last = spoke.group_by("instance", maintain_order=True).tail(EDGE).select(SCHEMA.names())
    return counted.cast(dict(REDUCED)).select(REDUCED.names()), last
