"""The ways back from events to their raw entries, made when events are given out."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from logverdict.analysis.mask import remembered_mask
from logverdict.domain.errors import VerifyError
from logverdict.domain.profile import SourceSpec
from logverdict.domain.result import Event, WayBack
from logverdict.domain.verification import Verification
from logverdict.domain.window import Window
from logverdict.domain.words import EventKind
from logverdict.verify.ports import Sources

SECOND = timedelta(seconds=1)
BAND = re.compile(r" \[(?:WARN|ERROR)\]$")
FUSED = re.compile(r"<num>(?=[A-Za-z])")
ENDS = re.compile(r"(?<=[\w)\]}!.>])<num>(?=\s|$)")


def with_ways(events: Sequence[Event], verification: Verification, sources: Sources) -> tuple[Event, ...]:
    """The events, each with a way back per source that names it. A source whose connection is gone, or no longer
    takes its query, has none. No I/O."""
    wanted = {spec.name: spec for spec in verification.request.profile.sources}
    judged = _judged(verification)
    return tuple(
        replace(event, ways_back=tuple(_ways(event, wanted, _span(event, verification, judged), sources)))
        for event in events
    )


def _ways(event: Event, wanted: dict[str, SourceSpec], span: Window, sources: Sources) -> Iterator[WayBack]:
    text = sure(event.template, event.samples)
    for spec in (wanted[name] for name in event.sources if name in wanted):
        source = sources.get(spec.connection)
        if source is None:
            continue
        try:
            way = source.way_back(spec, text, span)
        except VerifyError:  # settings have changed since: what was asked then is refused now
            continue
        if way is not None:
            yield way


def sure(template: str, samples: Sequence[str]) -> str:
    """The template with what its samples tell beside: where a number or a colour code is glued to a word, which the
    template does not show, it is shown as a mask."""
    text = BAND.sub("", template)
    if not ENDS.search(text) and not any(map(FUSED.search, samples)):
        return template
    for sample in samples:
        if remembered_mask(sample.replace("<num>", "#")) != text:
            continue
        if FUSED.search(sample):
            parts = FUSED.split(sample)
            return remembered_mask("<num>".join(part.replace("<num>", "#") for part in parts))
        return ENDS.sub("-<num>", text)  # no colours: what is glued to a word's end is a number
    return template


def _judged(verification: Verification) -> Window:
    """The candidate's window as far as it was judged."""
    plan = verification.plan
    end = plan.looks[verification.look - 1] if verification.look else plan.candidate.end
    if verification.closes_at is not None:
        end = min(end, verification.closes_at)
    return Window(plan.candidate.start, end) if end > plan.candidate.start else plan.candidate


def _span(event: Event, verification: Verification, judged: Window) -> Window:
    """Where the event's entries are: those of an event that is gone are in the baseline, in the window of its last."""
    if event.kind is not EventKind.GONE or event.first_seen is None or event.last_seen is None:
        return judged
    for window in verification.plan.baselines:
        if event.last_seen in window:
            return window
    return Window(_floor(event.first_seen), _floor(event.last_seen) + SECOND)


def _floor(time: datetime) -> datetime:
    return time.replace(microsecond=0)
