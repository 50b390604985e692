"""The options of an `elasticsearch` source, checked."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from logverdict.adapters.sources.elasticsearch_names import parse_index
from logverdict.domain.errors import InvalidRequest

KNOWN = ("index", "page_size", "filter.FIELD")
FILTER = "filter."
MOST_FILTERS = 20
LONGEST_FIELD = 300
LONGEST_VALUE = 1_000
PAGE = 5_000
LARGEST_PAGE = 10_000
"""The server's own limit (index.max_result_window), unless an operator changed it."""
FIELD = re.compile(r"[^\s*?_\\/\"'`{}\[\]()<>|,;:#%][^\s*?\\\"'`{}\[\]()<>|,;#%]*")


@dataclass(frozen=True, slots=True)
class Options:
    index: tuple[str, ...]
    filters: tuple[tuple[str, str], ...] = ()
    page_size: int = PAGE


def parse_options(given: Mapping[str, str]) -> Options:
    """Raises InvalidRequest naming the option and what is allowed."""
    for name in given:
        if name not in KNOWN[:2] and not name.startswith(FILTER):
            allowed = ", ".join(KNOWN)
            raise InvalidRequest(
                f"options.{name}", f"is unknown to an elasticsearch source; allowed: {allowed}", allowed=allowed
            )
    if "index" not in given:
        raise InvalidRequest("options.index", "is required; write an index or a pattern such as logs-shop-*")
    filters = tuple(sorted(_filter(name, given[name]) for name in given if name.startswith(FILTER)))
    if len(filters) > MOST_FILTERS:
        raise InvalidRequest("options.filter", f"{len(filters)} filters are given; allowed: up to {MOST_FILTERS}")
    return Options(parse_index(given["index"]), filters, _page_size(given))


def _filter(option: str, value: str) -> tuple[str, str]:
    field = option.removeprefix(FILTER)
    if not FIELD.fullmatch(field) or len(field) > LONGEST_FIELD:
        raise InvalidRequest(
            f"options.{option[:100]}", "names no field; write one field without wildcards, such as filter.service.name"
        )
    if not value.strip() or len(value) > LONGEST_VALUE:
        fault = f"is {'too long' if value.strip() else 'empty'}; allowed: 1 to {LONGEST_VALUE:,} characters"
        raise InvalidRequest(f"options.{option}", fault)
    return field, value


def _page_size(given: Mapping[str, str]) -> int:
    text = given.get("page_size", str(PAGE))
    if not re.fullmatch(r"[0-9]{1,6}", text) or not 1 <= int(text) <= LARGEST_PAGE:
        raise InvalidRequest("options.page_size", f"{text[:20]!r} does not fit; allowed: 1 to {LARGEST_PAGE:,}")
    return int(text)
