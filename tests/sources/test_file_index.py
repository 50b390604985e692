"""Files are gone over once, and plain JSON lines as columns: neither changes what is read."""

import asyncio
import json
import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from logverdict.adapters.sources import lines
from logverdict.adapters.sources.file import FileSource
from logverdict.adapters.sources.file_formats import JsonFormat
from logverdict.adapters.sources.records import Reading
from logverdict.adapters.sources.times import Times
from logverdict.domain.profile import FieldNames, SourceSpec
from logverdict.domain.verification import Coverage, SourceCall
from logverdict.domain.window import Window
from logverdict.verify.audit import hearing

START = datetime(2026, 11, 22, 3, tzinfo=UTC)
SPEC = SourceSpec("app", "files", "app.log")
STEP = timedelta(minutes=1)
PLAIN = {"timestamp": "2026-11-22T03:00:00.5Z", "message": "order 1 paid", "level": "info", "host": "a"}
ODD = [
    {"message": 'a "quoted": {word}, \\ and a\ttab'},
    {"message": "é 你好 \U0001f600"},
    {"message": ""},
    {"message": None},
    {"message": "x" * 70_000},
    {"level": 30},
    {"level": None, "severity": "warn"},
    {"level": ""},
    {"host": {"name": "b"}},
    {"host": True},
    {"timestamp": 1795319041.5},
    {"timestamp": "2026-11-22 03:00:01"},
    {"timestamp": "2026-11-31T03:00:00Z"},
    {"timestamp": "2026-11-22T03:00:01.123456789Z"},
    {"timestamp": "2026-11-22T04:00:01+01:00"},
    {"timestamp": None, "time": "2026-11-22T03:00:01Z"},
    {"stack_trace": "java.lang.Error\n\tat a.b.C"},
    {"service.version": "1.2", "other": [1, {"time": 5}]},
]
TWICE = '{"timestamp": "2026-11-22T03:00:00Z", "message": "one", "message": "two"}'
HALF = '{"timestamp": "2026-11-22T03:00:00Z", "message": "cut \\ud83d emoji"}'
BLANK = '{"timestamp": "2026-11-22T03:00:00Z", "message": "one", "level":\u00a030}'
"""No JSON, for all that it looks like a level that is a number."""


def noisy(seed: int, count: int = 400) -> str:
    """Lines of all kinds over ten minutes, about in order."""
    chance, out = random.Random(seed), []
    for at in range(count):
        moment = START + timedelta(seconds=at * 600 / count + chance.uniform(-20, 20))
        line = PLAIN | {"timestamp": f"{moment:%Y-%m-%dT%H:%M:%S}Z", "message": f"order {at} paid"}
        out.append(json.dumps(line | (chance.choice(ODD[:12]) if chance.random() < 0.02 else {})))
        if chance.random() < 0.03:
            out += chance.choice((["\tat a.b.C(D.java:1)", "Caused by: x.YError"], ["no json"], ["", "{"], ["level=x"]))
    return "\n".join(out) + "\n"


async def read(source: FileSource, span: Window, spec: SourceSpec = SPEC) -> tuple[list[tuple[object, ...]], int]:
    rows: list[tuple[object, ...]] = []
    broken = 0
    async for found in source.read(spec, span):
        if isinstance(found, Coverage):
            broken = found.broken
        else:
            rows += found.rows()
    return sorted(rows, key=repr), broken


