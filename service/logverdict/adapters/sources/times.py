"""Times as logs write them, as microseconds since 1970 in UTC."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

MONTH = rf"(?P<month>{'|'.join(MONTHS)})"
CLOCK = r"(?P<hour>\d\d):(?P<minute>\d\d):(?P<second>\d\d)(?:[.,](?P<fraction>\d{1,9}))?(?!\d)"
ZONE = r"(?: ?(?P<zone>Z|UTC|GMT|[+-]\d\d(?::?\d\d)?)(?![\w:]))?"
TWELVE = r"(?P<hour>\d\d?):(?P<minute>\d\d):(?P<second>\d\d)[ \u202f](?P<half>AM|PM)(?!\w)"
OFFSET = re.compile(r"([+-])(\d\d):?(\d\d)?")


@dataclass(frozen=True)
class TimeForm:
    """One way to write a time; `example` shows it, `means` says what that is in UTC, near 2026-11-22."""

    name: str
    pattern: str
    example: str
    means: str


FORMS = (
    TimeForm(
        "ISO 8601",
        rf"(?P<year>\d{{4}})(?P<sep>[-/.])(?P<month>\d\d)(?P=sep)(?P<day>\d\d)(?:T| |, | - ){CLOCK}{ZONE}",
        "2026/11/22 03:44:01,123 +0100",
        "2026-11-22T02:44:01.123",
    ),
    TimeForm(
        "access log",
        rf"(?P<day>\d\d)/{MONTH}/(?P<year>\d{{4}})[: ]{CLOCK}{ZONE}",
        "22/Nov/2026:03:44:01 +0000",
        "2026-11-22T03:44:01",
    ),
    TimeForm(
        "C library",
        rf"(?:[A-Z][a-z]{{2}},? )?{MONTH} {{1,2}}(?P<day>\d\d?) {CLOCK}{ZONE} (?P<year>\d{{4}})",
        "Sun Nov 22 03:44:01.5 2026",
        "2026-11-22T03:44:01.5",
    ),
    TimeForm("syslog", rf"{MONTH} {{1,2}}(?P<day>\d\d?) {CLOCK}", "Nov 22 03:44:01", "2026-11-22T03:44:01"),
    TimeForm(
        "mail",
        rf"(?:[A-Z][a-z]{{2}}, )?(?P<day>\d\d?) {MONTH} (?P<year>\d{{4}}) {CLOCK}{ZONE}",
        "Sun, 22 Nov 2026 03:44:01 GMT",
        "2026-11-22T03:44:01",
    ),
    TimeForm(
        "day, name of month",  # Tomcat, PHP
        rf"(?P<day>\d\d?)-{MONTH}-(?P<year>\d{{4}}) {CLOCK}(?: (?P<zone>UTC|[A-Z][A-Za-z]+/[A-Z]\w+)(?!\w))?",
        "22-Nov-2026 04:44:01.123 Europe/Berlin",
        "2026-11-22T03:44:01.123",
    ),
    TimeForm(
        "day with dots",
        rf"(?P<day>\d\d)\.(?P<month>\d\d)\.(?P<year>\d{{4}}),? {CLOCK}{ZONE}",
        "22.11.2026 03:44:01,123",
        "2026-11-22T03:44:01.123",
    ),
    TimeForm(
        "java.util.logging",
        rf"{MONTH} (?P<day>\d\d?), (?P<year>\d{{4}}),? {TWELVE}",
        "Nov 22, 2026 3:44:01 AM",
        "2026-11-22T03:44:01",
    ),
    TimeForm(
        "twelve hours",
        rf"(?P<month>\d\d?)/(?P<day>\d\d?)/(?P<year>\d{{4}}),? {TWELVE}",
        "11/22/2026, 12:44:01 PM",
        "2026-11-22T12:44:01",
    ),
    TimeForm(
        "Spark",
        rf"(?P<year>\d\d)/(?P<month>\d\d)/(?P<day>\d\d) {CLOCK}(?= [A-Z]{{4,5}} |$)",
        "26/11/22 03:44:01",
        "2026-11-22T03:44:01",
    ),
    TimeForm(
        "Ruby",
        rf"(?P<letter>[DIWEFA]), \[(?P<year>\d{{4}})-(?P<month>\d\d)-(?P<day>\d\d)T{CLOCK} ?#\d+\]",
        "I, [2026-11-22T03:44:01.123456 #12345]",
        "2026-11-22T03:44:01.123456",
    ),
    TimeForm(
        "klog",
        rf"(?P<letter>[IWEF])(?P<year>\d{{4}})?(?P<month>\d\d)(?P<day>\d\d) {CLOCK}",
        "I1122 03:44:01.123456",
        "2026-11-22T03:44:01.123456",
    ),
    TimeForm(
        "epoch",
        r"(?P<epoch>\d{10}\.\d{1,9}|\d{13}|\d\.\d{1,16}e\+09)(?![\w.])",
        "1795319041.5",
        "2026-11-22T03:44:01.5",
    ),
)
NUMBER = re.compile(r"-?\d{1,19}(?:\.\d{1,12})?|\d\.\d{1,16}e\+09")


def micros(time: datetime) -> int:
    """Microseconds since 1970 of a time with a zone."""
    gone = time - EPOCH
    return (gone.days * 86_400 + gone.seconds) * 1_000_000 + gone.microseconds


def zone_of(name: str) -> tzinfo:
    """The zone that an IANA name or an offset such as +01:00 means. Raises ValueError."""
    offset = OFFSET.fullmatch(name)
    if offset is None:
        try:
            return UTC if name in ("Z", "UTC", "GMT") else ZoneInfo(name)
        except (OSError, LookupError, ValueError) as fault:  # a folder's name, no such zone, a path
            raise ValueError(f"unknown time zone {name!r}") from fault
    sign, hours, minutes = offset.groups(default="0")
    span = timedelta(hours=int(hours), minutes=int(minutes))
    return timezone(-span if sign == "-" else span)


def of_number(number: float) -> int | None:
    """Microseconds of an epoch in seconds, milliseconds, microseconds or nanoseconds; its size tells which.

    None for a number that means a time before 1973: it is a duration, or no time at all."""
    if not 1e8 <= number < 1e20:  # so NaN is none either
        return None
    if number < 1e11:
        return round(number * 1_000_000)
    if number < 1e14:
        return round(number * 1_000)
    return round(number) if number < 1e17 else int(number // 1_000)


@dataclass(frozen=True)
class Times:
    """Understands times; those without a zone are in `zone`, those without a year are nearest to `near`."""

    zone: tzinfo
    near: datetime

    def of_value(self, value: object) -> int | None:
        """Microseconds of a field's value, a text or a number; None when it is no time."""
        if type(value) is str:
            try:
                time = datetime.fromisoformat(value)
            except ValueError:
                return self._of_text(value.strip())
            return self._micros(time)
        return of_number(value) if type(value) is int or type(value) is float else None

    def _of_text(self, text: str) -> int | None:
        if NUMBER.fullmatch(text):
            return of_number(float(text) if "." in text else int(text))
        matches = (re.fullmatch(form.pattern, text) for form in FORMS)
        return next((self.of_match(match) for match in matches if match), None)

    def of_match(self, match: re.Match[str]) -> int | None:
        """Microseconds of a match of one of FORMS; None for a 13th month and the like."""
        part = match.groupdict()
        if part.get("epoch"):
            return self._of_text(part["epoch"])
        month = part["month"]
        number = MONTHS.index(month) + 1 if month in MONTHS else int(month)
        fraction = int((part.get("fraction") or "0")[:6].ljust(6, "0"))
        clock = (_hour(int(part["hour"]), part.get("half")), int(part["minute"]), int(part["second"]), fraction)
        try:
            zone = zone_of(part["zone"]) if part.get("zone") else self.zone
        except ValueError:
            return None
        years = [_year(int(part["year"]))] if part.get("year") else [self.near.year + by for by in (-1, 0, 1)]
        return self._nearest([self._build(year, number, int(part["day"]), clock, zone) for year in years])

    def _build(self, year: int, month: int, day: int, clock: tuple[int, int, int, int], zone: tzinfo) -> int | None:
        try:
            return self._micros(datetime(year, month, day, *clock, tzinfo=zone))
        except ValueError:
            return None

    def _micros(self, time: datetime) -> int | None:
        try:
            return micros(time if time.tzinfo is not None else time.replace(tzinfo=self.zone))
        except OverflowError:  # a zone moves it out of the years 1 to 9999
            return None

    def _nearest(self, times: list[int | None]) -> int | None:
        near = micros(self.near)
        return min((time for time in times if time is not None), key=lambda time: abs(time - near), default=None)


def _year(year: int) -> int:
    return year if year > 99 else 2000 + year


def _hour(hour: int, half: str | None) -> int:
    """Of the day; of twelve hours the one called 12 is the first."""
    if half is None:
        return hour
    return 24 if hour > 12 else hour % 12 + (12 if half == "PM" else 0)
