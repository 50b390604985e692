"""What becomes of lines of each format."""

import codecs
import gzip
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from contract.log_source import Row, at, read, window
from logverdict.adapters.sources.file import FileSource
from logverdict.adapters.sources.file_names import instance_of
from logverdict.domain.profile import FieldNames, SourceSpec

HOUR = window(0, 3600)  # from 2026-11-22 03:00 UTC


async def rows_of(root: Path, text: str | bytes, name: str = "web-1.log", **options: str) -> list[Row]:
    (root / name).write_bytes(text.encode() if isinstance(text, str) else text)
    return await read((FileSource(root), SourceSpec("app", "files", name, options=options)), HOUR)


@pytest.mark.parametrize(
    ("line", "level", "message"),
    [
        ("2026-11-22 03:00:01,000 ERROR [main] c.e.Shop: no", "ERROR", "ERROR [main] c.e.Shop: no"),
        ("2026-11-22 03:00:01.000 [main] WARN  c.e.Shop - no", "WARN", "[main] WARN  c.e.Shop - no"),
        ("2026-11-22 03:00:01,000 - shop - INFO - yes", "INFO", "shop - INFO - yes"),
        ("[2026-11-22T03:00:01Z] warning: slow", "warning", "warning: slow"),
        ("2026/11/22 03:00:01 [error] 12#0: *1 refused", "error", "[error] 12#0: *1 refused"),
        ("INFO 2026-11-22 03:00:01 up", "INFO", "INFO up"),
        ("Nov 22 03:00:01 host app[7]: up", "", "host app[7]: up"),
        ("<11>Nov 22 03:00:01 host app[7]: up", "err", "host app[7]: up"),
        ("<14>1 2026-11-22T03:00:01Z host app 7 - up", "info", "host app 7 - up"),
        ("I1122 03:00:01.000000   7 a.go:3] up", "INFO", "7 a.go:3] up"),
        ("I20261122 03:00:01.000000   7 a.cc:3] up", "INFO", "7 a.cc:3] up"),
        ("E, [2026-11-22T03:00:01.000000 #12345] ERROR -- : no", "ERROR", "no"),
        ("D, [2026-11-22T03:00:01.000000 #12345] DEBUG -- shop: yes", "DEBUG", "shop: yes"),
        ("A, [2026-11-22T03:00:01.000000 #12345]   ANY -- : yes", "", "yes"),
        ("22-Nov-2026 03:00:01.000 SEVERE [main] o.a.Shop no", "SEVERE", "SEVERE [main] o.a.Shop no"),
        ("[22-Nov-2026 04:00:01 Europe/Berlin] PHP Fatal error:  no", "", "PHP Fatal error:  no"),
        ("22.11.2026 03:00:01,000 WARN slow", "WARN", "WARN slow"),
        ("Nov 22, 2026 3:00:01 AM c.e.Shop pay", "", "c.e.Shop pay"),
        ("[Nest] 7  - 11/22/2026, 3:00:01 AM   ERROR [Shop] no", "ERROR", "[Nest] 7  - ERROR [Shop] no"),
        ("26/11/22 03:00:01 ERROR Executor: no", "ERROR", "ERROR Executor: no"),
        ('[GIN] 2026/11/22 - 03:00:01 | 200 | GET "/"', "", '[GIN] 200 | GET "/"'),
        ("[2026-11-22, 03:00:01 UTC] {a.py:1} ERROR - no", "ERROR", "{a.py:1} ERROR - no"),
        ("ERROR [main] 2026-11-22 03:00:01,000 Shop.java:1 - no", "ERROR", "ERROR [main] Shop.java:1 - no"),
        ("7:M 22 Nov 2026 03:00:01.000 * Ready", "", "7:M * Ready"),
        ("[2026-11-22 03:00:01] prod.ERROR: no", "ERROR", "prod.ERROR: no"),
        ("[2026-11-22 03:00:01,000: ERROR/MainProcess] no", "ERROR", "ERROR/MainProcess] no"),
        ("1.795316401e+09\terror\tno", "error", "error\tno"),
        ('::1 - - [22/Nov/2026:04:00:01 +0100] "GET / HTTP/1.1" 200', "", '::1 - - "GET / HTTP/1.1" 200'),
        ("[Sun Nov 22 03:00:01.000000 2026] [core:error] no", "error", "[core:error] no"),
        ('2026-11-22T03:00:01Z level=warn msg="x"', "warn", 'level=warn msg="x"'),
        ("1795316401.000 TCP_MISS/200", "", "TCP_MISS/200"),
        ("\x1b[32m2026-11-22T03:00:01Z\x1b[0m \x1b[1mINFO\x1b[0m up\r", "INFO", "INFO up"),
        ("2026-11-22T03:00:01Z the ERRORS page says no error", "", "the ERRORS page says no error"),
        ("2026-11-22T03:00:01Z", "", ""),
    ],
)
async def test_plain_lines(tmp_path: Path, line: str, level: str, message: str) -> None:
    """A plain line's time is taken off, its level is found where it usually is, the file names the instance."""
    assert await rows_of(tmp_path, line + "\n") == [(at(1), message, level, "web-1", "")]


