"""What feedback would have reached in verifications that are stored, and what it would have changed."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from logverdict.analysis.declare import under
from logverdict.analysis.feedback import hear
from logverdict.analysis.reach import Reach
from logverdict.analysis.rules import RULES_VERSION
from logverdict.domain.feedback import Feedback
from logverdict.domain.result import Event, Judgement
from logverdict.domain.verification import Verification
from logverdict.domain.words import Impact, Reason, Verdict
from logverdict.verify.ports import Store

PAGE = 1_000
MOST_NEAR = 20
"""Events that read alike and are not reached, told for one verification."""


@dataclass(frozen=True, slots=True)
class Met:
    """An event of a stored verification. `unlike` says why it is not reached though it reads alike, "" where it is."""

    event: Event
    impact_with: Impact
    unlike: str = ""


@dataclass(frozen=True, slots=True)
class Preview:
    """One verification; `verdict_with` is what its stored events would give."""

    verification: Verification
    verdict_with: Verdict
    met: tuple[Met, ...]


async def previews(feedback: Feedback, store: Store, most: int) -> list[Preview]:
    """The newest `most` of its scope that were judged."""
    found: list[Preview] = []
    token = ""
    while len(found) < most:
        page, token = await store.list(_filter(feedback), token, most)
        for one in page[: most - len(found)]:
            if one.judgement is not None:
                events = [event async for event in _events(store, one.id)]
                # There may be tens of thousands, in which watchers are to be served.
                found.append(await asyncio.to_thread(preview, feedback, one, events))
        if not token:
            break
    return found


def preview(feedback: Feedback, verification: Verification, events: Sequence[Event]) -> Preview:
    """Beside the feedback that was heard then."""
    judgement = verification.judgement
    assert judgement is not None
    sensitivity, exposure = verification.request.policy.sensitivity, judgement.candidate.exposure_seconds
    plain = tuple(_plain(event) for event in events)
    others = [one for one in judgement.feedback if one.id != feedback.id]
    heard = hear(plain, {}, under([*others, feedback], RULES_VERSION), sensitivity, exposure)
    reach, impacts = Reach(under([feedback], RULES_VERSION)), {event.id: event.impact for event in heard.events}
    met = [
        Met(event, impacts[event.id], one.unlike)
        for event in events
        for one in reach.near(event.template, event.templates, event.severity)
    ]
    reached, near = [one for one in met if not one.unlike], [one for one in met if one.unlike]
    return Preview(verification, _verdict(judgement, heard.events), (*reached, *near[:MOST_NEAR]))


def _verdict(judgement: Judgement, events: Iterable[Event]) -> Verdict:
    """What the candidate says of itself, and that there is too little, stays."""
    if judgement.reason is Reason.OWN_STATEMENT or judgement.verdict is Verdict.INCONCLUSIVE:
        return judgement.verdict
    impacts = {event.impact for event in events}
    return Verdict.FAIL if Impact.FAIL in impacts else Verdict.WARN if Impact.WARN in impacts else Verdict.PASS


def _plain(event: Event) -> Event:
    """As it was judged without feedback."""
    return replace(event, impact=event.feedback[0].impact_without, feedback=()) if event.feedback else event


def _filter(feedback: Feedback) -> str:
    return " AND ".join(_terms(feedback))


def _terms(feedback: Feedback) -> Iterator[str]:
    for field in ("service", "environment"):
        value = getattr(feedback.scope, field)
        if value:
            escaped = value.replace("\\", "\\\\").replace('"', '\\"')
            yield f'{field} = "{escaped}"'


async def _events(store: Store, verification_id: str) -> AsyncIterator[Event]:
    token = ""
    while True:
        page, token = await store.events(verification_id, "", token, PAGE)
        for event in page:
            yield event
        if not token:
            return
