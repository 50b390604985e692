"""New values inside known templates: which word is new at which place, and which words the baseline has there."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np
import polars as pl

from logverdict.analysis.bad_values import Found, in_bulk, is_status, of_class, severity
from logverdict.analysis.compare import Compared
from logverdict.analysis.hashing import hashes, mix, short_hash
from logverdict.analysis.mask import remembered_mask
from logverdict.analysis.rules import mask_of
from logverdict.analysis.template import CANDIDATE, IN_NAME
from logverdict.analysis.words import words_of
from logverdict.domain.result import Event, NewValue
from logverdict.domain.words import Severity

MAX_KNOWN = 10
"""Different words of the baseline at a place, at most: with more the place holds names, of which a new one is none."""
RECURS = 5
"""Entries that the baseline has of each of them, on average; at least, where the place was taken for a variable."""
MAX_WORDS = 60
MOST = 2_000
"""Templates of the candidate alone that are looked at, those of most entries first."""

_BAND = re.compile(f"{IN_NAME}$")
_NAMED = re.compile(r"(?P<name>[\w.\"'\[({-]*?[\w\])}\"'][=:][\"']?)(?P<value>.*?)(?P<end>[\"',;)\]}]*)")
_PLAIN = re.compile(r"[\"'\[({]*(?P<value>.*?)[\"',;:.!)\]}]*")


def new_values(compared: Compared) -> Mapping[int, Found]:
    """By cluster. A known cluster has one where a word that joined it is new among few that recur."""
    rows = _rows(compared)
    new = rows.filter((pl.col("seen") > 0) & (pl.col("known") == 0)).sort("seen", "text", descending=[True, False])
    new = new.head(MOST)
    old = rows.filter(pl.col("known") > 0)
    found, levels = dict[int, Found](), dict(_levels(new, old))
    sizes = new["size"].unique().to_list()
    for size in sorted(size for size in sizes if 2 <= size <= MAX_WORDS):
        mine, theirs = new.filter(pl.col("size") == size), old.filter(pl.col("size") == size)
        if len(theirs):
            for cluster, one in _of_size(mine, theirs):
                found[cluster] = found[cluster].and_at(one) if cluster in found else one
    return found | levels


def _rows(compared: Compared) -> pl.DataFrame:
    """One row a template: cluster, text, band, size (words), and its entries in the candidate and elsewhere."""
    table = compared.table.select("cluster", "template", "severity", several=pl.col("members").list.len() > 1)
    mine = pl.col("count").filter(pl.col("stretch") == CANDIDATE).sum()
    cells = compared.cells.group_by("row", maintain_order=True).agg(  # they are sorted by row, then key
        pl.col("cluster", "key").first(), pl.col("count").sum().alias("all"), seen=mine
    )
    cells = cells.join(table, on="cluster", maintain_order="left")
    cells = cells.with_columns(joined=pl.Series(~compared.new[cells["cluster"].to_numpy()]))
    masks = mask_of(compared.sides.rules)
    names, keys = cells["template"].to_list(), cells["key"]
    for at in cells["several"].arg_true():
        names[at] = remembered_mask(keys[at], masks)
    cells = cells.with_columns(pl.Series("name", names, dtype=pl.String), known=pl.col("all") - pl.col("seen"))
    text = pl.col("name").str.replace(_BAND.pattern, "")
    cells = cells.with_columns(text=text, band=pl.col("name").str.extract(_BAND.pattern))
    return cells.with_columns(size=1 + pl.col("text").str.count_matches(" ", literal=True))


def _levels(new: pl.DataFrame, old: pl.DataFrame) -> Iterator[tuple[int, Found]]:
    """Templates whose text is known, at another level."""
    marked = new.filter(pl.col("band").is_not_null())
    if not len(marked):
        return
    joined = marked.join(old.select("text", was="severity"), on="text").group_by("cluster", maintain_order=True)
    for cluster, band, was in joined.agg(pl.col("band").first(), pl.col("was").unique().sort()).iter_rows():
        yield cluster, Found(NewValue("level", band, tuple(Severity(one).name for one in was)))


def _of_size(new: pl.DataFrame, old: pl.DataFrame) -> Iterator[tuple[int, Found]]:
    """Of templates of as many words; of several places that of which the baseline has most."""
    both = words_of(pl.concat([new["text"], old["text"]]))
    ids = hashes(both.distinct).to_numpy()[both.codes].reshape(len(both), -1)
    best = dict[int, Found]()
    with np.errstate(over="ignore"):
        weighed = ids * mix(np.arange(1, ids.shape[1] + 1, dtype=np.uint64))[None, :]
        totals = weighed.sum(axis=1)
        for at in range(ids.shape[1]):
            rest = totals - weighed[:, at]
            mine, theirs = rest[: len(new)], rest[len(new) :]
            for row, one in _at(at, new, old, mine, theirs):
                if row not in best or one.known > best[row].known:
                    best[row] = one
    clusters = new["cluster"].to_list()
    for row, one in sorted(best.items()):
        yield clusters[row], one


def _at(
    at: int, new: pl.DataFrame, old: pl.DataFrame, mine: np.ndarray, theirs: np.ndarray
) -> Iterator[tuple[int, Found]]:
    hits = np.flatnonzero(np.isin(theirs, mine))
    if not len(hits):
        return
    counts, seen, siblings = old["known"].to_numpy(), new["seen"].to_numpy(), dict[int, list[int]]()
    also = old["seen"].to_numpy()
    for hit in hits.tolist():
        siblings.setdefault(int(theirs[hit]), []).append(hit)
    for row in np.flatnonzero(np.isin(mine, theirs)).tolist():
        its = siblings[int(mine[row])]
        amounts = counts[its].tolist()
        amount = sum(amounts)
        least = RECURS if new["joined"][row] else 1
        if len(its) > MAX_KNOWN or amount < RECURS * len(its) or min(amounts) < least:
            continue
        words, known = new["text"][row].split(" "), [old["text"][one].split(" ")[at] for one in its]
        value = _value(words, at, known)
        if value is not None:
            here = int(seen[mine == mine[row]].sum() + also[its].sum())
            kin = [of_class(value.value, _parted(word, [words[at]])[1]) for word in known]
            yield row, Found(value, int(seen[row]), here, int(counts[its][kin].sum()), amount)


def _value(words: list[str], at: int, known: list[str]) -> NewValue | None:
    """None where the rest says nothing, or the words are no values: masks, signs, whole sentences of fields."""
    rest = [word for place, word in enumerate(words) if place != at]
    if not any(re.search("[A-Za-z]{2}", re.sub("<[a-z*]+>", "", word)) for word in rest):
        return None
    name, value = _parted(words[at], known)
    values = sorted({_parted(word, [words[at]])[1] for word in known if "<" not in word})
    if not values or not re.search(r"\w", value) or "<" in value or value in values:
        return None
    return NewValue(name or _before(words, at), value, tuple(values))


def _parted(word: str, others: list[str]) -> tuple[str, str]:
    """The name before the value, where all have it, and the value without signs around it."""
    named = _NAMED.fullmatch(word)
    if named and all(other.startswith(named["name"]) for other in others):
        return _last_word(named["name"]), named["value"]
    plain = _PLAIN.fullmatch(word)
    return "", plain["value"] if plain else word


def _before(words: list[str], at: int) -> str:
    """The word before the place, where it is one."""
    return _last_word(words[at - 1]) if at and "<" not in words[at - 1] else ""


def _last_word(text: str) -> str:
    found = re.findall(r"[\w.-]*[A-Za-z][\w.-]*", text)
    return found[-1] if found else ""


def with_severities(compared: Compared, values: Mapping[int, Found]) -> Compared:
    """New clusters are as bad as their new value: one level stands for all that a message may say at that place."""
    new = {cluster: one for cluster, one in values.items() if compared.new[cluster]}
    many = _in_bulk(compared, new)
    told = {cluster: int(severity(one.value, one.value.value in many)) for cluster, one in new.items()}
    raised = {cluster: one for cluster, one in told.items() if one and compared.severity[cluster] < Severity.ERROR}
    if not raised:
        return compared
    worse = pl.col("cluster").replace_strict(raised, default=pl.col("severity"), return_dtype=pl.Int8)
    return replace(compared, table=compared.table.with_columns(severity=worse))


def _in_bulk(compared: Compared, new: Mapping[int, Found]) -> frozenset[str]:
    """Statuses that take a large part of the entries at all their places together, and not in one burst: that is of one
    client."""
    whole, clusters = dict[str, Found](), dict[str, list[int]]()
    for cluster, one in new.items():
        status = one.value.value
        if is_status(status):
            whole[status] = whole[status].and_at(one) if status in whole else one
            clusters.setdefault(status, []).append(cluster)
    return frozenset(
        status for status, one in whole.items() if in_bulk(one, compared.grids[0][clusters[status]].sum(axis=0))
    )


def told(events: tuple[Event, ...], compared: Compared, values: Mapping[int, Found]) -> tuple[Event, ...]:
    """The events with their new values, which their sentences name."""
    if not values:
        return events
    names = compared.table["template"].to_list()
    by_id = {short_hash(names[cluster]): value for cluster, value in values.items()}
    return tuple(_told(event, by_id[event.id].value) if event.id in by_id else event for event in events)


def _told(event: Event, value: NewValue) -> Event:
    known = ", ".join(value.known)
    what = f"{value.place} {value.value}".strip()
    return replace(event, new_value=value, sentence=f"{event.sentence} New value: {what}, in the baseline {known}.")
