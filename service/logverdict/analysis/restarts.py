"""What the instances of a service say of their own life: how often each started, and which fell silent."""

from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import polars as pl

from logverdict.analysis.bins import PARTS
from logverdict.analysis.compare import Compared, Mask
from logverdict.analysis.sides import Sides, Stretch
from logverdict.analysis.template import CANDIDATE

_WHAT = r"(?:application|app|server|service|api|broker|daemon|web ?server)"
_OWN = r"(?:tomcat|netty|undertow|jetty|uvicorn|hypercorn|waitress)"
STARTED = (
    rf"(?i)\b(?:{_WHAT}(?: \S+)? (?:has |is |was )?(?:now )?(?:start(?:ed|ing)|boot(?:ed|ing)|listening|up and running)"
    rf"|(?:starting|booting|launching) (?:up )?(?:the )?(?:https? |grpc |web )?{_WHAT}"
    r"|listening for (?:\w+ )?(?:connections|requests)"
    rf"|{_OWN} (?:started|running)|starting (?:gunicorn|puma|unicorn)|puma starting|booting worker with pid"
    r"|server (?:is |now )*running (?:on|at)|started \(kafka\.|ready - started"
    r"|ready (?:to accept|to serve|for) (?:\w+ )?(?:connections|requests|traffic)|start-?up (?:complete|finished|done)"
    r"|accepting (?:\w+ )?connections|anwendung (?:wurde )?gestartet)\b"
    r"|(?i:^\W*(?:now )?(?:listening|running|serving) (?:on|at):? \S*[:#]|server listening\b)"
    r"|(?-i:\bStart(?:ed|ing) [A-Z]\w+ (?:in )?#)"
    r"|(?:应用|服务|服务器)(?:已)?启动|(?:サーバー?|アプリケーション)[をがは]?起動"
)
"""What a process writes about once in its life, as its service begins."""
ENDED = (
    r"(?i)\b(?:shut(?:ting)? ?down|shutdown|stopping|stopped|terminat\w+|exiting|exited|sigterm|goodbye|bye|drain\w*)\b"
)
LEAST = 3
"""Starts of one instance that are a loop: a rollout brings one, and two may be one that reaches into the next bin."""
SILENT, LEAST_SILENT = 0.25, 5
"""Share of the window's blocks, and blocks, at its end in which an instance that others outlive wrote nothing."""
STEADY = 0.9
"""Share of its blocks before that in which it wrote: of one that pauses, another pause tells nothing."""
MOST = 3
"""Instances that a sentence names."""


@dataclass(frozen=True, slots=True)
class Restarts:
    """An instance that started again and again, so many times at least."""

    instance: str
    times: int


def restarts(compared: Compared) -> tuple[Restarts, ...]:
    """Instances of the candidate that started at least LEAST times, and more than twice as often as any did in a
    baseline as long, most starts first. A start is a bin in which an instance says that it starts."""
    sides = compared.sides
    found = _starts(sides.candidate)
    if found.is_empty():
        return ()
    usual = 0.0
    for one in (*sides.baselines, *sides.background):
        most = max((_starts(one) if one.named else _nameless(one))["times"].to_list(), default=0)
        usual = max(usual, most * max(1.0, sides.candidate.seconds / max(1.0, one.seconds)))
    loops = found.filter((pl.col("times") >= LEAST) & (pl.col("times") > 2 * usual))
    loops = loops.sort("times", "instance", descending=[True, False])
    return tuple(Restarts(instance, times) for instance, times in loops.iter_rows())


def _starts(stretch: Stretch) -> pl.DataFrame:
    """Per instance, the most bins in which it wrote one of its starting messages. Entries that name no instance may be
    of any."""
    starts = _starting(stretch).filter(pl.col("instance") != "")
    each = starts.group_by("instance", "source", "key").agg(times=pl.col("bin").n_unique().cast(pl.Int64))
    return each.group_by("instance").agg(pl.col("times").max()).select("instance", "times")


def _nameless(stretch: Stretch) -> pl.DataFrame:
    """Where no entry names its instance, as in what is left of an old deployment: one may have written them all."""
    return _starting(stretch).group_by("source", "key").agg(times=pl.col("count").sum())


