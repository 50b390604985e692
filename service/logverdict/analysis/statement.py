"""What a job says of its own outcome among its last entries: the last word wins."""

import re
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import polars as pl

from logverdict.analysis.compare import Compared, Mask
from logverdict.analysis.sides import Sides, Stretch

_WHO = (
    r"(?:finished|build|jobs?|result|outcome|conclusion|pipeline|workflow|run|commands?|tests?|playbook|plan|overall)"
)
_GOOD = r"(?:success(?:ful(?:ly)?)?|succeeded|passed)"
_BAD = r"(?:failure|failed|unsuccessful(?:ly)?|errored|aborted|unstable)"
_EXIT = (
    r"\b(?:exit(?:ed|s)?(?: with)?(?: (?:code|status|value))?|return(?:ed)?(?: (?:code|value))|rc)\b[ :=]{1,3}[\"']?"
)
_BETWEEN = r"[\"']?(?:[ :=|,-]+(?:\w+|#|complete,|is|was|has|status)){0,3}[ :=]+[\"']?"
_JOB = r"\b(?:job|build|pipeline|workflow|run|migration|backup|rollout|deployment)\b"
_FIELD = r"\b(?:status|state|outcome|result|conclusion)\b\W{1,4}"
_ENDED = r"\b(?:completed|finished|ended|done)"
FAILED = re.compile(
    rf"(?i)\b{_WHO}{_BETWEEN}{_BAD}\b|{_EXIT}[1-9][0-9]{{0,2}}#|{_ENDED} with (?:# )?(?:errors?|failures?|problems?)\b"
    rf"|{_JOB}.{{0,120}}{_FIELD}{_BAD}\b|\b(?:job|build|pipeline|workflow) [\"'][^\"']+[\"'] (?:has |is |was )?{_BAD}\b"
    rf"|\bjob timed out\b|\b(?:build|pipeline|workflow){_BETWEEN}(?:terminated|cancell?ed|timed out)\b"
    r"|\bmarking (?:task|run) as failed\b"
    r"|^(?:\w+\[#\]: )?\S+\.service: failed with result"
    r"|^=+ (?:\S+ \w+, )*# (?:failed|errors?)\b.* =+$|^failed \((?:failures|errors)=|^make\S*: \*\*\* "
    r"|^FAIL(?:\s+\S+)?(?:\s+[\d.#]+s?)?$"
    r"|\bfailed=[1-9][0-9]*#|(?:auftrag|lauf|vorgang|verarbeitung|bereitstellung)\b.{0,30}(?:fehlgeschlagen"
    r"|abgebrochen|gescheitert)\b"
    r"|\b(?:tâche|travail|déploiement)\b.{0,30}\béchoué|\b(?:tarea|trabajo|despliegue)\b.{0,30}\b(?:falló|fallado"
    r"|fallid[oa])\b"
    r"|(?:构建|任务|作业|部署|流水线|迁移)(?:执行)?失败|(?:ビルド|ジョブ|デプロイ|バッチ)[がはに]?失敗|異常終了"
)
SUCCEEDED = re.compile(
    rf"(?i)\b{_WHO}{_BETWEEN}{_GOOD}|{_EXIT}0#|{_ENDED} (?:successfully|without errors)\b"
    rf"|{_JOB}.{{0,120}}{_FIELD}(?:{_GOOD}|completed)\b|\btest result: ok\b|\bmarking (?:task|run) as success\b"
    r"|^(?:\w+\[#\]: )?\S+\.service: (?:succeeded|deactivated successfully)|^(?:apply|destroy) complete!"
    r"|^all checks passed\b"
    r"|^=+ # passed(?:, # (?:skipped|warnings?|xfailed|xpassed|deselected))* in \S+.* =+$|^ok(?: \(.*\))?$"
    r"|\bterminée? avec succès|\bcon éxito\b|erfolgreich (?:beendet|abgeschlossen)\b"
    r"|(?:构建|任务|作业|部署|流水线|迁移)(?:执行)?成功"
    r"|(?:ビルド|ジョブ|デプロイ|バッチ)[がはに]?成功|正常終了"
)
_LAST_ERROR = re.compile(r"(?i)^(?:error|fatal)\b.{0,60}\bfailed\b")
"""What only a run says of itself: a service says so of its work."""
_TALLY = re.compile(r"(?i)\b0 (?:failed|failures|errors)\b(?![\"']?[=:])|(?:#% tests passed, )?# tests failed out of #")
"""Of a summary: it takes nothing away, but reads like a failure, or like a success although some failed."""
_PART = re.compile(r"(?i)\bpid\b|\bworkers?\b|\bchild\b")
"""Who speaks of a part that ended, such as one of its processes, says nothing of the whole."""
OUTCOME = (
    rf"(?i)\b{_WHO}{_BETWEEN}{_BAD}\b|{_EXIT}[1-9][0-9]{{0,2}}#|\b(?:marked|reported)(?: \w+)? as fail"
    r"|^\W*(?:\w+\W+)?# (?:errors?|failures?|failed|problems?)\W*$"
    r"|^\W*\w+(?: [\w-]+)* \.{3,} (?:FAILURE|FAILED|ERROR)\b"
)
"""What a message says when it only sums up: an effect, of which other messages tell the cause."""
LAST = 5
"""Entries from the end within which a statement counts although the baseline made none."""
ONCE = 2
"""Times that an instance says how the whole ended, at most: what runs jobs for others says of each how it ended."""


