"""Where to listen: on this machine only, until callers are told apart."""

import socket
from dataclasses import dataclass
from ipaddress import ip_address

from logverdict.domain.errors import FailedPrecondition, InvalidRequest

ALLOWED = "allowed: 127.0.0.1:PORT, [::1]:PORT, localhost:PORT or unix:PATH, as callers are not told apart yet"


@dataclass(frozen=True, slots=True)
class Address:
    """`path` of a socket, or `host` and `port` (0: any free one)."""

    host: str = ""
    port: int = 0
    path: str = ""

    @classmethod
    def parse(cls, text: str) -> "Address":
        """Raises InvalidRequest for what is no address, or is one that other machines reach."""
        if text.startswith("unix:"):
            return cls(path=_path(text))
        host, colon, port = text.rpartition(":")
        if not colon or not port.isascii() or not port.isdigit() or int(port) > 65_535:
            raise InvalidRequest("listen", f"{text!r} has no port; {ALLOWED}", value=text)
        host = "127.0.0.1" if host.lower() == "localhost" else host.removeprefix("[").removesuffix("]")
        if not _loopback(host):
            raise InvalidRequest("listen", f"{text!r} can be reached from other machines; {ALLOWED}", value=text)
        return cls(host, int(port))

    def __str__(self) -> str:
        if self.path:
            return f"unix:{self.path}"
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    def check_free(self) -> None:
        """Raises FailedPrecondition when somebody listens there or we may not: grpc would not say which."""
        try:
            self._try_path() if self.path else self._try_port()
        except OSError as error:
            raise cannot_listen(self, error.strerror or str(error)) from None

    def _try_port(self) -> None:
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((self.host, self.port))

    def _try_path(self) -> None:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
            try:
                probe.connect(self.path)
            except (FileNotFoundError, ConnectionRefusedError):
                return
        raise OSError("somebody listens there already")


def cannot_listen(address: Address, why: str) -> FailedPrecondition:
    return FailedPrecondition(f"cannot listen on {address}: {why}", reason="CANNOT_LISTEN", address=str(address))


def _path(text: str) -> str:
    path = text.removeprefix("unix:")
    path = path.removeprefix("//") if path.startswith("///") else path
    if not path or len(path.encode()) > 100:
        raise InvalidRequest("listen", f"{text!r} has no path of 1 to 100 bytes; {ALLOWED}", value=text)
    return path


def _loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
