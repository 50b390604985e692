"""What is said of a source to who writes its profile: files, and a source in memory."""

import asyncio
import json
from datetime import timedelta
from pathlib import Path

import pytest

from fakes.clock import NOON
from fakes.inspecting import inspection, minutes, report_on
from fakes.memory_source import CountingSource, MemorySource
from fakes.world import rows
from logverdict.adapters.sources.file import FileSource
from logverdict.domain.errors import InvalidRequest, NotFound, QueryRejected, SourceUnavailable
from logverdict.domain.profile import SourceSpec
from logverdict.domain.words import Readable
from logverdict.verify.inspect import DraftWish, Wish

SPEC = SourceSpec("app", "logs", "*.jsonl")
SECRET = "hunter2hunter2"


def lines(count: int = 60, **more: object) -> str:
    """An entry each second before NOON."""
    return "".join(
        json.dumps(
            {
                "timestamp": (NOON - timedelta(seconds=second)).isoformat(),
                "message": f"order {second} stored password={SECRET}",
                "level": "info",
                "instance": "ab"[second % 2],
                "service": {"name": "shop"},
                "token": SECRET,
                **more,
            }
        )
        + "\n"
        for second in range(count, 0, -1)
    )


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "web.jsonl").write_text(lines())
    return tmp_path


async def test_a_good_source_is_told(root: Path) -> None:
    """Places, fields with their shares, counts per minute and instance, the request: all that a person asks first."""
    report = await report_on(FileSource(root), SPEC)
    found = {one.what: (one.name, one.share) for one in report.fields}
    assert report.state is Readable.READABLE and report.faults == ()
    assert report.probe.places == ("web.jsonl",)
    assert found["message"] == ("message", 1.0) and found["time"] == ("timestamp", 1.0)
    assert found["instance"] == ("instance", 1.0) and found["version"] == ("", 0.0)
    assert report.counts.total == 60 and not report.counts.counted
    assert [(instance, count) for _, instance, count in report.counts.rows] == [("a", 30), ("b", 30)]
    assert [call.source for call in report.calls] == ["app"]


async def test_nothing_secret_is_shown(root: Path) -> None:
    """Neither the samples of a test nor the comments of a draft hold what looks like a secret."""
    source = FileSource(root)
    report = await report_on(source, SPEC)
    draft = await inspection({"logs": source}).draft(DraftWish(SPEC, "shop"))
    assert report.entries[0].message == "order 1 stored password=<secret>"
    assert SECRET not in str(report.entries) + str(report.warnings) + draft.text


async def test_an_empty_window_says_when_the_newest_entry_was(root: Path) -> None:
    """No entries is no fault, and no health: the warning says where to look."""
    report = await report_on(FileSource(root), SPEC, minutes(-180, -170))
    assert report.state is Readable.READABLE and report.counts.total == 0
    assert any("no entries in the window; the newest one that matches is of 2026-" in text for text in report.warnings)


async def test_a_wrong_time_zone_is_seen(root: Path) -> None:
    """Entries of the future, or whole hours old, are pointed out."""
    ahead = await report_on(FileSource(root), SPEC, now=NOON - timedelta(hours=2))
    behind = await report_on(FileSource(root), SPEC, now=NOON + timedelta(hours=2))
    assert any("is still to come" in text for text in ahead.warnings)
    assert any("about 2 hours old" in text for text in behind.warnings)


async def test_plain_text_is_explained(tmp_path: Path) -> None:
    """Lines without fields: time, message and level come from the line, the instance from the file's name."""
    (tmp_path / "web-1.log").write_text(f"{NOON - timedelta(seconds=5):%Y-%m-%dT%H:%M:%SZ} ERROR disk full\n")
    report = await report_on(FileSource(tmp_path), SourceSpec("app", "logs", "*.log"))
    found = {one.what: one.name for one in report.fields}
    assert found["message"] == "(rest of the line)" and found["instance"] == "(name of the file)"
    assert [entry.instance for entry in report.entries] == ["web-1"]


async def test_no_file_is_a_fault_that_names_the_query(tmp_path: Path) -> None:
    """A glob that matches nothing is refused with what to correct."""
    report = await report_on(FileSource(tmp_path), SPEC)
    assert report.state is Readable.REFUSED
    assert "matches no file" in report.faults[0]


async def test_a_source_that_does_not_answer_is_asked_once() -> None:
    """It is UNREACHABLE, with its sentence, and the call is no error."""
    source = MemorySource()
    source.fail(1, SourceUnavailable("the server can't be reached"))
    report = await report_on(source, SourceSpec("app", "memory", "all"))
    assert (report.state, report.faults) == (Readable.UNREACHABLE, ("the server can't be reached",))


async def test_lag_and_counts_are_the_source_s_own(world) -> None:  # type: ignore[no-untyped-def]
    """A source that counts gives the total without all entries being read, and how late they came."""
    source = CountingSource(rows(range(-300, -100)), world.clock, lags={"": timedelta(seconds=40)})
    report = await report_on(source, SourceSpec("app", "memory", "all"))
    assert report.counts.counted and report.counts.total == 200
    assert report.counts.lag_max is not None and 30 <= report.counts.lag_max <= 40


