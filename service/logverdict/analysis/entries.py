"""Log entries as columns: what every source yields, at most 65,536 rows a batch."""

import polars as pl

MAX_ROWS = 65_536

SCHEMA = pl.Schema(
    {
        "time": pl.Datetime("us", "UTC"),
        "message": pl.String(),
        # As the source has it, "" where there is none; severities come later, from level and words.
        "level": pl.String(),
        # "" where the source names none.
        "instance": pl.String(),
        # "" where the source names none.
        "version": pl.String(),
    }
)

ORDER = pl.Schema(
    {
        # What the entry is part of, such as a log file; "" where the source names none.
        "stream": pl.String(),
        # Its place there; null where the source names none.
        "offset": pl.Int64(),
    }
)
"""Columns that a batch may have beside."""


def entries(rows: list[tuple[object, str, str, str, str]]) -> pl.DataFrame:
    """A batch from rows of (time, message, level, instance, version)."""
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")
