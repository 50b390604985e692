"""Telling watchers: revisions are read from the store, progress is one cell that slow readers skip."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from weakref import WeakValueDictionary

from logverdict.domain.errors import InvalidRequest
from logverdict.domain.verification import Progress, Revision
from logverdict.verify.ports import Store

Step = Revision | Progress | None
"""What a watch yields; None is a heartbeat."""


@dataclass(eq=False, slots=True, weakref_slot=True)
class Cell:
    """The newest progress of one verification, and an event that is replaced at each change."""

    progress: Progress | None = None
    event: asyncio.Event = field(default_factory=asyncio.Event)

    def tell(self, progress: Progress | None = None) -> None:
        """Wake the watchers: there is a new revision, or new progress."""
        if progress is not None:
            self.progress = progress
        changed, self.event = self.event, asyncio.Event()
        changed.set()


class Board:
    """The cells of the verifications that somebody works on or watches."""

    def __init__(self) -> None:
        self._cells: WeakValueDictionary[str, Cell] = WeakValueDictionary()

    def cell(self, verification_id: str) -> Cell:
        cell = self._cells.get(verification_id)
        if cell is None:
            cell = self._cells[verification_id] = Cell()
        return cell


async def watch(store: Store, cell: Cell, verification_id: str, after: int, heartbeat: float) -> AsyncIterator[Step]:
    """The revisions after that number (0: the newest one, then each), with progress between them, until the end.

    `heartbeat` is in seconds. Raises InvalidRequest for a revision that does not exist yet.
    """
    newest = await store.get(verification_id)
    if not 0 <= after <= newest.revision:
        raise InvalidRequest("after_revision", f"{after} does not exist; allowed: 0 to {newest.revision}")
    seen, progress = (after or newest.revision - 1), None
    if newest.state.ended and seen == newest.revision:
        return
    while True:
        event = cell.event  # taken before the store is read, so that no change falls between
        while page := await store.revisions(verification_id, seen):
            for revision in page:
                yield revision
                seen = revision.number
                if revision.verification.state.ended:
                    return
        if cell.progress is not None and cell.progress is not progress:
            progress = cell.progress
            yield progress
        if not await _happened(event, heartbeat):
            yield None


async def _happened(event: asyncio.Event, seconds: float) -> bool:
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return False
    return True
