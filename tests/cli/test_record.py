"""`logverdict record`: which cases a call means, and what it writes of them."""

import gzip
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import grpc
import pytest

from fakes.command import Call
from logverdict.adapters.cases import read_case
from logverdict.cli.faults import Fault
from logverdict.cli.record_options import RecordOptions
from logverdict.cli.record_plan import absolute, cases
from logverdict.v1 import recording_service_pb2 as pb
from logverdict.v1.recording_service_pb2_grpc import RecordingServiceServicer, add_RecordingServiceServicer_to_server

NOW = datetime(2026, 11, 20, 12, 34, 56, tzinfo=UTC)
OPTIONS = RecordOptions(service="checkout@1.4", environment="prod", out=Path("cases"))


def wanted(**changes: Any) -> list[str]:
    return [f"{case.name} {case.truth or '-'} {case.kind}" for case in cases(replace(OPTIONS, **changes), NOW)]


def test_a_past_deployment_is_a_case() -> None:
    """Named by service, environment and time; its truth is what the caller says, or not known."""
    at = ["2026-11-19T10:00:00+02:00", "-2d"]
    assert wanted(at=at) == [
        "checkout-prod-20261118T123456Z - past deployment",
        "checkout-prod-20261119T080000Z - past deployment",
    ]
    assert wanted(at=at[:1], truth="fail") == ["checkout-prod-20261119T080000Z fail past deployment"]


def test_good_against_good_is_a_case_each_span() -> None:
    """The first baseline begins at --from, the last window ends by --to, and the truth is pass."""
    given = {"every": "1d", "from_": "2026-11-10T12:00:00Z", "to": "2026-11-12T12:41:00Z"}
    assert wanted(**given) == [f"checkout-prod-202611{day}T123000Z pass good against good" for day in (10, 11, 12)]
    assert len(wanted(**given | {"to": "2026-11-12T12:40:59Z"})) == 2
    (first, *_) = cases(replace(OPTIONS, **given), NOW)
    assert first.wanted.deployment.version == "1.4"
    timing = first.wanted.timing
    assert [span.ToTimedelta() for span in (timing.baseline, timing.settle, timing.duration)] == [
        timedelta(minutes=30), timedelta(minutes=1), timedelta(minutes=10),
    ]  # fmt: skip


def test_relative_times_mean_the_same_a_little_later() -> None:
    """A week back is taken at the full hour, so a call that goes on finds the cases of the one before."""
    options = replace(OPTIONS, every="6h")
    before, after = ({case.name for case in cases(options, now)} for now in (NOW, NOW + timedelta(minutes=20)))
    assert before <= after and len(before) == 28
    assert absolute(options, NOW) == "--every 6h --from 2026-11-13T12:00:00Z --to 2026-11-20T12:29:56Z"


def test_names_are_fit_for_folders() -> None:
    """Whatever a service is called, its case is one folder below --out."""
    (name,) = wanted(service="../shop/a b@1", environment="eu/1", at=["-2d"])
    assert name.startswith("_shop_a_b-eu_1-2026")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "one of --at and --every"),
        ({"at": ["-1d"], "every": "1d"}, "one of --at and --every"),
        ({"at": ["-1d"], "from_": "-2d"}, "--from and --to go with --every"),
        ({"at": ["-5m"]}, "not over yet"),
        ({"at": ["2026-11-19T10:00:00"]}, "no time zone"),
        ({"every": "0s"}, "no step"),
        ({"every": "1m"}, "allowed: up to 1,000"),
        ({"every": "1d", "from_": "-30m"}, "no room for a case"),
        ({"every": "1d", "to": "2027-01-01T00:00:00Z"}, "in the future"),
        ({"every": "1d", "baseline": "soon"}, "--baseline: 'soon' is no span"),
        ({"at": ["-1d"], "service": "@1"}, "SERVICE and --environment"),
        ({"at": ["-1d"], "environment": " "}, "SERVICE and --environment"),
        ({"at": ["-1d"], "profile": "a", "inline_profile": Path("b")}, "both given"),
        ({"at": ["-1d"], "config": Path("c")}, "--config is given without --local"),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_refused(changes: dict[str, Any], said: str) -> None:
    """Each with a sentence that says what is allowed."""
    with pytest.raises(Fault, match=said):
        cases(replace(OPTIONS, **changes), NOW)


class Recorder(RecordingServiceServicer):
    """Streams the same answers for each case; `broken`: the n-th call breaks after the entries."""

    def __init__(self, *, complete: bool = True, broken: int = -1) -> None:
        self.asked: list[pb.RecordCaseRequest] = []
        self.complete, self.broken = complete, broken

    async def RecordCase(self, request: pb.RecordCaseRequest, context: Any) -> AsyncIterator[pb.RecordCaseResponse]:
        self.asked.append(request)
        start = request.verification.deployment.rollout_start_time.ToDatetime(UTC)
        plan = pb.RecordCaseResponse.Plan(notes=["a rollout of version 7 began"])
        for first, last in ((-30, -20), (-10, 0)):
            window = plan.baseline_windows.add()
            window.start_time.FromDatetime(start + timedelta(minutes=first))
            window.end_time.FromDatetime(start + timedelta(minutes=last))
        plan.candidate_window.start_time.FromDatetime(start)
        plan.candidate_window.end_time.FromDatetime(start + timedelta(minutes=10))
        yield pb.RecordCaseResponse(plan=plan)
        yield pb.RecordCaseResponse(progress=pb.RecordCaseResponse.Progress(step="reading app"))
        for window, minute in (("baseline-0", -25), ("baseline-1", -5), ("candidate", 5), ("candidate", 6)):
            entry = pb.RecordedEntry(message=f"ünïcode in {window}", level="info", instance="a")
            entry.time.FromDatetime(start + timedelta(minutes=minute))
            yield pb.RecordCaseResponse(entries=pb.RecordCaseResponse.Entries(window=window, entries=[entry]))
        if len(self.asked) - 1 == self.broken:
            await context.abort(grpc.StatusCode.UNAVAILABLE, "the server stops")
        end = pb.RecordCaseResponse.End(complete=self.complete)
        if not self.complete:
            end.coverage.add(source="app", faults=["a shard did not answer"])
        yield pb.RecordCaseResponse(end=end)


