"""The engine from entries to a verdict."""

from dataclasses import replace
from itertools import pairwise

import pytest

from fakes.logs import Line, batch, before_after, busy, counts, every, side_by_side, stretch, usual
from logverdict.analysis.engine import JUDGE_VERSION, judge
from logverdict.analysis.hashing import short_hash
from logverdict.analysis.sides import Sides, Stretch
from logverdict.domain.policy import Policy
from logverdict.domain.result import Event, Judgement
from logverdict.domain.words import Comparison, Direction, EventKind, Impact, Reason, Sensitivity, Severity, Verdict

NEW_ERROR = every(20, "shop.KeyException: no key for customer {n}", "ERROR")
NEW_WARNING = every(20, "cache of size {n} is full, dropped", "WARN")
NEW_INFO = every(20, "encryption of order {n} took {n} ms")


def verdict(sides: Sides, sensitivity: Sensitivity = Sensitivity.MEDIUM) -> Judgement:
    return judge(sides, Policy(sensitivity=sensitivity), look=1, looks=1)


def event(judgement: Judgement, text: str) -> Event:
    return next(one for one in judgement.events if text in one.template)


def often(lines: list[Line], text: str, times: int) -> list[Line]:
    """The lines, those with `text` so many times."""
    return [
        (at + copy / 100, message, level)
        for at, message, level in lines
        for copy in range(times if text in message else 1)
    ]


def test_the_same_again_passes() -> None:
    """Two like windows give PASS with the best score and no anomaly."""
    found = verdict(before_after(usual(), usual()))
    assert (found.verdict, found.reason, found.score) == (Verdict.PASS, Reason.NO_ANOMALY, 100)
    assert {one.kind for one in found.events} == {EventKind.KNOWN}
    assert found.judge_version == JUDGE_VERSION


@pytest.mark.parametrize("arrange", [before_after, side_by_side])
def test_a_new_error_fails(arrange: object) -> None:
    """A new error that comes again and again fails, and the sentence names it with what was seen."""
    found = verdict(arrange(usual(), [*usual(), *NEW_ERROR]))  # type: ignore[operator]
    assert (found.verdict, found.reason) == (Verdict.FAIL, Reason.NEW_ERRORS)
    assert "KeyException" in found.sentence and "never in the baseline" in found.sentence
    worst = found.events[0]
    assert (worst.kind, worst.impact, worst.severity, worst.candidate_count) == (
        EventKind.UNKNOWN,
        Impact.FAIL,
        Severity.ERROR,
        len(NEW_ERROR),
    )
    assert worst.id == short_hash(worst.template)
    assert worst.instances[0].instance == "pod-1"
    assert sum(worst.candidate_series) == worst.candidate_count
    assert worst.first_seen is not None and worst.samples


def test_new_harmless_messages_do_not_fail() -> None:
    """New information passes at MEDIUM and LOW, and is worth a warning at HIGH."""
    sides = before_after(usual(), [*usual(), *NEW_INFO])
    assert [verdict(sides, level).verdict for level in Sensitivity] == [Verdict.PASS, Verdict.PASS, Verdict.WARN]


