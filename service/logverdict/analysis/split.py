"""Tells changed instances from unchanged ones, and chooses what is compared with what."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from logverdict.analysis.sides import Sides, Stretch
from logverdict.domain.deployment import ChangedInstances
from logverdict.domain.words import Comparison, Reason, Severity

STAYED = 0.75
"""Share of the window for which unchanged instances have to write, to be compared with at the same time."""


@dataclass(frozen=True)
class Refusal:
    """There is nothing to compare: the verdict is INCONCLUSIVE for this reason."""

    reason: Reason
    sentence: str


@dataclass(frozen=True)
class Question:
    """What the caller asked for. `own_baseline`: the request named windows or verifications to compare with."""

    comparison: Comparison
    changed: ChangedInstances
    version: str
    traffic_share: float | None
    own_baseline: bool
    min_entries: int


@dataclass(frozen=True)
class Told:
    """The candidate window's instances, told apart, and by what."""

    changed: frozenset[str]
    unchanged: frozenset[str]
    how: str
    sure: bool
    """False where they were only told by being there after the rollout alone."""


def split(candidate: Stretch, baselines: Sequence[Stretch], question: Question) -> Sides | Refusal:
    """The two sides. Instances are told apart in the candidate window only; a baseline window is baseline whole."""
    told = _tell(candidate, baselines, question)
    if question.comparison is Comparison.CONCURRENT:
        return _refuse(told) or _concurrent(candidate, baselines, told, question, "as asked for")
    if question.comparison is Comparison.AUTO:
        against = _why_not_concurrent(candidate, baselines, told, question)
        if against is None:
            why = f"{len(told.changed)} changed and {len(told.unchanged)} unchanged instances run side by side"
            return _concurrent(candidate, baselines, told, question, f"{why} ({told.how})")
        return _before_after(candidate, baselines, told, against)
    return _before_after(candidate, baselines, told, "as asked for")


def _tell(candidate: Stretch, baselines: Sequence[Stretch], question: Question) -> Told:
    here = candidate.counts.instances.select("instance", "version").unique()
    names = candidate.named
    changed, how, sure = _changed(here, names, baselines, question)
    return Told(frozenset(changed) & names, names - frozenset(changed), how, sure)


def _changed(
    here: pl.DataFrame, names: frozenset[str], baselines: Sequence[Stretch], question: Question
) -> tuple[frozenset[str], str, bool]:
    wanted = question.changed
    if wanted.pattern:
        return matching(wanted.pattern, names), f"told by the pattern {wanted.pattern!r}", True
    if wanted.names:
        return names & frozenset(wanted.names), "told by the request's list", True
    version = wanted.version or question.version
    before = frozenset[str]().union(*(stretch.names for stretch in baselines))
    of_version = frozenset(here.filter(pl.col("version") == version)["instance"]) - {""}
    if wanted.version or of_version:  # those that only evidence shows name no version
        return of_version | (names - frozenset(here["instance"]) - before), f"told by version {version!r}", True
    return names - before, "told as those that are only there after the rollout", False


def matching(pattern: str, names: frozenset[str]) -> frozenset[str]:
    """The names that match as a whole. By an engine of linear time: the pattern comes from a caller.

    Raises ValueError for what that engine does not know (look-around, back-references).
    """
    ordered = pl.Series(sorted(names), dtype=pl.String)
    try:
        return frozenset(ordered.filter(ordered.str.contains(f"^(?:{pattern})$", strict=True)))
    except pl.exceptions.ComputeError as fault:
        lines = str(fault).splitlines()
        raise ValueError(next((line for line in lines if line.startswith("error: ")), lines[0])) from None


def _refuse(told: Told) -> Refusal | None:
    if not told.changed:
        sentence = f"No changed instance wrote anything in the window ({told.how})."
        return Refusal(Reason.NO_CHANGED_INSTANCES, sentence)
    if not told.unchanged:
        sentence = f"No unchanged instance wrote anything in the window ({told.how}), so there is nothing beside it."
        return Refusal(Reason.NO_UNCHANGED_INSTANCES, sentence)
    return None