async def test_json_fields_are_found_flat_and_nested(tmp_path: Path) -> None:
    """A dotted name is tried as it is, then in nested objects, cut at any dot; null and "" are passed over."""
    records = [
        {"time": at(1).isoformat(), "log": {"level": "warn"}, "msg": "a", "host.name": "h"},
        {"@timestamp": None, "ts": 1795316402, "message": "", "body": "b", "kubernetes": {"pod.name": "p"}},
        {"timestamp": "2026-11-22T03:00:03Z", "message": "c", "severity": 30, "service": {"version": 2}, "host": {}},
    ]
    text = "".join(json.dumps(record) + "\n" for record in records)
    assert await rows_of(tmp_path, text) == [
        (at(1), "a", "warn", "h", ""),
        (at(2), "b", "", "p", ""),
        (at(3), "c", "30", "", "2"),
    ]


async def test_a_duration_is_not_taken_for_the_time(tmp_path: Path) -> None:
    """A field named `time` that holds how long something took leaves the entry's time to the next name."""
    assert await rows_of(tmp_path, '{"time":0.123,"ts":1795316401,"msg":"a"}\n') == [(at(1), "a", "", "", "")]


async def test_a_record_without_a_message_is_its_own(tmp_path: Path) -> None:
    """An event of fields only keeps what has no place elsewhere as its message."""
    text = '{"time":"2026-11-22T03:00:01Z","level":"info","path":"/pay","code":500}\n'
    assert await rows_of(tmp_path, text) == [(at(1), '{"path":"/pay","code":500}', "info", "", "")]


async def test_what_has_a_place_elsewhere_is_left_out_of_a_record_wherever_it_stood(tmp_path: Path) -> None:
    """Nested or with dots; an object of nothing else goes with it."""
    record = {
        "time": at(1).isoformat(),
        "kubernetes": {"pod": {"name": "web-7"}, "labels": {"tier": "a"}},
        "service": {"version": "2.0"},
        "log.level": "warn",
        "code": 500,
    }
    expected = '{"kubernetes":{"labels":{"tier":"a"}},"code":500}'
    assert await rows_of(tmp_path, json.dumps(record) + "\n") == [(at(1), expected, "warn", "web-7", "2.0")]


@pytest.mark.parametrize("field", ['"stack_trace"', '"error":{"stack_trace"', '"exception.stacktrace"', '"exc_info"'])
async def test_a_stack_field_joins_the_message(tmp_path: Path, field: str) -> None:
    """Where a record has its stack trace in a field of its own, it follows the message."""
    end = "}}" if "{" in field else "}"
    text = f'{{"time":"2026-11-22T03:00:01Z","message":"failed",{field}:"E: x\\n at a.b"{end}\n'
    assert (await rows_of(tmp_path, text))[0][1] == "failed\nE: x\n at a.b"


