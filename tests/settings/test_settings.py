"""The operator's settings."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from logverdict.adapters.profiles.faults import ConfigError
from logverdict.connections import PostgresUrl
from logverdict.domain.words import Mode, Sensitivity
from logverdict.settings import Defaults, FileConnection, Settings, load

HERE = "127.0.0.1:50051"
Write = Callable[[str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    (tmp_path / "logs").mkdir()

    def make(text: str) -> Path:
        file = tmp_path / "settings.yaml"
        file.write_text(text, encoding="utf-8")
        return file

    return make


def faults(file: Path | None, **environment: str) -> list[str]:
    with pytest.raises(ConfigError) as wrong:
        load(file, environment)
    return [str(fault).replace(f"{file}:", "") for fault in wrong.value.faults]


def test_without_a_file_the_defaults_hold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty machine can serve: loopback, SQLite in the state folder, no connections."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", "/state")
    settings = load(None, {})
    assert (settings.listen, settings.store) == (HERE, Path("/state/logverdict/logverdict.db"))
    assert (settings.connections, settings.profiles, settings.file) == ({}, None, None)
    assert (settings.max_verifications, settings.max_queued) == (64, 100)
    assert (settings.max_per_caller, settings.max_entries) == (1_000, 50_000_000)
    assert (settings.retention.slices, settings.retention.verifications) == (timedelta(days=14), timedelta(days=180))
    assert settings.retention.samples == settings.retention.calls == timedelta(days=90)
    assert (settings.heartbeat, settings.log_level, settings.log_format) == (timedelta(seconds=15), "info", "text")
    assert settings.workers in (1, 2)


def test_a_file_is_read(write: Write, tmp_path: Path) -> None:
    """Relative paths start at the file's folder."""
    settings = load(write("connections: {a: {kind: file, root: logs}}\nstore: x.db\nprofiles: settings.yaml\n"), {})
    assert settings.connections == {"a": FileConnection(kind="file", root=tmp_path / "logs")}
    assert (settings.store, settings.profiles) == (tmp_path / "x.db", tmp_path / "settings.yaml")


def test_the_environment_comes_over_the_file(write: Write, tmp_path: Path) -> None:
    """Nested names are joined by two underscores; mappings may be JSON; relative paths start where we are."""
    file = write("workers: 3\nretention: {slices: 1d, verifications: 2d}\n")
    settings = load(
        file,
        {
            "LOGVERDICT_WORKERS": "4",
            "LOGVERDICT_RETENTION__SLICES": "5d",
            "LOGVERDICT_CONNECTIONS": f'{{"a": {{"kind": "file", "root": "{tmp_path}"}}}}',
            "LOGVERDICT_CONNECTIONS__B__KIND": "file",
            "LOGVERDICT_CONNECTIONS__B__ROOT": ".",
            "LOGVERDICT_STORE": "x.db",
            "LOGVERDICT_DEFAULTS__POLICY__EARLY_STOP": "false",
            "LOGVERDICT_HEARTBEAT": "",
        },
    )
    assert (settings.workers, settings.heartbeat) == (4, timedelta(seconds=15))
    assert (settings.retention.slices, settings.retention.verifications) == (timedelta(days=5), timedelta(days=2))
    assert [connection.root for connection in settings.connections.values()] == [tmp_path, Path.cwd()]
    assert settings.store == Path.cwd() / "x.db"
    assert settings.defaults.policy is not None
    assert settings.defaults.policy.early_stop is False


def test_the_file_may_be_named_by_the_environment(write: Write) -> None:
    """LOGVERDICT_CONFIG names it; an argument comes before it."""
    file = write("workers: 3\n")
    assert load(None, {"LOGVERDICT_CONFIG": str(file)}).workers == 3
    assert load(file, {"LOGVERDICT_CONFIG": "/nowhere"}).workers == 3


