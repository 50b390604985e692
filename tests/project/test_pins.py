"""constraints.txt pins what pyproject.toml asks for, and nothing but names and versions."""

import re
import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PIN = re.compile(r"[A-Za-z0-9._-]+==[A-Za-z0-9.!+_-]+")


def pins() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    pairs = (line.split("==") for line in lines if line and not line.startswith("#"))
    return {canonicalize_name(name): version for name, version in pairs}


def requirements() -> list[Requirement]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [
        *project["dependencies"],
        *(line for lines in project["optional-dependencies"].values() for line in lines),
    ]
    return [each for line in wanted if (each := Requirement(line)).name != project["name"]]


def test_each_line_is_a_name_and_a_version() -> None:
    """A pin is name==version: no address, no hash, no option."""
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    assert [line for line in lines if line and not line.startswith("#") and not PIN.fullmatch(line)] == []


def test_each_dependency_is_pinned() -> None:
    """Whatever pyproject.toml names has a pin, so two set-ups give the same versions."""
    assert [each.name for each in requirements() if canonicalize_name(each.name) not in pins()] == []


def test_each_pin_is_allowed() -> None:
    """No pin contradicts pyproject.toml."""
    pinned = pins()
    wrong = [str(each) for each in requirements() if not each.specifier.contains(pinned[canonicalize_name(each.name)])]
    assert wrong == []
