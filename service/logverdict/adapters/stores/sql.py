"""The store on a SQL database."""

import secrets
from collections.abc import AsyncGenerator, Collection, Mapping, Sequence
from contextlib import aclosing
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any, Self

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from logverdict.adapters.stores import leases, pieces, retention, writes
from logverdict.adapters.stores.calls import CallPages, put_calls, read_call
from logverdict.adapters.stores.codec import COVERAGES, EVENTS, REVISIONS
from logverdict.adapters.stores.database import Database, Told
from logverdict.adapters.stores.feedback import SqlFeedback
from logverdict.adapters.stores.history import good_before, read_template, templates_of
from logverdict.adapters.stores.leases import Replica
from logverdict.adapters.stores.listen import heard
from logverdict.adapters.stores.lock import WriterLock
from logverdict.adapters.stores.nearby import maybe_nearby
from logverdict.adapters.stores.opening import postgres_database, sqlite_file
from logverdict.adapters.stores.pages import EventPages, VerificationPages
from logverdict.adapters.stores.past import SqlPast
from logverdict.adapters.stores.postgres import Access
from logverdict.adapters.stores.reading import readable, same_request, verification_of
from logverdict.adapters.stores.tables import revisions, slices, verifications
from logverdict.domain.errors import AlreadyExists
from logverdict.domain.nearby import Nearby
from logverdict.domain.result import Event
from logverdict.domain.verification import Revision, SourceCall, Verification
from logverdict.verify.leases import Change, Lease, Versions
from logverdict.verify.nearby import MOST as MOST_NEARBY
from logverdict.verify.nearby import beside
from logverdict.verify.ports import Clock, Expiry, StoredSlice, TemplateRow

MAX_REVISIONS = 100


