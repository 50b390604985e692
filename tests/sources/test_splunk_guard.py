"""The guard: a fragment stays conditions of one search in the indexes and window that were meant."""

import random
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from contract.log_source import START
from fakes.fragments import ATTACKS, REASONABLE
from fakes.splunk import SPEC
from logverdict.adapters.sources import splunk_sums as sums
from logverdict.adapters.sources.splunk_guard import COMMANDS, allowed, guarded, quoted
from logverdict.adapters.sources.splunk_search import Namespace, build
from logverdict.domain.errors import InvalidRequest
from logverdict.domain.profile import FieldNames, SourceSpec
from logverdict.domain.window import Grid
from servers.splunk.conditions import BadSearch, parse
from servers.splunk.engine import pipeline

NAMESPACE = Namespace("nobody", "search")
GRID = Grid(START, timedelta(seconds=60))


@pytest.mark.parametrize("fragment", ATTACKS, ids=lambda text: repr(text[:40]))
def test_attacks_are_refused(fragment: str) -> None:
    """Each names the field and says why."""
    with pytest.raises(InvalidRequest, match=r"^query: (?:holds|is) ") as caught:
        build(replace(SPEC, query=fragment), NAMESPACE)
    assert caught.value.field == "query"


@pytest.mark.parametrize("fragment", ATTACKS, ids=lambda text: repr(text[:40]))
def test_attacks_in_evidence_are_refused(fragment: str) -> None:
    """An empty one is none."""
    if fragment:
        with pytest.raises(InvalidRequest, match=r"^evidence: (?:holds|is) ") as caught:
            build(replace(SPEC, evidence=fragment), NAMESPACE)
        assert caught.value.field == "evidence"


@pytest.mark.parametrize("fragment", REASONABLE)
def test_where_splunk_counts_fragments_are_conditions_too(fragment: str) -> None:
    """Of each search the first command is the fragment's, the others are ours."""
    for number, text in enumerate(written(replace(SPEC, query=fragment))):
        first, *rest = pipeline(text)
        if first:
            assert (number, first.startswith('search (index="app")')) == (number, True)
            parse(first.removeprefix("search "))
        assert {command.split()[0] for command in rest} <= set(COMMANDS)


def test_the_guard_lets_pass_what_is_sent_and_no_more() -> None:
    """Each command on its list is in one of our searches; their texts hold no quote and no backslash that could be
    read in two ways."""
    by_host = replace(SPEC, fields=FieldNames(instance=("host", "a.b", "_x")))
    every = [*written(SPEC), *written(by_host)]
    used = {command.split()[0] for text in every for command in pipeline(text) if command}
    assert used == set(COMMANDS)
    for text in every:
        assert not re.search(r"\\(?!x[0-9a-f]{2}|1#|1lv_kept=|1/g|1\(\?<=)", text)


def written(spec: SourceSpec) -> Iterator[str]:
    search = build(spec, NAMESPACE)
    yield from (search.pull, search.count, search.existing)
    yield from (sums.survey_search(search, spec.fields, GRID, extract=extract) for extract in (False, True))
    yield sums.reduce_search(search, spec.fields, GRID)
    yield sums.doubtful_search(search, spec.fields)
    yield sums.last_search(search, 60)
    if quick := sums.index_search(search, spec.fields, GRID):
        yield quick[0]


@pytest.mark.parametrize("fragment", REASONABLE)
def test_reasonable_queries_pass(fragment: str) -> None:
    """What people search for is not refused, and Splunk would understand it."""
    search = build(replace(SPEC, query=fragment), NAMESPACE)
    (first, second) = pipeline(search.pull)
    assert first.startswith('search (index="app")')
    assert second.startswith("fields _time, _raw, ")
    parse(first.removeprefix("search "))


def test_whatever_passes_stays_one_search() -> None:
    """Fragments put together from dangerous pieces: if one passes, the whole has the two commands that we wrote,
    both for a reader of quotes as we are and for one that takes each backslash before a quote as an escape."""
    pieces = ['"', "\\", "|", "[", "]", "(", ")", "'", "`", " ", "a", "=", "delete", "\\\\", '\\"', "OR", "index", "*"]
    chance, passed = random.Random(7), 0
    for _ in range(60_000):
        fragment = "".join(chance.choices(pieces, k=chance.randint(1, 9)))
        try:
            search = build(replace(SPEC, query=fragment), NAMESPACE)
        except InvalidRequest:
            continue
        passed += 1
        assert len(pipeline(search.pull)) == 2, fragment
        assert search.pull.replace('\\"', "").count("|") - _in_quotes(search.pull.replace('\\"', "")) == 1, fragment
        conditions = pipeline(search.pull)[0].removeprefix("search ")
        try:
            assert parse(conditions).times == {}, fragment
        except BadSearch:
            continue  # refused by the server, so harmless
    assert passed > 500


