"""Whatever is wrong with files is counted and said, and stops nothing else."""

import gzip
import os
import random
from dataclasses import replace
from pathlib import Path

import pytest

from contract.log_source import at, results, window
from logverdict.adapters.sources import file_work, lines
from logverdict.adapters.sources.file import FileSource
from logverdict.adapters.sources.file_entries import LONGEST_MESSAGE, MOST_LINES
from logverdict.adapters.sources.file_lines import RawLines
from logverdict.domain.errors import InvalidRequest, SourceUnavailable
from logverdict.domain.profile import SourceSpec
from logverdict.domain.verification import Coverage

HOUR = window(0, 3600)
GOOD = b'{"ts":1795316401,"msg":"a"}\n'
PLAIN = b"2026-11-22T03:00:01Z a\n"
SPEC = SourceSpec("app", "files", "*")


async def outcome(root: Path, **files: bytes) -> tuple[list[str], Coverage]:
    """The messages and the coverage of files, named without their `.log`."""
    for name, content in files.items():
        (root / f"{name}.log").write_bytes(content)
    *frames, coverage = await results((FileSource(root), SPEC), HOUR)
    assert isinstance(coverage, Coverage)
    messages = [message for frame in frames if not isinstance(frame, Coverage) for message in frame["message"]]
    assert coverage.read == len(messages)
    return sorted(messages), coverage


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        (b'{"ts":1795316401,"msg":"a', "1 lines are not JSON objects (first in bad.log)"),
        (b"hello", "1 lines are not JSON objects (first in bad.log)"),
        (b"[1, 2]", "1 lines are not JSON objects (first in bad.log)"),
        (b'{"msg":"when?"}', "1 lines have no time that is understood (first in bad.log)"),
        (b'{"ts":"soon","msg":"when?"}', "1 lines have no time that is understood (first in bad.log)"),
        (b"\x00\x01\x02\xff\xfe garbage", "1 lines hold binary data (first in bad.log)"),
        (b"[" * 5_000, "1 lines are not JSON objects (first in bad.log)"),
        (b'{"a":' * 5_000, "1 lines are not JSON objects (first in bad.log)"),
    ],
)
async def test_a_broken_line_is_counted(tmp_path: Path, line: bytes, fault: str) -> None:
    """A line that is no entry is counted as broken, its cause is said, and the lines around it are read."""
    messages, coverage = await outcome(tmp_path, bad=GOOD + line + b"\n" + GOOD)
    assert messages == ["a", "a"]
    assert (coverage.broken, coverage.complete, coverage.faults) == (1, True, (fault,))


async def test_lines_before_a_first_time_are_counted(tmp_path: Path) -> None:
    """A banner at the start of a plain file belongs to no entry."""
    messages, coverage = await outcome(tmp_path, app=b" ___\n|___| shop\n" + PLAIN)
    assert (messages, coverage.broken) == (["a"], 2)


async def test_broken_lines_of_adjoining_spans_add_up(tmp_path: Path) -> None:
    """A broken line is counted in the span of the entry before it, or of the first entry after it, once."""
    (tmp_path / "a.log").write_bytes(b"banner\n" + GOOD + b"bad\n" + GOOD.replace(b"401", b"411") + b"worse\nbad\n")
    counts = []
    for span in (window(0, 5), window(5, 20), window(20, 60)):
        *_, coverage = await results((FileSource(tmp_path), SPEC), span)
        assert isinstance(coverage, Coverage)
        counts.append(coverage.broken)
    assert counts == [2, 2, 0]


async def test_lines_of_a_file_without_any_time_are_told_apart(tmp_path: Path) -> None:
    """Each read meets them, whatever its span: whoever adds reads up counts them once."""
    (tmp_path / "a.log").write_bytes(b"who knows when\n" * 1_256)
    for span in (window(0, 5), window(5, 20)):
        *_, coverage = await results((FileSource(tmp_path), SPEC), span)
        assert isinstance(coverage, Coverage)
        assert (coverage.broken, coverage.undated) == (1_256, 1_256)
        assert coverage.faults[0].startswith("in all 1,256 lines have no time that is understood")


async def test_a_file_of_garbage_is_counted(tmp_path: Path) -> None:
    """Random bytes beside good files are broken lines, never a crash."""
    garbage = random.Random(1).randbytes(100_000)
    messages, coverage = await outcome(tmp_path, garbage=garbage, good=GOOD)
    assert messages == ["a"]
    assert coverage.broken > 100


