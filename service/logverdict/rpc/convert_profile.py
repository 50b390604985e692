"""Requests and answers of ProfileService."""

from datetime import timedelta

from logverdict.domain.errors import InvalidRequest
from logverdict.domain.probe import CheckedProfile, FieldFound, KnownProfile, SampleEntry, SourceReport
from logverdict.domain.profile import SourceSpec
from logverdict.domain.window import Window
from logverdict.rpc.convert_in import read_window
from logverdict.rpc.convert_in_parts import read_source
from logverdict.rpc.convert_out_parts import write_call, write_window
from logverdict.rpc.faults import Faults
from logverdict.rpc.times import write_seconds, write_span, write_time
from logverdict.rpc.words import READABLE
from logverdict.v1 import profile_service_pb2 as pb
from logverdict.verify.inspect import DraftWish, Wish

EVERYTHING = "*"
ANY = "any"


def read_wish(sent: pb.TestSourceRequest) -> Wish:
    """Raises InvalidRequest, or InvalidFields with all faults."""
    faults = Faults()
    ways = [name for name in ("profile", "yaml", "source") if _given(sent, name)]
    if "source" in ways and len(ways) > 1:
        faults.add("source", f"is given beside {ways[0]}; allowed: one of them")
    if not sent.service and "source" not in ways and not sent.yaml:
        faults.add("service", "is required; without it, give a source")
    source = read_source(sent.source, "source", faults) if "source" in ways else None
    window = _window(sent, faults)
    faults.check()
    environment = sent.environment or ANY
    return Wish(sent.service, environment, sent.profile, sent.yaml, source, sent.source_name, window)


def _given(sent: pb.TestSourceRequest, name: str) -> bool:
    return sent.HasField("source") if name == "source" else bool(getattr(sent, name))


def _window(sent: pb.TestSourceRequest | pb.DraftProfileRequest, faults: Faults) -> Window | None:
    return read_window(sent.window, "window", faults) if sent.HasField("window") else None


def read_draft(sent: pb.DraftProfileRequest) -> DraftWish:
    faults = Faults()
    window = _window(sent, faults)
    faults.check()
    if not sent.connection.strip():
        raise InvalidRequest("connection", "is required")
    spec = SourceSpec("logs", sent.connection, sent.query or EVERYTHING, options=dict(sorted(sent.options.items())))
    return DraftWish(spec, sent.service, window)


def write_known(known: KnownProfile) -> pb.KnownProfile:
    return pb.KnownProfile(name=known.name, services=known.services, sources=known.sources, origin=known.origin)


def write_checked(checked: CheckedProfile) -> pb.CheckProfileResponse:
    faults = [
        pb.ProfileFault(
            line=one.line, column=one.column, field=one.field, message=one.message, allowed=one.allowed, hint=one.hint
        )
        for one in checked.faults
    ]
    profiles = [pb.ResolvedProfile(name=name, text=text) for name, text in checked.profiles]
    return pb.CheckProfileResponse(faults=faults, profiles=profiles)


def write_report(report: SourceReport) -> pb.SourceReport:
    probe = report.probe
    made = pb.SourceReport(
        source=report.source,
        connection=report.connection,
        query=report.query,
        state=READABLE.number(report.state),
        faults=report.faults,
        server=probe.server,
        user=probe.user,
        roles=probe.roles,
        privileges=[pb.Privilege(name=one.name, granted=one.granted) for one in probe.privileges],
        places=probe.places,
        fields=[_field(one) for one in report.fields],
        sampled=len(probe.records),
        entries=[_entry(one) for one in report.entries],
        window=write_window(report.window),
        calls=[write_call(call) for call in report.calls],
        warnings=report.warnings,
    )
    _put_counts(made, report)
    return made


def _put_counts(made: pb.SourceReport, report: SourceReport) -> None:
    counts = report.counts
    made.counted = counts.counted
    if counts.total is not None:
        made.entry_count = counts.total
    if counts.evidence is not None:
        made.evidence_count = counts.evidence
    for start, instance, count in counts.rows:
        made.counts.add(time=write_time(start), instance=instance, count=count)
    made.step.CopyFrom(write_span(timedelta(seconds=counts.step)))
    for field, seconds in ((made.lag_p95, counts.lag_p95), (made.lag_max, counts.lag_max)):
        if seconds is not None and (span := write_seconds(seconds)) is not None:
            field.CopyFrom(span)


def _field(found: FieldFound) -> pb.FieldFound:
    tried = [pb.FieldCandidate(name=one.name, type=one.type, share=one.share) for one in found.candidates]
    return pb.FieldFound(what=found.what, name=found.name, type=found.type, share=found.share, candidates=tried)


def _entry(entry: SampleEntry) -> pb.SampleEntry:
    return pb.SampleEntry(
        time=write_time(entry.time),
        message=entry.message,
        level=entry.level,
        instance=entry.instance,
        version=entry.version,
    )
