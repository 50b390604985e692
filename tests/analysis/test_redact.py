"""What may not be kept of a message."""

import polars as pl
import pytest

from logverdict.analysis.count import kept_keys
from logverdict.analysis.mask import mask
from logverdict.analysis.redact import redact

SECRETS = (
    ("login password=Correct-Horse ok", "Correct-Horse"),
    ("login password=hunter2 ok", "hunter"),
    ('{"api_key": "abcdefGHIJKL", "user": 7}', "abcdefGHIJKL"),
    ("Authorization: Bearer qwer.tyui-op9", "qwer"),
    ("sent Bearer zzz9.uuuu.vvvv to db", "uuuu"),
    ("mail to ann.lee99@mail2.example.org sent", "ann"),
    ("GET http://bob:hunter2x@db7/x", "bob"),
    ("paid with 4111 1111 1111 1111", "4111"),
    ("using AKIAABCDEFGHIJKLMNOP now", "AKIAABCD"),
    ("-----BEGIN RSA PRIVATE KEY-----\nMIIabc\n-----END RSA PRIVATE KEY-----", "MII"),
)


@pytest.mark.parametrize(("message", "secret"), SECRETS)
def test_a_key_keeps_no_secret(message: str, secret: str) -> None:
    """Counts, samples and templates all come from redacted keys."""
    kept = kept_keys(pl.Series([message]))
    assert secret not in kept[0]
    assert secret not in mask(kept[0])
    assert kept.to_list() == redact(kept).to_list()
