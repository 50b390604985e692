"""Requests to one Splunk by its SDK: TLS, credentials, one new login when a session has ended, timeouts always."""

import os
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import structlog
from pydantic import SecretStr

from logverdict.adapters.sources.splunk_audit import told
from logverdict.adapters.sources.splunk_errors import CONNECTION, Passing, of_connection, of_status
from logverdict.adapters.sources.splunk_search import Namespace
from logverdict.adapters.sources.telling import Told, word
from logverdict.domain.errors import FailedPrecondition, QueryRejected, SourceUnavailable

log = structlog.get_logger(__name__)
CHUNK = 1 << 16
LARGEST = 256 << 20
"""Bytes of one answer that is taken whole."""
Stopped = Callable[[], bool]


@dataclass(frozen=True, slots=True)
class Secret:
    """Where a secret is; it is read when it is needed, so that a new one counts from the next login on."""

    variable: str = ""
    file: Path | None = None

    def read(self) -> SecretStr:
        """Raises FailedPrecondition naming the variable or file."""
        try:
            text = self.file.read_text("utf-8") if self.file else os.environ.get(self.variable, "")
        except (OSError, UnicodeDecodeError) as fault:
            raise FailedPrecondition(f"the secret in {self.file} can't be read: {type(fault).__name__}") from None
        if not text.strip():
            place = f"the file {self.file}" if self.file else f"the environment variable {self.variable}"
            raise FailedPrecondition(f"{place} holds no secret; the connection needs it")
        return SecretStr(text.strip())


@dataclass(frozen=True, slots=True)
class Access:
    """How to reach a Splunk. `kind` says what the secret is; times in seconds."""

    url: str
    kind: Literal["password", "token", "session_key"]
    secret: Secret
    username: str = ""
    namespace: Namespace = Namespace("nobody", "search")
    ca_file: Path | None = None
    client_cert: Path | None = None
    client_key: Path | None = None
    verify: bool = True
    timeout: float = 60.0
    search_timeout: float = 300.0
    threads: int = 4

    def context(self) -> ssl.SSLContext:
        """Raises FailedPrecondition naming the file that is no certificate."""
        try:
            context = ssl.create_default_context(cafile=self.ca_file)
            if self.client_cert:
                context.load_cert_chain(self.client_cert, self.client_key)
        except (OSError, ssl.SSLError) as fault:
            names = ", ".join(str(path) for path in (self.ca_file, self.client_cert, self.client_key) if path)
            raise FailedPrecondition(f"no certificates can be read from {names}: {type(fault).__name__}") from None
        if not self.verify:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return context


class Answer:
    """An answer whose body is read as it arrives."""

    def __init__(self, response: Any, where: str) -> None:
        self.status: int = response.status
        self._body, self._where = response.body, where
        self._raw = getattr(response.body, "_response", response.body)
        self._told: Told = response.get("told") or Told("", str, over=True)

    def chunks(self, stopped: Stopped) -> Iterator[bytes]:
        """Raises Passing for a body that was cut. Ends early once `stopped`."""
        read = getattr(self._raw, "read1", self._raw.read)
        try:
            while not stopped() and (chunk := read(CHUNK)):
                self._told.size += len(chunk)
                yield chunk
        except CONNECTION as fault:
            self._told.status += f", then {word(fault)}"
            raise of_connection(fault, self._where) from fault
        finally:
            self._told.end()
        if not stopped() and getattr(self._raw, "length", None):
            raise Passing(f"the connection to {self._where} was cut in the middle of an answer")

    def whole(self, stopped: Stopped) -> bytes:
        parts, size = [], 0
        try:
            for chunk in self.chunks(stopped):
                size += len(chunk)
                if size > LARGEST:
                    raise SourceUnavailable(f"an answer of {self._where} is larger than {LARGEST >> 20} MiB")
                parts.append(chunk)
        finally:
            self.close()
        return b"".join(parts)

    def close(self) -> None:
        self._told.end()
        self._body.close()


