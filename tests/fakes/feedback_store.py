"""A store of feedback in memory."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from logverdict.domain.errors import AlreadyExists, FailedPrecondition, InvalidRequest, NotFound, QuotaReached
from logverdict.domain.feedback import Feedback, FeedbackChange, FeedbackRevision
from logverdict.verify.feedback_ports import MAX_IN_SCOPE

Value = TypeVar("Value")
TERM = re.compile(r'(service|environment|level|create_time) (=|!=|<|<=|>|>=) "?([^"\s]+)"?')


class MemoryFeedback:
    """`verify.feedback_ports.FeedbackStore`."""

    def __init__(self) -> None:
        self._there: dict[str, Feedback] = {}
        self._rows: dict[str, list[FeedbackRevision]] = {}

    async def change(self, wanted: Sequence[FeedbackRevision]) -> Sequence[Feedback]:
        before = dict(self._there), {name: list(rows) for name, rows in self._rows.items()}
        try:
            return [self._change(one) for one in wanted]
        except Exception:
            self._there, self._rows = before
            raise

    async def get(self, feedback_id: str) -> Feedback:
        if feedback_id not in self._there:
            raise NotFound(f"there is no feedback/{feedback_id}")
        return self._there[feedback_id]

    async def list(self, filter: str, after: str, limit: int) -> tuple[Sequence[Feedback], str]:
        terms = [_term(text) for text in filter.split(" AND ")] if filter else []
        found = [one for one in self._there.values() if all(_fits(one, *term) for term in terms)]
        found.sort(key=lambda one: (one.created, one.id), reverse=True)
        return _page(found, lambda one: one.id, f"list {filter}", after, limit)

    async def history(self, feedback_id: str, after: str, limit: int) -> tuple[Sequence[FeedbackRevision], str]:
        if feedback_id not in self._rows:
            raise NotFound(f"there is no feedback/{feedback_id}")
        return _page(self._rows[feedback_id], lambda row: str(row.number), f"history {feedback_id}", after, limit)

    async def standing(self, service: str, environment: str, at: datetime) -> Sequence[Feedback]:
        found = [one for one in self._there.values() if one.scope.covers(service, environment) and one.holds(at)]
        return sorted(found, key=lambda one: one.id)

    async def number(self, at: datetime) -> int:
        return sum(one.holds(at) for one in self._there.values())

    def _change(self, wanted: FeedbackRevision) -> Feedback:
        its, stored = wanted.feedback, self._there.get(wanted.feedback.id)
        if wanted.change is FeedbackChange.CREATED:
            if stored is not None:
                raise AlreadyExists(f"{its.name} exists already")
            if sum(one.scope == its.scope for one in self._there.values()) >= MAX_IN_SCOPE:
                raise QuotaReached(f"{MAX_IN_SCOPE} are said of {its.scope}")
        elif stored is None:
            raise NotFound(f"there is no {its.name}")
        elif stored.revision != its.revision:
            raise FailedPrecondition(f"{its.name} has changed since")
        rows = self._rows.setdefault(its.id, [])
        made = replace(its, revision=len(rows) + 1)
        rows.append(replace(wanted, number=made.revision, feedback=made))
        if wanted.change is FeedbackChange.DELETED:
            del self._there[its.id]
        else:
            self._there[its.id] = made
        return made


def _term(text: str) -> tuple[str, str, str]:
    found = TERM.fullmatch(text)
    if found is None:
        raise InvalidRequest("filter", f"{text!r} is no term")
    return found[1], found[2], found[3]


def _fits(one: Feedback, field: str, operator: str, value: str) -> bool:
    mine = {
        "service": one.scope.service,
        "environment": one.scope.environment,
        "level": one.level.value,
        "create_time": one.created.isoformat(),
    }[field]
    return {
        "=": mine == value, "!=": mine != value, "<": mine < value, "<=": mine <= value, ">": mine > value,
        ">=": mine >= value,
    }[operator]  # fmt: skip


def _page(
    values: Sequence[Value], key: Callable[[Value], str], question: str, after: str, limit: int
) -> tuple[Sequence[Value], str]:
    """The token names the last value of the page before."""
    if limit < 1:
        raise InvalidRequest("page_size", f"{limit} is no size of a page")
    asked, _, last = after.rpartition("@")
    keys = [key(one) for one in values]
    if after and (asked != question or last not in keys):
        raise InvalidRequest("page_token", "is no page token of this list")
    start = keys.index(last) + 1 if after else 0
    page = values[start : start + limit]
    return page, f"{question}@{key(page[-1])}" if len(values) > start + limit else ""
