"""New values inside known templates: which word is new at which place, and which words the baseline has there."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np
import polars as pl

from logverdict.analysis.compare import Compared
from logverdict.analysis.hashing import hashes, mix, short_hash
from logverdict.analysis.mask import remembered_mask
from logverdict.analysis.rules import mask_of
from logverdict.analysis.template import CANDIDATE
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

_BAND = re.compile(r" \[(WARN|ERROR)\]$")
_NAMED = re.compile(r"(?P<name>[\w.\"'\[({-]*?[\w\])}\"'][=:][\"']?)(?P<value>.*?)(?P<end>[\"',;)\]}]*)")
_PLAIN = re.compile(r"[\"'\[({]*(?P<value>.*?)[\"',;:.!)\]}]*")
_CODE = re.compile(r"[1-5][0-9][0-9]")
_BAD = re.compile(
    r"(?i)(?:(?!(?:no|non|not|zero)[_-])\w+[_-])?(?:(?:un|not[_-]?)(?:successful(?:ly)?|healthy|available|reachable"
    r"|ready|ok)|down|fail(?:s|ed|ures?|ing)?|err(?:or)?s?"
    r"|den(?:y|ied)|refused|rejected|dead|crashed|aborted|lost|offline|disconnected|broken|corrupt(?:ed)?|invalid"
    r"|critical|fatal|panic|ko|nok|timeout|timed_?out|degraded|overloaded|exhausted|expired)"
)
_ALREADY = re.compile(rf"{_BAD.pattern}|(?:stopp|kill|cancel+)ed|obsolete|unknown")
"""Beside one of these in the baseline, a bad value tells nothing."""
_NAMED_GOOD = re.compile(
    r"(?i)(?:.*[._-])?(?:is[_-]?)?(?:success(?:ful)?|succeeded|passed|ok|healthy|ready|alive|valid|available"
    r"|reachable|connected"
    r"|online)"
)
_NAMED_BAD = re.compile(
    r"(?i)(?:.*[._-])?(?:is[_-]?|has[_-]?)?(?:errors?|failed|failure|unhealthy|degraded|down|timed?_?out|broken"
    r"|corrupt(?:ed)?)"
)
_YES, _NO = frozenset(("true", "yes")), frozenset(("false", "no"))
_ENDED = re.compile(r"(?i).*(?:exit|rc|errno|return\w*|code)")


def new_values(compared: Compared) -> Mapping[int, NewValue]:
    """By cluster. A known cluster has one where a word that joined it is new among few that recur."""
    rows = _rows(compared)
    new = rows.filter((pl.col("seen") > 0) & (pl.col("known") == 0)).sort("seen", "text", descending=[True, False])
    new = new.head(MOST)
    old = rows.filter(pl.col("known") > 0)
    found = dict(_levels(new, old))
    sizes = new["size"].unique().to_list()
    for size in sorted(size for size in sizes if 2 <= size <= MAX_WORDS):
        mine, theirs = new.filter(pl.col("size") == size), old.filter(pl.col("size") == size)
        if len(theirs):
            for cluster, value in _of_size(mine, theirs):
                found.setdefault(cluster, value)
    return found


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


def _levels(new: pl.DataFrame, old: pl.DataFrame) -> Iterator[tuple[int, NewValue]]:
    """Templates whose text is known, at another level."""
    marked = new.filter(pl.col("band").is_not_null())
    if not len(marked):
        return
    joined = marked.join(old.select("text", was="severity"), on="text").group_by("cluster", maintain_order=True)
    for cluster, band, was in joined.agg(pl.col("band").first(), pl.col("was").unique().sort()).iter_rows():
        yield cluster, NewValue("level", band, tuple(Severity(one).name for one in was))


def _of_size(new: pl.DataFrame, old: pl.DataFrame) -> Iterator[tuple[int, NewValue]]:
    """Of templates of as many words; of several places that of which the baseline has most."""
    both = words_of(pl.concat([new["text"], old["text"]]))
    ids = hashes(both.distinct).to_numpy()[both.codes].reshape(len(both), -1)
    best = dict[int, tuple[int, NewValue]]()
    with np.errstate(over="ignore"):
        weighed = ids * mix(np.arange(1, ids.shape[1] + 1, dtype=np.uint64))[None, :]
        totals = weighed.sum(axis=1)
        for at in range(ids.shape[1]):
            rest = totals - weighed[:, at]
            mine, theirs = rest[: len(new)], rest[len(new) :]
            for row, amount, value in _at(at, new, old, mine, theirs):
                if row not in best or amount > best[row][0]:
                    best[row] = (amount, value)
    clusters = new["cluster"].to_list()
    for row, (_, value) in sorted(best.items()):
        yield clusters[row], value


def _at(
    at: int, new: pl.DataFrame, old: pl.DataFrame, mine: np.ndarray, theirs: np.ndarray
) -> Iterator[tuple[int, int, NewValue]]:
    hits = np.flatnonzero(np.isin(theirs, mine))
    if not len(hits):
        return
    counts, siblings = old["known"].to_numpy(), dict[int, list[int]]()
    for hit in hits.tolist():
        siblings.setdefault(int(theirs[hit]), []).append(hit)
    for row in np.flatnonzero(np.isin(mine, theirs)).tolist():
        its = siblings[int(mine[row])]
        amounts = counts[its].tolist()
        amount = sum(amounts)
        least = RECURS if new["joined"][row] else 1
        if len(its) > MAX_KNOWN or amount < RECURS * len(its) or min(amounts) < least:
            continue
        value = _value(new["text"][row].split(" "), at, [old["text"][one].split(" ")[at] for one in its])
        if value is not None:
            yield row, amount, value


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


def severity(value: NewValue) -> Severity:
    """What a value tells beside what is known: nothing (UNKNOWN), a warning, an error."""
    codes = [one for one in value.known if _CODE.fullmatch(one)]
    if _CODE.fullmatch(value.value) and codes:
        kind = value.value[0]
        bad = kind >= "4" and all(one[0] < kind for one in codes)
        return (Severity.ERROR if kind == "5" else Severity.WARN) if bad else Severity.UNKNOWN
    if _turned(value):
        return Severity.ERROR
    if _ENDED.fullmatch(value.place) and set(value.known) == {"0"} and value.value.isdecimal():
        return Severity.ERROR
    if _BAD.fullmatch(value.value) and not any(map(_ALREADY.fullmatch, value.known)):
        return Severity.ERROR
    return Severity.UNKNOWN


def _turned(value: NewValue) -> bool:
    """What was always true of something good is not any more, or what was never true of something bad is."""
    now, known = value.value.lower(), {one.lower() for one in value.known}
    if _NAMED_GOOD.fullmatch(value.place):
        return now in _NO and known <= _YES
    return bool(_NAMED_BAD.fullmatch(value.place)) and now in _YES and known <= _NO


def with_severities(compared: Compared, values: Mapping[int, NewValue]) -> Compared:
    """New clusters are as bad as their new value: one level stands for all that a message may say at that place."""
    told = {cluster: int(severity(value)) for cluster, value in values.items() if compared.new[cluster]}
    raised = {cluster: one for cluster, one in told.items() if one and compared.severity[cluster] < Severity.ERROR}
    if not raised:
        return compared
    worse = pl.col("cluster").replace_strict(raised, default=pl.col("severity"), return_dtype=pl.Int8)
    return replace(compared, table=compared.table.with_columns(severity=worse))


def told(events: tuple[Event, ...], compared: Compared, values: Mapping[int, NewValue]) -> tuple[Event, ...]:
    """The events with their new values, which their sentences name."""
    if not values:
        return events
    names = compared.table["template"].to_list()
    by_id = {short_hash(names[cluster]): value for cluster, value in values.items()}
    return tuple(_told(event, by_id[event.id]) if event.id in by_id else event for event in events)


def _told(event: Event, value: NewValue) -> Event:
    known = ", ".join(value.known)
    what = f"{value.place} {value.value}".strip()
    return replace(event, new_value=value, sentence=f"{event.sentence} New value: {what}, in the baseline {known}.")
