"""Replicas of neighbouring versions: by which rules new work begins, under which judge work goes on, and whose work
nobody can end any more."""

import time
from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import timedelta

from logverdict.analysis.rules import KNOWN_RULES, RULES_VERSION
from logverdict.analysis.versions import JUDGE_VERSION
from logverdict.domain.verification import Plan, Verification
from logverdict.verify.leases import LeasingStore, Versions

GONE_AFTER = 20
"""Leases after which rules that no living replica knows are taken to be gone: 5 minutes by default, in which whoever
rolled back can start one that knows them."""


def shared(versions: Versions) -> str:
    """The newest rules that every living replica can work by, so that each can end what another begins; this version's
    own where there are none."""
    return next((one for one in KNOWN_RULES if all(one in its for its in versions.living)), RULES_VERSION)


def under_this_judge(verification: Verification) -> Plan:
    """Its plan, to go on under the judge of this replica. Where another judged looks of it, a note says so: nobody else
    was left who could have gone on."""
    plan, look = verification.plan, verification.look
    if plan.judge in ("", JUDGE_VERSION):
        return plan
    upto = "look 1 was" if look == 1 else f"looks up to {look} were"
    note = (
        f"{upto} judged by judge version {plan.judge}, the rest by {JUDGE_VERSION}: "
        f"no replica of version {plan.judge} was left"
    )
    return replace(plan, judge=JUDGE_VERSION, notes=(*plan.notes, note) if look else plan.notes)


class Gone:
    """Remembers since when unfinished work waits for a replica that knows its rules. `now` is in seconds."""

    def __init__(self, store: LeasingStore, lease: timedelta, now: Callable[[], float] = time.monotonic) -> None:
        self._store, self._patience, self._now = store, GONE_AFTER * lease.total_seconds(), now
        self._since: dict[str, float] = {}

    async def and_known(self) -> Collection[str]:
        """What this replica can work by, and rules that have been away for too long: who takes work of theirs can only
        end it, with that reason."""
        versions = await self._store.versions()
        known = {"", *KNOWN_RULES}.union(*versions.living)
        self._since = {rules: self._since.get(rules, self._now()) for rules in sorted(versions.begun - known)}
        return [*KNOWN_RULES, *(rules for rules, since in self._since.items() if self._now() - since >= self._patience)]
