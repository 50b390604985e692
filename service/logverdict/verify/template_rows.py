"""The templates of a judgement, as columns until they are stored: each look has some, the last one's are kept."""

import io
from collections.abc import Iterator

import polars as pl

from logverdict.analysis.counts import add
from logverdict.analysis.hashing import short_hash
from logverdict.analysis.sides import Sides
from logverdict.analysis.template import templates_of
from logverdict.verify.ports import TemplateRow


def packed_rows(sides: Sides) -> bytes:
    """One row per template and side, ordered: what history and later noise floors read. For `template_rows`."""
    out = io.BytesIO()
    pl.concat(_of_side(sides)).write_ipc(out)
    return out.getvalue()


def _of_side(sides: Sides) -> Iterator[pl.DataFrame]:
    for name, stretches in (("baseline", sides.own), ("candidate", (sides.candidate,))):
        whole = stretches[0].counts if len(stretches) == 1 else add(stretch.counts for stretch in stretches)
        exposure = sum(stretch.exposure for stretch in stretches)
        keys = whole.counts["key"].unique()
        named = whole.counts.join(pl.DataFrame({"key": keys, "template": templates_of(keys, sides.rules)}), on="key")
        yield (
            named.group_by("template")
            .agg(pl.col("severity").max(), pl.col("count").sum(), pl.col("first").min(), pl.col("last").max())
            .sort("template")
            .with_columns(side=pl.lit(name), rate=pl.col("count") / exposure)
        )


def template_rows(packed: bytes) -> list[TemplateRow]:
    """None for nothing."""
    rows = pl.read_ipc(io.BytesIO(packed)) if packed else pl.DataFrame()
    return [TemplateRow(short_hash(row["template"]), **row) for row in rows.iter_rows(named=True)]
