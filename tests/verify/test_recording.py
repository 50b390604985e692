"""Recordings hold what a verification would read, without secrets, and never a part that looks like the whole."""

from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import polars as pl
import pytest

from fakes.clock import NOON, FakeClock
from fakes.memory_source import CountingSource, MemorySource
from fakes.verifications import a_source
from fakes.world import PROFILE, WANTED, OneProfile, World, rows
from logverdict.analysis.entries import ORDER, SCHEMA, entries
from logverdict.domain.deployment import ChangedInstances
from logverdict.domain.errors import InvalidRequest, LimitReached, NotFound, QueryRejected
from logverdict.domain.verification import Baseline
from logverdict.domain.wanted import Wanted
from logverdict.domain.window import Window
from logverdict.domain.words import Severity
from logverdict.verify import parts
from logverdict.verify.means import Means
from logverdict.verify.recording import AT_ONCE, Ended, Planned, Recorded, Recordings, cleaned, ordered

ALL = range(-600, 400)
SECRET = "hunter2-hunter2"


def at(seconds: float) -> Any:
    return NOON + timedelta(seconds=seconds)


def recordings(world: World, source: MemorySource, **profile: Any) -> Recordings:
    clock = FakeClock(at(3600))
    means = Means(world.store, {"files": source}, world.analyst, clock, retry_for=timedelta(seconds=0.01))
    return Recordings(means, OneProfile(replace(PROFILE, **profile)), lambda: "r1")


async def made(record: AsyncGenerator[Any, None]) -> tuple[Planned, dict[str, pl.DataFrame], Ended]:
    """The plan, the entries by window, and the end."""
    steps = [step async for step in record]
    found: dict[str, list[pl.DataFrame]] = {}
    for step in steps:
        if isinstance(step, Recorded):
            found.setdefault(step.window, []).append(step.entries)
    assert isinstance(steps[0], Planned) and isinstance(steps[-1], Ended)
    return steps[0], {window: pl.concat(frames) for window, frames in found.items()}, steps[-1]


def counting(world: World) -> CountingSource:
    return CountingSource(rows(ALL), FakeClock(at(3600)))


async def test_a_recording_is_what_a_verification_reads(world: World) -> None:
    """Baseline and candidate windows as the plan has them, all of their entries, half-open, and how much was read."""
    plan, found, end = await made(recordings(world, MemorySource(rows(ALL))).record(WANTED))
    assert plan.baselines == (Window(at(-600), NOON),)
    assert plan.candidate == Window(at(60), at(300))
    assert [len(found[window]) for window in ("baseline-0", "candidate")] == [600, 240]
    assert (found["candidate"]["time"].min(), found["candidate"]["time"].max()) == (at(60), at(299))
    assert end.complete and {(part.side, part.coverage.read) for part in end.coverage} == {
        ("baseline", 600),
        ("candidate", 240),
    }


