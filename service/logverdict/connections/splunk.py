"""Connections of kind `splunk` in the operator's settings."""

import ipaddress
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field, model_validator
from pydantic.functional_validators import AfterValidator

from logverdict.adapters.profiles.types import Number, Span, refuse
from logverdict.adapters.sources.links import Address, Link, SplunkWeb
from logverdict.adapters.sources.splunk_search import NAME, Namespace
from logverdict.adapters.sources.splunk_session import Access, Secret
from logverdict.connections.base import Searches, SecretFile, Section, Variable
from logverdict.connections.links import LinkTemplate, PageBase, one_link

SECRETS = ("password_env", "password_file", "token_env", "token_file", "session_key_env", "session_key_file")


def _splunk_url(text: str) -> str:
    """Where a Splunk answers. The text is not repeated in faults: somebody may have put a password in it."""
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port or 8089
    except ValueError:
        host, port = None, 0
    extra = host and (parts.path.strip("/") or parts.query or parts.fragment or "@" in parts.netloc)
    if not host or extra or not port or parts.scheme not in ("http", "https"):
        raise refuse("is no address of a Splunk", "https://HOST:8089, without path, user or password")
    if parts.scheme == "http" and not _loopback(host):
        raise refuse(f"{host} would get the credentials unencrypted", "https; http for loopback addresses only")
    return text.rstrip("/")


def _loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _name(text: str) -> str:
    if not NAME.fullmatch(text):
        raise refuse(f"{text!r} is no name in Splunk", "letters, digits and _ . -")
    return text


SplunkName = Annotated[str, AfterValidator(_name)]


class SplunkConnection(Section):
    """A search head's management port."""

    kind: Literal["splunk"]
    url: Annotated[str, AfterValidator(_splunk_url)]
    """https://HOST:PORT, the port usually 8089; http for loopback addresses only."""
    username: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    """With a password."""
    password_env: Variable | None = None
    password_file: SecretFile | None = None
    token_env: Variable | None = None
    token_file: SecretFile | None = None
    session_key_env: Variable | None = None
    session_key_file: SecretFile | None = None
    owner: SplunkName = "nobody"
    app: SplunkName = "search"
    """Owner and app whose knowledge (field extractions) searches use; a source may name others."""
    ca_file: SecretFile | None = None
    """Certificates that are trusted instead of the system's."""
    client_cert: SecretFile | None = None
    client_key: SecretFile | None = None
    verify: Annotated[bool, Field(strict=True)] = True
    """False: anybody may answer and read the credentials."""
    timeout: Annotated[timedelta, Span(timedelta(seconds=1), timedelta(minutes=10))] = timedelta(minutes=1)
    """How long Splunk may be silent."""
    search_timeout: Annotated[timedelta, Span(timedelta(seconds=1), timedelta(hours=1))] = timedelta(minutes=5)
    """How long a search may wait and run."""
    threads: Annotated[int, Number(1, 64)] = 4
    """Requests at once."""
    max_searches: Searches = 4
    """Searches at once, over all verifications; others wait for their turn."""
    splunk_web: PageBase | None = None
    """https://SPLUNK:8000: events link to its search page."""
    link: LinkTemplate | None = None
    """Instead of `splunk_web`: another page, as an address with {query}."""

    @model_validator(mode="after")
    def _one_secret(self) -> "SplunkConnection":
        given = [name for name in SECRETS if getattr(self, name) is not None]
        if len(given) != 1:
            raise refuse(f"{' and '.join(given) or 'no secret'} given", f"one of {', '.join(SECRETS)}")
        if (self.username is None) is given[0].startswith("password"):
            raise refuse("username and password belong together", "both of them, or a token or session key alone")
        if self.client_key is not None and self.client_cert is None:
            raise refuse("client_key is given without client_cert", "both of them, or client_cert with the key inside")
        return self

    @model_validator(mode="after")
    def _one_link(self) -> "SplunkConnection":
        one_link(splunk_web=self.splunk_web, link=self.link)
        return self

    def way(self) -> Link | None:
        if self.splunk_web is not None:
            return SplunkWeb(self.splunk_web)
        return Address(self.link) if self.link is not None else None

    def access(self) -> Access:
        name = next(name for name in SECRETS if getattr(self, name) is not None)
        given, kind = getattr(self, name), name.rpartition("_")[0]
        return Access(
            url=self.url,
            kind=kind,  # type: ignore[arg-type]
            secret=Secret(file=given) if isinstance(given, Path) else Secret(variable=given),
            username=self.username or "",
            namespace=Namespace(self.owner, self.app),
            ca_file=self.ca_file,
            client_cert=self.client_cert,
            client_key=self.client_key,
            verify=self.verify,
            timeout=self.timeout.total_seconds(),
            search_timeout=self.search_timeout.total_seconds(),
            threads=self.threads,
        )
