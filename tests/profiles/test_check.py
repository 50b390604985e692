"""Every mistake, with its place."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from logverdict.adapters.profiles.check import Checked, check
from logverdict.adapters.profiles.tree import Node
from logverdict.domain.errors import InvalidRequest
from logverdict.domain.profile import SourceSpec

GOOD = "sources: {app: {connection: logs, query: x}}"


def checked(folder: Path, **more: Any) -> Checked:
    return check(folder, Node({}), ["logs", "more"], **more)


def test_good_files_have_no_faults(write: Callable[..., Path]) -> None:
    """Profiles of several files are counted, abstract ones are not."""
    folder = write(
        a=f"profiles: {{a: {{{GOOD}}}, base: {{abstract: true}}}}",
        b="profiles: {b: {extends: a, sources: {more: {connection: more, query: y}}}}",
    )
    result = checked(folder)
    assert (result.faults, result.catalog.names, result.sources) == ((), ["a", "b"], 3)


MISTAKES = [
    ("polcy: {}", "profiles.a.polcy", "unknown field", "policy"),
    ("policy: {sensitivity: HIHG}", "profiles.a.policy.sensitivity", "unknown word 'HIHG'", "HIGH"),
    ("policy: {min_entries: true}", "profiles.a.policy.min_entries", "true is no number", ""),
    ("policy: {min_coverage: 95}", "profiles.a.policy.min_coverage", "is out of bounds", ""),
    ("policy: HIGH", "profiles.a.policy", "'HIGH' does not fit", ""),
    ("timing: {settle: 90}", "profiles.a.timing.settle", "90 is no duration", ""),
    ("timing: {duration: 8d}", "profiles.a.timing.duration", "'8d' is too long", ""),
    ("comparison: SIDEWAYS", "profiles.a.comparison", "unknown word 'SIDEWAYS'", ""),
    ("extends: b", "profiles.a.extends", "unknown profile 'b'", ""),
    ("extends: a", "profiles.a.extends", "inherits from itself: a → a", ""),
    ("variables: {service: x}", "profiles.a.variables.service", "is built in", ""),
    ("each_source: {options: {n: 1.10}}", "profiles.a.each_source.options.n", "may not be what was written", ""),
    ("each_source: {fields: {time: []}}", "profiles.a.each_source.fields.time", "is empty", ""),
    ("each_source: {severities: {E: EROR}}", "profiles.a.each_source.severities.E", "unknown word 'EROR'", "ERROR"),
    ("sources: {b: {connection: lgos, query: x}}", "profiles.a.sources.b.connection", "unknown connection", "logs"),
    ("sources: {b: {connection: logs}}", "profiles.a.sources.b.query", "is required", ""),
    ("sources: {b: {connection: logs, query: '${nix}'}}", "profiles.a.sources.b.query", "unknown variable 'nix'", ""),
    ("sources: {b: {connection: logs, query: '${x'}}", "profiles.a.sources.b.query", "is not closed", ""),
    ("sources: {'a b': {connection: logs, query: x}}", "profiles.a.sources.a b", "'a b' is no name", ""),
    ("environments: {e: {extends: b}}", "profiles.a.environments.e.extends", "unknown field", ""),
    ("environments: {e: {policy: {mode: NO}}}", "profiles.a.environments.e.policy.mode", "unknown word 'NO'", ""),
]


@pytest.mark.parametrize(("line", "field", "message", "hint"), MISTAKES, ids=[line for line, *_ in MISTAKES])
def test_a_mistake_is_explained(write: Callable[..., Path], line: str, field: str, message: str, hint: str) -> None:
    """One mistake gives one fault: its line, its field, what was wrong, and the word that was meant."""
    own = "" if line.startswith("sources") else f"    {GOOD}\n"
    (fault,) = checked(write(f=f"profiles:\n  a:\n{own}    {line}\n")).faults
    assert (fault.field, fault.hint) == (field, hint)
    assert message in fault.message
    assert fault.line == (4 if own else 3)


def test_all_mistakes_are_told_at_once(write: Callable[..., Path]) -> None:
    """Several files, several kinds of mistake: one list, by place."""
    folder = write(
        a="profiles:\n  a: {policy: {mode: X}}\n  b:\n    timing: {settle: 1}\n    abstract: true\n",
        b="defaults: {comparison: X}\n",
        c="a: [",
    )
    places = [(Path(fault.file).name, fault.line, fault.field) for fault in checked(folder).faults]
    assert places == [
        ("a.yaml", 2, "profiles.a.sources"),
        ("a.yaml", 2, "profiles.a.policy.mode"),
        ("a.yaml", 4, "profiles.b.timing.settle"),
        ("b.yaml", 1, "defaults.comparison"),
        ("c.yaml", 1, ""),
    ]


def test_a_mistake_that_many_inherit_is_told_once(write: Callable[..., Path]) -> None:
    """The fault stands where it was written, not at each heir."""
    heirs = ", ".join(f"p{n}: {{extends: base}}" for n in range(9))
    folder = write(
        f=f"profiles: {{{heirs}, base: {{abstract: true, sources: {{a: {{connection: logs, query: '${{x}}'}}}}}}}}"
    )
    assert len(checked(folder).faults) == 1


def test_a_name_in_two_files_names_both_places(write: Callable[..., Path]) -> None:
    """A folder counts as one file, in which every name stands once."""
    text = f"profiles: {{x: {{{GOOD}}}}}\nvariables: {{v: 1}}\ndefaults: {{}}\n"
    faults = checked(write(a=text, b=text)).faults
    assert [fault.field for fault in faults] == ["profiles.x", "variables.v", "defaults"]
    assert all(Path(fault.file).name == "b.yaml" and "a.yaml:" in fault.message for fault in faults)


def test_a_request_cannot_choose_a_connection(write: Callable[..., Path]) -> None:
    """${service} and ${environment} come from callers, also through a variable."""
    for text in ("l-${environment}", "${via}"):
        source = f"{{connection: '{text}', query: x}}"
        folder = write(f=f"variables: {{via: '${{service}}'}}\nprofiles: {{x: {{sources: {{a: {source}}}}}}}")
        (fault,) = checked(folder).faults
        assert "would let a request choose the connection" in fault.message


def test_a_circle_of_inheritance_is_shown(write: Callable[..., Path]) -> None:
    """The whole circle is named, at each of its links."""
    faults = checked(write(f=f"profiles: {{a: {{extends: b, {GOOD}}}, b: {{extends: a}}}}")).faults
    assert [fault.message.partition(": ")[2] for fault in faults] == ["a → b → a", "b → a → b"]


def test_a_circle_of_variables_is_shown(write: Callable[..., Path]) -> None:
    """Variables may use each other, but not themselves."""
    folder = write(
        f="variables: {a: '${b}', b: '${a}'}\nprofiles: {x: {sources: {s: {connection: logs, query: '${a}'}}}}"
    )
    (fault,) = checked(folder).faults
    assert "a → b → a" in fault.message


class Picky:
    """A source that refuses one option after the other."""

    def read(self, spec: SourceSpec, span: object) -> Any:
        raise AssertionError("a check reads nothing")

    def check(self, spec: SourceSpec) -> None:
        for name in spec.options:
            raise InvalidRequest(f"options.{name}", "is unknown")
        raise InvalidRequest("query", "is bad")


def test_sources_are_asked_about_their_queries(write: Callable[..., Path]) -> None:
    """Every refused option and query is a fault at its place."""
    folder = write(
        f="profiles:\n  x:\n    sources:\n      s:\n        connection: logs\n        query: q\n"
        "        options:\n          a: 1\n          b: 2\n"
    )
    faults = checked(folder, sources={"logs": Picky()}).faults
    assert [(fault.line, fault.field.rpartition("s.")[2]) for fault in faults] == [(6, "query"), (8, "a"), (9, "b")]


def test_an_empty_folder_is_a_fault(tmp_path: Path) -> None:
    """A wrong folder must not look like one without mistakes."""
    (fault,) = checked(tmp_path).faults
    assert fault.message == "holds no profile files"
