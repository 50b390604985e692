"""What checkout does with a cart and an order, and what it logs meanwhile; its versions differ here."""

import asyncio
import logging
from dataclasses import dataclass

from logverdict.demo.chance import Chances, Dice
from logverdict.demo.vault import KEYS_1_1, KEYS_1_2, EncryptingVault, EncryptionError, HashingVault, Vault

RETRIES = 3


@dataclass(frozen=True, slots=True)
class Release:
    """What a version brings: how it keeps cards, and how long it waits for the payment gateway."""

    vault: Vault
    gateway_timeout: float


RELEASES = {
    "1.0": Release(HashingVault(), gateway_timeout=1.0),
    # The defect, twice: a key is missing, and the time-out was cut below what the gateway needs for one call in four.
    "1.1": Release(EncryptingVault(KEYS_1_1), gateway_timeout=0.06),
    "1.2": Release(EncryptingVault(KEYS_1_2), gateway_timeout=1.0),
}


class Gateway:
    """The payment provider: most calls take 10–40 ms, some up to 140, a few hang. One that is made again finds what the
    first has left, and is answered at once: that a second one hangs too must not be a matter of chance."""

    def __init__(self, dice: Dice) -> None:
        self._dice = dice

    async def authorise(self, *, again: bool) -> None:
        if again:
            return await asyncio.sleep(0.02)
        place = self._dice.roll()
        await asyncio.sleep(10.0 if place < 0.025 else 0.08 + place / 4 if place < 0.25 else place * 0.04)


class Shop:
    def __init__(self, release: Release, instance: str, log: logging.Logger) -> None:
        self._release = release
        self._log = log
        self._chances = Chances(instance)
        self._gateway = Gateway(self._chances.of("gateway"))

    async def cart(self, cart: str) -> int:
        """Answers with the cart; the status."""
        if self._chances.of("cache").below(0.8):
            self._log.debug("cache hit for cart %s", cart)
            return 200
        self._log.debug("cache miss for cart %s, reading it from the database", cart)
        await self._query()
        return 200

    async def order(self, order: str, scheme: str, card: str) -> int:
        """Takes the money for an order; the status."""
        self._log.info("order %s accepted: %d items", order, self._chances.of("items").between(1, 9))
        try:
            self._release.vault.protect(scheme, card)
            await self._pay(order)
        except EncryptionError as fault:
            self._log.exception("order %s failed: %s", order, fault)
            return 500
        self._troubles()
        return 201

    async def _pay(self, order: str) -> None:
        for attempt in range(1, RETRIES + 1):
            try:
                async with asyncio.timeout(self._release.gateway_timeout):
                    await self._gateway.authorise(again=attempt > 1)
            except TimeoutError:
                wait = self._release.gateway_timeout * 1000
                self._log.warning(
                    "payment gateway gave no answer in %d ms, retry %d of %d for order %s",
                    wait, attempt, RETRIES, order,
                )  # fmt: skip
            else:
                self._log.info("payment for order %s authorised by gateway", order)
                return
        self._log.warning("payment for order %s is left to the nightly run", order)

    async def _query(self) -> None:
        took = self._chances.of("query").between(2, 30)
        if self._chances.of("slow query").below(0.08):
            took += 200
            self._log.warning("slow query: select from carts took %d ms", took)
        await asyncio.sleep(took / 1000)

    def _troubles(self) -> None:
        """What is known to go wrong in every version."""
        if self._chances.of("stock").below(0.025):
            self._log.warning("stock of item %d is low: %d left", self._chances.of("item").between(1000, 9999), 3)
        if self._chances.of("recommendations").below(0.02):
            self._log.error("recommendation service answered 503, going on without recommendations")
