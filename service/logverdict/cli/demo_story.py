"""The demo's story: 1.0 is normal, 1.1 is bad, 1.2 is fixed; told with the code that `logverdict verify` runs."""

import asyncio
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from logverdict.cli import words
from logverdict.cli.client import Client
from logverdict.cli.connect import reached
from logverdict.cli.demo_place import Pace, Place, write
from logverdict.cli.demo_show import Show
from logverdict.cli.outcome import Outcome
from logverdict.cli.request import wishes
from logverdict.cli.run import Limits, Run
from logverdict.cli.track import Track
from logverdict.cli.verify_options import VerifyOptions
from logverdict.demo.fleet import Fleet, Rollout
from logverdict.v1 import event_pb2

Event = event_pb2.Event
TIMEOUT = timedelta(seconds=60)
BROKEN, SLOWED = "encryption", "retry"
"""Words of the two messages that 1.1 must be stopped for."""


class StoryError(Exception):
    """The demo did not show what it should."""


FULL = Pace(baseline=12, judged=10)
QUICK = Pace(baseline=6, judged=4)


def new_folder(wanted: Path | None) -> Path:
    """Raises StoryError for a folder that holds something already."""
    if wanted is None:
        return Path(tempfile.mkdtemp(prefix="logverdict-demo-"))
    if wanted.exists() and any(wanted.iterdir()):
        raise StoryError(f"{wanted} is not empty; --keep wants a new folder")
    wanted.mkdir(parents=True, exist_ok=True)
    return wanted.resolve()


class Story:
    def __init__(self, folder: Path, show: Show, pace: Pace, place: Place) -> None:
        self._folder, self._show, self._pace, self._place = folder, show, pace, place
        self._config = folder / "logverdict.yaml"

    async def tell(self) -> None:
        """Raises StoryError unless 1.1 gives FAIL for both of its faults and 1.2 gives PASS."""
        write(self._folder, self._config, self._place, self._pace)
        try:
            self._show.begin(self._folder, await self._place.prepare(self._config))
            await self._acts()
        finally:
            await self._place.clear()
        self._show.end(self._config, self._bad_name)

    async def _acts(self) -> None:
        async with Fleet(self._folder) as fleet:
            first = await fleet.deploy("1.0")
            await self._place.fill(fleet)
            await fleet.load()
            async with reached("", local=True, config=self._config) as client:
                await self._baseline(fleet, first, client)
                await self._bad(fleet, client)
                await self._good(fleet, client)

    async def _baseline(self, fleet: Fleet, rollout: Rollout, client: Client) -> None:
        self._show.act("checkout 1.0 runs", "what it logs now is the baseline: what normal looks like")
        self._show.fact(f"{rollout.instances} instances under load; logverdict listens on {client.server}")
        # A second more than the window, so that the load's first moments are not in it.
        until = rollout.end + timedelta(seconds=self._pace.baseline + 1)
        with self._show.waiting("collecting a baseline"):
            await asyncio.sleep((until - datetime.now(UTC)).total_seconds())
        fleet.check()
        self._show.fact(await self._place.entries(fleet))

    async def _bad(self, fleet: Fleet, client: Client) -> None:
        self._show.act(
            "checkout 1.1 is deployed", "it encrypts card numbers but lacks a key, and hurries the payment gateway"
        )
        outcome = await self._verify(fleet, client, "1.1")
        self._bad_name = outcome.name
        self._show.outcome(outcome)
        _expect(outcome, "FAIL", "STOP")
        new = [event for event in outcome.events if event.kind == Event.UNKNOWN and BROKEN in event.template]
        more = [event for event in outcome.events if event.direction == Event.UP and SLOWED in event.template]
        if not new or not more:
            raise StoryError("1.1 gave FAIL, but not for its new exception and its risen number of retries")

    async def _good(self, fleet: Fleet, client: Client) -> None:
        self._show.act("checkout 1.2 is deployed", "the key is there, the gateway gets its time again")
        outcome = await self._verify(fleet, client, "1.2")
        self._show.outcome(outcome)
        _expect(outcome, "PASS", "PROCEED")

    async def _verify(self, fleet: Fleet, client: Client, version: str) -> Outcome:
        """What `logverdict verify` does, with the same options."""
        rollout = await fleet.deploy(version)
        took = (rollout.end - rollout.start).total_seconds()
        self._show.fact(f"{rollout.instances} instances replaced in {took:.1f} s")
        options = VerifyOptions(
            services=[f"checkout@{version}"],
            environment="demo",
            rollout_start=rollout.start.isoformat(),
            rollout_end=rollout.end.isoformat(),
        )
        self._show.command(f"logverdict verify checkout@{version} --environment demo")
        now = datetime.now(UTC)
        tracks = [Track(wish=wish) for wish in wishes(options, {}, now)]
        with self._show.watching() as reporter:
            outcomes = await Run(client, reporter, Limits(TIMEOUT), now).follow(tracks, TIMEOUT.total_seconds())
        fleet.check()
        return outcomes[0]


def _expect(outcome: Outcome, verdict: str, decision: str) -> None:
    found = words.verdict(outcome.verification) if outcome.verification else "no verdict"
    if (found, outcome.decision) != (verdict, decision):
        raise StoryError(
            f"{outcome.label} should have given {verdict} and {decision}; "
            f"it gave {found} and {outcome.decision}: {outcome.sentence}"
        )
