"""The file source says where an entry stood, so that split stack traces can be joined."""

import json
from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest

from contract.log_source import at, results, window
from fakes.traces import TRACES
from logverdict.adapters.sources.file import FileSource
from logverdict.analysis.engine import reduce
from logverdict.analysis.join import join
from logverdict.analysis.template import templates_of
from logverdict.domain.profile import SourceSpec
from logverdict.domain.window import Window

HOUR = window(0, 3600)


async def entries(root: Path, query: str = "*", span: Window = HOUR) -> pl.DataFrame:
    made = FileSource(root), SourceSpec("app", "files", query)
    return pl.concat([result for result in await results(made, span) if isinstance(result, pl.DataFrame)])


@pytest.mark.parametrize(
    "line",
    ['{{"time":"{time}","message":"order {number}"}}', 'time={time} msg="order {number}"', "{time} order {number}"],
    ids=["json", "logfmt", "plain"],
)
async def test_entries_come_with_their_file_and_line(tmp_path: Path, line: str) -> None:
    """In every format: the stream is the file's name, the offset the number of the line that the entry begins with."""
    (tmp_path / "shop").mkdir()
    for name in ("shop/a.log", "b.log"):
        lines = [line.format(time=at(number).isoformat(), number=number) for number in range(3)]
        (tmp_path / name).write_text("\n\n".join(lines) + "\n")
    found = (await entries(tmp_path, "**/*.log")).sort("stream", "offset")
    assert found["stream"].to_list() == ["b.log"] * 3 + ["shop/a.log"] * 3
    assert found["offset"].to_list() == [1, 3, 5] * 2
    assert [text.split()[-1] for text in found["message"]] == ["0", "1", "2"] * 2


async def test_lines_are_numbered_through_large_files(tmp_path: Path) -> None:
    """A file is read by blocks; the numbers go on, and a part of the file gives the same numbers."""
    lines = [f"{at(number / 100).isoformat()} order {number} {'x' * 90}" for number in range(9_000)]
    (tmp_path / "a.log").write_text("\n".join(lines))
    assert (await entries(tmp_path))["offset"].to_list() == list(range(1, 9_001))
    assert (await entries(tmp_path, span=window(80, 90)))["offset"].to_list() == list(range(8_001, 9_001))


@pytest.mark.parametrize("language", sorted(TRACES))
async def test_json_lines_of_split_traces_and_plain_text_agree(tmp_path: Path, language: str) -> None:
    """One log as a shipper writes it, an entry a line, and as the service wrote it: the same templates and counts."""
    plain, records = [], []
    for number in range(40):
        time = at(number * 60)
        text = TRACES[language] if number % 4 == 0 else f"order {number} accepted"
        plain.append(f"{time.isoformat()} {text}")
        records += [
            json.dumps({"time": (time + timedelta(milliseconds=place)).isoformat(), "message": line})
            for place, line in enumerate(line for line in text.split("\n") if line)
        ]
    (tmp_path / "plain.log").write_text("\n".join(plain))
    (tmp_path / "split.json").write_text("\n".join(records))
    assert await templates(tmp_path, "split.json") == await templates(tmp_path, "plain.log")


async def templates(root: Path, query: str) -> dict[str, int]:
    joined = join(await entries(root, query), HOUR)
    counts = reduce([joined], source="app", start=HOUR.start, bin_seconds=60, severities={}).counts
    named = counts.with_columns(templates_of(counts["key"]))
    return dict(named.group_by("template").agg(pl.col("count").sum()).iter_rows())
