"""From requests to our values, every fault named by the path of its field."""

import hashlib
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from google.protobuf.message import Message

from logverdict.domain.errors import InvalidRequest
from logverdict.domain.verification import Baseline
from logverdict.domain.wanted import InlineProfile, Wanted
from logverdict.domain.window import Window
from logverdict.domain.words import Comparison, Decision
from logverdict.rpc import limits
from logverdict.rpc.convert_in_parts import read_changed, read_deployment, read_policy, read_sources, read_timing
from logverdict.rpc.faults import Faults
from logverdict.rpc.form import form_faults, ours
from logverdict.rpc.times import read_time
from logverdict.rpc.words import COMPARISON, DECISION
from logverdict.v1 import profile_service_pb2 as profile_pb
from logverdict.v1 import verification_service_pb2 as pb

NAME = re.compile(r"verifications/[a-z0-9-]{1,64}")
NAME_FAULT = "is no name of a verification; allowed: verifications/{id}, the id of a to z, 0 to 9 and -"
CALLER = "local"
"""Who calls, until there is authentication."""


def read_wanted(request: pb.CreateVerificationRequest | pb.VerifyRequest) -> Wanted:
    """Raises InvalidRequest, or InvalidFields with all faults."""
    faults = _form(request)
    sent, path = request.verification, "verification"
    wanted = Wanted(
        **read_deployment(sent.deployment, f"{path}.deployment", faults),
        profile=_profile(sent, path, faults),
        changed=read_changed(sent.changed_instances, path, faults),
        baseline=_baseline(sent.baseline, path, faults),
        candidate=read_window(sent.candidate_window, f"{path}.candidate_window", faults)
        if sent.HasField("candidate_window")
        else None,
        policy=read_policy(sent.policy, path, faults),
        timing=read_timing(sent.timing, path, faults),
        labels=tuple(sorted(sent.labels.items())),
        request_id=request.request_id,
        caller=CALLER,
        fingerprint=fingerprint(sent),
        comparison=_comparison(sent, path, faults),
    )
    faults.check()
    return wanted


def fingerprint(sent: pb.Verification) -> str:
    """Hash of what the caller may set: tells a retry from another request with the same id."""
    inputs = pb.Verification()
    inputs.CopyFrom(sent)
    for field in inputs.DESCRIPTOR.fields:
        if ours(field):
            inputs.ClearField(field.name)  # type: ignore[arg-type]
    return hashlib.sha256(inputs.SerializeToString(deterministic=True)).hexdigest()


def check(request: Message) -> None:
    """Raises InvalidRequest, or InvalidFields with all faults, for a request of any other method."""
    faults = _form(request)
    for field, fault_of in TOP_FIELDS.items():
        if field in request.DESCRIPTOR.fields_by_name and (fault := fault_of(getattr(request, field))):
            faults.add(field, fault)
    faults.check()


Paged = pb.ListVerificationsRequest | pb.ListEventsRequest | pb.ListSourceCallsRequest | profile_pb.ListProfilesRequest


def read_page_size(request: Paged) -> int:
    """Between 1 and the largest page."""
    return min(request.page_size or limits.DEFAULT_PAGE, limits.MAX_PAGE)


def read_decision(request: pb.CancelVerificationRequest) -> Decision | None:
    return DECISION.word(request.decision, "decision")


def _form(request: Message) -> Faults:
    faults = Faults()
    for fault in form_faults(request):
        faults.add(*fault)
    return faults


def _profile(sent: pb.Verification, path: str, faults: Faults) -> str | InlineProfile:
    if not sent.HasField("inline_profile"):
        return sent.profile
    inline, path = sent.inline_profile, f"{path}.inline_profile"
    return InlineProfile(
        sources=read_sources(inline.sources, path, faults),
        policy=read_policy(inline.policy, path, faults),
        timing=read_timing(inline.timing, path, faults),
    )


def _comparison(sent: pb.Verification, path: str, faults: Faults) -> Comparison | None:
    with faults.under(path):
        return COMPARISON.word(sent.comparison, "comparison")
    return None


def _baseline(sent: pb.Baseline, path: str, faults: Faults) -> Baseline:
    windows = [
        read_window(window, f"{path}.baseline.windows[{place}]", faults) for place, window in enumerate(sent.windows)
    ]
    for place, name in enumerate(sent.verifications):
        if fault := _name_fault(name):
            faults.add(f"{path}.baseline.verifications[{place}]", fault)
    with faults.under(path):
        return Baseline(tuple(window for window in windows if window), tuple(sent.verifications), sent.pinned)
    return Baseline()


def read_window(sent: pb.Window, path: str, faults: Faults) -> Window | None:
    """None only beside a fault."""
    with faults.under(path):
        return Window(_required(sent, "start_time"), _required(sent, "end_time"))
    return None


def _required(window: pb.Window, field: str) -> datetime:
    if not window.HasField(field):  # type: ignore[arg-type]
        raise InvalidRequest(field, "is required")
    try:
        return read_time(getattr(window, field))
    except InvalidRequest as error:
        raise InvalidRequest(field, error.fault) from None


def _name_fault(name: str) -> str | None:
    return None if NAME.fullmatch(name) else NAME_FAULT


def _count_fault(count: int) -> str | None:
    return f"{count} is negative; allowed: 0 and more" if count < 0 else None


TOP_FIELDS: Mapping[str, Callable[[Any], str | None]] = {
    "name": _name_fault,
    "parent": _name_fault,
    "page_size": _count_fault,
    "after_revision": _count_fault,
}
"""What a request's own fields of that name must be, beyond their form."""
