"""Plain text lines: a time at the start, a level near it, and the rest."""

import re

import orjson

from logverdict.adapters.sources.records import RECORD, Parsed, Reading, Records
from logverdict.adapters.sources.times import FORMS

WORDS = (
    "TRACE|DEBUG|INFO|INFORMATION|NOTICE|WARN|WARNING|ERROR|ERR|CRITICAL|CRIT|ALERT|EMERGENCY|EMERG|FATAL|SEVERE|PANIC"
)
LEVELS = (
    re.compile(rf"[\[(<|]?(?P<level>(?i:{WORDS}))(?=[\s\])>|:,/-]|$)"),  # first of all
    re.compile(rf"(?:\S+\s+){{1,4}}?[\[(<|]?(?P<level>{WORDS})(?=[\s\])>|:,-]|$)"),  # soon after, in capitals
    re.compile(rf".*?[\[(<](?:\w+:)?(?P<level>(?i:{WORDS}))[\])>]"),  # in brackets
    re.compile(rf"[\w-]+\.(?P<level>{WORDS}):"),  # behind its channel, as Monolog and Laravel write it
    re.compile(r".*?\b(?:level|severity|lvl)=\"?(?P<level>\w+)"),
)
NEAR = 120
"""Characters after the time in which a level is looked for."""

LETTERS = {"D": "DEBUG", "I": "INFO", "W": "WARNING", "E": "ERROR", "F": "FATAL", "A": ""}
PRIORITIES = ("emerg", "alert", "crit", "err", "warning", "notice", "info", "debug")
COLOUR = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")

PRI = r"(?:<(?P<pri>\d{1,3})>(?:1 )?)?"
LEVEL_FIRST = (
    rf"(?P<lead>(?:[\[(]?(?i:{WORDS})[\])]?[:|]?\s{{1,8}})?"
    r"(?:\[[^\[\]\d][^\[\]]{0,59}\]\s{1,8})?)"  # a thread, or whose log it is
)
LEAD = {
    "access log": r"(?P<lead>(?:\S+ \S+ [^\[\]]{1,80})?)",
    "mail": r"(?P<lead>(?:\d+:[A-Z] )?)",  # Redis
    "twelve hours": r"(?P<lead>(?:\[\w+\] \d+ +- )?)",  # Nest
}
TAIL = {"Ruby": r" +[A-Z]+ --"}
"""What comes between a time and the message."""
STARTS = tuple(
    re.compile(rf"{PRI}{LEAD.get(form.name, LEVEL_FIRST)}[\[(]?{form.pattern}[\])]?{TAIL.get(form.name, '')}")
    for form in FORMS
)

ENVELOPE = re.compile(r" (?:stdout|stderr) [FP](?::\S*)?(?: |$)")
"""What Kubernetes (CRI) writes between the time and what a container wrote."""


class Starts:
    """Finds how a text starts. Most files keep to one form: the last one that matched is tried first."""

    def __init__(self) -> None:
        self._last = STARTS[0]

    def match(self, text: str) -> re.Match[str] | None:
        return self._last.match(text) or self._other(text)

    def _other(self, text: str) -> re.Match[str] | None:
        if not any(map(str.isdigit, text[:40])) and "[" not in text[:120]:
            return None
        for start in STARTS:
            if match := start.match(text):
                self._last = start
                return match
        return None


class PlainFormat:
    loose = True

    def __init__(self, reading: Reading) -> None:
        self._reading, self._records = reading, Records(reading)
        self._starts, self._inner = Starts(), Starts()

    def columns(self) -> None:
        return None

    def parse(self, line: bytes) -> Parsed | None:
        text = line.decode().rstrip()
        if "\x1b" in text:
            text = COLOUR.sub("", text)
        match = self._starts.match(text)
        time = self._reading.times.of_match(match) if match else None
        if match is None or time is None:
            return None
        if not self._reading.wants(time):
            return time, "", "", "", ""
        if envelope := ENVELOPE.match(text, match.end()):
            return self.inside(text[envelope.end() :], time)
        message = _message(match["lead"], text[match.end() :])
        return time, message, _level(match, message), self._reading.instance, self._reading.version

    def inside(self, text: str, time: int) -> Parsed:
        """What a container wrote, by the time at which its runtime took it: one of its own is taken off."""
        if text.startswith(RECORD) and (record := _record(text)) and (entry := self._records.entry(record, time)):
            return entry
        text = COLOUR.sub("", text).rstrip() if "\x1b" in text else text.rstrip()
        match = self._inner.match(text)
        message = _message(match["lead"], text[match.end() :]) if match else text
        return time, message, _level(match, message), self._reading.instance, self._reading.version

    def fault(self, line: bytes) -> str:
        return "have no time that is understood, and no entry before them"


def _message(lead: str, rest: str) -> str:
    rest = rest.lstrip()
    if rest[:2] in ("- ", "| ", ": "):
        rest = rest[2:].lstrip()
    return lead + rest if lead else rest


def _record(text: str) -> dict[str, object] | None:
    try:
        record = orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
    return record if type(record) is dict else None


def _level(match: re.Match[str] | None, message: str) -> str:
    part = match.groupdict() if match else {}
    if part.get("letter"):
        return LETTERS[part["letter"]]
    near = message[:NEAR]
    found = next((hit["level"] for level in LEVELS if (hit := level.match(near))), "")
    return found or (PRIORITIES[int(part["pri"]) % 8] if part.get("pri") else "")