class SqlStore:
    """`verify.ports.Store`. A verification whose document is damaged is an error to `get`, but lists leave it out and
    log its name: one bad row does not take the others away."""

    def __init__(self, database: Database, replica: Replica, clock: Clock, epoch: int | None = None) -> None:
        self._database = database
        self._replica = replica
        self._clock = clock
        self._epoch = epoch
        self._lock: WriterLock | None = None
        self._access: Access | None = None

    @classmethod
    async def open(cls, path: Path, clock: Clock) -> Self:
        """The SQLite file, made or brought to this version's schema; this process is its only writer until `close`.

        Raises StoreBusy while another process has it, VerifyError STORE_TOO_NEW or STORE_UNAVAILABLE.
        """
        database, lock = await sqlite_file(path, clock.now())
        store = cls(database, Replica(secrets.token_hex(8), alone=True), clock)
        store._lock = lock
        return store

    @classmethod
    async def connect(cls, access: Access, clock: Clock) -> Self:
        """The PostgreSQL database, brought to this version's schema; other processes may have it too.

        Raises FailedPrecondition without a driver, VerifyError STORE_TOO_NEW or STORE_UNAVAILABLE.
        """
        store = cls(await postgres_database(access), Replica(secrets.token_hex(8), alone=False), clock)
        store._access = access
        return store

    async def close(self) -> None:
        await self._database.close()
        if self._lock is not None:
            self._lock.release()

    def tell(self, told: Told) -> None:
        """From now on of each transaction."""
        self._database.told = told

    def under(self, lease: Lease) -> "SqlStore":
        return SqlStore(self._database, self._replica, self._clock, lease.epoch)

    async def live(self, span: timedelta, rules: Collection[str] = (), judge: str = "") -> int:
        now, says = self._clock.now(), {"rules": " ".join(rules), "judge": judge}
        return await self._database.write(lambda connection: leases.live(connection, self._replica, span, now, says))

    async def held(self) -> Mapping[str, int]:
        return await self._database.read(lambda connection: leases.held(connection, self._replica))

    async def claim(
        self, most: int, mine: Collection[str], others: bool, rules: Collection[str] = ()
    ) -> Sequence[Lease]:
        async def work(connection: AsyncConnection) -> Sequence[Lease]:
            now = self._clock.now()
            free = await leases.free(connection, self._replica, now) if others else sa.false()
            ours = sa.and_(leases.begun(rules), await leases.judged(connection, self._replica, now))
            wanted = sa.and_(ours, sa.or_(leases.unowned(self._replica, mine), free))
            return await leases.claim(connection, self._replica, most, wanted)

        return await self._database.write(work)

    async def versions(self) -> Versions:
        return await self._database.read(
            lambda connection: leases.versions(connection, self._replica, self._clock.now())
        )

    async def release(self) -> None:
        await self._database.write(lambda connection: leases.release(connection, self._replica))

    async def newest(self, verification_ids: Collection[str]) -> Mapping[str, int]:
        return await self._database.read(lambda connection: leases.newest(connection, verification_ids))

    async def changes(self) -> AsyncGenerator[Change | None]:
        if self._access is not None:
            async with aclosing(heard(self._access, self._database.outage)) as told:
                async for change in told:
                    yield change

    @property
    def feedback(self) -> SqlFeedback:
        """What people say of events, in the same database."""
        return SqlFeedback(self._database)

    @property
    def past(self) -> SqlPast:
        """What comes after a verdict, in the same database."""
        return SqlPast(self._database)

    async def create(self, verification: Verification, per_caller: int | None = None) -> tuple[Verification, bool]:
        try:
            revision = await self._database.write(
                lambda connection: writes.insert(connection, verification, self._replica.id, per_caller)
            )
        except IntegrityError as fault:
            request = verification.request
            before = await self.by_request(request.caller, request.request_id, request.fingerprint)
            if before is None:
                raise AlreadyExists(f"{verification.name} exists already", name=verification.name) from fault
            return before, False
        return revision.verification, True

    async def by_request(self, caller: str, request_id: str, fingerprint: str) -> Verification | None:
        if not request_id:
            return None
        table = verifications.c
        query = sa.select(table.id, table.fingerprint, table.document)
        rows = await self._database.rows(query.where(table.caller == caller, table.request_id == request_id))
        return same_request(rows[0], request_id, fingerprint) if rows else None

    async def get(self, verification_id: str) -> Verification:
        return verification_of(await self._row(verification_id))

    async def save(self, verification: Verification) -> Revision:
        return await self._database.write(lambda connection: writes.update(connection, verification, self._epoch))

    async def revisions(self, verification_id: str, after: int) -> Sequence[Revision]:
        query = (
            sa.select(revisions.c.number, revisions.c.document)
            .where(revisions.c.verification_id == verification_id, revisions.c.number > after)
            .order_by(revisions.c.number)
            .limit(MAX_REVISIONS)
        )
        rows = await self._database.rows(query)
        return [REVISIONS.read(row.document, f"verifications/{verification_id} revision {row.number}") for row in rows]

    async def events(self, verification_id: str, filter: str, after: str, limit: int) -> tuple[Sequence[Event], str]:
        pages = EventPages(verification_id, filter, after, limit)
        rows, token = pages.cut(await self._database.rows(pages.query()))
        if not rows:
            await self._row(verification_id)
        found = [EVENTS.read(row.document, f"verifications/{verification_id} event {row.id}") for row in rows]
        return found, token

    async def list(self, filter: str, after: str, limit: int) -> tuple[Sequence[Verification], str]:
        pages = VerificationPages(filter, after, limit)
        rows, token = pages.cut(await self._database.rows(pages.query()))
        return readable(rows), token

    async def unfinished(self) -> Sequence[Verification]:
        return await self._many(verifications.c.end_time.is_(None), order=verifications.c.create_time)

    async def neighbours(self, service: str, environment: str, since: datetime) -> Sequence[Verification]:
        table = verifications.c
        where = (table.service == service, table.environment == environment, table.rollout_start >= since)
        return await self._many(*where, order=table.rollout_start)

    async def nearby(self, verification: Verification) -> Sequence[Nearby]:
        found = readable(await self._database.rows(maybe_nearby(verification)))
        return list(islice(beside(verification, found), MOST_NEARBY))

    async def put_slice(self, verification_id: str, piece: StoredSlice) -> None:
        await self._database.write(lambda connection: pieces.put_slice(connection, verification_id, piece, self._epoch))

    async def slices(self, verification_id: str) -> Sequence[StoredSlice]:
        query = sa.select(slices).where(slices.c.verification_id == verification_id)
        # Sorted here: databases differ in how they order texts.
        rows = sorted(await self._database.rows(query), key=lambda row: str(row.key))
        name = f"verifications/{verification_id} slice"
        return [StoredSlice(row.key, row.counts, COVERAGES.read(row.coverage, f"{name} {row.key}")) for row in rows]

    async def put_calls(self, verification_id: str, calls: Sequence[SourceCall]) -> None:
        if calls:
            await self._database.write(lambda connection: put_calls(connection, verification_id, calls, self._epoch))

    async def calls(self, verification_id: str, after: str, limit: int) -> tuple[Sequence[SourceCall], str]:
        pages = CallPages(verification_id, after, limit)
        rows, token = pages.cut(await self._database.rows(pages.query()))
        if not rows:
            await self._row(verification_id)
        return [read_call(row) for row in rows], token

    async def put_templates(self, verification_id: str, rows: Sequence[TemplateRow]) -> None:
        await self._database.write(
            lambda connection: pieces.put_templates(connection, verification_id, rows, self._epoch)
        )

    async def templates(self, verification_id: str) -> Sequence[TemplateRow]:
        return [read_template(row) for row in await self._database.rows(templates_of(verification_id))]

    async def good(self, service: str, environment: str, before: datetime, limit: int) -> Sequence[Verification]:
        return readable(await self._database.rows(good_before(service, environment, before, limit)))

    async def expire(self, due: Expiry) -> int:
        return await self._database.write(lambda connection: retention.step(connection, due))

    async def _row(self, verification_id: str) -> sa.Row[Any]:
        rows = await self._database.rows(sa.select(verifications).where(verifications.c.id == verification_id))
        if not rows:
            raise writes.not_found(verification_id)
        return rows[0]

    async def _many(self, *where: sa.ColumnElement[bool], order: sa.Column[Any]) -> Sequence[Verification]:
        query = sa.select(verifications.c.id, verifications.c.document, verifications.c.outcome).where(*where)
        return readable(await self._database.rows(query.order_by(order, verifications.c.id)))
