"""Earlier verifications as baselines: those that a request names, and the good ones that feed the noise floor."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import replace

import polars as pl

from logverdict.analysis.counts import COUNTS, TemplateCounts, add, empty, key_version
from logverdict.analysis.rules import RULES_VERSION
from logverdict.domain.errors import FailedPrecondition, NotFound
from logverdict.domain.result import Judgement
from logverdict.domain.verification import Plan, Request, Verification
from logverdict.domain.words import Verdict
from logverdict.verify.engine_ports import WindowCounts
from logverdict.verify.keyed import left_out, same_key
from logverdict.verify.ports import Store, TemplateRow
from logverdict.verify.window_counts import candidate_counts, candidate_pieces, some_deleted

LOOKED_AT = 4
"""Good verifications that are looked at for each that is wanted: some have other sources, or share their time."""


async def with_history(store: Store, request: Request, plan: Plan) -> Plan:
    """The plan with the earlier good verifications that feed its noise floor. A request that names its baseline is
    compared with just that."""
    most = request.policy.history
    if not most or request.baseline.windows or request.baseline.verifications:
        return plan
    deployment = request.deployment
    good = await store.good(deployment.service, deployment.environment, deployment.rollout_start, LOOKED_AT * most)
    fitting = list(_fitting(good, request, plan))
    kept = [other for other in fitting if same_key(other, plan.rules or RULES_VERSION)]
    lost = left_out(len(fitting) - len(kept), len(fitting), "earlier good verifications") if len(kept) < most else ()
    chosen = kept[:most]
    if not chosen:
        return replace(plan, notes=(*plan.notes, *lost))
    first, last = chosen[-1].plan.candidate.start, chosen[0].plan.candidate.start
    count = f"{len(chosen)} earlier good verifications" if len(chosen) > 1 else "1 earlier good verification"
    since = f"of {first:%Y-%m-%d}" + (f" to {last:%Y-%m-%d}" if last.date() != first.date() else "")
    note = f"{count} {since} feed{'s' if len(chosen) == 1 else ''} the noise floor"
    return replace(plan, history=tuple(other.name for other in chosen), notes=(*plan.notes, note, *lost))


def _fitting(good: Sequence[Verification], request: Request, plan: Plan) -> Iterator[Verification]:
    """Judged over their whole window, from the same sources, and no entry of theirs counts
    twice: not in a window of the plan, nor in two of them."""
    taken = [plan.candidate, *plan.baselines]
    for other in good:
        judgement, window = other.judgement, other.plan.candidate
        whole = not other.superseded_by and other.closes_at is None
        alike = judgement is not None and _sources(other) == _of(request)
        if whole and alike and _good_by_itself(judgement) and not any(window.overlaps(one) for one in taken):
            taken.append(window)
            yield other


def _good_by_itself(judgement: Judgement | None) -> bool:
    """Not by a person's word only: what is ignored until a day would be known for ever."""
    without = judgement.without_feedback if judgement is not None else None
    return without is None or without.verdict is Verdict.PASS


def _sources(other: Verification) -> set[tuple[str, str]]:
    return _of(other.request)


def _of(request: Request) -> set[tuple[str, str]]:
    """By name and connection: queries may hold the version, and differ each time."""
    return {(source.name, source.connection) for source in request.profile.sources}


async def past(store: Store, names: Sequence[str]) -> tuple[WindowCounts, ...]:
    """The candidates of earlier good verifications. Counts are deleted sooner than templates, which then stand for
    them. What has been deleted whole since the plan was made is left out; the judgement says how many were used."""
    found = []
    for name in names:
        try:
            other = await store.get(_id(name))
        except NotFound:
            continue
        if (whole := await judged_counts(store, other)) is not None:
            found.append(await asyncio.to_thread(_summed, whole))
        elif rows := [row for row in await store.templates(other.id) if row.side == "candidate"]:
            found.append(replace(_remembered(rows), masked_by=other.judgement.mask_version if other.judgement else ""))
    return tuple(found)


async def pinned(store: Store, names: Sequence[str]) -> tuple[WindowCounts, ...]:
    """The candidates of the good verifications that serve as baseline, as they were judged.

    Raises FailedPrecondition with reason COUNTS_DELETED, naming the one whose counts are no longer there whole: without
    them all is new, and where other evidence shows that the service ran, that would be a failure.
    """
    found = []
    for name in names:
        try:
            counts = await judged_counts(store, await store.get(_id(name)))
        except NotFound:
            counts = None
        if counts is None:
            fault = f"the counts of its baseline {name} were deleted for their age"
            raise FailedPrecondition(fault, reason="COUNTS_DELETED")
        found.append(counts)
    return tuple(found)


async def judged_counts(store: Store, other: Verification) -> WindowCounts | None:
    """Its candidate as it was judged; None where any of that was deleted."""
    stored = {piece.key: piece for piece in await store.slices(other.id)}
    return None if some_deleted(other, candidate_pieces(other), stored) else candidate_counts(other, stored)


def _summed(window: WindowCounts) -> WindowCounts:
    """One sum of all slices, made once and not at each look, without samples: an event shows those of what was read for
    it. Which instance wrote what stays: starts, and what comes several times at once, are told by instance."""
    if len(set(map(key_version, window.slices))) > 1:  # the judgement leaves it out
        return window
    whole = add(TemplateCounts.from_bytes(data) for data in window.slices)
    return replace(window, slices=(replace(whole, samples=empty().samples).to_bytes(),))


def _remembered(rows: Sequence[TemplateRow]) -> WindowCounts:
    """Of a window of which only the templates are left: all entries in one bin, of one instance, over as many seconds
    as all instances had. Masking a template gives it back."""
    frame = pl.DataFrame(
        {
            "source": ["" for _ in rows],
            "key": [row.template for row in rows],
            "severity": [row.severity for row in rows],
            "instance": ["" for _ in rows],
            "bin": [0 for _ in rows],
            "count": [row.count for row in rows],
            "first": [row.first for row in rows],
            "last": [row.last for row in rows],
        },
        schema=COUNTS,
    )
    counts = replace(empty(), counts=frame.sort("source", "key", "severity"))
    exposure = max((row.count / row.rate for row in rows if row.rate > 0), default=1.0)
    return WindowCounts((counts.to_bytes(),), exposure, 1)


def _id(name: str) -> str:
    return name.removeprefix("verifications/")
