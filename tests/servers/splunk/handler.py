"""One request: who asks, for what, and which fault is due."""

import gzip
import re
import socket
import struct
from collections.abc import Iterable
from dataclasses import replace
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote, urlsplit

from servers.splunk import answers, endpoints
from servers.splunk.access import LOGIN_FAILED, UNAUTHORIZED
from servers.splunk.endpoints import Answer, Request
from servers.splunk.knobs import Rule

if TYPE_CHECKING:
    from servers.splunk.server import SplunkServer

SPACE = re.compile(r"/servicesNS/(?P<owner>[^/]+)/(?P<app>[^/]+)/|/services/")
PIECE = 1 << 13


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "Splunkd", ""
    timeout = 30
    wbufsize = 1 << 16

    @property
    def splunk(self) -> "SplunkServer":
        return self.server.owner  # type: ignore[attr-defined,no-any-return]

    def do_GET(self) -> None:
        self._handle()

    do_POST = do_DELETE = do_GET

    def log_message(self, format: str, *args: object) -> None:
        """Quiet: what was asked is in `SplunkServer.seen`."""

    def _handle(self) -> None:
        parts = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        # Accept and Content-Type are ignored, parameters stand in the query or the body (measured).
        form = dict(parse_qsl(parts.query, keep_blank_values=True) + parse_qsl(body, keep_blank_values=True))
        path = unquote(parts.path)
        self.splunk.seen.append((self.command, path, form))
        rule = next((rule for rule in self.splunk.knobs.rules if rule.due(f"{self.command} {path}")), None)
        if rule:
            rule.then()
        if rule and rule.action == "delay":
            self.splunk.knobs.released.wait(rule.seconds)
        if rule and rule.action == "hang":
            self.splunk.knobs.released.wait(30)
            return
        if rule and rule.action == "answer":
            self._send(Answer(rule.status, rule.body, rule.headers), None)
            return
        self._send(self._answer(path, form), rule)

    def _answer(self, path: str, form: dict[str, str]) -> Answer:
        space = SPACE.match(path)
        if space is None:
            return Answer(404, answers.messages([{"type": "ERROR", "text": "Not Found"}], form.get("output_mode", "")))
        rest = path[space.end() :].rstrip("/")
        mode = form.get("output_mode", "xml")
        if rest == "auth/login":
            return self._login(form, mode)
        user, refusal = self.splunk.access.who(self.headers.get("Authorization", ""), self.headers.get("Cookie", ""))
        if not user:
            challenge = {"WWW-Authenticate": 'Basic realm="/splunk"'} if refusal is UNAUTHORIZED else {}
            return Answer(401, answers.messages([refusal], mode), challenge)
        owner, app = space["owner"] or user, space["app"] or "search"
        return endpoints.answer(self.splunk, Request(self.command, rest, form, mode, user, owner, app))

    def _login(self, form: dict[str, str], mode: str) -> Answer:
        if "password" not in form:
            return Answer(400, answers.messages([{"type": "ERROR", "text": "password is missing"}], mode))
        key = self.splunk.access.login(form.get("username", ""), form["password"])
        if key is None:
            return Answer(401, answers.messages([LOGIN_FAILED], mode))
        cookies = self.splunk.access.cookies and form.get("cookie") == "1"
        cookie = {"Set-Cookie": f"splunkd_{self.splunk.port}={key}; Path=/; HttpOnly"} if cookies else {}
        return Answer(200, answers.of_value("sessionKey", key, mode), cookie)

    def _send(self, answer: Answer, rule: Rule | None) -> None:
        if rule and rule.action == "gzip":
            body = answer.body if isinstance(answer.body, bytes) else b"".join(answer.body)
            answer = replace(answer, body=gzip.compress(body), headers={**answer.headers, "Content-Encoding": "gzip"})
        self.send_response(answer.status)
        for name, value in {"Content-Type": "text/xml; charset=UTF-8", **answer.headers}.items():
            self.send_header(name, value)
        self.send_header("Connection", "Close")  # without it the SDK reads an empty body
        if isinstance(answer.body, bytes):
            self.send_header("Content-Length", str(len(answer.body)))
            pieces: Iterable[bytes] = (answer.body[at : at + PIECE] for at in range(0, len(answer.body), PIECE))
            chunked = False
        else:
            self.send_header("Transfer-Encoding", "chunked")
            pieces, chunked = _spoiled(answer.body, rule), True
        self.end_headers()
        self.close_connection = True
        try:
            self._write(pieces, chunked, rule)
        except (ConnectionError, TimeoutError):
            answer.left()

    def _write(self, pieces: Iterable[bytes], chunked: bool, rule: Rule | None) -> None:
        for number, piece in enumerate(pieces):
            if rule and rule.action in ("reset", "cut", "stall") and (number or not chunked):
                self._break(piece if not chunked else b"", rule)
                return
            self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece) if chunked else piece)
        if chunked:
            self.wfile.write(b"0\r\n\r\n")
        self.wfile.flush()

    def _break(self, piece: bytes, rule: Rule) -> None:
        """Half of a piece, and then what the rule says."""
        self.wfile.write(piece[: len(piece) // 2])
        self.wfile.flush()
        if rule.action == "stall":
            self.splunk.knobs.released.wait(30)
        if rule.action == "reset":
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def _spoiled(body: Iterable[bytes], rule: Rule | None) -> Iterable[bytes]:
    """Lines in pieces; the last line left out where a rule says so."""
    lines = list(body) if rule and rule.action == "last" else body
    if isinstance(lines, list):
        lines = lines[:-1]
    piece = b""
    for line in lines:
        piece += line
        if len(piece) >= PIECE:
            yield piece
            piece = b""
    if piece:
        yield piece
