"""What the imitated Elasticsearch counts: nested aggregations over messages that are a second apart."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from logverdict.analysis.key import key

Numbers = Sequence[int]
START = 1_795_316_400_000
"""2026-11-22T03:00 in milliseconds."""


def inside(query: Mapping[str, Any], messages: Sequence[str]) -> Numbers:
    """The messages in the query's span, by number."""
    limits = query["bool"]["filter"][0]["range"]["@timestamp"]
    start, end = (datetime.fromisoformat(limits[name]).timestamp() * 1_000 for name in ("gte", "lt"))
    return [number for number in range(len(messages)) if start <= START + 1_000 * number < end]


def aggregated(asked: Mapping[str, Any], messages: Sequence[str], numbers: Numbers, before: str) -> dict[str, Any]:
    """The answer to the aggregations; those that are no nesting find nothing."""
    found = {name: {"doc_count": 0} for name, one in asked.items() if "filter" in one}
    for name, one in asked.items():
        if name != "in" and name not in found:
            (kind,) = one
            found[name] = {"value": {"min": min, "max": max}[kind](START + 1_000 * number for number in numbers)}
    if "in" not in asked:
        return found
    sorted_by: dict[Any, list[int]] = {}
    for number in numbers:
        sorted_by.setdefault(_value(asked["in"], messages[number], number, before), []).append(number)
    inner = asked["in"].get("aggs", {})
    buckets = [
        {"key": value, "doc_count": len(some), **aggregated(inner, messages, some, before)}
        for value, some in sorted_by.items()
    ]
    return {**found, "in": {"sum_other_doc_count": 0, "buckets": buckets}}


def _value(by: Mapping[str, Any], message: str, number: int, before: str) -> Any:
    if "date_histogram" in by:
        width = int(by["date_histogram"]["fixed_interval"].removesuffix("ms"))
        return START + (1_000 * number) // width * width
    field = by["terms"]["field"]
    return "web-1" if field == "host" else before + key(message)


def lead(asked: Mapping[str, Any]) -> str:
    """What the script gives before the key: the instance, where it has to choose it."""
    fields = asked.get("runtime_mappings", {}).values()
    return "web-1\n" if any(field["script"]["params"].get("own", {}).get("parts") for field in fields) else ""
