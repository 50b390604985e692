"""The example service of the demo: what its versions do, and that they really run."""

import asyncio
import json
import logging
from pathlib import Path

import pytest

from logverdict.demo.chance import Dice
from logverdict.demo.fleet import INSTANCES, Fleet, FleetError
from logverdict.demo.jsonlines import JsonLines
from logverdict.demo.load import Customers
from logverdict.demo.vault import KEYS_1_1, KEYS_1_2, EncryptingVault, EncryptionError, HashingVault


async def order(fleet: Fleet, scheme: str) -> int:
    """Orders from the first instance; the status."""
    endpoint = min((fleet.logs.parent / "endpoints").iterdir())
    reader, writer = await asyncio.open_connection("127.0.0.1", int(endpoint.read_text()))
    body = json.dumps({"scheme": scheme, "card": "4711"}).encode()
    writer.write(b"POST /orders/ab12 HTTP/1.1\r\ncontent-length: %d\r\n\r\n" % len(body) + body)
    answer = await reader.read()
    writer.close()
    return int(answer.split()[1])


def entries(fleet: Fleet) -> list[dict[str, str]]:
    return [json.loads(line) for path in sorted(fleet.logs.iterdir()) for line in path.read_text().splitlines()]


async def test_a_deployment_replaces_every_instance(tmp_path: Path) -> None:
    """After a deployment the new version answers, from as many instances, and the old processes are gone."""
    async with Fleet(tmp_path) as fleet:
        await fleet.deploy("1.0")
        assert await order(fleet, "amex") == 201
        rollout = await fleet.deploy("1.1")
        assert await order(fleet, "amex") == 500
        assert rollout.start < rollout.end
    stopped = [entry["version"] for entry in entries(fleet) if " stops, " in entry["message"]]
    assert sorted(stopped) == ["1.0"] * INSTANCES + ["1.1"] * INSTANCES


async def test_the_defect_is_logged_with_its_stack_trace(tmp_path: Path) -> None:
    """An order that can't be encrypted is one ERROR entry that holds the exception and where it came from."""
    async with Fleet(tmp_path) as fleet:
        await fleet.deploy("1.1")
        await order(fleet, "amex")
    failed = [entry for entry in entries(fleet) if entry["level"] == "ERROR"]
    assert len(failed) == 1
    assert "no encryption key for card scheme amex\nTraceback" in failed[0]["message"]
    assert "EncryptionError" in failed[0]["message"]


async def test_an_instance_that_dies_is_told(tmp_path: Path) -> None:
    """A version that does not exist ends its processes, and the fleet says so instead of waiting."""
    async with Fleet(tmp_path) as fleet:
        with pytest.raises(FleetError, match="ended by itself"):
            await fleet.deploy("0.9")


def test_only_one_scheme_is_broken_and_then_fixed() -> None:
    """1.1 encrypts all card schemes but one, 1.2 encrypts all of them."""
    broken, fixed = EncryptingVault(KEYS_1_1), EncryptingVault(KEYS_1_2)
    assert broken.protect("visa", "4711") == fixed.protect("visa", "4711") != HashingVault().protect("visa", "4711")
    assert fixed.protect("amex", "4711")
    with pytest.raises(EncryptionError, match="no encryption key for card scheme amex"):
        broken.protect("amex", "4711")


@pytest.mark.parametrize("share", [0.015, 0.15])
def test_shares_come_out_as_asked(share: float) -> None:
    """A few hundred rolls hit a share almost exactly, whatever the seed: this is why the demo does not flake."""
    for seed in ("a", "b", "c"):
        dice = Dice(seed)
        assert abs(sum(dice.below(share) for _ in range(400)) - 400 * share) <= 2


def test_customers_order_with_every_scheme() -> None:
    """Half of the requests are orders, one in eight of them with the card scheme that 1.1 can't encrypt."""
    customers = Customers()
    requests = [customers.next() for _ in range(800)]
    assert sum(request.startswith(b"POST") for request in requests) == 400
    assert 44 <= sum(b'"amex"' in request for request in requests) <= 52


def test_an_entry_is_one_line() -> None:
    """A log entry is one JSON line with a time zone, even when its message has several lines."""
    record = logging.LogRecord("checkout", logging.WARNING, "", 0, "first\nsecond", (), None)
    line = JsonLines("pod-1", "1.0").format(record)
    entry = json.loads(line)
    assert "\n" not in line
    assert entry["level"] == "WARN"
    assert entry["@timestamp"].endswith("Z")
