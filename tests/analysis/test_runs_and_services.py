"""A run tells its messages in one order to its end; a service says nearly all it has to say again and again."""

import string

import pytest

from fakes.logs import Line, before_after, every, side_by_side, usual
from logverdict.analysis.compare import compare
from logverdict.analysis.engine import judge
from logverdict.analysis.order import a_run
from logverdict.analysis.sides import Sides
from logverdict.domain.policy import Policy
from logverdict.domain.result import Judgement
from logverdict.domain.words import Reason, Severity, Verdict

WORDS = [a + b for a in string.ascii_lowercase[:10] for b in "xyz"]


def run(*, until: int = 30, pace: float = 50, also: tuple[Line, ...] = ()) -> list[Line]:
    """A build of thirty steps; `until`: where it breaks off."""
    steps = [(at * pace, f"compiling module {word}", "") for at, word in enumerate(WORDS[:until])]
    return sorted([*steps, *also, *([] if until < len(WORDS) else [(1799.0, "packed all modules", "")])])


def judged(sides: Sides) -> Judgement:
    return judge(sides, Policy(), look=1, looks=1)


def started(first: int) -> list[Line]:
    """A service that says a dozen things when it starts, then works."""
    begins = [(at / 10, f"loaded plugin {word}", "") for at, word in enumerate(WORDS[:12])]
    return [*begins, *every(2, "order {n} accepted", first=first), *every(3, "stock of {n} counted", first=first)]


def test_what_both_sides_tell_in_one_order_is_a_run() -> None:
    """At another pace too."""
    assert a_run(compare(before_after(run(), run(pace=40))))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (usual(), usual()),
        (started(5), started(9)),
        (run(), [(1799 - second, text, level) for second, text, level in run()]),
        (run(until=8), run(until=8)),
    ],
    ids=["work", "a start and work", "another order", "too little"],
)
def test_work_is_no_run_though_it_may_begin_like_one(before: list[Line], after: list[Line]) -> None:
    """Nor is what comes in another order, or what is too little to tell."""
    assert not a_run(compare(before_after(before, after)))


def test_a_log_without_a_clock_is_a_run() -> None:
    """All at one moment: no service does so."""
    at_once = [(0.0, text, level) for _, text, level in run()]
    assert a_run(compare(before_after(at_once, at_once)))


BROKE = (620.0, "error: cannot find symbol Order", "")


def test_a_run_that_ends_with_an_error_broke_off() -> None:
    """It says nothing of its outcome, and does not end as the baseline does."""
    found = judged(before_after(run(), run(until=13, also=(BROKE,))))
    assert (found.verdict, found.reason) == (Verdict.FAIL, Reason.NEW_ERRORS)
    assert found.events[0].sentence.endswith("It is among the last entries, and the baseline ends otherwise.")


def test_a_run_that_breaks_off_at_once_is_judged_however_little_it_wrote() -> None:
    """Three entries are too few for anything else."""
    early = (120.0, "error: cannot find symbol Order", "")
    assert judged(before_after(run(), run(until=2, also=(early,)))).verdict is Verdict.FAIL


def test_a_service_that_hardly_logs_is_not_told_by_its_last_entry_unless_that_is_an_error() -> None:
    """Silence is not health, and no proof of trouble."""
    few = [(60.0, "order 1 accepted for customer 2", "INFO"), (90.0, "cache warmed", "INFO")]
    assert judged(before_after(usual(), few)).verdict is Verdict.INCONCLUSIVE


def test_a_run_that_goes_on_to_its_usual_end_does_not_break_off() -> None:
    """An error near the end that it tells of is judged by all else."""
    late = (1790.0, "error: could not send the report", "")
    told = judged(before_after(run(), run(also=(late,)))).events
    assert all("among the last entries" not in event.sentence for event in told)


def test_a_run_says_that_it_failed_wherever_it_says_so() -> None:
    """Help may follow that is longer than what counts as its end, where the baseline ended with success."""
    good = [*run(), (1799.5, "BUILD SUCCESS", "")]
    tips = [(1000.0 + at, f"to go on: {' '.join(WORDS[: at + 1])}", "") for at in range(25)]
    bad = [*run(until=15), (900.0, "[INFO] BUILD FAILURE", ""), *tips]
    found = judged(before_after(good, bad))
    assert (found.verdict, found.reason) == (Verdict.FAIL, Reason.OWN_STATEMENT)


