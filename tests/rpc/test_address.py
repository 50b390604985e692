"""Where the server may listen."""

import socket

import pytest

from logverdict.domain.errors import FailedPrecondition, InvalidRequest
from logverdict.rpc.address import Address


@pytest.mark.parametrize(
    ("text", "listens"),
    [
        ("127.0.0.1:50051", "127.0.0.1:50051"),
        ("localhost:0", "127.0.0.1:0"),
        ("[::1]:1", "[::1]:1"),
        ("unix:/run/lv.sock", "unix:/run/lv.sock"),
        ("unix:///run/lv.sock", "unix:/run/lv.sock"),
    ],
)
def test_this_machine_is_allowed(text, listens):
    """Loopback in both families, by name, and sockets."""
    assert str(Address.parse(text)) == listens


@pytest.mark.parametrize("text", ["0.0.0.0:1", "[::]:1", ":1", "10.0.0.1:1", "example.com:1", "169.254.0.1:80"])
def test_other_machines_are_kept_out(text):
    """Until callers are told apart, nobody else may reach the server."""
    with pytest.raises(InvalidRequest, match="listen: .* can be reached from other machines; allowed: 127"):
        Address.parse(text)


@pytest.mark.parametrize("text", ["", "localhost", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:65536", "127.0.0.1:-1"])
def test_an_address_needs_a_port(text):
    """The error says what an address looks like."""
    with pytest.raises(InvalidRequest, match="has no port; allowed:"):
        Address.parse(text)


@pytest.mark.parametrize("text", ["unix:", "unix:" + "x" * 101])
def test_a_socket_needs_a_path_that_fits(text):
    """The system's own limit is told before it is hit."""
    with pytest.raises(InvalidRequest, match="no path of 1 to 100 bytes"):
        Address.parse(text)


def test_a_taken_port_is_told():
    """The address and the cause are in the error."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        address = Address("127.0.0.1", taken.getsockname()[1])
        with pytest.raises(FailedPrecondition, match=rf"cannot listen on {address}: Address already in use"):
            address.check_free()


def test_a_taken_socket_is_told(tmp_path, monkeypatch):
    """A second server does not take the first one's place."""
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as taken:
        taken.bind("lv.sock")
        taken.listen()
        with pytest.raises(FailedPrecondition, match="somebody listens there already"):
            Address(path="lv.sock").check_free()


def test_a_socket_that_was_left_behind_is_free(tmp_path, monkeypatch):
    """After a crash the server starts again."""
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as gone:
        gone.bind("lv.sock")
    Address(path="lv.sock").check_free()