def _starting(stretch: Stretch) -> pl.DataFrame:
    counts = stretch.counts.counts
    keys = counts["key"].unique()
    return counts.filter(pl.col("key").is_in(keys.filter(keys.str.contains(STARTED)).implode()))


def looping(compared: Compared, loops: tuple[Restarts, ...]) -> Mask:
    """Clusters by which those instances say that they start."""
    out = np.zeros(len(compared.table), np.bool_)
    if loops:
        names = [one.instance for one in loops]
        its = compared.cells.filter((pl.col("stretch") == CANDIDATE) & pl.col("instance").is_in(names))
        out[its.filter(pl.col("key").str.contains(STARTED))["cluster"].unique().to_numpy()] = True
    return out


def at_each_start(compared: Compared, loops: tuple[Restarts, ...]) -> Mask:
    """Clusters that such an instance wrote at half of its starts at least: among its errors is what it ends by."""
    out = np.zeros(len(compared.table), np.bool_)
    if loops:
        least = pl.DataFrame({"instance": [one.instance for one in loops], "least": [one.times / 2 for one in loops]})
        its = compared.cells.filter(pl.col("stretch") == CANDIDATE).join(least, on="instance")
        often = its.group_by("instance", "cluster").agg(pl.col("bin").n_unique(), pl.col("least").first())
        out[often.filter(pl.col("bin") >= pl.col("least"))["cluster"].unique().to_numpy()] = True
    return out


def told(loops: tuple[Restarts, ...]) -> str:
    """As a part of a sentence; "" where none loops."""
    named = [f"instance {one.instance} started {one.times} times" for one in loops[:MOST]]
    more = f" and {len(loops) - MOST} more" if len(loops) > MOST else ""
    return ", ".join(named) + more


def silent(stretch: Stretch) -> tuple[str, ...]:
    """Notes on instances that stopped writing while most others went on, without a word of ending."""
    counts = stretch.counts.counts.filter(pl.col("instance") != "")
    blocks = min(stretch.bins, PARTS)
    at = pl.col("bin").cast(pl.Int64) * blocks // max(1, stretch.bins)
    each = counts.group_by("instance").agg(
        begin=at.min(), end=at.max(), spoken=at.n_unique(), last=pl.col("last").max()
    )
    if len(each) < 2:
        return ()
    over, lived = max(LEAST_SILENT, round(SILENT * blocks)), pl.col("end") - pl.col("begin") + 1
    steady = (pl.col("spoken") >= LEAST_SILENT) & (pl.col("spoken") >= STEADY * lived)
    fell = each.filter(steady & (pl.col("end") + over <= pl.col("end").max())).sort("instance")
    if fell.is_empty() or 2 * len(fell) > len(each):
        return ()
    left = _farewells(stretch, fell)
    names = [name for name in fell["instance"] if name not in left]
    listed = ", ".join(names[:MOST]) + (f" and {len(names) - MOST} more" if len(names) > MOST else "")
    return (f"Fell silent without a word while others went on: {listed}.",) if names else ()


def fewer(sides: Sides) -> tuple[str, ...]:
    """A note where, after, less than half as many instances wrote as before: the others may not have come up. In a
    window of more than twice the length more may have come and gone."""
    if sides.concurrent or sides.beside is not None:
        return ()
    alike = [one for one in sides.own if one.seconds <= 2 * sides.candidate.seconds]
    here, before = len(sides.candidate.named), min((len(one.named) for one in alike), default=0)
    if not 0 < 2 * here < before:
        return ()
    wrote = "1 instance" if here == 1 else f"{here} instances"
    return (f"Only {wrote} wrote in the candidate's window, {before} in the baseline's: the others may not be up.",)


def _farewells(stretch: Stretch, fell: pl.DataFrame) -> frozenset[str]:
    """Those that spoke of an end within the last minute of theirs."""
    its = stretch.counts.counts.join(fell.select("instance", end="last"), on="instance")
    its = its.filter(pl.col("last") >= pl.col("end") - timedelta(minutes=1))
    return frozenset(its.filter(pl.col("key").str.contains(ENDED))["instance"])
