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


@pytest.fixture
def calm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A server that nobody disturbs, on a store of its own."""
    site = Site(tmp_path_factory.mktemp("calm"))
    site.serve()
    yield site
    site.stop_all()
