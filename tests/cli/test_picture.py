"""The picture that a terminal shows while a call runs."""

import io

import pytest
from rich.console import Console

from fakes.scripted_server import RUNNING, V, event, revision, verification
from logverdict.cli.render_live import Picture
from logverdict.cli.track import Track
from logverdict.v1 import verification_service_pb2 as pb


def track(service):
    made = Track(name=f"verifications/{service}")
    bad = event("a1", "boom " * 60)
    made.take(step(revision=revision(1, verification(service, state=RUNNING, verdict=V.FAIL), bad)))
    progress = pb.WatchVerificationResponse.Progress(step="reading")
    progress.remaining.seconds = 400
    progress.coverage.add(source="app", side="candidate", share=0.98)
    made.take(step(progress=progress))
    return made


def step(**what):
    return pb.WatchVerificationResponse(**what)


def drawn(tracks, height=24):
    console = Console(file=io.StringIO(), width=80, height=height, force_terminal=True, color_system=None)
    console.print(Picture(tracks, console))
    return console.file.getvalue().splitlines()


def test_a_line_tells_where_a_service_stands():
    """Verdict so far, look, remaining time and coverage, then the strongest events."""
    first, second = drawn([track("checkout")])
    for word in ("checkout 1.1", "FAIL so far", "look 3 of 10", "reading", "6m40s left", "98 % read"):
        assert word in first
    assert "new ERROR  expected 0, seen 41  boom" in second


@pytest.mark.parametrize("count", [1, 5, 20, 60])
def test_the_picture_fits_the_terminal(count):
    """However many services there are, the picture is no higher and no wider than the terminal."""
    lines = drawn([track(f"service-{at}") for at in range(count)])
    assert len(lines) <= 22
    assert max(map(len, lines)) <= 80


def test_a_lost_connection_is_shown():
    """While the server is away, the line says so instead of the verdict."""
    lost = track("checkout")
    lost.trouble = "UNAVAILABLE: Connection refused"
    assert "waiting for the server: Connection refused" in drawn([lost])[0]


def test_the_verdict_is_never_cut():
    """Where the line is too long, the step's words go, not the verdict."""
    long = track("checkout")
    long.verification.verdict = V.INCONCLUSIVE
    long.progress.step = "waiting for the next look"
    first = drawn([long])[0]
    assert "INCONCLUSIVE so far" in first
    assert "6m40s left" in first
    assert "waiting" not in first


def test_a_revision_counts_once():
    """A revision that came already changes nothing."""
    made = track("checkout")
    assert made.take(step(revision=revision(1, verification("other")))) is None
    assert made.label == "checkout 1.1"
