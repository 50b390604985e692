"""What the use cases tell whoever measures them; they count nothing themselves."""

from dataclasses import dataclass
from typing import Protocol

from logverdict.domain.verification import Coverage, SourceCall, Verification


@dataclass(frozen=True, slots=True)
class Load:
    """Verifications of this replica that run, and that wait for a place."""

    running: int
    queued: int


@dataclass(frozen=True, slots=True)
class Beat:
    """What the store says at a heartbeat: replicas that live, verifications leased to this one, and feedback that has
    not expired."""

    replicas: int
    leases: int
    feedback: int


class Observer(Protocol):
    """Called on the event loop, `called` perhaps in a thread; none of it may take long or raise."""

    def created(self, verification: Verification) -> None: ...

    def revised(self, before: Verification, now: Verification) -> None:
        """The next revision was stored."""
        ...

    def read(self, connection: str, coverage: Coverage, reduced: bool) -> None:
        """A slice was read, as far as `coverage` says; `reduced`: counted by the source."""
        ...

    def called(self, connection: str, call: SourceCall) -> None:
        """A source was asked something, and answered or not."""
        ...

    def unanswered(self, connection: str) -> None:
        """A source gave no answer; what asked will try again for a while."""
        ...

    def watching(self, change: int) -> None:
        """So many more clients watch."""
        ...

    def beat(self, beat: Beat) -> None: ...

    def taken_over(self) -> None:
        """A verification whose replica died goes on here."""
        ...

    def lease_lost(self) -> None:
        """Another replica has taken over what this one worked on."""
        ...


class Unobserved:
    """Where nobody measures."""

    def created(self, verification: Verification) -> None:
        pass

    def revised(self, before: Verification, now: Verification) -> None:
        pass

    def read(self, connection: str, coverage: Coverage, reduced: bool) -> None:
        pass

    def called(self, connection: str, call: SourceCall) -> None:
        pass

    def unanswered(self, connection: str) -> None:
        pass

    def watching(self, change: int) -> None:
        pass

    def beat(self, beat: Beat) -> None:
        pass

    def taken_over(self) -> None:
        pass

    def lease_lost(self) -> None:
        pass