def _why_not_concurrent(candidate: Stretch, baselines: Sequence[Stretch], told: Told, question: Question) -> str | None:
    """Why AUTO does not compare at the same time; None when it does."""
    if question.own_baseline:
        return "the request names its baseline"
    if not told.changed and not told.unchanged:
        return "entries name no instance" if candidate.entries else "the candidate has no entries"
    if not told.changed:
        return "all instances were there before the rollout"
    if not told.unchanged:
        return "no unchanged instance runs beside the changed ones"
    for word, side in (("changed", told.changed), ("unchanged", told.unchanged)):
        entries = candidate.only(side).entries
        if entries < question.min_entries:
            return f"the {word} instances wrote {entries} entries, fewer than {question.min_entries}"
    if _replaced(candidate, baselines, told):
        return "the unchanged instances were replaced during the window"
    if not told.sure and _new_and_bad(candidate, told, baselines):
        return "the instances that were there before the rollout write the same new warnings or errors"
    return None


def _replaced(candidate: Stretch, baselines: Sequence[Stretch], told: Told) -> bool:
    """The unchanged instances fall silent before the window's last quarter. Evidence does not tell when: it is at most
    three quarters of what it was."""
    if candidate.evidence is not None:
        known = [(one.only(told.unchanged), one.seconds) for one in baselines if one.evidence is not None]
        usual = sum(one.entries for one, _ in known) / max(1.0, sum(seconds for _, seconds in known))
        return candidate.only(told.unchanged).entries < STAYED * usual * candidate.seconds
    last = candidate.only(told.unchanged).counts.counts["bin"].max()
    return isinstance(last, int) and last < int(candidate.bins * STAYED)


def _new_and_bad(candidate: Stretch, told: Told, baselines: Sequence[Stretch]) -> bool:
    """Hosts that keep their names over a deployment, beside one that was added, are no control for it: they break
    alike. So a new warning or error of the changed instances that most of the others write, too, speaks against it."""
    before = frozenset[str]().union(*(stretch.counts.counts["key"] for stretch in baselines))
    bad = candidate.counts.counts.filter(pl.col("severity") >= int(Severity.WARN)).select("key", "instance").unique()
    writers: dict[str, set[str]] = {}
    for key, instance in bad.iter_rows():
        if key not in before:
            writers.setdefault(key, set()).add(instance)
    half = len(told.unchanged) / 2
    return any(names & told.changed and len(names & told.unchanged) > half for names in writers.values())


def _concurrent(candidate: Stretch, baselines: Sequence[Stretch], told: Told, question: Question, reason: str) -> Sides:
    """The time before the rollout is background: what it holds is not new."""
    return Sides(
        candidate=candidate.only(told.changed),
        baselines=(candidate.only(told.unchanged),),
        background=tuple(baselines),
        comparison=Comparison.CONCURRENT,
        reason=reason,
        traffic_share=question.traffic_share,
        notes=(_names(told), *_nameless(candidate)),
    )


def _before_after(candidate: Stretch, baselines: Sequence[Stretch], told: Told, reason: str) -> Sides | Refusal:
    """Entries of instances that are not changed belong to neither side, unless they are only guessed to be unchanged
    and run on."""
    if told.sure and not told.changed:
        return Refusal(Reason.NO_CHANGED_INSTANCES, f"No changed instance wrote anything in the window ({told.how}).")
    replaced = _replaced(candidate, baselines, told)
    mixed = bool(told.changed and told.unchanged) and (told.sure or replaced)
    return Sides(
        candidate=candidate.only(told.changed) if mixed else candidate,
        baselines=tuple(baselines),
        background=(),
        comparison=Comparison.BEFORE_AFTER,
        reason=reason,
        beside=candidate.only(told.unchanged) if mixed and not replaced else None,
        notes=(f"{_names(told)}; entries of the others belong to neither side", *_nameless(candidate)) if mixed else (),
    )


def _nameless(candidate: Stretch) -> tuple[str, ...]:
    count = candidate.only(frozenset({""})).counts.total()
    return (f"{count:,} entries of the window name no instance and belong to neither side",) if count else ()


def _names(told: Told, most: int = 5) -> str:
    names = sorted(told.changed)
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return f"changed instances, {told.how}: {', '.join(names[:most])}{more}"
