"""The newest state of one verification, and changes to it by whoever may make them."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace

from logverdict.domain.errors import FailedPrecondition
from logverdict.domain.verification import Revision, Verification
from logverdict.verify.means import Means
from logverdict.verify.watch import Cell


class Current:
    """Everything that changes a verification goes through one of these. Several may change the same one, here or in
    other replicas: each change is made to what is stored by then, so that none undoes another."""

    def __init__(self, verification: Verification, means: Means, cell: Cell) -> None:
        self.verification = verification
        self._means = means
        self._cell = cell
        self._saving = asyncio.Lock()

    async def change(self, **changes: object) -> None:
        """Store the next revision and tell the watchers. Raises FailedPrecondition once it has ended, LeaseLost.

        Shielded: who cancels the work never leaves the store a revision ahead of what is known here.
        """
        changing = asyncio.ensure_future(self._change(changes))
        done = asyncio.shield(changing)
        changing.add_done_callback(self._tell)  # after who waits here: the work goes on first
        await done

    async def saved(self) -> None:
        """Returns when no change is on its way to the store."""
        async with self._saving:
            pass

    async def refresh(self, revision: int) -> bool:
        """Take over what others stored up to that revision; whether there was anything."""
        async with self._saving:
            if revision <= self.verification.revision:
                return False
            self._take(await self._stored())
            return True

    async def _change(self, changes: Mapping[str, object]) -> Revision:
        async with self._saving:
            while (revision := await self._save(changes)) is None:
                pass
        return revision

    def _tell(self, changing: "asyncio.Task[Revision]") -> None:
        if not changing.cancelled() and changing.exception() is None:
            self._cell.stored(changing.result())

    async def _save(self, changes: Mapping[str, object]) -> Revision | None:
        """None where somebody else was faster: again, on top of that."""
        now = self._means.clock.now()
        changed = replace(self.verification, updated=now, **changes)  # type: ignore[arg-type]
        try:
            revision = await self._means.patiently(lambda: self._means.store.save(changed))
        except FailedPrecondition:
            stored = await self._stored()
            if stored == _bare(replace(changed, revision=changed.revision + 1)):
                # It was stored, and only the answer was lost.
                (revision, *_) = await self._means.store.revisions(stored.id, changed.revision)
            elif stored.revision == changed.revision:
                raise
            else:
                self._take(stored)
                if stored.state.ended:
                    raise
                return None
        before, self.verification = self.verification, replace(changed, revision=revision.number)
        self._means.observer.revised(before, self.verification)
        return revision

    async def _stored(self) -> Verification:
        return await self._means.patiently(lambda: self._means.store.get(self.verification.id))

    def _take(self, stored: Verification) -> None:
        """The store gives a judgement without its events: those are kept as long as it is the same judgement."""
        mine = self.verification
        if stored.judgement == _bare(mine).judgement:
            stored = replace(stored, judgement=mine.judgement)
        self.verification = stored


def _bare(verification: Verification) -> Verification:
    """As the store gives it."""
    if verification.judgement is None:
        return verification
    return replace(verification, judgement=replace(verification.judgement, events=()))
