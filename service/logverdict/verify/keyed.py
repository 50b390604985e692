"""Which counts of a judgement can be compared: those of the same key. Others are left out and named, never UNKNOWN."""

from collections.abc import Sequence
from dataclasses import replace

from logverdict.analysis.counts import key_version
from logverdict.analysis.rules import RULES_VERSION, key_of
from logverdict.analysis.split import Refusal
from logverdict.domain.verification import Verification
from logverdict.domain.words import Reason
from logverdict.verify.engine_ports import JudgeTask, WindowCounts


def keyed_alike(task: JudgeTask) -> tuple[JudgeTask, tuple[str, ...]] | Refusal:
    """The task with the counts that its rules can mask, and notes on what was left out; or why nothing is left."""
    rules = task.rules or RULES_VERSION
    if not _fits(task.candidate, rules):
        return _refusal("part of the candidate")
    baselines = tuple(one for one in task.baselines if _fits(one, rules))
    if task.baselines and not baselines:
        return _refusal("the baseline")
    history = tuple(one for one in task.history if _fits(one, rules))
    notes = (
        *left_out(len(task.baselines) - len(baselines), len(task.baselines), "baselines"),
        *left_out(len(task.history) - len(history), len(task.history), "earlier verifications"),
    )
    return replace(task, baselines=baselines, history=history, rules=rules), notes


def same_key(one: Verification, rules: str = RULES_VERSION) -> bool:
    """Whether it was judged by the same key, whatever the mask table: its counts are masked anew."""
    return one.judgement is not None and key_of(one.judgement.mask_version) == key_of(rules)


def left_out(lost: int, of: int, what: str) -> Sequence[str]:
    """As a note; none where nothing was lost."""
    were = "was" if lost == 1 else "were"
    return [f"{lost} of {of} {what} {were} keyed by other rules and left out ({Reason.MASK_CHANGED})"] if lost else []


def _fits(window: WindowCounts, rules: str) -> bool:
    """A template is what its mask table left of a key: no other table can be applied any more."""
    return window.masked_by in ("", rules) and all(key_version(data) == key_of(rules) for data in window.slices)


def _refusal(what: str) -> Refusal:
    return Refusal(
        Reason.MASK_CHANGED,
        f"Cannot judge: {what} was counted by the rules of another version of logverdict, and can't be compared.",
    )
