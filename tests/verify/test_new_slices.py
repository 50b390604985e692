"""A look reads and counts only what is new."""

from datetime import timedelta
from itertools import pairwise

from fakes.analyst import ScriptedAnalyst
from fakes.clock import NOON
from fakes.memory_source import CountingSource
from fakes.world import WANTED, World, rows, to_the_end
from logverdict.domain.verification import Plan, Slice
from logverdict.domain.window import Window
from logverdict.domain.words import Verdict

SECOND = timedelta(seconds=1)


class CountingAnalyst(ScriptedAnalyst):
    """Keeps the span of each part that it made counts of."""

    def __init__(self) -> None:
        super().__init__(Verdict.PASS)
        self.reduced: list[Window] = []

    async def reduce(self, entries: object, piece: Slice, plan: Plan, span: Window) -> bytes:
        self.reduced.append(span)
        return await super().reduce(entries, piece, plan, span)  # type: ignore[arg-type]


async def test_a_look_reads_and_counts_its_new_slice_only(world: World) -> None:
    """Of the baseline, and of what earlier looks read, nothing is asked for again, but how many entries there are."""
    world.source = source = CountingSource(rows(range(-600, 400)), world.clock)
    world.analyst = analyst = CountingAnalyst()
    use = await world.open()
    await to_the_end(use, await use.create(WANTED))
    spans = sorted(analyst.reduced, key=lambda span: span.start)
    assert [len(analyst.tasks), spans[0].start, spans[-1].end] == [
        4,
        NOON - timedelta(minutes=10),
        NOON + timedelta(minutes=5),
    ]
    after = [span for span in spans if span.start >= NOON]
    assert [span.length for span in after] == [timedelta(minutes=1)] * 4
    assert all(one.end <= other.start for one, other in pairwise(spans))
    # A second more is read at each end, for stack traces that go on.
    assert sorted((span.start, span.end - SECOND) for span in source.reads) == [(one.start, one.end) for one in spans]
