"""Telling watchers: revisions are read from the store once for all, progress is one cell that slow ones skip."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from weakref import WeakValueDictionary

from logverdict.domain.errors import InvalidRequest
from logverdict.domain.verification import Progress, Revision
from logverdict.verify.ports import Store

Step = Revision | Progress | None
"""What a watch yields; None is a heartbeat."""
KEPT = 3
"""Revisions of a verification that its watchers share; who is further behind reads for itself."""
EACH = 0.002
"""Seconds between two steps of progress, for each watcher: with 500 of them, one a second."""
Show = Callable[[Revision], Revision]
"""What is added to a revision for those who watch."""


def as_it_is(revision: Revision) -> Revision:
    return revision


@dataclass(eq=False, slots=True, weakref_slot=True)
class Cell:
    """What watchers of one verification share: its newest progress and revisions, and an event that is replaced at
    each change. `newest` is the number of the newest revision, 0 where only the store knows it."""

    show: Show = as_it_is
    progress: Progress | None = None
    event: asyncio.Event = field(default_factory=asyncio.Event)
    newest: int = 0
    watchers: int = 0
    _kept: "deque[Revision]" = field(default_factory=lambda: deque(maxlen=KEPT))
    _shown: dict[int, Revision] = field(default_factory=dict)
    _reading: asyncio.Lock = field(default_factory=asyncio.Lock)
    _woken: float = 0.0
    _soon: asyncio.TimerHandle | None = None

    def tell(self, progress: Progress | None = None) -> None:
        """Wake the watchers: there is new progress, or there may be a new revision."""
        if progress is None:
            self.newest = 0
            self._wake()
        else:
            self.progress = progress
            self._wake_soon()

    def told(self, number: int) -> None:
        """That revision is in the store."""
        if number > self.newest:
            self.newest = number
            self._wake()

    def stored(self, revision: Revision) -> None:
        """This process stored it: nobody here has to read it."""
        if self.watchers:
            self._keep((revision,))
        self.told(revision.number)

    async def after(self, store: Store, verification_id: str, seen: int) -> Sequence[Revision]:
        """Revisions with a greater number, in order, some of them; none where there are none. Of all who ask for the
        same one reads."""
        async with self._reading:
            found: Sequence[Revision] = [revision for revision in self._kept if revision.number > seen]
            if found and found[0].number > seen + 1:
                return [self.show(revision) for revision in await store.revisions(verification_id, seen)]
            if not found and not 0 < self.newest <= seen:
                event = self.event
                found = await store.revisions(verification_id, seen)
                if not found and event is self.event:  # nothing was told meanwhile
                    self.newest = seen
                self._keep(found)
            return [self._as_shown(revision) for revision in found]

    @contextmanager
    def watched(self) -> Iterator[None]:
        self.watchers += 1
        try:
            yield
        finally:
            self.watchers -= 1
            if not self.watchers:
                self._kept.clear()
                self._shown.clear()

    def _wake(self) -> None:
        if self._soon is not None:
            self._soon.cancel()
        self._soon, self._woken = None, asyncio.get_running_loop().time()
        changed, self.event = self.event, asyncio.Event()
        changed.set()

    def _wake_soon(self) -> None:
        """Progress comes often: where many watch, telling each of them each step would hold up what matters."""
        if self._soon is None:
            due = self._woken + self.watchers * EACH
            self._soon = asyncio.get_running_loop().call_at(due, self._wake)

    def _keep(self, revisions: Sequence[Revision]) -> None:
        for revision in revisions:
            last = self._kept[-1].number if self._kept else 0
            if revision.number > last + 1:
                self._kept.clear()
            if revision.number > last:
                self._kept.append(revision)

    def _as_shown(self, revision: Revision) -> Revision:
        """Made once for all."""
        if revision.number not in self._shown:
            self._shown[revision.number] = self.show(revision)
            for old in sorted(self._shown)[:-KEPT]:
                del self._shown[old]
        return self._shown.get(revision.number) or self.show(revision)


class Board:
    """The cells of the verifications that somebody works on or watches."""

    def __init__(self, show: Show = as_it_is) -> None:
        self._show = show
        self._cells: WeakValueDictionary[str, Cell] = WeakValueDictionary()

    def cell(self, verification_id: str) -> Cell:
        cell = self._cells.get(verification_id)
        if cell is None:
            cell = self._cells[verification_id] = Cell(self._show)
        return cell

    def told(self, verification_id: str, number: int) -> None:
        """That revision is in the store; nobody may be interested."""
        if (cell := self._cells.get(verification_id)) is not None:
            cell.told(number)

    def watched(self) -> set[str]:
        """What somebody watches."""
        return {verification_id for verification_id, cell in self._cells.items() if cell.watchers}


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
    with cell.watched():
        while True:
            event = cell.event  # taken before the store is read, so that no change falls between
            while page := await cell.after(store, verification_id, seen):
                for revision in page:
                    yield revision
                    seen = revision.number
                    if revision.verification.state.ended:
                        return
            if cell.progress is not None and cell.progress is not progress:
                progress = cell.progress
                yield progress
            if not await happened(event, heartbeat):
                yield None


async def happened(event: asyncio.Event, seconds: float) -> bool:
    """Whether it came to pass within that time."""
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return False
    return True
