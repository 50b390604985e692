"""Which lines of a recorded candidate belong to what counts against it."""

from collections.abc import Collection

import polars as pl

from logverdict.analysis.count import kept_keys
from logverdict.analysis.engine import Analysis
from logverdict.analysis.severity import line_severities
from logverdict.analysis.template import CONTINUED
from logverdict.domain.words import EventKind, Impact, Reason, Severity, Verdict


def named_lines(candidate: pl.DataFrame, analysis: Analysis) -> tuple[int, ...]:
    """The second pass: numbers of the candidate's lines that belong to what counts against it.

    Where new errors or its own statement failed a deployment, what reads like a warning belongs to the trouble too,
    but what its author marked as one was expected. A head, its stack and its new indented lines are one event.
    """
    judgement = analysis.judgement
    events = judgement.events if judgement.verdict is Verdict.FAIL else ()
    bad = {event.id for event in events if event.impact is Impact.FAIL}
    trouble = judgement.reason is Reason.OWN_STATEMENT or any(
        e.id in bad and e.kind is EventKind.UNKNOWN for e in events
    )
    warned = {
        event.id for event in events if trouble and event.impact is Impact.WARN and event.severity is Severity.WARN
    }
    if not bad | warned:
        return ()
    found = kept_keys(candidate["message"])
    lines = line_severities(candidate, found).with_columns(found.alias("key"))
    marked, its = lines["given"] == int(Severity.WARN), _events(lines, analysis)
    named = _among(its, bad) | (_among(its, warned) & ~marked)
    new = _among(its, analysis.new)
    frame = found.str.contains(CONTINUED) & trouble
    follows = frame | (found.str.contains(r"^\s+\S") & new)
    block = (~follows).cast(pl.Int32).cum_sum()
    head = pl.DataFrame({"block": block, "named": named}).select(pl.col("named").first().over("block"))["named"]
    return tuple((named | (follows & head) | (frame & new)).arg_true().to_list())


def _events(lines: pl.DataFrame, analysis: Analysis) -> pl.Series:
    """Those of each line, by key and severity; by key alone where it has none as severe, as lines that only name an
    exception are judged by their source."""
    known = analysis.events_of_keys
    exact = known.group_by("key", "severity").agg("event")
    alike = known.group_by("key").agg(alike="event")
    told = lines.join(exact, on=["key", "severity"], how="left", maintain_order="left")
    told = told.join(alike, on="key", how="left", maintain_order="left")
    return told.select(pl.coalesce("event", "alike"))["event"]


def _among(events: pl.Series, wanted: Collection[str]) -> pl.Series:
    """Whether any of each line's is wanted."""
    return events.list.eval(pl.element().is_in(sorted(wanted))).list.any().fill_null(False)
