"""What stored slices give: the same counts and seconds to whoever asks for a window."""

from collections.abc import AsyncIterator, Iterable
from dataclasses import replace
from datetime import timedelta

import polars as pl
import pytest

from fakes.clock import NOON, FakeClock
from fakes.earlier import DAY, Judging, of, verified
from fakes.memory_source import MemorySource, Row
from fakes.verifications import a_finished_verification, a_plan, at
from fakes.world import PROFILE, World, rows
from logverdict.analysis.counts import empty
from logverdict.domain.errors import SourceUnavailable
from logverdict.domain.policy import Policy
from logverdict.domain.profile import SourceSpec
from logverdict.domain.verification import Baseline, Coverage, Slice, Verification
from logverdict.domain.window import Window
from logverdict.domain.words import Verdict
from logverdict.verify.again import judge_with_feedback
from logverdict.verify.ports import StoredSlice
from logverdict.verify.window_counts import candidate_counts, candidate_pieces, some_deleted

COUNTS = empty().to_bytes()
READ = Coverage(expected=100, read=100)


class DarkSource(MemorySource):
    """Does not answer for what begins within a window."""

    def __init__(self, rows: Iterable[Row], dark: Window) -> None:
        super().__init__(rows)
        self._dark = dark

    async def read(self, spec: SourceSpec, span: Window) -> AsyncIterator[pl.DataFrame | Coverage]:
        if span.start in self._dark:
            raise SourceUnavailable("the source does not answer")
        async for part in super().read(spec, span):
            yield part


def finished(looks: tuple[float, ...] = (360, 660), **changes: object) -> Verification:
    """Judged at the last of these looks, in seconds after NOON; its window begins at 60."""
    plan = a_plan(candidate=Window(at(60), at(looks[-1])), looks=tuple(map(at, looks)))
    return replace(a_finished_verification(look=len(looks)), plan=plan, **changes)  # type: ignore[arg-type]


def stored(pieces: Iterable[Slice], *coverage: Coverage | None) -> dict[str, StoredSlice]:
    """The slices with such coverage; None for those that could not be read."""
    return {
        piece.key: StoredSlice(piece.key, None if one is None else COUNTS, one or Coverage(100, 0, complete=False))
        for piece, one in zip(pieces, coverage, strict=False)
    }


async def test_a_window_of_which_half_was_read_is_the_same_to_all(world: World):
    """Its own judgement, the same judged again, one that names it as baseline, and one that has it as history."""
    entries = [row for day in range(3) for row in rows(range(day * DAY - 600, day * DAY + 400))]
    world.source = DarkSource(entries, Window(at(60), at(180)))
    world.profile = replace(PROFILE, policy=Policy(min_coverage=0.2))
    world.clock = FakeClock(NOON + timedelta(days=2, hours=1), longest=timedelta(minutes=30))
    world.analyst = analyst = Judging(Verdict.PASS)  # type: ignore[assignment]
    first, _ = await verified(world, of(0))
    await judge_with_feedback(first, world.means)
    await verified(world, of(1))
    await verified(world, of(2, baseline=Baseline(verifications=(first.name,))))
    own, again, with_history, with_baseline = analyst.tasks
    same = (own.candidate, again.candidate, with_history.history[0], with_baseline.baselines[0])
    assert [(one.seconds, one.bins) for one in same] == [(120.0, 40)] * 4


@pytest.mark.parametrize(
    ("looks", "coverage", "seconds"),
    [
        pytest.param((360, 660), (READ, READ), 600.0, id="all"),
        pytest.param((360, 660), (READ, None), 300.0, id="half"),
        pytest.param((360, 420), (READ, None), 300.0, id="all but a short slice"),
        pytest.param((360, 660), (READ, Coverage(expected=100, read=50)), 450.0, id="half of a slice's entries"),
        pytest.param((360, 660), (READ, Coverage(expected=100, read=0, complete=False)), 300.0, id="none of them"),
        pytest.param((360, 660), (READ, Coverage(read=7, complete=False)), 600.0, id="nobody knows how many"),
        pytest.param((360, 660), (READ, Coverage(expected=0)), 600.0, id="there were none"),
        pytest.param((360, 660), (READ,), 300.0, id="not stored"),
    ],
)
def test_a_slice_stands_for_the_time_of_which_it_was_read(
    looks: tuple[float, ...], coverage: tuple[Coverage | None, ...], seconds: float
):
    """By its length, and by the entries that the source counts in it; where nobody counts, for all of it."""
    verification = finished(looks)
    found = candidate_counts(verification, stored(candidate_pieces(verification), *coverage))
    assert found.seconds == pytest.approx(seconds)


def test_a_window_that_ended_early_is_what_was_judged_of_it():
    """The looks after the one at which it ended were never read; a bin that is cut short is one more."""
    stopped = replace(finished(), look=1)
    found = candidate_counts(stopped, stored(candidate_pieces(stopped), READ))
    assert (found.seconds, found.bins) == (300.0, 10)
    closed = finished(closes_at=at(400))
    found = candidate_counts(closed, stored(candidate_pieces(closed), READ, READ))
    assert (found.seconds, found.bins) == (pytest.approx(340.0), 12)


def test_a_window_that_was_closed_before_it_began_gives_nothing():
    """A newer deployment came at once: that is no time at all."""
    assert candidate_counts(finished(closes_at=NOON), {}).seconds == 0.0


def test_what_is_missing_was_deleted_unless_it_was_never_read():
    """A slice that could not be read is stored as such; the last one of a closed window may not have been asked for."""
    whole, closed = finished(), finished(closes_at=at(400))
    pieces, short = candidate_pieces(whole), candidate_pieces(closed)
    assert not some_deleted(whole, pieces, stored(pieces, READ, None))
    assert some_deleted(whole, pieces, stored(pieces, READ))
    assert not some_deleted(closed, short, stored(short, READ))
    assert some_deleted(closed, short, stored(short[1:], READ))
    assert some_deleted(closed, short, {})
