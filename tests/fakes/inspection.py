"""The use cases of who writes profiles, scripted: they give what a test put there, and keep what was asked."""

from datetime import UTC, datetime, timedelta

from logverdict.domain.probe import (
    Candidate,
    CheckedProfile,
    Counts,
    Draft,
    FieldFound,
    KnownProfile,
    Privilege,
    Probe,
    ProfileFault,
    SampleEntry,
    SourceReport,
)
from logverdict.domain.verification import SourceCall
from logverdict.domain.window import Window
from logverdict.domain.words import Readable
from logverdict.verify.inspect import DraftWish, Wish

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
WINDOW = Window(NOON, NOON + timedelta(minutes=3))
WHATS = ("time", "message", "level", "instance", "version", "stream", "offset")


def a_report(state: Readable = Readable.READABLE, **fields: object) -> SourceReport:
    found = tuple(FieldFound(what, what, "keyword", 1.0, (Candidate(what, "keyword", 1.0),)) for what in WHATS[:4])
    lacking = tuple(FieldFound(what, "", "", 0.0, (Candidate(f"no.{what}", "", 0.0),)) for what in WHATS[4:])
    given: dict[str, object] = {
        "probe": Probe(
            "Elasticsearch 8.19.8",
            "reader",
            ("logs",),
            (Privilege("read on logs-shop", True),),
            places=("logs-shop-1",),
            records=({"time": "x"},) * 2,
        ),
        "fields": found + lacking,
        "entries": (SampleEntry(NOON, "disk \x1b[31mfull", "ERROR", "web-1", "1.0"),),
        "counts": Counts(30, True, ((NOON, "web-1", 10), (NOON + timedelta(minutes=2), "web-2", 20)), 60.0, 1.5, 90.0),
        "calls": (SourceCall(NOON, "app", "POST /logs-shop/_search", '{"query": {"match_all": {}}}', "200", 10, 0.5),),
        "warnings": ("the query lets every entry through",),
    }
    return SourceReport("app", "logs", "*", WINDOW, state, **{**given, **fields})  # type: ignore[arg-type]


class ScriptedInspection:
    def __init__(self, *reports: SourceReport, fault: Exception | None = None) -> None:
        self.reports, self.fault = reports, fault
        self.asked: list[Wish | DraftWish | tuple[str, str, str]] = []

    async def profiles(self) -> list[KnownProfile]:
        return [KnownProfile(name, name, ("app",), f"p.yaml:{at}") for at, name in enumerate(("a", "b", "c"), 1)]

    async def check(self, text: str, service: str, environment: str) -> CheckedProfile:
        self.asked.append((text, service, environment))
        if "wrong" in text:
            return CheckedProfile((ProfileFault(2, 3, "profiles.x", "is wrong", "right", "rigth"),))
        return CheckedProfile((), (("shop", "comparison: AUTO  # built-in default"),))

    async def test(self, wish: Wish) -> tuple[SourceReport, ...]:
        self.asked.append(wish)
        if self.fault:
            raise self.fault
        return self.reports

    async def draft(self, wish: DraftWish) -> Draft:
        self.asked.append(wish)
        if self.fault:
            raise self.fault
        return Draft("profiles: {}\n", 50, ("no entries",))