def test_a_file_that_is_named_must_be_there(tmp_path: Path) -> None:
    """A wrong path must not look like default settings."""
    assert "cannot be read" in faults(tmp_path / "none.yaml")[0]


def test_all_faults_come_at_once(write: Write) -> None:
    """Each with its place, what was wrong, what is allowed and what was probably meant."""
    file = write(
        "listen: 0.0.0.0:50051\nstroe: x\nconnections:\n  es: {kind: elastic}\n  f: {kind: file, root: nix}\n"
        "workers: 0\nlog: {level: loud}\nheartbeat: 15\ndefaults: {policy: {mode: observ}}\n"
    )
    found = faults(file, LOGVERDICT_MAX_QUEUED="-1", LOGVERDICT_LISTN="x")
    assert [line.partition(";")[0] for line in found] == [
        "1:9: listen: 0.0.0.0 can be reached from other machines, and there is no authentication yet",
        "2:1: stroe: unknown field",
        "4:7: connections.es: unknown kind 'elastic'",
        f"5:25: connections.f.root: {file.parent / 'nix'} is no folder",
        "6:10: workers: 0 is out of bounds",
        "7:14: log.level: unknown word 'loud'",
        "8:12: heartbeat: 15 is no duration",
        "9:27: defaults.policy.mode: unknown word 'observ'",
        "LOGVERDICT_LISTN: is no setting",
        "LOGVERDICT_MAX_QUEUED: max_queued: -1 is out of bounds",
    ]
    assert found[1].endswith("did you mean store?")
    assert "file, splunk" in found[2]


@pytest.mark.parametrize("listen", ["127.0.0.1:0", "[::1]:50051", "localhost:1", "127.9.9.9:65535"])
def test_loopback_addresses_are_allowed(listen: str) -> None:
    """Whatever leads to this machine only."""
    assert Settings().listening_on(listen).listen == listen


@pytest.mark.parametrize("listen", ["0.0.0.0:1", "[::]:1", "10.0.0.1:1", "example.com:1", "127.0.0.1", ":1", "a:x"])
def test_other_addresses_are_refused(listen: str) -> None:
    """Until there is authentication nobody else may ask."""
    with pytest.raises(ConfigError, match="--listen: listen: "):
        Settings().listening_on(listen)


def test_variables_that_kubernetes_makes_are_left_alone() -> None:
    """A Service named logverdict gives every pod of its namespace such variables."""
    names = ("PORT", "SERVICE_HOST", "SERVICE_PORT", "PORT_50051_TCP", "PORT_50051_TCP_ADDR", "SERVICE_PORT_GRPC")
    assert load(Path("/dev/null"), {f"LOGVERDICT_{name}": "tcp://10.0.0.1:1" for name in names}).listen == HERE


def test_what_the_command_line_reads_is_no_slip() -> None:
    """LOGVERDICT_SERVER and its like are for clients."""
    assert load(Path("/dev/null"), {"LOGVERDICT_SERVER": "x", "LOGVERDICT_TIMEOUT": "1"}).listen == HERE


def test_defaults_keep_their_origin(write: Write) -> None:
    """So that `profile show` can say where a value comes from."""
    file = write("defaults:\n  policy: {mode: observe}\n")
    settings = load(file, {})
    mode = settings.defaults_tree.get("policy").get("mode")
    assert settings.defaults.policy is not None
    assert settings.defaults.policy.mode is Mode.OBSERVE
    assert str(mode.origin) == f"{file}:2 (settings defaults)"


def test_settings_made_in_code_have_defaults_too() -> None:
    """Without a file the tree comes from the values."""
    settings = Settings(defaults=Defaults.model_validate({"policy": {"sensitivity": "HIGH"}}))
    assert settings.defaults_tree.get("policy").get("sensitivity").value == Sensitivity.HIGH.name