def test_what_each_of_several_hosts_says_at_the_end_is_the_outcome() -> None:
    """Three times the same is over and over only where it was said before."""

    def recap(failed: int) -> list[Line]:
        return [(1799.5, f"web{at} : ok=9 changed=3 unreachable=0 failed={failed}", "") for at in range(3)]

    found = judged(before_after([*run(), *recap(0)], [*run(), *recap(1)]))
    assert (found.verdict, found.reason) == (Verdict.FAIL, Reason.OWN_STATEMENT)


def test_harmless_words_of_trouble_are_a_warning_where_the_author_gave_a_level() -> None:
    """Unless it names an exception, or a code says that it failed; where nobody gave a level, words are all."""
    told = {
        "member of group a has failed, removing it": Severity.WARN,
        "request answered with status=500": Severity.ERROR,
        "java.io.IOException: disk gone": Severity.ERROR,
        "ERROR member of group a has failed": Severity.ERROR,
    }
    for text, severity in told.items():
        found = judged(side_by_side(usual(scale=4), [*usual(scale=4), *every(400, text, first=30)]))
        assert found.events[0].severity is severity, text


RETRIES: list[Line] = [(900.0 + 61 * at, f"connection refused, trying again in {at} s", "WARN") for at in range(12)]
"""Again and again from the middle of the window on, a minute apart."""


def test_a_service_after_whose_new_trouble_nothing_else_comes_hangs() -> None:
    """It need be no run, nor an error: it does nothing any more but try again."""
    hangs = [line for line in usual() if line[0] < 900]
    found = judged(before_after(usual(), [*hangs, *RETRIES]))
    assert found.verdict is Verdict.FAIL
    assert found.events[0].sentence.endswith("Nothing else came after it.")
    assert found.sentence.endswith("never in the baseline; nothing else came after it.")


def test_what_is_announced_for_a_later_version_hangs_nothing() -> None:
    """Though it is all that a service writes that logs little else."""
    quiet = [line for line in usual() if line[0] < 900]
    notices = [(900.0 + 61 * at, "setting a.b is deprecated and will be removed", "WARN") for at in range(12)]
    assert judged(before_after(usual(), [*quiet, *notices])).verdict is not Verdict.FAIL


def test_new_trouble_beside_ordinary_work_hangs_nothing() -> None:
    """Nor does a single burst of it at the very end."""
    burst = [(1799.0 + at / 100, "connection refused, trying again in 1 s", "WARN") for at in range(9)]
    for after in ([*usual(), *RETRIES], [*(line for line in usual() if line[0] < 1799), *burst]):
        told = judged(before_after(usual(), after)).events
        assert all("Nothing else came" not in event.sentence for event in told)


def test_a_run_that_came_to_its_usual_end_is_not_failed_by_the_number_of_its_warnings() -> None:
    """It went around what it warns of; one that does not come to its end is, or that says nothing at its end but what
    it says all along."""
    said = (
        "mapper was killed, its task goes to another node",
        "retrying the shuffle from a second host",
        "slow disk: spilled with a delay",
        "speculative attempt abandoned",
        "lost a heartbeat, will connect again",
        "checksum did not fit, reading the other replica",
    )
    warned = tuple(
        (100.0 + 130 * kind + 40 * again, text, "WARN") for kind, text in enumerate(said) for again in range(5)
    )
    assert judged(before_after(run(), run(also=warned))).verdict is Verdict.WARN
    unended = [line for line in run(also=warned) if "packed" not in line[1]]
    assert judged(before_after(run(), unended)).verdict is Verdict.FAIL
    ticks = tuple(every(30, "still at work", "INFO", first=29.5))
    assert judged(before_after(run(also=ticks), run(also=(*ticks, *warned)))).verdict is Verdict.FAIL


@pytest.mark.parametrize("until", [20, 25])
def test_a_run_that_comes_to_no_end_is_not_judged(until: int) -> None:
    """It was stopped without a word, or goes on: that nothing speaks against it until then is no success."""
    ended = [(1799.5, "build succeeded", "")]
    found = judged(before_after([*run(), *ended], run(until=until)))
    assert (found.verdict, found.reason) == (Verdict.INCONCLUSIVE, Reason.OWN_STATEMENT)
    assert found.sentence.startswith(
        "Cannot judge: the run did not say how it ended, as the baseline does (“build succ"
    )
    assert judged(before_after([*run(), *ended], [*run(pace=40), *ended])).verdict is Verdict.PASS


def test_a_service_has_no_end_to_come_to() -> None:
    """What it happens to say last in one window is no word of an end."""
    backup = [(1799.9, "backup finished successfully", "INFO")]
    assert judged(before_after([*usual(), *backup], usual())).verdict is Verdict.PASS
