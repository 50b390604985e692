"""Values as documents and back: JSON with stable bytes, in which infinite and undefined numbers survive."""

from typing import Any, Generic, TypeVar

from pydantic import ConfigDict, TypeAdapter, ValidationError

from logverdict.domain.errors import StoreBroken, VerifyError
from logverdict.domain.result import Event
from logverdict.domain.verification import Coverage, Revision, Verification

Value = TypeVar("Value")
CONFIG = ConfigDict(ser_json_inf_nan="strings")


class Codec(Generic[Value]):
    """Writes and reads one type of value."""

    def __init__(self, kind: type[Value]) -> None:
        # The union only carries the configuration: pydantic takes none for a bare dataclass. Infinity is written as a
        # string, so that a document stays JSON for databases that check it.
        document: Any = kind | None
        self._adapter: TypeAdapter[Value | None] = TypeAdapter(document, config=CONFIG)

    def write(self, value: Value) -> str:
        return self._adapter.dump_json(value).decode()

    def read(self, document: str, name: str) -> Value:
        """`name` says whose document it is. Raises VerifyError STORED_DATA_UNREADABLE."""
        try:
            value = self._adapter.validate_json(document)
        except (ValidationError, VerifyError) as fault:
            raise unreadable(name) from fault
        if value is None:
            raise unreadable(name)
        return value


def unreadable(name: str) -> StoreBroken:
    return StoreBroken(
        f"what is stored of {name} cannot be read; restore it from a backup", reason="STORED_DATA_UNREADABLE", name=name
    )


VERIFICATIONS = Codec(Verification)
REVISIONS = Codec(Revision)
EVENTS = Codec(Event)
COVERAGES = Codec(Coverage)
