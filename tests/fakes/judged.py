"""A whole verification of a past window without gRPC: real store, real use cases, real engine."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

from fakes.analyst import InlineAnalyst
from fakes.clock import NOON, FakeClock
from fakes.verifications import a_profile
from logverdict.adapters.stores.sql import SqlStore
from logverdict.domain.profile import Profile, SourceSpec, Timing
from logverdict.domain.result import Event
from logverdict.domain.verification import Baseline, Progress, Verification
from logverdict.domain.wanted import InlineProfile, Wanted
from logverdict.domain.window import Window
from logverdict.domain.words import Verdict
from logverdict.verify.fair import Gates
from logverdict.verify.manage import Limits, Verifications
from logverdict.verify.means import Means
from logverdict.verify.ports import Clock, LogSource

BEFORE = Window(NOON - timedelta(minutes=10), NOON)
AFTER = Window(NOON, NOON + timedelta(minutes=5))
LAST_MINUTE = Window(AFTER.end - timedelta(minutes=1), AFTER.end)
NAME = "logs"
"""Of the connection that the sources are read by."""


class OneProfile:
    """For every service; `{service}` in options is its name."""

    def __init__(self, profile: Profile) -> None:
        self._profile = profile

    def named(self, name: str, service: str, environment: str) -> Profile:
        specs = tuple(
            replace(spec, options={key: text.format(service=service) for key, text in spec.options.items()})
            for spec in self._profile.sources
        )
        return replace(self._profile, sources=specs)

    def inline(self, profile: InlineProfile, service: str, environment: str) -> Profile:
        return replace(self._profile, sources=profile.sources)


@dataclass
class Court:
    """Verifications that judge AFTER against BEFORE. `steps` are what watchers were told between revisions."""

    use: Verifications
    steps: list[str] = field(default_factory=list)

    async def judge(self, service: str = "shop", before: Window = BEFORE, **more: Any) -> Verification:
        """To its end; `more` are fields of Wanted."""
        wanted = Wanted(
            service,
            "prod",
            "1.1",
            rollout_start=NOON,
            caller="ci",
            fingerprint="f",
            **{"baseline": Baseline(windows=(before,)), "candidate": AFTER, **more},
        )
        made = await self.use.create(wanted)
        async for step in self.use.watch(made.name, 0):
            if isinstance(step, Progress):
                self.steps.append(step.step)
        return await self.use.get(made.name)

    async def events(self, verification: Verification) -> list[Event]:
        """All of them; what says where to look for them is another matter."""
        events, _ = await self.use.events(verification.name, "", 1000, "")
        return [replace(event, ways_back=()) for event in events]


@asynccontextmanager
async def court(
    source: LogSource,
    *specs: SourceSpec,
    folder: Path,
    retry_for: float = 0.01,
    gates: Mapping[str, int] | None = None,
    clock: Clock | None = None,
    timing: Timing | None = None,
) -> AsyncIterator[Court]:
    """`retry_for`: seconds, of real time. Without a clock all is over and nothing is waited for."""
    clock = clock or FakeClock(AFTER.end + timedelta(hours=1), held=True)
    store = await SqlStore.open(folder / "logverdict.db", clock)
    means = Means(
        store=store,
        sources={NAME: source},
        analyst=InlineAnalyst(),
        clock=clock,
        retry_for=timedelta(seconds=retry_for),
        gates=Gates(gates),
    )
    ids = count(1)
    profile = a_profile(sources=tuple(replace(spec, connection=NAME) for spec in specs), timing=timing or Timing())
    use = Verifications(means, OneProfile(profile), lambda: f"v{next(ids)}", Limits(running=100))
    await use.start()
    try:
        yield Court(use)
    finally:
        await use.stop()
        await store.close()


def stopped(verification: Verification) -> bool:
    """Whether the verdict is the right one for a bad deployment."""
    return verification.judgement is not None and verification.judgement.verdict is Verdict.FAIL


def honest(verification: Verification, said: str) -> bool:
    """Whether it is INCONCLUSIVE and says why."""
    judgement = verification.judgement
    return judgement is not None and judgement.verdict is Verdict.INCONCLUSIVE and said in judgement.sentence
