"""The keys of a column of messages: the same as `key` of each, with regular expressions over whole columns."""

from dataclasses import dataclass

import polars as pl

from logverdict.analysis.key import (
    AFTER_SENT,
    AFTER_TIMERS,
    ASKED,
    BAR,
    CACHED,
    COLOUR,
    COLUMNS,
    COMPLETED,
    FROM,
    KEPT,
    MAX_KEYED,
    PHRASE,
    REQUEST,
    SENT,
    STATUS,
    TIMERS,
    WORD,
    key,
)
from logverdict.analysis.key_words import CODES, SAID_WORDS, STATUS_WORDS, TALLY_WORDS

_MEANING = rf"(?-u:\b)((?i-u:{KEPT}))(?-u:\b)#?"
_PLAIN = rf"{COLOUR}|{WORD}"
_MARK, _MINE = "\x01", r"[\x01\x1b]"
_ENDED = rf"(?-u:\b)({COMPLETED})({STATUS}{PHRASE})"
_AHEAD = rf"({BAR})({STATUS}{COLUMNS})|(?-u:\b)(?:({SENT})({STATUS}{AFTER_SENT})|({STATUS}{ASKED}))"
_BEHIND_IT = rf"(?-u:\b)(?:({REQUEST})({STATUS})(?-u:\b)|({TIMERS})({STATUS}{AFTER_TIMERS}))|({FROM})({STATUS})(?-u:\b)"
_MARKED = (
    (_ENDED, f"${{1}}{_MARK}${{2}}"),
    (_AHEAD, f"${{1}}${{3}}{_MARK}${{2}}${{4}}${{5}}"),
    (_BEHIND_IT, f"${{1}}${{3}}${{5}}{_MARK}${{2}}${{4}}${{6}}"),
)
"""Places of a status, and what is written there. One after the other: what follows one may begin one of the next."""
_ANSWERED = "|".join(place for place, _ in _MARKED)
_SPECIAL = rf"{_MEANING}|{_ANSWERED}"
_SHAPED = r"(?:[0-9]+\.){3}(?-u:\b)|[A-Za-z_]*[0-9]+(?:[A-Za-z_][A-Za-z0-9_]*|[0-9]{3,})|[0-9]+"
"""A word that holds a digit; of one of letters with at most three digits behind them only these, as in `status200`:
what is longer or mixed carries no meaning. Each match costs, so the first three numbers of an address are one."""
_SHAPE = "0_"
"""In place of it: a word that holds a digit and carries no meaning."""
_ADDRESS, _SHAPE_OF_ADDRESS = rf"{_SHAPE}(?-u:\B)", f"{_SHAPE}.{_SHAPE}.{_SHAPE}."
"""Only those three numbers leave one with a word right behind it; what their shape is."""
_NUMBER = r"[0-9][A-Za-z0-9_]*"
_CODES = rf"http/{_NUMBER}(?:\.{_NUMBER})?\"? (?:[=>-]{{1,2}} )?|{CODES}|{'|'.join((*STATUS_WORDS, *SAID_WORDS))}"
_TALLIES = "|".join(TALLY_WORDS)
_BEHIND = rf"[\"']?[ =:]{{0,2}}[\"']?{_NUMBER}"
_STATUS_PLACE = rf"(?:(?-u:\b)(?:{REQUEST}|{COMPLETED}|{SENT})|{FROM}){WORD}"
_AHEAD_PLACE = rf"(?-u:\b){WORD}(?:{COLUMNS}|{ASKED})"
_TIMED_PLACE = rf"(?-u:\b){TIMERS}{WORD}{AFTER_TIMERS}"
_CODE_PLACE = rf"\b(?:(?:{_CODES}){_BEHIND}|{CACHED}{_NUMBER})"
_KEPT_PLACE = rf"(?i-u:{_CODE_PLACE}|(?:\b0 )?\b(?:{_TALLIES})(?:{_BEHIND}|\b))"
"""Wherever a number may have a meaning, with the number that is there, be it too long for it."""
_MAYBE = rf"(?i-u:{_CODE_PLACE}|\b(?:{_TALLIES}){_BEHIND}|\b{_SHAPE} (?:{_TALLIES})\b)"
_MAYBE += rf"|{_STATUS_PLACE}|{_TIMED_PLACE}|{_AHEAD_PLACE}|\x1b"
"""What shows in the shape of each message that is _SPECIAL or coloured, and of some others."""
_PLACES = (
    (_KEPT_PLACE, 0),
    (_STATUS_PLACE, len(" 503")),
    (_TIMED_PLACE, len(" 503 ")),
    (_AHEAD_PLACE, -len("503 ")),
)
_UNTOLD = rf"\x1b|{COMPLETED}{_SHAPE} {_SHAPE}"
"""Shapes that do not show where colours end, and whether a phrase follows."""
MEANT = 4
"""Numbers of meaning of one message that are put back one by one."""
SAMPLED = 4_000
"""Messages of a column that tell whether most are distinct: enough to meet again what comes once in thousands."""


