"""Events that are given out lead back to their raw entries."""

from dataclasses import dataclass, field, replace
from datetime import datetime

import pytest

from fakes.memory_source import MemorySource
from fakes.verifications import a_finished_verification, a_plan, a_profile, a_source, a_verification, an_event, at
from fakes.world import WANTED, World, rows, to_the_end
from logverdict.analysis.key import key
from logverdict.analysis.mask import mask
from logverdict.domain.errors import InvalidRequest
from logverdict.domain.profile import SourceSpec
from logverdict.domain.result import Event, WayBack
from logverdict.domain.verification import Verification
from logverdict.domain.window import Window
from logverdict.domain.words import EventKind
from logverdict.verify.ports import LogSource
from logverdict.verify.ways import sure, with_ways


@dataclass
class Signpost:
    """The part of a source that ways back need."""

    refuses: bool = False
    asked: list[str] = field(default_factory=list)

    def way_back(self, spec: SourceSpec, template: str, span: Window) -> WayBack:
        self.asked.append(template)
        if self.refuses:
            raise InvalidRequest("options.index", "is required")
        return WayBack(spec.name, f"{spec.query} {template}", "", span)


def ways(event: Event, verification: Verification, **sources: Signpost) -> tuple[WayBack, ...]:
    known: dict[str, LogSource] = {**sources}  # type: ignore[dict-item]
    return with_ways([event], verification, known)[0].ways_back


def of_two() -> Verification:
    sources = (a_source(name="app"), a_source(name="db", connection="other"))
    plain = a_verification(look=3)
    return replace(plain, request=replace(plain.request, profile=a_profile(sources=sources)))


def test_each_source_that_the_event_names_has_a_way() -> None:
    """And no other."""
    found = ways(an_event(sources=("app", "db")), of_two(), files=Signpost(), other=Signpost())
    assert [way.source for way in found] == ["app", "db"]
    assert [way.source for way in ways(an_event(), of_two(), files=Signpost(), other=Signpost())] == ["app"]


@pytest.mark.parametrize("sources", [{}, {"files": Signpost(refuses=True)}])
def test_a_connection_that_changed_gives_no_way(sources: dict[str, Signpost]) -> None:
    """One that is gone, or takes the query no more, is no error: the event is still worth having."""
    assert ways(an_event(), of_two(), **sources) == ()


@pytest.mark.parametrize(
    ("changes", "end"),
    [
        ({"look": 3}, at(240)),
        ({"look": 0}, at(660)),
        ({"look": 9, "closes_at": at(300)}, at(300)),
        ({"look": 10}, at(660)),
    ],
)
def test_the_span_is_what_was_judged(changes: dict[str, object], end: datetime) -> None:
    """The candidate's window up to the look, or to where a newer deployment closed it."""
    (way,) = ways(an_event(), a_verification(**changes), files=Signpost())
    assert way.span == Window(at(60), end)


def test_what_is_gone_is_looked_for_in_the_baseline() -> None:
    """In the window that has its last entry; where no window is known, around its entries."""
    gone = an_event(kind=EventKind.GONE, first_seen=at(-1700.5), last_seen=at(-900.25))
    windows = (Window(at(-9000), at(-7200)), Window(at(-1800), at(0)))
    (way,) = ways(gone, a_verification(plan=a_plan(baselines=windows)), files=Signpost())
    assert way.span == windows[1]
    (way,) = ways(gone, a_verification(plan=a_plan(baselines=())), files=Signpost())
    assert way.span == Window(at(-1701), at(-900))


SAMPLES = [
    ("Processing by Orders#show", "Processing by Orders<num>show", "Processing by Orders<num>show"),
    ("\x1b[31mred\x1b[0m news [7]", "<num>red<num> news [<num>]", "<num>red<num> news [<num>]"),
    ("starting worker-7", "starting worker-<num>", "starting worker-<num>"),
    ("exit code 1 of job 7", "exit code 1 of job <num>", "exit code 1 of job <num>"),
]


@pytest.mark.parametrize(("message", "sample", "surely"), SAMPLES)
def test_a_sample_tells_what_the_template_hides(message: str, sample: str, surely: str) -> None:
    """What is glued to a word shows as a mask; a number behind a dash is told from the end of a colour."""
    assert sure(mask(key(message)), (sample,)) == surely


def test_a_sample_of_another_template_tells_nothing() -> None:
    """An event has samples of all its templates."""
    assert sure("starting worker<num>", ("stopping worker-<num>",)) == "starting worker<num>"
    assert sure("starting worker<num> [ERROR]", ("starting worker-<num>",)) == "starting worker-<num>"


class Marked(MemorySource):
    def way_back(self, spec: SourceSpec, template: str, span: Window) -> WayBack:
        return WayBack(spec.name, template, "", span)


async def test_events_and_revisions_bring_them(world: World) -> None:
    """Both ways on which a client gets events; what is stored has none."""
    world.source = Marked(rows(range(-600, 400)))
    use = await world.open()
    verification = await use.create(WANTED)
    revisions = await to_the_end(use, verification)
    page, _ = await use.events(verification.name, "", 100, "")
    changed = [event for revision in revisions for event in revision.changed]
    assert page and changed
    assert all(event.ways_back for event in [*page, *changed])
    stored, _ = await world.store.events(verification.id, "", "", 100)
    assert not any(event.ways_back for event in stored)


def test_a_full_page_is_cheap() -> None:
    """Templates and samples of a thousand events are looked at without asking anybody."""
    signpost = Signpost()
    events = [an_event(id=f"e{number}", template=f"event {'x' * number}") for number in range(1_000)]
    found = with_ways(events, a_finished_verification(), {"files": signpost})  # type: ignore[dict-item]
    assert len(signpost.asked) == 1_000
    assert all(event.ways_back for event in found)
