"""The last entries of a span: a job says there how it ended."""

from collections.abc import Mapping
from typing import Any

import polars as pl

from logverdict.adapters.sources.elasticsearch_place import Place
from logverdict.adapters.sources.elasticsearch_query import Clause
from logverdict.adapters.sources.elasticsearch_rows import Rows, Tally
from logverdict.analysis.counts import EDGE
from logverdict.analysis.entries import SCHEMA
from logverdict.domain.errors import CannotReduce
from logverdict.domain.window import Window

FIRST_PAGE = 2 * EDGE
PAGE = 2_000
PAGES = 10
"""Of entries that have one and the same time."""


async def last(place: Place, span: Window) -> pl.DataFrame:
    """Schema SCHEMA: the last EDGE entries, with all of the same time as the first of them.

    Raises CannotReduce when those are too many.
    """
    found = [pl.DataFrame(schema=SCHEMA)]
    for at in range(len(place.chosen.time)):
        found.append(await _of_time(place, span, at))
    frame = pl.concat(found)
    return frame.filter(pl.col("time") >= pl.col("time").top_k(EDGE).min())


async def _of_time(place: Place, span: Window, at: int) -> pl.DataFrame:
    """Of documents that are placed by that one of the time fields."""
    name, before = place.chosen.time[at], place.chosen.time[:at]
    placed: list[Clause] = [place.query(span), {"exists": {"field": name}}]
    query: Clause = {"bool": {"filter": placed, "must_not": [{"exists": {"field": one}} for one in before]}}
    rows, frame, after = Rows(place.chosen, span, False, Tally()), pl.DataFrame(schema=SCHEMA), None
    for number in range(PAGES):
        size = PAGE if number else FIRST_PAGE
        hits = (await place.search(_question(place, query, name, size, after)))["hits"]["hits"]
        if hits:
            frame.vstack(rows.frame(hits).select(SCHEMA.names()), in_place=True)
            after = hits[-1]["sort"]
        if len(hits) < size or _enough(frame):
            return frame
    raise CannotReduce(f"more than {PAGE * (PAGES - 1):,} of the last entries have the same time")


def _question(place: Place, query: Clause, name: str, size: int, after: list[Any] | None) -> Mapping[str, Any]:
    ask = {
        "query": query,
        "size": size,
        "sort": [{name: {"order": "desc", "mode": "min"}}],
        "track_total_hits": False,
        **place.contents(False),
    }
    return ask if after is None else {**ask, "search_after": after}


def _enough(frame: pl.DataFrame) -> bool:
    """Whether the last EDGE entries are there, and all of the same time as the first of them."""
    return frame.filter(pl.col("time") > pl.col("time").min()).height >= EDGE
