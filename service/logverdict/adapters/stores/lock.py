"""The one-writer lock: a file beside the store, locked by the operating system for as long as its holder lives."""

import fcntl
import os
from datetime import datetime
from pathlib import Path

from logverdict.domain.errors import StoreBusy


class WriterLock:
    """Held from `take` to `release`, or until the process dies, however it dies. The file itself stays."""

    def __init__(self, handle: int) -> None:
        self._handle: int | None = handle

    @classmethod
    def take(cls, store: Path, now: datetime) -> "WriterLock":
        """Raises StoreBusy naming the store and its holder, OSError where the file cannot be made."""
        handle = os.open(f"{store}.lock", os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(handle, 200, 0).decode(errors="replace").strip() or "unknown"
            os.close(handle)
            raise _busy(store, holder) from None
        os.ftruncate(handle, 0)
        os.pwrite(handle, f"{os.getpid()} since {now.isoformat(timespec='seconds')}\n".encode(), 0)
        return cls(handle)

    def release(self) -> None:
        if self._handle is not None:
            os.ftruncate(self._handle, 0)
            os.close(self._handle)
            self._handle = None


def _busy(store: Path, holder: str) -> StoreBusy:
    return StoreBusy(
        f"store {store} is held by process {holder}; stop it, or give this one another store",
        store=str(store),
        pid=holder.split(" ", 1)[0],
    )
