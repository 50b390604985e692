"""The audit of calls to sources: adapters say what they ask, whoever reads for a verification hears it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace

from logverdict.domain.verification import SourceCall

_hearer: ContextVar[Callable[[SourceCall], None] | None] = ContextVar("hearer", default=None)


@contextmanager
def hearing(hear: Callable[[SourceCall], None], source: str = "") -> Iterator[None]:
    """Calls made inside, by tasks that start there too, are told to `hear`, perhaps in a thread, those without a name
    as calls to `source`. Threads need a copy of the context."""

    def named(call: SourceCall) -> None:
        hear(call if call.source else replace(call, source=source))

    token = _hearer.set(named)
    try:
        yield
    finally:
        _hearer.reset(token)


def heard() -> bool:
    """Whether anybody listens: where not, nothing has to be told."""
    return _hearer.get() is not None


def tell(call: SourceCall) -> None:
    """Called by adapters, once a call has ended; secrets are already removed from it."""
    if (hear := _hearer.get()) is not None:
        hear(call)
