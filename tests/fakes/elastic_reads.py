"""Reads from an imitated Elasticsearch that holds 5,000 messages."""

import polars as pl

from contract.log_source import results, window
from logverdict.adapters.sources.elasticsearch import ElasticsearchSource
from logverdict.domain.profile import SourceSpec
from logverdict.domain.verification import Coverage

SPEC = SourceSpec("app", "logs", "*", options={"index": "logs-*", "page_size": "1000"})
SPAN = window(0, 7_200)
MANY = [f"order {number}" for number in range(5_000)]
WHOLE = Coverage(expected=5_000, read=5_000)


async def coverage(source: ElasticsearchSource) -> Coverage:
    """Of a read that gives each entry once."""
    *frames, last = await results((source, SPEC), SPAN)
    assert isinstance(last, Coverage)
    texts = pl.concat([frame for frame in frames if isinstance(frame, pl.DataFrame)])["message"]
    assert texts.n_unique() == len(texts) == last.read
    return last
