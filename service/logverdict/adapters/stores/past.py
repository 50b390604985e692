"""What comes after a verdict, on a SQL database."""

from collections.abc import Sequence
from datetime import datetime

from logverdict.adapters.stores import outcomes, pins, writes
from logverdict.adapters.stores.database import Database
from logverdict.adapters.stores.sightings import sightings, template
from logverdict.adapters.stores.statistics import statistics
from logverdict.adapters.stores.template_pages import template_page
from logverdict.domain.afterwards import Pin, RecordedOutcome
from logverdict.domain.verification import Revision, Verification
from logverdict.domain.window import Window
from logverdict.verify.history_ports import Grouping, Sighting, Statistics, TemplateSeen


class SqlPast:
    """`verify.history_ports.PastStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def amend(self, verification: Verification) -> Revision:
        return await self._database.write(lambda connection: writes.amend(connection, verification))

    async def record(self, outcome: RecordedOutcome) -> RecordedOutcome:
        return await self._database.write(lambda connection: outcomes.append(connection, outcome))

    async def outcomes(self, verification_id: str) -> Sequence[RecordedOutcome]:
        return await self._database.read(lambda connection: outcomes.recorded(connection, verification_id))

    async def newest(self, service: str, environment: str, version: str, at: datetime | None) -> str:
        return await self._database.read(
            lambda connection: outcomes.newest(connection, service, environment, version, at)
        )

    async def pin(self, pin: Pin) -> None:
        await self._database.write(lambda connection: pins.put(connection, pin))

    async def unpin(self, verification_id: str) -> None:
        await self._database.write(lambda connection: pins.remove(connection, verification_id))

    async def pins(self, service: str, environment: str) -> Sequence[Pin]:
        return await self._database.read(lambda connection: pins.found(connection, service, environment))

    async def statistics(self, period: Window, filter: str, grouping: Grouping | None) -> Statistics:
        return await self._database.read(lambda connection: statistics(connection, period, filter, grouping))

    async def templates(self, filter: str, text: str, after: str, limit: int) -> tuple[Sequence[TemplateSeen], str]:
        return await self._database.read(lambda connection: template_page(connection, filter, text, after, limit))

    async def template(self, template_id: str, service: str, environment: str, filter: str) -> TemplateSeen:
        return await self._database.read(
            lambda connection: template(connection, template_id, service, environment, filter)
        )

    async def sightings(self, template_id: str, filter: str, after: str, limit: int) -> tuple[Sequence[Sighting], str]:
        return await self._database.read(lambda connection: sightings(connection, template_id, filter, after, limit))
