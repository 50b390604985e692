"""Feedback on SQLite and in memory keeps the contract, and its history cannot be rewritten."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from contract.feedback_store import FeedbackStoreContract, created
from fakes.clock import FakeClock
from fakes.feedback import a_feedback
from fakes.feedback_store import MemoryFeedback
from logverdict.adapters.stores.feedback import SqlFeedback
from logverdict.adapters.stores.sql import SqlStore
from logverdict.adapters.stores.sqlite import open_engine
from logverdict.adapters.stores.tables import feedback_history


class TestMemory(FeedbackStoreContract):
    @pytest.fixture
    def store(self) -> MemoryFeedback:
        return MemoryFeedback()


class TestSqlite(FeedbackStoreContract):
    @pytest.fixture
    async def store(self, tmp_path: Path) -> AsyncIterator[SqlFeedback]:
        opened = await SqlStore.open(tmp_path / "logverdict.db", FakeClock())
        yield opened.feedback
        await opened.close()


@pytest.mark.parametrize("statement", [sa.update(feedback_history).values(author="me"), sa.delete(feedback_history)])
async def test_history_cannot_be_rewritten(tmp_path: Path, statement: sa.Executable) -> None:
    """The database itself refuses, whoever asks."""
    path = tmp_path / "logverdict.db"
    opened = await SqlStore.open(path, FakeClock())
    await opened.feedback.change([created(a_feedback())])
    await opened.close()
    engine = open_engine(path)
    with pytest.raises(IntegrityError, match="never changed"):
        async with engine.execution_options(writes=True).begin() as connection:
            await connection.execute(statement)
    await engine.dispose()


async def test_what_was_said_survives_a_restart(tmp_path: Path) -> None:
    """The next process has it, and its history."""
    path = tmp_path / "logverdict.db"
    for _ in range(2):
        opened = await SqlStore.open(path, FakeClock())
        if not (await opened.feedback.list("", "", 1))[0]:
            await opened.feedback.change([created(a_feedback())])
        else:
            assert await opened.feedback.get("f1") == a_feedback()
            assert len((await opened.feedback.history("f1", "", 5))[0]) == 1
        await opened.close()
