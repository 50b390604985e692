"""The options that say which verifications are meant, as one filter of the protocol."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

import typer

from logverdict.cli import times

_PANEL = "Which verifications"
WORDS = ("verdict", "decision", "outcome")
TEXTS = ("service", "environment", "version", "commit")


def _term(metavar: str, help: str, *names: str) -> object:
    return typer.Option(*names, rich_help_panel=_PANEL, metavar=metavar, help=help, show_default=False)


@dataclass(frozen=True, kw_only=True)
class Which:
    service: Annotated[str | None, _term("NAME", "Only this service.")] = None
    environment: Annotated[str | None, _term("NAME", "Only this environment.", "--environment", "-e")] = None
    version: Annotated[str | None, _term("VERSION", "Only this version.")] = None
    commit: Annotated[str | None, _term("SHA", "Only this commit.")] = None
    verdict: Annotated[str | None, _term("WORD", "Only this verdict: pass, warn, fail, inconclusive.")] = None
    decision: Annotated[str | None, _term("WORD", "Only this decision: proceed, stop, ask.")] = None
    outcome: Annotated[str | None, _term("WORD", "Only this outcome: good, bad, rolled_back, incident, none.")] = None
    filter: Annotated[str, _term("FILTER", 'Further terms, such as: state = RUNNING AND mode = "OBSERVE"')] = ""


@dataclass(frozen=True, kw_only=True)
class Since:
    since: Annotated[str | None, _term("SPAN|TIME", "Created since: 30d, or a time with its zone.")] = None


def terms(which: Which, since: datetime | None = None) -> str:
    """Joined by AND; "" for all."""
    found = [f"{field} = {quoted(value)}" for field in TEXTS if (value := getattr(which, field))]
    found += [f"{field} = {_word(value)}" for field in WORDS if (value := getattr(which, field))]
    if since is not None:
        found.append(f'create_time >= "{since:%Y-%m-%dT%H:%M:%SZ}"')
    if which.filter:
        found.append(which.filter)
    return " AND ".join(found)


def start(text: str | None, option: str, now: datetime) -> datetime | None:
    """A span back from now (30d, -30d), or a time."""
    if not text:
        return None
    plain = text[0] == "-" or "-" in text or text.lower() == "now"
    return times.time(text if plain else f"-{text}", option, now)


def quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _word(text: str) -> str:
    return quoted(text.upper().replace("-", "_"))
