"""What the server sorts documents by, and what it then says of each cell: nested aggregations and their answer."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from logverdict.adapters.sources.elasticsearch_fields import Chosen, Mapped
from logverdict.adapters.sources.elasticsearch_script import KEY, PARTED, TIME, key_field, time_field
from logverdict.adapters.sources.times import EPOCH
from logverdict.domain.errors import CannotReduce
from logverdict.domain.window import Grid, Window

BUCKETS = 10_000
"""Most of one aggregation; the server's own limit for all of them is 65,536 (search.max_buckets)."""
TEXTUAL = frozenset({"keyword", "constant_keyword", "wildcard"})
"""What the server can sort by as it is, "" where a document has none."""
SIMPLE = TEXTUAL | {"long", "integer", "short", "byte", "boolean", "ip"}
"""What a script gives as the same text as a read does."""
NOWHERE = "-5364662400000"
"""In the year 1800. The time of documents that the script gives none: they belong to a time before the span."""

MILLISECOND = timedelta(milliseconds=1)

Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """`groups`: the candidate fields of each thing to sort by, besides the bin and the key. `scripted`: documents may
    have several times or values, so the script has to choose; else what a document has is what it is sorted by.
    `metrics`: what is wanted of each cell."""

    chosen: Chosen
    found: Mapped
    grid: Grid
    groups: tuple[tuple[str, ...], ...]
    metrics: Mapping[str, tuple[str, str]]
    messages: bool
    scripted: bool = False

    @property
    def plain(self) -> tuple[tuple[str, ...], ...]:
        """Groups that need no script, () for the others."""
        return tuple(group if self._plain(group) else () for group in self.groups)

    @property
    def parts(self) -> tuple[tuple[str, ...], ...]:
        """Groups that only a script can give."""
        return tuple(group for group in self.groups if group and not self._plain(group))

    @property
    def keyed(self) -> bool:
        return self.messages or bool(self.parts)

    def _plain(self, group: Sequence[str]) -> bool:
        return not self.scripted and all(self.found.has(name, TEXTUAL) for name in group)


def check(layout: Layout) -> None:
    """Raises CannotReduce."""
    for name in (name for group in layout.groups for name in group if name in layout.chosen.columns):
        if not layout.found.has(name, SIMPLE):
            kinds = ", ".join(sorted(layout.found.types[name]))
            raise CannotReduce(f"the server can't sort entries by {name} ({kinds}); allowed: a keyword or whole number")
    messages = (*layout.chosen.message, *layout.chosen.stack) if layout.messages else ()
    if both := layout.chosen.columns.intersection(messages):
        raise CannotReduce(f"{min(both)} is read as a message and as something else")
    start, width = layout.grid.start, layout.grid.width
    if start.microsecond % 1_000 or width.microseconds % 1_000:
        raise CannotReduce("the server can't count in bins of parts of a millisecond")


def aggregations(layout: Layout) -> Mapping[str, Any]:
    """One in the other: what splits the most comes last, which is the fastest (docs/benchmarks.md)."""
    time = TIME if layout.scripted else layout.chosen.time[0]
    inner: dict[str, Any] = {
        name: {kind: {"field": of or time, "format": "epoch_millis"}} for name, (kind, of) in layout.metrics.items()
    }
    if layout.keyed:
        inner = {"in": {"terms": _terms(KEY), "aggs": inner}}
    inner = {"in": {"date_histogram": _bins(layout, time), "aggs": inner}}
    for name in reversed([name for group in layout.plain for name in group]):
        inner = {"in": {"terms": _terms(name), "aggs": inner}}
    return inner


def runtime(layout: Layout, floor: int) -> Mapping[str, Any]:
    """The runtime fields of a question for a span that starts at `floor`, in milliseconds since 1970."""
    fields = dict(key_field(layout.chosen, layout.parts, messages=layout.messages)) if layout.keyed else {}
    return {**fields, **time_field(layout.chosen, floor)} if layout.scripted else fields


def _terms(name: str) -> Mapping[str, Any]:
    """Without `missing` documents that lack a field would vanish."""
    return {
        "field": name,
        "missing": "",
        "size": BUCKETS,
        "shard_size": BUCKETS,
        "order": {"_key": "asc"},
        "collect_mode": "depth_first",
    }


def _bins(layout: Layout, time: str) -> Mapping[str, Any]:
    width = layout.grid.width // MILLISECOND
    bins = {
        "field": time,
        "fixed_interval": f"{width}ms",
        "offset": f"{_origin(layout.grid) % width}ms",
        "min_doc_count": 1,
        "format": "epoch_millis",
    }
    return {**bins, "missing": NOWHERE} if layout.scripted else bins


@dataclass
class Cells:
    """The rows of one answer: values of the groups, bin, key ("" where none is wanted), count, metrics. `count` is how
    many documents they are of; `elsewhere` belong to a time before the span; `full`: some rows did not come."""

    rows: list[Row] = field(default_factory=list)
    count: int = 0
    elsewhere: int = 0
    full: bool = False


def cells(layout: Layout, answer: Mapping[str, Any], span: Window) -> Cells:
    found = Cells()
    first = layout.grid.number(span.start)
    origin, width = _origin(layout.grid), layout.grid.width // MILLISECOND
    sizes = [len(group) for group in layout.plain]
    for path, leaf in _leaves(answer, (), found):
        number = (int(path[sum(sizes)]) - origin) // width
        count = int(leaf["doc_count"])
        if number < first:
            found.elsewhere += count
            continue
        values, key = _values(layout, sizes, path)
        found.rows.append((*values, number, key, count, *(leaf[name]["value"] for name in layout.metrics)))
        found.count += count
    return found


def _leaves(node: Mapping[str, Any], path: Row, found: Cells) -> Iterator[tuple[Row, Mapping[str, Any]]]:
    inner = node.get("in")
    if inner is None:
        yield path, node
        return
    found.full = found.full or inner.get("sum_other_doc_count", 0) > 0
    for bucket in inner["buckets"]:
        yield from _leaves(bucket, (*path, bucket["key"]), found)


def _values(layout: Layout, sizes: Sequence[int], path: Row) -> tuple[list[str], str]:
    """Of each group the first candidate that holds something, and of that the first line; and the key."""
    *parts, key = path[-1].split(PARTED, len(layout.parts)) if layout.keyed else ("",)
    at, values = 0, list[str]()
    texts: Iterator[str] = iter(parts)
    for group, size in zip(layout.groups, sizes, strict=True):
        if group and not size:
            values.append(next(texts))
        else:
            values.append(next(filter(None, path[at : at + size]), "").partition("\n")[0])
        at += size
    return values, key


def _origin(grid: Grid) -> int:
    return (grid.start - EPOCH) // MILLISECOND
