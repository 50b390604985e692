"""YAML into trees."""

from pathlib import Path

import pytest

from logverdict.adapters.profiles.load import load_file, load_text
from logverdict.adapters.profiles.tree import Origin, plain


def test_values_know_where_they_stand() -> None:
    """Line and column count from 1, for the value and for its name."""
    tree, faults = load_text("a:\n  b: 7\n", "f.yaml")
    leaf = tree.get("a").get("b")
    assert not faults
    assert (leaf.value, leaf.origin, leaf.key) == (7, Origin("f.yaml", 2, 6), Origin("f.yaml", 2, 3))


def test_yaml_is_1_2() -> None:
    """on, no and dates are text; 010 is ten; names are always text."""
    tree, faults = load_text("on: no\ndate: 2026-01-01\nten: 010\n50: ERROR\nyes: true\n", "f.yaml")
    assert not faults
    assert plain(tree) == {"on": "no", "date": "2026-01-01", "ten": 10, "50": "ERROR", "yes": True}


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("a: 1\nb: 2\na: 3\n", (3, 1), "is given twice, first in line 1"),
        ("a:\n", (1, 1), "has no value"),
        ("a: [1\n", (2, 1), "is no YAML"),
        ("a: {<<: {b: 1}}\n", (1, 5), "'<<' is not known here"),
        ("? [a]\n: 1\n", (1, 3), "has a list or mapping as a name"),
        ("a: !secret x\n", (1, 4), "has the tag !secret"),
        ("a: 1\n---\nb: 2\n", (3, 1), "a second document starts here"),
        ("a: \x00\n", (1, 1), "is no YAML"),
        ("a: *gone\n", (1, 4), "is no YAML"),
        ("[" * 5000, (1, 1), "is nested too deeply"),
    ],
)
def test_each_mistake_has_its_place(text: str, place: tuple[int, int], message: str) -> None:
    """What YAML would let pass in silence is a fault too."""
    _, (fault, *_) = load_text(text, "f.yaml")
    assert message in fault.message
    assert (fault.line, fault.column) == place


def test_references_cannot_blow_up() -> None:
    """A file of a few lines that stands for millions of values is refused."""
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 8)]
    _, faults = load_text("\n".join(lines), "f.yaml")
    assert ["too large" in fault.message for fault in faults] == [True]


def test_an_anchor_may_be_set_anew() -> None:
    """YAML allows it; a reference means the one before it."""
    tree, faults = load_text("a: &x 1\nb: &x 2\nc: *x\n", "f.yaml")
    assert (plain(tree), faults) == ({"a": 1, "b": 2, "c": 2}, [])


def test_a_circle_of_references_is_refused() -> None:
    """A value that holds itself ends in a fault."""
    _, faults = load_text("a: &a [*a]\n", "f.yaml")
    assert faults


@pytest.mark.parametrize("text", ["", "# nothing\n", "---\n"])
def test_an_empty_file_is_an_empty_mapping(text: str) -> None:
    """Nothing said is nothing wrong."""
    tree, faults = load_text(text, "f.yaml")
    assert (plain(tree), faults) == ({}, [])


def test_a_file_that_is_not_text_is_a_fault(tmp_path: Path) -> None:
    """The line of the first byte that is no UTF-8 is named."""
    file = tmp_path / "a.yaml"
    file.write_bytes(b"a: 1\nb: \xff\n")
    _, (fault,) = load_file(file)
    assert (fault.line, fault.message) == (2, "is not UTF-8 text here")


def test_a_file_that_is_not_there_is_a_fault(tmp_path: Path) -> None:
    """Its name and the system's reason are given."""
    _, (fault,) = load_file(tmp_path / "a.yaml")
    assert str(fault) == f"{tmp_path / 'a.yaml'}: cannot be read: No such file or directory"
