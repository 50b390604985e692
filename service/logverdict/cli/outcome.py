"""What a call says of one deployment at its end: the server's decision, or ours when the server gave none."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from logverdict.cli import words
from logverdict.cli.exits import ASK, BY_DECISION, PROCEED, combined
from logverdict.cli.track import Track
from logverdict.v1 import event_pb2
from logverdict.v1 import verification_service_pb2 as pb


@dataclass(frozen=True)
class Outcome:
    """`unverified` when there is no verdict to rely on; `fault` says why in a sentence, and `chosen_by` what chose
    the decision instead: an option, the policy, or the default."""

    label: str
    service: str
    environment: str
    version: str
    name: str
    verification: pb.Verification | None
    events: Sequence[event_pb2.Event]
    decision: str
    enforced_decision: str
    unverified: bool = False
    fault: str = ""
    chosen_by: str = ""
    over: bool = True
    """Whether the work on the server has ended too."""

    @property
    def sentence(self) -> str:
        return self.fault or (self.verification.sentence if self.verification else "")


def outcome(track: Track, fault: str, on_error: str | None) -> Outcome:
    """`fault` says what kept us from the end, "" for nothing; `on_error` is the caller's choice for that case."""
    verification = track.verification
    if verification is not None and track.ended and words.decision(verification.decision) in BY_DECISION:
        return _given(track, verification)
    if verification is not None and track.ended:
        decision = words.decision(verification.decision) or "none"
        fault = f"The server gave the decision {decision}, which this version of logverdict does not know."
    return _chosen(track, fault, on_error)


def decided(outcomes: Iterable[Outcome]) -> str:
    return combined(one.decision for one in outcomes)


def _given(track: Track, verification: pb.Verification) -> Outcome:
    decision = words.decision(verification.decision)
    verified = words.verified(verification)
    return Outcome(
        *_who(track),
        decision=decision,
        enforced_decision=words.decision(verification.enforced_decision) or decision,
        unverified=not verified,
        fault="" if verified else _why_not(verification),
        chosen_by="" if verified else "the server",
    )


def _why_not(verification: pb.Verification) -> str:
    state = words.state(verification)
    return verification.error or verification.sentence or f"The verification ended as {state}, without a verdict."


def _chosen(track: Track, fault: str, on_error: str | None) -> Outcome:
    """The same rule as the server's for its own errors: the choice, or PROCEED in mode OBSERVE."""
    known = words.decision(track.verification.policy.on_error) if track.verification else ""
    if on_error:
        enforced, chosen_by = on_error.upper(), "--on-error"
    elif known in BY_DECISION:
        enforced, chosen_by = known, "the policy's on_error"
    else:
        enforced, chosen_by = ASK, "default; --on-error changes it"
    observing = _mode(track) == "OBSERVE"
    return Outcome(
        *_who(track),
        decision=PROCEED if observing else enforced,
        enforced_decision=enforced,
        unverified=True,
        fault=fault,
        chosen_by=f"mode OBSERVE (else {enforced}, by {chosen_by})" if observing else chosen_by,
        over=track.ended,
    )


def _mode(track: Track) -> str:
    """As the server says, or before it could: as the request does."""
    told = track.verification or (track.wish.request.verification if track.wish else None)
    return words.mode(told) if told else ""


def _who(
    track: Track,
) -> tuple[str, str, str, str, str, pb.Verification | None, Sequence[event_pb2.Event]]:
    events = words.strongest(track.events.values())
    if track.wish:
        wish = track.wish
        return track.label, wish.service, wish.environment, wish.version, track.name, track.verification, events
    deployment = track.verification.deployment if track.verification else pb.Deployment()
    where = deployment.service, deployment.environment, deployment.version
    return track.label, *where, track.name, track.verification, events
