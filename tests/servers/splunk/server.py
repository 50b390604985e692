"""An emulated splunkd on 127.0.0.1: what a client of its REST interface sees, and what can go wrong with it."""

import ssl
import threading
from http.server import ThreadingHTTPServer
from pathlib import Path
from types import TracebackType

from servers.splunk.access import Access, User
from servers.splunk.engine import Found, Scope, run
from servers.splunk.events import Indexes
from servers.splunk.functions import Dialect
from servers.splunk.handler import Handler
from servers.splunk.jobs import Job
from servers.splunk.knobs import Knobs

Seen = tuple[str, str, dict[str, str]]
"""Method, path and form of a request."""


class SplunkServer:
    """With `certificates` (a folder of tls.make) HTTPS, else HTTP; `client_ca`: clients need a certificate."""

    def __init__(self, certificates: Path | None = None, client_ca: bool = False, version: str = "10.4.2") -> None:
        self.indexes, self.knobs, self.version = Indexes(), Knobs(), version
        self.access = Access(self.knobs, {"verifier": User("s3cret-pa55", "eyJ.bearer.t0ken")})
        self.dialect = Dialect()
        self.jobs: dict[str, Job] = {}
        self.seen: list[Seen] = []
        self.most_jobs = 0
        self.lock = threading.Lock()
        self._numbers = 0
        self._http = _Http(("127.0.0.1", 0), Handler)
        self._http.owner = self
        if certificates is not None:
            self._http.context = _context(certificates, client_ca)
        self.url = f"http{'s' if certificates else ''}://127.0.0.1:{self._http.server_port}"
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True)

    @property
    def port(self) -> int:
        return self._http.server_port

    def __enter__(self) -> "SplunkServer":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.knobs.released.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    def search(self, user: str, form: dict[str, str], earliest: float, latest: float) -> Found:
        """Raises BadSearch. A forbidden index gives nothing and says nothing."""
        forbidden = self.access.users[user].forbidden
        scope = Scope(self.indexes, lambda index: index not in forbidden, earliest, latest, self.dialect)
        found = run(form["search"], scope)
        if self.knobs.late_events and not found.reporting:
            found.rows = found.rows[self.knobs.late_events :]
            found.events = len(found.rows)
        return found

    def add_job(self, owner: str, app: str, form: dict[str, str], found: Found) -> Job | None:
        """None when as many as allowed run already."""
        with self.lock:
            running = sum(not job.done for job in self.jobs.values())
            if running >= self.knobs.jobs_at_once:
                return None
            self._numbers += 1
            sid = form.get("id") or f"1787418517.{self._numbers}"
            self.jobs[sid] = job = Job(sid, owner, app, form, found, self.knobs, touched=self.indexes.now or 0.0)
            self.most_jobs = max(self.most_jobs, running + 1)
            return job

    def job(self, sid: str) -> Job | None:
        """None for one that is unknown, or that nobody has asked for as long as it lives."""
        with self.lock:
            job, now = self.jobs.get(sid), self.indexes.now or 0.0
            if job is None or now - job.touched > job.ttl:
                self.jobs.pop(sid, None)
                return None
            job.touched = now
            return job

    def searches(self) -> list[dict[str, str]]:
        """The forms of all searches that were asked for."""
        return [form for method, path, form in self.seen if method == "POST" and "search" in form]


class _Http(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    owner: SplunkServer
    context: ssl.SSLContext | None = None

    def finish_request(self, request, client_address) -> None:  # type: ignore[no-untyped-def]
        if self.context is None:
            super().finish_request(request, client_address)
            return
        with self.context.wrap_socket(request, server_side=True) as secured:  # closed also when the handler breaks off
            super().finish_request(secured, client_address)

    def handle_error(self, request, client_address) -> None:  # type: ignore[no-untyped-def]
        """A client that leaves, or does not trust us, is no fault of the server."""


def _context(certificates: Path, client_ca: bool) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates / "server.pem", certificates / "server.key")
    if client_ca:
        context.load_verify_locations(certificates / "ca.pem")
        context.verify_mode = ssl.CERT_REQUIRED
    return context
