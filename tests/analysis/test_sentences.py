"""What a person reads at three in the morning, word for word."""

from dataclasses import replace

import pytest

from fakes.logs import Line, batch, before_after, counts, every, side_by_side, stretch, usual
from fakes.verifications import an_event, at
from logverdict.analysis.engine import judge
from logverdict.analysis.sentences import Ground, sentence
from logverdict.analysis.sides import Sides, Stretch
from logverdict.domain.policy import Policy
from logverdict.domain.result import InstanceCount, Judgement, Nearest
from logverdict.domain.words import Direction, EventKind, Severity

BEFORE = Ground(instances=4, baseline=1, history=0, concurrent=False, days=False)
HISTORY = replace(BEFORE, history=8)
BESIDE = replace(BEFORE, concurrent=True)
CHANGED = {"kind": EventKind.UNEXPECTED_FREQUENCY, "baseline_count": 90, "expected": 30.0, "nearest": None}
UP = {**CHANGED, "candidate_count": 150, "ratio": 5.0}
DOWN = {**CHANGED, "candidate_count": 3, "ratio": 0.1, "direction": Direction.DOWN}
GONE = {
    **CHANGED,
    "kind": EventKind.GONE,
    "candidate_count": 0,
    "ratio": 0.0,
    "last_seen": at(-3),
    "severity": Severity.INFO,
}
KNOWN = {"kind": EventKind.KNOWN, "baseline_count": 90, "candidate_count": 31, "expected": 30.0}
WHEN = "12:01:10 to 12:10:00 UTC"


@pytest.mark.parametrize(
    ("changes", "on", "told"),
    [
        ({}, BEFORE, f"New ERROR: 12 times on 2 of 4 instances from {WHEN}; never in the baseline."),
        (
            {},
            HISTORY,
            f"New ERROR: 12 times on 2 of 4 instances from {WHEN}; "
            "never in the baseline nor in 8 earlier good deployments.",
        ),
        (
            {},
            BESIDE,
            f"New ERROR: 12 times on 2 of 4 instances from {WHEN}; "
            "never in the baseline, neither beside it nor before.",
        ),
        (
            {"candidate_count": 1, "last_seen": at(70), "instances": (InstanceCount("pod-7", 1),)},
            BEFORE,
            "New ERROR: once on 1 of 4 instances (pod-7) at 12:01:10 UTC; never in the baseline.",
        ),
        (
            {"severity": Severity.INFO},
            replace(BEFORE, instances=2, baseline=3),
            f"New: 12 times on all 2 instances from {WHEN}; never in any of 3 baselines.",
        ),
        ({"instances": ()}, BEFORE, f"New ERROR: 12 times from {WHEN}; never in the baseline."),
        (
            {"instances": (), "nearest": Nearest("e0", "cannot read order <num>", 0.7, 0.5)},
            replace(BEFORE, days=True),
            "New ERROR: 12 times from 20 Nov 12:01 to 20 Nov 12:10 UTC; never in the baseline. "
            "Most like the known “cannot read order <num>”: “encrypt” instead of “read”.",
        ),
        (
            UP,
            BEFORE,
            f"More frequent ERROR: 150 times on 2 of 4 instances from {WHEN}, 30 expected by the baseline, "
            "5 × as often.",
        ),
        (
            {**DOWN, "instances": ()},
            HISTORY,
            f"Less frequent ERROR: 3 times from {WHEN}, 30 expected by the baseline and 8 earlier good deployments, "
            "0.1 × as often.",
        ),
        (
            {**UP, "instances": (), "ratio": 42.0},
            BESIDE,
            f"More frequent ERROR: 150 times from {WHEN}, 30 expected by the instances beside it, 42 × as often.",
        ),
        (GONE, BEFORE, "Gone: not seen, 30 expected by the baseline, last 11:59:57 in the baseline."),
        (GONE, BESIDE, "Gone: not seen, 30 expected by the instances beside it."),
        (KNOWN, BEFORE, "Known ERROR: 31 times, 30 expected."),
        ({**KNOWN, "candidate_count": 0, "severity": Severity.INFO}, BEFORE, "Known: not seen, 30 expected."),
        (
            {**KNOWN, "baseline_count": 0, "instances": ()},
            HISTORY,
            f"Known ERROR: 31 times from {WHEN}; not in the baseline, but in 3 of 8 earlier good deployments.",
        ),
        (
            {**KNOWN, "baseline_count": 0, "instances": ()},
            BESIDE,
            f"Known ERROR: 31 times from {WHEN}; not on the instances beside it, but before.",
        ),
        (
            {"kind": EventKind.NO_BASELINE, "instances": ()},
            BEFORE,
            f"Nothing to compare ERROR with: 12 times from {WHEN}.",
        ),
    ],
)  # fmt: skip
def test_an_event_says_what_where_how_often_since_when_and_what_was_expected(
    changes: dict[str, object], on: Ground, told: str
) -> None:
    """One sentence, and what is like it."""
    event = an_event(**{"nearest": None, **changes})
    assert sentence(event, on, 3 if on.history and not on.concurrent else 0) == told


def judged(sides: Sides) -> Judgement:
    return judge(sides, Policy(), look=1, looks=1)


NEW = every(100, "cannot encrypt order {n} of customer {n}", "ERROR", first=100)


