"""A span as counts that the server makes: of each key, and of each instance alone."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from logverdict.adapters.sources.elasticsearch_cells import TEXTUAL, Layout, check
from logverdict.adapters.sources.elasticsearch_last import last
from logverdict.adapters.sources.elasticsearch_place import Look, Place
from logverdict.adapters.sources.elasticsearch_rows import Tally, too_long
from logverdict.adapters.sources.elasticsearch_sweep import Found, Several, Sweep
from logverdict.analysis.counts import TIME
from logverdict.analysis.reduced import REDUCED, SURVEY
from logverdict.domain.errors import CannotReduce
from logverdict.domain.verification import Coverage
from logverdict.domain.window import Grid, Window
from logverdict.verify.ports import Reduced, Survey

COUNTED = {"first": ("min", ""), "last": ("max", "")}
"""Of each cell, besides how many: "" is the time."""


@dataclass(frozen=True, slots=True)
class Narrow:
    """A layout without the fields that the documents of a span do not need: a field that all of them have hides those
    after it. `hiding`: the groups where that is so, unless a document holds nothing in it."""

    layout: Layout
    hiding: tuple[int, ...]


async def reduce(place: Place, span: Window, grid: Grid) -> Reduced:
    """Raises CannotReduce, PointGone, and what a read raises."""
    chosen = place.chosen
    layout = Layout(chosen, place.found, grid, (chosen.level, chosen.instance, chosen.version), COUNTED, True)
    check(layout)
    look = await place.look(span, _probes(layout))
    if look.by_fields:
        raise CannotReduce("documents do not hold their message: its field is an alias, or made up by the server")
    found = await _found(place, layout, span, look)
    rows = _rows(found, ("level", "instance", "version", "bin", "key", "count", *COUNTED), span)
    empty = pl.col("key") == ""
    broken = int(rows.filter(empty)["count"].sum())
    notes = Counter({too_long(name): count for name, count in _ignored(layout, look)})
    coverage = Coverage(
        expected=found.count,
        read=found.count - broken,
        broken=broken,
        complete=place.whole,
        faults=(*place.faults, *await place.closed(), *Tally(broken=broken, notes=notes).sentences(chosen)),
    )
    return Reduced(rows.filter(~empty).select(REDUCED.names()), await last(place, span), coverage)


async def survey(place: Place, span: Window, grid: Grid) -> Survey | None:
    """Counts all that a read would give or call broken. Raises PointGone, and what a read raises."""
    chosen = place.chosen
    metrics = {"arrived": ("max", chosen.arrived)} if chosen.arrived else {}
    layout = Layout(chosen, place.found, grid, (chosen.instance,), metrics, False)
    try:
        check(layout)
        look = await place.look(span, _probes(layout))
        found, told = await _counted(place, layout, span, look)
    except CannotReduce:
        return None
    frame = _rows(found, ("instance", "bin", "key", "count", *metrics), span)
    missing = {} if metrics else {"arrived": pl.lit(None, dtype=TIME)}
    faults = (*place.lost, *told, *place.point.faults)
    return Survey(frame.with_columns(**missing).select(SURVEY.names()), faults)


async def _counted(place: Place, layout: Layout, span: Window, look: Look) -> tuple[Found, tuple[str, ...]]:
    """Where scripts are refused, and only a script could choose the instance: counts of the bins alone, and a sentence
    that says so."""
    try:
        return await _found(place, layout, span, look), ()
    except CannotReduce as fault:
        bare = replace(layout, groups=((),))
        found = await Sweep(place, bare, span, look.count, exact=False).found()
        return found, (f"entries are not counted by instance, nor exactly where they have several times: {fault}",)


async def _found(place: Place, layout: Layout, span: Window, look: Look) -> Found:
    """First without a choice among several values, which is faster; if its sums do not agree, with it."""
    narrow = _narrow(layout, look)
    if len(layout.chosen.time) == 1 or not _missing(layout.chosen.time[0], look):
        try:
            found = await Sweep(place, narrow.layout, span, look.count).found()
            if found.matched == look.count and not any(row[at] == "" for at in narrow.hiding for row in found.rows):
                return found
        except Several:
            pass
    return await Sweep(place, replace(layout, scripted=True), span, look.count).found()


def _probes(layout: Layout) -> Mapping[str, Any]:
    """How many documents lack a field that has others after it, and how many have one that the index did not keep."""
    lacking = {name for group in (layout.chosen.time, *layout.groups) if len(group) > 1 for name in group}
    asked: dict[str, Any] = {
        f"no {name}": {"bool": {"must_not": {"exists": {"field": name}}}} for name in sorted(lacking)
    }
    kept = sorted({name for group in layout.groups for name in group if name in layout.chosen.columns})
    asked |= {f"ignored {name}": {"term": {"_ignored": {"value": name}}} for name in kept if layout.messages}
    return {name: {"filter": clause} for name, clause in asked.items()}


def _missing(name: str, look: Look) -> int:
    return int(look.answers.get(f"no {name}", {}).get("doc_count", 0))


def _ignored(layout: Layout, look: Look) -> Iterator[tuple[str, int]]:
    for name in layout.chosen.columns:
        if count := look.answers.get(f"ignored {name}", {}).get("doc_count"):
            yield name, int(count)


def _narrow(layout: Layout, look: Look) -> Narrow:
    groups, hiding = list[tuple[str, ...]](), list[int]()
    for at, group in enumerate(layout.groups):
        last, there = len(group), list(group)
        if len(group) > 1 and all(layout.found.has(name, TEXTUAL) for name in group):
            there = [name for name in group if _missing(name, look) < look.count]
            last = next((place for place, name in enumerate(there, 1) if not _missing(name, look)), len(there))
            hiding += [at] if last < len(there) else []
        groups.append(tuple(there[:last]))
    return Narrow(replace(layout, groups=tuple(groups)), tuple(hiding))


def _rows(found: Found, names: Sequence[str], span: Window) -> pl.DataFrame:
    """Cells that turn out to be the same, added; times to the microsecond, none before the span."""
    kinds = {
        "bin": pl.Int32(),
        "count": pl.Int64(),
        "first": pl.Float64(),
        "last": pl.Float64(),
        "arrived": pl.Float64(),
    }
    frame = pl.DataFrame(found.rows, schema={name: kinds.get(name, pl.String()) for name in names}, orient="row")
    times = [name for name in names if kinds.get(name) == pl.Float64()]
    since = [pl.col(name).min() if name == "first" else pl.col(name).max() for name in times]
    whole = frame.group_by([name for name in names if name not in (*times, "count")]).agg(pl.col("count").sum(), *since)
    whole = whole.with_columns((pl.col(times) * 1_000).cast(pl.Int64()).cast(TIME)) if times else whole
    placed = [name for name in times if name in COUNTED]
    return whole.with_columns(
        pl.max_horizontal(pl.col(name), pl.lit(span.start, dtype=TIME)).alias(name) for name in placed
    )
