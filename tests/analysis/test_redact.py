"""What may not be kept of a message."""

import polars as pl
import pytest

from logverdict.analysis.count import kept_keys
from logverdict.analysis.mask import mask
from logverdict.analysis.redact import fault_of, redact, unlike
from logverdict.domain.redaction import Redaction

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


CUSTOMER = Redaction("customer", r"(customer )[A-Za-z#]+", "$1<customer>")


def test_own_rules_come_beside_ours() -> None:
    """What the operator's rules take leaves messages and keys alike, with the groups that stay; secrets leave too."""
    messages = pl.Series(["customer Meier paid", "customer M7 password=hunter", "all well"])
    assert redact(messages, [CUSTOMER]).to_list() == [
        "customer <customer> paid",
        "customer <customer>7 password=<secret>",
        "all well",
    ]
    kept = kept_keys(messages, [CUSTOMER]).to_list()
    assert kept == ["customer <customer> paid", "customer <customer> password=<secret>", "all well"]


def test_own_rules_may_be_checked() -> None:
    """A pattern that the engine of linear time refuses, or that fits everywhere, has a fault; an example that it fits
    only as it is logged is given back as it is kept."""
    assert "look-around" in fault_of(r"(?<=a)b")
    assert "unclosed" in fault_of("(")
    assert "everywhere" in fault_of("x*")
    assert fault_of(CUSTOMER.pattern) == ""
    assert unlike(Redaction("order", "order [0-9]+"), "order 77") == "order #"
    assert unlike(CUSTOMER, "customer Meier") == ""
