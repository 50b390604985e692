"""Secrets and personal data leave a key before anything of it is kept: counts, samples, templates, all come after."""

from dataclasses import dataclass

import polars as pl

MAX_SAMPLE = 1_000
"""Characters of a sample."""


@dataclass(frozen=True, slots=True)
class RedactRule:
    """`pattern` (Rust regular expression) is replaced by `to`; `before` becomes `after`, which a test checks.

    Patterns fit messages and their keys, in which `#` stands for a word that holds a digit.
    """

    name: str
    pattern: str
    to: str
    before: str
    after: str


_NAMES = (
    r"[\w.-]*(?:passw(?:or)?d|passphrase|pwd|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|credential"
    r"|session[_-]?id|cookie|auth[_-](?:key|code))[\w.-]*"
)
RULES = (
    RedactRule(
        "private key",
        r"(?s)-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)",
        "<secret>",
        "-----BEGIN RSA PRIVATE KEY-----\nMII\n-----END RSA PRIVATE KEY-----",
        "<secret>",
    ),
    RedactRule(
        "authorization",
        r"(?i)\b(authorization[\"']?\s*[=:]\s*[\"']?)(?:(?:bearer|basic|digest|negotiate|token) +)?[^\s\"',;]+",
        "$1<secret>",
        "Authorization: Bearer abc.def-ghi",
        "Authorization: <secret>",
    ),
    RedactRule(
        "bearer",
        r"(?i)\b(bearer) +(?:[A-Za-z0-9+/._~#-]{6,}|[+/._~-]*#[A-Za-z0-9+/._~#-]*)=*",
        "$1 <secret>",
        "sent Bearer abc.def-ghi",
        "sent Bearer <secret>",
    ),
    RedactRule(
        "url credentials",
        r"(://)[^/\s:@]+:[^/\s@]+@",
        "$1<secret>@",
        "GET http://bob:hunter2@db/x",
        "GET http://<secret>@db/x",
    ),
    RedactRule(
        "named secret",
        rf"(?i)\b({_NAMES})([\"']?\s*[=:]\s*)(?:\"[^\"]*\"|'[^']*'|[^\s,;&<\"'}})\]]+)",
        "$1$2<secret>",
        "login password=hunter2 ok",
        "login password=<secret> ok",
    ),
    RedactRule(
        "json web token",
        r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*",
        "<secret>",
        "got eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc",
        "got <secret>",
    ),
    RedactRule(
        "vendor token",
        r"\b(?:AKIA[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{20,}|xox[abpr]-[A-Za-z0-9-]{10,}|sk_(?:live|test)_[A-Za-z0-9]{10,})\b",
        "<secret>",
        "using AKIAABCDEFGHIJKLMNOP now",
        "using <secret> now",
    ),
    RedactRule(
        "e-mail",
        r"[A-Za-z0-9._%+#-]+@[A-Za-z0-9#-]+(?:\.[A-Za-z0-9#-]+)+",
        "<email>",
        "mail to ann.lee@example.org sent",
        "mail to <email> sent",
    ),
    RedactRule(
        "card number",
        r"\b[3-6][0-9]{3}(?:[ -]?[0-9]{4}){2}[ -]?[0-9]{1,4}\b",
        "<card>",
        "paid with 4111 1111 1111 1111.",
        "paid with <card>.",
    ),
)
_SUSPECT = "|".join(f"(?:{rule.pattern})" for rule in RULES)


def redact(texts: pl.Series) -> pl.Series:
    """The texts without secrets. Most hold none, so all rules are tried on suspects only."""
    frame = pl.DataFrame({"at": pl.int_range(len(texts), eager=True), "text": texts})
    suspect = texts.str.contains(_SUSPECT)
    text = pl.col("text")
    for rule in RULES:
        text = text.str.replace_all(rule.pattern, rule.to.replace("$1", "${1}").replace("$2", "${2}"))
    whole = pl.concat([frame.filter(~suspect), frame.filter(suspect).with_columns(text)]).sort("at")
    return whole["text"]


def samples(keys: pl.Series) -> pl.Series:
    """What people get to see of redacted keys: whole messages of several lines too, cut to MAX_SAMPLE."""
    return keys.str.replace_all("([0-9])#", "${1}").str.replace_all("#", "<num>", literal=True).str.head(MAX_SAMPLE)
