"""The use cases of feedback: say it, look at it, change it, take it back, and see what it would have reached."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from logverdict.domain.errors import InvalidRequest
from logverdict.domain.feedback import Author, Feedback, FeedbackChange, FeedbackRevision
from logverdict.domain.redaction import Redaction
from logverdict.verify.feedback_ports import FeedbackStore
from logverdict.verify.feedback_wish import FeedbackWish, feedback_of, without
from logverdict.verify.names import feedback_id
from logverdict.verify.ports import Clock, Store
from logverdict.verify.preview import Preview, previews

MUTABLE = {"level": "level", "reason": "reason", "expire_time": "expires", "ticket": "ticket"}
"""Fields of the protocol that may be changed, and ours."""
MOST_PREVIEWED = 100


class Feedbacks:
    """`store` has the verifications, `kept` the feedback. `new_id` gives ids that no other process gives. `own` are the
    operator's redactions, for what people write, too."""

    def __init__(
        self, kept: FeedbackStore, store: Store, clock: Clock, new_id: Callable[[], str], own: Sequence[Redaction] = ()
    ) -> None:
        self._kept = kept
        self._store = store
        self._clock = clock
        self._new_id = new_id
        self._own = own

    async def create(self, wish: FeedbackWish, author: Author) -> Feedback:
        """Raises InvalidRequest, NotFound (event), AlreadyExists (id), LimitReached (scope)."""
        made = await feedback_of(without(wish, self._own), self._new_id(), author, self._clock.now(), self._store)
        return await self._change(FeedbackChange.CREATED, made, author)

    async def get(self, name: str) -> Feedback:
        return await self._kept.get(feedback_id(name, "name"))

    async def list(self, filter: str, page_size: int, page_token: str) -> tuple[Sequence[Feedback], str]:
        return await self._kept.list(filter, page_token, page_size)

    async def history(self, parent: str, page_size: int, page_token: str) -> tuple[Sequence[FeedbackRevision], str]:
        return await self._kept.history(feedback_id(parent, "parent"), page_token, page_size)

    async def update(self, name: str, changes: Mapping[str, Any], revision: int, author: Author) -> Feedback:
        """`changes` by the names of the protocol's fields. `revision` is the one that was read; 0 for the newest. What
        it is about and where it holds stays."""
        for field in changes:
            if field not in MUTABLE:
                raise InvalidRequest("update_mask", f"{field!r} can't be changed; allowed: {', '.join(MUTABLE)}")
        stored, now = await self.get(name), self._clock.now()
        ours = {MUTABLE[field]: value for field, value in changes.items()}
        expires = ours.get("expires")
        if expires is not None and expires != stored.expires and expires <= now:
            raise InvalidRequest("expire_time", f"{expires.isoformat()} is over; to take it back, delete it")
        changed = replace(stored, **ours, author=author, updated=now, revision=revision or stored.revision)
        return await self._change(FeedbackChange.UPDATED, changed, author)

    async def delete(self, name: str, author: Author) -> None:
        """Its history stays."""
        await self._change(FeedbackChange.DELETED, await self.get(name), author)

    async def preview(self, wish: FeedbackWish | str, verifications: int) -> Sequence[Preview]:
        """What it would have reached in the last so many verifications of its scope, newest first; a name is of
        feedback that is kept."""
        if not 1 <= verifications <= MOST_PREVIEWED:
            raise InvalidRequest("verifications", f"{verifications} are asked for; allowed: 1 to {MOST_PREVIEWED}")
        if isinstance(wish, str):
            feedback = await self.get(wish)
        else:
            reasoned = replace(without(wish, self._own), reason=wish.reason or "(preview)")
            feedback = await feedback_of(reasoned, self._new_id(), Author("preview"), self._clock.now(), self._store)
        return await previews(feedback, self._store, verifications)

    async def _change(self, change: FeedbackChange, feedback: Feedback, author: Author) -> Feedback:
        (made,) = await self._kept.change([FeedbackRevision(0, change, self._clock.now(), author, feedback)])
        return made
