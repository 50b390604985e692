"""What the edge calls."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from logverdict.domain.feedback import Author, Feedback, FeedbackRevision
from logverdict.domain.probe import CheckedProfile, Draft, KnownProfile, SourceReport
from logverdict.domain.result import Event
from logverdict.domain.verification import SourceCall, Verification
from logverdict.domain.wanted import Wanted
from logverdict.domain.words import Decision
from logverdict.verify.feedback_file import FileChange
from logverdict.verify.feedback_wish import FeedbackWish
from logverdict.verify.inspect import DraftWish, Wish
from logverdict.verify.preview import Preview
from logverdict.verify.recording import RecordStep
from logverdict.verify.watch import Step


class Verifications(Protocol):
    """`logverdict.verify.manage.Verifications` has these methods. Each raises errors of the VerifyError family only;
    anything else is a fault of ours."""

    async def create(self, wanted: Wanted) -> Verification: ...

    async def get(self, name: str) -> Verification: ...

    async def list(self, filter: str, page_size: int, page_token: str) -> tuple[Sequence[Verification], str]: ...

    async def events(
        self, parent: str, filter: str, page_size: int, page_token: str
    ) -> tuple[Sequence[Event], str]: ...

    async def calls(self, parent: str, page_size: int, page_token: str) -> tuple[Sequence[SourceCall], str]: ...

    async def cancel(self, name: str, decision: Decision | None) -> Verification: ...

    def watch(self, name: str, after: int) -> AsyncIterator[Step]:
        """The revisions after that number (0: the newest, then each), progress between them, until the end."""
        ...


class Recordings(Protocol):
    """`logverdict.verify.recording.Recordings` has this method; errors as above."""

    def record(self, wanted: Wanted) -> AsyncIterator[RecordStep]:
        """What is planned, then the entries, then the end."""
        ...


class Inspection(Protocol):
    """`logverdict.verify.inspect.Inspection` has these methods; errors as above."""

    async def profiles(self) -> Sequence[KnownProfile]: ...

    async def check(self, text: str, service: str, environment: str) -> CheckedProfile: ...

    async def test(self, wish: Wish) -> Sequence[SourceReport]: ...

    async def draft(self, wish: DraftWish) -> Draft: ...


class Feedbacks(Protocol):
    """`logverdict.verify.feedback.Feedbacks` has these methods; errors as above."""

    async def create(self, wish: FeedbackWish, author: Author) -> Feedback: ...

    async def get(self, name: str) -> Feedback: ...

    async def list(self, filter: str, page_size: int, page_token: str) -> tuple[Sequence[Feedback], str]: ...

    async def history(self, parent: str, page_size: int, page_token: str) -> tuple[Sequence[FeedbackRevision], str]: ...

    async def update(self, name: str, changes: Mapping[str, Any], revision: int, author: Author) -> Feedback: ...

    async def delete(self, name: str, author: Author) -> None: ...

    async def preview(self, wish: FeedbackWish | str, verifications: int) -> Sequence[Preview]: ...


class FeedbackFiles(Protocol):
    """`logverdict.verify.feedback_file.FeedbackFiles` has these methods; errors as above."""

    async def export(self, filter: str) -> str: ...

    async def read_in(self, text: str, author: Author, *, dry_run: bool, prune: bool) -> Sequence[FileChange]: ...


@dataclass(frozen=True, slots=True)
class Said:
    """What FeedbackService calls."""

    feedback: Feedbacks
    files: FeedbackFiles
