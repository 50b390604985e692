"""From the parts of a verification to the protocol."""

from dataclasses import fields

from logverdict.domain.deployment import Deployment
from logverdict.domain.feedback import AppliedFeedback
from logverdict.domain.policy import Policy
from logverdict.domain.profile import SourceSpec, Timing
from logverdict.domain.result import Detectable, Event, NoiseFloor, Side, WayBack
from logverdict.domain.verification import Baseline, SourceCall
from logverdict.domain.window import Window
from logverdict.rpc.times import write_seconds, write_span, write_time
from logverdict.rpc.words import (
    DEPLOYMENT_KIND,
    DIRECTION,
    EVENT_KIND,
    FEEDBACK_LEVEL,
    IMPACT,
    POLICY_WORDS,
    PUSH_DOWN,
    SEVERITY,
)
from logverdict.v1 import event_pb2, policy_pb2, profile_pb2
from logverdict.v1 import verification_service_pb2 as pb


def write_window(window: Window) -> pb.Window:
    return pb.Window(start_time=write_time(window.start), end_time=write_time(window.end))


def write_deployment(deployment: Deployment) -> pb.Deployment:
    return pb.Deployment(
        service=deployment.service,
        environment=deployment.environment,
        version=deployment.version,
        rollout_start_time=write_time(deployment.rollout_start),
        rollout_end_time=write_time(deployment.rollout_end),
        kind=DEPLOYMENT_KIND.number(deployment.kind),
        traffic_share=deployment.traffic_share,
        commit=deployment.commit,
    )


def write_baseline(baseline: Baseline) -> pb.Baseline:
    windows = [write_window(window) for window in baseline.windows]
    return pb.Baseline(windows=windows, verifications=baseline.verifications, pinned=baseline.pinned)


def write_policy(policy: Policy) -> policy_pb2.Policy:
    words = {name: words.number(getattr(policy, name)) for name, words in POLICY_WORDS.items()}
    return policy_pb2.Policy(
        **words,
        min_entries=policy.min_entries,
        min_coverage=policy.min_coverage,
        early_stop=policy.early_stop,
        history=policy.history,
    )


def write_timing(timing: Timing) -> policy_pb2.Timing:
    return policy_pb2.Timing(**{field.name: write_span(getattr(timing, field.name)) for field in fields(timing)})


def write_source(source: SourceSpec) -> profile_pb2.Source:
    return profile_pb2.Source(
        name=source.name,
        connection=source.connection,
        query=source.query,
        fields=profile_pb2.FieldNames(
            **{field.name: getattr(source.fields, field.name) for field in fields(source.fields)}
        ),
        severities={level: SEVERITY.number(severity) for level, severity in source.severities.items()},
        options=source.options,
        evidence=source.evidence,
        push_down=PUSH_DOWN.number(source.push_down),
    )


def write_side(side: Side) -> pb.Side:
    return pb.Side(
        entries=side.entries,
        templates=side.templates,
        instances=side.instances,
        exposure_seconds=side.exposure_seconds,
    )


def write_floor(floor: NoiseFloor) -> pb.Floor:
    return pb.Floor(found=floor.found, expected=floor.expected, most=floor.most, runs=floor.runs, earlier=floor.earlier)


def write_detectable(detectable: Detectable) -> pb.Detectable:
    changes = [pb.Detectable.Change(share=change.share, ratio=change.ratio) for change in detectable.changes]
    return pb.Detectable(new_error_entries=detectable.new_error_entries, changes=changes)


def write_call(call: SourceCall) -> pb.SourceCall:
    return pb.SourceCall(
        time=write_time(call.time),
        source=call.source,
        method=call.method,
        query=call.query,
        status=call.status,
        size=call.size,
        took=write_seconds(call.seconds),
        times=call.times,
    )


def write_event(event: Event) -> event_pb2.Event:
    return event_pb2.Event(
        id=event.id,
        kind=EVENT_KIND.number(event.kind),
        impact=IMPACT.number(event.impact),
        direction=DIRECTION.number(event.direction),
        severity=SEVERITY.number(event.severity),
        template=event.template,
        templates=event.templates,
        sentence=event.sentence,
        candidate_count=event.candidate_count,
        baseline_count=event.baseline_count,
        expected=event.expected,
        seen=event.seen,
        ratio=event.ratio,
        p_value=event.p_value,
        weight=event.weight,
        nearest=_nearest(event),
        first_seen_time=write_time(event.first_seen),
        last_seen_time=write_time(event.last_seen),
        instances=[event_pb2.Event.InstanceCount(instance=part.instance, count=part.count) for part in event.instances],
        sources=event.sources,
        samples=event.samples,
        candidate_series=event.candidate_series,
        baseline_series=event.baseline_series,
        ways_back=map(_way_back, event.ways_back),
        new_value=_new_value(event),
        x=event.x,
        y=event.y,
        feedback=map(write_applied, event.feedback),
    )


def write_applied(one: AppliedFeedback) -> event_pb2.Event.AppliedFeedback:
    return event_pb2.Event.AppliedFeedback(
        feedback=f"feedback/{one.id}",
        level=FEEDBACK_LEVEL.number(one.level),
        author=one.author.name,
        author_verified=one.author.verified,
        reason=one.reason,
        ticket=one.ticket,
        similarity=one.similarity,
        impact_without=IMPACT.number(one.impact_without),
        overridden=one.overridden,
    )


def _way_back(way: WayBack) -> event_pb2.Event.WayBack:
    return event_pb2.Event.WayBack(
        source=way.source,
        query=way.query,
        link=way.link,
        start_time=write_time(way.span.start),
        end_time=write_time(way.span.end),
    )


def _new_value(event: Event) -> event_pb2.Event.NewValue | None:
    new = event.new_value
    return None if new is None else event_pb2.Event.NewValue(place=new.place, value=new.value, known_values=new.known)


def _nearest(event: Event) -> event_pb2.Event.Nearest | None:
    nearest = event.nearest
    if nearest is None:
        return None
    return event_pb2.Event.Nearest(
        event_id=nearest.event_id,
        template=nearest.template,
        cosine_similarity=nearest.cosine,
        jaccard_similarity=nearest.jaccard,
    )