async def test_a_source_that_counts_is_read_in_parts(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Parts fit into memory, are in order, are asked for again when they fail, and hold each entry once."""
    monkeypatch.setattr(parts, "PART", 100)
    source = CountingSource([*rows(ALL)][::-1], FakeClock(at(3600)))
    source.fail(1)
    _, found, end = await made(recordings(world, source).record(WANTED))
    assert end.complete
    assert len(source.reads) > 6
    assert found["baseline-0"]["time"].to_list() == [at(second) for second in range(-600, 0)]
    assert found["candidate"]["time"].to_list() == [at(second) for second in range(60, 300)]


async def test_what_cannot_be_read_makes_it_incomplete(world: World) -> None:
    """A source that does not answer, or says that it lacks something: the end says so, and why."""
    for source in (MemorySource(rows(ALL)), counting(world)):
        source.fail(99)
        _, _, end = await made(recordings(world, source).record(WANTED))
        assert not end.complete
        assert {fault for part in end.coverage for fault in part.coverage.faults} == {"the source does not answer"}
    lacking = MemorySource(rows(ALL))
    lacking.lack("a shard did not answer")
    _, _, end = await made(recordings(world, lacking).record(WANTED))
    assert not end.complete


async def test_a_rejected_query_ends_it(world: World) -> None:
    """What a retry does not mend is an error of the call."""
    source = MemorySource(rows(ALL))
    source.fail(1, QueryRejected("no such index"))
    with pytest.raises(QueryRejected):
        await made(recordings(world, source).record(WANTED))


async def test_other_rollouts_in_the_windows_are_told(world: World) -> None:
    """Good against good holds no deployment: those that the store knows of are named, the recorded one is not."""
    use = await world.open()
    await use.create(replace(WANTED, rollout_start=at(-120), version="1.0"))
    await use.create(replace(WANTED, rollout_start=NOON))
    plan, _, _ = await made(recordings(world, MemorySource(rows(ALL))).record(WANTED))
    (note,) = plan.notes
    assert "version 1.0" in note and "2026-11-20T11:58" in note


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"rollout_start": at(3500)}, "only what is over can be recorded"),
        ({"changed": ChangedInstances(version="2")}, "can't be recorded"),
        ({"baseline": Baseline(verifications=("verifications/v1",))}, "can't be recorded"),
    ],
)
async def test_what_cannot_be_recorded_is_refused(world: World, changes: dict[str, Any], said: str) -> None:
    """Windows that are not over, instances side by side, counts of other verifications."""
    with pytest.raises(InvalidRequest, match=said):
        await made(recordings(world, MemorySource()).record(replace(WANTED, **changes)))


async def test_an_unknown_profile_is_refused(world: World) -> None:
    """As for a verification."""
    with pytest.raises(NotFound):
        await made(recordings(world, MemorySource()).record(Wanted("nosuch", "prod", "1", rollout_start=NOON)))


async def test_recordings_at_once_are_bounded(world: World) -> None:
    """What is too many is refused; one that is given up makes room."""
    use = recordings(world, MemorySource(rows(ALL)))
    going = [use.record(WANTED) for _ in range(AT_ONCE)]
    for record in going:
        await anext(record)
    with pytest.raises(LimitReached):
        await anext(use.record(WANTED))
    for record in going:
        await record.aclose()
    await made(use.record(WANTED))


async def test_secrets_are_gone_and_numbers_stay(world: World) -> None:
    """Messages lose passwords, tokens, addresses and card numbers before they leave the server; the rest stays."""
    texts = [
        f"login password={SECRET} took 41 ms",
        f"Authorization: Bearer {SECRET}",
        "mail to ann.lee@example.org: status 502",
        "card 4111 1111 1111 1111 declined, order 77812",
    ]
    source = MemorySource(
        [row for second, text in enumerate(texts) for row in rows(range(100 + second, 101 + second), "a", text)]
    )
    _, found, _ = await made(recordings(world, source).record(WANTED))
    assert found["candidate"]["message"].to_list() == [
        "login password=<secret> took 41 ms",
        "Authorization: <secret>",
        "mail to <email>: status 502",
        "card <card> declined, order 77812",
    ]


def test_levels_carry_the_profiles_severities() -> None:
    """A level that the profile gives a severity is kept as that, as cases know no profile; others stay."""
    frame = entries([(at(place), "m", level, "a", "") for place, level in enumerate(["NOTE", "[e]", "info", ""])])
    kept = cleaned(frame, a_source(severities={"note": Severity.INFO, "E": Severity.ERROR}))
    assert kept["level"].to_list() == ["INFO", "ERROR", "info", ""]
    assert kept.schema == SCHEMA


def test_lines_of_a_moment_keep_their_order(world: World) -> None:
    """What a source says of streams and offsets orders entries of the same time, and does not leave."""
    frame = entries([(at(0), text, "", "a", "") for text in ("second", "first")])
    frame = frame.with_columns(stream=pl.lit("s"), offset=pl.Series([2, 1]))
    (whole,) = ordered([frame])
    assert whole["message"].to_list() == ["first", "second"]
    assert not set(ORDER.names()) & set(cleaned(whole, a_source()).columns)
