"""How bad an entry is: from the level that its author gave, and from the words of its message."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import polars as pl

from logverdict.analysis import severity_words as words
from logverdict.analysis.levels import LEVELS, LOUD, MESSAGE, NAMED, NOT_A_LEVEL, NUMBERED, OWN_OR_SETTING
from logverdict.domain.words import Severity

_HEAD = 100
"""Characters of a message in which its author's own level is looked for."""

THROWN = r"^(?:[a-z]\w*\.)+[A-Z]\w*(?:\$\w+)?(?:Exception|Error)\b[^\n]*$"
"""A line that only names an exception: where its author gave it no level, the entry before it may be its head."""


_NOTICE = r"(?i)\bdeprecat\w*|\w*(?:Deprecation|Future)Warning\b"
_KNOWN = {word: int(severity) for word, severity in LEVELS.items()}


def notices(templates: pl.Series) -> npt.NDArray[np.bool_]:
    """Which of them announce what a later version will not do any more: they tell nothing of this one."""
    return templates.str.contains(_NOTICE).to_numpy()


def level_severities(levels: pl.Series, severities: Mapping[str, Severity]) -> pl.Series:
    """Severity of each level as a source gave it; the profile's own words (`severities`) go first."""
    own = {word.strip().lower(): int(severity) for word, severity in severities.items()}
    known = _KNOWN | own
    given = levels.str.strip_chars(" []<>():").str.to_lowercase()
    return given.replace_strict(list(known), list(known.values()), default=0, return_dtype=pl.Int8)


def key_severities(keys: pl.Series) -> pl.DataFrame:
    """Per key: `stated`, the level written in its text; `words`, what its words say; `exception`, does it name one;
    `thrown`, is it nothing but that; `coded`, does it hold a code of a failure."""
    frame = pl.DataFrame({"key": keys}).with_columns(text=pl.col("key").str.replace_all(NOT_A_LEVEL, " "))
    frame = frame.with_columns(stated=_stated())
    known = (pl.col("stated") > 0) | ~pl.col("key").str.contains(MESSAGE)
    text = pl.when(known).then(pl.col("text").str.replace_all(OWN_OR_SETTING, " ")).otherwise("text")
    frame = frame.with_columns(
        text=_without(text, words.NOT_WORDS, words.SETTING, words.HARMLESS),
        exception=pl.col("key").str.replace_all(words.NO_EXCEPTION, " ").str.contains(words.EXCEPTION),
        coded=pl.col("key").str.contains(words.BAD_CODE),
    )
    thrown = pl.col("key").str.contains(THROWN)
    return frame.select("key", "stated", "exception", "coded", words=_worded(), thrown=thrown)


def _without(text: pl.Expr, *patterns: str) -> pl.Expr:
    for pattern in patterns:
        text = text.str.replace_all(pattern, " ")
    return text


def _stated() -> pl.Expr:
    """From `key` and, without settings, `text`."""
    text = pl.col("text").str.head(_HEAD)
    own = pl.when(pl.col("key").str.contains(MESSAGE)).then(text).otherwise(text.str.replace_all(OWN_OR_SETTING, " "))
    loud = pl.coalesce(text.str.extract(LOUD, 1), text.str.extract(LOUD, 2))
    return pl.max_horizontal(
        one.str.to_lowercase().replace_strict(list(_KNOWN), list(_KNOWN.values()), default=0, return_dtype=pl.Int8)
        for one in (loud, own.str.extract(NAMED), own.str.extract(NUMBERED))
    )


def _worded() -> pl.Expr:
    error = pl.col("exception") | pl.col("coded")
    fatal = pl.col("text").str.replace_all(words.NOT_FATAL, " ")
    return (
        pl.when(fatal.str.contains(words.FATAL) | pl.col("key").str.contains(words.FATAL_EXCEPTION))
        .then(int(Severity.FATAL))
        .when(error | pl.col("text").str.contains(words.ERROR))
        .then(int(Severity.ERROR))
        .when(pl.col("text").str.contains(words.WARN) | pl.col("key").str.contains(words.STATE))
        .then(int(Severity.WARN))
        .otherwise(0)
        .cast(pl.Int8)
    )


def line_severities(entries: pl.DataFrame, keys: pl.Series) -> pl.DataFrame:
    """Of each entry `given`, what its author said, by level or in its text, 0 for none; `severity`, as it counts."""
    frame = pl.DataFrame({"key": keys, "level": level_severities(entries["level"], {})})
    frame = frame.join(key_severities(keys.unique()), on="key", how="left", maintain_order="left")
    return frame.select(given=_given(), severity=combined())


def _given() -> pl.Expr:
    return pl.when(pl.col("level") > 0).then("level").otherwise("stated")


def combined() -> pl.Expr:
    """Severity from columns `level` (Int8), `stated`, `words`, `exception`, `coded`, `thrown`. A thrown line without a
    level is UNKNOWN: what it is depends on whether its source gives levels at all (see `template`); but what is fatal
    is so anywhere.

    What its author marked as a warning was expected and handled: it stays a warning unless it names an exception; and
    what its author marked as less is a warning at most, whatever its words, unless a code says that it failed, as all
    requests are logged at one level, or its text states a level of its own: who ships lines calls them all INFO.
    """
    given = _given()
    warn, error = int(Severity.WARN), int(Severity.ERROR)
    marked = pl.when(pl.col("exception")).then(error).otherwise(warn)
    worded = pl.when(pl.col("words") >= warn).then(pl.col("words")).otherwise(given)
    harmless = (given > 0) & (pl.col("stated") < error) & ~pl.col("exception") & ~pl.col("coded")
    worded = pl.when(harmless).then(pl.min_horizontal(worded, warn)).otherwise(worded)
    return (
        pl.when((pl.col("level") == 0) & pl.col("thrown") & (pl.col("words") < int(Severity.FATAL)))
        .then(0)
        .when(given >= error)
        .then(pl.max_horizontal(given, "words"))
        .when(given == warn)
        .then(marked)
        .otherwise(worded)
        .cast(pl.Int8)
    )
