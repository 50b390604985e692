"""Twelve verifications at once on a Splunk that allows three searches."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import stamina

from fakes import splunk
from fakes.judged import NAME, Court, court, stopped
from fakes.site import NOON, broken, entry
from logverdict.adapters.sources.splunk import SplunkSource
from logverdict.domain.profile import SourceSpec
from logverdict.domain.verification import Verification
from logverdict.domain.window import Window
from logverdict.domain.words import State, Verdict
from servers.splunk.jobs import Job
from servers.splunk.server import SplunkServer

pytestmark = pytest.mark.timeout(300)
ALLOWED = 3
SERVICES = ("good", "bad")
SHORT = Window(NOON - timedelta(minutes=3), NOON)
CANDIDATE = Window(NOON, NOON + timedelta(minutes=2))
SPEC = SourceSpec("app", NAME, "*", options={"index": "{service}"})


class Crowded(SplunkServer):
    """Remembers how many searches it had no room for."""

    refused = 0

    def add_job(self, *given, **more) -> Job | None:  # type: ignore[no-untyped-def]
        job = super().add_job(*given, **more)
        self.refused += job is None
        return job


@pytest.fixture
def server() -> Iterator[Crowded]:
    """Searches take a while, and no more than three run at once."""
    with Crowded() as server:
        server.knobs.jobs_at_once, server.knobs.running_polls = ALLOWED, 1
        seconds = range(0, int((CANDIDATE.end - SHORT.start).total_seconds()), 3)
        ordinary = [
            entry(SHORT.start + timedelta(seconds=second), f"order {second} stored in {second % 7} ms", instance=name)
            for second in seconds
            for name in ("a", "b")
        ]
        for index, lines in (
            ("good", ordinary),
            ("bad", [*ordinary, *broken(CANDIDATE.end - timedelta(minutes=1), 60)]),
        ):
            for line in lines:
                server.indexes.add(datetime.fromisoformat(json.loads(line)["timestamp"]), line, index=index)
        yield server


@pytest.fixture
async def source(server: Crowded, tmp_path: Path) -> AsyncIterator[SplunkSource]:
    source = splunk.source(server, tmp_path, timeout=60.0, search_timeout=120.0, threads=12)
    yield source
    await source.aclose()


async def one(at_work: Court, service: str) -> Verification:
    return await at_work.judge(service, SHORT, candidate=CANDIDATE)


async def twelve(at_work: Court) -> list[Verification]:
    return list(await asyncio.gather(*(one(at_work, SERVICES[number % 2]) for number in range(12))))


async def test_twelve_at_once_get_the_undisturbed_verdicts(
    server: Crowded, source: SplunkSource, tmp_path: Path
) -> None:
    """With as many places as Splunk has, they take turns: nobody is refused, and those who wait are told so."""
    async with court(source, SPEC, folder=tmp_path, gates={NAME: ALLOWED}) as at_work:
        found = await twelve(at_work)
    assert [stopped(it) for it in found] == [False, True] * 6
    assert {it.judgement.verdict for it in found if it.judgement} == {Verdict.PASS, Verdict.FAIL}
    assert all(part.share == 1 for it in found for part in it.coverage)
    assert server.refused == 0
    assert server.most_jobs <= ALLOWED
    assert any("waiting for a place at connection logs" in step for step in at_work.steps)


async def test_twelve_at_once_with_more_places_than_splunk_has_are_honest(
    server: Crowded, source: SplunkSource, tmp_path: Path
) -> None:
    """Some are refused (503) and ask again; each gets the undisturbed verdict, or is INCONCLUSIVE and says why."""
    async with court(source, SPEC, folder=tmp_path, gates={NAME: 10}, retry_for=60) as at_work:
        found = await twelve(at_work)
    assert server.refused > 0
    assert server.most_jobs <= ALLOWED
    for number, it in enumerate(found):
        assert it.state is State.SUCCEEDED and it.judgement
        undisturbed = Verdict.FAIL if number % 2 else Verdict.PASS
        inconclusive = it.judgement.verdict is Verdict.INCONCLUSIVE and "503" in it.judgement.sentence
        assert it.judgement.verdict is undisturbed or inconclusive, it.judgement.sentence
    assert {job.done for job in server.jobs.values()} <= {True}


async def test_where_there_is_no_room_at_all_they_are_inconclusive(
    server: Crowded, source: SplunkSource, tmp_path: Path
) -> None:
    """Somebody else uses up the quota: no verdict, no PASS, and the reason is Splunk's."""
    server.knobs.jobs_at_once = 0
    with stamina.set_testing(True, attempts=2):
        async with court(source, SPEC, folder=tmp_path, gates={NAME: ALLOWED}) as at_work:
            found = await asyncio.gather(*(one(at_work, service) for service in SERVICES))
    assert {it.judgement.verdict for it in found if it.judgement} == {Verdict.INCONCLUSIVE}
    assert all("503" in it.judgement.sentence for it in found if it.judgement)
