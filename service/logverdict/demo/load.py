"""Load on the example service, a process: `python -m logverdict.demo.load FOLDER REQUESTS_PER_SECOND`."""

import asyncio
import json
import sys
from contextlib import suppress
from hashlib import blake2b
from itertools import count
from pathlib import Path

from logverdict.demo.chance import Dice
from logverdict.demo.checkout import told_to_stop

SCHEMES = (("amex", 0.12), ("mastercard", 0.45), ("visa", 1.0))
"""Card schemes, with the share of orders up to each."""


class Customers:
    """Half of them look at a cart, half of them order."""

    def __init__(self) -> None:
        self._numbers = count(1)
        self._dice = Dice("customers")

    def next(self) -> bytes:
        number = next(self._numbers)
        id = blake2b(str(number).encode(), digest_size=6).hexdigest()
        if number % 2:
            return f"GET /carts/{id} HTTP/1.1\r\nhost: checkout\r\n\r\n".encode()
        place = self._dice.roll()
        scheme = next(name for name, share in SCHEMES if place < share)
        body = json.dumps({"scheme": scheme, "card": f"{number:016}"})
        return f"POST /orders/{id} HTTP/1.1\r\nhost: checkout\r\ncontent-length: {len(body)}\r\n\r\n{body}".encode()


async def send(port: int, request: bytes) -> None:
    """One request; an instance that has just gone away is the customer's bad luck, not ours."""
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(request)
        await reader.read()
        writer.close()
    except ConnectionError:
        return


def listening(folder: Path) -> list[int]:
    """The ports of the instances that are there; one may withdraw its file between the listing and the reading."""
    ports = []
    for path in sorted(path for path in folder.iterdir() if not path.name.startswith(".")):
        with suppress(FileNotFoundError):
            ports.append(int(path.read_text()))
    return ports


async def press(folder: Path, rate: float) -> None:
    """Sends `rate` requests a second, in turn to the instances that are there, whether or not answers have come."""
    loop, customers = asyncio.get_running_loop(), Customers()
    running: set[asyncio.Task[None]] = set()
    started = loop.time()
    for number in count():
        await asyncio.sleep(started + number / rate - loop.time())
        if ports := listening(folder):
            # Each pair of requests (a cart, an order) goes to the same instance, so all get the same mix.
            port = ports[number // 2 % len(ports)]
            task = asyncio.create_task(send(port, customers.next()))
            running.add(task)
            task.add_done_callback(running.discard)


async def run(folder: Path, rate: float) -> None:
    pressing = asyncio.create_task(press(folder / "endpoints", rate))
    stop = asyncio.create_task(told_to_stop())
    done, _ = await asyncio.wait({pressing, stop}, return_when=asyncio.FIRST_COMPLETED)
    for task in done:
        task.result()
    pressing.cancel()


if __name__ == "__main__":
    asyncio.run(run(Path(sys.argv[1]), float(sys.argv[2])))
