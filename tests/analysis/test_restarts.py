"""What the instances of a service say of their own life."""

import pytest

from fakes.logs import START, Line, batch, counts, usual
from logverdict.analysis.engine import judge
from logverdict.analysis.sides import Sides, Stretch
from logverdict.domain.policy import Policy
from logverdict.domain.result import Judgement
from logverdict.domain.words import Comparison, Verdict


def of(**instances: list[Line]) -> Stretch:
    frames = [batch(lines, instance=name) for name, lines in instances.items()]
    return Stretch(counts(frames, start=START), seconds=1800, bins=30)


def judged(before: Stretch, after: Stretch) -> Judgement:
    sides = Sides(after, (before,), (), Comparison.BEFORE_AFTER, "before the rollout")
    return judge(sides, Policy(), look=1, looks=1)


def starts(*minutes: float) -> list[Line]:
    return [(60 * minute + 5, "Started ShopApplication in 3.2 seconds", "INFO") for minute in minutes]


def test_an_instance_that_starts_again_and_again_fails() -> None:
    """One start an instance is what a rollout brings; a loop of them is named with how often it was seen."""
    quiet = of(web1=usual(), web2=usual(scale=0.9))
    once = of(web1=[*starts(0), *usual()], web2=[*starts(1), *usual(scale=0.9)])
    found = judged(quiet, once)
    assert found.verdict is Verdict.PASS
    loop = of(web1=[*starts(0), *usual()], web2=[*starts(1, 3, 6, 11), *usual(scale=0.9)])
    found = judged(quiet, loop)
    assert found.verdict is Verdict.FAIL
    assert "instance web2 started 4 times" in found.sentence
    assert "Started" in found.events[0].template


def test_many_instances_that_start_once_are_no_loop() -> None:
    """Starts are counted by instance; entries that name none may be of any."""
    many = {f"web{number}": [*starts(number), *usual(scale=0.2)] for number in range(6)}
    assert judged(of(web0=usual()), of(**many)).verdict is Verdict.PASS
    nameless = of(**{"": [*starts(1, 3, 6, 11), *usual()]})
    assert judged(of(**{"": usual()}), nameless).verdict is Verdict.PASS


def test_a_service_that_always_restarts_is_as_usual() -> None:
    """What the baseline does as often is no loop."""
    often = of(web1=[*starts(1, 6, 11, 16, 21), *usual()])
    assert judged(often, often).verdict is Verdict.PASS


@pytest.mark.parametrize(("last", "told"), [("stock of item 7 is now 3", True), ("shutting down", False)])
def test_an_instance_that_falls_silent_is_noted(last: str, told: bool) -> None:
    """One that wrote, and wrote no more while others went on, is named, unless it said goodbye."""
    short = [line for line in usual() if line[0] < 600]
    after = of(web1=usual(), web2=usual(), web3=[*short, (601.0, last, "INFO")])
    notes = judged(of(web1=usual(), web2=usual(), web3=usual()), after).notes
    assert any("silent" in note and "web3" in note for note in notes) == told
