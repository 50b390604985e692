"""The Elasticsearch source on a real node with TLS and users: each way to be known, and each refusal."""

import base64
import hashlib
import json
import secrets
import ssl
import urllib.error
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from contract.log_source import at, read, window
from logverdict.adapters.sources.elasticsearch import ElasticsearchSource
from logverdict.connections import ElasticsearchConnection
from logverdict.domain.errors import QueryRejected, SourceUnavailable
from logverdict.domain.profile import SourceSpec
from servers.elasticsearch.fixtures import bulk, secured_node
from servers.elasticsearch.node import PASSWORD, Node

pytestmark = [pytest.mark.timeout(400), pytest.mark.slow]
READER = {"indices": [{"names": ["secured-*"], "privileges": ["read", "view_index_metadata"]}]}
SECRET = "LOGVERDICT_TEST_SECRET_OF_ELASTICSEARCH"


@pytest.fixture
def server() -> Node:
    return secured_node()


@pytest.fixture
def index(server: Node) -> Iterator[str]:
    index = f"secured-{secrets.token_hex(6)}"
    fields = {"@timestamp": {"type": "date"}, "message": {"type": "text"}}
    server.call("PUT", f"/{index}", {"mappings": {"properties": fields}})
    bulk(server, index, [json.dumps({"@timestamp": at(1).isoformat(), "message": "ready"})])
    yield index
    server.call("DELETE", f"/{index}")


class Reading:
    """Reads by connections as an operator writes them; all are closed at the end."""

    def __init__(self, server: Node, index: str, patch: pytest.MonkeyPatch) -> None:
        self.server, self.index, self._patch = server, index, patch
        self.sources: list[ElasticsearchSource] = []
        self.ca = str(server.run / "config" / "ca.pem")

    async def by(self, secret: str = "", **connection: object) -> list[str]:
        self._patch.setenv(SECRET, secret)
        tls = {} if {"ca_file", "fingerprint", "verify"} & set(connection) else {"ca_file": self.ca}
        section = {"kind": "elasticsearch", "urls": self.server.url, **tls, **connection}
        self.sources.append(ElasticsearchSource(ElasticsearchConnection.model_validate(section).access()))
        return await self.again()

    async def again(self) -> list[str]:
        spec = SourceSpec("app", "logs", "*", options={"index": self.index})
        return [row[1] for row in await read((self.sources[-1], spec), window(0, 10))]


@pytest.fixture
async def reading(server: Node, index: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Reading]:
    reading = Reading(server, index, monkeypatch)
    yield reading
    for source in reading.sources:
        await source.aclose()


def api_key(server: Node, role: object) -> dict[str, str]:
    body = {"name": f"test-{secrets.token_hex(4)}", "role_descriptors": {"reader": role}}
    return server.call("POST", "/_security/api_key", body)  # type: ignore[return-value]


def trial(server: Node) -> None:
    """Tokens and certificates are not in the licence that a server begins with."""
    try:
        server.call("POST", "/_license/start_trial?acknowledge=true")
    except urllib.error.HTTPError as fault:
        assert fault.code == 403, fault  # it was started by a test before


async def test_a_user_and_password(reading: Reading) -> None:
    """Right, they read; wrong, they are refused without being shown."""
    assert await reading.by(PASSWORD, username="admin", password_env=SECRET) == ["ready"]
    with pytest.raises(QueryRejected, match=r"credentials \(HTTP 401\)") as refused:
        await reading.by("opensesame", username="admin", password_env=SECRET)
    assert "opensesame" not in str(refused.value)


async def test_a_secret_may_change_under_way(reading: Reading, tmp_path: Path) -> None:
    """A file is read for each read: a new password counts without a restart."""
    file = tmp_path / "password"
    file.write_text("old\n")
    with pytest.raises(QueryRejected, match="401"):
        await reading.by(username="admin", password_file=str(file))
    file.write_text(f"{PASSWORD}\n")
    assert await reading.again() == ["ready"]
    file.unlink()
    with pytest.raises(QueryRejected, match="secret or certificate of the connection can't be read") as gone:
        await reading.again()
    assert str(file) not in str(gone.value)


