"""What stands in quotes: mostly a value that varies as a whole; but a reason is masked as the text that it is."""

import re

_REASONS = re.compile(
    r"(?:(?:^|[^\w.-])(?:[\w.-]*(?:[._-]|[a-z](?=[A-Z])))?)"
    r"(?i:err(?:or)?s?|exception|exc|cause|causes|causedby|reason|message|msg|desc|details?|description)"
    r"[\"']?(?:=|: ?)\Z"
)
"""The end of what stands before a quote: a name that says that a reason follows: `last_error=`, `"cause": `."""
_TROUBLE = frozenset(
    (
        *("fail", "failed", "failure", "error", "errors", "exception", "refused", "denied", "rejected", "cannot"),
        *("unable", "timeout", "timed", "unavailable", "unreachable", "invalid", "closed", "reset", "broken"),
        *("exceeded", "expired"),
    )
)
_NOT = ("could not", "not found", "no such", "can't", "couldn't")
_WORDS = re.compile(r"(?<![\w./=-])[a-z]+(?![\w/=-])")
"""Not the parts of names, paths and options: `--file-line-error` is of a command."""
LEAST_WORDS = 3
"""Words of a sentence, at least."""
_NAME = 60
"""Characters before a quote in which its name is looked for."""
_INNER = re.compile(r"(\\?\"|(?<!\w)'|`)([^\"'`\\\n]*)(\1)")


def unquoted(found: re.Match[str]) -> str:
    """A quoted text without digits stays. A reason, by its name or by its words, stays for the rules of text that come
    after, but for what is quoted within. All else is `<str>`."""
    whole = found[0]
    if "#" not in whole:
        return whole
    before = found.string[max(0, found.start() - _NAME) : found.start()]
    if (before.endswith(("=", ":", ": ")) and _REASONS.search(before)) or _troubled(whole.lower()):
        return f"{whole[0]}{_INNER.sub(_value, whole[1:-1])}{whole[-1]}"
    return f"{whole[0]}<str>{whole[-1]}"


def _troubled(text: str) -> bool:
    """Whether it is a sentence of trouble. No pattern tells: it would take longer than all else."""
    words = _WORDS.findall(text)
    return len(words) >= LEAST_WORDS and (not _TROUBLE.isdisjoint(words) or any(one in text for one in _NOT))


def _value(found: re.Match[str]) -> str:
    return f"{found[1]}<str>{found[1]}" if "#" in found[2] else found[0]
