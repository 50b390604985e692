"""Statistics and templates to the protocol."""

from dataclasses import fields

from logverdict.domain.words import Verdict
from logverdict.rpc.convert_out_parts import write_deployment
from logverdict.rpc.times import write_time
from logverdict.rpc.words import DECISION, EVENT_KIND, IMPACT, OUTCOME, SEVERITY, VERDICT
from logverdict.v1 import history_service_pb2 as pb
from logverdict.verify.history_ports import Sighting, Statistics, Tally, TemplateSeen, VersionSeen

COUNTS = tuple(field.name for field in fields(Tally))


def write_statistics(one: Statistics) -> pb.Statistics:
    return pb.Statistics(
        start_time=write_time(one.period.start),
        end_time=write_time(one.period.end),
        total=_group(one.total),
        groups=[_group(each) for each in one.groups],
        more_groups=one.more,
    )


def _group(one: Tally) -> pb.Statistics.Group:
    """The fields have the names of ours."""
    return pb.Statistics.Group(share_passed=one.share_passed, **{name: getattr(one, name) for name in COUNTS})


def write_template(one: TemplateSeen) -> pb.Template:
    return pb.Template(
        name=f"templates/{one.id}",
        template=one.template,
        severity=SEVERITY.number(one.severity),
        first_seen_time=write_time(one.first),
        last_seen_time=write_time(one.last),
        verifications=one.verifications,
        versions=[_version(each) for each in one.versions],
        feedback=[f"feedback/{each}" for each in one.feedback],
        first_verification=f"verifications/{one.first_verification}" if one.first_verification else "",
    )


def _version(one: VersionSeen) -> pb.Template.Version:
    return pb.Template.Version(
        service=one.service,
        environment=one.environment,
        version=one.version,
        verifications=one.verifications,
        passed=one.verdicts[Verdict.PASS],
        warned=one.verdicts[Verdict.WARN],
        failed=one.verdicts[Verdict.FAIL],
        inconclusive=one.verdicts[Verdict.INCONCLUSIVE],
        entries=one.entries,
        first_seen_time=write_time(one.first),
        last_seen_time=write_time(one.last),
    )


def write_sighting(one: Sighting) -> pb.TemplateSighting:
    return pb.TemplateSighting(
        verification=f"verifications/{one.verification}",
        deployment=write_deployment(one.deployment),
        side=one.side,
        severity=SEVERITY.number(one.severity),
        entries=one.entries,
        rate=one.rate,
        first_seen_time=write_time(one.first),
        last_seen_time=write_time(one.last),
        verdict=VERDICT.number(one.verdict),
        decision=DECISION.number(one.decision),
        outcome=OUTCOME.number(one.outcome),
        kind=EVENT_KIND.number(one.kind),
        impact=IMPACT.number(one.impact),
        feedback=[f"feedback/{each}" for each in one.feedback],
    )