async def test_an_api_key_with_the_least_rights(reading: Reading, server: Node) -> None:
    """read and view_index_metadata on the indices are enough, with the key encoded or in two parts."""
    key = api_key(server, READER)
    assert await reading.by(key["encoded"], api_key_env=SECRET) == ["ready"]
    assert await reading.by(key["api_key"], api_key_id=key["id"], api_key_env=SECRET) == ["ready"]


async def test_a_missing_right_is_named(reading: Reading, server: Node) -> None:
    """A key for other indices, and one that may not read, are refused with what they lack."""
    other = api_key(server, {"indices": [{"names": ["other"], "privileges": ["read"]}]})
    with pytest.raises(QueryRejected, match=r"lacks the right to indices:data/read/field_caps.*privileges .*read"):
        await reading.by(other["encoded"], api_key_env=SECRET)
    blind = api_key(server, {"indices": [{"names": ["secured-*"], "privileges": ["view_index_metadata"]}]})
    with pytest.raises(QueryRejected, match=r"lacks the right to indices:data/read/open_point_in_time.*read"):
        await reading.by(blind["encoded"], api_key_env=SECRET)


async def test_a_pattern_on_forbidden_indices_is_no_silence(reading: Reading, server: Node) -> None:
    """A pattern means only what may be seen: nothing at all is refused."""
    other = api_key(server, {"indices": [{"names": ["other"], "privileges": ["read"]}]})
    reading.index = "secured-*"
    with pytest.raises(QueryRejected, match=r"options\.index"):
        await reading.by(other["encoded"], api_key_env=SECRET)


async def test_a_bearer_token(reading: Reading, server: Node) -> None:
    """A token reads until it is invalid."""
    trial(server)
    grant = {"grant_type": "password", "username": "admin", "password": PASSWORD}
    token = str(server.call("POST", "/_security/oauth2/token", grant)["access_token"])
    assert await reading.by(token, token_env=SECRET) == ["ready"]
    server.call("DELETE", "/_security/oauth2/token", {"token": token})
    with pytest.raises(QueryRejected, match="401"):
        await reading.again()


async def test_a_client_certificate(reading: Reading, server: Node) -> None:
    """Who has it is known by it; with none the server knows nobody."""
    trial(server)
    files = {
        "client_cert": str(server.run / "config" / "robot.pem"),
        "client_key": str(server.run / "config" / "robot.key"),
    }
    assert await reading.by(**files) == ["ready"]
    with pytest.raises(QueryRejected, match="401"):
        await reading.by()


async def test_the_server_has_to_show_who_it_is(reading: Reading, server: Node) -> None:
    """By an authority, by its fingerprint, or not at all where the operator says so; else nothing is sent."""
    basic = {"username": "admin", "password_env": SECRET}
    pem = (server.run / "config" / "node.pem").read_text()
    fingerprint = hashlib.sha256(ssl.PEM_cert_to_DER_cert(pem)).hexdigest()
    assert await reading.by(PASSWORD, fingerprint=fingerprint, **basic) == ["ready"]
    assert await reading.by(PASSWORD, verify=False, **basic) == ["ready"]
    with pytest.raises(SourceUnavailable, match="certificate|reached"):
        await reading.by(PASSWORD, fingerprint="ab" * 32, **basic)
    with pytest.raises(SourceUnavailable, match="certificate"):
        await reading.by(PASSWORD, verify=True, **basic)


async def test_nothing_secret_is_shown(server: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither a connection nor its access has the secret in its text."""
    monkeypatch.setenv(SECRET, PASSWORD)
    section = {"kind": "elasticsearch", "urls": server.url, "username": "admin", "password_env": SECRET}
    connection = ElasticsearchConnection.model_validate(section)
    access = replace(connection.access(), timeout=5.0)
    assert access.secret().get_secret_value() == PASSWORD
    shown = f"{connection!r} {access!r} {access.secret()!r} {ElasticsearchSource(access)!r}"
    assert PASSWORD not in shown and base64.b64encode(PASSWORD.encode()).decode() not in shown
