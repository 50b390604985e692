"""How the demo looks: fit for 80 columns, without control codes where there is no terminal."""

import io
from pathlib import Path

import pytest
from rich.console import Console

from logverdict.cli.demo_show import Show
from logverdict.cli.outcome import Outcome
from logverdict.cli.track import Track
from logverdict.v1 import event_pb2, policy_pb2, profile_pb2
from logverdict.v1 import verification_service_pb2 as pb


def screen() -> tuple[Show, io.StringIO]:
    out = io.StringIO()
    return Show(Console(file=out, width=80, highlight=False)), out


def verification(state: "pb.Verification.State.ValueType") -> pb.Verification:
    return pb.Verification(
        name="verifications/ab12",
        deployment=pb.Deployment(service="checkout", environment="demo", version="1.1"),
        state=state,
        verdict=pb.Verification.FAIL,
        decision=policy_pb2.STOP,
        score=3,
        looks=2,
        looks_planned=5,
        sentence="A new error appears: " + "order <id> failed " * 20,
    )


def test_a_look_is_one_line() -> None:
    """A provisional verdict takes one line of at most 80 columns, however long its sentence is."""
    show, out = screen()
    show.look(Track(verification=verification(pb.Verification.RUNNING)))
    assert out.getvalue().startswith("   look 2 of 5  FAIL  score 3  A new error")
    assert out.getvalue().count("\n") == 1
    assert len(out.getvalue().rstrip()) <= 80


def test_the_end_is_no_look() -> None:
    """The last revision is told as the outcome, not as one more look."""
    show, out = screen()
    show.look(Track(verification=verification(pb.Verification.SUCCEEDED)))
    assert out.getvalue() == ""


def test_an_outcome_fits_and_is_plain() -> None:
    """The result names decision, verdict and event within 80 columns, and holds no control codes."""
    event = event_pb2.Event(
        id="e1",
        kind=event_pb2.Event.UNKNOWN,
        impact=event_pb2.Event.FAIL,
        severity=profile_pb2.ERROR,
        template="order <id> failed: no encryption key for card scheme amex \x1b[31m",
        seen=40,
    )
    ended = verification(pb.Verification.SUCCEEDED)
    show, out = screen()
    show.outcome(Outcome("checkout 1.1", "checkout", "demo", "1.1", ended.name, ended, [event], "STOP", "STOP"))
    assert "STOP" in out.getvalue()
    assert "no encryption key" in out.getvalue()
    assert "\x1b" not in out.getvalue()
    assert max(map(len, out.getvalue().splitlines())) <= 80


def test_commands_are_never_broken() -> None:
    """What to type next stays on one line each, so it can be copied."""
    show, out = screen()
    show.end(Path("/tmp") / ("long" * 30) / "logverdict.yaml", "verifications/ab12")
    lines = out.getvalue().splitlines()
    assert any(line.strip().startswith("logverdict serve --config") and "logverdict.yaml &" in line for line in lines)
    assert any(line.strip().startswith("logverdict get ab12") for line in lines)


@pytest.mark.parametrize("words", ["checkout 1.0 runs", "checkout 1.1 is deployed"])
def test_acts_are_numbered(words: str) -> None:
    """Each act of the story has a number and its reason."""
    show, out = screen()
    show.act(words, "why")
    assert out.getvalue().split("\n")[1:3] == [f"1  {words}", "   why"]
