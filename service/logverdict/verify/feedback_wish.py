"""From what a caller wants to say to feedback that is valid: of which event or message, in which scope."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import polars as pl

from logverdict.analysis.declare import of_event, of_message
from logverdict.analysis.redact import redact
from logverdict.domain.errors import InvalidRequest, NotFound
from logverdict.domain.feedback import Author, Feedback, FeedbackLevel, Likeness, Scope
from logverdict.domain.redaction import Redaction
from logverdict.domain.result import Event
from logverdict.domain.verification import Verification
from logverdict.domain.words import Severity
from logverdict.verify.ports import Store

EVENT = re.compile(r"verifications/([a-z0-9-]{1,64})/events/([A-Za-z0-9]{1,64})")
MAX_MESSAGE = 16_000


@dataclass(frozen=True, slots=True)
class FeedbackWish:
    """One of `event` (verifications/ID/events/ID), `template` and `sample` (a message as it is logged) is given.
    Without a `scope` it is the service and environment of the event. `severity` is that of template or sample, told by
    their words where it is None."""

    level: FeedbackLevel
    reason: str
    scope: Scope | None = None
    event: str = ""
    template: str = ""
    sample: str = ""
    severity: Severity | None = None
    expires: datetime | None = None
    ticket: str = ""
    id: str = ""


@dataclass(frozen=True, slots=True)
class About:
    likeness: Likeness
    scope: Scope
    rate: float | None = None


def without(wish: FeedbackWish, own: Sequence[Redaction]) -> FeedbackWish:
    """Its texts as they are kept: without what the operator's rules take."""
    template, sample = cleaned([wish.template, wish.sample], own)
    return replace(wish, template=template, sample=sample)


def cleaned(texts: Sequence[str], own: Sequence[Redaction]) -> list[str]:
    return redact(pl.Series(texts, dtype=pl.String), own).to_list() if own else list(texts)


async def feedback_of(wish: FeedbackWish, new_id: str, author: Author, now: datetime, store: Store) -> Feedback:
    """Raises InvalidRequest, and NotFound for an event that is not stored."""
    if wish.expires is not None and wish.expires.tzinfo is not None and wish.expires <= now:
        raise InvalidRequest("expire_time", f"{wish.expires.isoformat()} is over; allowed: a time to come, or none")
    about = await _about(wish, store)
    return Feedback(
        id=wish.id or new_id,
        level=wish.level,
        scope=about.scope,
        about=about.likeness,
        reason=wish.reason.strip(),
        author=author,
        created=now,
        updated=now,
        expires=wish.expires,
        ticket=wish.ticket,
        event=wish.event,
        rate=about.rate,
    )


async def _about(wish: FeedbackWish, store: Store) -> About:
    given = [name for name in ("event", "template", "sample") if getattr(wish, name)]
    if len(given) != 1:
        what = "nothing is" if not given else f"{' and '.join(given)} are"
        raise InvalidRequest(given[1] if given else "event", f"{what} given; allowed: one of event, template, sample")
    if wish.event:
        return await _of_event(wish, store)
    if wish.scope is None:
        raise InvalidRequest("scope", "is required where no event is named; allowed: a service, both, or empty for all")
    return About(likeness_of([wish.template or wish.sample], wish.severity, given[0]), wish.scope)


def likeness_of(texts: Sequence[str], severity: Severity | None, field: str) -> Likeness:
    """Of templates, or messages as they are logged; the first one tells the severity where none is given."""
    for text in texts:
        if len(text) > MAX_MESSAGE:
            raise InvalidRequest(field, f"has {len(text):,} characters; allowed: up to {MAX_MESSAGE:,}")
    made = [of_message(text, severity) for text in texts if text.strip()]
    if len(made) < len(texts) or not made:
        raise InvalidRequest(field, "is empty; allowed: a message or a template")
    templates = tuple(dict.fromkeys(one.template for one in made))
    return Likeness(templates, made[0].severity, made[0].mask_version, made[0].sample)


async def _of_event(wish: FeedbackWish, store: Store) -> About:
    if wish.severity is not None:
        raise InvalidRequest("severity", "is given beside an event, which has its own")
    verification, event = await find_event(wish.event, store)
    judgement, deployment = verification.judgement, verification.request.deployment
    exposure = judgement.candidate.exposure_seconds if judgement else 0.0
    rate = event.candidate_count / exposure if exposure > 0 and event.candidate_count else None
    scope = wish.scope if wish.scope is not None else Scope(deployment.service, deployment.environment)
    return About(of_event(event, judgement.mask_version if judgement else ""), scope, rate)


async def find_event(name: str, store: Store) -> tuple[Verification, Event]:
    """Raises InvalidRequest for what is no name of an event, NotFound for one that is not stored."""
    found = EVENT.fullmatch(name)
    if found is None:
        raise InvalidRequest("event", f"{name!r} is no event; write verifications/ID/events/ID")
    verification = await store.get(found[1])
    page, _ = await store.events(verification.id, f'id = "{found[2]}"', "", 1)
    if not page:
        raise NotFound(
            f"{verification.name} has no event {found[2]}; `logverdict events {verification.id}` lists those it has",
            name=name,
        )
    return verification, page[0]
