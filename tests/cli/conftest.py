"""Commands as a pipeline calls them: another process, no terminal."""

import pytest

from fakes.command import Call, called


@pytest.fixture
def call() -> Call:
    """Runs `logverdict ARGS` and waits for its end."""
    return called
