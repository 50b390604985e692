"""The schema for editors, and the examples of the documentation."""

from collections.abc import Iterator
from pathlib import Path

import jsonschema
import pytest
from ruamel.yaml import YAML

from logverdict.adapters.profiles.check import check
from logverdict.adapters.profiles.schema import profile_schema, schema_text
from logverdict.settings import load

DOCS = Path(__file__).parents[2] / "docs"
EXAMPLES = sorted((DOCS / "examples" / "profiles").glob("*.yaml"))


def parts(schema: object, path: str = "") -> Iterator[tuple[str, dict[str, object]]]:
    if isinstance(schema, dict):
        yield path, schema
        for name, part in schema.items():
            yield from parts(part, f"{path}/{name}")


def test_the_schema_in_the_docs_is_up_to_date() -> None:
    """`logverdict profile schema > docs/profile.schema.json` makes it."""
    assert (DOCS / "profile.schema.json").read_text(encoding="utf-8") == schema_text()


def test_the_schema_is_a_schema() -> None:
    """Of draft 2020-12."""
    schema = profile_schema()
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    jsonschema.Draft202012Validator.check_schema(schema)


def test_every_field_is_described_and_no_other_is_allowed() -> None:
    """An editor can explain each field and mark each slip; null is no value anywhere."""
    for path, part in parts(profile_schema()):
        properties = part.get("properties")
        if isinstance(properties, dict) and "type" in part:
            assert part["additionalProperties"] is False, path
            assert [name for name, field in properties.items() if not field.get("description")] == [], path
    assert '"null"' not in schema_text()


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.name)
def test_examples_fit_the_schema(file: Path) -> None:
    """What the documentation shows is what editors accept."""
    jsonschema.Draft202012Validator(profile_schema()).validate(YAML(typ="safe", pure=True).load(file))


@pytest.mark.parametrize(
    "wrong",
    [
        {"profile": {}},
        {"profiles": {"a b": {}}},
        {"profiles": {"a": {"policy": {"mode": "MAYBE"}}}},
        {"profiles": {"a": {"timing": {"settle": "90"}}}},
        {"profiles": {"a": {"policy": {"min_coverage": 2}}}},
        {"profiles": {"a": {"sources": {"s": {"fields": {"when": "x"}}}}}},
        {"profiles": {"a": None}},
    ],
)
def test_slips_do_not_fit_the_schema(wrong: object) -> None:
    """An editor marks what `profile check` would refuse."""
    assert not jsonschema.Draft202012Validator(profile_schema()).is_valid(wrong)


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.name)
def test_the_page_shows_the_examples_as_they_are(file: Path) -> None:
    """Apart from the comment at a file's top."""
    lines = file.read_text(encoding="utf-8").splitlines()
    text = "\n".join(line for line in lines if not line.startswith("#")).strip()
    assert text in (DOCS / "profiles.md").read_text(encoding="utf-8")


def test_examples_have_no_mistakes() -> None:
    """The settings and profiles of the documentation work together."""
    settings = load(DOCS / "examples" / "logverdict.yaml", {})
    assert settings.profiles is not None
    assert check(settings.profiles, settings.defaults_tree, list(settings.connections)).faults == ()
