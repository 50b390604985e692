"""The operator's settings: one frozen value from a file and the environment, all faults at once."""

import ipaddress
import os
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, PrivateAttr, model_validator
from pydantic.functional_validators import AfterValidator

from logverdict.adapters.profiles.environment import PREFIX, from_environment
from logverdict.adapters.profiles.faults import ConfigError, distinct
from logverdict.adapters.profiles.load import load_file
from logverdict.adapters.profiles.models import PolicyPart, TimingPart
from logverdict.adapters.profiles.redactions import MOST as MOST_REDACTIONS
from logverdict.adapters.profiles.redactions import RedactPart
from logverdict.adapters.profiles.tree import Node, Origin, convert, merge, node
from logverdict.adapters.profiles.types import Name, Number, Span, refuse
from logverdict.adapters.profiles.validate import validate
from logverdict.connections import Connection, FileConnection, Located, PostgresUrl, Section, StorePlace, there
from logverdict.connections.base import SecretFile, Variable

__all__ = ["ConfigError", "Connection", "FileConnection", "Settings", "load"]

FILE = "logverdict.yaml"
DAY = timedelta(days=1)


def state_folder(environment: Mapping[str, str] = os.environ) -> Path:
    """Where the store is when nobody says so; need not exist yet."""
    given = environment.get("XDG_STATE_HOME", "")
    return (Path(given) if given else Path("~/.local/state").expanduser()) / "logverdict"


def _address(text: str) -> str:
    host, colon, port = text.rpartition(":")
    if not colon or not host or not port.isascii() or not port.isdigit() or int(port) > 65_535:
        raise refuse(f"{text!r} is no address", "host:port, such as 127.0.0.1:50051 or [::1]:50051")
    return text


def _listen(text: str) -> str:
    host, _, _ = _address(text).rpartition(":")
    if not _loopback(host.removeprefix("[").removesuffix("]")):
        raise refuse(
            f"{host} can be reached from other machines, and there is no authentication yet",
            "loopback addresses: 127.0.0.1, [::1], localhost",
        )
    return text


def _loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


Count = Annotated[int, Number(1, 10_000)]


class Retention(Section):
    slices: Annotated[timedelta, Span(timedelta(hours=1))] = 14 * DAY
    """How long counts are kept after a verification has ended; needed to judge again and to serve as a baseline."""
    samples: Annotated[timedelta, Span(timedelta(hours=1))] = 90 * DAY
    """How long samples of messages are kept after the end: in events, revisions and counts, which stay without them."""
    calls: Annotated[timedelta, Span(timedelta(hours=1))] = 90 * DAY
    """How long the audit of what sources were asked is kept after the end."""
    verifications: Annotated[timedelta, Span(timedelta(hours=1))] = 180 * DAY
    """How long verifications are kept after they have ended, with their events and templates."""


class Log(Section):
    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["text", "json"] = "text"


class Defaults(Section):
    """What every profile starts from, inline ones included."""

    policy: PolicyPart | None = None
    timing: TimingPart | None = None


