"""Messages for many watchers are made once."""

from fakes.verifications import a_verification
from logverdict.domain.verification import Progress, Revision
from logverdict.rpc.convert_out import write_step
from logverdict.rpc.shared import KEPT, SharedSteps

ONE, TWO = "verifications/v1", "verifications/v2"


def test_the_same_step_gives_the_same_message() -> None:
    """Whoever asks; each verification has its own."""
    shared, step = SharedSteps(), Revision(2, a_verification(revision=2))
    message = shared.write(ONE, step)
    assert message == write_step(ONE, step)
    assert shared.write(TWO, Progress("reading", 0.5, 1.0)).name == TWO
    assert shared.write(ONE, step) is message


def test_another_step_gives_another_message() -> None:
    """Also one that is equal to a step of another time; a heartbeat is nobody's."""
    shared = SharedSteps()
    first = shared.write(ONE, Progress("reading", 0.5, 1.0))
    assert shared.write(ONE, Progress("reading", 0.7, 1.0)) != first
    assert shared.write(ONE, None).HasField("heartbeat")


def test_it_does_not_grow() -> None:
    """What was told longest ago is forgotten."""
    shared, step = SharedSteps(), Progress("reading", 0.5, 1.0)
    first = shared.write(ONE, step)
    for number in range(KEPT):
        shared.write(f"verifications/x{number}", step)
    assert shared.write(ONE, step) is not first
