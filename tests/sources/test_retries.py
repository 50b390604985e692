"""What the log says of a source that is asked again."""

import pytest
from stamina.instrumentation import RetryDetails
from structlog.contextvars import bound_contextvars
from structlog.testing import capture_logs

from logverdict.adapters.retries import STILL, Retries
from logverdict.domain.errors import SourceUnavailable, StoreBusy, StoreUnavailable


class Watch:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def scheduled(fault: Exception, attempt: int = 1) -> RetryDetails:
    return RetryDetails(
        name="<context block>",
        args=("secret",),
        kwargs={},
        retry_num=attempt,
        wait_for=0.52,
        waited_so_far=0.0,
        caused_by=fault,
    )


def test_a_connection_is_told_of_now_and_then() -> None:
    """Once in half a minute each, with why and how often; never with what was sent."""
    watch = Watch()
    retries, refused = Retries(watch), SourceUnavailable("the server refuses connections")
    with capture_logs() as logs:
        for attempt in range(1, 121):
            watch.now += STILL / 60
            for connection in ("logs", "audit"):
                with bound_contextvars(connection=connection):
                    retries(scheduled(refused, attempt))
    said = [one for one in logs if one["log_level"] != "debug"]
    assert [one["attempt"] for one in said] == [1, 1, 61, 61]
    assert {one["error"] for one in said} == {"the server refuses connections"}
    assert "secret" not in str(logs) and "context block" not in str(logs)


@pytest.mark.parametrize("fault", [StoreBusy("locked"), StoreUnavailable("away")])
def test_the_store_tells_for_itself(fault: Exception) -> None:
    """A line for each that waits for it would say the same many times."""
    with capture_logs() as logs:
        Retries()(scheduled(fault))
    assert logs == []
