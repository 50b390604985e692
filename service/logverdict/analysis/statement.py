"""What a job says of its own outcome among its last entries: the last word wins."""

import re
from dataclasses import dataclass
from enum import StrEnum

import polars as pl

from logverdict.analysis.sides import Stretch

_WHO = (
    r"(?:finished|build|jobs?|result|outcome|conclusion|pipeline|workflow|run|commands?|tests?|playbook|plan|overall)"
)
_GOOD = r"(?:success(?:ful(?:ly)?)?|succeeded|passed)"
_BAD = r"(?:failure|failed|unsuccessful(?:ly)?|errored|aborted|unstable)"
_EXIT = r"\b(?:exit(?:ed|s)?(?: with)?(?: (?:code|status|value))?|return(?:ed)?(?: (?:code|value))|rc)\b[ :=]{1,3}"
_BETWEEN = r"[\"']?(?:[ :=|,-]+(?:\w+|#|complete,|is|was|has|status)){0,3}[ :=]+[\"']?"
_JOB = r"\b(?:job|build|pipeline|workflow|run|migration|backup|rollout|deployment)\b"
_FIELD = r"\b(?:status|state|outcome|result|conclusion)\b\W{1,4}"
_ENDED = r"\b(?:completed|finished|ended|done)"
FAILED = re.compile(
    rf"(?i)\b{_WHO}{_BETWEEN}{_BAD}\b|{_EXIT}[1-9][0-9]{{0,2}}#|{_ENDED} with (?:# )?(?:errors|failures)\b"
    rf"|{_JOB}.{{0,120}}{_FIELD}{_BAD}\b|\b(?:job|build|pipeline|workflow) [\"'][^\"']+[\"'] (?:has |is |was )?{_BAD}\b"
    r"|\bjob timed out\b|\bmarking (?:task|run) as failed\b|^(?:\w+\[#\]: )?\S+\.service: failed with result"
    r"|^=+ (?:\S+ \w+, )*# (?:failed|errors?)\b.* =+$|^failed \((?:failures|errors)=|^make\S*: \*\*\* .* error #"
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
_TALLY = re.compile(r"(?i)\b0 (?:failed|failures|errors)\b(?![\"']?[=:])")
"""Of a summary: it takes nothing away, but reads like a failure."""
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


def statement(stretch: Stretch) -> Statement:
    """The last statement of the instance that wrote last, among the last entries of all, that it does not make over
    and over."""
    edges = stretch.counts.edges
    if edges.is_empty():
        return Statement(Outcome.NONE)
    last = edges.sort("time", "source", "instance", "hash", "key").tail(1)
    its = edges.filter((pl.col("source") == last["source"][0]) & (pl.col("instance") == last["instance"][0]))
    often = _often(stretch, last["source"][0], last["instance"][0])
    for place, key in enumerate(reversed(its.sort("time", "hash", "key")["key"].to_list())):
        if key in often or _PART.search(key):
            continue
        if FAILED.search(_TALLY.sub("", key)):
            return Statement(Outcome.FAILED, key, place < LAST)
        if SUCCEEDED.search(key):
            return Statement(Outcome.SUCCEEDED, key, place < LAST)
    return Statement(Outcome.NONE)


def _often(stretch: Stretch, source: str, instance: str) -> frozenset[str]:
    counts = stretch.counts.counts.filter((pl.col("source") == source) & (pl.col("instance") == instance))
    times = counts.group_by("key").agg(pl.col("count").sum())
    return frozenset(times.filter(pl.col("count") > ONCE)["key"])


def made_by(stretch: Stretch, key: str) -> bool:
    """Whether it holds that statement anywhere: then it went on after it."""
    return bool((stretch.counts.counts["key"] == key).any())
