"""What a new version words otherwise is not new trouble, and not gone."""

import pytest

from fakes.logs import Line, before_after, every, side_by_side, usual
from logverdict.analysis.engine import judge
from logverdict.analysis.sides import Sides
from logverdict.domain.policy import Policy
from logverdict.domain.result import Event, Judgement
from logverdict.domain.words import EventKind, Impact, Reason, Verdict

ARRANGED = pytest.mark.parametrize("arrange", [before_after, side_by_side])
OLD = "order rejected by the stock service: quantity {n} above limit"
NEW = '{{"logger":"shop","message":"order rejected by the stock service: quantity {n} above limit"}}'


def verdict(sides: Sides) -> Judgement:
    return judge(sides, Policy(), look=1, looks=1)


def event(found: Judgement, text: str) -> Event:
    return next(one for one in found.events if text in one.template)


def rejected(message: str, seconds: float = 20, level: str = "ERROR") -> list[Line]:
    return every(seconds, message, level)


@ARRANGED
def test_an_error_in_other_words_only_warns(arrange: object) -> None:
    """The new wording of an error that is gone, as often as that was, does not fail, and its sentence says why."""
    found = verdict(arrange([*usual(), *rejected(OLD)], [*usual(), *rejected(NEW)]))  # type: ignore[operator]
    assert found.verdict is Verdict.WARN
    assert found.sentence.startswith("1 new error, only reworded: ")
    new = event(found, '"message"')
    assert (new.kind, new.impact) == (EventKind.UNKNOWN, Impact.WARN)
    assert "Says the same as “order rejected by the stock service" in new.sentence
    assert new.sentence.endswith("which is gone: reworded.")


@ARRANGED
def test_other_words_are_no_excuse_for_more(arrange: object) -> None:
    """An error that is reworded and comes ten times as often fails."""
    found = verdict(arrange([*usual(), *rejected(OLD)], [*usual(), *rejected(NEW, 2)]))  # type: ignore[operator]
    assert found.verdict is Verdict.FAIL


@ARRANGED
def test_other_words_are_no_excuse_for_worse(arrange: object) -> None:
    """What was an error and is fatal in other words fails."""
    found = verdict(arrange([*usual(), *rejected(OLD)], [*usual(), *rejected(NEW, level="FATAL")]))  # type: ignore[operator]
    assert found.verdict is Verdict.FAIL


@ARRANGED
@pytest.mark.parametrize(
    "other",
    [
        "order rejected by the stock service: connection {n} refused",
        "order rejected by the stock service: status 503 for quantity {n} above limit",
        "shop.LimitException: order rejected by the stock service: quantity {n} above limit",
    ],
)
def test_another_trouble_is_no_other_wording(arrange: object, other: str) -> None:
    """Where a telling word, a code or an exception differs it is another error."""
    gone = rejected("order rejected by the stock service: status 409 for quantity {n} above limit")
    found = verdict(arrange([*usual(), *gone], [*usual(), *rejected(other)]))  # type: ignore[operator]
    assert (found.verdict, found.reason) == (Verdict.FAIL, Reason.NEW_ERRORS)


@ARRANGED
def test_a_harmless_message_in_other_words_is_not_gone(arrange: object) -> None:
    """What vanished and is new in other words, about as often, only warns; where nothing took its place it fails."""
    old, new = "parcel {n} was handed over to the carrier", "parcel {n} with label {n} was handed over to carrier"
    before = [*usual(), *every(5, old)]
    reworded = verdict(arrange(before, [*usual(), *every(5, new)]))  # type: ignore[operator]
    assert reworded.verdict is Verdict.WARN
    assert "is new and says the same about as often: reworded." in event(reworded, "over to the carrier").sentence
    gone = verdict(arrange(before, [*usual(), *every(5, "sun spot {n} of interest")]))  # type: ignore[operator]
    assert (gone.verdict, gone.reason) == (Verdict.FAIL, Reason.MESSAGES_GONE)


@ARRANGED
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("payment {n} of the shop is SETTLED now", "payment {n} of the shop is HELD now"),
        ("worker of imports is running for {n} s", "worker of imports is stopped for {n} s"),
        (
            '{{"msg":"import ended","outcome":"complete","n":{n}}}',
            '{{"msg":"import ended","outcome":"partial","n":{n}}}',
        ),
        ("finished call {n} with code OK", "finished call {n} with code Canceled"),
    ],
)
def test_another_outcome_is_no_other_wording(arrange: object, old: str, new: str) -> None:
    """What differs in nothing but how it ended says something else: the outcome that is gone is missed."""
    found = verdict(arrange([*usual(), *every(5, old)], [*usual(), *every(5, new)]))  # type: ignore[operator]
    assert (found.verdict, found.reason) == (Verdict.FAIL, Reason.MESSAGES_GONE)


def test_another_outcome_is_no_other_format() -> None:
    """Also where it is most of what the service writes."""
    before, after = (every(1, f"payment {{n}} of the shop: {word}") for word in ("SETTLED", "HELD"))
    found = verdict(before_after([*usual(), *before], [*usual(), *after]))
    assert (found.verdict, found.notes) == (Verdict.FAIL, ())


def test_another_format_is_no_loss() -> None:
    """Where all that is harmless is gone and as much is new, a note says that the log has another format."""
    before = [line for line in usual() if line[2] == "INFO"]
    other = [(at, f"ts=1 caller=x.go:{len(text)} ev={text.split()[0]}", level) for at, text, level in before]
    found = verdict(before_after(before, other))
    assert found.verdict is Verdict.WARN
    assert any("another format" in note for note in found.notes)


def test_a_notice_of_a_later_version_only_warns() -> None:
    """That something is deprecated tells nothing of this deployment, however often it is said."""
    notice = every(5, "DeprecationWarning: cache.get is deprecated, use caches", "WARN")
    found = verdict(side_by_side(usual(), [*usual(), *notice]))
    assert (found.verdict, event(found, "deprecated").impact) == (Verdict.WARN, Impact.WARN)


def test_a_start_that_warns_of_many_things_only_warns() -> None:
    """Many kinds of warnings in one moment are one start."""
    words = ("swap", "cores", "limits", "locale", "entropy", "clock", "memory", "sockets", "threads", "hugepages")
    start = [
        (300 + at / 100, f"the setting of {word} is not recommended at all", "WARN") for at, word in enumerate(words)
    ]
    found = verdict(before_after(usual(), [*usual(), *start, *start, *start]))
    assert found.verdict is Verdict.WARN
