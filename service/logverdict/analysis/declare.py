"""What feedback is about: from an event, from a message that was never seen, and again under newer rules."""

from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache

import polars as pl

from logverdict.analysis.count import kept_keys
from logverdict.analysis.likeness import text_of
from logverdict.analysis.mask import mask
from logverdict.analysis.redact import samples
from logverdict.analysis.rules import RULES_VERSION, mask_of
from logverdict.analysis.severity import combined, key_severities
from logverdict.domain.feedback import MAX_TEMPLATES, Feedback, Likeness
from logverdict.domain.result import Event
from logverdict.domain.words import Severity


def of_event(event: Event, version: str) -> Likeness:
    """`version`: of the rules that masked it."""
    members = (event.template, *(one for one in event.templates if one != event.template))
    texts = tuple(dict.fromkeys(map(text_of, members)))
    return Likeness(texts[:MAX_TEMPLATES], event.severity, version, event.samples[0] if event.samples else "")


def of_message(message: str, severity: Severity | None) -> Likeness:
    """A message as it is logged, or a template: masking one changes nothing. Secrets leave it first. Without a severity
    it has the one that its words tell."""
    key = _key(message)
    worded = key_severities(key).with_columns(level=pl.lit(0, dtype=pl.Int8))
    thrown = bool(worded["thrown"][0])
    alone = Severity(int(worded.select(severity=combined())["severity"][0]))
    told = max(alone, Severity.ERROR) if thrown else alone
    return Likeness((mask(key[0]),), severity if severity is not None else told, RULES_VERSION, samples(key)[0])


def template_of(message: str, rules: str = RULES_VERSION) -> str:
    return mask(_key(message)[0], mask_of(rules))


def under(feedback: Iterable[Feedback], rules: str) -> list[Feedback]:
    """The same feedback, about what it is about by those rules."""
    return [replace(one, about=renewed(one.about, rules)) for one in feedback]


def renewed(likeness: Likeness, rules: str = RULES_VERSION) -> Likeness:
    """The same under those rules: its templates, and what its sample now gives, are masked again."""
    return likeness if likeness.mask_version == rules else _renewed(likeness, rules)


@lru_cache(maxsize=4_096)
def _renewed(likeness: Likeness, rules: str) -> Likeness:
    again = [template_of(text, rules) for text in likeness.templates]
    if likeness.sample:
        again.append(template_of(likeness.sample, rules))
    return Likeness(tuple(dict.fromkeys(again))[:MAX_TEMPLATES], likeness.severity, rules, likeness.sample)


def _key(message: str) -> pl.Series:
    """As counts hold it; masks that a sample or a template shows are taken as what they stand for."""
    return kept_keys(pl.Series("message", [message], dtype=pl.String)).str.replace_all("<num>", "#", literal=True)
