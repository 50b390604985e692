"""What Splunk's answers mean in our words: which faults pass, which messages say that something is missing."""

import http.client
import re
import ssl
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree

import orjson

from logverdict.domain.errors import QueryRejected, SourceUnavailable, VerifyError

LONGEST = 300
CONNECTION = (OSError, http.client.HTTPException)

# Warnings that do not say that entries are missing. Wordings not measured on a real server; what is not listed counts.
HARMLESS = re.compile(r"deprecat|lookup|no matching fields exist|extract", re.IGNORECASE)
# Messages of type INFO that nevertheless say that another search was run than ours.
CHANGED = re.compile(r"time ?range.*(?:substituted|changed)|auto-finali[sz]ed|may be incomplete", re.IGNORECASE)


class Passing(SourceUnavailable):
    """May be gone in a moment: the same request may be sent again. `wait` seconds when the server says how long."""

    def __init__(self, message: str, wait: float | None = None) -> None:
        super().__init__(message)
        self.wait = wait


class Ended(SourceUnavailable):
    """A search itself failed or took too long; the way to Splunk was good."""


@dataclass(frozen=True, slots=True)
class Said:
    """`flaws`: entries may be missing; `notes`: worth telling."""

    flaws: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def __add__(self, other: "Said") -> "Said":
        return Said(self.flaws + other.flaws, self.notes + other.notes)


def said(messages: Iterable[Mapping[str, Any]]) -> Said:
    """What a search's own messages say of its results."""
    flaws, notes = list[str](), list[str]()
    for message in messages:
        kind, text = str(message.get("type", "")).upper(), bounded(str(message.get("text", "")))
        if kind in ("ERROR", "FATAL") or CHANGED.search(text):
            flaws.append(f"Splunk says: {text}")
        elif kind == "WARN":
            (notes if HARMLESS.search(text) else flaws).append(f"Splunk warns: {text}")
    return Said(tuple(dict.fromkeys(flaws)), tuple(dict.fromkeys(notes)))


def of_status(status: int, body: bytes, wait: str = "") -> VerifyError:
    """The error that an answer of that status is; `wait` is its Retry-After."""
    text = server_text(body)
    tail = f": {text}" if text else ""
    if status == 401:  # the text is left out, it may name what was sent
        return QueryRejected("Splunk refused the credentials (401); look at the connection's secret in the settings")
    if status == 403:
        return QueryRejected(f"Splunk refuses this to the connection's user (403){tail}")
    if status == 404:
        return SourceUnavailable(f"Splunk does not know the search any more (404){tail}")
    if status in (408, 429) or status >= 500:
        return Passing(f"Splunk can't answer now ({status}){tail}", float(wait) if wait.isdigit() else None)
    if status < 400:
        return SourceUnavailable(f"what answered is not Splunk: status {status}")
    return QueryRejected(f"Splunk refuses the search ({status}){tail}")


def of_connection(fault: BaseException, where: str) -> VerifyError:
    """The error that a fault of the connection to `where` is."""
    if isinstance(fault, ssl.SSLCertVerificationError):
        return SourceUnavailable(
            f"the certificate of {where} is not trusted: {fault.verify_message}; name its CA in ca_file"
        )
    if isinstance(fault, TimeoutError):
        return Passing(f"{where} did not answer in time")
    kind = bounded(getattr(fault, "strerror", None) or type(fault).__name__)
    return Passing(f"the connection to {where} failed: {kind}")


def server_text(body: bytes) -> str:
    """The messages of an error's body, JSON or XML; "" for anything else, such as a proxy's page."""
    try:
        messages = [message["text"] for message in orjson.loads(body)["messages"]]
    except (orjson.JSONDecodeError, KeyError, TypeError):
        try:
            messages = [message.text or "" for message in ElementTree.fromstring(body).iterfind("./messages/msg")]
        except ElementTree.ParseError:
            return ""
    return bounded("; ".join(map(str, messages)))


def bounded(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
