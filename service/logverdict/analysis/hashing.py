"""Hashes that are the same on every machine and in every version: Polars' and Python's own are not."""

import hashlib

import numpy as np
import polars as pl

_BASE = np.uint64(0x100000001B3)
MAX_HASHED = 96
"""Characters that are hashed; longer texts that agree in them and in length have the same hash, which does no harm
where hashes only choose."""
_CHUNK = 8_192
"""Messages that are hashed at a time: bounds the memory."""


def short_hash(text: str) -> str:
    """16 hexadecimal characters."""
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def hashes(texts: pl.Series) -> pl.Series:
    """A 64-bit hash of each text: a polynomial over the UTF-8 bytes of its start, and its length, then mixed."""
    sizes = texts.str.len_bytes().to_numpy().astype(np.uint64)
    heads = texts.str.head(MAX_HASHED)
    parts = [
        _hash_chunk(heads[start : start + _CHUNK], sizes[start : start + _CHUNK])
        for start in range(0, len(texts), _CHUNK)
    ]
    return pl.Series("hash", np.concatenate(parts) if parts else np.empty(0, np.uint64), dtype=pl.UInt64)


def _hash_chunk(
    texts: pl.Series, whole: np.ndarray[tuple[int], np.dtype[np.uint64]]
) -> np.ndarray[tuple[int], np.dtype[np.uint64]]:
    sizes = texts.str.len_bytes().to_numpy().astype(np.int64)
    data = np.frombuffer(texts.str.join("").item().encode(), np.uint8).astype(np.uint64)
    starts = np.concatenate(([0], np.cumsum(sizes)[:-1]))
    with np.errstate(over="ignore"):
        powers = np.cumprod(np.full(max(int(sizes.max(initial=0)), 1), _BASE))
        place = np.arange(len(data)) - np.repeat(starts, sizes)
        summed = np.concatenate(([np.uint64(0)], np.cumsum((data + np.uint64(1)) * powers[place])))
        value = summed[starts + sizes] - summed[starts] + whole * np.uint64(0x9E3779B97F4A7C15)
        return mix(value)


def mix(value: np.ndarray[tuple[int], np.dtype[np.uint64]]) -> np.ndarray[tuple[int], np.dtype[np.uint64]]:
    """Spreads every bit of the values over all bits (the finish of splitmix64)."""
    with np.errstate(over="ignore"):
        value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return value ^ (value >> np.uint64(31))
