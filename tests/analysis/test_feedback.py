"""What people said of events changes verdicts, and the verdict says so."""

from dataclasses import replace

import pytest

from fakes.feedback import a_feedback, ids
from fakes.logs import before_after, every, usual
from logverdict.analysis.declare import of_event
from logverdict.analysis.engine import RULES_VERSION, judge
from logverdict.analysis.sides import Sides
from logverdict.domain.feedback import Feedback, FeedbackLevel, Scope
from logverdict.domain.policy import Policy
from logverdict.domain.result import Event, Judgement
from logverdict.domain.words import EventKind, Impact, Reason, Sensitivity, Severity, Verdict

KEY = "shop.KeyException: no key for customer <num>"
NEW_ERROR = every(20, "shop.KeyException: no key for customer {n}", "ERROR")
OTHER_ERROR = every(20, "shop.ValueException: no key for customer {n}", "ERROR")
BAD = before_after(usual(), [*usual(), *NEW_ERROR])
DECLINED = "payment <num> failed: card declined"


def judged(sides: Sides, *feedback: Feedback, sensitivity: Sensitivity = Sensitivity.MEDIUM) -> Judgement:
    return judge(sides, Policy(sensitivity=sensitivity), look=1, looks=1, feedback=feedback)


def event(judgement: Judgement, template: str) -> Event:
    return next(one for one in judgement.events if one.template == template)


def test_what_is_ignored_no_longer_fails() -> None:
    """The verdict is PASS, the event is still listed with its kind, and the verdict without the feedback is kept."""
    found = judged(BAD, a_feedback(FeedbackLevel.IGNORE, KEY))
    plain = judged(BAD)
    assert (found.verdict, plain.verdict) == (Verdict.PASS, Verdict.FAIL)
    its = event(found, KEY)
    assert (its.kind, its.impact) == (EventKind.UNKNOWN, Impact.NONE)
    assert [(one.id, one.author.name, one.impact_without) for one in its.feedback] == [("f1", "ann", Impact.FAIL)]
    assert found.without_feedback is not None and ids(found.feedback) == ["f1"]
    assert (found.without_feedback.verdict, found.without_feedback.sentence) == (plain.verdict, plain.sentence)
    assert "but what feedback accepts" in found.sentence and "ann" in found.sentence and "known noise" in found.sentence
    assert 90 <= found.score <= 100


def test_another_exception_still_fails() -> None:
    """A message that differs in its exception type only is not ignored with it."""
    both = before_after(usual(), [*usual(), *NEW_ERROR, *OTHER_ERROR])
    found = judged(both, a_feedback(FeedbackLevel.IGNORE, KEY))
    assert found.verdict is Verdict.FAIL
    assert [one.template for one in found.events if one.impact is Impact.FAIL] == [KEY.replace("Key", "Value")]
    assert "Besides" in found.sentence and "is ignored by feedback of ann" in found.sentence


def test_feedback_that_reaches_nothing_changes_nothing() -> None:
    """The judgement is the one without it, to the last character."""
    assert repr(judged(BAD, a_feedback(FeedbackLevel.IGNORE, "quite another message"))) == repr(judged(BAD))


def test_what_was_used_gives_the_same_again() -> None:
    """The feedback that is kept with a judgement gives that judgement again; order does not matter."""
    all_of_it = [
        a_feedback(FeedbackLevel.IGNORE, KEY),
        a_feedback(FeedbackLevel.MEDIUM, "nothing like it", id="f2"),
        a_feedback(FeedbackLevel.ALWAYS_FAIL, DECLINED, id="f3"),
    ]
    found = judged(BAD, *all_of_it)
    assert ids(found.feedback) == ["f1", "f3"]
    assert repr(judged(BAD, *found.feedback)) == repr(found) == repr(judged(BAD, *reversed(all_of_it)))


def test_ignored_unless_its_frequency_changes() -> None:
    """New, it is accepted; ten times as frequent as in the baseline, it fails as without feedback."""
    said = a_feedback(FeedbackLevel.IGNORE_UNLESS_FREQUENCY, KEY)
    assert judged(BAD, said).verdict is Verdict.PASS
    rare = every(200, "shop.KeyException: no key for customer {n}", "ERROR")
    more = before_after([*usual(), *rare], [*usual(), *NEW_ERROR])
    assert judged(more, said).verdict is judged(more).verdict is Verdict.FAIL
    assert judged(more, replace(said, level=FeedbackLevel.IGNORE)).verdict is Verdict.PASS


def test_a_new_message_is_compared_with_when_it_was_accepted() -> None:
    """There is no baseline for it: what was accepted at a tenth of its rate now fails."""
    said = a_feedback(FeedbackLevel.IGNORE_UNLESS_FREQUENCY, KEY)
    rate = len(NEW_ERROR) / 1800
    assert judged(BAD, replace(said, rate=rate)).verdict is Verdict.PASS
    assert judged(BAD, replace(said, rate=rate / 11)).verdict is Verdict.FAIL


def test_medium_fails_at_high_only() -> None:
    """At the other sensitivities it warns, whatever it would do by itself."""
    said = a_feedback(FeedbackLevel.MEDIUM, KEY)
    assert [judged(BAD, said, sensitivity=level).verdict for level in Sensitivity] == ["WARN", "WARN", "FAIL"]


def test_what_always_fails_does_so_though_it_is_known() -> None:
    """A known error at its usual rate fails with reason FEEDBACK; where it is not seen, nothing happens."""
    same = before_after(usual(), usual())
    said = a_feedback(FeedbackLevel.ALWAYS_FAIL, DECLINED)
    found = judged(same, said)
    assert (found.verdict, found.reason) == (Verdict.FAIL, Reason.FEEDBACK)
    assert DECLINED in found.sentence and "ann" in found.sentence
    assert found.without_feedback is not None and found.without_feedback.verdict is Verdict.PASS
    assert found.events[0].template == DECLINED and found.score < 50
    without = before_after(usual(), [line for line in usual() if "declined" not in line[1]])
    assert judged(without, said).reason is not Reason.FEEDBACK


