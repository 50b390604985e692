"""What one write of a verification does to the tables."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from logverdict.adapters.stores.changes import tell
from logverdict.adapters.stores.codec import EVENTS, REVISIONS, VERIFICATIONS
from logverdict.adapters.stores.facts import facts
from logverdict.adapters.stores.postgres import wait_alone
from logverdict.adapters.stores.tables import baselines, events, revisions, verifications
from logverdict.domain.errors import FailedPrecondition, LeaseLost, LimitReached, NotFound, VerifyError
from logverdict.domain.result import Event, Judgement
from logverdict.domain.verification import Revision, Verification

MAX_CHANGED = 100
FIRST = 1
"""The epoch of who creates a verification."""
MINE = [verifications.c[name] for name in ("id", "state", "end_time", "revision", "epoch", "takeovers")]


async def insert(
    connection: AsyncConnection, verification: Verification, owner: str, per_caller: int | None = None
) -> Revision:
    """A new verification, as revision 1, leased to that replica. Raises LimitReached where its caller has more than
    `per_caller` unfinished ones then."""
    first = replace(verification, revision=1)
    if per_caller is not None:
        await connection.run_sync(wait_alone, f"caller {verification.request.caller}")
    await connection.execute(sa.insert(verifications), as_row(_bare(first)) | {"owner": owner, "epoch": FIRST})
    named = {*first.request.baseline.verifications, *first.plan.verifications, *first.plan.history}
    rows = [{"verification_id": first.id, "baseline_id": name.removeprefix("verifications/")} for name in sorted(named)]
    if rows:
        await connection.execute(sa.insert(baselines), rows)
    if per_caller is not None:
        await _check_caller(connection, first.request.caller, per_caller)
    return await _append(connection, first)


async def _check_caller(connection: AsyncConnection, caller: str, most: int) -> None:
    """After the insert, which tells a repeated request apart first."""
    mine = (verifications.c.caller == caller, verifications.c.end_time.is_(None))
    count = (await connection.execute(sa.select(sa.func.count()).select_from(verifications).where(*mine))).scalar_one()
    if count > most:
        raise LimitReached(
            f"{most:,} verifications of caller {caller!r} run or wait, as many as one caller may have; "
            "cancel what is not needed any more, or try again when one has ended",
            limit=str(most),
            caller=caller,
        )


async def update(connection: AsyncConnection, verification: Verification, epoch: int | None = None) -> Revision:
    """The next revision. Raises as `lock`, and FailedPrecondition for one that has ended or moved on."""
    stored = await lock(connection, verification.id, epoch)
    if stored.end_time is not None:
        raise FailedPrecondition(
            f"{verification.name} has ended with state {stored.state}", name=verification.name, state=stored.state
        )
    return await _store(connection, verification, stored)


async def amend(connection: AsyncConnection, verification: Verification) -> Revision:
    """The next revision of one that has ended. Raises NotFound, FailedPrecondition for one that runs or moved on."""
    stored = await lock(connection, verification.id)
    if stored.end_time is None:
        raise FailedPrecondition(f"{verification.name} has not ended yet", name=verification.name)
    return await _store(connection, verification, stored)


async def _store(connection: AsyncConnection, verification: Verification, stored: sa.Row[Any]) -> Revision:
    if stored.revision != verification.revision:
        raise FailedPrecondition(
            f"{verification.name} is at revision {stored.revision}, not at {verification.revision}; read it again",
            name=verification.name,
            revision=str(stored.revision),
        )
    following = replace(verification, revision=verification.revision + 1)
    mine = verifications.c.id == verification.id
    await connection.execute(sa.update(verifications).where(mine), as_row(_bare(following)))
    revision = await _append(connection, following)
    await tell(connection, verification.id, revision.number)
    return revision


async def lock(connection: AsyncConnection, verification_id: str, epoch: int | None = None) -> sa.Row[Any]:
    """The verification's row, which no other transaction changes until this one ends.

    `epoch` is that of a lease; None for what needs none. Raises NotFound, and LeaseLost where another has the lease.
    """
    query = sa.select(*MINE).where(verifications.c.id == verification_id).with_for_update()
    row = (await connection.execute(query)).one_or_none()
    if row is None:
        raise not_found(verification_id)
    if epoch is not None:
        await _check_lease(connection, row, epoch)
    return row


async def _check_lease(connection: AsyncConnection, row: sa.Row[Any], epoch: int) -> None:
    if row.epoch != epoch:
        name = f"verifications/{row.id}"
        raise LeaseLost(f"another replica works on {name} now; what this one still writes is refused", name=name)
    if row.takeovers:  # something comes of the work
        await connection.execute(sa.update(verifications).where(verifications.c.id == row.id).values(takeovers=0))


def not_found(verification_id: str) -> NotFound:
    name = f"verifications/{verification_id}"
    return NotFound(f"there is no {name}; it may have been deleted for its age", name=name)


async def _append(connection: AsyncConnection, verification: Verification) -> Revision:
    changed = await _replace_events(connection, verification)
    shown = tuple(sorted(changed, key=lambda event: (-event.weight, event.id))[:MAX_CHANGED])
    revision = Revision(verification.revision, _bare(verification), shown, len(changed) - len(shown))
    row = {"verification_id": verification.id, "number": revision.number, "document": REVISIONS.write(revision)}
    await connection.execute(sa.insert(revisions), row)
    return revision


async def _replace_events(connection: AsyncConnection, verification: Verification) -> Sequence[Event]:
    """The events that are new or different; those that are no longer there are deleted."""
    judgement = verification.judgement
    if judgement is not None and _was_read(judgement):
        return ()
    found = judgement.events if judgement else ()
    documents = {event.id: EVENTS.write(event) for event in found}
    if len(documents) < len(found):
        raise VerifyError(f"two events of {verification.name} have the same id", name=verification.name)
    query = sa.select(events.c.id, events.c.document).where(events.c.verification_id == verification.id)
    stored = {row.id: row.document for row in await connection.execute(query)}
    changed = [event for event in found if stored.get(event.id) != documents[event.id]]
    outdated = [*(stored.keys() - documents.keys()), *(event.id for event in changed if event.id in stored)]
    await _delete_events(connection, verification.id, outdated)
    if changed:
        rows = [_event_row(verification.id, event, documents[event.id]) for event in changed]
        await connection.execute(sa.insert(events), rows)
    return changed


def _was_read(judgement: Judgement) -> bool:
    """A judgement that counts events but holds none came from the store, which keeps them apart: they stay."""
    return not judgement.events and any(count for _, count in judgement.event_counts)


async def _delete_events(connection: AsyncConnection, verification_id: str, ids: Sequence[str]) -> None:
    if ids:
        query = sa.delete(events).where(
            events.c.verification_id == verification_id, events.c.id == sa.bindparam("outdated")
        )
        await connection.execute(query, [{"outdated": one} for one in ids])


def _event_row(verification_id: str, event: Event, document: str) -> dict[str, object]:
    return {
        "verification_id": verification_id,
        "id": event.id,
        "weight": event.weight,
        "kind": event.kind.value,
        "impact": event.impact.value,
        "severity": event.severity.value,
        "document": document,
    }


def _bare(verification: Verification) -> Verification:
    """Without its events, which have a table of their own."""
    if verification.judgement is None:
        return verification
    return replace(verification, judgement=replace(verification.judgement, events=()))


def as_row(verification: Verification) -> dict[str, object]:
    request, deployment = verification.request, verification.request.deployment
    judgement = verification.judgement
    return {
        "id": verification.id,
        "service": deployment.service,
        "environment": deployment.environment,
        "version": deployment.version,
        "commit": deployment.commit,
        "state": verification.state.value,
        "verdict": judgement.verdict.value if judgement else "",
        "decision": verification.decision.value if verification.decision else "",
        "create_time": verification.created,
        "rollout_start": deployment.rollout_start,
        "end_time": (verification.ended or verification.updated) if verification.state.ended else None,
        "caller": request.caller,
        "request_id": request.request_id or None,
        "fingerprint": request.fingerprint,
        "revision": verification.revision,
        "rules": verification.plan.rules,
        "judge": verification.plan.judge,
        "document": VERIFICATIONS.write(verification),
    } | facts(verification)
