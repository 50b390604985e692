"""What the use cases need from the engine: what it is given, what it answers, and who runs it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import polars as pl

from logverdict.domain.feedback import Feedback
from logverdict.domain.result import Judgement
from logverdict.domain.verification import Plan, Request, Slice
from logverdict.domain.window import Window
from logverdict.verify.ports import Raw


@dataclass(frozen=True, slots=True)
class WindowCounts:
    """Bytes of TemplateCounts of a window's slices, and the seconds that they cover. `evidence`: entries that evidence
    queries count, by instance; None where no source has such a query. `masked_by`: the rules that made templates of its
    keys already, where those are all that is left; "" for keys, which any mask table can be applied to."""

    slices: tuple[bytes, ...]
    seconds: float
    bins: int
    evidence: tuple[tuple[str, int], ...] | None = None
    masked_by: str = ""


@dataclass(frozen=True, slots=True)
class JudgeTask:
    """All that a judgement depends on. `baselines` are in the plan's order: windows, then verifications. `history`:
    the candidates of earlier good verifications. `rules`: the versions of key and mask table to judge by;
    "" for those of today."""

    request: Request
    candidate: WindowCounts
    baselines: tuple[WindowCounts, ...]
    look: int
    looks: int
    history: tuple[WindowCounts, ...] = ()
    feedback: tuple[Feedback, ...] = ()
    rules: str = ""


@dataclass(frozen=True, slots=True)
class Counted:
    """What became of `Raw`. `counts`: of its entries, None where none are to be counted yet; `read`: how many there
    were (schema `coverage.TALLY`); `held`: entries that the next ones may go on with; `found`: for the source."""

    counts: bytes | None
    read: pl.DataFrame
    held: tuple[pl.DataFrame, ...]
    found: Any


@dataclass(frozen=True, slots=True)
class Judged:
    """`templates` are for `template_rows`."""

    judgement: Judgement
    templates: bytes = b""


class Analyst(Protocol):
    """Runs the engine out of the event loop's way. Raises VerifyError when the worker dies."""

    async def reduce(self, entries: Sequence[pl.DataFrame], piece: Slice, plan: Plan, span: Window) -> bytes:
        """The counts of the entries of `span`, the slice or a part of it, split stack traces joined. Entries from its
        end on (at most `analysis.join.WITHIN` later) only go on with a trace that begins before."""
        ...

    async def count_raw(
        self, raw: Raw, held: Sequence[pl.DataFrame], piece: Slice, plan: Plan, span: Window
    ) -> Counted:
        """The same of entries that are still to be made out, those that were `held` before them."""
        ...

    async def count(self, rows: pl.DataFrame, last: pl.DataFrame, piece: Slice, plan: Plan) -> bytes:
        """The counts of what a source reduced: `Reduced.rows` (none of them UNREDUCED) and `Reduced.last`."""
        ...

    async def judge(self, task: JudgeTask) -> Judged: ...
