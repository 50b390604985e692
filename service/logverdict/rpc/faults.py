"""Faults of a request, collected so that the caller learns all of them at once."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from logverdict.domain.errors import InvalidRequest, InvalidText


class Fault(NamedTuple):
    """`field` is the path of the faulty field, as in `verification.baseline.windows[0].end_time`."""

    field: str
    message: str


class InvalidFields(InvalidRequest):
    """Several faults of one request; `field` and `fault` are those of the first."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__(faults[0].field, faults[0].message, faults=str(len(faults)))
        self.faults = faults
        self.message = "; ".join(f"{field}: {message}" for field, message in faults)
        self.args = (self.message,)


class Faults:
    """The first fault of each field; what follows from it is not told."""

    def __init__(self) -> None:
        self._found: dict[str, str] = {}

    def add(self, field: str, message: str) -> None:
        self._found.setdefault(field, message)

    @contextmanager
    def under(self, path: str) -> Iterator[None]:
        """Keeps what is raised inside as a fault, its field below `path`."""
        try:
            yield
        except InvalidRequest as error:
            self.add(join(path, error.field), error.fault)

    def check(self) -> None:
        """Raises InvalidRequest for one fault, InvalidFields for several."""
        faults = [Fault(field, message) for field, message in self._found.items()]
        if len(faults) == 1:
            raise InvalidRequest(*faults[0])
        if faults:
            raise InvalidFields(faults)


def join(path: str, field: str) -> str:
    return f"{path}.{field}" if path and field else path or field


def faults_of(error: InvalidRequest) -> list[Fault]:
    if isinstance(error, InvalidText):
        return [Fault(error.field, mistake) for mistake in error.mistakes]
    return error.faults if isinstance(error, InvalidFields) else [Fault(error.field, error.fault)]
