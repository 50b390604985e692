"""Which feedback was applied to a template when it was seen, and which would be applied now."""

from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from logverdict.analysis.declare import under
from logverdict.analysis.reach import Reach, Reached
from logverdict.analysis.rules import RULES_VERSION
from logverdict.domain.feedback import AppliedFeedback, Feedback, Scope
from logverdict.domain.words import Severity
from logverdict.verify.feedback_ports import FeedbackStore
from logverdict.verify.history_ports import Sighting, TemplateSeen

PAGES = 20
"""Of a thousand feedback each: more is not looked at."""


@dataclass(frozen=True, slots=True)
class Applied:
    """Feedback as it then was, of `verifications` in which it reached the template's event; in `changed` of them it
    decided, and the event did something else to the verdict than without. `first` and `last` are of its entries."""

    its: AppliedFeedback
    verifications: int
    changed: int
    first: datetime
    last: datetime


@dataclass(frozen=True, slots=True)
class TemplateTold:
    """A template with what people say of it. `said` are the ids of feedback that has its very text, also where that has
    expired or does not reach it."""

    seen: TemplateSeen
    said: tuple[str, ...]
    applied: tuple[Applied, ...]
    reaching: tuple[Reached, ...]


@dataclass(frozen=True, slots=True)
class SightingTold:
    sighting: Sighting
    reaching: tuple[Reached, ...]


async def kept_feedback(kept: FeedbackStore) -> AsyncIterator[Feedback]:
    """Of every scope, newest first."""
    token = ""
    for _ in range(PAGES):
        page, token = await kept.list("", token, 1000)
        for one in page:
            yield one
        if not token:
            return


def reaching_each(sightings: Sequence[Sighting], kept: Iterable[Feedback], at: datetime) -> list[SightingTold]:
    """By what holds at that time for the service and environment of each."""
    reach = _reach(kept, at)
    return [SightingTold(one, tuple(_reaching(reach, one))) for one in sightings]


def reaching_any(
    seen: TemplateSeen, sightings: Sequence[Sighting], kept: Iterable[Feedback], place: tuple[str, str], at: datetime
) -> tuple[Reached, ...]:
    """What reaches the template by its text and worst severity, or one of its sightings. `place` is a service and an
    environment, each "" for any."""
    reach = _reach((one for one in kept if _within(one.scope, *place)), at)
    found = reach.of(seen.template, (seen.template,), seen.severity)
    found += [each for one in sightings for each in _reaching(reach, one)]
    once = {one.feedback.id: one for one in reversed(found)}
    return tuple(sorted(once.values(), key=lambda one: (-one.feedback.scope.narrowness, one.feedback.id)))


def applied(sightings: Iterable[Sighting]) -> tuple[Applied, ...]:
    """Each in the words that it had then: one that was changed since is there twice. Applied last, first."""
    groups: dict[object, list[tuple[AppliedFeedback, Sighting]]] = {}
    for sighting in sightings:
        for its in sighting.event.feedback if sighting.event else ():
            groups.setdefault((its.id, its.level, its.author, its.reason, its.ticket), []).append((its, sighting))
    return tuple(sorted(map(_applied, groups.values()), key=lambda one: (one.last, one.its.id), reverse=True))


def _applied(rows: Sequence[tuple[AppliedFeedback, Sighting]]) -> Applied:
    """Both sides of a verification may have the template: it counts once."""
    changed = {one.verification for its, one in rows if _decided(its, one)}
    every = [one for _, one in rows]
    first, last = min(one.first for one in every), max(one.last for one in every)
    return Applied(rows[0][0], len({one.verification for one in every}), len(changed), first, last)


def _decided(its: AppliedFeedback, sighting: Sighting) -> bool:
    return not its.overridden and sighting.event is not None and sighting.event.impact is not its.impact_without


def _reach(kept: Iterable[Feedback], at: datetime) -> Reach:
    return Reach(under([one for one in kept if one.holds(at)], RULES_VERSION))


def _reaching(reach: Reach, sighting: Sighting) -> list[Reached]:
    place = sighting.deployment.service, sighting.deployment.environment
    return [one for one in reach.of(*_asked(sighting)) if one.feedback.scope.covers(*place)]


def _asked(sighting: Sighting) -> tuple[str, Sequence[str], Severity]:
    """As a judgement asks of its event; of a template that another one represents, by itself."""
    event = sighting.event
    if event is None:
        return sighting.template, (sighting.template,), sighting.severity
    return event.template, event.templates, event.severity


def _within(scope: Scope, service: str, environment: str) -> bool:
    """Whether it holds somewhere in that service and environment."""
    return (not service or scope.service in ("", service)) and (
        not environment or scope.environment in ("", environment)
    )
