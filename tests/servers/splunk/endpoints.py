"""The endpoints of the search interface, version 1 and 2, and what they answer."""

import itertools
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from servers.splunk import answers
from servers.splunk.conditions import BadSearch, moment
from servers.splunk.engine import Row, pipeline
from servers.splunk.jobs import Job
from servers.splunk.knobs import TOO_MANY

if TYPE_CHECKING:
    from servers.splunk.server import SplunkServer

NO_SEARCH = (
    "The required 'search' parameter for the Splunk platform REST API search/jobs endpoint is not specified. "
    "Specify the search."
)
MODES = {"json", "xml", "atom", ""}
ACTIONS = {"cancel", "finalize", "pause", "unpause", "touch", "setttl", "setpriority", "save", "unsave"}
ACTIONS |= {"enablepreview", "disablepreview"}
JOBS = re.compile(r"search/(?P<v2>v2/)?jobs(?:/(?P<sid>[^/]+)(?:/(?P<part>\w+))?)?")


@dataclass
class Answer:
    status: int
    body: bytes | Iterable[bytes] = b""
    headers: dict[str, str] = field(default_factory=dict)
    left: Callable[[], None] = lambda: None
    """Called when the client leaves before the end."""


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    form: dict[str, str]
    mode: str
    user: str
    owner: str
    app: str

    def fault(self, status: int, text: str, kind: str = "FATAL", headers: dict[str, str] | None = None) -> Answer:
        return Answer(status, answers.messages([{"type": kind, "text": text}], self.mode), headers or {})


def answer(splunk: "SplunkServer", ask: Request) -> Answer:
    if ask.mode not in MODES:
        text = [{"type": "FATAL", "text": f"Invalid output mode specified ({ask.mode})."}]
        return Answer(400, answers.messages(text, "xml"))
    if ask.path == "server/info":  # without instance_type: Enterprise
        content = {"version": splunk.version, "product_type": "enterprise", "server_roles": ["search_head"]}
        return Answer(200, answers.entry("server-info", content, "system", "system", ask.mode, feed=True))
    if ask.path == "authentication/current-context":
        content = {"username": ask.user, "roles": ["verifier"], "capabilities": ["search"]}
        return Answer(200, answers.entry("context", content, ask.user, ask.app, ask.mode, feed=True))
    if ask.path in ("search/parser", "search/v2/parser"):
        return _parser(ask)
    match = JOBS.fullmatch(ask.path)
    if match is None:
        known = ask.path.startswith("search/")
        return ask.fault(404, "Unknown endpoint." if known else "Not Found", "FATAL" if known else "ERROR")
    return _jobs(splunk, ask, match["sid"] or "", match["part"] or "", v2=bool(match["v2"]))


def _jobs(splunk: "SplunkServer", ask: Request, sid: str, part: str, v2: bool) -> Answer:
    if not sid:
        return _create(splunk, ask) if ask.method == "POST" else ask.fault(405, "The method is not allowed.")
    if sid == "export":
        return _export(splunk, ask)
    job = splunk.job(sid)
    if job is None:
        return ask.fault(404, "Unknown sid.")
    link = {"Link": f"<{sid}>; rel=info"}
    if not part and ask.method == "DELETE":
        return _control(splunk, ask, job, "cancel")
    if not part:
        job.polls += 1
        return Answer(200, answers.entry(job.form["search"], job.content(), job.owner, job.app, ask.mode), link)
    return _part(splunk, ask, job, part, v2)


def _part(splunk: "SplunkServer", ask: Request, job: Job, part: str, v2: bool) -> Answer:
    if part == "control":
        return _control(splunk, ask, job, ask.form.get("action", ""))
    if part in ("results", "events", "results_preview"):
        if v2 and "search" in ask.form:
            return ask.fault(400, "The search parameter is not supported by this version of the endpoint.")
        return _results(job, ask, {"Link": f"<{job.sid}>; rel=info"})
    return ask.fault(404, "Unknown endpoint.")


def _times(ask: Request) -> tuple[float, float]:
    """Without times REST searches over all time."""
    found = []
    for name, default in (("earliest_time", 0.0), ("latest_time", 4e9)):
        value = ask.form.get(name, "")
        found.append(moment(value, name.partition("_")[0]) if value not in ("", "now") else default)
    return found[0], found[1]


