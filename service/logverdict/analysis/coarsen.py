"""Bounds for floods: where there are too many keys or instances, all of a kind are told apart less finely, by rule.

A level is a function of a key (or instance) alone, and levels nest: what level 1 leaves, level 2 makes what it makes of
the whole. The level of a set is the lowest at which it fits its budget; a part never needs more than the whole. So it
does not matter in which order or in which pages entries come, nothing is dropped, and all counts still add up.
"""

from collections.abc import Iterator
from dataclasses import dataclass, fields

import polars as pl

from logverdict.analysis.hashing import hashes
from logverdict.domain.words import Severity


@dataclass(frozen=True, slots=True)
class Budget:
    """Distinct keys, and bytes of them, of one window. A judgement of so many takes about two seconds."""

    keys: int
    bytes: int


BUDGETS = {"harmless": Budget(50_000, 32 << 20), "bad": Budget(20_000, 16 << 20)}
"""Warnings and worse have one of their own: a flood of harmless messages hides no error."""
MOST_INSTANCES, MOST_TURNS = 10_000, 200_000
"""Instances, and pairs of an instance and a bin in which it speaks, of one window."""
CUTS = ((6, 200), (2, 40))
"""Words and characters of a key that levels 1 and 2 leave."""
ANY_KEY, ANY_INSTANCE, MORE = "<anything>", "<any>", "<more>"
GROUPS = (1_000, 25)
"""Groups of instances at levels 1 and 2, by the hash of their names; each is a multiple of the next."""
_GROUP = r"^<group ([0-9]+)>$"
_HOW = ("", f"their first {CUTS[0][0]} words", f"their first {CUTS[1][0]} words", "their severity")
_INTO = ("", f"{GROUPS[0]:,} groups", f"{GROUPS[1]} groups", "one group")


@dataclass(frozen=True, slots=True)
class Levels:
    """How coarse each kind is: 0 as it came, 3 all in one."""

    harmless: int = 0
    bad: int = 0
    instances: int = 0

    def __or__(self, other: "Levels") -> "Levels":
        return Levels(*(max(getattr(self, one.name), getattr(other, one.name)) for one in fields(self)))


EXACT = Levels()
TOP = 3
_BAD = pl.col("severity") >= int(Severity.WARN)


def needed(counts: pl.DataFrame, least: Levels) -> Levels:
    """The lowest levels, from `least` on, at which counts (schema `counts.COUNTS`) fit their budgets."""
    found = {"instances": _instances_level(counts, least.instances)}
    for kind, rows in (("harmless", ~_BAD), ("bad", _BAD)):
        found[kind] = getattr(least, kind)
        budget = BUDGETS[kind]
        if len(counts) > budget.keys or counts["key"].str.len_bytes().sum() > budget.bytes:
            keys = counts.filter(rows)["key"].unique()
            while found[kind] < TOP and not _fits(keys := coarse_keys(keys, found[kind]).unique(), budget):
                found[kind] += 1
    return Levels(**found)


def _fits(keys: pl.Series, budget: Budget) -> bool:
    return len(keys) <= budget.keys and int(keys.str.len_bytes().sum()) <= budget.bytes


def _instances_level(counts: pl.DataFrame, least: int) -> int:
    if len(counts) <= MOST_INSTANCES:
        return least
    turns = counts.select("instance", "bin").unique()
    level = least
    while level < TOP:
        turns = turns.with_columns(coarse_instances(turns["instance"], level)).unique()
        if turns["instance"].n_unique() <= MOST_INSTANCES and len(turns) <= MOST_TURNS:
            break
        level += 1
    return level


def coarse_keys(keys: pl.Series, level: int) -> pl.Series:
    """Keys cut to CUTS, with MORE where something was cut off."""
    if not level:
        return keys
    if level == TOP:
        return pl.Series(keys.name, [ANY_KEY], dtype=pl.String).new_from_index(0, len(keys))
    words, characters = CUTS[level - 1]
    cut = keys.str.replace(rf"(?s)^(\s*(?:\S+\s+){{{words}}}).*$", f"${{1}}{MORE}")
    long = cut.str.len_chars() > characters + len(MORE)
    return cut.zip_with(~long, cut.str.head(characters) + MORE).alias(keys.name)


def coarse_instances(names: pl.Series, level: int) -> pl.Series:
    """Names of groups in place of names of instances; entries that name none stay so."""
    if not level:
        return names
    if level == TOP:
        grouped = pl.Series([ANY_INSTANCE], dtype=pl.String).new_from_index(0, len(names))
    else:
        known = names.str.extract(_GROUP).cast(pl.UInt64)
        number = known.zip_with(known.is_not_null(), hashes(names) % GROUPS[0]) % GROUPS[level - 1]
        grouped = "<group " + number.cast(pl.String) + ">"
    return names.zip_with(names == "", grouped).alias(names.name)


def coarse_rows(rows: pl.DataFrame, levels: Levels) -> pl.DataFrame:
    """Counts or edges with coarse keys and instances, not yet added up."""
    instance = coarse_instances(rows["instance"], levels.instances)
    return _keyed(rows.with_columns(instance), levels).select(rows.columns)


def coarse_samples(samples: pl.DataFrame, counts: pl.DataFrame, levels: Levels) -> pl.DataFrame:
    """Samples by coarse key; `counts` are those before, which say what each key is: it may be both harmless and bad."""
    kinds = counts.select("source", "key", severity=_BAD.cast(pl.Int8) * int(Severity.WARN)).unique()
    named = _keyed(kinds.with_columns(was=pl.col("key")), levels).select("source", "was", "key").unique()
    found = samples.rename({"key": "was"}).join(named, on=["source", "was"])
    return found.select(samples.columns)


def _keyed(frame: pl.DataFrame, levels: Levels) -> pl.DataFrame:
    parts = [
        part.with_columns(coarse_keys(part["key"], level))
        for part, level in ((frame.filter(~_BAD), levels.harmless), (frame.filter(_BAD), levels.bad))
    ]
    return pl.concat(parts)


def told(counts: pl.DataFrame, levels: Levels) -> Iterator[str]:
    """What was told apart less finely, for people."""
    for kind, rows, what in (("harmless", ~_BAD, "harmless messages"), ("bad", _BAD, "warnings and errors")):
        if level := getattr(levels, kind):
            its = counts.filter(rows)
            left = f"{its['key'].n_unique():,} kinds with {int(its['count'].sum()):,} entries"
            many = f"More than {BUDGETS[kind].keys:,} kinds of {what}, or very long ones"
            yield f"{many}: they are told apart by {_HOW[level]} only, as {left}; none is left out."
    if levels.instances:
        yield (
            f"More than {MOST_INSTANCES:,} instances, or {MOST_TURNS:,} of them times bins: they are told apart as "
            f"{_INTO[levels.instances]} only."
        )
