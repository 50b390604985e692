"""The use cases of who writes profiles, over any sources."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from fakes.clock import NOON, FakeClock
from logverdict.adapters.profiles.store import FileProfiles
from logverdict.adapters.profiles.texts import YamlTexts
from logverdict.adapters.profiles.tree import Node
from logverdict.domain.probe import SourceReport
from logverdict.domain.profile import SourceSpec
from logverdict.domain.window import Window
from logverdict.verify.inspect import Inspection, Wish
from logverdict.verify.means import Means
from logverdict.verify.ports import LogSource


@dataclass(frozen=True)
class OwnSettings:
    connections: Mapping[str, object]
    profiles: Path | None = None
    defaults_tree: Node = field(default_factory=lambda: Node({}))


def inspection(sources: Mapping[str, LogSource], profiles: Path | None = None, now: datetime = NOON) -> Inspection:
    """At a time that stands still."""
    nothing: Any = None
    settings = OwnSettings(sources, profiles)
    known = FileProfiles(settings, sources)
    means = Means(store=nothing, sources=sources, analyst=nothing, clock=FakeClock(now))
    return Inspection(means, known, YamlTexts(settings, known, sources))


async def report_on(
    source: LogSource, spec: SourceSpec, window: Window | None = None, now: datetime = NOON
) -> SourceReport:
    """The report on one source."""
    use = inspection({spec.connection: source}, now=now)
    (report,) = await use.test(Wish("shop", source=spec, window=window))
    return report


def minutes(first: float, last: float) -> Window:
    """From NOON."""
    return Window(NOON + timedelta(minutes=first), NOON + timedelta(minutes=last))
