"""Links to the pages that show a query's entries."""

from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from contract.log_source import window
from fakes.verifications import NOON, at
from logverdict.adapters.sources.links import Address, Kibana, SplunkWeb, Target, base_fault, fault, rison
from logverdict.domain.window import Window

SPAN = Window(at(0.0005), at(600.2501))
ODD = """level:ERROR AND "it's 100% (a & b) #1?" OR ünï!+x"""


def test_kibana_opens_discover() -> None:
    """With times, data view and query, in rison; quotes and exclamation marks in the query stay inside of its text."""
    link = Kibana("https://kibana.example/s/ops", "logs-id").link(Target(ODD, SPAN))
    page, _, state = link.partition("#/?")
    assert page == "https://kibana.example/s/ops/app/discover"
    assert parse_qs(state) == {
        "_g": ["(time:(from:'2026-11-20T12:00:00.000Z',to:'2026-11-20T12:10:00.251Z'))"],
        "_a": [f"(columns:!('message'),index:'logs-id',query:(language:lucene,query:'{rison(ODD)}'))"],
    }
    assert rison(ODD) == """level:ERROR AND "it!'s 100% (a & b) #1?" OR ünï!!+x"""


def test_kibana_without_a_data_view_takes_its_default() -> None:
    """No index is named."""
    assert "index" not in Kibana("https://kibana.example").link(Target("x", SPAN))


def test_splunk_opens_its_search_page() -> None:
    """In the source's app, with whole seconds around the span."""
    query = 'search (index="shop") ("it" OR "u0027it") a&b=c #d +e%'
    link = urlsplit(SplunkWeb("https://splunk.example:8000").link(Target(query, SPAN, app="shop")))
    assert (link.netloc, link.path) == ("splunk.example:8000", "/en-US/app/shop/search")
    start = int(NOON.timestamp())
    assert parse_qs(link.query) == {"q": [query], "earliest": [str(start)], "latest": [str(start + 601)]}


def test_an_address_is_filled_in() -> None:
    """Each placeholder, encoded so that nothing in a query adds a parameter."""
    names = ["query", "query_rison", "index", "start", "end", "start_ms", "end_ms", "start_s", "end_s"]
    text = "https://logs.example/x?" + "&".join(f"{name}={{{name}}}" for name in names)
    assert fault(text) == ""
    filled = urlsplit(Address(text).link(Target(ODD, SPAN, "logs-*,eu:logs")))
    start = int(NOON.timestamp())
    assert {name: values[0] for name, values in parse_qs(filled.query).items()} == {
        "query": ODD,
        "query_rison": rison(ODD),
        "index": "logs-*,eu:logs",
        "start": "2026-11-20T12:00:00.000Z",
        "end": "2026-11-20T12:10:00.251Z",
        "start_ms": str(start * 1000),
        "end_ms": str(start * 1000 + 600_251),
        "start_s": str(start),
        "end_s": str(start + 601),
    }


@pytest.mark.parametrize("by", [Kibana("https://k"), SplunkWeb("https://s"), Address("https://l/{query}")])
def test_a_link_is_one_word_of_harmless_signs(by: Kibana | SplunkWeb | Address) -> None:
    """Neither a terminal nor Markdown nor HTML ends it early or reads something else in it."""
    link = by.link(Target(ODD + "\n<b>\"'`|\\^{}[]", window(0, 10)))
    assert not set(link) & set(" \n\"'<>`|\\^{}[]()!")
    assert "it's 100%" in unquote(link).replace("!'", "'")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("ftp://logs.example/{query}", "no address that a browser opens"),
        ("javascript:alert({query})", "no address that a browser opens"),
        ("logs.example/{query}", "no address that a browser opens"),
        ("https://bob:secret@logs.example/{query}", "credentials"),
        ("https://logs.example/?access_token=x&q={query}", "credentials"),
        ("https://logs.example/", "has no {query}"),
        ("https://logs.example/{query}/{host}", "unknown placeholder {host}"),
        ("https://logs.example/{query}{", "brace"),
        ("https://{query}.example/{query}", "host"),
        ("https://logs.example/a b/{query}", "blanks"),
        ("https://logs.example:x/{query}", "no address"),
    ],
)
def test_a_bad_address_is_refused(text: str, says: str) -> None:
    """With what is wrong, and without repeating what may be a secret."""
    assert says in fault(text)
    assert "bob" not in fault(text)


def test_a_good_base_is_not() -> None:
    """A path may follow."""
    assert base_fault("https://kibana.example:5601/s/ops") == ""
