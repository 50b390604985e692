"""The first judgement of a process, of next to nothing: the first that somebody waits for is then like all others."""

from datetime import UTC, datetime, timedelta

from logverdict.analysis.engine import judge, reduce
from logverdict.analysis.entries import entries
from logverdict.analysis.masks import FEW
from logverdict.analysis.sides import Sides, Stretch
from logverdict.domain.policy import Policy
from logverdict.domain.words import Comparison

_START = datetime(2026, 1, 1, tzinfo=UTC)
_BINS, _SECONDS = 20, 30
_WORDS = ("order", "parcel", "voucher", "price", "refund", "stock", "basket", "invoice")


def warm() -> None:
    """Loads what only a judgement needs, and makes ready what is made once: most of a second, which a worker has while
    it waits."""
    judge(Sides(_stretch("before"), (_stretch("after"),), (), Comparison.BEFORE_AFTER, ""), Policy(), look=1, looks=1)


def _stretch(when: str) -> Stretch:
    """Enough templates of each side alone that they are masked as columns, and grouped."""
    rows = [(_START + timedelta(seconds=place % _BINS * _SECONDS), _text(when, place)) for place in range(3 * FEW)]
    levels = ("INFO", "WARN", "ERROR")
    batch = entries([(time, text, levels[place % 3], "", "") for place, (time, text) in enumerate(rows)])
    counts = reduce([batch], source="", start=_START, bin_seconds=_SECONDS, severities={})
    return Stretch(counts, _BINS * _SECONDS, _BINS)


def _text(when: str, place: int) -> str:
    number = place // 2 if place % 2 else place
    words = (_WORDS[number >> shift & 7] for shift in (0, 3, 6))
    return " ".join((*words, when if place % 2 else "seen", f"{number} ms"))