def test_what_always_fails_needs_no_baseline() -> None:
    """A person's word needs no comparison; anything else stays INCONCLUSIVE."""
    empty = before_after([], usual())
    assert judged(empty, a_feedback(FeedbackLevel.ALWAYS_FAIL, DECLINED)).verdict is Verdict.FAIL
    assert judged(empty, a_feedback(FeedbackLevel.MEDIUM, DECLINED)).verdict is Verdict.INCONCLUSIVE


def test_the_narrower_scope_wins_then_the_same_template_then_the_newest() -> None:
    """Of several that reach an event, one decides; the others are listed as overridden."""
    everywhere = a_feedback(FeedbackLevel.IGNORE, KEY, id="everywhere", scope=Scope(), at=90)
    service = a_feedback(FeedbackLevel.MEDIUM, KEY, id="service", scope=Scope("checkout"), at=50)
    older = a_feedback(FeedbackLevel.ALWAYS_FAIL, KEY, id="older", at=10)
    newer = a_feedback(FeedbackLevel.DEFAULT, KEY, id="newer", at=20)
    found = event(judged(BAD, everywhere, older, service, newer), KEY)
    assert [(one.id, one.overridden) for one in found.feedback] == [
        ("newer", False), ("older", True), ("service", True), ("everywhere", True),
    ]  # fmt: skip
    assert found.impact is Impact.FAIL
    assert judged(BAD, everywhere, service).verdict is Verdict.WARN


def test_default_takes_a_broader_word_back() -> None:
    """In its scope the event is judged as if nobody had said anything; the verdict's own words are the engine's."""
    broad = a_feedback(FeedbackLevel.IGNORE, KEY, id="broad", scope=Scope())
    narrow = a_feedback(FeedbackLevel.DEFAULT, KEY, id="narrow")
    found = judged(BAD, broad, narrow)
    assert (found.verdict, found.sentence) == (Verdict.FAIL, judged(BAD).sentence)


def test_the_same_template_is_reached_before_an_alike_one() -> None:
    """What was said of the very message counts more than what was said later of one that is alike."""
    mine = "cannot reach the store of region for order <num>"
    alike = "cannot reach the store of region for the order <num>"
    lines = every(20, "cannot reach the store of region for order {n}", "ERROR")
    exact = a_feedback(FeedbackLevel.ALWAYS_FAIL, mine, id="exact")
    later = a_feedback(FeedbackLevel.IGNORE, alike, id="later", at=60)
    found = judged(before_after(usual(), [*usual(), *lines]), exact, later)
    assert [one.id for one in event(found, mine).feedback] == ["exact", "later"]
    assert found.verdict is Verdict.FAIL


def test_what_the_candidate_says_of_itself_stays() -> None:
    """A job that says that it failed has failed, whichever of its messages are ignored."""
    steps = [(float(at), f"step {chr(97 + at)}{chr(97 + at)} of the build is done", "") for at in range(25)]
    sides = before_after(
        [*steps, (99.0, "Finished: SUCCESS", "")],
        [*steps, (30.0, "error: cannot find symbol", ""), (99.0, "Finished: FAILURE", "")],
    )
    plain = judged(sides)
    said = [
        a_feedback(FeedbackLevel.IGNORE, one.template, id=f"f{at}", severity=one.severity)
        for at, one in enumerate(plain.events)
        if one.impact is not Impact.NONE
    ]
    found = judged(sides, *said)
    assert said and (found.verdict, found.reason) == (Verdict.FAIL, Reason.OWN_STATEMENT)


@pytest.mark.parametrize("level", list(FeedbackLevel))
def test_feedback_on_an_event_reaches_that_event(level: FeedbackLevel) -> None:
    """Said of an event as it is listed, also of one of many templates, it is found again in the same counts."""
    lost = "session {}q of region was lost by the broker"
    many = [(60.0 + at, lost.format(2 * chr(97 + at)), "ERROR") for at in range(9)]
    sides = before_after(usual(), [*usual(), *many, *NEW_ERROR])
    for one in judged(sides).events:
        if one.severity is Severity.ERROR and one.kind is EventKind.UNKNOWN:
            said = replace(a_feedback(level), about=of_event(one, RULES_VERSION))
            assert [its.id for its in event(judged(sides, said), one.template).feedback] == ["f1"]


def test_feedback_of_older_rules_is_masked_again() -> None:
    """An upgrade that masks otherwise does not forget what people said."""
    old = a_feedback(FeedbackLevel.IGNORE)
    about = replace(old.about, templates=("shop.KeyException: no key for customer 0815",), mask_version="0.0")
    assert judged(BAD, replace(old, about=about)).verdict is Verdict.PASS


def test_what_is_ignored_of_one_path_is_not_ignored_of_another() -> None:
    """However alike they read."""
    said = '10.0.0.1 - - "POST /api/%s HTTP/1.1" 503 {n} "-" "a client of the shop that calls itself by a long name"'
    pay, refund = (every(20, said % name, "ERROR") for name in ("pay", "refund"))
    template = judged(before_after(usual(), [*usual(), *pay])).events[0].template
    ignored = a_feedback(FeedbackLevel.IGNORE, template)
    assert judged(before_after(usual(), [*usual(), *pay]), ignored).verdict is Verdict.PASS
    assert judged(before_after(usual(), [*usual(), *refund]), ignored).verdict is Verdict.FAIL
