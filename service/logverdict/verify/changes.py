"""Changes that are put into recorded deployments, so that it is known what has to be found."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from logverdict.analysis.count import kept_keys
from logverdict.analysis.hashing import short_hash
from logverdict.analysis.template import CONTINUED, templates_of

LEAST = 20
"""Entries that a message needs to be changed in frequency."""
NEAR = 2.5
"""A message has a share where its own is at most so many times larger or smaller."""
NEW = "BookingError: item {} could not be booked"
"""The new error message; `{}` is a number."""


@dataclass(frozen=True, slots=True)
class Frequency:
    """One message that both sides have, of about that share of the candidate's entries, comes `factor` times as often;
    0 takes it away."""

    factor: int
    share: float

    @property
    def word(self) -> str:
        return f"× {self.factor}" if self.factor else "gone"


@dataclass(frozen=True, slots=True)
class NewError:
    """A new error message, evenly among the other entries, on one instance or on all."""

    entries: int
    everywhere: bool

    @property
    def word(self) -> str:
        return f"new error × {self.entries}, {'all instances' if self.everywhere else 'one instance'}"


Change = Frequency | NewError


@dataclass(frozen=True)
class Changed:
    """`message` is the template that was changed, or the new message."""

    candidate: pl.DataFrame
    message: str


def change(candidate: pl.DataFrame, baselines: Sequence[pl.DataFrame], wanted: Change) -> Changed | None:
    """The candidate with the change, in order of time. None where it has no such message or only one instance."""
    candidate = candidate.sort("time", maintain_order=True)
    if isinstance(wanted, NewError):
        return _with_error(candidate, wanted)
    named = _templates(candidate)
    template = _of_share(named, [_templates(one) for one in baselines], wanted.share)
    if template is None:
        return None
    its = named == template
    rest, entries = candidate.filter(~its), candidate.filter(its)
    gap = (pl.col("time") - pl.col("time").shift(1)).fill_null(pl.duration())
    copies = [entries.with_columns(pl.col("time") - gap * (at / wanted.factor)) for at in range(wanted.factor)]
    return Changed(pl.concat([rest, *copies]).sort("time", maintain_order=True), template)


def _of_share(candidate: pl.Series, baselines: Sequence[pl.Series], share: float) -> str | None:
    """The template of the candidate that is nearest to that share of it, and in all baselines."""
    counts = candidate.value_counts().filter(pl.col("count") >= LEAST)
    for baseline in baselines:
        counts = counts.filter(pl.col("template").is_in(baseline.unique().implode()))
    off = np.abs(np.log(counts["count"].to_numpy() / max(1, len(candidate)) / share))
    near = counts.with_columns(off=off).filter(pl.col("off") <= np.log(NEAR)).sort("off", "template")
    return None if near.is_empty() else str(near["template"][0])


def _templates(frame: pl.DataFrame) -> pl.Series:
    keys = kept_keys(frame["message"])
    known = keys.unique()
    return keys.replace_strict(known, templates_of(known), return_dtype=pl.String).rename("template")


def _with_error(candidate: pl.DataFrame, wanted: NewError) -> Changed | None:
    instances = sorted(candidate["instance"].unique(), key=short_hash)
    if candidate.is_empty() or (wanted.everywhere and len(instances) == 1):
        return None
    used = instances if wanted.everywhere else instances[:1]
    level = "ERROR" if (candidate["level"] != "").any() else ""
    places = ((np.arange(wanted.entries) + 0.5) / wanted.entries * len(candidate)).astype(int)
    new = candidate[places].with_columns(
        message=pl.Series([NEW.format(1000 + 37 * at) for at in range(wanted.entries)]),
        level=pl.lit(level),
        instance=pl.Series([used[at % len(used)] for at in range(wanted.entries)]),
    )
    return Changed(pl.concat([candidate, new]).sort("time", maintain_order=True), NEW.format("<num>"))


def cut(recording: pl.DataFrame, name: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Two halves that ran at the same time: a coin for each entry, with the lines that continue it; `name` decides how
    it falls, the same way each time."""
    recording = recording.sort("time", maintain_order=True)
    heads = ~kept_keys(recording["message"]).str.contains(CONTINUED)
    block = heads.cast(pl.Int64).cum_sum().to_numpy()
    coins = np.random.default_rng(int(short_hash(name), 16)).integers(2, size=len(recording) + 1) == 1
    side = pl.Series(coins[block], dtype=pl.Boolean)
    return recording.filter(~side), recording.filter(side)
