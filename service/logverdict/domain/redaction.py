"""What an operator wants to leave messages, beside the secrets that leave them anyway."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Redaction:
    """`pattern` (a regular expression of the linear-time engine) is replaced by `replace`, in which $1 to $9 are the
    pattern's groups. It meets whole messages, and keys, in which `#` stands for a word that holds a digit."""

    name: str
    pattern: str
    replace: str = "<secret>"
