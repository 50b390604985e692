"""Templates that share a cluster and depart alone."""

import pytest

from fakes.logs import Line, before_after, every, side_by_side, usual
from logverdict.analysis.compare import compare
from logverdict.analysis.engine import judge
from logverdict.analysis.members import SHARE, spending
from logverdict.analysis.sides import Sides
from logverdict.domain.policy import Policy
from logverdict.domain.result import Judgement
from logverdict.domain.words import Direction, EventKind, Reason, Verdict

QUEUES = ("orders", "refunds", "parcels", "letters", "invoices")
MANY = tuple(f"{first}{second}" for first in "abcd" for second in ("lpha", "eta", "amma", "elta"))


def taken(queue: str, often: int = 1) -> list[Line]:
    """Something that is done all along, for each of several queues alike."""
    return every(20 / often, f"the next message of queue {queue} was taken")


def of(queues: tuple[str, ...], loud: str = "", silent: str = "") -> list[Line]:
    lines = [line for queue in queues if queue != silent for line in taken(queue, 12 if queue == loud else 1)]
    return [*usual(), *lines]


def verdict(sides: Sides) -> Judgement:
    return judge(sides, Policy(), look=1, looks=1)


@pytest.mark.parametrize("arrange", [before_after, side_by_side])
def test_one_of_a_cluster_that_is_louder_fails_by_itself(arrange: object) -> None:
    """The queue whose messages are taken twelve times as often is named, although its cluster is hardly louder."""
    found = verdict(arrange(of(MANY), of(MANY, loud="aeta")))  # type: ignore[operator]
    assert (found.verdict, found.reason) == (Verdict.FAIL, Reason.FREQUENCY_UP)
    worst = found.events[0]
    assert worst.template == "the next message of queue aeta was taken"
    assert (worst.kind, worst.direction) == (EventKind.UNEXPECTED_FREQUENCY, Direction.UP)
    others = next(one for one in found.events if "queue <*> was" in one.template)
    assert others.kind is EventKind.KNOWN


@pytest.mark.parametrize("arrange", [before_after, side_by_side])
def test_a_cluster_that_is_louder_as_a_whole_stays_one(arrange: object) -> None:
    """What moves all templates of a cluster is one event."""
    louder = [*usual(), *(line for queue in QUEUES for line in taken(queue, 12))]
    found = verdict(arrange(of(QUEUES), louder))  # type: ignore[operator]
    assert found.verdict is Verdict.FAIL
    assert [one.template for one in found.events if "queue" in one.template] == [
        "the next message of queue <*> was taken"
    ]


def test_one_of_few_that_falls_silent_fails() -> None:
    """Of a handful of words at a place, one that vanishes tells of the deployment."""
    found = verdict(before_after(of(QUEUES), of(QUEUES, silent="parcels")))
    assert (found.verdict, found.reason) == (Verdict.FAIL, Reason.MESSAGES_GONE)
    assert "queue parcels" in found.sentence


def test_one_of_many_names_may_leave() -> None:
    """Where a place holds many words they are names: one that is there no more is no anomaly."""
    found = verdict(before_after(of(MANY), of(MANY, silent="aeta")))
    assert found.verdict is Verdict.PASS


def test_nothing_is_tried_twice_at_the_price_of_one() -> None:
    """A cluster whose templates are tried has less to spend, and all together spend what one cluster may."""
    compared = compare(before_after(of(QUEUES), of(QUEUES)))
    several = (compared.table["members"].list.len() > 1).to_numpy()
    assert several.any() and not several.all()
    assert set(spending(compared)[several].tolist()) == {1 - SHARE}
    assert set(spending(compared)[~several].tolist()) == {1.0}
