"""Where templates were seen: over all verifications, and one by one."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from logverdict.adapters.stores.codec import EVENTS
from logverdict.adapters.stores.filters import VERIFICATION_FIELDS, conditions
from logverdict.adapters.stores.pages import checked
from logverdict.adapters.stores.paging import read_token, write_token
from logverdict.adapters.stores.tables import UtcTime, events, templates, verifications
from logverdict.domain.afterwards import Outcome
from logverdict.domain.deployment import Deployment
from logverdict.domain.errors import InvalidRequest, NotFound
from logverdict.domain.words import Decision, Severity, Verdict
from logverdict.verify.history_ports import Sighting, TemplateSeen, VersionSeen

VERSIONS = 100
T, V = templates.c, verifications.c
JOINED = templates.join(verifications, V.id == T.verification_id)


async def template(
    connection: AsyncConnection, template_id: str, service: str, environment: str, filter: str
) -> TemplateSeen:
    given = {"service": service, "environment": environment}
    named = [*(V[name] == value for name, value in given.items() if value), *conditions(filter, VERIFICATION_FIELDS)]
    where = [T.template_id == template_id, *named]
    whole = (await connection.execute(_whole().where(*where))).one()
    if whole.first is None:
        those = " of those asked for" if named else ""
        raise NotFound(f"no verification{those} has templates/{template_id}; it may have been deleted for its age")
    first = sa.select(T.verification_id, T.template).select_from(JOINED).where(*where)
    earliest = (await connection.execute(first.order_by(T.first_time, V.create_time, T.verification_id).limit(1))).one()
    versions = await connection.execute(_versions().where(*where, T.side == "candidate"))
    return TemplateSeen(
        template_id,
        earliest.template,
        Severity(whole.severity),
        whole.first,
        whole.last,
        whole.verifications,
        earliest.verification_id,
        tuple(_version(row) for row in versions),
    )


def _whole() -> sa.Select[Any]:
    columns: list[Any] = [
        sa.func.max(T.severity).label("severity"),
        sa.func.min(T.first_time, type_=UtcTime()).label("first"),
        sa.func.max(T.last_time, type_=UtcTime()).label("last"),
        sa.func.count(sa.distinct(T.verification_id)).label("verifications"),
    ]
    return sa.select(*columns).select_from(JOINED)


def _versions() -> sa.Select[Any]:
    """A template may have a row for each severity."""
    last = sa.func.max(T.last_time, type_=UtcTime())
    its = {
        word.value: sa.func.count(sa.distinct(sa.case((V.verdict == word.value, T.verification_id))))
        for word in Verdict
    }
    return (
        sa.select(
            *(V.service, V.environment, V.version),
            sa.func.count(sa.distinct(T.verification_id)).label("verifications"),
            sa.func.sum(T["count"]).label("entries"),
            sa.func.min(T.first_time, type_=UtcTime()).label("first"),
            last.label("last"),
            *(count.label(name) for name, count in its.items()),
        )
        .select_from(JOINED)
        .group_by(V.service, V.environment, V.version)
        .order_by(last.desc(), V.service, V.environment, V.version)
        .limit(VERSIONS)
    )


def _version(row: Any) -> VersionSeen:
    verdicts = {word: row._mapping[word.value] for word in Verdict}
    return VersionSeen(
        row.service,
        row.environment,
        row.version,
        row.verifications,
        verdicts,
        int(row.entries),
        row.first,
        row.last,
    )


async def sightings(
    connection: AsyncConnection, template_id: str, filter: str, after: str, limit: int
) -> tuple[Sequence[Sighting], str]:
    """Ordered by the last entry, falling, then verification and row."""
    question = f"templates/{template_id}/sightings\n{filter.strip()}".strip()
    where = [T.template_id == template_id, *conditions(filter, VERIFICATION_FIELDS), *_behind(question, after)]
    query = (
        sa.select(
            *(T.verification_id, T.number, T.template, T.side, T.severity, T["count"].label("entries"), T.rate),
            *(T.first_time, T.last_time),
            *(V.service, V.environment, V.version, V.commit, V.rollout_start, V.verdict, V.decision, V.outcome),
            events.c.document.label("event"),
        )
        .select_from(
            JOINED.outerjoin(
                events, sa.and_(events.c.verification_id == T.verification_id, events.c.id == T.template_id)
            )
        )
        .where(*where)
        .order_by(T.last_time.desc(), T.verification_id.desc(), T.number.desc())
        .limit(checked(limit) + 1)
    )
    rows = list(await connection.execute(query))
    token = ""
    if len(rows) > limit:
        end = rows[limit - 1]
        token = write_token(question, (end.last_time.isoformat(), f"{end.verification_id}/{end.number}"))
    return [_sighting(row) for row in rows[:limit]], token


def _behind(question: str, after: str) -> list[sa.ColumnElement[bool]]:
    if not after:
        return []
    order, tie = read_token(question, after)
    verification_id, _, number = tie.rpartition("/")
    try:
        here = (datetime.fromisoformat(str(order)), verification_id, int(number))
    except ValueError:
        raise InvalidRequest("page_token", "is no page token") from None
    columns = (T.last_time, T.verification_id, T.number)
    values = sa.tuple_(*(sa.literal(value, column.type) for value, column in zip(here, columns, strict=True)))
    return [sa.tuple_(*columns) < values]


def _sighting(row: Any) -> Sighting:
    event = EVENTS.read(row.event, f"verifications/{row.verification_id} event") if row.event else None
    return Sighting(
        verification=row.verification_id,
        deployment=Deployment(row.service, row.environment, row.version, row.rollout_start, commit=row.commit),
        template=row.template,
        side=row.side,
        severity=Severity(row.severity),
        entries=row.entries,
        rate=row.rate,
        first=row.first_time,
        last=row.last_time,
        verdict=Verdict(row.verdict) if row.verdict else None,
        decision=Decision(row.decision) if row.decision else None,
        outcome=Outcome(row.outcome) if row.outcome else None,
        event=event,
    )
