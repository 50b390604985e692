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
FAILED = re.compile(rf"(?i)\b{_WHO}{_BETWEEN}{_BAD}\b|{_EXIT}[1-9][0-9]{{0,2}}#|\bcompleted with (?:errors|failures)\b")
SUCCEEDED = re.compile(rf"(?i)\b{_WHO}{_BETWEEN}{_GOOD}|{_EXIT}0#|\bcompleted successfully\b")
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
    """The last statement of the instance that wrote last, among the last entries of all."""
    edges = stretch.counts.edges
    if edges.is_empty():
        return Statement(Outcome.NONE)
    last = edges.sort("time", "source", "instance", "hash", "key").tail(1)
    its = edges.filter((pl.col("source") == last["source"][0]) & (pl.col("instance") == last["instance"][0]))
    for place, key in enumerate(reversed(its.sort("time", "hash", "key")["key"].to_list())):
        if _PART.search(key):
            continue
        if FAILED.search(key):
            return Statement(Outcome.FAILED, key, place < LAST)
        if SUCCEEDED.search(key):
            return Statement(Outcome.SUCCEEDED, key, place < LAST)
    return Statement(Outcome.NONE)
