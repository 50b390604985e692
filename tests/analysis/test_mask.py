"""The tables of masks and of redactions."""

import random

import polars as pl
import pytest

from logverdict.analysis import mask as masks
from logverdict.analysis.key import key
from logverdict.analysis.mask import mask
from logverdict.analysis.redact import MAX_SAMPLE, redact, samples
from logverdict.analysis.redact import RULES as REDACTIONS


@pytest.mark.parametrize("rule", masks.RULES, ids=lambda rule: rule.name)
def test_each_mask_does_what_it_shows(rule: masks.MaskRule) -> None:
    """Every rule turns its example into what it says, and a second masking changes nothing."""
    assert mask(rule.before) == rule.after == mask(rule.after)


@pytest.mark.parametrize("rule", REDACTIONS, ids=lambda rule: rule.name)
def test_each_redaction_does_what_it_shows(rule: object) -> None:
    """Every rule turns its example into what it says, and a second redaction changes nothing."""
    assert redact(pl.Series([rule.before])).to_list() == [rule.after] == redact(pl.Series([rule.after])).to_list()  # type: ignore[attr-defined]


def test_values_vary_and_meaning_stays() -> None:
    """Messages that differ in ids, times and addresses share a template; another status does not."""
    one = mask(key("2026-01-05 10:00:00,123 GET /orders/17 from 10.0.0.1:443 status=200 in 12ms"))
    other = mask(key("2026-01-06 11:07:09,001 GET /orders/9 from 10.9.8.7:80 status=200 in 7ms"))
    failed = mask(key("2026-01-06 11:07:09,001 GET /orders/9 from 10.9.8.7:80 status=500 in 7ms"))
    assert one == other != failed


def test_a_trace_is_its_head_its_causes_and_its_top_frames() -> None:
    """Traces that differ below the top frames and in line numbers are one template; another cause makes another."""
    frames = "".join(f"\n\tat shop.Deep.f(Deep.java:{n})" for n in range(30))

    def trace(line: int, cause: str, tail: str) -> str:  # as Java writes it
        top = f"\tat shop.A.a(A.java:{line})\n\tat shop.B.b(B.java:9)\n\tat shop.C.c(C.java:1)"
        return f"order {line} broke\njava.lang.IllegalStateException: no\n{top}{tail}\nCaused by: {cause}: x"

    assert mask(key(trace(5, "shop.KeyException", frames))) == mask(key(trace(7, "shop.KeyException", frames[:300])))
    assert mask(key(trace(5, "shop.KeyException", ""))) != mask(key(trace(5, "shop.DiskException", "")))


def test_samples_are_short() -> None:
    """A sample is cut, however long its message is."""
    assert samples(pl.Series(["y" * 1_000_000])).str.len_chars().to_list() == [MAX_SAMPLE]


def test_blank_messages_have_a_template() -> None:
    """A message without text is called empty."""
    assert mask(key("  ")) == "<empty>"


def test_a_rule_needs_what_each_of_its_matches_holds() -> None:
    """Skipping rules by what they need gives the templates that all rules give."""
    chance = random.Random(3)
    parts = [
        *"#-:/@=\"' .+_\\T",
        "deadbeef",
        "cafe",
        "GET ",
        "user",
        "://",
        "Aug",
        "ms",
        "0 errors",
        "failed",
        "status",
    ]
    for _ in range(5_000):
        key = text = "".join(chance.choices(parts, k=chance.randint(1, 20)))
        for rule in masks.RULES:
            text = rule.pattern.sub(rule.to, text)
        assert mask(key) == (text.strip() or "<empty>")