class Settings(Section):
    listen: Annotated[str, AfterValidator(_listen)] = "127.0.0.1:50051"
    """Address and port of the gRPC server; port 0 is any free one."""
    metrics_listen: Annotated[str, AfterValidator(_address)] | None = None
    """Address and port of the page /metrics for Prometheus; it holds numbers and names of connections only."""
    store: StorePlace = Field(default_factory=lambda: state_folder() / "logverdict.db")
    """The SQLite file, whose folder is made when it is not there, or postgresql://USER@HOST/DATABASE."""
    store_password_env: Variable | None = None
    store_password_file: SecretFile | None = None
    """The password for PostgreSQL; without either it is libpq's to find (PGPASSFILE, PGPASSWORD, certificates)."""
    lease: Annotated[timedelta, Span(timedelta(seconds=1), timedelta(minutes=10))] = timedelta(seconds=15)
    """After a replica said nothing for so long, others take over its verifications."""
    connections: dict[Name, Connection] = Field(default_factory=dict)
    """Where logs are, by the name that profiles use."""
    profiles: Annotated[Located, AfterValidator(there)] | None = None
    """A profile file, or a folder of them."""
    workers: Annotated[int, Number(1, 256)] = Field(default_factory=lambda: min(2, os.cpu_count() or 1))
    """Processes that analyse."""
    max_verifications: Count = 64
    """Verifications that run at once. Running along costs little (two cores follow 50 of them, a look every 10 s each,
    within a second); what they ask of sources is bounded by each connection's `max_searches`."""
    max_queued: Annotated[int, Number(0, 100_000)] = 100
    """Verifications that wait; more are refused."""
    max_per_caller: Count = 1_000
    """Verifications of one caller that run or wait, over all replicas; more are refused."""
    max_entries: Annotated[int, Number(1_000, 1_000_000_000_000)] = 50_000_000
    """Entries that one verification may pull from its sources; what would be more is not read, and said to be missing.
    Entries that a source counts by itself do not count."""
    retention: Retention = Retention()
    redact: Annotated[tuple[RedactPart, ...], Field(max_length=MOST_REDACTIONS)] = ()
    """What leaves messages before anything of them is kept, beside the secrets that leave them anyway."""
    heartbeat: Annotated[timedelta, Span(timedelta(seconds=1), timedelta(minutes=10))] = timedelta(seconds=15)
    """After this long without anything else, a stream says that it is alive."""
    log: Log = Log()
    defaults: Defaults = Defaults()

    @model_validator(mode="after")
    def _one_password(self) -> "Settings":
        given = [name for name in ("store_password_env", "store_password_file") if getattr(self, name) is not None]
        if len(given) > 1:
            raise refuse(f"{' and '.join(given)} are given", "one of them")
        if given and not isinstance(self.store, PostgresUrl):
            raise refuse(f"{given[0]} is given, and the store is a file", "a password for postgresql:// only")
        return self

    _tree: Node = PrivateAttr(default=Node({}))
    _file: Path | None = PrivateAttr(default=None)

    def store_password(self) -> str | None:
        """None where libpq is to find it. Raises KeyError, OSError, or ValueError for an empty one."""
        if self.store_password_env is not None:
            text = os.environ[self.store_password_env]
        elif self.store_password_file is not None:
            text = self.store_password_file.read_text("utf-8")
        else:
            return None
        if not text.strip():
            raise ValueError("empty password")
        return text.strip()

    @property
    def defaults_tree(self) -> Node:
        """The defaults with their origins, for FileProfiles."""
        if "defaults" in self._tree.children:
            return self._tree.get("defaults")
        return node(self.defaults.model_dump(exclude_none=True), Origin(note="settings defaults"))

    @property
    def file(self) -> Path | None:
        """The file that was read; None when the settings are built in."""
        return self._file

    @property
    def log_level(self) -> str:
        return self.log.level

    @property
    def log_format(self) -> str:
        return self.log.format

    def listening_on(self, listen: str) -> "Settings":
        """The same settings at another address. Raises ConfigError for one that is not loopback."""
        _, faults = validate(Settings, node({"listen": listen}, Origin(note="--listen")))
        if faults:
            raise ConfigError(faults)
        return self.model_copy(update={"listen": listen})


def load(config: Path | None = None, environment: Mapping[str, str] = os.environ, *, here: bool = True) -> Settings:
    """From the file (`config`, else LOGVERDICT_CONFIG, else ./logverdict.yaml if it is there) and over it the
    environment. `here` False: the settings are another machine's, whose files need not be on this one.

    Raises ConfigError with every fault.
    """
    path = _path(config, environment)
    tree, faults = load_file(path) if path else (Node({}), [])
    over, wrong = from_environment(environment, Settings.model_fields)
    tree = merge(tree, over)
    context = {"folder": path.absolute().parent if path else Path.cwd(), "here": here}
    settings, invalid = validate(Settings, tree, context=context)
    faults = distinct([*faults, *wrong, *invalid])
    if settings is None or faults:
        raise ConfigError(faults)
    if "defaults" in tree.children:
        settings._tree = tree.with_child("defaults", _noted(tree.get("defaults")))
    settings._file = path
    return settings


def _path(config: Path | None, environment: Mapping[str, str]) -> Path | None:
    if config is not None:
        return config
    named = environment.get(f"{PREFIX}CONFIG", "")
    if named:
        return Path(named)
    return Path(FILE) if Path(FILE).is_file() else None


def _noted(tree: Node) -> Node:
    return convert(tree, lambda _, leaf: Node(leaf.value, _note(leaf.origin), leaf.key))


def _note(origin: Origin) -> Origin:
    return Origin(origin.file, origin.line, origin.column, "settings defaults") if origin.file else origin
