"""From stored slices to a judgement: what a worker process does, pure."""

from collections.abc import Sequence
from dataclasses import replace

import polars as pl

from logverdict.analysis import engine
from logverdict.analysis.count import of_reduced
from logverdict.analysis.counts import TemplateCounts, add, empty
from logverdict.analysis.entries import MAX_ROWS
from logverdict.analysis.join import join
from logverdict.analysis.rules import RULES_VERSION
from logverdict.analysis.sides import Sides, Stretch, alike
from logverdict.analysis.split import Question, Refusal, split
from logverdict.domain.result import Judgement
from logverdict.domain.verification import Plan, Request, Slice
from logverdict.domain.window import Window
from logverdict.domain.words import Reason, Verdict
from logverdict.verify.coverage import tally
from logverdict.verify.engine_ports import Counted, Judged, JudgeTask, WindowCounts
from logverdict.verify.keyed import keyed_alike
from logverdict.verify.parts import countable
from logverdict.verify.ports import Raw
from logverdict.verify.template_rows import packed_rows


def reduce_slice(entries: Sequence[pl.DataFrame], piece: Slice, plan: Plan, span: Window) -> bytes:
    """The counts of the entries of `span`, split stack traces joined, bins numbered from the start of the slice's
    window. Entries from the span's end on only go on with a trace that begins before."""
    filled = [batch for batch in entries if batch.height]
    if not filled:
        return empty().to_bytes()
    joined = join(pl.concat(filled, how="diagonal"), span, piece.source.severities)
    pages = [joined.slice(at, MAX_ROWS) for at in range(0, len(joined), MAX_ROWS)]
    counts = engine.reduce(
        pages,
        source=piece.source.name,
        start=plan.window(piece.window).start,
        bin_seconds=plan.bin_seconds,
        severities=piece.source.severities,
        own=piece.source.redactions,
    )
    return counts.to_bytes()


def count_raw(raw: Raw, held: Sequence[pl.DataFrame], piece: Slice, plan: Plan, span: Window) -> Counted:
    """The counts of entries of `span` that are still to be made out, and of those `held` before; see `reduce_slice`."""
    made, found = raw.make_out()
    read = tally(made, plan, piece, span)
    now, later = countable([*held, *made], raw.last)
    return Counted(reduce_slice(now, piece, plan, span) if now else None, read, tuple(later), found)


def count_slice(rows: pl.DataFrame, last: pl.DataFrame, piece: Slice) -> bytes:
    """The counts of what a source reduced: rows of schema `reduced.REDUCED`, bins numbered from the window's start,
    none of them UNREDUCED; `last` are entries of schema `entries.SCHEMA`."""
    return of_reduced(
        rows, last, source=piece.source.name, severities=piece.source.severities, own=piece.source.redactions
    ).to_bytes()


def judge_task(task: JudgeTask) -> Judged:
    """The same task gives the same judgement, for ever."""
    fitting = keyed_alike(task)
    if isinstance(fitting, Refusal):
        return Judged(_refused(fitting, task, [], []))
    task, notes = fitting
    candidate, *baselines = alike([_stretch(window) for window in (task.candidate, *task.baselines)])
    telling = [stretch for stretch in baselines if stretch.seconds > 0 and stretch.entries] or baselines
    sides = _unread(candidate, baselines) or split(candidate, telling, _question(task.request))
    if isinstance(sides, Refusal):
        return Judged(_refused(sides, task, [candidate], baselines))
    sides = replace(_with_past(sides, task), rules=task.rules)
    judgement = engine.judge(sides, task.request.policy, look=task.look, looks=task.looks, feedback=task.feedback)
    if silent := len(baselines) - len(telling):
        notes = (*notes, f"{silent} of {len(baselines)} baseline windows hold no entries and were left out")
    return Judged(replace(judgement, notes=(*judgement.notes, *notes)), packed_rows(sides))


def _stretch(window: WindowCounts) -> Stretch:
    counts = add(TemplateCounts.from_bytes(data) for data in window.slices)
    evidence = None if window.evidence is None else dict(window.evidence)
    return Stretch(counts, window.seconds, window.bins, evidence)


def _with_past(sides: Sides, task: JudgeTask) -> Sides:
    """Windows of earlier good deployments are baselines too. Beside instances that run at the same time they only tell
    what is not new."""
    windows = tuple(one for one in map(_stretch, task.history) if one.seconds > 0 and one.entries)
    if sides.concurrent:
        return replace(sides, background=(*sides.background, *windows))
    return replace(sides, baselines=(*sides.baselines, *windows), history=len(windows))


def _unread(candidate: Stretch, baselines: Sequence[Stretch]) -> Refusal | None:
    """Of a stretch of no seconds nothing was read: that is an outage, not silence, and gives no rate."""
    for word, stretches in (("candidate", [candidate]), ("baseline", baselines)):
        if not any(stretch.seconds > 0 for stretch in stretches):
            return Refusal(Reason.SOURCE_UNAVAILABLE, f"Nothing of the {word} could be read.")
    return None


def _question(request: Request) -> Question:
    return Question(
        comparison=request.comparison,
        changed=request.changed,
        version=request.deployment.version,
        traffic_share=request.deployment.traffic_share,
        own_baseline=bool(request.baseline.windows or request.baseline.verifications),
        min_entries=request.policy.min_entries,
    )


def _refused(refusal: Refusal, task: JudgeTask, candidate: list[Stretch], baselines: list[Stretch]) -> Judgement:
    return Judgement(
        verdict=Verdict.INCONCLUSIVE,
        score=0,
        reason=refusal.reason,
        sentence=refusal.sentence,
        comparison=task.request.comparison,
        comparison_reason="as asked for",
        baseline=engine.side(baselines),
        candidate=engine.side(candidate),
        judge_version=engine.JUDGE_VERSION,
        mask_version=task.rules or RULES_VERSION,
    )
