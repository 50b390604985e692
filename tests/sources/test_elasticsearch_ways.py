"""Ways back from templates to the documents of a real Elasticsearch."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from contract.log_source import read, window
from fakes.messages import COLOURED, MESSAGES, NUMBER, TEMPLATES, of_template, template
from logverdict.adapters.sources.elasticsearch_guard import guard
from logverdict.domain.profile import SourceSpec
from servers.elasticsearch.logs import FIELDS, KEYWORD, Logs, document

pytestmark = pytest.mark.timeout(400)
SPAN = window(0, 1_000)
ALL = set(MESSAGES)
BESIDE = {template("ready"): {"2026-01-02 11:30:00,001 | INFO     | app.db:connect:55 - pool is ready"}}


def fill(logs: Logs, message: Mapping[str, Any]) -> SourceSpec:
    rows = [document(at, text, level="ERROR") for at, text in enumerate(MESSAGES)]
    logs.index(
        "a",
        [*rows, *(document(500 + at, text, level="INFO") for at, text in enumerate(MESSAGES))],
        {**FIELDS, "message": message},
    )
    return logs.spec("level:ERROR OR level:FATAL")


async def found(logs: Logs, spec: SourceSpec, wanted: str) -> list[str]:
    """What the way back gives, read as a source's query."""
    way = logs.source.way_back(spec, wanted, SPAN)
    assert way is not None
    assert way.span == SPAN
    return [row[1] for row in await read((logs.source, replace(spec, query=way.query)), way.span)]


@pytest.mark.parametrize("analyzer", ["standard", "english", "simple"])
async def test_a_text_is_found_by_its_words(logs: Logs, analyzer: str) -> None:
    """Each template gives all of its entries. Others come beside where an analyzer drops the number that tells them
    apart, and where the template has one word or none: none gives all of the source's own query."""
    spec = fill(logs, {"type": "text", "analyzer": analyzer})
    for wanted in TEMPLATES:
        texts = await found(logs, spec, wanted)
        assert len(texts) == len(set(texts)), wanted
        assert set(texts) >= of_template(wanted), wanted
        if wanted == NUMBER:
            assert set(texts) == ALL
        elif analyzer == "standard":
            assert set(texts) == of_template(wanted) | BESIDE.get(wanted, set()), wanted


async def test_a_keyword_is_found_by_its_start(logs: Logs) -> None:
    """A message that is kept whole is found where its template begins with words; else nothing is, unless it has no
    word at all."""
    spec = fill(logs, KEYWORD)
    for wanted in TEMPLATES:
        begins_with_words = not wanted.startswith("<") and "ERROR<num>" not in wanted and wanted != COLOURED
        expected = of_template(wanted) if begins_with_words else ALL if wanted == NUMBER else set()
        assert set(await found(logs, spec, wanted)) == expected, wanted


async def test_the_query_fits_below_the_guards_limits(logs: Logs) -> None:
    """However long template and source's own query are; in the end the source's own query is left."""
    long = " ".join(f"word{'x' * number} some" for number in range(400))
    for own in ["*", " OR ".join(f"f:v{number}" for number in range(190)), f'"{"x" * 3_990}"']:
        way = logs.source.way_back(replace(logs.spec(), query=own), long, SPAN)
        assert way is not None
        guard(way.query)
    assert way.query == own


async def test_what_is_spliced_stays_below_the_own_query(logs: Logs) -> None:
    """Signs of the query language in a message are text."""
    texts = ['") OR level:INFO OR ("', "a* AND (b OR c) [x TO y] ~9 ^2 \\ /re/ end", "-secret +plus !no && || done"]
    logs.index("a", [*(document(1, text) for text in texts), document(2, "other", level="INFO")])
    for text in texts:
        assert await found(logs, logs.spec(), template(text)) == [text]
