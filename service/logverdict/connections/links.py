"""Options of connections that lead a person to the entries of a query."""

from typing import Annotated

from pydantic.functional_validators import AfterValidator

from logverdict.adapters.profiles.types import refuse
from logverdict.adapters.sources.links import PLACEHOLDERS, base_fault, fault

NAMES = ", ".join(f"{{{name}}}" for name in PLACEHOLDERS)


def _template(text: str) -> str:
    """Faults do not repeat the text: somebody may have put a secret in it."""
    if wrong := fault(text):
        raise refuse(wrong, f"https://HOST/PATH without user or password, with placeholders: {NAMES}")
    return text


def _base(text: str) -> str:
    wrong = base_fault(text) or ("goes on after its path" if set("?#{}") & set(text) else "")
    if wrong:
        raise refuse(wrong, "https://HOST:PORT without user or password, with a path where the pages are below one")
    return text.rstrip("/")


LinkTemplate = Annotated[str, AfterValidator(_template)]
"""An address with placeholders."""
PageBase = Annotated[str, AfterValidator(_base)]
"""Where the pages of a Kibana or a Splunk begin."""


def one_link(**given: str | None) -> None:
    """Raises for more than one of these options."""
    names = [name for name, value in given.items() if value is not None]
    if len(names) > 1:
        raise refuse(f"{' and '.join(names)} are given", f"one of {', '.join(given)}")