async def test_bytes_that_are_not_utf8_are_replaced_and_said(tmp_path: Path) -> None:
    """An entry in another encoding is read; its foreign bytes are replaced."""
    messages, coverage = await outcome(
        tmp_path, json=GOOD.replace(b"a", b"gr\xf6\xdfe"), plain=PLAIN.replace(b" a", b" caf\xe9") * 2
    )
    assert messages == ["caf\ufffd", "caf\ufffd", "gr\ufffd\ufffde"]
    assert coverage.broken == 0
    assert coverage.faults == ("3 entries hold bytes that are not UTF-8; those were replaced (first in json.log)",)


async def test_nul_bytes_before_a_line_are_skipped(tmp_path: Path) -> None:
    """What rotation by truncation leaves at the start of a file does not hide its first entry."""
    messages, coverage = await outcome(tmp_path, app=b"\0" * (3 << 20) + GOOD + GOOD)
    assert (messages, coverage.broken) == (["a", "a"], 0)


@pytest.mark.parametrize("good", [GOOD, PLAIN])
async def test_a_line_of_a_megabyte_is_cut(tmp_path: Path, good: bytes) -> None:
    """A very long message is an entry; what is cut from it is said."""
    messages, coverage = await outcome(tmp_path, app=good.replace(b"a", b"x" * 1_000_000) + good)
    assert [len(message) for message in messages] == [1, LONGEST_MESSAGE]
    assert coverage.broken == 0
    assert "1 entries are longer than 65,536 characters" in coverage.faults[0]


async def test_a_line_longer_than_memory_allows(tmp_path: Path) -> None:
    """Of a plain line past the limit the start is read; a JSON line past it is broken."""
    long = b"x" * (lines.LONGEST_LINE + 5 * lines.CHUNK)
    messages, coverage = await outcome(
        tmp_path, json=GOOD + GOOD.replace(b"a", long) + GOOD, plain=PLAIN.replace(b" a", b" " + long) + PLAIN
    )
    assert [len(message) for message in messages] == [1, 1, 1, LONGEST_MESSAGE]
    assert coverage.broken == 1
    assert "longer than 2 MiB" in coverage.faults[0]


async def test_an_endless_trace_is_cut(tmp_path: Path) -> None:
    """A multi-line entry is bounded."""
    messages, coverage = await outcome(tmp_path, app=PLAIN + b"  at x\n" * 1_000 + PLAIN)
    assert messages[1].count("\n") == MOST_LINES - 1
    assert "200 lines" in coverage.faults[0]


async def test_truncated_gzip_gives_what_it_has(tmp_path: Path) -> None:
    """Of a gzip file that ends early what was readable is used, and the read is not complete."""
    noise = random.Random(1)
    text = b"".join(b'{"ts":1795316401,"msg":"%032x"}\n' % noise.getrandbits(128) for _ in range(5_000))
    messages, coverage = await outcome(tmp_path, cut=gzip.compress(text)[:-3_000], good=GOOD)
    assert 3_000 < len(messages) < 5_001
    assert "a" in messages
    assert not coverage.complete
    assert "cut.log: its gzip data is cut short or damaged" in coverage.faults[0]


async def test_damaged_gzip_is_said(tmp_path: Path) -> None:
    """Rubbish within gzip makes the read incomplete, other files are read."""
    messages, coverage = await outcome(tmp_path, bad=b"\x1f\x8b" + b"rubbish" * 20, good=GOOD)
    assert (messages, coverage.complete) == (["a"], False)
    assert "bad.log: " in coverage.faults[0]
    assert "gzip" in coverage.faults[0]


async def test_other_packings_are_named(tmp_path: Path) -> None:
    """A file packed otherwise is not taken for text."""
    messages, coverage = await outcome(tmp_path, app=b"\x28\xb5\x2f\xfd....", good=GOOD)
    assert (messages, coverage.complete) == (["a"], False)
    assert coverage.faults == ("app.log: it is packed with zstd; allowed: gzip, or not packed",)


