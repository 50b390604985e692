"""Keys become templates: one table of rules, applied to distinct keys."""

import re
from collections.abc import Mapping
from functools import cache, partial
from unicodedata import normalize

from logverdict.analysis.essence import essence
from logverdict.analysis.fields import shaped
from logverdict.analysis.mask_rules import RULES, MaskRule

MASK_VERSION = "3"
_NUMBER = re.compile("[0-9]")
TABLES: Mapping[str, tuple[MaskRule, ...]] = {MASK_VERSION: RULES}
"""By version. A release that changes the rules keeps the table of the release before, so that what began by it ends by
it: the rules that are the same, and the earlier form of those that are not."""
_DIGITS = re.compile(r"#?(?:(?![0-9])\d#?)+")


def mask(key: str, version: str = MASK_VERSION) -> str:
    """The template of a key: of the key alone, by the table of that version. Masking a template changes nothing."""
    text, ruled = key if key.isascii() else _plain(key), partial(_ruled, version)
    found = shaped(text, ruled) or ruled(essence(text) if "\n" in text else text) or "<empty>"
    return found if found.isascii() else normalize("NFC", found)


def _ruled(version: str, text: str) -> str:
    for rule in TABLES[version] if _NUMBER.search(text) else _without_numbers(version):
        if rule.needs in text:
            text = rule.pattern.sub(rule.to, text)
    return text.strip()


@cache
def _without_numbers(version: str) -> tuple[MaskRule, ...]:
    """The others find nothing in a key that keeps no number, as most do."""
    return tuple(rule for rule in TABLES[version] if not rule.name.startswith("kept "))


def _plain(text: str) -> str:
    """Digits of other scripts are numbers too, and a letter with its marks is one sign, however it is written."""
    return _DIGITS.sub("#", normalize("NFC", text))


@cache
def remembered(version: str) -> dict[str, str]:
    """Keys that `masks` has masked by that table, and their templates."""
    return {}


def remembered_mask(key: str, version: str = MASK_VERSION) -> str:
    """`mask`, which takes its time, of a key that most often was masked before."""
    return remembered(version).get(key) or mask(key, version)
