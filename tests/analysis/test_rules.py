"""Versions of key and mask table: what can be masked anew, and what is never put together."""

from collections.abc import Iterator

import polars as pl
import pytest

from fakes.feedback import a_feedback
from logverdict.analysis import mask as masks
from logverdict.analysis.count import kept_keys
from logverdict.analysis.counts import FIRST_KEY, LEVELS, TemplateCounts, add, empty, key_version
from logverdict.analysis.declare import under
from logverdict.analysis.key import KEY_VERSION
from logverdict.analysis.rules import KNOWN_RULES, RULES_VERSION, key_of, mask_of
from logverdict.domain.feedback import FeedbackLevel

OTHER = "other"


@pytest.fixture
def other(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A second mask table, which knows no numbers; the rules with it."""
    without = tuple(rule for rule in masks.RULES if rule.name != "signed")
    monkeypatch.setattr(masks, "TABLES", {**masks.TABLES, OTHER: without})
    yield f"{KEY_VERSION}.{OTHER}"


def test_rules_are_those_of_key_and_mask_table() -> None:
    """This version works by its own first."""
    assert KNOWN_RULES[0] == RULES_VERSION
    assert (key_of("2.1"), mask_of("2.1")) == ("2", "1")


def test_a_key_is_masked_by_the_table_that_is_asked_for(other: str) -> None:
    """Without one it is today's."""
    assert masks.mask("took # seconds") == masks.mask("took # seconds", mask_of(RULES_VERSION)) == "took <num>"
    assert masks.mask("took # seconds", mask_of(other)) == "took # seconds"


def test_bytes_carry_the_version_of_the_key() -> None:
    """It is read without reading the counts; bytes that name none are of the first key."""
    counts = TemplateCounts(**{name: getattr(empty(), name) for name in ("counts", "samples", "edges", "instances")})
    data = counts.to_bytes()
    assert key_version(data) == TemplateCounts.from_bytes(data).key_version == KEY_VERSION
    bare = data[: -len(KEY_VERSION) - LEVELS]
    for older in (bare, data[: -len(KEY_VERSION)]):
        assert key_version(older) == TemplateCounts.from_bytes(older).key_version == FIRST_KEY


def test_counts_of_two_keys_do_not_add() -> None:
    """Their keys say different things of the same message."""
    old, new = empty(), TemplateCounts.from_bytes(empty().to_bytes()[: -len(KEY_VERSION)])
    assert add([new, new]).key_version == FIRST_KEY
    with pytest.raises(ValueError, match="do not add"):
        add([old, new])


def test_feedback_is_about_the_same_under_other_rules(other: str) -> None:
    """Its templates are masked anew, for a verification that began by them too."""
    said = a_feedback(FeedbackLevel.IGNORE, masks.mask(kept_keys_of("took 41 seconds")))
    (found,) = under([said], other)
    assert (found.about.mask_version, found.about.templates[0]) == (other, "took #")
    assert under([said], RULES_VERSION) == [said]


def kept_keys_of(message: str) -> str:
    return str(kept_keys(pl.Series("message", [message]))[0])
