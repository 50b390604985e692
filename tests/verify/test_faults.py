"""What sources say of slices, said of all of them; what is logged while they are asked again."""

from collections.abc import Iterator

import pytest
import stamina.instrumentation
from structlog.contextvars import get_contextvars

from fakes.world import WANTED, World, to_the_end
from logverdict.domain.errors import SourceUnavailable
from logverdict.domain.verification import Coverage, whole


def test_counts_of_slices_add_up():
    """Sentences that differ only in the count they begin with are one; equal ones without a count too."""
    said = [
        Coverage(faults=("32 entries have no text in message", "the index is closed", "2 lines are cut")),
        Coverage(faults=("1,030 entries have no text in message", "the index is closed")),
        Coverage(faults=("32 entries have no text in message",)),
    ]
    assert whole(said).faults == ("1,094 entries have no text in message", "the index is closed", "2 lines are cut")


def test_what_a_slice_says_twice_counts_once():
    """Its count and its read speak of the same entries; shares of a whole do not add up."""
    twice = Coverage(faults=("3 entries came twice", "5 entries came twice", "1 of 3 clusters did not answer"))
    other = Coverage(faults=("2 entries came twice", "1 of 3 clusters did not answer"))
    assert (twice + other).faults == ("7 entries came twice", "1 of 3 clusters did not answer")


@pytest.fixture
def retries() -> Iterator[list[dict[str, object]]]:
    """What the log's context holds at each retry."""
    seen: list[dict[str, object]] = []
    stamina.instrumentation.set_on_retry_hooks([lambda _: seen.append(get_contextvars())])
    yield seen
    stamina.instrumentation.set_on_retry_hooks(None)


async def test_a_retry_is_logged_with_its_source(
    world: World, monkeypatch: pytest.MonkeyPatch, retries: list[dict[str, object]]
):
    """Who reads the server's log sees which connection did not answer, and for which verification."""
    survey, faults = world.source.survey, [SourceUnavailable("asleep")]

    async def sometimes(*what: object, **more: object) -> object:
        if faults:
            raise faults.pop()
        return await survey(*what, **more)

    monkeypatch.setattr(world.source, "survey", sometimes)
    use = await world.open()
    made = await use.create(WANTED)
    await to_the_end(use, made)
    (spec,) = made.request.profile.sources
    assert retries[0] == {"verification": made.id, "source": spec.name, "connection": spec.connection}
    assert get_contextvars() == {}