@pytest.mark.parametrize("seed", range(6))
async def test_slices_at_once_give_what_one_read_gives(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    """Ten spans read at once, which pass over what is not theirs, add up to one read of the whole."""
    monkeypatch.setattr(lines, "CHUNK", random.Random(seed).choice((200, 700, 3_000)))
    (tmp_path / "app.log").write_text(noisy(seed))
    spans = [Window(START + STEP * at, START + STEP * (at + 1)) for at in range(-1, 12)]
    source = FileSource(tmp_path)
    parts = await asyncio.gather(*(read(source, span) for span in spans))
    whole, broken = await read(FileSource(tmp_path), Window(spans[0].start, spans[-1].end))
    assert sorted((row for rows, _ in parts for row in rows), key=repr) == whole
    assert sum(count for _, count in parts) == broken


async def test_of_two_files_each_is_gone_over_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two reads begin with a file each; what one learned of it is what the other needs."""
    monkeypatch.setattr(lines, "CHUNK", 1_000)
    for place in range(2):
        (tmp_path / f"{place}.log").write_text(noisy(place, 2_000))
    spec = replace(SPEC, query="*.log")
    spans = [Window(START + STEP * at, START + STEP * (at + 1)) for at in (2, 7)]
    source = FileSource(tmp_path)
    calls: list[SourceCall] = []
    with hearing(calls.append, "app"):
        found = await asyncio.gather(*(read(source, span, spec) for span in spans))
    assert found == [await read(FileSource(tmp_path), span, spec) for span in spans]
    assert sum(call.size for call in calls) < 1.5 * sum(file.stat().st_size for file in tmp_path.iterdir())


async def test_who_leaves_a_first_read_lets_others_go_on(tmp_path: Path) -> None:
    """A file that was not gone over to its end is gone over by the next."""
    (tmp_path / "app.log").write_text(noisy(1, 20_000))
    source, span = FileSource(tmp_path), Window(START, START + STEP * 20)
    leaving = source.read(SPEC, span)
    await anext(leaving)
    staying = asyncio.ensure_future(read(source, span))
    await asyncio.sleep(0)
    await leaving.aclose()  # type: ignore[attr-defined]
    assert await staying == await read(FileSource(tmp_path), span)


async def test_what_is_passed_over_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second read of a late span needs the blocks of that span, and the first one."""
    monkeypatch.setattr(lines, "CHUNK", 1_000)
    (tmp_path / "app.log").write_text(noisy(1, 2_000))
    source, span = FileSource(tmp_path), Window(START + STEP * 8, START + STEP * 9)
    calls: list[SourceCall] = []
    with hearing(calls.append, "app"):
        assert await read(source, span) == await read(source, span)
    assert calls[1].size < calls[0].size / 3


async def test_a_file_that_grows_or_is_replaced_is_read_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is known of a file holds for what was there; of another file by its name nothing is known."""
    monkeypatch.setattr(lines, "CHUNK", 500)
    file, source, span = tmp_path / "app.log", FileSource(tmp_path), Window(START, START + STEP * 20)
    file.write_text(noisy(2))
    assert await read(source, span) == await read(FileSource(tmp_path), span)
    with file.open("a") as more:
        more.write(noisy(3))
    assert await read(source, span) == await read(FileSource(tmp_path), span)
    file.write_text(noisy(4, 900))
    assert await read(source, span) == await read(FileSource(tmp_path), span)


def json_format() -> JsonFormat:
    times = Times(UTC, START)
    return JsonFormat(Reading(0, 1 << 60, FieldNames(), times, instance="file", version="v"))


@pytest.mark.parametrize("odd", [*(json.dumps(PLAIN | odd, ensure_ascii=False) for odd in ODD), TWICE, HALF, BLANK])
def test_columns_give_what_lines_give(odd: str) -> None:
    """A block is read as columns only where that gives the same entries as line by line."""
    block = "\n".join([json.dumps(PLAIN), odd, json.dumps(PLAIN)]).encode()
    found = json_format().columns().read(block, 3)
    parsed = [json_format().parse(line) for line in block.split(b"\n")]
    if found is not None:
        assert found.with_columns(pl.col("time").dt.epoch("us")).rows() == parsed


def test_plain_lines_are_read_as_columns() -> None:
    """What most loggers write goes the fast way, with fields in any order and other ones beside."""
    rows = [
        PLAIN,
        dict(reversed(PLAIN.items())),
        PLAIN | {"took_ms": 5, "ok": True},
        PLAIN | {"version": "2", "lvl": "x"},
    ]
    block = "\n".join(map(json.dumps, rows)).encode()
    found = json_format().columns().read(block, 4)
    assert found is not None
    assert found["version"].to_list() == ["v", "v", "v", "2"]
    assert found["instance"].to_list() == ["a"] * 4