async def test_errors_only_without_evidence_is_warned_of() -> None:
    """Such a query can't tell health from silence."""
    source = MemorySource(rows(range(-60, 0)))
    report = await report_on(source, SourceSpec("app", "memory", "level:(ERROR OR FATAL)"))
    assert any("errors only" in text and "evidence" in text for text in report.warnings)
    calm = await report_on(source, SourceSpec("app", "memory", "all"))
    assert not any("errors only" in text for text in calm.warnings)


async def test_unknown_levels_are_named(root: Path) -> None:
    """Words of its own need `severities`."""
    (root / "web.jsonl").write_text(lines(level="sonstiges"))
    report = await report_on(FileSource(root), SPEC)
    assert "levels that are not understood: sonstiges; say in `severities` what they mean" in report.warnings


async def test_a_draft_is_checked_and_then_read_with(root: Path) -> None:
    """What is drafted has no mistakes, and reads the entries that it was drafted from."""
    use = inspection({"logs": FileSource(root)})
    draft = await use.draft(DraftWish(SPEC, "shop"))
    checked = await use.check(draft.text, "", "")
    (report,) = await use.test(Wish("shop", text=draft.text))
    assert checked.faults == () and [name for name, _ in checked.profiles] == ["shop"]
    assert "sources.logs.fields.message: message  # text:" in checked.profiles[0][1]
    assert report.counts.total == 60 and report.state is Readable.READABLE


async def test_words_of_strangers_can_t_break_a_draft(root: Path) -> None:
    """Values with line ends, quotes and YAML in them stay comments and texts."""
    bad = 'x"\n  evil: {connection: other}\n# \u2028 end'
    (root / "web.jsonl").write_text(lines(**{"level": bad, "a\nb: c": bad, "instance": bad}))
    use = inspection({"logs": FileSource(root)})
    draft = await use.draft(DraftWish(SPEC, "shop: {}\n- x"))
    checked = await use.check(draft.text, "", "")
    assert checked.faults == () and [name for name, _ in checked.profiles] == ["service"]
    assert len(await use.test(Wish("", text=draft.text))) == 1


async def test_a_text_with_mistakes_says_all_of_them() -> None:
    """Each with its line and field; tested, it is refused."""
    use = inspection({"logs": MemorySource()})
    text = "profiles:\n  shop:\n    sources:\n      app: {connection: lgos, query: x, colour: red}\n"
    checked = await use.check(text, "", "")
    assert {(fault.line, fault.field.rpartition(".")[2]) for fault in checked.faults} == {
        (4, "connection"),
        (4, "colour"),
    }
    assert {fault.hint for fault in checked.faults} >= {"logs"}
    with pytest.raises(InvalidRequest, match="yaml: has mistakes: .*colour"):
        await use.test(Wish("shop", text=text))


async def test_names_that_are_unknown_are_said(root: Path) -> None:
    """Profile, source and connection: each error names the known ones."""
    profiles = root / "p.yaml"
    profiles.write_text("profiles:\n  shop:\n    sources:\n      app: {connection: logs, query: '*.jsonl'}\n")
    use = inspection({"logs": FileSource(root)}, profiles)
    (known,) = await use.profiles()
    assert (known.name, known.sources, known.origin.rpartition("/")[2]) == ("shop", ("app",), "p.yaml:2")
    with pytest.raises(NotFound, match="unknown profile 'shpo'.*shop"):
        await use.test(Wish("x", profile="shpo"))
    with pytest.raises(NotFound, match="no source 'ap'; known: app"):
        await use.test(Wish("shop", source_name="ap"))
    with pytest.raises(InvalidRequest, match="unknown connection 'nope'.*logs"):
        await use.draft(DraftWish(SourceSpec("logs", "nope", "*"), "shop"))
    with pytest.raises(QueryRejected, match="matches no file"):
        await use.draft(DraftWish(SourceSpec("logs", "logs", "nothing/*"), "shop"))


async def test_a_window_has_limits(root: Path) -> None:
    """A test is a look, not a read of everything."""
    with pytest.raises(InvalidRequest, match="window: is longer than a day; allowed: up to 24h"):
        await report_on(FileSource(root), SPEC, minutes(-2000, 0))


async def test_sources_are_tested_side_by_side() -> None:
    """One that hangs does not keep the others from answering: all are asked at once."""
    slow, fast = MemorySource(), MemorySource(rows(range(-60, 0)))
    slow.block()
    text = "profiles: {shop: {sources: {a: {connection: slow, query: x}, b: {connection: fast, query: x}}}}"
    use = inspection({"slow": slow, "fast": fast})
    task = asyncio.ensure_future(use.test(Wish("shop", text=text)))
    while not fast.reads:
        await asyncio.sleep(0)
    slow.release()
    assert [report.state for report in await task] == [Readable.READABLE] * 2
