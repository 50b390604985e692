"""Where an Elasticsearch is and as whom it is asked: a client is made of it, and nothing else."""

import importlib.util
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import SecretStr

from logverdict.domain.errors import FailedPrecondition, QueryRejected

if TYPE_CHECKING:
    from collections.abc import Callable

    from elasticsearch import AsyncElasticsearch

INSTALL = "pip install 'logverdict[elasticsearch]'"
JSON = ("application/json", "application/vnd.elasticsearch+json")
FINGERPRINT = re.compile(r"(?:[0-9a-fA-F]{2}:?){32}")


@dataclass(frozen=True, slots=True)
class Access:
    """Secrets come from `secret`, asked at each read; it raises OSError, LookupError or ValueError."""

    urls: tuple[str, ...] = ()
    cloud_id: str = ""
    auth: str = "none"
    """none, basic, api_key, bearer or certificate."""
    user: str = ""
    """Of basic; for api_key the key's id, "" where the secret is the encoded key."""
    secret: "Callable[[], SecretStr]" = field(default=lambda: SecretStr(""), repr=False)
    ca_file: Path | None = None
    client_certificate: Path | None = None
    client_key: Path | None = None
    fingerprint: str = ""
    verify: bool = True
    compress: bool = False
    timeout: float = 30.0
    """Seconds that one answer may take."""


def need_client() -> None:
    """Raises FailedPrecondition when the client is not installed."""
    if any(importlib.util.find_spec(name) is None for name in ("elasticsearch", "aiohttp", "orjson")):
        raise FailedPrecondition(
            f"connections of kind elasticsearch need the client for Elasticsearch; install it: {INSTALL}",
            reason="CLIENT_MISSING",
            install=INSTALL,
        )


def open_client(access: Access) -> "AsyncElasticsearch":
    """Belongs to the running event loop. Raises QueryRejected when a certificate can't be read."""
    from elasticsearch import AsyncElasticsearch

    from logverdict.adapters.sources.elasticsearch_audit import ToldNode
    from logverdict.adapters.sources.elasticsearch_json import PageSerializer

    try:
        return AsyncElasticsearch(
            **_server(access),
            **_tls(access),
            node_class=ToldNode,
            serializers=dict.fromkeys(JSON, PageSerializer()),
            http_compress=access.compress,
            request_timeout=access.timeout,
            max_retries=0,
            retry_on_status=(),
        )
    except (OSError, LookupError, ValueError) as fault:  # ssl.SSLError is an OSError
        raise unreadable(fault) from None


def credentials(access: Access) -> dict[str, Any]:
    """Asked for at each read, so a secret may be changed under way. Raises QueryRejected when it can't be read."""
    try:
        match access.auth:
            case "basic":
                return {"basic_auth": (access.user, access.secret().get_secret_value())}
            case "api_key":
                key = access.secret().get_secret_value()
                return {"api_key": (access.user, key) if access.user else key}
            case "bearer":
                return {"bearer_auth": access.secret().get_secret_value()}
            case _:
                return {}
    except (OSError, LookupError, ValueError) as fault:
        raise unreadable(fault) from None


def unreadable(fault: Exception) -> QueryRejected:
    """Without the file's name or the library's text: callers see this."""
    what = (isinstance(fault, OSError) and fault.strerror) or type(fault).__name__
    return QueryRejected(
        f"a secret or certificate of the connection can't be read ({what}); the operator has to mend its settings",
        reason="CREDENTIALS_UNREADABLE",
    )


def _server(access: Access) -> dict[str, Any]:
    return {"cloud_id": access.cloud_id} if access.cloud_id else {"hosts": list(access.urls)}


def _tls(access: Access) -> dict[str, Any]:
    if not access.cloud_id and not any(url.startswith("https:") for url in access.urls):
        return {}
    tls: dict[str, Any] = {"verify_certs": access.verify}
    if not access.verify:
        tls["ssl_show_warn"] = False
    if access.auth == "certificate":
        tls |= {"client_cert": str(access.client_certificate), "client_key": str(access.client_key)}
    if access.ca_file:
        tls["ca_certs"] = str(access.ca_file)
    if access.fingerprint:
        tls["ssl_assert_fingerprint"] = access.fingerprint.replace(":", "").lower()
    return tls
