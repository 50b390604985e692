"""A person's decision in place of the judge's, for this attempt only."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

from logverdict.domain.afterwards import Override
from logverdict.domain.errors import FailedPrecondition
from logverdict.domain.feedback import Author
from logverdict.domain.verification import Verification
from logverdict.domain.words import Decision
from logverdict.verify.history_ports import PastStore
from logverdict.verify.names import verification_id
from logverdict.verify.ports import Clock, Store

Told = Callable[[str, int], Awaitable[None]]
"""Hears of a revision that was stored."""


class Overrides:
    """Only what has ended is overridden: before, there is no decision to replace, and what the work still stores would
    undo it. To decide at once, it is cancelled with a decision."""

    def __init__(self, store: Store, past: PastStore, clock: Clock, told: Told) -> None:
        self._store = store
        self._past = past
        self._clock = clock
        self._told = told

    async def override(self, name: str, decision: Decision, reason: str, author: Author) -> Verification:
        """Raises NotFound, InvalidRequest (no reason), FailedPrecondition (it runs, or somebody else was faster)."""
        found = await self._store.get(verification_id(name))
        if not found.state.ended:
            raise FailedPrecondition(
                f"{name} has not ended, so there is no decision yet to override; cancel it with the decision to give",
                reason="NOT_ENDED",
                name=name,
            )
        before = found.override.instead_of if found.override else found.decision
        made = Override(decision, reason.strip(), author, self._clock.now(), before)
        changed = replace(found, decision=decision, override=made, updated=made.time)
        revision = await self._past.amend(changed)
        await self._told(found.id, revision.number)
        return await self._store.get(found.id)
