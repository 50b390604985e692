"""Names of the protocol's words; what a newer server says is shown as it came."""

from collections.abc import Iterable
from typing import Any

from logverdict.cli.exits import BY_DECISION
from logverdict.v1 import event_pb2, policy_pb2, profile_pb2
from logverdict.v1 import verification_service_pb2 as pb

_QUIET_KINDS = {event_pb2.Event.KNOWN, event_pb2.Event.NO_BASELINE, event_pb2.Event.KIND_UNSPECIFIED}
_RUNNING = {pb.Verification.PENDING, pb.Verification.RUNNING, pb.Verification.STATE_UNSPECIFIED}


def name(words: Any, number: int) -> str:
    """The word, "" for the unspecified one, the number for one that this client does not know."""
    if not number:
        return ""
    return str(words.Name(number)) if number in words.values() else str(number)


def verdict(verification: pb.Verification) -> str:
    return name(pb.Verification.Verdict, verification.verdict)


def state(verification: pb.Verification) -> str:
    return name(pb.Verification.State, verification.state)


def so_far(verification: pb.Verification) -> str:
    """The verdict, or the state where there is none; of what runs it may still change."""
    found = verdict(verification)
    if not found or ended(verification):
        return found or state(verification)
    return f"{found.lower()} so far"


def decision(number: int) -> str:
    return name(policy_pb2.Decision, number)


def mode(verification: pb.Verification) -> str:
    return name(policy_pb2.Mode, verification.policy.mode)


def severity(event: event_pb2.Event) -> str:
    return name(profile_pb2.Severity, event.severity)


def comparison(verification: pb.Verification) -> str:
    return name(pb.Comparison, verification.comparison_used).lower().replace("_", "/")


def ended(verification: pb.Verification) -> bool:
    """Whether nothing more will come; a state that we do not know has ended when it brings a decision."""
    if verification.state in _RUNNING:
        return False
    return verification.state in pb.Verification.State.values() or bool(verification.decision)


def verified(verification: pb.Verification) -> bool:
    """Whether there is a verdict to rely on, and a decision that this client can read."""
    return (
        verification.state not in (pb.Verification.FAILED, pb.Verification.CANCELLED)
        and bool(verification.verdict)
        and decision(verification.decision) in BY_DECISION
    )


def telling(event: event_pb2.Event) -> bool:
    """Whether an event departs from the baseline or moves the verdict."""
    return event.kind not in _QUIET_KINDS or event.impact in (event_pb2.Event.WARN, event_pb2.Event.FAIL)


def strongest(events: Iterable[event_pb2.Event]) -> list[event_pb2.Event]:
    """Those that tell something, those that fail the deployment first."""
    return sorted(filter(telling, events), key=lambda event: (-event.impact, -event.weight, event.id))


def anomalies(verification: pb.Verification) -> int:
    return sum(count.count for count in verification.event_counts if count.kind not in _QUIET_KINDS)
