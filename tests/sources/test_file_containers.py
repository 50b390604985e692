"""What becomes of lines that a container's runtime wrote."""

import json
from pathlib import Path

import pytest

from contract.log_source import Row, at, read, window
from logverdict.adapters.sources import lines
from logverdict.adapters.sources.file import FileSource
from logverdict.domain.profile import SourceSpec

HOUR = window(0, 3600)  # from 2026-11-22 03:00 UTC
TIME = "2026-11-22T03:00:01.000000000Z"
UP = f"{TIME} stdout F up\n"


def docker(text: str, stream: str = "stdout", time: str = TIME) -> str:
    return json.dumps({"log": text, "stream": stream, "time": time}, separators=(",", ":")) + "\n"


async def rows_of(root: Path, text: str | bytes) -> list[Row]:
    (root / "web-1.log").write_bytes(text.encode() if isinstance(text, str) else text)
    return await read((FileSource(root), SourceSpec("app", "files", "*")), HOUR)


async def messages_of(root: Path, text: str | bytes) -> list[str]:
    return [row[1] for row in await rows_of(root, text)]


@pytest.mark.parametrize(
    ("wrote", "level", "message"),
    [
        ("Traceback (most recent call last):", "", "Traceback (most recent call last):"),
        ('  File "a.py", line 1, in pay', "", '  File "a.py", line 1, in pay'),
        ("2026-11-22 04:00:01,000 ERROR c.e.Shop - no", "ERROR", "ERROR c.e.Shop - no"),
        ("E1122 03:00:01.000000       1 a.go:3] no", "ERROR", "1 a.go:3] no"),
        ("INFO:     Started", "INFO", "INFO:     Started"),
        ("time=2026-11-22T03:00:01Z level=warn msg=slow", "warn", "time=2026-11-22T03:00:01Z level=warn msg=slow"),
        ('{"level":"error","msg":"no","ts":7}', "error", "no"),
        ('{"level":"error","msg":"cut', "", '{"level":"error","msg":"cut'),
        ("\x1b[31mERROR\x1b[0m no", "ERROR", "ERROR no"),
        ("", "", ""),
    ],
)
async def test_what_a_container_wrote_is_taken_out(tmp_path: Path, wrote: str, level: str, message: str) -> None:
    """Time is the runtime's; stream and flag, and a time of the line's own, are no part of the message."""
    for stream in ("stdout", "stderr"):
        rows = await rows_of(tmp_path, f"{TIME} {stream} F {wrote}\n")
        assert rows == [(at(1), message, level, "web-1", "")]
    if wrote:
        assert await rows_of(tmp_path, docker(wrote + "\n")) == [(at(1), message, level, "", "")]


async def test_who_names_the_pod_is_heard(tmp_path: Path) -> None:
    """Beside what a container wrote; what its own record names goes first."""
    record = {"log": "up\n", "stream": "stdout", "time": TIME, "kubernetes": {"pod": {"name": "p1"}}}
    own = record | {"log": '{"msg":"up","pod":"p2"}'}
    assert [row[1:4] for row in await rows_of(tmp_path, f"{json.dumps(record)}\n{json.dumps(own)}\n")] == [
        ("up", "", "p1"),
        ("up", "", "p2"),
    ]


async def test_a_record_that_only_has_such_fields_is_no_containers(tmp_path: Path) -> None:
    """Where the message is another field, `log` stays out of it."""
    text = json.dumps({"time": TIME, "stream": "stdout", "log": "shop", "message": "ERROR 2026"}) + "\n"
    assert await rows_of(tmp_path, text) == [(at(1), "ERROR 2026", "", "", "")]


async def test_parts_of_a_line_become_one(tmp_path: Path) -> None:
    """As many as come until the end, each stream for itself, whatever comes between; the first one's time holds."""
    later = TIME.replace("01.0", "02.0")
    text = (
        f"{TIME} stdout P a\n{later} stderr P:x 1\n{later} stdout P b\n{later} stderr F up\n{later} stdout F  c\n{UP}"
    )
    assert [(row[0], row[1]) for row in await rows_of(tmp_path, text)] == [
        (at(1), "ab c"),
        (at(1), "up"),
        (at(2), "1up"),
    ]


@pytest.mark.parametrize("chunk", [64, 100, 1 << 19])
async def test_parts_are_found_in_whatever_blocks_they_lie(
    tmp_path: Path, chunk: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that is read in pieces, and again, gives the same."""
    monkeypatch.setattr(lines, "CHUNK", chunk)
    long = json.dumps({"level": "error", "msg": "größe " * 40}, ensure_ascii=False).encode()
    pieces = [long[at : at + 31] for at in range(0, len(long), 31)]
    flags = [b"P"] * (len(pieces) - 1) + [b"F"]
    cut = b"".join(b"%b stdout %b %b\n" % (TIME.encode(), flag, part) for flag, part in zip(flags, pieces, strict=True))
    (tmp_path / "web-1.log").write_bytes((UP.encode() + cut) * 5)
    made = FileSource(tmp_path), SourceSpec("app", "files", "*")
    for _ in range(2):
        assert [row[1:3] for row in await read(made, HOUR)] == [("größe " * 40, "error")] * 5 + [("up", "")] * 5
        assert await read(made, window(10, 20)) == []


async def test_a_line_whose_end_does_not_come_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    """The file ends, or the container did."""
    assert await messages_of(tmp_path, f"{UP}{TIME} stderr P half a l\n") == ["half a l", "up"]


@pytest.mark.parametrize("end", ["\\", '"', "\\n"])
async def test_docker_cuts_at_a_length(tmp_path: Path, end: str) -> None:
    """What has that length and no line end goes on; what is shorter does not."""
    long = "x" * (16_384 - len(end)) + end
    text = docker(long) + docker("err\n", "stderr") + docker(f"{long}") + docker("y\n") + docker("z") + docker("z\n")
    assert await messages_of(tmp_path, text) == sorted(["err", long * 2 + "y", "z", "z"])
