"""Where a source's entries are: fields looked up, a point in time opened, and what is lost there already said."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import structlog

from logverdict.adapters.sources.elasticsearch_ask import Asker, Body
from logverdict.adapters.sources.elasticsearch_fields import Chosen, Mapped, choose, inner_names, mapped, wanted_names
from logverdict.adapters.sources.elasticsearch_query import Clause, Wanted, build, build_timeless, unmatched
from logverdict.adapters.sources.elasticsearch_rows import TIME_PATTERN, has_text
from logverdict.domain.errors import QueryRejected, SourceUnavailable
from logverdict.domain.profile import SourceSpec
from logverdict.domain.window import Window

PROBES = 20
"""Documents that show whether their texts can be had from their sources."""
EACH = "each index"
MOST_INDICES = 200
log = structlog.get_logger(__name__)


@dataclass
class Point:
    """A point in time; the server may give it another name with each answer, all of which stay good."""

    id: str
    faults: dict[str, None]
    """Words for what did not answer though the server went on without it."""

    def heard(self, answer: Body) -> None:
        self.id = answer.get("pit_id", self.id)
        clusters = answer.get("_clusters") or {}
        lost = sum(int(clusters.get(word, 0)) for word in ("skipped", "partial", "failed"))
        if lost:
            names = [
                name or "the local one"
                for name, state in sorted((clusters.get("details") or {}).items())
                if state.get("status") not in ("successful", "running")
            ]
            which = f": {', '.join(names[:5])}" if names else ""
            self.faults[f"{lost} of {clusters.get('total', '?')} clusters did not answer completely{which}"] = None


@asynccontextmanager
async def point_in_time(asker: Asker, index: Sequence[str]) -> AsyncIterator[Point]:
    """Closed at the end, also of a cancelled read. Raises QueryRejected when the names mean no index at all."""
    answer = await asker.open(index)
    point = Point(answer["id"], {})
    try:
        point.heard(answer)
        if answer.get("_shards", {}).get("total") == 0:
            raise QueryRejected(f"options.index: {','.join(index)} means no index, or none that may be read")
        yield point
    finally:
        await asyncio.shield(asyncio.create_task(asker.close(point.id)))


@dataclass(frozen=True, slots=True)
class Look:
    """What one question tells of a span: how many documents match, exactly, and aggregations beside. `by_fields`:
    some documents do not hold their message as such, because its field is an alias or made up."""

    count: int
    by_fields: bool
    answers: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Place:
    """`lost` says what is known to be missing, `slips` what may be a mistake."""

    asker: Asker
    point: Point
    asked: Wanted
    found: Mapped
    chosen: Chosen
    lost: tuple[str, ...]
    slips: tuple[str, ...]

    @property
    def faults(self) -> tuple[str, ...]:
        """All that is known by now."""
        return (*self.lost, *self.slips, *self.point.faults)

    @property
    def whole(self) -> bool:
        return not self.lost and not self.point.faults

    def query(self, span: Window) -> Clause:
        return build(self.asked, self.found, self.chosen, span)

    def contents(self, by_fields: bool) -> dict[str, Any]:
        """What is wanted of each document."""
        names = list(self.chosen.in_documents)
        times = [{"field": name, "format": TIME_PATTERN} for name in self.chosen.time]
        wanted = {"source": False if by_fields else names, "docvalue_fields": [*times, *self.chosen.in_columns]}
        return {**wanted, "fields": names} if by_fields else wanted

    async def search(self, ask: Mapping[str, Any]) -> Body:
        answer = await self.asker.search(self.point.id, lambda: ask)
        self.point.heard(answer)
        return answer

    async def closed(self) -> tuple[str, ...]:
        """Whether entries of a span are in a closed index nobody can tell; old ones are often closed, so it is only
        said. Where the server does not tell which are closed, neither do we."""
        index = self.asked.options.index
        if not any("*" in name for name in index):
            return ()
        try:
            names = sorted(await self.asker.closed(index))
        except (QueryRejected, SourceUnavailable):
            return ()
        more = f" and {len(names) - 5:,} more" if len(names) > 5 else ""
        return (f"closed indices match options.index and were not read: {', '.join(names[:5])}{more}",) if names else ()

    async def look(self, span: Window, aggregations: Mapping[str, Any] | None = None) -> Look:
        names = list(self.chosen.in_documents)
        ask: dict[str, Any] = {
            "query": self.query(span),
            "size": PROBES,
            "track_total_hits": True,
            "source": names,
            "fields": names,
        }
        beside = dict(aggregations or {})
        if len(self.found.indices) > 1:  # one of several may hold its messages in another way
            few = {"top_hits": {"size": 2, "_source": names, "fields": names}}
            beside[EACH] = {"terms": {"field": "_index", "size": MOST_INDICES}, "aggs": {"few": few}}
        answer = await self.search({**ask, "aggs": beside} if beside else ask)
        answers = answer.get("aggregations", {})
        hits = [*answer["hits"]["hits"]]
        for index in answers.get(EACH, {}).get("buckets", ()):
            hits += index["few"]["hits"]["hits"]
        by_fields = any(
            has_text(hit.get("fields") or {}, self.chosen.message)
            and not has_text(hit.get("_source") or {}, self.chosen.message)
            for hit in hits
        )
        return Look(int(answer["hits"]["total"]["value"]), by_fields, answers)


@asynccontextmanager
async def placed(asker: Asker, asked: Wanted, spec: SourceSpec) -> AsyncIterator[Place]:
    """Raises QueryRejected when there is nothing to read, or no time or message in it."""
    index = asked.options.index
    try:
        found, chosen = await _fields(asker, asked, spec)
    except QueryRejected as fault:
        if fault.details.get("status") != "404":
            raise
        found, chosen = await _known_by_now(asker, asked, spec, fault)
    log.debug("fields chosen", source=spec.name, fields=str(chosen))
    async with point_in_time(asker, index) as point:
        lost = (*found.faults, *await _timeless(asker, point, asked, found, chosen))
        yield Place(asker, point, asked, found, chosen, lost, _slips(asked, found))


async def _known_by_now(asker: Asker, asked: Wanted, spec: SourceSpec, fault: QueryRejected) -> tuple[Mapped, Chosen]:
    """A node that has just started answers as if it had no index, until it has read what it knows. A point in time is
    not opened before that, nor where there is none: then `fault` was right."""
    try:
        async with point_in_time(asker, asked.options.index):
            return await _fields(asker, asked, spec)
    except QueryRejected:
        raise fault from None


async def _fields(asker: Asker, asked: Wanted, spec: SourceSpec) -> tuple[Mapped, Chosen]:
    index, names = asked.options.index, wanted_names(spec.fields, asked.named)
    found = mapped(await asker.fields(index, names))
    if more := inner_names(found, spec.fields):
        found = mapped(await asker.fields(index, (*names, *more)))
    return found, choose(found, spec.fields)


async def _timeless(asker: Asker, point: Point, asked: Wanted, found: Mapped, chosen: Chosen) -> tuple[str, ...]:
    """Entries that no window can have, because their index has no time that we know of."""
    if not chosen.timeless:
        return ()
    ask = {"query": build_timeless(asked, found, chosen), "size": 0, "track_total_hits": True}
    answer = await asker.search(point.id, lambda: ask)
    point.heard(answer)
    count = answer["hits"]["total"]["value"]
    names = ", ".join(sorted(chosen.timeless)[:5])
    # Not of one span: a sentence that begins with its count is added up over the spans.
    return (f"{names}: {count:,} entries have no time in any field of fields.time",) if count else ()


def _slips(asked: Wanted, found: Mapped) -> tuple[str, ...]:
    names = unmatched(asked, found)
    return (f"no index has the field {', '.join(names)}, which the query or a filter names",) if names else ()
