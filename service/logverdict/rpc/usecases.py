"""What the edge calls: `logverdict.verify.manage.Verifications` has these methods."""

from collections.abc import AsyncIterator, Sequence
from typing import Protocol

from logverdict.domain.result import Event
from logverdict.domain.verification import Verification
from logverdict.domain.wanted import Wanted
from logverdict.domain.words import Decision
from logverdict.verify.watch import Step


class Verifications(Protocol):
    """Each method raises errors of the VerifyError family only; anything else is a fault of ours."""

    async def create(self, wanted: Wanted) -> Verification: ...

    async def get(self, name: str) -> Verification: ...

    async def list(self, filter: str, page_size: int, page_token: str) -> tuple[Sequence[Verification], str]: ...

    async def events(
        self, parent: str, filter: str, page_size: int, page_token: str
    ) -> tuple[Sequence[Event], str]: ...

    async def cancel(self, name: str, decision: Decision | None) -> Verification: ...

    def watch(self, name: str, after: int) -> AsyncIterator[Step]:
        """The revisions after that number (0: the newest, then each), progress between them, until the end."""
        ...
