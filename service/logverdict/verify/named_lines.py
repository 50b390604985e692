"""Which lines of a recorded candidate belong to what counts against it."""

from collections.abc import Collection

import polars as pl

from logverdict.analysis.count import kept_keys
from logverdict.analysis.engine import Analysis
from logverdict.analysis.severity import combined, key_severities, level_severities, marked_by_author
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
    marked = marked_by_author(candidate, found) == int(Severity.WARN)
    lines = pl.DataFrame({"key": found, "severity": _severities(candidate, found)})
    named = _of_events(lines, analysis, bad) | (_of_events(lines, analysis, warned) & ~marked)
    new = _of_events(lines, analysis, analysis.new)
    frame = found.str.contains(CONTINUED) & trouble
    follows = frame | (found.str.contains(r"^\s+\S") & new)
    block = (~follows).cast(pl.Int32).cum_sum()
    head = pl.DataFrame({"block": block, "named": named}).select(pl.col("named").first().over("block"))["named"]
    return tuple((named | (follows & head) | (frame & new)).arg_true().to_list())


def _severities(entries: pl.DataFrame, keys: pl.Series) -> pl.Series:
    frame = pl.DataFrame({"key": keys, "level": level_severities(entries["level"], {})})
    frame = frame.join(key_severities(keys.unique()), on="key", how="left", maintain_order="left")
    return frame.select(severity=combined())["severity"]


def _of_events(lines: pl.DataFrame, analysis: Analysis, events: Collection[str]) -> pl.Series:
    """By key and severity; by key alone where it has none as severe, as lines that only name an exception are judged
    by their source."""
    known = analysis.events_of_keys
    wanted = known.filter(pl.col("event").is_in(sorted(events)))
    told = lines.with_columns(
        known=_among(lines, known, "key", "severity"),
        exact=_among(lines, wanted, "key", "severity"),
        alike=_among(lines, wanted, "key"),
    )
    return told.select(pl.col("exact") | (pl.col("alike") & ~pl.col("known")))["exact"]


def _among(lines: pl.DataFrame, rows: pl.DataFrame, *by: str) -> pl.Series:
    """Whether each line is one of those rows."""
    named = rows.select(by).unique().with_columns(there=pl.lit(True))
    return lines.join(named, on=by, how="left", maintain_order="left")["there"].fill_null(False)