async def test_a_file_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file without permission makes the read incomplete and is named; its neighbours are read."""
    unreadable = os.open

    def refuse(path: str, flags: int) -> int:
        if path.endswith("secret.log"):
            raise PermissionError(13, "Permission denied")
        return unreadable(path, flags)

    monkeypatch.setattr(os, "open", refuse)
    messages, coverage = await outcome(tmp_path, secret=GOOD, good=GOOD)
    assert (messages, coverage.complete) == (["a"], False)
    assert coverage.faults == ("secret.log: Permission denied",)


async def test_a_file_that_vanishes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that is rotated away between listing and reading is said to be missing."""
    monkeypatch.setattr(file_work, "MOST", 1 << 20)
    for name in ("a.log", "b.log", "c.log"):
        (tmp_path / name).write_bytes(b"".join(GOOD for _ in range(70_000)))
    reading = FileSource(tmp_path).read(SPEC, HOUR)
    await anext(reading)
    (tmp_path / "c.log").unlink()
    coverage = [result async for result in reading][-1]
    assert isinstance(coverage, Coverage)
    assert coverage.read == 140_000
    assert (coverage.complete, coverage.faults) == (False, ("c.log: it vanished before it was read",))


@pytest.mark.parametrize("change", ["replaced", "cut", "gone"])
async def test_lines_that_are_no_longer_there_are_asked_for_again(tmp_path: Path, change: str) -> None:
    """Who makes them out reads them where they stood; another file by that name, or less of it, is no answer."""
    file = tmp_path / "app.log"
    file.write_bytes(GOOD * 1_000)
    raw = await anext(FileSource(tmp_path).read_raw(SPEC, HOUR))
    assert isinstance(raw, RawLines)
    assert sum(map(len, raw.make_out()[0])) == 1_000
    if change == "cut":
        file.write_bytes(GOOD * 10)
    else:
        file.rename(tmp_path / "app.log.1")
    if change == "replaced":
        file.write_bytes(GOOD * 1_000)
    with pytest.raises(SourceUnavailable, match="app.log: it changed while it was read"):
        raw.make_out()


async def test_files_last_written_before_the_span_are_left_out(tmp_path: Path) -> None:
    """Old files need not be read; when none is left, that is said."""
    _, coverage = await outcome(tmp_path, old=GOOD)
    long_ago = at(-7200).timestamp()
    os.utime(tmp_path / "old.log", (long_ago, long_ago))
    messages, coverage = await outcome(tmp_path)
    assert (messages, coverage.complete) == ([], True)
    assert coverage.faults == ("none of the 1 files was written to in the window or after it",)


async def test_files_that_are_still_to_come(tmp_path: Path) -> None:
    """With `missing: ok` a query that matches nothing yet is an empty read that says so."""
    spec = replace(SPEC, query="later.log", options={"missing": "ok"})
    (coverage,) = await results((FileSource(tmp_path), spec), HOUR)
    assert coverage == Coverage(faults=("no file matches the query yet",))


async def test_empty_files_are_quiet(tmp_path: Path) -> None:
    """A file of nothing, or of blank lines, has no entries and no faults."""
    _, coverage = await outcome(tmp_path, empty=b"", blank=b"\n\r\n  \n")
    assert coverage == Coverage()


@pytest.mark.parametrize(
    ("option", "value", "allowed"),
    [
        ("format", "xml", "auto, json, logfmt, plain"),
        ("missing", "maybe", "fail, ok"),
        ("timezone", "Mars/Base", "Europe/Berlin"),
        ("instance_from_path", "(", "regular expression"),
        ("instance_from_path", "a", "one group"),
        ("instance_from_path", "(?P<pod>a)", "one group"),
        ("version_from_path", "(" + "a" * 200 + ")", "200 characters"),
        ("encoding", "latin-1", "format, instance, instance_from_path, missing, timezone, version, version_from_path"),
    ],
)
def test_wrong_options_are_refused(option: str, value: str, allowed: str) -> None:
    """An unknown option or word is an InvalidRequest that names the option and what is allowed."""
    with pytest.raises(InvalidRequest) as refused:
        FileSource(Path("/nowhere")).check(replace(SPEC, options={option: value}))
    assert refused.value.field == f"options.{option}"
    assert allowed in refused.value.message


def test_two_rules_for_one_name_are_refused() -> None:
    """A fixed instance beside one from the path is a contradiction."""
    with pytest.raises(InvalidRequest, match="one of them"):
        FileSource(Path("/nowhere")).check(replace(SPEC, options={"instance": "a", "instance_from_path": "(a)"}))
