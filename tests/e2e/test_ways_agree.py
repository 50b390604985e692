"""Pulled and reduced at the source, in Elasticsearch and Splunk: the same verdicts and the same events."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from fakes.flow import PLACES, Entry
from fakes.judged import AFTER, BEFORE, LAST_MINUTE, court, stopped
from logverdict.domain.result import Event
from logverdict.domain.verification import Verification
from logverdict.domain.words import PushDown, Verdict

pytestmark = pytest.mark.timeout(400)
TRACE = (
    "order {n} failed: java.security.InvalidKeyException: no key for tenant",
    "\tat shop.Vault.encrypt(Vault.java:41)",
    "\tat shop.Orders.store(Orders.java:{n})",
    "Caused by: java.io.IOException: key store is locked",
    "\tat shop.Keys.open(Keys.java:7)",
    "\t... 12 more",
)
STEP = timedelta(milliseconds=10)
WARNINGS = (
    "payment gateway slow, retry 2",
    "häufig: €{n} ☃",
    "status 200 for /orders/{n}",
    "status 500 for /orders/{n}",
)


def ordinary() -> Iterator[Entry]:
    for second in range(0, int((AFTER.end - BEFORE.start).total_seconds()), 3):
        at = BEFORE.start + timedelta(seconds=second)
        for name in ("a", "b"):
            yield Entry(at, f"order {second} stored in {second % 7} ms", instance=name, offset=second * 1_000)
        text = WARNINGS[second % len(WARNINGS)].format(n=second)
        yield Entry(at + timedelta(seconds=1), text, "warn", offset=second * 1_000 + 500)


def traces() -> Iterator[tuple[Entry, list[str]]]:
    """Every four seconds of the last minute one of each instance, at the same time: its head and its lines."""
    for second in range(0, 60, 4):
        lines = [line.format(n=second) for line in TRACE]
        for name in ("a", "b"):
            at = LAST_MINUTE.start + timedelta(seconds=second + 2)
            yield Entry(at, lines[0], "error", name, offset=10_000_000 + second * 1_000), lines


def whole() -> Iterator[Entry]:
    for head, lines in traces():
        yield Entry(head.at, "\n".join(lines), "error", head.instance, offset=head.offset)


def split() -> Iterator[Entry]:
    """Each line an entry of the same time, told apart by its offset."""
    for head, lines in traces():
        for number, line in enumerate(lines):
            yield Entry(head.at, line, "error", head.instance, offset=head.offset + number)


def interleaved() -> Iterator[Entry]:
    """The lines of two instances, in turn, a little later each."""
    for head, lines in traces():
        for number, line in enumerate(lines):
            at = head.at + number * STEP + (STEP / 2 if head.instance == "b" else timedelta(0))
            yield Entry(at, line, "error", head.instance, offset=head.offset + number)


def nothing() -> Iterator[Entry]:
    yield from ()


async def judged(
    place: str, folder: Path, more: Callable[[], Iterator[Entry]], push_down: PushDown
) -> tuple[Verification, list[Event]]:
    folder.mkdir(exist_ok=True)
    async with PLACES[place]([*ordinary(), *more()], folder) as logs:
        await logs.bring(AFTER.end + timedelta(minutes=10))
        async with court(logs.source, logs.spec(push_down=push_down), folder=folder) as at_work:
            found = await at_work.judge()
            return found, await at_work.events(found)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("more", [nothing, whole, split, interleaved])
async def test_pulled_and_reduced_give_the_same(
    tmp_path: Path, place: str, more: Callable[[], Iterator[Entry]]
) -> None:
    """Verdict, sentence, score and every event with its counts and samples; a stack trace in any form is one event."""
    pulled, events = await judged(place, tmp_path / "pulled", more, PushDown.NEVER)
    reduced, same = await judged(place, tmp_path / "reduced", more, PushDown.ALWAYS)
    assert events == same
    assert pulled.judgement == reduced.judgement
    assert {note for part in pulled.coverage for note in part.coverage.notes} == set()
    assert all("reduced at the source" in part.coverage.notes for part in reduced.coverage)
    assert pulled.judgement
    if more is nothing:
        assert pulled.judgement.verdict is Verdict.PASS
        return
    assert stopped(pulled)
    (fault,) = (event for event in events if "InvalidKeyException" in event.template)
    assert fault.candidate_count == 30
    assert {count.instance for count in fault.instances} == {"a", "b"}
    assert not [event for event in events if event.template.startswith("\tat ")]


@pytest.mark.parametrize("place", PLACES)
async def test_each_form_of_a_trace_gives_the_same_event(tmp_path: Path, place: str) -> None:
    """Whole, split, or interleaved from two instances: one shipper's habits do not make another event."""
    found = {}
    for form in (whole, split, interleaved):
        _, events = await judged(place, tmp_path / form.__name__, form, PushDown.AUTO)
        found[form.__name__] = [(event.id, event.template, event.candidate_count) for event in events]
    assert found["whole"] == found["split"] == found["interleaved"]
