"""What a source counted by itself: entries per bin and instance, and counts per raw key."""

import polars as pl

from logverdict.analysis.counts import TIME

SURVEY = pl.Schema(
    {
        "bin": pl.Int32(),
        "instance": pl.String(),  # "" where entries name none
        "count": pl.Int64(),
        "arrived": TIME,  # when the last of them came to the source; null where it can't say
    }
)
"""One row a bin and instance that has entries."""

REDUCED = pl.Schema(
    {
        "key": pl.String(),  # raw: not redacted yet
        "level": pl.String(),  # as the source has it, "" where there is none
        "instance": pl.String(),
        "version": pl.String(),
        "bin": pl.Int32(),
        "count": pl.Int64(),
        "first": TIME,
        "last": TIME,
    }
)
"""One row for each of the first five that has entries."""
