"""Template counts: what a slice of entries is reduced to. They add, so pages, order and replicas do not matter."""

import io
import struct
from collections.abc import Iterable
from dataclasses import astuple, dataclass, fields
from functools import reduce
from operator import or_

import polars as pl

from logverdict.analysis.coarsen import EXACT, Levels, coarse_instances, coarse_rows, coarse_samples, needed
from logverdict.analysis.key import KEY_VERSION

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
FIRST_KEY = "1"
"""The key's version in counts that name none."""

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
LEVELS = len(fields(Levels))
FRAMES = {"counts": COUNTS, "samples": SAMPLE, "edges": EDGES, "instances": INSTANCES}


@dataclass(frozen=True)
class TemplateCounts:
    """Four frames with the schemas above, each sorted by all its key columns, so equal counts are equal frames.

    `edges` are the last EDGE entries of each source. `levels` say how finely keys and instances are told apart.
    `key_version` is that of the keys: only counts of the same can be added and compared.
    """

    counts: pl.DataFrame
    samples: pl.DataFrame
    edges: pl.DataFrame
    instances: pl.DataFrame
    levels: Levels = EXACT
    key_version: str = KEY_VERSION

    def total(self) -> int:
        """The number of entries."""
        return int(self.counts["count"].sum())

    def to_bytes(self) -> bytes:
        """Compressed Arrow, one stream a frame, each after its length; then the levels, a byte each, and the
        version of the key."""
        out = io.BytesIO()
        for name in FRAMES:
            blob = io.BytesIO()
            getattr(self, name).rechunk().write_ipc(blob, compression="zstd", compat_level=pl.CompatLevel.oldest())
            out.write(struct.pack("<Q", blob.tell()))
            out.write(blob.getvalue())
        out.write(bytes(astuple(self.levels)))
        out.write(self.key_version.encode())
        return out.getvalue()

    @staticmethod
    def from_bytes(data: bytes) -> "TemplateCounts":
        frames, at = {}, 0
        for name in FRAMES:
            (length,) = struct.unpack_from("<Q", data, at)
            frames[name] = pl.read_ipc(io.BytesIO(data[at + 8 : at + 8 + length]))
            at += 8 + length
        levels, version = data[at : at + LEVELS], data[at + LEVELS :].decode()
        return TemplateCounts(**frames, levels=Levels(*levels), key_version=version or FIRST_KEY)


def key_version(data: bytes) -> str:
    """That of the counts with these bytes, whose frames are not read for it."""
    at = 0
    for _ in FRAMES:
        at += 8 + int(struct.unpack_from("<Q", data, at)[0])
    return data[at + LEVELS :].decode() or FIRST_KEY


def empty() -> TemplateCounts:
    counts, samples, edges, instances = (pl.DataFrame(schema=schema) for schema in FRAMES.values())
    return TemplateCounts(counts, samples, edges, instances)


def add(parts: Iterable[TemplateCounts], least: Levels = EXACT) -> TemplateCounts:
    """The counts of the whole from the counts of its parts, in any order and grouping; as coarse as `least`, or as the
    bounds of `coarsen` need. Raises ValueError for keys of several versions."""
    whole = [empty(), *parts]
    if len(whole) == 2 and needed(whole[1].counts, whole[1].levels | least) == whole[1].levels:
        return whole[1]
    versions = {part.key_version for part in whole[1:]} or {KEY_VERSION}
    if len(versions) > 1:
        raise ValueError(f"counts of keys of the versions {', '.join(sorted(versions))} do not add")
    stacked = {name: pl.concat([getattr(part, name) for part in whole]) for name in FRAMES}
    counts = folded(stacked["counts"], _CELL)
    samples, edges, instances = (stacked[name] for name in ("samples", "edges", "instances"))
    levels = needed(counts, reduce(or_, (part.levels for part in whole), least))
    if levels != EXACT:
        samples = coarse_samples(samples, counts, levels)
        counts, edges = folded(coarse_rows(counts, levels), _CELL), coarse_rows(edges, levels)
        instances = instances.with_columns(coarse_instances(instances["instance"], levels.instances))
    return TemplateCounts(
        counts=counts,
        samples=samples.unique()
        .sort("source", "key", "hash", "sample")
        .group_by("source", "key", maintain_order=True)
        .head(SAMPLES),
        edges=last_entries(edges),
        instances=folded(instances, ["source", "instance", "version"]),
        levels=levels,
        key_version=versions.pop(),
    )


_CELL = ["source", "key", "severity", "instance", "bin"]


def folded(frame: pl.DataFrame, by: list[str]) -> pl.DataFrame:
    made = frame.group_by(by).agg(pl.col("count").sum(), pl.col("first").min(), pl.col("last").max())
    return made.sort(by)


def last_entries(frame: pl.DataFrame) -> pl.DataFrame:
    """The last EDGE entries of each source. Equal rows are kept: they are entries of their own."""
    ordered = frame.sort("source", "time", "instance", "hash", "key", "severity")
    place = pl.int_range(pl.len()).over("source")
    return ordered.filter(place + EDGE >= pl.len().over("source")).sort(frame.columns)
