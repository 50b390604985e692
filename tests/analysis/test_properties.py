"""What never changes a verdict, and what always does, on services, runs and changes that Hypothesis makes up."""

import random
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from uuid import UUID

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from fakes.logs import START, Line, batch, before_after, counts, every
from logverdict.analysis.engine import judge
from logverdict.analysis.sides import Sides, Stretch
from logverdict.domain.policy import Policy
from logverdict.domain.result import Event, Judgement
from logverdict.domain.words import Comparison, EventKind, Impact, Verdict

SECONDS = 1800
CLOCK = re.compile(r"\b\d\d:\d\d:\d\d\b")
WORSE = [Verdict.PASS, Verdict.WARN, Verdict.FAIL]
IDS = (
    "{n}",
    "{h}",
    "{u}",
    "10.0.{n}.9",
    "/srv/{h}/data.db",
    "https://{w}.example/{n}?q={h}",
    "user={w}",
    "{w}@example.org",
)
NOUNS = st.sampled_from(["order", "payment", "stock", "session", "parcel", "invoice", "basket", "voucher", "price"])
VERBS = st.sampled_from(["accepted", "settled", "written", "opened", "routed", "printed", "renewed", "merged"])
Message = tuple[str, str, float]
"""Text with braces for what varies (`n` a number, `h` a hash, `u` a UUID, `w` a name), level, and seconds from one to
the next on average."""

good = st.builds(
    lambda a, b, c, gap: (f"{a} {b} {c}", "INFO", gap), NOUNS, VERBS, st.sampled_from(IDS), st.floats(2, 30)
)
bad = st.builds(lambda a, gap: (f"cannot reach {a} {{n}}", "ERROR", gap), NOUNS, st.floats(60, 600))
services = st.builds(
    lambda some, trouble: [*some, *trouble],
    st.lists(good, min_size=3, max_size=10, unique_by=lambda one: one[0]),
    st.lists(bad, max_size=3, unique_by=lambda one: one[0]),
)
seeds = st.integers(0, 2**32 - 1)
NEW = "unable to parse answer {n}"
laws = settings(max_examples=12, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


def run(service: Sequence[Message], seed: int, day: int = 0, names: int = 0) -> list[Line]:
    """Half an hour: entries come by chance, at the service's rates. `names` decides about ids only."""
    chance, ids, lines = random.Random(f"{seed} {day}"), random.Random(names), []
    for text, level, gap in service:
        at = chance.expovariate(1 / gap)
        while at < SECONDS:
            lines.append((at, text.format_map(varied(ids)), level))
            at += chance.expovariate(1 / gap)
    return lines


def varied(ids: random.Random) -> dict[str, str]:
    number, raw = ids.randrange(10**6), ids.getrandbits(128)
    return {"n": str(number), "h": f"{raw:032x}", "u": str(UUID(int=raw)), "w": "".join(ids.choices("klmnorstu", k=6))}


def verdict(sides: Sides) -> Judgement:
    return judge(sides, Policy(), look=1, looks=1)


def cut(lines: Sequence[Line], seed: int, hours: float, instance: str = "pod-1") -> Stretch:
    """The lines in any order, in pages of any size, at any time of day."""
    chance, start = random.Random(seed), START + timedelta(hours=hours)
    mixed = chance.sample(list(lines), len(lines))
    edges = sorted({0, len(mixed), *(chance.randrange(len(mixed)) for _ in range(5))})
    pages = [batch(mixed[a:b], start=start, instance=instance) for a, b in pairwise(edges)]
    return Stretch(counts(pages, start=start), seconds=SECONDS, bins=SECONDS // 60)


def bare(judgement: Judgement) -> tuple[object, ...]:
    """Without the times of day, samples and names of instances that it tells."""

    def told(event: Event) -> Event:
        sentence = CLOCK.sub("", event.sentence)
        return replace(event, first_seen=None, last_seen=None, sentence=sentence, samples=(), instances=())

    return judgement.verdict, judgement.score, CLOCK.sub("", judgement.sentence), *map(told, judgement.events)


@laws
@given(services, seeds, seeds, st.floats(-300, 300))
def test_order_paging_and_time_of_day_change_nothing(
    service: list[Message], seed: int, shuffle: int, hours: float
) -> None:
    """The judgement is a function of what was written and of how it lies in its window."""
    before, after = run(service, seed), [*run(service, seed, 1), *every(90, NEW, "ERROR")]

    def sides(shuffle: int, hours: float) -> Sides:
        return Sides(cut(after, shuffle, hours), (cut(before, shuffle, hours),), (), Comparison.BEFORE_AFTER, "")

    assert bare(verdict(sides(shuffle, hours))) == bare(verdict(sides(1, 0)))


@laws
@given(services, seeds, seeds, st.sampled_from(["web-9", "checkout-5d4f-xkzqp", "host.example.net"]))
def test_other_ids_change_nothing(service: list[Message], seed: int, names: int, instance: str) -> None:
    """Numbers, hashes, addresses, paths, URLs, users and instances of other names leave the judgement as it is."""

    def judged(names: int, instance: str) -> Judgement:
        before = cut(run(service, seed, 0, names), 1, 0, instance)
        after = cut([*run(service, seed, 1, names), *every(60, NEW, "ERROR")], 1, 0, instance)
        return verdict(Sides(after, (before,), (), Comparison.BEFORE_AFTER, ""))

    assert bare(judged(names, instance)) == bare(judged(0, "pod-1"))


@laws
@given(services, seeds, st.integers(2, 4), st.sampled_from([1, 2, 4, 8]))
def test_uniform_traffic_is_no_anomaly(service: list[Message], seed: int, times: int, baselines: int) -> None:
    """So many times as much of everything, or so much less of it, fails nothing, however many baselines there are."""
    usual, more = run(service, seed), [line for day in range(times) for line in run(service, seed, 90 + day)]
    others = [run(service, seed, 1 + day) for day in range(baselines - 1)]
    for sides in (before_after(usual, more, *others), before_after(more, usual)):
        found = verdict(sides)
        assert found.verdict is not Verdict.FAIL, found.sentence


@laws
@given(services, seeds, st.integers(1, 3), st.sampled_from([0, 1, 3, 30]))
def test_known_lines_in_their_proportions_never_make_it_worse(
    service: list[Message], seed: int, times: int, errors: int
) -> None:
    """More of what the baseline has, as often as there, is no evidence against a deployment."""
    before = run(service, seed)
    new = [(float(at), NEW.format(n=7), "ERROR") for at in random.Random(seed).sample(range(SECONDS), errors)]
    after = [*run(service, seed, 1), *new]
    found, again = (verdict(before_after(before, lines)).verdict for lines in (after, [*after, *before * times]))
    assert WORSE.index(again) <= WORSE.index(found)


@laws
@given(services, seeds, st.floats(15, 120), st.integers(1, 8))
def test_a_new_error_that_lasts_is_always_found(service: list[Message], seed: int, gap: float, baselines: int) -> None:
    """However many baselines there are, and whatever else the service writes, it fails, by that message."""
    assume(not any("parse" in text for text, _, _ in service))
    before = [run(service, seed, 1 + day) for day in range(baselines)]
    found = verdict(before_after(before[0], [*run(service, seed), *every(gap, NEW, "ERROR")], *before[1:]))
    assert found.verdict is Verdict.FAIL, found.sentence
    worst = [event for event in found.events if event.impact is Impact.FAIL]
    assert ("unable to parse answer <num>", EventKind.UNKNOWN) in [(event.template, event.kind) for event in worst]