async def test_what_loggers_write_though_json_forbids_it(tmp_path: Path) -> None:
    """NaN and half a surrogate pair do not make a line broken."""
    text = '{"time":"2026-11-22T03:00:01Z","message":"cut \\ud83d","load":NaN}\n'
    assert [row[1] for row in await rows_of(tmp_path, text)] == ["cut ?"]


async def test_a_trace_between_json_lines_joins_the_entry_before(tmp_path: Path) -> None:
    """What a runtime prints on its own goes with the JSON entry before it, all lines of it."""
    trace = "Traceback (most recent call last):\n  File 'a.py', line 1\nshop.Gone: it is\n"
    text = f'{{"ts":1795316401,"msg":"a"}}\n{trace}{{"ts":1795316402,"msg":"b"}}\n'
    assert [row[1] for row in await rows_of(tmp_path, text)] == ["a\n" + trace.rstrip(), "b"]


@pytest.mark.parametrize(
    "line",
    [
        "\tat a.b.C.d(C.java:1)",
        "Caused by: x",
        "... 12 more",
        "java.io.IOException: x",
        "KeyError: 'a'",
        "panic: x",
        "goroutine 7 [running]:",
        "main.(*Shop).pay(0xc0)",
        "created by main.main",
        "   at Shop.Pay() in a.cs:line 3",
    ],
)
async def test_lines_of_traces_are_known(tmp_path: Path, line: str) -> None:
    """Lines of traces of several languages join a JSON entry."""
    rows = await rows_of(tmp_path, f'{{"ts":1795316401,"msg":"a"}}\n{line}\n')
    assert [row[1] for row in rows] == [f"a\n{line}"]


async def test_plain_lines_without_a_time_join_the_entry_before(tmp_path: Path) -> None:
    """In plain text whatever follows an entry without a time is part of it."""
    text = "2026-11-22 03:00:01 failed\nwith words\n\n  and more\n2026-11-22 03:00:02 next\n"
    assert [row[1] for row in await rows_of(tmp_path, text)] == ["failed\nwith words\n  and more", "next"]


async def test_other_formats_between_are_understood(tmp_path: Path) -> None:
    """With format auto a plain line in a JSON file, and a JSON line in a plain one, are entries."""
    record = '{"ts":1795316401,"msg":"a"}\n'
    plain = "2026-11-22T03:00:02Z b\n"
    for text in (record * 3 + plain, plain * 3 + record):
        assert {row[1] for row in await rows_of(tmp_path, text)} == {"a", "b"}


async def test_a_named_format_is_the_only_one(tmp_path: Path) -> None:
    """With format plain a JSON line is text without a time at its start."""
    text = '2026-11-22T03:00:02Z b\n{"ts":1795316401,"msg":"a"}\n'
    assert [row[1] for row in await rows_of(tmp_path, text, format="plain")] == ['b\n{"ts":1795316401,"msg":"a"}']


async def test_times_without_a_zone_are_in_the_given_one(tmp_path: Path) -> None:
    """The option timezone moves plain times; times with a zone stay."""
    text = "2026-11-22 04:00:01 a\n2026-11-22T03:00:02Z b\n"
    rows = await rows_of(tmp_path, text, timezone="Europe/Berlin")
    assert [row[:2] for row in rows] == [(at(1), "a"), (at(2), "b")]
    assert (await rows_of(tmp_path, text, timezone="+01:00")) == rows