class Outcome(StrEnum):
    NONE = "none"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Statement:
    """`last`: it is one of the very last entries."""

    outcome: Outcome
    key: str = ""
    last: bool = False


def statements(sides: Sides, ended: bool) -> tuple[Statement, Statement, bool]:
    """What the candidate and the baseline say of themselves, and whether the candidate says that only it failed. Of a
    run that has `ended` more counts: that it failed anywhere, where it does not say at its end that it succeeded, as
    the baseline does; and among its last entries, where the baseline says nothing."""
    own = statement(sides.candidate, ended)
    each = [statement(one, ended) for one in sides.baselines]
    said = [one for one in each if one.outcome is not Outcome.NONE]
    before = said[0] if said else Statement(Outcome.NONE)
    if ended and own.outcome is Outcome.NONE and before.outcome is Outcome.SUCCEEDED:
        own = _failure(sides.candidate)
    comparable = before.outcome is Outcome.SUCCEEDED or ((own.last or ended) and not said)
    went_on = [one for one, its in zip(sides.baselines, each, strict=True) if its.outcome is not Outcome.FAILED]
    comparable &= not any(_made_by(one, own.key) for one in (*went_on, *sides.background))
    return own, before, own.outcome is Outcome.FAILED and comparable


def statement(stretch: Stretch, ended: bool = False) -> Statement:
    """The last statement of the instance that wrote last, among the last entries of all, that it does not make over
    and over; `ended`: of a run."""
    edges = stretch.counts.edges
    if edges.is_empty():
        return Statement(Outcome.NONE)
    last = edges.sort("time", "source", "instance", "hash", "key").tail(1)
    its = edges.filter((pl.col("source") == last["source"][0]) & (pl.col("instance") == last["instance"][0]))
    often = _often(stretch, last["source"][0], last["instance"][0])
    for place, key in enumerate(reversed(its.sort("time", "hash", "key")["key"].to_list())):
        if key in often or _PART.search(key):
            continue
        if _fails(key) or (ended and _LAST_ERROR.search(key)):
            return Statement(Outcome.FAILED, key, place < LAST)
        if SUCCEEDED.search(_TALLY.sub("", key)):
            return Statement(Outcome.SUCCEEDED, key, place < LAST)
    return Statement(Outcome.NONE)


def _often(stretch: Stretch, source: str, instance: str) -> frozenset[str]:
    its = (pl.col("source") == source) & (pl.col("instance") == instance)
    times = stretch.counts.counts.filter(its).group_by("key").agg(pl.col("count").sum())
    last = stretch.counts.edges.filter(its).group_by("key").agg(last=pl.len())
    before = pl.col("count") - pl.col("last").fill_null(0)
    often = times.join(last, on="key", how="left").filter((pl.col("count") > ONCE) & (before > 0))
    return frozenset(often["key"])


def _fails(key: str) -> bool:
    return bool(FAILED.search(_TALLY.sub("", key)))


def _failure(stretch: Stretch) -> Statement:
    """That it failed, said anywhere: more may follow than its last entries."""
    keys = stretch.counts.counts["key"].unique().sort()
    key = next((key for key in keys.to_list() if _fails(key) and not _PART.search(key)), "")
    return Statement(Outcome.FAILED, key) if key else Statement(Outcome.NONE)


def _made_by(stretch: Stretch, key: str) -> bool:
    """Whether it holds that statement anywhere: then it went on after it."""
    return bool((stretch.counts.counts["key"] == key).any())


def effects_of(compared: Compared) -> Mask:
    """New clusters that only sum up what others tell."""
    new = compared.cells.filter(pl.Series(compared.new)[compared.cells["cluster"]])
    telling = new.group_by("cluster").agg(pl.col("key").str.contains(OUTCOME).all())
    out = np.zeros(len(compared.table), np.bool_)
    out[telling.filter("key")["cluster"].to_numpy()] = True
    return out