@dataclass(frozen=True)
class Coded:
    """A column of texts of which many are equal: for each its place among `texts`, which also hold some of none."""

    places: pl.Series
    texts: pl.Series

    def each(self, made: pl.Series) -> pl.Series:
        """For each of the column what was made of its text."""
        return made.gather(self.places)


def keys(messages: pl.Series) -> pl.Series:
    """The keys of a column of messages."""
    found = alike(messages)
    return found.each(each(found.texts)).alias("key")


def alike(messages: pl.Series) -> Coded:
    """For each message a text of which `each` makes the message's key: quickly made, and there are few of them."""
    texts = messages.str.head(MAX_KEYED)
    if not _repeat(texts):
        return _alike(texts)
    first = coded(texts)
    then = _alike(first.texts)
    return Coded(first.each(then.places), then.texts)


def coded(texts: pl.Series) -> Coded:
    """Each text once."""
    numbered = texts.cast(pl.Categorical)
    found = numbered.unique()
    places = found.to_physical()
    named = pl.Series([""]).new_from_index(0, int(places.to_numpy().max(initial=0)) + 1)
    return Coded(numbered.to_physical(), named.scatter(places, found.cast(pl.String)))


def _repeat(texts: pl.Series) -> bool:
    sample = texts.gather_every(max(1, len(texts) // SAMPLED))
    return sample.n_unique() < 0.8 * len(sample)


def _alike(texts: pl.Series) -> Coded:
    """The shapes of texts; where a shape hides a number that has a meaning, what `_told` gives."""
    shapes = coded(texts.str.replace_all(_SHAPED, _SHAPE))
    shapes = Coded(shapes.places, shapes.texts.str.replace_all(_ADDRESS, _SHAPE_OF_ADDRESS))
    maybe = shapes.each(shapes.texts.str.contains(_MAYBE)).arg_true()
    special = maybe.filter(texts.gather(maybe).str.contains(rf"{_SPECIAL}|\x1b"))
    if special.is_empty():
        return shapes
    told = _told(texts.gather(special), Coded(shapes.places.gather(special), shapes.texts))
    places = shapes.places.scatter(special, told.places + len(shapes.texts))
    return Coded(places, pl.concat([shapes.texts, told.texts]))


def _told(texts: pl.Series, shapes: Coded) -> Coded:
    """For each text the first of the same shape with the same numbers wherever one may have a meaning: nothing else
    tells in which places a number has one, and which. Of a status its last characters do, with the sign before, or its
    first, with the sign behind; shapes have its place where texts do, and are fewer to look at."""
    own = pl.when(shapes.each(shapes.texts.str.contains(_UNTOLD))).then(texts).alias("own")
    kept = list[pl.Series]()
    for place, end in _PLACES:
        some = shapes.each(shapes.texts.str.contains(place)).arg_true()
        if 2 * len(some) > len(texts):
            kept.append(_at(place, end, texts))
        elif not some.is_empty():
            none = pl.Series(place, [""]).new_from_index(0, len(texts))
            kept.append(none.scatter(some, _at(place, end, texts.gather(some))))
    frame = pl.DataFrame([shapes.places.alias("shape"), *kept]).with_columns(own)
    first = frame.with_row_index("at").select(pl.col("at").first().over(frame.columns)).to_series()
    firsts = first.unique()
    places = pl.int_range(len(texts), eager=True).scatter(firsts, pl.int_range(len(firsts), eager=True))
    return Coded(places.gather(first), texts.gather(firsts))


def _at(place: str, end: int, texts: pl.Series) -> pl.Series:
    """What is at such places of each text, of each so many signs at its end, or at its start if negative; 0 for all."""
    found, text = texts.str.extract_all(place), pl.element().str
    ends = found.list.eval(text.tail(end) if end > 0 else text.head(-end)) if end else found
    return ends.list.join("\n").alias(place)


def each(texts: pl.Series) -> pl.Series:
    """The key of each text of at most MAX_KEYED code points. Those without a number of meaning need no groups, which is
    faster."""
    frame = pl.DataFrame({"at": pl.int_range(len(texts), eager=True), "text": texts})
    special = texts.str.contains(_SPECIAL)
    some = frame.filter(special)
    answered = some["text"].str.contains(_ANSWERED)
    parts = [
        frame.filter(~special).with_columns(pl.col("text").str.replace_all(_PLAIN, "#")),
        _meant(some.filter(~answered)),
    ]
    if answered.any():
        parts.append(_answered(some.filter(answered)))
    return pl.concat(parts).sort("at")["text"]


def _meant(frame: pl.DataFrame) -> pl.DataFrame:
    """Those with numbers of meaning: these are taken out and put back, so that the other words need no groups. But not
    where there are many of them, or colours: a colour may end within the name of a number."""
    text, kept = pl.col("text"), pl.col("kept")
    usual = ~frame["text"].str.contains(_MINE) & (frame["text"].str.count_matches(_MEANING) <= MEANT)
    some = frame.filter(usual).with_columns(text.str.extract_all(_MEANING).alias("kept"))
    some = some.with_columns(text.str.replace_all(_MEANING, _MARK).str.replace_all(WORD, "#"))
    for place in range(int(some["kept"].list.len().max() or 0)):  # type: ignore[arg-type]
        one = kept.list.get(place, null_on_oob=True).str.strip_suffix("#") + "#"
        some = some.with_columns(text.str.replace(_MARK, one.fill_null(_MARK), literal=True))
    rest = frame.filter(~usual).with_columns(text.str.replace_all(rf"{COLOUR}|{_MEANING}|{WORD}", "${1}#"))
    return pl.concat([some.drop("kept"), rest])


def _answered(frame: pl.DataFrame) -> pl.DataFrame:
    """Those with the status of a request: marked by a sign first, where it is not theirs. With one status, and no other
    number of meaning, what stands before and behind needs no groups."""
    text, odd = pl.col("text"), frame["text"].str.contains(_MARK, literal=True)
    with_marks = text
    for place, to in _MARKED:
        with_marks = with_marks.str.replace_all(place, to)
    marked = frame.filter(~odd).with_columns(with_marks)
    single = (marked["text"].str.count_matches(_MARK, literal=True) == 1) & ~marked["text"].str.contains(_MEANING)
    cut = text.str.splitn(_MARK, 2).struct
    before, after = cut.field("field_0"), cut.field("field_1")
    plain = before.str.replace_all(_PLAIN, "#") + after.str.head(3) + "#"
    plain += after.str.slice(3).str.strip_prefix("#").str.replace_all(_PLAIN, "#")
    kept = rf"{COLOUR}|{_MARK}({STATUS})#?|{_MEANING}|{WORD}"
    usual = [
        marked.filter(single).with_columns(plain.alias("text")),
        marked.filter(~single).with_columns(text.str.replace_all(kept, "${1}${2}#")),
    ]
    rare = frame.filter(odd)
    return pl.concat([*usual, rare.with_columns(pl.Series("text", map(key, rare["text"]), dtype=pl.String))])
