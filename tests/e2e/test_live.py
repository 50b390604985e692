"""A deployment of just now, verified while it runs, with clients and servers that are killed in between."""

import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import grpc
import pytest
from google.protobuf.duration_pb2 import Duration

from fakes.site import Site, broken, ordinary, revisions
from logverdict.v1 import policy_pb2
from logverdict.v1 import verification_service_pb2 as v1


class Writer:
    """Writes a service's log as time goes by, from so many seconds ago on."""

    def __init__(self, site: Site) -> None:
        start = datetime.now(UTC).replace(microsecond=0) - timedelta(seconds=20)
        self._lines = sorted(ordinary(start, 120))
        self._site = site
        self._stop = threading.Event()
        self._write()
        self._thread = threading.Thread(target=self._go)
        self._thread.start()

    def deploy_a_defect(self) -> None:
        """From the next second on, each second: before the last look only what comes again and again is a failure."""
        self._lines = sorted([*self._lines, *broken(datetime.now(UTC) + timedelta(seconds=1), 100, every=1)])

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()

    def _go(self) -> None:
        while not self._stop.wait(0.1):
            self._write()

    def _write(self) -> None:
        now = f'{{"timestamp": "{datetime.now(UTC).isoformat()}'
        due = [line for line in self._lines if line < now]
        self._lines = self._lines[len(due) :]
        self._site.write("shop", due)


@pytest.fixture
def writer(site: Site) -> Iterator[Writer]:
    writer = Writer(site)
    yield writer
    writer.stop()


def a_live_request(duration: int = 5, early_stop: bool = False) -> v1.VerifyRequest:
    return v1.VerifyRequest(
        verification=v1.Verification(
            deployment=v1.Deployment(service="shop", environment="prod", version="1.1"),
            policy=policy_pb2.Policy(early_stop=early_stop),
            timing=policy_pb2.Timing(
                settle=Duration(),
                ingest_lag=Duration(nanos=400_000_000),
                interval=Duration(seconds=1),
                duration=Duration(seconds=duration),
                baseline=Duration(seconds=15),
            ),
        ),
        request_id=f"run-{time.monotonic_ns()}",
    )


def watch(server_stub, name: str, after: int) -> list[v1.WatchVerificationResponse.Revision]:
    request = v1.WatchVerificationRequest(name=name, after_revision=after)
    return revisions(server_stub.WatchVerification(request, timeout=60))


def test_provisional_verdicts_come_at_each_look(site: Site, writer: Writer):
    """With progress, remaining time and coverage between them."""
    stub = site.serve().stub()
    steps = list(stub.Verify(a_live_request(), timeout=60))
    looks = [step.revision.verification.looks for step in steps if step.HasField("revision")]
    assert looks[-5:] == [1, 2, 3, 4, 5]
    assert any(step.progress.remaining.seconds > 0 and step.progress.coverage for step in steps)
    final = steps[-1].revision.verification
    assert (final.verdict, final.decision) == (v1.Verification.PASS, policy_pb2.PROCEED)


def test_a_clear_failure_ends_early(site: Site, writer: Writer):
    """Two failed looks are enough; the rest of the duration is not waited for."""
    stub = site.serve().stub()
    writer.deploy_a_defect()
    final = revisions(stub.Verify(a_live_request(duration=40, early_stop=True), timeout=60))[-1].verification
    assert (final.verdict, final.decision) == (v1.Verification.FAIL, policy_pb2.STOP)
    assert final.looks < 40
    assert any("ended early" in note for note in final.notes)


def test_a_client_that_comes_back_misses_nothing_and_gets_nothing_twice(site: Site, writer: Writer):
    """The work went on without it."""
    stub = site.serve().stub()
    call = stub.Verify(a_live_request(), timeout=60)
    first = []
    for step in call:
        if step.HasField("revision"):
            first.append(step.revision.number)
        if len(first) == 3:
            call.cancel()
            break
    rest = watch(stub, step.name, after=first[-1])
    numbers = first + [revision.number for revision in rest]
    assert numbers == list(range(first[0], first[0] + len(numbers)))  # the present may be past revision 1
    assert rest[-1].verification.state == v1.Verification.SUCCEEDED


def test_terminated_in_the_middle_it_ends_in_order_and_goes_on_after_a_restart(site: Site, writer: Writer):
    """The stream ends with UNAVAILABLE, the exit code is 0, and the next process ends the work."""
    server = site.serve()
    call = server.stub().Verify(a_live_request(), timeout=60)
    seen = []
    with pytest.raises(grpc.RpcError) as caught:
        for step in call:
            if step.HasField("revision"):
                seen.append(step.revision.number)
            if len(seen) == 3:
                stopper = threading.Thread(target=server.stop)
                stopper.start()
    stopper.join()
    assert caught.value.code() is grpc.StatusCode.UNAVAILABLE  # type: ignore[attr-defined]
    assert server.process.returncode == 0
    rest = watch(site.serve().stub(), step.name, after=seen[-1])
    numbers = seen + [revision.number for revision in rest]
    assert numbers == list(range(seen[0], seen[0] + len(numbers)))
    assert rest[-1].verification.state == v1.Verification.SUCCEEDED
    assert rest[-1].verification.looks == 5


def test_killed_in_the_middle_it_goes_on_after_a_restart(site: Site, writer: Writer):
    """Nothing that a watcher saw is taken back."""
    server = site.serve()
    seen = []
    with pytest.raises(grpc.RpcError):
        for step in server.stub().Verify(a_live_request(), timeout=60):
            if step.HasField("revision"):
                seen.append(step.revision)
            if len(seen) == 3:
                server.kill()
    rest = watch(site.serve().stub(), step.name, after=seen[-1].number)
    assert rest[0].number == seen[-1].number + 1
    assert rest[-1].verification.state == v1.Verification.SUCCEEDED


def test_a_second_process_on_one_store_is_refused(site: Site):
    """One writer: the second says who holds the store."""
    site.serve()
    with pytest.raises(AssertionError, match="(?s)logverdict.db.*process"):
        site.serve()


def test_a_killed_server_leaves_no_worker_behind(site: Site):
    """Workers end when they see that their server is gone."""
    server = site.serve()
    workers = children(server.process.pid)
    assert workers
    server.kill()
    end = time.monotonic() + 30  # a busy machine lets them see it late
    while time.monotonic() < end and any(Path(f"/proc/{pid}/cmdline").exists() for pid in workers):
        time.sleep(0.05)
    assert not [pid for pid in workers if Path(f"/proc/{pid}/cmdline").exists()]


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
