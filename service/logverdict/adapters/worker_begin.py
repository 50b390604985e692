"""How a worker process begins. Nothing large is imported here: how many threads they use is read when they are."""

import multiprocessing
import os
import signal
import threading

from logverdict.adapters.importing import importing


def begin(threads: int) -> None:
    """Before Polars and BLAS are imported: their thread counts. Ctrl-C is for the parent to handle."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    for name in ("POLARS_MAX_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[name] = str(threads)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with importing():
        import logverdict.adapters.workers
        import logverdict.verify.judging  # noqa: F401  the first task should not wait for it


def _end_with_parent() -> None:
    """A server that is killed (kill -9) can't end its workers: they would wait for work for ever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