def _create(splunk: "SplunkServer", ask: Request) -> Answer:
    if not ask.form.get("search"):
        return ask.fault(400, NO_SEARCH)
    try:
        found = splunk.search(ask.user, ask.form, *_times(ask))
    except BadSearch as fault:
        return ask.fault(400, str(fault))
    job = splunk.add_job(ask.owner, ask.app, ask.form, found)
    if job is None:
        return ask.fault(503, TOO_MANY, "WARN")
    if ask.form.get("exec_mode") == "oneshot":
        splunk.jobs.pop(job.sid)
        job.polls = 1 << 30
        return _results(job, ask, {})
    if ask.form.get("exec_mode") == "blocking":
        job.polls = 1 << 30
    return Answer(201, answers.of_value("sid", job.sid, ask.mode))


def _number(text: str, default: int) -> int:
    """Odd numbers are taken without a fault (measured)."""
    return int(text) if text.isdigit() else default


def _results(job: Job, ask: Request, link: dict[str, str]) -> Answer:
    if job.state == "FAILED":
        return Answer(400, answers.messages(job.content()["messages"], ask.mode), link)
    if not job.done:
        return Answer(204, b"", link)
    offset = _number(ask.form.get("offset", ""), 0)
    rows = job.page(offset, _number(ask.form.get("count", ""), 100))
    texts = [] if ask.form.get("exec_mode") != "oneshot" else job.content()["messages"]
    return Answer(200, answers.results(list(_shown(job, rows, ask)), offset, texts, ask.mode), link)


def _shown(job: Job, rows: Iterable[Row], ask: Request) -> Iterator[Row]:
    form = ask.form.get("output_time_format", "") if job.knobs.honours_time_format else ""
    return answers.timed(rows, form, job.knobs.time_shift)


def _export(splunk: "SplunkServer", ask: Request) -> Answer:
    if ask.method != "POST":
        return ask.fault(405, "The method is not allowed.", headers={"Allow": "POST"})
    if not ask.form.get("search"):
        return ask.fault(400, NO_SEARCH)
    try:
        found = splunk.search(ask.user, ask.form, *_times(ask))
    except BadSearch as fault:
        return ask.fault(400, str(fault))
    job = splunk.add_job(ask.owner, ask.app, ask.form, found)
    if job is None:
        return ask.fault(503, TOO_MANY, "WARN")
    previews = splunk.knobs.previews if ask.form.get("preview", "1") not in ("0", "false") else 0

    def lines() -> Iterator[bytes]:
        rows = list(_shown(job, found.rows[: len(found.rows) - splunk.knobs.lost_rows], ask))
        repeated = rows[: splunk.knobs.repeated_rows]
        yield from answers.export([*repeated, *rows], splunk.knobs.messages, previews, splunk.knobs.lastrow)
        splunk.jobs.pop(job.sid, None)

    return Answer(200, lines(), left=lambda: splunk.jobs.pop(job.sid, None) and None)


def _control(splunk: "SplunkServer", ask: Request, job: Job, action: str) -> Answer:
    if action not in ACTIONS:
        return ask.fault(400, "Unknown action.")
    if action == "cancel":
        splunk.jobs.pop(job.sid, None)
    elif action == "finalize":
        job.ended = True
    elif action in ("pause", "unpause"):
        job.paused = action == "pause"
    elif action == "setttl":
        job.ttl = _number(ask.form.get("ttl", ""), 600)
    return ask.fault(200, "Search job cancelled." if action == "cancel" else "Done.", "INFO")


def _parser(ask: Request) -> Answer:
    if ask.method != "POST":
        return ask.fault(405, "The method is not allowed.", headers={"Allow": "POST"})
    try:
        commands = [part for part in pipeline(ask.form.get("q", "")) if part]
    except BadSearch as fault:
        return ask.fault(400, str(fault))
    parts = [dict(zip(("command", "rawargs"), part.partition(" ")[::2], strict=True)) for part in commands]
    return Answer(200, answers.orjson.dumps({"commands": list(itertools.chain(parts))}))