class Session:
    """Synchronous; its methods are called from several threads."""

    def __init__(self, access: Access) -> None:
        self._access = access
        self._where = f"Splunk at {urlsplit(access.url).netloc}"
        self._sdk: Any = None
        self._context: ssl.SSLContext | None = None
        self._lock = threading.Lock()
        self._service: Any = None
        self._is_old: bool | None = None

    def open(self) -> None:
        """Raises FailedPrecondition where the SDK, the secret or a certificate is missing."""
        with self._lock:
            self._open()

    def request(self, method: str, path: str, namespace: Namespace, **form: object) -> Answer:
        """`path` is below search/jobs, or below services where it begins without a slash; the method PAGE is GET or
        POST as the server's version wants results asked for.

        Raises SourceUnavailable, QueryRejected.
        """
        service = self._ready(None)
        try:
            return self._send(service, method, path, namespace, form)
        except self._sdk.AuthenticationError:
            service = self._ready(service)
        try:
            return self._send(service, method, path, namespace, form)
        except self._sdk.AuthenticationError as fault:
            raise of_status(401, b"") from fault

    def _send(self, service: Any, method: str, path: str, namespace: Namespace, form: dict[str, object]) -> Answer:
        try:
            old = self._old(service)
            send = service.get if method == "GET" or (method == "PAGE" and old) else service.post
            where = f"search/{'' if old else 'v2/'}jobs{path}" if path[:1] in ("", "/") else path
            response = send(where, owner=namespace.owner, app=namespace.app, **form)
        except self._sdk.AuthenticationError:
            raise
        except self._sdk.HTTPError as fault:
            headers = {name.lower(): value for name, value in fault.headers}
            raise of_status(fault.status, fault.body, headers.get("retry-after", "")) from fault
        except CONNECTION as fault:
            raise of_connection(fault, self._where) from fault
        if response.status >= 300:
            response.body.close()
            raise of_status(response.status, b"")
        return Answer(response, self._where)

    def _old(self, service: Any) -> bool:
        """Whether the server is older than the second version of the interface, 9.0.2."""
        if self._is_old is None:
            try:
                self._is_old = bool(service.disable_v2_api)
            except (SyntaxError, LookupError, ValueError, TypeError, AttributeError) as fault:
                raise QueryRejected(f"what answered is not {self._where}") from fault
        return self._is_old

    def _ready(self, ended: Any) -> Any:
        """A service with a session; a new one when the session of `ended` is what we have."""
        with self._lock:
            if self._service is None or self._service is ended:
                self._open()
                self._service = self._login()
            return self._service

    def _open(self) -> None:
        if self._sdk is None:
            binding = sdk()
            self._access.secret.read()
            if self._access.url.startswith("https:"):
                self._context = self._access.context()
                if not self._access.verify:
                    log.warning("certificates are not verified: anybody may answer", url=self._access.url)
            self._sdk = binding

    def _login(self) -> Any:
        secret, parts = self._access.secret.read().get_secret_value(), urlsplit(self._access.url)
        kinds = {"password": "password", "token": "splunkToken", "session_key": "token"}
        given: dict[str, object] = {kinds[self._access.kind]: secret}
        if self._access.kind == "password":
            given["username"] = self._access.username
        handler = told(self._sdk.handler(timeout=self._access.timeout, verify=True, context=self._context))
        service = sdk_service(
            handler, autologin=False, scheme=parts.scheme, host=parts.hostname, port=parts.port or 8089, **given
        )
        try:
            service.login()
        except self._sdk.AuthenticationError as fault:
            raise of_status(401, b"") from fault
        except self._sdk.HTTPError as fault:
            raise of_status(fault.status, b"") from fault
        except CONNECTION as fault:
            raise of_connection(fault, self._where) from fault
        except SyntaxError as fault:  # of the XML parser
            raise QueryRejected(f"what answered is not {self._where}") from fault
        return service


def sdk_service(handler: Any, **given: object) -> Any:
    from splunklib.client import Service

    return Service(handler=handler, **given)


def sdk() -> Any:
    """The SDK's module of requests. Raises FailedPrecondition where it is not installed."""
    try:
        import splunklib.client  # noqa: F401
        from splunklib import binding
    except ImportError as fault:
        raise FailedPrecondition(
            "a connection of kind splunk needs the Splunk SDK; install it: pip install 'logverdict[splunk]'"
        ) from fault
    return binding