def test_a_verdict_names_the_worst_and_all_that_is_to_be_known_of_it() -> None:
    """Here the only one, on the only instance."""
    assert judged(before_after(usual(), [*usual(), *NEW])).sentence == (
        "1 new error: “cannot encrypt order <num> of customer <num>”, 18 times from 10:01:40 to 10:30:00 UTC; "
        "never in the baseline."
    )


def test_a_verdict_counts_what_counts() -> None:
    """What is new, what came more often, and which is the worst."""
    more = every(100, "cannot open the ledger of {n}", "ERROR", first=50)
    cards = every(6, "payment {n} failed: card declined", "ERROR", first=9)
    assert judged(side_by_side(usual(), [*usual(), *NEW, *more, *cards])).sentence == (
        "2 new errors and 1 message of unexpected frequency; the worst: “payment <num> failed: card declined”, "
        "329 times from 10:00:04 to 10:29:57 UTC, 30 expected by the instances beside it, 11 × as often."
    )


def test_of_errors_that_are_as_bad_the_first_that_says_what_is_wrong_is_named() -> None:
    """A line that only says that there are errors heads what the cause stands behind."""
    build = [(600.0, "[ERROR]", ""), (601.0, "[ERROR] cannot find symbol Order", ""), (602.0, "[ERROR] re-run me", "")]
    told = "The candidate says of itself that it failed: “Finished: FAILURE”, with 3 new errors; the worst: "
    found = judged(
        before_after([*usual(), (1799, "Finished: SUCCESS", "")], [*usual(), *build, (1799, "Finished: FAILURE", "")])
    )
    assert found.sentence == (f"{told}“[ERROR] cannot find symbol Order”, once at 10:10:01 UTC; never in the baseline.")


def test_a_job_that_failed_without_another_word_is_told_so() -> None:
    """Nothing is made up."""
    found = judged(
        before_after([*usual(), (1799, "Finished: SUCCESS", "")], [*usual(), (1799, "Finished: FAILURE", "")])
    )
    assert found.sentence == "The candidate says of itself that it failed: “Finished: FAILURE”."


def test_a_pass_says_how_much_was_compared_with_what() -> None:
    """And that what is new does no harm."""
    news = every(300, "the winter sale has begun for {n}")
    assert judged(before_after(usual(), usual())).sentence == (
        "Nothing speaks against it: 5 kinds of message compared, none new, none of unexpected frequency."
    )
    assert judged(before_after(usual(), [*usual(), *news], usual(), usual())).sentence == (
        "Nothing speaks against it: 6 kinds of message compared with 3 good runs, 1 new and harmless, "
        "none of unexpected frequency."
    )


def test_a_pass_says_what_known_trouble_came_far_more_often_though_not_surely() -> None:
    """A burst may be chance; who reads of it decides."""
    locked = [every(400, "ledger {n} is locked", "ERROR"), every(20, "ledger {n} is locked", "ERROR", first=900)[:21]]
    before, after = ([*usual(), *lines] for lines in locked)
    assert judged(before_after(before, after)).sentence == (
        "Nothing speaks against it: 6 kinds of message compared, none new, none surely of unexpected frequency, though "
        "1 known warning or error came more than threefold: “ledger <num> is locked”, 21 times from 10:15:00 to "
        "10:21:40 UTC, 5 expected by the baseline, 4.2 × as often."
    )


def noisy(kind: str) -> list[Line]:
    """A service that brings two errors of its own each time."""
    return [*usual(), (400, f"cannot read {kind} shelf", "ERROR"), (900, f"cannot count {kind} boxes", "ERROR")]


def test_a_verdict_says_how_many_are_usual() -> None:
    """Two new ones are no surprise where each good run brings two; one that keeps coming is."""
    runs = [noisy(kind) for kind in ("red", "blue", "green", "white")]
    usually = "2 new errors (about 2 are usual here, at most 2 in one of 4 good runs); the worst: “cannot"
    assert judged(before_after(runs[0], noisy("black"), *runs[1:])).sentence.startswith(usually)
    found = judged(before_after(runs[0], [*noisy("black"), *NEW], *runs[1:])).sentence
    assert found.startswith("1 new error that keeps coming: “cannot encrypt order <num>")


def test_what_each_good_deployment_brings_is_known_by_how_many_did() -> None:
    """In three of four earlier deployments, and not in the time before the rollout."""
    brought = every(200, "cannot reach cache {n}, trying again", "ERROR", first=7)
    earlier = tuple(stretch([*usual(), *brought]) for _ in range(3))
    quiet = stretch(usual())
    sides = before_after(usual(), [*usual(), *brought])
    sides = replace(sides, baselines=(*sides.baselines, *earlier, quiet), history=4)
    told = [event.sentence for event in judged(sides).events if event.severity is Severity.ERROR]
    assert (
        "Known ERROR: 9 times from 10:00:07 to 10:26:47 UTC; "
        "not in the baseline, but in 3 of 4 earlier good deployments."
    ) in told


def test_instances_that_wrote_it_are_counted_among_those_that_wrote_anything() -> None:
    """One of three breaks: it is named."""
    frames = [batch([*usual(), *(NEW if name == "b" else [])], instance=name) for name in "abc"]
    candidate = Stretch(counts(frames), seconds=1800, bins=30)
    found = judged(replace(before_after(usual(), usual()), candidate=candidate)).events[0]
    assert found.sentence.startswith("New ERROR: 18 times on 1 of 3 instances (b) from 10:01:40 to 10:30:00 UTC;")
