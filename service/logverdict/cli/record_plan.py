"""Which cases a call of `record` is to make."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from google.protobuf.duration_pb2 import Duration

from logverdict.cli import times
from logverdict.cli.faults import Fault
from logverdict.cli.inline_profile import inline_profile
from logverdict.cli.record_options import RecordOptions
from logverdict.cli.request import stamp
from logverdict.v1 import verification_service_pb2 as pb

MOST = 1_000
LATELY = timedelta(minutes=5)
"""What is younger may not have come to the sources yet."""
GOOD, PAST = "good against good", "past deployment"
"""Kinds of cases, as backtest counts them."""
VERSION = "unknown"


@dataclass(frozen=True)
class WantedCase:
    """`name` is the folder's; `truth` "pass", "fail", or "" where it is not known."""

    name: str
    start: datetime
    truth: str
    kind: str
    wanted: pb.Verification

    @property
    def asked(self) -> dict[str, str]:
        """What tells this case from another at the same time."""
        timing = {name: getattr(self.wanted.timing, name).ToJsonString() for name in ("baseline", "settle", "duration")}
        source = self.wanted.profile or self.wanted.inline_profile.SerializeToString(deterministic=True).hex()
        return {**timing, "truth": self.truth, "version": self.wanted.deployment.version, "profile": source}


def cases(options: RecordOptions, now: datetime) -> list[WantedCase]:
    """In order of time. Raises Fault for what cannot be meant."""
    service, _, version = options.service.partition("@")
    if not service or not options.environment.strip():
        raise Fault("SERVICE and --environment are needed", "Write: logverdict record checkout -e prod …")
    if options.profile and options.inline_profile:
        raise Fault("--profile and --inline-profile are both given", "Write one of them.")
    if options.config and not options.local:
        raise Fault("--config is given without --local", "A server has its settings from its own --config.")
    starts = sorted(set(_starts(options, now)))
    kind = GOOD if options.every else PAST
    truth = options.truth or ("pass" if options.every else "")
    common = _common(options)
    return [_case(common, service, version or VERSION, start, truth, kind) for start in starts]


def absolute(options: RecordOptions, now: datetime) -> str:
    """The options of --every as they mean the same tomorrow."""
    first, last = _limits(options, now)
    return f"--every {options.every} --from {first:%Y-%m-%dT%H:%M:%SZ} --to {last:%Y-%m-%dT%H:%M:%SZ}"


def _case(common: pb.Verification, service: str, version: str, start: datetime, truth: str, kind: str) -> WantedCase:
    wanted = pb.Verification()
    wanted.CopyFrom(common)
    wanted.deployment.service, wanted.deployment.version = service, version
    wanted.deployment.rollout_start_time.CopyFrom(stamp(start))
    safe = re.sub(r"[^A-Za-z0-9._-]", "_", f"{service}-{wanted.deployment.environment}").lstrip(".")
    return WantedCase(f"{safe}-{start:%Y%m%dT%H%M%SZ}", start, truth, kind, wanted)


def _starts(options: RecordOptions, now: datetime) -> Iterator[datetime]:
    after = times.span(options.settle, "--settle") + times.span(options.duration, "--duration")
    if bool(options.at) is bool(options.every):
        raise Fault("one of --at and --every is needed", "--at TIME of a deployment, or --every 1d.")
    for text in options.at or ():
        start = times.time(text, "--at", now).replace(microsecond=0)
        if start + after > now:
            raise Fault(f"--at {text}: its window ends at {start + after:%Y-%m-%dT%H:%M:%SZ}, which is not over yet")
        yield start
    if options.every:
        yield from _each(options, now, after)
    elif options.from_ or options.to:
        raise Fault("--from and --to go with --every", "With --at the times are those of deployments.")


def _each(options: RecordOptions, now: datetime, after: timedelta) -> Iterator[datetime]:
    step, baseline = times.span(options.every or "", "--every"), times.span(options.baseline, "--baseline")
    first, last = _limits(options, now)
    if step <= timedelta(0):
        raise Fault(f"--every: {options.every!r} is no step", "Write a span such as 1d or 6h.")
    count = (last - after - first - baseline) // step + 1
    if count < 1:
        raise Fault(
            f"from {first:%Y-%m-%dT%H:%M:%SZ} to {last:%Y-%m-%dT%H:%M:%SZ} there is no room for a case",
            f"A case takes {times.short(baseline + after)}: --baseline, --settle and --duration.",
        )
    if count > MOST:
        raise Fault(f"that would be {count:,} cases; allowed: up to {MOST:,}", "Write a longer --every, or less time.")
    yield from (first + baseline + step * number for number in range(count))


def _limits(options: RecordOptions, now: datetime) -> tuple[datetime, datetime]:
    """Relative starts are taken at the full hour, so that a call soon after means the same cases."""
    first = times.time(options.from_ or "-7d", "--from", now).replace(microsecond=0)
    if (options.from_ or "-").startswith("-"):
        first = first.replace(minute=0, second=0)
    last = times.time(options.to, "--to", now) if options.to else now - LATELY
    if last > now:
        raise Fault(f"--to: {last:%Y-%m-%dT%H:%M:%SZ} is in the future", "Only what is over can be recorded.")
    return first, last.replace(microsecond=0)


def _common(options: RecordOptions) -> pb.Verification:
    wanted = pb.Verification(deployment=pb.Deployment(environment=options.environment), profile=options.profile or "")
    if options.inline_profile:
        wanted.inline_profile.CopyFrom(inline_profile(options.inline_profile))
    for name in ("baseline", "settle", "duration"):
        length = Duration()
        length.FromTimedelta(times.span(getattr(options, name), f"--{name}"))
        getattr(wanted.timing, name).CopyFrom(length)
    return wanted
