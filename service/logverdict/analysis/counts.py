"""Template counts: what a slice of entries is reduced to. They add, so pages, order and replicas do not matter."""

import io
import struct
from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

TIME = pl.Datetime("us", "UTC")
SAMPLES = 5
"""Masked samples kept per source and key: those of smallest hash."""
EDGE = 20
"""Last entries kept per source, of whatever instances: what a source that counts by itself can give too."""

COUNTS = pl.Schema(
    {
        "source": pl.String(),
        "key": pl.String(),
        "severity": pl.Int8(),
        "instance": pl.String(),
        "bin": pl.Int32(),  # floor((time - window start) / bin seconds)
        "count": pl.Int64(),
        "first": TIME,
        "last": TIME,
    }
)
SAMPLE = pl.Schema({"source": pl.String(), "key": pl.String(), "hash": pl.UInt64(), "sample": pl.String()})
EDGES = pl.Schema(
    {
        "source": pl.String(),
        "instance": pl.String(),
        "time": TIME,
        "hash": pl.UInt64(),
        "key": pl.String(),
        "severity": pl.Int8(),
    }
)
INSTANCES = pl.Schema(
    {
        "source": pl.String(),
        "instance": pl.String(),
        "version": pl.String(),
        "count": pl.Int64(),
        "first": TIME,
        "last": TIME,
    }
)
FRAMES = {"counts": COUNTS, "samples": SAMPLE, "edges": EDGES, "instances": INSTANCES}


@dataclass(frozen=True)
class TemplateCounts:
    """Four frames with the schemas above, each sorted by all its key columns, so equal counts are equal frames.

    `edges` are the last EDGE entries of each source.
    """

    counts: pl.DataFrame
    samples: pl.DataFrame
    edges: pl.DataFrame
    instances: pl.DataFrame

    def total(self) -> int:
        """The number of entries."""
        return int(self.counts["count"].sum())

    def to_bytes(self) -> bytes:
        """Compressed Arrow, one stream a frame, each after its length."""
        out = io.BytesIO()
        for name in FRAMES:
            blob = io.BytesIO()
            getattr(self, name).rechunk().write_ipc(blob, compression="zstd", compat_level=pl.CompatLevel.oldest())
            out.write(struct.pack("<Q", blob.tell()))
            out.write(blob.getvalue())
        return out.getvalue()

    @staticmethod
    def from_bytes(data: bytes) -> "TemplateCounts":
        frames, at = {}, 0
        for name in FRAMES:
            (length,) = struct.unpack_from("<Q", data, at)
            frames[name] = pl.read_ipc(io.BytesIO(data[at + 8 : at + 8 + length]))
            at += 8 + length
        return TemplateCounts(**frames)


def empty() -> TemplateCounts:
    return TemplateCounts(**{name: pl.DataFrame(schema=schema) for name, schema in FRAMES.items()})


def add(parts: Iterable[TemplateCounts]) -> TemplateCounts:
    """The counts of the whole from the counts of its parts, in any order and grouping."""
    whole = [empty(), *parts]
    stacked = {name: pl.concat([getattr(part, name) for part in whole]) for name in FRAMES}
    return TemplateCounts(
        counts=_fold(stacked["counts"], ["source", "key", "severity", "instance", "bin"]),
        samples=stacked["samples"]
        .unique()
        .sort("source", "key", "hash", "sample")
        .group_by("source", "key", maintain_order=True)
        .head(SAMPLES),
        edges=_edges(stacked["edges"]),
        instances=_fold(stacked["instances"], ["source", "instance", "version"]),
    )


def _fold(frame: pl.DataFrame, by: list[str]) -> pl.DataFrame:
    folded = frame.group_by(by).agg(pl.col("count").sum(), pl.col("first").min(), pl.col("last").max())
    return folded.select(frame.columns).sort(by)


def _edges(frame: pl.DataFrame) -> pl.DataFrame:
    """The last EDGE entries of each source. Equal rows are kept: they are entries of their own."""
    ordered = frame.sort("source", "time", "instance", "hash", "key", "severity")
    place = pl.int_range(pl.len()).over("source")
    return ordered.filter(place + EDGE >= pl.len().over("source")).sort(frame.columns)
