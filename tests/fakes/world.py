"""A whole service without gRPC: real store, real use cases, a clock that jumps."""

import itertools
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import pytest
import stamina

from fakes.analyst import ScriptedAnalyst
from fakes.clock import NOON, FakeClock
from fakes.memory_source import MemorySource, Row
from fakes.verifications import a_profile, a_source
from logverdict.adapters.stores.sql import SqlStore
from logverdict.domain.errors import NotFound
from logverdict.domain.profile import Profile, Timing
from logverdict.domain.verification import Revision, Verification
from logverdict.domain.wanted import InlineProfile, Wanted
from logverdict.domain.words import Verdict
from logverdict.verify.fair import Gates
from logverdict.verify.feedback_ports import NoFeedback, Standing
from logverdict.verify.manage import Limits, Verifications
from logverdict.verify.means import Means
from logverdict.verify.observe import Observer, Unobserved
from logverdict.verify.ports import LogSource

TIMING = Timing(
    settle=timedelta(minutes=1),
    ingest_lag=timedelta(seconds=30),
    interval=timedelta(minutes=1),
    duration=timedelta(minutes=4),
    baseline=timedelta(minutes=10),
)
PROFILE = a_profile(sources=(a_source(connection="files"),), timing=TIMING)
WANTED = Wanted("checkout", "prod", "1.1", rollout_start=NOON, caller="ci", fingerprint="f")


class OneProfile:
    """Knows the service `checkout` only."""

    def __init__(self, profile: Profile) -> None:
        self.profile = profile

    def named(self, name: str, service: str, environment: str) -> Profile:
        if (name or service) != "checkout":
            raise NotFound(f"no profile {name or service!r}; known: checkout")
        return self.profile

    def inline(self, profile: InlineProfile, service: str, environment: str) -> Profile:
        return replace(self.profile, sources=profile.sources)


def rows(seconds: Iterable[int], instance: str = "a", text: str = "order stored") -> list[Row]:
    """An entry each second of NOON + seconds."""
    return [(NOON + timedelta(seconds=second), text, "info", instance, "") for second in seconds]


@dataclass
class World:
    """What a test sets before it creates verifications."""

    store: SqlStore
    clock: FakeClock = field(default_factory=FakeClock)
    analyst: ScriptedAnalyst = field(default_factory=lambda: ScriptedAnalyst(Verdict.PASS))
    source: LogSource = field(default_factory=lambda: MemorySource(rows(range(-600, 400))))
    connection: str = "files"
    profile: Profile = PROFILE
    limits: Limits = Limits()
    gates: Gates = field(default_factory=Gates)
    observer: Observer = field(default_factory=Unobserved)
    feedback: Standing = NoFeedback()
    max_entries: int = 50_000_000
    means: Means = field(init=False)
    """Of the newest process."""
    _opened: list[Verifications] = field(default_factory=list)
    _ids: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    async def open(self) -> Verifications:
        """The use cases as a process has them: opened again, they are the next process."""
        means = Means(
            store=self.store,
            sources={self.connection: self.source},
            analyst=self.analyst,
            clock=self.clock,
            retry_for=timedelta(seconds=0.01),
            gates=self.gates,
            observer=self.observer,
            feedback=self.feedback,
            pins=self.store.past,
            max_entries=self.max_entries,
        )
        self.means = means
        use = Verifications(means, OneProfile(self.profile), lambda: f"v{next(self._ids)}", self.limits)
        await use.start()
        self._opened.append(use)
        return use

    async def close(self) -> None:
        for use in self._opened:
            await use.stop()


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    clock = FakeClock()
    stamina.set_testing(True, attempts=2, cap=True)
    store = await SqlStore.open(tmp_path / "logverdict.db", clock)
    world = World(store, clock)
    yield world
    await world.close()
    await store.close()
    stamina.set_testing(False)


async def to_the_end(use: Verifications, verification: Verification, after: int = 0) -> list[Revision]:
    """All revisions that a watcher sees."""
    return [step async for step in use.watch(verification.name, after) if isinstance(step, Revision)]
