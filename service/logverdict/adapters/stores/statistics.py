"""Statistics over verifications, summed up by the database from columns alone."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from logverdict.adapters.stores.filters import VERIFICATION_FIELDS, conditions
from logverdict.adapters.stores.tables import verifications
from logverdict.domain.afterwards import Outcome
from logverdict.domain.window import Window
from logverdict.domain.words import Decision, Mode, State, Verdict
from logverdict.verify.history_ports import Grouping, Statistics, Tally

MOST = 1000
"""Groups in one answer."""
T = verifications.c
ENDED = T.state.not_in([State.PENDING.value, State.RUNNING.value])
JUDGED = T.state == State.SUCCEEDED.value
STOP = T.enforced_decision == Decision.STOP.value
TELLING = sa.and_(JUDGED, T.verdict.in_([word.value for word in (Verdict.PASS, Verdict.WARN, Verdict.FAIL)]))
ALARM = sa.and_(TELLING, STOP)
QUIET = sa.and_(TELLING, T.enforced_decision != Decision.STOP.value)
GOOD = T.outcome == Outcome.GOOD.value
UNKNOWN = T.outcome == ""
WRONG = sa.and_(T.outcome != "", T.outcome != Outcome.GOOD.value)
"""What was recorded says that the deployment was bad."""
COUNTED: Mapping[str, sa.ColumnElement[bool]] = {
    "verifications": sa.true(),
    "unfinished": sa.not_(ENDED),
    "passed": sa.and_(JUDGED, T.verdict == Verdict.PASS.value),
    "warned": sa.and_(JUDGED, T.verdict == Verdict.WARN.value),
    "failed": sa.and_(JUDGED, T.verdict == Verdict.FAIL.value),
    "inconclusive": sa.and_(JUDGED, T.verdict == Verdict.INCONCLUSIVE.value),
    "unjudged": T.state == State.FAILED.value,
    "cancelled": T.state == State.CANCELLED.value,
    "proceed": sa.and_(ENDED, T.decision == Decision.PROCEED.value),
    "stopped": sa.and_(ENDED, T.decision == Decision.STOP.value),
    "asked": sa.and_(ENDED, T.decision == Decision.ASK.value),
    "observed": T.mode == Mode.OBSERVE.value,
    "would_have_stopped": sa.and_(ENDED, T.mode == Mode.OBSERVE.value, STOP),
    "overridden": T.overridden != "",
    "changed_by_feedback": sa.and_(JUDGED, T.without_verdict != "", T.without_verdict != T.verdict),
    "outcome_good": GOOD,
    "outcome_bad": T.outcome == Outcome.BAD.value,
    "outcome_rolled_back": T.outcome == Outcome.ROLLED_BACK.value,
    "outcome_incident": T.outcome == Outcome.INCIDENT.value,
    "outcome_unknown": sa.and_(ENDED, UNKNOWN),
    "true_alarms": sa.and_(ALARM, WRONG),
    "false_alarms": sa.and_(ALARM, GOOD),
    "unknown_alarms": sa.and_(ALARM, UNKNOWN),
    "misses": sa.and_(QUIET, WRONG),
    "true_passes": sa.and_(QUIET, GOOD),
    "unknown_passes": sa.and_(QUIET, UNKNOWN),
}
Shares = Mapping[str, Counter[int]]
"""By group: how many verifications used so many thousandths of their window."""


async def statistics(connection: AsyncConnection, period: Window, filter: str, grouping: Grouping | None) -> Statistics:
    where = [T.create_time >= period.start, T.create_time < period.end, *conditions(filter, VERIFICATION_FIELDS)]
    key: sa.ColumnElement[str] = T[grouping.value.lower()] if grouping else sa.literal("", sa.String())
    tallies = [Tally(**row) for row in (await connection.execute(_counts(where, key, grouping))).mappings()]
    shares: dict[str, Counter[int]] = defaultdict(Counter)
    for row in await connection.execute(_used(where, key, grouping)):
        shares[row.key][row.window_permille] += row.times
    whole: Counter[int] = sum(shares.values(), Counter())
    total = replace(_sum(tallies), median_window_share=_median(whole))
    groups = _ordered((replace(one, median_window_share=_median(shares[one.key])) for one in tallies), grouping)
    return Statistics(period, total, groups[:MOST], max(0, len(groups) - MOST))


def _counts(
    where: list[sa.ColumnElement[bool]], key: sa.ColumnElement[str], grouping: Grouping | None
) -> sa.Select[Any]:
    counts = [sa.func.count().filter(which).label(name) for name, which in COUNTED.items()]
    columns: list[Any] = [key.label("key"), *counts]
    query = sa.select(*columns).where(*where)
    return query.group_by(key) if grouping else query


def _used(where: list[sa.ColumnElement[bool]], key: sa.ColumnElement[str], grouping: Grouping | None) -> sa.Select[Any]:
    """Only of those that failed: the others have to wait for the end of their window. Databases differ in how they find
    a median, and looks lie on a grid: there are few different shares."""
    failed = (COUNTED["failed"], T.window_permille.is_not(None))
    query = sa.select(key.label("key"), T.window_permille, sa.func.count().label("times")).where(*where, *failed)
    return query.group_by(*((key, T.window_permille) if grouping else (T.window_permille,)))


def _median(shares: Counter[int]) -> float | None:
    count = shares.total()
    if not count:
        return None
    seen, middle = 0, list[int]()
    for share in sorted(shares):
        before, seen = seen, seen + shares[share]
        middle += [share for place in ((count - 1) // 2, count // 2) if before <= place < seen]
    return sum(middle) / len(middle) / 1000


def _sum(tallies: Iterable[Tally]) -> Tally:
    found = list(tallies)
    return replace(Tally(), **{name: sum(getattr(one, name) for one in found) for name in COUNTED})


def _ordered(groups: Iterable[Tally], grouping: Grouping | None) -> tuple[Tally, ...]:
    if grouping is None:
        return ()
    if grouping is Grouping.DAY:
        return tuple(sorted(groups, key=lambda one: one.key))
    return tuple(sorted(groups, key=lambda one: (-one.verifications, one.key)))