def test_settings_of_another_machine_can_be_read(write: Write) -> None:
    """Their folders need not be here, as when profiles are checked in CI."""
    file = write("connections: {a: {kind: file, root: /nowhere/at/all}}\nprofiles: nix\n")
    assert list(load(file, {}, here=False).connections) == ["a"]
    assert len(faults(file)) == 2


def test_each_connection_has_a_limit_of_searches(write: Write) -> None:
    """1 to 100 at once; where nothing is said 4, or 2 of files, which this machine reads itself."""
    write("")
    text = (
        "connections:\n  disk: {kind: file, root: logs}\n  few: {kind: file, root: logs, max_searches: 1}\n"
        "  es: {kind: elasticsearch, urls: 'https://es'}\n"
        "  many: {kind: splunk, url: 'https://splunk', token_env: T, max_searches: 100}\n"
        "  splunk: {kind: splunk, url: 'https://splunk', token_env: T}\n"
    )
    found = {name: connection.max_searches for name, connection in load(write(text), {}).connections.items()}
    assert found == {"disk": 2, "few": 1, "es": 4, "many": 100, "splunk": 4}


@pytest.mark.parametrize("number", [0, 101])
def test_a_limit_of_searches_has_limits(write: Write, number: int) -> None:
    """None at all would never end, too many is no limit."""
    text = f"connections: {{a: {{kind: file, root: logs, max_searches: {number}}}}}\n"
    assert faults(write(text)) == [f"1:57: connections.a.max_searches: {number} is out of bounds; allowed: 1 to 100"]


def test_a_store_may_be_a_postgresql(write: Write, tmp_path: Path) -> None:
    """Its address is shown, so it holds no password; that comes from a variable or a file, and is read when needed."""
    (tmp_path / "secret").write_text("horse\n")
    settings = load(
        write("store: postgresql://me@one:5432,two/logs?sslmode=require\nstore_password_file: secret\n"), {}
    )
    assert str(settings.store) == "postgresql://me@one:5432,two/logs?sslmode=require"
    assert settings.store_password() == "horse"
    assert load(None, {"LOGVERDICT_STORE": "postgres://me@one/logs"}).store == PostgresUrl("postgresql://me@one/logs")
    assert load(None, {}).store_password() is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("store: postgresql://me:horse@one/logs", "store: holds a password"),
        ("store: postgresql://me@one/logs?password=horse", "store: holds a password"),
        ("store: postgresql://me@one", "store: names no database"),
        ("store: mysql://me:horse@one/logs", "store: is no address of a store that is known"),
        ("store_password_env: SECRET", "store_password_env is given, and the store is a file"),
        (
            "store: postgresql://me@one/logs\nstore_password_env: SECRET\nstore_password_file: settings.yaml",
            "store_password_env and store_password_file are given",
        ),
    ],
)
def test_a_store_that_cannot_be_is_refused(write: Write, text: str, said: str) -> None:
    """In words that never repeat a password."""
    (found,) = faults(write(text))
    assert said in found
    assert "horse" not in found


def test_own_redactions_are_checked_with_their_line(write: Write) -> None:
    """Each mistake of a rule comes with its line; a rule that fits its example is taken."""
    good = "redact:\n- {name: customer, pattern: 'customer [A-Za-z#]+', replace: <customer>, example: customer M7}\n"
    (part,) = load(write(good), {}).redact
    assert (part.rule.name, part.rule.replace) == ("customer", "<customer>")
    file = write(
        "redact:\n"
        "- {name: a, pattern: '(?<=x)y'}\n"
        "- {name: b, pattern: 'x*'}\n"
        "- {name: c, pattern: 'order [0-9]+', example: order 77}\n"
        "- {name: d, pattern: x, replace: id7}\n"
        "- {name: e, patern: x}\n"
    )
    found = faults(file)
    assert [line.split(": ")[0] for line in found] == ["2:22", "3:22", "4:3", "5:34", "6:3", "6:13"]
    assert "look-around" in found[0] and "everywhere" in found[1] and "'order #'" in found[2]
