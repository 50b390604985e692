"""Fixtures of the metrics' tests."""

import pytest

from fakes.verifications_usecase import MemoryVerifications


@pytest.fixture
def usecases() -> MemoryVerifications:
    return MemoryVerifications()
