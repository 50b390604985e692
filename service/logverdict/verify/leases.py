"""A verification is worked on by one replica at a time: its lease, and the store that leases it."""

from collections.abc import AsyncGenerator, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from logverdict.verify.nearby import Neighbourhood
from logverdict.verify.ports import Store


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to work on a verification. `epoch` grows with each change of owner, so that what an earlier one still
    writes is refused. `takeovers`: how often it was taken over since anything came of the work on it."""

    verification_id: str
    epoch: int = 1
    takeovers: int = 0


@dataclass(frozen=True, slots=True)
class Change:
    """A revision that was stored by any replica; without `verification_id`: work waits for somebody to take it."""

    verification_id: str
    revision: int


@dataclass(frozen=True, slots=True)
class Versions:
    """The versions of rules by which each living replica can work, and those by which unfinished work began."""

    living: tuple[frozenset[str], ...]
    begun: frozenset[str]


class LeasingStore(Store, Neighbourhood, Protocol):
    """A store of this replica: what it creates is leased to it. Leases end by the database's clock."""

    def under(self, lease: Lease) -> "LeasingStore":
        """The same store for the work under that lease: what it writes raises LeaseLost once another has the lease."""
        ...

    async def live(self, span: timedelta, rules: Collection[str] = (), judge: str = "") -> int:
        """This replica keeps its leases for so long from now on, can work by those versions of the rules, and has that
        version of the judge; how many replicas live, this one included."""
        ...

    async def held(self) -> Mapping[str, int]:
        """The unfinished verifications that are leased to this replica, with their epochs."""
        ...

    async def claim(
        self, most: int, mine: Collection[str], others: bool, rules: Collection[str] = ()
    ) -> Sequence[Lease]:
        """At most so many unfinished verifications that nobody works on, oldest first, leased to this replica: those
        that are free, those of this replica that are not among `mine`, and with `others` those of replicas that do not
        live any more. With `rules` only those that began by one of them, or by none that is known; with none, all.
        What is under another judge than this replica's is left to the living replicas that have that one."""
        ...

    async def versions(self) -> Versions:
        """What living replicas can work by; of one that does not say, nothing is known and it is left out."""
        ...

    async def release(self) -> None:
        """Others may take what this replica has, at once."""
        ...

    async def newest(self, verification_ids: Collection[str]) -> Mapping[str, int]:
        """The newest revision of each of them; those that are gone are left out."""
        ...

    def changes(self) -> AsyncGenerator[Change | None]:
        """What other replicas store, as it is stored. None: something may have been missed, look yourself. Never ends
        and raises nothing; where there are no other replicas it yields nothing."""
        ...