async def test_profile_names_the_fields(tmp_path: Path) -> None:
    """Field names of the profile replace the usual ones."""
    (tmp_path / "a.log").write_text('{"when":"2026-11-22T03:00:01Z","what":{"said":"a"},"message":"no","node":7}\n')
    fields = FieldNames(time=("when",), message=("what.said",), level=(), instance=("node",), version=())
    made = FileSource(tmp_path), SourceSpec("app", "files", "a.log", fields)
    assert await read(made, HOUR) == [(at(1), "a", "", "7", "")]


async def test_instance_and_version_from_the_path(tmp_path: Path) -> None:
    """A group of a pattern on the path gives the instance; a fixed text the version; fields of a line go first."""
    (tmp_path / "pods" / "p1").mkdir(parents=True)
    text = '{"ts":1795316401,"msg":"a"}\n{"ts":1795316402,"msg":"b","pod":"p9"}\n'
    options = {"instance_from_path": "pods/(?P<instance>[^/]+)/", "version": "1.1"}
    rows = await rows_of(tmp_path, text, "pods/p1/0.log", **options)
    assert [row[3:] for row in rows] == [("p1", "1.1"), ("p9", "1.1")]


@pytest.mark.parametrize(
    ("name", "instance"),
    [
        ("web-1.log", "web-1"),
        ("a/web-1.log.3.gz", "web-1"),
        ("web-1.log-20261122", "web-1"),
        ("web-1.log-20261122-1795316401.gz", "web-1"),
        ("web-1.2026-11-22.0.log.gz", "web-1"),
        ("web-1-2026-11-22T03.log", "web-1"),
        ("syslog.1", "syslog"),
        ("server2", "server2"),
        ("node.1.log", "node.1"),
        ("node-20.log.gz", "node-20"),
        (".log", ".log"),
        ("prod_web-7d9f-x2x_0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d4e5f/app/0.log", "web-7d9f-x2x"),
        ("prod_web-0_0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d4e5f/app/3.log.20261122-030001.gz", "web-0"),
        (f"containers/web-7d9f-x2x_prod_app-{'0a1b' * 16}.log", "web-7d9f-x2x"),
    ],
)
def test_rotation_does_not_make_instances(name: str, instance: str) -> None:
    """A rotated file is of the same instance as the one it was."""
    assert instance_of(name) == instance


@pytest.mark.parametrize("mark", ["utf-8-sig", "utf-16", "utf-32"])
async def test_encodings_that_say_so_are_decoded(tmp_path: Path, mark: str) -> None:
    """A byte order mark at the start tells the encoding."""
    text = "2026-11-22T03:00:01Z größe 😀\n" * 3
    assert {row[1] for row in await rows_of(tmp_path, text.encode(mark))} == {"größe 😀"}
    big = codecs.BOM_UTF16_BE + text.encode("utf-16-be")
    assert len(await rows_of(tmp_path, gzip.compress(big), "b.log.gz")) == 3


async def test_a_last_line_without_an_end_is_read(tmp_path: Path) -> None:
    """A file that is being written may end anywhere; what is an entry already is read."""
    assert len(await rows_of(tmp_path, '{"ts":1795316401,"msg":"a"}')) == 1


async def test_logfmt_quotes(tmp_path: Path) -> None:
    """Quoted values keep spaces, quotes and signs of equality; names without a value are passed over."""
    text = 'ts=2026-11-22T03:00:01Z debug level=info msg="a \\"b\\" c=d\\n e" empty= pod=p\n'
    assert await rows_of(tmp_path, text) == [(at(1), 'a "b" c=d\n e', "info", "p", "")]


async def test_a_year_is_taken_from_the_span(tmp_path: Path) -> None:
    """Syslog of last year's last night is read for a window there."""
    (tmp_path / "a.log").write_text("Dec 31 23:59:58 host app: a\n")
    span = window(-326 * 86_400, -320 * 86_400)
    assert span.start.year == 2025
    made = FileSource(tmp_path), SourceSpec("app", "files", "a.log")
    assert [row[0] for row in await read(made, span)] == [datetime(2025, 12, 31, 23, 59, 58, tzinfo=UTC)]
