"""Templates made of whole columns of keys."""

import random

import polars as pl
import pytest
from tests.fakes.messages import MESSAGES

from logverdict.analysis.key import key
from logverdict.analysis.mask import MASK_VERSION as VERSION
from logverdict.analysis.mask import mask, remembered
from logverdict.analysis.mask_rules import RULES
from logverdict.analysis.masks import FEW, REMEMBERED, masks

PIECES = (
    *"#-:/@=\"' .,+_\\~$%()[]<>|;\t\n\x1c",
    *("deadbeef", "cafe", "bcdfg", "GET ", "PUT ", "OPTIONS ", "user", "ip", "://", "https", "Aug ", "Sun ", "Gerät"),
    *("ms", " bytes", "0 errors", "failed", "status", "level", "retry ", "Lambda", "$$Proxy", "C:\\", "<num>", "503#"),
    *(' {"', '"}', "err=", '"cause": ', "peer refused it ", "got 500#", " rows", " from", "/503#", "http error: 503#"),
    *("client: ", "token: invalid", "user: ann", "Connection reset"),
    *("7#", "#-#-#", " #:#:#", "UTC", "k", "x", '{"a":', "name=", "msg=", "~/", "a/b/"),
)


@pytest.fixture(autouse=True)
def nothing_is_remembered() -> None:
    """Each test masks for the first time."""
    remembered(VERSION).clear()


def test_the_templates_of_a_column_are_those_of_each_key() -> None:
    """The fast way over a column gives what the definition gives for each key, whatever is in it."""
    chance = random.Random(5)
    made = ["".join(chance.choices(PIECES, k=chance.randint(1, 14))) for _ in range(20_000)]
    shown = [rule.before for rule in RULES] + [key(message) for message in MESSAGES]
    joined = [" ".join(chance.choices(shown, k=2)) for _ in range(2_000)]
    keys = [*shown, *joined, *made, "", " ", "\x1c#\x1f"]
    assert masks(pl.Series("key", keys), VERSION).to_list() == [mask(one, VERSION) for one in keys]


def test_few_keys_have_the_templates_of_many() -> None:
    """What is masked one by one is what is masked as a column, and the order of the keys stays."""
    keys = pl.Series("key", [f"{'a' * (place % 7)} took # ms at /var/lib/{place % 11}/x.#" for place in range(2 * FEW)])
    many = masks(keys, VERSION)
    remembered(VERSION).clear()
    few = [masks(keys[at : at + FEW // 3], VERSION) for at in range(0, len(keys), FEW // 3)]
    assert pl.concat(few).equals(many)
    assert masks(keys.reverse(), VERSION).equals(many.reverse())


def test_memory_of_templates_has_an_end() -> None:
    """A flood of keys does not stay, and each has its template all the same."""
    keys = pl.Series("key", [f"stored{'a' * (place % 5)} part {place:o}".replace("7", "#") for place in range(70_000)])
    first, again = masks(keys, VERSION), masks(keys, VERSION)
    assert first.equals(again)
    assert len(remembered(VERSION)) <= REMEMBERED
    assert masks(keys.clear(), VERSION).is_empty()
