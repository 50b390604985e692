"""Profile files and settings on the spot."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from logverdict.adapters.profiles.tree import Node


@dataclass
class Operator:
    """The operator's settings, as far as profiles need them."""

    profiles: Path | None
    connections: dict[str, object] = field(default_factory=lambda: {"logs": object(), "more": object()})
    defaults_tree: Node = field(default_factory=lambda: Node({}))


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """write(a="...") makes a.yaml; the folder."""

    def make(**texts: str) -> Path:
        for name, text in texts.items():
            (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
        return tmp_path

    return make


@pytest.fixture
def operator() -> type[Operator]:
    return Operator
