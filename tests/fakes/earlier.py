"""Deployments of earlier days, judged good or bad, for those that have them as history."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from fakes.analyst import InlineAnalyst
from fakes.clock import NOON, FakeClock
from fakes.world import WANTED, World, to_the_end
from logverdict.analysis.rules import RULES_VERSION
from logverdict.domain.result import Judgement
from logverdict.domain.verification import Verification
from logverdict.domain.wanted import Wanted
from logverdict.domain.words import Verdict
from logverdict.verify.engine_ports import Judged, JudgeTask

DAY = 86_400
GOOD = (Verdict.PASS,) * 3


class Judging(InlineAnalyst):
    """The real engine; `verdict` replaces its word, whatever it finds, `rules` those it says. Remembers the tasks."""

    def __init__(self, verdict: Verdict | None = None, rules: str = RULES_VERSION) -> None:
        self.verdict, self.rules = verdict, rules
        self.tasks: list[JudgeTask] = []

    async def judge(self, task: JudgeTask) -> Judged:
        self.tasks.append(task)
        judged = await super().judge(task)
        said = self.verdict or judged.judgement.verdict
        return replace(judged, judgement=replace(judged.judgement, verdict=said, mask_version=self.rules))


def of(day: int, **changes: object) -> Wanted:
    start = NOON + timedelta(days=day)
    wanted = replace(WANTED, version=f"1.{day}", rollout_start=start)
    return replace(wanted, **changes)  # type: ignore[arg-type]


async def past(world: World, *verdicts: Verdict, rules: Sequence[str] = ()) -> None:
    """A deployment a day, judged so, by those rules; the clock then stands an hour after the next one."""
    world.clock = FakeClock(NOON + timedelta(days=len(verdicts), hours=1))
    for day, verdict in enumerate(verdicts):
        world.analyst = Judging(verdict, *rules[day : day + 1])  # type: ignore[assignment]
        use = await world.open()
        await to_the_end(use, await use.create(of(day)))
    world.analyst = Judging()  # type: ignore[assignment]


async def verified(world: World, wanted: Wanted) -> tuple[Verification, Judgement]:
    use = await world.open()
    made = await use.create(wanted)
    await to_the_end(use, made)
    last = await use.get(made.name)
    assert last.judgement
    return last, last.judgement
