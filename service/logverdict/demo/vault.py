"""How checkout keeps card numbers: a hash up to 1.0, encrypted from 1.1 on (by a toy cipher, this is an example)."""

from collections.abc import Mapping
from hashlib import blake2b

KEYS_1_1 = {"visa": b"key-2026-visa", "mastercard": b"key-2026-mastercard"}
KEYS_1_2 = KEYS_1_1 | {"amex": b"key-2026-amex"}


class EncryptionError(Exception):
    """A card number could not be encrypted."""


class HashingVault:
    """1.0: keeps a hash of the card number."""

    def protect(self, scheme: str, card: str) -> str:
        return blake2b(f"{scheme}:{card}".encode(), digest_size=8).hexdigest()


class EncryptingVault:
    """1.1 and later: encrypts with a key for each card scheme. In 1.1 the key of one scheme was forgotten."""

    def __init__(self, keys: Mapping[str, bytes]) -> None:
        self._keys = keys

    def protect(self, scheme: str, card: str) -> str:
        return self._encrypt(self._key(scheme), card.encode()).hex()

    def _key(self, scheme: str) -> bytes:
        try:
            return self._keys[scheme]
        except KeyError as missing:
            raise EncryptionError(f"no encryption key for card scheme {scheme}") from missing

    def _encrypt(self, key: bytes, text: bytes) -> bytes:
        stream = blake2b(key=key, digest_size=len(text)).digest()
        return bytes(a ^ b for a, b in zip(text, stream, strict=True))


Vault = HashingVault | EncryptingVault
