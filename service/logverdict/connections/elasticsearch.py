"""Connections of kind `elasticsearch` in the operator's settings."""

import base64
import binascii
import ipaddress
import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, model_validator
from pydantic.functional_validators import AfterValidator, BeforeValidator

from logverdict.adapters.profiles.types import Span, refuse
from logverdict.adapters.sources.elasticsearch_access import FINGERPRINT, Access
from logverdict.adapters.sources.links import Address, Kibana, Link
from logverdict.connections.base import Located, Searches, Section, Variable, there
from logverdict.connections.links import LinkTemplate, PageBase, one_link

SECRETS = ("password_env", "password_file", "api_key_env", "api_key_file", "token_env", "token_file")
AUTH = {"password": "basic", "api_key": "api_key", "token": "bearer"}


def _url(text: str) -> str:
    """Faults do not repeat the text: somebody may have put a password in it."""
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host = None
    if not host or parts.scheme not in ("http", "https") or "@" in parts.netloc or parts.query or parts.fragment:
        raise refuse("is no address of an Elasticsearch", "https://HOST:9200, without user or password")
    port = parts.port or (443 if parts.scheme == "https" else 80)
    shown = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{shown}:{port}{parts.path.rstrip('/')}"


def _cloud_id(text: str) -> str:
    try:
        host, _, rest = base64.b64decode(text.rpartition(":")[2], validate=True).decode().partition("$")
    except (binascii.Error, UnicodeDecodeError):
        host, rest = "", ""
    if not host or not rest.partition("$")[0]:
        raise refuse("is no Cloud id", "the text that the deployment's page shows, NAME:LETTERS")
    return text


def _fingerprint(text: str) -> str:
    if not FINGERPRINT.fullmatch(text):
        raise refuse("is no fingerprint", "SHA-256 of the server's certificate: 64 hexadecimal digits, colons allowed")
    return text


def _as_list(value: object) -> object:
    return [value] if isinstance(value, str) else value


Url = Annotated[str, AfterValidator(_url)]
PresentFile = Annotated[Located, AfterValidator(there)]


class ElasticsearchConnection(Section):
    """A cluster. Without user, key, token or certificate it is asked as nobody."""

    kind: Literal["elasticsearch"]
    urls: Annotated[tuple[Url, ...], BeforeValidator(_as_list, json_schema_input_type=str | list[str])] = ()
    """One address or several of one cluster: https://HOST:9200."""
    cloud_id: Annotated[str, AfterValidator(_cloud_id)] | None = None
    """Instead of addresses."""
    username: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    """With a password."""
    password_env: Variable | None = None
    password_file: PresentFile | None = None
    api_key_id: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    """With an API key that is not the encoded one."""
    api_key_env: Variable | None = None
    api_key_file: PresentFile | None = None
    token_env: Variable | None = None
    token_file: PresentFile | None = None
    """A bearer token."""
    client_cert: PresentFile | None = None
    client_key: PresentFile | None = None
    """A certificate to be known by, and its key."""
    ca_file: PresentFile | None = None
    """Certificates that are trusted instead of the usual ones."""
    fingerprint: Annotated[str, AfterValidator(_fingerprint)] | None = None
    """Of the server's own certificate, which is then trusted whoever signed it."""
    verify: Annotated[bool, Field(strict=True)] = True
    """False: anybody may answer and read the credentials."""
    compress: Annotated[bool, Field(strict=True)] = False
    """Answers come packed: worth it where the network is slower than the processors."""
    timeout: Annotated[timedelta, Span(timedelta(seconds=1), timedelta(minutes=10))] = timedelta(seconds=30)
    """How long one answer may take."""
    max_searches: Searches = 4
    """Searches at once, over all verifications; others wait for their turn."""
    kibana: PageBase | None = None
    """https://KIBANA:5601, a space's path behind it: events link to its Discover."""
    data_view: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    """The id of Kibana's data view; without it Discover takes its default one."""
    link: LinkTemplate | None = None
    """Instead of `kibana`: another page, as an address with {query}."""

    @model_validator(mode="after")
    def _one_place(self) -> "ElasticsearchConnection":
        if bool(self.urls) is (self.cloud_id is not None):
            raise refuse("needs to know one place", "urls or cloud_id, one of them")
        if (self.client_cert is None) is not (self.client_key is None):
            raise refuse("client_cert and client_key belong together", "both of them or none")
        if self.fingerprint is not None and (self.client_cert is not None or self.ca_file is not None):
            raise refuse("fingerprint stands alone", "ca_file with client_cert, or fingerprint without them")
        plain = [url for url in self.urls if url.startswith("http:") and not _loopback(urlsplit(url).hostname or "")]
        if plain and self._auth() != "none":
            raise refuse("the credentials would travel unencrypted", "https; http for loopback addresses only")
        return self

    @model_validator(mode="after")
    def _one_secret(self) -> "ElasticsearchConnection":
        given = [name for name in (*SECRETS, "client_cert") if getattr(self, name) is not None]
        if len(given) > 1:
            raise refuse(f"{' and '.join(given)} are given", f"one of {', '.join(SECRETS)}, client_cert")
        if (self.username is not None) is not (self._auth() == "basic"):
            raise refuse("username and password belong together", "both of them or none")
        if self.api_key_id is not None and self._auth() != "api_key":
            raise refuse("api_key_id is given without a key", "api_key_env or api_key_file beside it")
        return self

    @model_validator(mode="after")
    def _one_link(self) -> "ElasticsearchConnection":
        one_link(kibana=self.kibana, link=self.link)
        if self.data_view is not None and self.kibana is None:
            raise refuse("data_view is given without kibana", "both of them, or kibana alone")
        return self

    def way(self) -> Link | None:
        if self.kibana is not None:
            return Kibana(self.kibana, self.data_view or "")
        return Address(self.link) if self.link is not None else None

    def _given(self) -> str:
        return next((name for name in SECRETS if getattr(self, name) is not None), "")

    def _auth(self) -> str:
        given = self._given()
        return AUTH[given.rpartition("_")[0]] if given else "certificate" if self.client_cert else "none"

    def access(self) -> Access:
        given = self._given()
        return Access(
            urls=self.urls,
            cloud_id=self.cloud_id or "",
            auth=self._auth(),
            user=self.username or self.api_key_id or "",
            secret=_reader(getattr(self, given)) if given else lambda: SecretStr(""),
            ca_file=self.ca_file,
            client_certificate=self.client_cert,
            client_key=self.client_key,
            fingerprint=self.fingerprint or "",
            verify=self.verify,
            compress=self.compress,
            timeout=self.timeout.total_seconds(),
        )


def _loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _reader(where: str | Path) -> Callable[[], SecretStr]:
    """Raises OSError, KeyError, or ValueError for a secret of nothing."""

    def read() -> SecretStr:
        text = where.read_text("utf-8") if isinstance(where, Path) else os.environ[where]
        if not text.strip():
            raise ValueError("empty secret")
        return SecretStr(text.strip())

    return read
