"""Plain text lines: a time at the start, a level near it, and the rest."""

import re

from logverdict.adapters.sources.records import Parsed, Reading
from logverdict.adapters.sources.times import FORMS

WORDS = (
    "TRACE|DEBUG|INFO|INFORMATION|NOTICE|WARN|WARNING|ERROR|ERR|CRITICAL|CRIT|ALERT|EMERGENCY|EMERG|FATAL|SEVERE|PANIC"
)
LEVELS = (
    re.compile(rf"[\[(<|]?(?P<level>(?i:{WORDS}))(?=[\s\])>|:,-]|$)"),  # first of all
    re.compile(rf"(?:\S+\s+){{1,4}}?[\[(<|]?(?P<level>{WORDS})(?=[\s\])>|:,-]|$)"),  # soon after, in capitals
    re.compile(rf".*?[\[(<](?:\w+:)?(?P<level>(?i:{WORDS}))[\])>]"),  # in brackets
    re.compile(r".*?\b(?:level|severity|lvl)=\"?(?P<level>\w+)"),
)
NEAR = 120
"""Characters after the time in which a level is looked for."""

LETTERS = {"I": "INFO", "W": "WARNING", "E": "ERROR", "F": "FATAL"}
PRIORITIES = ("emerg", "alert", "crit", "err", "warning", "notice", "info", "debug")
COLOUR = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")

PRI = r"(?:<(?P<pri>\d{1,3})>(?:1 )?)?"
LEAD = {"access log": r"(?P<lead>(?:\S+ \S+ [^\[\]]{1,80})?)"}
LEVEL_FIRST = rf"(?P<lead>(?:[\[(]?(?i:{WORDS})[\])]?[:|]?\s{{1,8}})?)"
STARTS = tuple(re.compile(rf"{PRI}{LEAD.get(form.name, LEVEL_FIRST)}[\[(]?{form.pattern}[\])]?") for form in FORMS)


class PlainFormat:
    loose = True

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._start = STARTS[0]

    def columns(self) -> None:
        return None

    def parse(self, line: bytes) -> Parsed | None:
        text = line.decode().rstrip()
        if "\x1b" in text:
            text = COLOUR.sub("", text)
        match = self._start.match(text) or self._other(text)
        time = self._reading.times.of_match(match) if match else None
        if match is None or time is None:
            return None
        if not self._reading.wants(time):
            return time, "", "", "", ""
        message = _message(match["lead"], text[match.end() :])
        return time, message, _level(match, message), self._reading.instance, self._reading.version

    def _other(self, text: str) -> re.Match[str] | None:
        """Most files keep to one form: the last one that matched is tried first."""
        if not any(map(str.isdigit, text[:40])) and "[" not in text[:120]:
            return None
        for start in STARTS:
            if match := start.match(text):
                self._start = start
                return match
        return None

    def fault(self, line: bytes) -> str:
        return "have no time that is understood, and no entry before them"


def _message(lead: str, rest: str) -> str:
    rest = rest.lstrip()
    if rest[:2] in ("- ", "| ", ": "):
        rest = rest[2:].lstrip()
    return lead + rest if lead else rest


def _level(match: re.Match[str], message: str) -> str:
    part = match.groupdict()
    if part.get("letter"):
        return LETTERS[part["letter"]]
    near = message[:NEAR]
    found = next((hit["level"] for level in LEVELS if (hit := level.match(near))), "")
    return found or (PRIORITIES[int(part["pri"]) % 8] if part["pri"] else "")
