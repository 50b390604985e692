"""Statistics and templates to the protocol."""

from dataclasses import fields

from logverdict.analysis.reach import Reached
from logverdict.domain.words import Verdict
from logverdict.rpc.convert_out_parts import write_applied, write_deployment
from logverdict.rpc.times import write_time
from logverdict.rpc.words import DECISION, EVENT_KIND, FEEDBACK_LEVEL, IMPACT, OUTCOME, SEVERITY, VERDICT
from logverdict.v1 import feedback_pb2
from logverdict.v1 import history_service_pb2 as pb
from logverdict.verify.history_ports import Statistics, Tally, TemplateSeen, VersionSeen
from logverdict.verify.said import Applied, SightingTold, TemplateTold

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
    """As it is in lists."""
    return pb.Template(
        name=f"templates/{one.id}",
        template=one.template,
        severity=SEVERITY.number(one.severity),
        first_seen_time=write_time(one.first),
        last_seen_time=write_time(one.last),
        verifications=one.verifications,
        versions=[_version(each) for each in one.versions],
        first_verification=f"verifications/{one.first_verification}" if one.first_verification else "",
    )


def write_told_template(one: TemplateTold) -> pb.Template:
    message = write_template(one.seen)
    message.feedback.extend(f"feedback/{each}" for each in one.said)
    message.applied_feedback.extend(map(_applied, one.applied))
    message.reaching_feedback.extend(map(_reaching, one.reaching))
    return message


def _applied(one: Applied) -> pb.Template.AppliedFeedback:
    return pb.Template.AppliedFeedback(
        feedback=f"feedback/{one.its.id}",
        level=FEEDBACK_LEVEL.number(one.its.level),
        author=one.its.author.name,
        author_verified=one.its.author.verified,
        reason=one.its.reason,
        ticket=one.its.ticket,
        verifications=one.verifications,
        changed=one.changed,
        first_seen_time=write_time(one.first),
        last_seen_time=write_time(one.last),
    )


def _reaching(one: Reached) -> pb.ReachingFeedback:
    its = one.feedback
    return pb.ReachingFeedback(
        feedback=its.name,
        level=FEEDBACK_LEVEL.number(its.level),
        author=its.author.name,
        author_verified=its.author.verified,
        reason=its.reason,
        ticket=its.ticket,
        scope=feedback_pb2.Feedback.Scope(service=its.scope.service, environment=its.scope.environment),
        expire_time=write_time(its.expires),
        similarity=one.similarity,
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


def write_sighting(told: SightingTold) -> pb.TemplateSighting:
    one, event = told.sighting, told.sighting.event
    applied = event.feedback if event else ()
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
        kind=EVENT_KIND.number(event.kind if event else None),
        impact=IMPACT.number(event.impact if event else None),
        feedback=[f"feedback/{each.id}" for each in applied],
        applied_feedback=map(write_applied, applied),
        reaching_feedback=map(_reaching, told.reaching),
    )
