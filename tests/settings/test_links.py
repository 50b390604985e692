"""Where people see raw entries: the options of connections for it."""

from pathlib import Path

import pytest

from contract.log_source import window
from logverdict.adapters.profiles.faults import ConfigError
from logverdict.app import build_sources
from logverdict.domain.profile import SourceSpec
from logverdict.settings import load

ELASTICSEARCH = "kind: elasticsearch, urls: 'https://es:9200'"
SPLUNK = "kind: splunk, url: 'https://splunk:8089', token_env: T"
FILE = "kind: file, root: ."


def link(folder: Path, fields: str, **options: str) -> str:
    """Of a way back of a source of the one connection."""
    file = folder / "settings.yaml"
    file.write_text(f"connections:\n  logs: {{{fields}}}\n")
    source = build_sources(load(file, {}))["logs"]
    query = "*" if options else "app.log"
    way = source.way_back(SourceSpec("app", "logs", query, options=options), "disk full", window(0, 10))
    assert way is not None
    return way.link


@pytest.mark.parametrize(
    ("fields", "options", "begins"),
    [
        (
            f"{ELASTICSEARCH}, kibana: 'https://kibana:5601/'",
            {"index": "logs-*"},
            "https://kibana:5601/app/discover#/?",
        ),
        (f"{ELASTICSEARCH}, link: 'https://x/{{index}}/{{query}}'", {"index": "logs"}, "https://x/logs/"),
        (
            f"{SPLUNK}, splunk_web: 'https://web:8000'",
            {"index": "a", "app": "shop"},
            "https://web:8000/en-US/app/shop/",
        ),
        (f"{SPLUNK}, link: 'https://x/?q={{query}}'", {"index": "a"}, "https://x/?q=search%20"),
        (f"{FILE}, link: 'https://x/?q={{query}}'", {}, "https://x/?q=find"),
    ],
)
def test_ways_back_link_where_the_connection_says(
    tmp_path: Path, fields: str, options: dict[str, str], begins: str
) -> None:
    """Short forms and templates, for each kind."""
    assert link(tmp_path, fields, **options).startswith(begins)


def test_without_the_option_there_is_no_link(tmp_path: Path) -> None:
    """The way back is the query alone."""
    assert link(tmp_path, ELASTICSEARCH, index="logs") == ""


def test_filters_are_in_the_link(tmp_path: Path) -> None:
    """A page knows the query only, not the source's options."""
    fields = f"{ELASTICSEARCH}, link: 'https://x/{{query}}'"
    assert "%20AND%20app%3A%22web%20%5C%22x%5C%22%22" in link(tmp_path, fields, index="a", **{"filter.app": 'web "x"'})
    assert "app%3D%22web%22" in link(
        tmp_path, f"{SPLUNK}, link: 'https://x/{{query}}'", index="a", **{"filter.app": "web"}
    )


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        (f"{ELASTICSEARCH}, kibana: 'https://k', link: 'https://x/{{query}}'", "kibana and link are given"),
        (f"{ELASTICSEARCH}, data_view: x", "data_view is given without kibana"),
        (f"{ELASTICSEARCH}, kibana: 'https://bob:pw@k'", "holds credentials"),
        (f"{ELASTICSEARCH}, kibana: 'https://k/?a=b'", "goes on after its path"),
        (f"{SPLUNK}, splunk_web: 'https://s', link: 'https://x/{{query}}'", "splunk_web and link are given"),
        (f"{SPLUNK}, splunk_web: s", "no address that a browser opens"),
        (f"{FILE}, link: 'https://x/{{query}}/{{day}}'", "unknown placeholder {day}"),
    ],
)
def test_a_bad_link_is_a_mistake_of_the_settings(tmp_path: Path, fields: str, says: str) -> None:
    """Told at the start, without the address itself."""
    with pytest.raises(ConfigError) as caught:
        link(tmp_path, fields, index="a")
    assert says in str(caught.value)
    assert "bob" not in str(caught.value)
