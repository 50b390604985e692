"""New values inside known templates."""

import pytest

from fakes.logs import Line, before_after, every, usual
from logverdict.analysis.engine import judge
from logverdict.domain.policy import Policy
from logverdict.domain.result import Event, Judgement, NewValue
from logverdict.domain.words import EventKind, Severity, Verdict


def judged(before: list[str], after: list[str]) -> Judgement:
    lines = [[*usual(), *(line for text in texts for line in every(20, text))] for texts in (before, after)]
    return judge(before_after(*lines), Policy(), look=1, looks=1)


def with_value(found: Judgement) -> Event:
    (event,) = (event for event in found.events if event.new_value)
    return event


@pytest.mark.parametrize(
    ("known", "new", "value", "severity"),
    [
        (["task {n} PASSED"], "task {n} FAILED", NewValue("", "FAILED", ("PASSED",)), Severity.ERROR),
        (
            [f"answered with status={code} now" for code in ("200", "404")],
            "answered with status=500 now",
            NewValue("status", "500", ("200", "404")),
            Severity.ERROR,
        ),
        (["GET /orders/{n} 200 {n}ms"], "GET /orders/{n} 403 {n}ms", NewValue("", "403", ("200",)), Severity.WARN),
        (["peer state: UP"], "peer state: DOWN", NewValue("state", "DOWN", ("UP",)), Severity.ERROR),
        (
            ['{{"check":"db","success":true,"n":{n}}}'],
            '{{"check":"db","success":false,"n":{n}}}',
            NewValue("success", "false", ("true",)),
            Severity.ERROR,
        ),
        (
            ["link state=READY of peer"],
            "link state=TRANSIENT_FAILURE of peer",
            NewValue("state", "TRANSIENT_FAILURE", ("READY",)),
            Severity.ERROR,
        ),
        (
            ["flag dark_mode=true now"],
            "flag dark_mode=false now",
            NewValue("dark_mode", "false", ("true",)),
            Severity.INFO,
        ),
        (["login result=ok"], "login result=denied", NewValue("result", "denied", ("ok",)), Severity.ERROR),
        (["import {n} allowed"], "import {n} blocked", NewValue("", "blocked", ("allowed",)), Severity.ERROR),
        (["thread is waiting"], "thread is blocked", NewValue("is", "blocked", ("waiting",)), Severity.INFO),
        (["call ended rcode=OK"], "call ended rcode=Internal", NewValue("rcode", "Internal", ("OK",)), Severity.ERROR),
        (["pod is Running"], "pod is Evicted", NewValue("is", "Evicted", ("Running",)), Severity.ERROR),
        (
            ['{{"event":"order","n":{n},"outcome":"stored"}}'],
            '{{"outcome":"queued","event":"order","n":{n}}}',
            NewValue("outcome", "queued", ("stored",)),
            Severity.INFO,
        ),
    ],
)
def test_a_new_value_is_named_with_the_known_ones(
    known: list[str], new: str, value: NewValue, severity: Severity
) -> None:
    """The event says which value is new at which place, and which the baseline has; a bad one makes it as bad."""
    event = with_value(judged(known, [*known, new]))
    assert (event.kind, event.new_value, event.severity) == (EventKind.UNKNOWN, value, severity)
    assert f"{value.value}, in the baseline {', '.join(value.known)}." in event.sentence


def test_a_bad_value_fails_and_a_harmless_one_does_not() -> None:
    """States that go down fail a deployment, whatever words a service has for its states; other new ones pass."""
    assert judged(["peer state: UP"], ["peer state: UP", "peer state: DOWN"]).verdict is Verdict.FAIL
    assert judged(["peer state: UP"], ["peer state: UP", "peer state: SYNCED"]).verdict is Verdict.PASS


def requests(status: str, number: int, *, within: float = 1.0) -> list[Line]:
    """Requests answered so, over that share of the window."""
    return every(1800 * within / number, f"GET /cart {status} {{n}}ms", minutes=30 * within)


@pytest.mark.parametrize("status", ["401", "403", "429"])
def test_a_client_error_that_takes_a_large_part_fails(status: str) -> None:
    """Whatever other client errors the baseline has; a rare one beside them, or a burst of one client, is harmless."""
    before = [*usual(), *requests("200", 600), *requests("404", 12)]

    def after(*more: Line) -> Verdict:
        return judge(before_after(before, [*before, *more]), Policy(), look=1, looks=1).verdict

    assert after(*requests(status, 200)) is Verdict.FAIL
    assert after(*requests(status, 6)) is Verdict.PASS
    assert after(*requests(status, 200, within=0.05)) is Verdict.PASS


def test_a_level_may_be_what_is_new() -> None:
    """The same text at a worse level is told as such."""
    text = "replica of shard {n} moved"
    sides = before_after([*usual(), *every(20, text)], [*usual(), *every(20, text), *every(20, text, "ERROR")])
    assert with_value(judge(sides, Policy(), look=1, looks=1)).new_value == NewValue("level", "ERROR", ("INFO",))


@pytest.mark.parametrize(
    ("known", "new"),
    [
        ([f"opened shop {name} again" for name in "abcdefghijklmno"], "opened shop z again"),
        (["saw {n}"], "lost {n}"),
        ([], "task {n} FAILED"),
    ],
)
def test_where_words_are_names_none_is_a_value(known: list[str], new: str) -> None:
    """Places with many words, or with nothing beside them, hold no values."""
    assert not any(event.new_value for event in judged(known, [*known, new]).events)


def test_a_value_that_joined_a_variable_is_told_without_harm() -> None:
    """Where several words at a place made it a variable, a new one among few that recur is told, and stays known."""
    known = [f"the node of the shop is {state}" for state in ("idle", "busy", "draining", "asleep")]
    event = with_value(judged(known, [*known, "the node of the shop is lazy"]))
    assert (event.kind, event.new_value) == (
        EventKind.KNOWN,
        NewValue("is", "lazy", ("asleep", "busy", "draining", "idle")),
    )
