"""How large libraries are loaded by processes that work with columns: fast, and with little memory beside the data."""

import gc
import os
from collections.abc import Iterator
from contextlib import contextmanager

ALLOCATORS = {"_RJEM_MALLOC_CONF": "narenas:1", "MALLOC_ARENA_MAX": "1"}
"""Polars' allocator and the C library's each keep what was freed in pools of several threads: a quarter of the server's
memory. The second is read when a process starts, so it is for the workers."""


@contextmanager
def importing() -> Iterator[None]:
    """Without the collector of cycles, which would walk over all that is there again and again. What is there at the
    end is taken to last as long as the process: the collector passes it over from then on, and when the process ends,
    which takes a third of a second else. What the environment says of allocators holds."""
    for name, value in ALLOCATORS.items():
        os.environ.setdefault(name, value)
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if collecting:
            gc.enable()
