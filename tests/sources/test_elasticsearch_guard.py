"""What an Elasticsearch source may ask: attacks are refused by name of the field, reasonable queries are not."""

import pytest

from logverdict.adapters.sources.elasticsearch import ElasticsearchSource
from logverdict.adapters.sources.elasticsearch_access import Access
from logverdict.adapters.sources.elasticsearch_guard import guard
from logverdict.domain.errors import InvalidRequest
from logverdict.domain.profile import SourceSpec

SOURCE = ElasticsearchSource(Access(urls=("http://127.0.0.1:9",)))

REASONABLE = {
    "*": (),
    "*:*": ("*",),
    "level:error": ("level",),
    'log.level:(error OR fatal) AND NOT message:"health check"': ("log.level", "message"),
    "service.name:shop AND status:[500 TO 599]": ("service.name", "status"),
    "took:>100 AND kubernetes.pod.name:web-*": ("took", "kubernetes.pod.name"),
    "_exists_:error.type": ("_exists_",),
    "error -debug +timeout": (),
    r"user.name: a\:b": ("user.name",),
    "@timestamp:[now-1h TO now}": ("@timestamp",),
    "message:fail~2^3": ("message",),
    "NOT level:(debug OR trace)": ("level",),
    "someone@example.com": (),
    r"path:\/health": ("path",),
    'url:"http://x/y?a=b" || message:"*/v1/*"': ("url", "message"),
    "version:1.2.3-rc.1": ("version",),
    "status:>=500 && !level:info": ("status", "level"),
    "größe:文件": ("größe",),
    "kubernetes.labels.app:*": ("kubernetes.labels.app",),
}
ATTACKS = [
    "",
    " \n",
    "*foo",
    "?oo",
    "m*",
    "level:*rror",
    "level:(error OR *rror)",
    "NOT *rror",
    "-*rror",
    "**",
    "a* " * 30,
    "/.*a/",
    "message:/(a+)+b/",
    "foo/.*bar.*/",
    "a OR /x/",
    "f*:x",
    "*.name:x",
    r"\*:x",
    "_index:.security",
    "_id:1",
    "_source:x",
    "((((",
    "a)",
    '"open',
    "[1 TO",
    "x{",
    "a" * 5_000,
    "( " * 25 + "a" + " )" * 25,
    "a " * 201,
    "nul\x00byte",
    'script:{"source":"x"}',
    "ab* " * 21,
    "x\\",
]
INDICES = [
    "logs-shop",
    "logs-shop-*",
    "logs-*-prod,-logs-debug-*",
    "Shop_Alias",
    "eu:logs-shop,us-*:logs-shop",
    "*-shop",
]
BAD_INDICES = [
    "",
    ",",
    "_all",
    "*",
    "*:*",
    "**",
    "*-*",
    "a*",
    ".security",
    ".kibana*",
    "eu:.security",
    "logs,.tasks",
    "-logs",
    "_cluster",
    "logs/_search",
    "../_cluster/settings",
    "logs%2f_search",
    "logs?x=1",
    "logs#x",
    "<logs-{now/d}>",
    "logs shop",
    "logs\nshop",
    'logs"',
    "a:b:c",
    "logs..x",
    "a" * 3_000,
    ",".join(f"logs-{number}" for number in range(60)),
    "logs,-_all",
    "logs,-*",
]
OPTIONS = [
    ("filter._index", "x"),
    ("filter.", "x"),
    ("filter.a*", "x"),
    ("filter.a b", "x"),
    ('filter.a"b', "x"),
    ("filter.{a}", "x"),
    ("filter.a", " "),
    ("filter.a", "x" * 2_000),
    ("page_size", "0"),
    ("page_size", "10001"),
    ("page_size", "-1"),
    ("page_size", "1e3"),
    ("page_size", "many"),
    ("host", "http://elsewhere"),
    ("routing", "x"),
]


def spec(query: str = "*", **options: str) -> SourceSpec:
    return SourceSpec("app", "logs", query, options={"index": "logs-shop", **options})


@pytest.mark.parametrize("query", REASONABLE)
def test_a_reasonable_query_passes(query: str) -> None:
    """What people write in a search bar is let through, and the fields that it names are known."""
    assert guard(query).fields == REASONABLE[query]
    SOURCE.check(spec(query))


@pytest.mark.parametrize("query", ATTACKS, ids=range(len(ATTACKS)))
def test_an_attack_is_refused(query: str) -> None:
    """A query that could hurt the server, leave its field, or not be understood is an InvalidRequest on `query`."""
    with pytest.raises(InvalidRequest) as refused:
        SOURCE.check(spec(query))
    assert refused.value.field == "query"
    assert len(refused.value.message) < 300


@pytest.mark.parametrize("index", INDICES)
def test_names_of_indices_pass(index: str) -> None:
    """Indices, aliases, data streams, patterns, other clusters and what is to be left out may be named."""
    SOURCE.check(spec(index=index))


@pytest.mark.parametrize("index", BAD_INDICES, ids=range(len(BAD_INDICES)))
def test_other_names_are_refused(index: str) -> None:
    """All indices, those of the system, and ways to another path are an InvalidRequest on `options.index`."""
    with pytest.raises(InvalidRequest) as refused:
        SOURCE.check(spec(index=index))
    assert refused.value.field == "options.index"


@pytest.mark.parametrize(("option", "value"), OPTIONS)
def test_a_wrong_option_is_named(option: str, value: str) -> None:
    """Each option that is unknown or does not fit is named by its path."""
    with pytest.raises(InvalidRequest) as refused:
        SOURCE.check(spec(**{option: value}))
    assert refused.value.field.startswith(f"options.{option.partition('.')[0]}")


def test_the_index_is_required() -> None:
    """A source without an index reads nothing, and is told so."""
    with pytest.raises(InvalidRequest, match=r"options\.index: is required"):
        SOURCE.check(SourceSpec("app", "logs", "*"))


def test_filters_are_limited() -> None:
    """More filters than anybody needs are refused."""
    with pytest.raises(InvalidRequest, match="up to 20"):
        SOURCE.check(spec(**{f"filter.a{number}": "x" for number in range(21)}))
