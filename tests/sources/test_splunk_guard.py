"""The guard: a fragment stays conditions of one search in the indexes and window that were meant."""

import random
from dataclasses import replace

import pytest

from fakes.splunk import SPEC
from logverdict.adapters.sources.splunk_guard import allowed, guarded, quoted
from logverdict.adapters.sources.splunk_search import Namespace, build
from logverdict.domain.errors import InvalidRequest
from servers.splunk.conditions import BadSearch, parse
from servers.splunk.engine import pipeline

NAMESPACE = Namespace("nobody", "search")

ATTACKS = [
    "error | delete",
    "error|outputlookup users.csv",
    "error | rest /services/authentication/users",
    "error\n| sendemail to=me@example.org",
    "| makeresults",
    "error [search index=secret | return 100 user]",
    "error [| rest /services]",
    "error `drop_all`",
    'error "`drop_all`"',
    "error ```comment``` x",
    "error earliest=0",
    "error EARLIEST = -30d@d",
    "error latest=now",
    "(error) OR (earliest=-1y)",
    '"earliest"=-1d',
    "_index_earliest=-7d",
    "index_latest=now",
    "starttime=01/01/2020:00:00:00",
    "daysago=30",
    "startminutesago=30",
    "searchtimespandays=4",
    "timeformat=%s error",
    "index=*",
    "error OR index=secret",
    "error OR index IN (secret, _internal)",
    'error OR "index"="_internal"',
    "index!=app",
    '"ind\\\\ex"=secret',
    '" index"=secret',
    '"earliest "=-1d',
    "index::secret",
    "savedsearch=everything",
    "savedsplunk=everything",
    "error) OR (host=*",
    ") | delete (",
    "(error",
    "error)",
    'error "',
    'error" | delete "',
    'error \\" | delete \\"',
    '"a\\\\" | delete "',
    '"a\\\\" "| delete" "b"',
    '"a\\" | delete | "',
    "'\"' | delete '\"'",
    "it's \" | delete",
    "error \x00",
    "error \x1b[2J",
    "error \u2028| delete",
    "error]",
    "search error",
    "x" * 4_001,
    "",
    " \n ",
]
REASONABLE = [
    "*",
    "level=ERROR",
    "level=ERROR OR level=FATAL",
    'level IN (ERROR, FATAL) NOT logger="audit"',
    '"connection refused" host=web-* status>=500',
    "(ERROR OR WARN) sourcetype=log4j NOT (health OR ready)",
    'message="a | b"',
    'message="[core] started"',
    '"don\'t stop" user="José"',
    'message="earliest=now is only a text"',
    'path="C:\\\\temp\\\\x.log"',
    'text="he said \\"no\\""',
    "level=ERROR\n  service=checkout",
    "kubernetes.namespace=shop kubernetes.labels.app{}=web",
    '"Account Name"=ann "log.level"=ERROR',
    '"failed!" in time',
    "TERM(10.0.0.1) status!=200",
    "source=*index* reindex=3 my_index=4",
    "tag=web eventtype=failed",
    "文件 größe=5",
]


@pytest.mark.parametrize("fragment", ATTACKS, ids=lambda text: repr(text[:40]))
def test_attacks_are_refused(fragment: str) -> None:
    """Each names the field and says why."""
    with pytest.raises(InvalidRequest, match=r"^query: (?:holds|is) ") as caught:
        build(replace(SPEC, query=fragment), NAMESPACE)
    assert caught.value.field == "query"


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
