"""Users, sessions and tokens of the emulated Splunk."""

import base64
import secrets
import threading
from dataclasses import dataclass, field

from servers.splunk.knobs import Knobs

UNAUTHORIZED = {"type": "ERROR", "text": "Unauthorized"}
NOT_AUTHENTICATED = {"type": "WARN", "text": "call not properly authenticated"}
LOGIN_FAILED = {"type": "WARN", "text": "Login failed"}  # wording unverified


@dataclass
class User:
    password: str
    token: str
    forbidden: frozenset[str] = frozenset()
    """Indexes."""
    capabilities: frozenset[str] = frozenset({"search"})


@dataclass
class Access:
    knobs: Knobs
    users: dict[str, User] = field(default_factory=dict)
    cookies: bool = True
    """Whether a login that asks for a cookie gets one."""
    sessions: dict[str, tuple[str, int]] = field(default_factory=dict)
    """User and requests so far, by session key."""
    logins: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def login(self, name: str, password: str) -> str | None:
        user = self.users.get(name)
        if user is None or not secrets.compare_digest(user.password, password):
            return None
        with self.lock:
            self.logins += 1
            key = secrets.token_hex(16)
            self.sessions[key] = (name, 0)
        return key

    def end_sessions(self) -> None:
        with self.lock:
            self.sessions.clear()

    def who(self, authorization: str, cookie: str) -> tuple[str, dict[str, str]]:
        """The user's name, or "" and the message of the 401. With a cookie only the cookie counts."""
        for part in cookie.split(";"):
            name, _, value = part.strip().partition("=")
            if name.startswith("splunkd_"):
                return self._session(value), NOT_AUTHENTICATED
        scheme, _, value = authorization.partition(" ")
        if scheme == "Splunk":
            return self._session(value), NOT_AUTHENTICATED
        if scheme == "Bearer":
            return next((name for name, user in self.users.items() if user.token == value), ""), NOT_AUTHENTICATED
        if scheme == "Basic":
            name, _, password = base64.b64decode(value).decode().partition(":")
            user = self.users.get(name)
            return (name if user and user.password == password else ""), UNAUTHORIZED
        return "", UNAUTHORIZED

    def _session(self, key: str) -> str:
        with self.lock:
            name, used = self.sessions.get(key, ("", 0))
            if not name:
                return ""
            most = self.knobs.requests_per_session
            if most is not None and used >= most:
                del self.sessions[key]
                return ""
            self.sessions[key] = (name, used + 1)
        return name
