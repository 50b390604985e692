"""What the stored slices of a window give a judgement: their counts, and the seconds for which these stand."""

import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from logverdict.domain.coverage import add_instances
from logverdict.domain.verification import Plan, Slice, SourceCoverage, Verification
from logverdict.domain.window import Window
from logverdict.verify.coverage import exposure
from logverdict.verify.engine_ports import WindowCounts
from logverdict.verify.plan import candidate_slices
from logverdict.verify.ports import StoredSlice

Stored = Mapping[str, StoredSlice]
"""By key."""


def window_counts(
    pieces: Sequence[Slice],
    stored: Stored,
    window: Window,
    plan: Plan,
    evidence: tuple[tuple[str, int], ...] | None = None,
) -> WindowCounts:
    """Of the slices that are due of a window. Each stands for as much of its time as was read of it, none where
    nothing is stored; several sources share the window's time alike."""
    found = [(piece.span.seconds, stored[piece.key]) for piece in pieces if piece.key in stored]
    due = sum(piece.span.seconds for piece in pieces)
    share = sum(seconds * exposure(one) for seconds, one in found) / due if due else 0.0
    counts = tuple(one.counts for _, one in found if one.counts is not None)
    bins = max(1, math.ceil(window.seconds / plan.bin_seconds))
    return WindowCounts(counts, window.seconds * share, bins, evidence)


def judged_upto(verification: Verification) -> datetime:
    """The event time up to which its last look judged; the start of its window where it came to none."""
    plan = verification.plan
    if not verification.look:
        return plan.candidate.start
    end = plan.looks[verification.look - 1]
    return max(plan.candidate.start, min(end, verification.closes_at or end))


def candidate_pieces(verification: Verification) -> list[Slice]:
    """The slices that its last look judged."""
    return list(candidate_slices(verification.request, verification.plan, judged_upto(verification)))


def candidate_counts(verification: Verification, stored: Stored) -> WindowCounts:
    """The candidate as its last look judged it; of no seconds where there was none."""
    upto, plan = judged_upto(verification), verification.plan
    evidence = evidence_of(verification.coverage, "candidate")
    if upto == plan.candidate.start:
        return WindowCounts((), 0.0, 1, evidence)
    window = Window(plan.candidate.start, upto)
    return window_counts(candidate_pieces(verification), stored, window, plan, evidence)


def evidence_of(parts: Iterable[SourceCoverage], side: str) -> tuple[tuple[str, int], ...] | None:
    """A side's evidence by instance, as it was counted and stored then; None where there was no such query."""
    rows = add_instances(row for part in parts if part.side == side for row in part.coverage.instances)
    found = tuple((row.instance, row.evidence) for row in rows if row.evidence is not None)
    return found or None


def some_deleted(verification: Verification, due: Sequence[Slice], stored: Stored) -> bool:
    """Whether retention, which works in steps, took any slice of a verification that was judged. What was due is stored
    by then, read or not; only where a newer deployment closed the window, its last slice may never have been read."""
    closes = verification.closes_at
    gone = [piece for piece in due if piece.key not in stored]
    return bool(gone) and (len(gone) == len(due) or any(closes is None or piece.span.end < closes for piece in gone))
