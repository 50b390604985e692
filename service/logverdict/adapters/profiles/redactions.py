"""The operator's own redactions, checked when settings load."""

import re
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic.functional_validators import AfterValidator

from logverdict.adapters.profiles.types import Name, refuse
from logverdict.domain.redaction import Redaction

MOST = 50
REPLACEMENT = re.compile(r"(?:[^0-9#$]|\$[1-9](?![0-9]))*")


def _pattern(text: str) -> str:
    from logverdict.analysis.redact import fault_of  # client commands load no engine

    if wrong := fault_of(text):
        raise refuse(f"can't be used: {wrong}", "a regular expression without look-around and back-references")
    return text


def _replacement(text: str) -> str:
    if not REPLACEMENT.fullmatch(text):
        raise refuse(f"{text!r} can't be a replacement", "text without digits and #; $1 to $9 are the pattern's groups")
    return text


class RedactPart(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    name: Name
    pattern: Annotated[str, Field(min_length=1, max_length=2_000), AfterValidator(_pattern)]
    """What is replaced, in messages and in their keys, in which a word that holds a digit is `#`."""
    replace: Annotated[str, Field(max_length=60), AfterValidator(_replacement)] = "<secret>"
    example: Annotated[str, Field(max_length=4_000)] = ""
    """A message that the pattern has to fit, as it is logged and as its key."""

    @model_validator(mode="after")
    def _fits(self) -> "RedactPart":
        from logverdict.analysis.redact import unlike

        if self.example and (form := unlike(self.rule, self.example)):
            raise refuse(f"does not fit its example in the form {form!r}", "a pattern in which # may stand for digits")
        return self

    @property
    def rule(self) -> Redaction:
        return Redaction(self.name, self.pattern, self.replace)
