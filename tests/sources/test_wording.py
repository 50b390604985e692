"""What of a template is certainly in each of its entries, as it is."""

import pytest

from contract.log_source import window
from fakes.messages import template
from logverdict.adapters.sources import elasticsearch_way, splunk_way
from logverdict.adapters.sources.splunk_search import Namespace
from logverdict.adapters.sources.wording import lines, runs
from logverdict.domain.profile import SourceSpec

SPEC = SourceSpec("app", "logs", "*", options={"index": "app"})
SPAN = window(0, 10)


def kept(message: str) -> list[list[tuple[str, ...]]]:
    return [list(runs(line)) for line in lines(template(message))]


@pytest.mark.parametrize(
    ("message", "words"),
    [
        ("cannot open order 17: key expired", [[("cannot", "open", "order"), ("key", "expired")]]),
        ("a - b 5 - c", [[("a", "-", "b"), ("c",)]]),
        ("order=17, shop x5", [[("shop",)]]),
        ("\x1b[31mERROR\x1b[0m payment declined now", [[("declined", "now")]]),
        ("it | says | more", [[("it",)], [("says",)], [("more",)]]),
        ("pool is empty\n\tat com.shop.Pool.take(Pool.java:9)\n", [[("pool", "is", "empty")]]),
        ("NoMethodError: undefined\napp/models/x.rb:5:in `take'", [[("NoMethodError:", "undefined")]]),
        ("odd\x07sign here", [[("here",)]]),
        (
            'pool is empty {"why": "disk is gone", "order": 17}',
            [[("pool", "is", "empty")], [('"order"',)], [], [('"why"',)], [('"disk', "is", 'gone"')]],
        ),
        ("42", [[]]),
    ],
)
def test_whole_words_between_blanks_are_kept(message: str, words: list[list[tuple[str, ...]]]) -> None:
    """Not what touches a mask, may be coloured, holds control characters, or is of a stack trace."""
    assert kept(message) == words


def test_the_mark_of_a_severity_is_no_word() -> None:
    """It tells templates of one text apart, and stands in no entry."""
    assert [list(runs(line)) for line in lines("disk full [ERROR]")] == [[("disk", "full")]]


def test_the_end_of_a_long_template_may_be_cut_off() -> None:
    """In the middle of a word, as keys end after some thousand characters."""
    (line,) = lines(template("long words " * 500))
    assert len(line) % 2 == 1


def test_a_message_of_stop_words_is_not_asked_for() -> None:
    """Analyzers that leave such words out would find nothing."""
    assert elasticsearch_way.way_back(SPEC, "<path> to <url>", SPAN, None).query == "*"


def test_a_word_in_json_may_have_an_escape_at_its_front() -> None:
    """A tab, a line break, or a sign that the writer of the JSON escapes."""
    way = splunk_way.way_back(SPEC, template("at pool=empty"), SPAN, Namespace("nobody", "search"), None)
    assert way.query == '("at" OR "nat" OR "tat") ("pool" OR "tpool") ("empty" OR "u003dempty")'