@asynccontextmanager
async def served(recorder: Recorder) -> AsyncIterator[str]:
    server = grpc.aio.server()
    add_RecordingServiceServicer_to_server(recorder, server)  # type: ignore[no-untyped-call]
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        await server.stop(None)


TIMES = ("--at", "2024-01-19T10:00:00Z", "--at", "2024-01-20T10:00:00Z")
FIRST, SECOND = "checkout-prod-20240119T100000Z", "checkout-prod-20240120T100000Z"


def words(out: Path, *more: str) -> Sequence[str]:
    return ("record", "checkout", "-e", "prod", *TIMES, "--out", str(out), *more)


async def test_a_case_is_written_as_backtest_reads_it(call: Call, tmp_path: Path) -> None:
    """Every window its file, the truth, the windows; what the server notes is said."""
    async with served(Recorder()) as server:
        ended = await call(*words(tmp_path / "cases", "--truth", "fail"), server=server)
    assert ended.code == 0, ended.err
    assert sorted(path.name for path in (tmp_path / "cases").iterdir()) == [FIRST, SECOND]
    case = read_case(tmp_path / "cases" / FIRST)
    assert [frame["message"].to_list() for frame in (*case.baselines, case.candidate)] == [
        ["ünïcode in baseline-0"], ["ünïcode in baseline-1"], ["ünïcode in candidate"] * 2,
    ]  # fmt: skip
    assert case.truth is not None and (case.truth.verdict, case.truth.kind) == ("fail", "past deployment")
    assert [window.length for window in case.windows] == [timedelta(minutes=10)] * 3 and case.complete
    assert "2 entries before, 2 after" in ended.err and "note: a rollout of version 7 began" in ended.err
    assert f"logverdict backtest {tmp_path / 'cases'} --out predictions.jsonl" in ended.out


async def test_a_case_that_is_there_is_left(call: Call, tmp_path: Path) -> None:
    """A call that broke off keeps whole cases only; called again it makes the others; other options are refused."""
    recorder = Recorder(broken=1)
    async with served(recorder) as server:
        broken = await call(*words(tmp_path), server=server)
        kept = sorted(path.name for path in tmp_path.iterdir())
        again = await call(*words(tmp_path), server=server)
        other = await call(*words(tmp_path, "--baseline", "20m"), server=server)
    assert (broken.code, kept, again.code, len(recorder.asked)) == (4, [FIRST], 0, 3)
    assert "2 cases (1 new, 1 there before)" in again.out
    assert other.code == 2 and "recorded with other options (baseline)" in other.err


async def test_an_incomplete_case_is_said_to_be(call: Call, tmp_path: Path) -> None:
    """It is not kept unless that is asked for, and then it says so; the exit code is 4 either way."""
    async with served(Recorder(complete=False)) as server:
        ended = await call(*words(tmp_path), server=server)
        left = list(tmp_path.iterdir())
        asked = await call(*words(tmp_path, "--keep-incomplete"), server=server)
    assert (ended.code, left, asked.code) == (4, [], 4)
    assert "a shard did not answer" in ended.err and "2 cases could not be read completely, not kept" in ended.out
    assert not read_case(tmp_path / FIRST).complete


async def test_an_incomplete_case_is_made_anew(call: Call, tmp_path: Path) -> None:
    """One that was kept all the same is asked for again by the next call, and replaced once all of it comes."""
    recorder = Recorder(complete=False)
    async with served(recorder) as server:
        await call(*words(tmp_path, "--keep-incomplete"), server=server)
        still = await call(*words(tmp_path), server=server)
        recorder.complete = True
        whole = await call(*words(tmp_path, "--quiet"), server=server)
    assert (still.code, whole.code, len(recorder.asked)) == (4, 0, 6)
    assert read_case(tmp_path / FIRST).complete and whole.err == ""


async def test_a_folder_of_somebody_else_is_left_alone(call: Call, tmp_path: Path) -> None:
    """Where the name is taken by another thing, nothing is asked and nothing is overwritten."""
    (tmp_path / SECOND).mkdir()
    recorder = Recorder()
    async with served(recorder) as server:
        ended = await call(*words(tmp_path), server=server)
    assert (ended.code, recorder.asked) == (2, [])
    assert "was not made by record" in ended.err


async def test_a_disk_that_refuses_is_told(call: Call, tmp_path: Path) -> None:
    """A folder that cannot be made is wrong usage, in one sentence."""
    (tmp_path / "file").write_text("")
    async with served(Recorder()) as server:
        ended = await call(*words(tmp_path / "file" / "cases"), server=server)
    assert ended.code == 2 and "cannot be written" in ended.err


async def test_files_are_the_same_each_time(call: Call, tmp_path: Path) -> None:
    """The same entries give the same bytes: a case can be kept under version control."""
    async with served(Recorder()) as server:
        for folder in ("a", "b"):
            await call(*words(tmp_path / folder), server=server)
    one, other = ((tmp_path / folder / FIRST / "candidate.jsonl.gz").read_bytes() for folder in "ab")
    assert one == other
    assert json.loads(gzip.decompress(one).splitlines()[0]) == {
        "timestamp": "2024-01-19T10:05:00Z", "message": "ünïcode in candidate", "host": "a", "level": "info",
    }  # fmt: skip
