"""A real server in its own process, on real log files."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from fakes.site import Site


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    site = Site(tmp_path)
    yield site
    site.stop_all()
