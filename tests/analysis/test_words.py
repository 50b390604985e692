"""Words of many texts as numbers."""

import polars as pl

from logverdict.analysis.words import words_of

TEXTS = ("a b  a", "", "b", "a b")


def test_words_are_found_where_they_stand() -> None:
    """Each text's words are what stands between its blanks, in their order; nothing between two is a word too."""
    found = words_of(pl.Series(TEXTS))
    distinct = found.distinct.to_list()
    assert distinct == ["a", "b", ""]
    spans = [found.codes[begin:end].tolist() for begin, end in zip(found.starts, found.starts[1:], strict=False)]
    assert [[distinct[code] for code in span] for span in spans] == [text.split(" ") for text in TEXTS]
    assert len(found) == len(TEXTS)


def test_only_the_first_words_are_taken() -> None:
    """Where there is a bound, of longer texts no more than that many words are there."""
    assert words_of(pl.Series(TEXTS), 2).sizes.tolist() == [2, 1, 1, 2]


def test_no_texts_have_no_words() -> None:
    """Nothing is in nothing."""
    found = words_of(pl.Series([], dtype=pl.String))
    assert len(found) == len(found.distinct) == len(found.codes) == 0
