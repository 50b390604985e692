"""Secrets and personal data leave a key before anything of it is kept: counts, samples, templates, all come after."""

import re
from collections.abc import Sequence

import polars as pl

from logverdict.analysis.keys import keys
from logverdict.analysis.redact_rules import DIGITS, HINTS, RULES, RedactRule
from logverdict.domain.redaction import Redaction

MAX_SAMPLE = 1_000
"""Characters of a sample."""
_SUSPECT = "|".join(f"(?:{rule.pattern})" for rule in RULES)


def redact(texts: pl.Series, own: Sequence[Redaction] = ()) -> pl.Series:
    """The texts without secrets, and without what the operator's `own` rules take, which come last. Most hold none, so
    all rules are tried on suspects only."""
    suspect = _suspects(texts, own)
    if not suspect.any():
        return texts
    frame = pl.DataFrame({"at": pl.int_range(len(texts), eager=True), "text": texts})
    found = frame.filter(suspect)
    for rule in RULES:
        found = found.with_columns(_without(found["text"], rule))
    for each in own:
        found = found.with_columns(found["text"].str.replace_all(each.pattern, _groups(each.replace)))
    return pl.concat([frame.filter(~suspect), found]).sort("at")["text"]


def fault_of(pattern: str) -> str:
    """What the engine has against a pattern, "" for nothing: it knows no look-around and no back-references."""
    try:
        empty = pl.Series([""]).str.contains(pattern, strict=True)[0]
    except pl.exceptions.ComputeError as fault:
        lines = str(fault).splitlines()
        return next((line.removeprefix("error: ") for line in lines if line.startswith("error: ")), lines[0])
    return "fits nothing at all too, so it would be everywhere" if empty else ""


def unlike(rule: Redaction, example: str) -> str:
    """The form of that message that the rule does not fit, "" where it fits both: as logged, and as a key."""
    given = pl.Series([example], dtype=pl.String)
    forms = pl.concat([given, keys(given)])
    return str(next(iter(forms.filter(~forms.str.contains(rule.pattern))), ""))


def _suspects(texts: pl.Series, own: Sequence[Redaction]) -> pl.Series:
    """False for what no rule fits."""
    hinted = texts.str.contains_any(list(HINTS), ascii_case_insensitive=True) | texts.str.contains(DIGITS)
    suspect = hinted.fill_null(False)
    suspect = suspect.scatter(suspect.arg_true(), texts.filter(suspect).str.contains(_SUSPECT))
    return suspect | texts.str.contains("|".join(f"(?:{rule.pattern})" for rule in own)) if own else suspect


def _without(texts: pl.Series, rule: RedactRule) -> pl.Series:
    if rule.check is None:
        return texts.str.replace_all(rule.pattern, _groups(rule.to))
    check, to = rule.check, rule.to
    pattern = re.compile(rule.pattern, re.ASCII)
    changed = [pattern.sub(lambda hit: to if check(hit[0]) else hit[0], text) if text else text for text in texts]
    return pl.Series(texts.name, changed, dtype=pl.String)


def _groups(to: str) -> str:
    """As the engine writes them: $1a would be a group of that name."""
    return re.sub(r"\$([1-9])", r"${\1}", to)


def samples(keys: pl.Series) -> pl.Series:
    """What people get to see of redacted keys: whole messages of several lines too, cut to MAX_SAMPLE."""
    return keys.str.replace_all("([0-9])#", "${1}").str.replace_all("#", "<num>", literal=True).str.head(MAX_SAMPLE)