def test_sensitivities_differ() -> None:
    """The same new warning, which ends, warns at LOW and MEDIUM, fails at HIGH; one new error fails from MEDIUM on."""
    warning = before_after(usual(), [*usual(), *NEW_WARNING[: len(NEW_WARNING) // 2]])
    assert [verdict(warning, level).verdict for level in Sensitivity] == [Verdict.WARN, Verdict.WARN, Verdict.FAIL]
    error = before_after(busy(), [*busy(), *NEW_ERROR[:2]])
    assert [verdict(error, level).verdict for level in Sensitivity] == [Verdict.WARN, Verdict.FAIL, Verdict.FAIL]


def test_a_new_fatal_message_fails_even_at_low() -> None:
    """Clear breakage fails at every sensitivity."""
    sides = before_after(usual(), [*usual(), (900.0, "fatal: out of memory", "FATAL")])
    assert {verdict(sides, level).verdict for level in Sensitivity} == {Verdict.FAIL}


@pytest.mark.parametrize("arrange", [before_after, side_by_side])
@pytest.mark.parametrize("text", ["retrying warehouse", "card declined"])
def test_ten_times_as_often_fails(arrange: object, text: str) -> None:
    """A known warning or error that becomes ten times as frequent fails, with what was expected and seen."""
    found = verdict(arrange(usual(), often(usual(), text, 10)))  # type: ignore[operator]
    its = event(found, text)
    assert (found.verdict, found.reason) == (Verdict.FAIL, Reason.FREQUENCY_UP)
    assert (its.kind, its.direction) == (EventKind.UNEXPECTED_FREQUENCY, Direction.UP)
    assert its.ratio == pytest.approx(10, rel=0.2)


def test_a_common_message_counts_sooner_than_a_rare_one() -> None:
    """Four times as many of what is a third of all entries fails; of a harmless one that stays rare it warns."""
    rare = every(40, "page {n} was turned")
    before = [*usual(scale=3), *rare]
    assert verdict(before_after(before, often(before, "settled", 4))).verdict is Verdict.FAIL
    assert verdict(before_after(before, often(before, "turned", 4))).verdict is Verdict.WARN


@pytest.mark.parametrize("arrange", [before_after, side_by_side])
def test_more_traffic_is_no_anomaly(arrange: object) -> None:
    """Twice the traffic, every message twice as frequent, passes."""
    assert verdict(arrange(usual(), usual(scale=2))).verdict is Verdict.PASS  # type: ignore[operator]


@pytest.mark.parametrize("arrange", [before_after, side_by_side])
def test_a_message_that_vanishes_is_gone(arrange: object) -> None:
    """A steady message that is no longer there is GONE, and fails."""
    found = verdict(arrange(usual(), [line for line in usual() if "settled" not in line[1]]))  # type: ignore[operator]
    its = event(found, "settled")
    assert (found.verdict, found.reason, its.kind) == (Verdict.FAIL, Reason.MESSAGES_GONE, EventKind.GONE)
    assert its.direction is Direction.DOWN and its.expected > 100


def test_a_burst_is_one_observation() -> None:
    """Many lines of a known message within one minute do not fail."""
    burst = [(600 + at / 20, "retrying warehouse call 5", "WARN") for at in range(400)]
    assert verdict(side_by_side(usual(), [*usual(), *burst])).verdict is not Verdict.FAIL


def test_a_bare_exception_belongs_to_the_line_before() -> None:
    """A line that only names an exception, without a level, goes on with its head where entries have levels, and
    warns; where none has one, it is an error of its own."""
    bare = [(900.0, "java.io.IOException: peer is away", "")]
    unleveled = [(at, message, "") for at, message, _ in every(0.3, "order {n} accepted for customer {n}")]
    assert verdict(before_after(usual(), [*usual(), *bare])).verdict is Verdict.WARN
    assert verdict(before_after(unleveled, [*unleveled, *bare])).verdict is Verdict.FAIL


def test_an_error_in_the_background_is_not_new() -> None:
    """What the changed instances said before the rollout is known."""
    sides = side_by_side(usual(), [*usual(), *NEW_ERROR])
    assert verdict(replace(sides, background=(stretch(NEW_ERROR),))).verdict is Verdict.PASS


def test_errors_that_come_and_go_are_noise() -> None:
    """Where every window has its own one-off errors, as many new ones do not fail."""

    def odd(letters: str) -> list[Line]:
        return [
            (60.0 + 97 * at, f"part {a}{a}{b}{b} failed in {a}{b}{a}", "ERROR")
            for at, (a, b) in enumerate(pairwise(letters))
        ]

    sides = before_after([*usual(), *odd("abcdefghijklm")], [*usual(), *odd("nopqrstuvwx")])
    assert verdict(sides).verdict is Verdict.WARN


def test_two_baselines_raise_the_floor() -> None:
    """One new error fails against one run, but not where each good run brings one of its own."""

    def run(message: str) -> list[Line]:
        return [*usual(), *every(100, message, "ERROR")]

    its = "shard {n} refused the write"
    others = [run("lock of {n} was denied to us"), run("feed {n} is corrupt"), run("cannot parse quote {n}")]
    assert verdict(before_after(usual(), run(its))).verdict is Verdict.FAIL
    assert verdict(before_after(others[0], run(its), *others[1:])).verdict is Verdict.WARN


def test_an_empty_baseline_is_inconclusive() -> None:
    """Without a baseline there is no verdict, and the events say so."""
    found = verdict(before_after([], usual()))
    assert (found.verdict, found.reason) == (Verdict.INCONCLUSIVE, Reason.BASELINE_TOO_SMALL)
    assert {one.kind for one in found.events} == {EventKind.NO_BASELINE}


def test_silence_is_not_health() -> None:
    """A candidate with hardly an entry is INCONCLUSIVE, and so is one with none."""
    for lines in ([], usual()[:3]):
        found = verdict(before_after(usual(), lines))
        assert (found.verdict, found.reason) == (Verdict.INCONCLUSIVE, Reason.CANDIDATE_TOO_SMALL)


def test_a_candidate_that_only_says_that_it_dies_fails() -> None:
    """A loop of crashes hardly logs. Before the last look more may come; without a fatal word nobody knows."""
    loop = every(240, "FATAL: cannot start without a relay, giving up", "FATAL")
    assert len(loop) < Policy().min_entries
    sides = before_after(usual(), loop)
    found = [judge(sides, Policy(), look=look, looks=2) for look in (1, 2)]
    assert [one.verdict for one in found] == [Verdict.INCONCLUSIVE, Verdict.FAIL]
    assert found[1].reason is Reason.NEW_ERRORS
    started = every(240, "relay {n} was found", "INFO")
    assert verdict(before_after(usual(), started)).reason is Reason.CANDIDATE_TOO_SMALL


def test_no_baseline_at_all_is_inconclusive() -> None:
    """Sides without any baseline stretch are judged, not crashed on."""
    sides = Sides(stretch(usual()), (), (), Comparison.BEFORE_AFTER, "none")
    assert verdict(sides).reason is Reason.BASELINE_TOO_SMALL


def job(outcome: str, *more: Line) -> list[Line]:
    steps = [(float(at), f"step {chr(97 + at)}{chr(97 + at)} of the build is done", "") for at in range(25)]
    return [*steps, *more, (99.0, f"Finished: {outcome}", "")]


def test_a_job_that_says_it_failed_fails() -> None:
    """The own statement decides; its cause is named first among the events."""
    found = verdict(before_after(job("SUCCESS"), job("FAILURE", (30.0, "error: cannot find symbol", ""))))
    assert (found.verdict, found.reason) == (Verdict.FAIL, Reason.OWN_STATEMENT)
    assert "Finished: FAILURE" in found.sentence
    assert found.events[0].template == "error: cannot find symbol"


def test_a_job_that_says_it_succeeded_is_believed() -> None:
    """New errors in a job that succeeds warn."""
    assert verdict(before_after(job("SUCCESS"), job("SUCCESS", (30.0, "error: no cache", "")))).verdict is Verdict.WARN


def test_order_and_pages_change_nothing() -> None:
    """Shuffled entries in other pages give the same judgement, to the last character."""
    candidate = batch([*usual(), *NEW_ERROR, *NEW_WARNING])
    shuffled = candidate.sample(fraction=1, shuffle=True, seed=5)
    pages = [shuffled[at : at + 61] for at in range(0, len(shuffled), 61)]
    base = stretch(usual())
    one, other = (
        verdict(Sides(Stretch(made, 1800, 30), (base,), (), Comparison.BEFORE_AFTER, "x"))
        for made in (counts([candidate]), counts(pages))
    )
    assert repr(one) == repr(other)


@pytest.mark.parametrize("times", [10, 20])
def test_the_loudest_message_ten_times_as_often_fails(times: int) -> None:
    """However much of the candidate it becomes, the baseline is still compared with it."""
    found = verdict(before_after(usual(), often(usual(), "accepted", times)))
    assert (found.verdict, found.reason) == (Verdict.FAIL, Reason.FREQUENCY_UP)


def test_the_nearest_known_message_is_told() -> None:
    """A new event names the baseline's most similar cluster, with cosine and Jaccard."""
    found = verdict(before_after(usual(), [*usual(), *every(20, "payment {n} failed: card stolen", "ERROR")]))
    its = event(found, "stolen")
    assert its.nearest is not None and "card declined" in its.nearest.template
    assert 0.5 < its.nearest.cosine < 1 and 0.5 < its.nearest.jaccard < 1


def test_many_looks_ask_for_more_before_and_after() -> None:
    """The more looks share a verification's false-alarm level, the stronger a change of frequency must be."""
    others = [line for line in usual() if "declined" not in line[1]]
    declined = every(6, "payment {n} failed: card declined", "ERROR", first=4)
    sides = before_after(usual(), [*others, *declined])
    assert judge(sides, Policy(), look=1, looks=1).verdict is Verdict.FAIL
    assert judge(sides, Policy(), look=1, looks=10**9).verdict is not Verdict.FAIL


def test_the_number_of_looks_changes_nothing_at_the_same_time() -> None:
    """There evidence holds at every look, however many are to come."""
    sides = side_by_side(usual(), often(usual(), "settled", 5))
    for looks in (1, 10, 10**9):
        found = judge(sides, Policy(), look=1, looks=looks)
        assert (found.verdict, found.reason) == (Verdict.FAIL, Reason.FREQUENCY_UP)


def test_before_the_last_look_one_spell_of_new_errors_only_warns() -> None:
    """Each look is another chance for new errors to be more than usual, so a later one has to confirm them; what comes
    again and again is confirmed already."""
    spell = [(600.0 + at, f"{name} failed to close its file", "ERROR") for at, name in enumerate(("gamma", "delta"))]
    once, lasting = before_after(busy(), [*busy(), *spell]), before_after(usual(), [*usual(), *NEW_ERROR])
    assert [judge(once, Policy(), look=look, looks=2).verdict for look in (1, 2)] == [Verdict.WARN, Verdict.FAIL]
    assert [judge(lasting, Policy(), look=look, looks=2).verdict for look in (1, 2)] == [Verdict.FAIL] * 2


def test_a_new_fatal_message_needs_no_second_look() -> None:
    """What crashes is stopped at once."""
    sides = before_after(usual(), [*usual(), (900.0, "fatal: out of memory", "FATAL")])
    assert judge(sides, Policy(), look=1, looks=10).verdict is Verdict.FAIL


def test_an_error_that_is_fatal_now_is_new() -> None:
    """Its text is known, its author calls it worse."""
    known, worse = (every(60, "cannot write ledger {n}", level) for level in ("ERROR", "FATAL"))
    found = judge(before_after([*usual(), *known], [*usual(), *worse]), Policy(), look=1, looks=1)
    assert (found.verdict, found.events[0].severity) == (Verdict.FAIL, Severity.FATAL)