def _in_quotes(text: str) -> int:
    """Pipes inside quotes, for a reader that knows no escapes."""
    return sum(part.count("|") for part in text.split('"')[1::2])


@pytest.mark.parametrize("value", ["a b", 'say "no"', "C:\\temp", "größe", "*", "a|b", "(x", "it's"])
def test_values_stay_values(value: str) -> None:
    """A value in quotes is one term, whatever it holds."""
    spec = replace(SPEC, options={"index": "app", "filter.user": value, "host": "h1, h2"})
    first, _ = pipeline(build(spec, NAMESPACE).pull)
    parse(first.removeprefix("search "))
    assert quoted("x", value) in first


@pytest.mark.parametrize("value", ["a`b`", "a\nb\x00", 'x\\" | delete', "\x7f"])
def test_values_that_cant_be_quoted_beyond_doubt_are_refused(value: str) -> None:
    """Naming the option."""
    with pytest.raises(InvalidRequest, match=r"options\.filter\.user"):
        build(replace(SPEC, options={"index": "app", "filter.user": value}), NAMESPACE)


@pytest.mark.parametrize(
    ("options", "field", "text"),
    [
        ({}, "options.index", "is missing"),
        ({"index": " , "}, "options.index", "needs 1 to 50 names"),
        ({"index": "*"}, "options.index", "names no index"),
        ({"index": "app OR index=x"}, "options.index", "names no index"),
        ({"index": 'app" OR "'}, "options.index", "names no index"),
        ({"index": "app", "filter.a b": "x"}, "options.filter.a b", "is no field name"),
        ({"index": "app", "filter.user": ""}, "options.filter.user", "is empty"),
        ({"index": "app", "owner": "../x"}, "options.owner", "is no name"),
        ({"index": "app", "app": "a/b"}, "options.app", "is no name"),
        (
            {"index": "app", "indexes": "x"},
            "options.indexes",
            "is unknown to a splunk source; allowed: app, host, index",
        ),
    ],
)
def test_wrong_options_are_named(options: dict[str, str], field: str, text: str) -> None:
    """Each mistake by its path and what is allowed."""
    with pytest.raises(InvalidRequest, match=text) as caught:
        build(replace(SPEC, options=options), NAMESPACE)
    assert caught.value.field == field


@pytest.mark.parametrize("name", ["a b", "x|y", 'q"', "", "*"])
def test_wrong_field_names_are_named(name: str) -> None:
    """They would stand in the search too."""
    with pytest.raises(InvalidRequest, match="fields.level"):
        build(replace(SPEC, fields=replace(SPEC.fields, level=(name,))), NAMESPACE)


@pytest.mark.parametrize("command", ["delete", "collect", "map", "rest", "script", "sendemail", "outputlookup", "run"])
def test_no_command_but_ours_is_ever_sent(command: str) -> None:
    """The last door: the whole search is checked against a list of what is allowed."""
    with pytest.raises(InvalidRequest, match=command):
        allowed(f"search index=app | {command} x")
    with pytest.raises(InvalidRequest, match=command):
        allowed(f"| {command} x")


def test_line_breaks_are_spaces() -> None:
    """YAML gives queries on several lines."""
    assert guarded("query", "a\n  OR b\t") == "a   OR b"


def test_index_alone_is_counted_by_the_index() -> None:
    """tstats where it counts exactly, else the very search."""
    assert build(SPEC, NAMESPACE).count == '| tstats count where (index="app")'
    assert build(replace(SPEC, query="ERROR"), NAMESPACE).count == 'search (index="app") (ERROR) | stats count'
    typed = replace(SPEC, options={"index": "app,web*", "sourcetype": "json"})
    assert build(typed, NAMESPACE).count == 'search (index="app" OR index="web*") (sourcetype="json") | stats count'
