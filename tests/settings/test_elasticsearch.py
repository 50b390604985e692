"""Connections to Elasticsearch in the settings."""

import base64
from pathlib import Path

import pytest

from logverdict.adapters.profiles.faults import ConfigError
from logverdict.adapters.sources.elasticsearch_access import Access
from logverdict.app import build_sources
from logverdict.connections import ElasticsearchConnection
from logverdict.domain.errors import FailedPrecondition
from logverdict.settings import load

CLOUD = "shop:" + base64.b64encode(b"cloud.example:443$abc$def").decode()


def settings_file(folder: Path, connection: str) -> Path:
    file = folder / "settings.yaml"
    file.write_text(f"connections:\n  logs: {{kind: elasticsearch, {connection}}}\n")
    return file


def access(folder: Path, connection: str) -> Access:
    found = load(settings_file(folder, connection), {}).connections["logs"]
    assert isinstance(found, ElasticsearchConnection)
    return found.access()


def test_an_address_is_enough(tmp_path: Path) -> None:
    """TLS is verified, nobody is named, the port is that of the scheme."""
    made = access(tmp_path, "urls: 'https://es.example'")
    assert (made.urls, made.auth, made.verify) == (("https://es.example:443",), "none", True)


@pytest.mark.parametrize(
    ("connection", "auth", "user"),
    [
        ("urls: ['https://a:9200', 'https://b:9200'], username: joe, password_env: HOME", "basic", "joe"),
        (f"cloud_id: '{CLOUD}', api_key_env: HOME", "api_key", ""),
        ("urls: 'https://a:9200', api_key_id: abc, api_key_env: HOME", "api_key", "abc"),
        ("urls: 'https://a:9200', token_file: secret", "bearer", ""),
        ("urls: 'https://a:9200', client_cert: secret, client_key: secret, ca_file: secret", "certificate", ""),
        ("urls: 'http://127.0.0.1:9200', username: joe, password_file: secret", "basic", "joe"),
    ],
)
def test_each_way_to_be_known(tmp_path: Path, connection: str, auth: str, user: str) -> None:
    """What is given tells the way; paths start at the file's folder."""
    (tmp_path / "secret").write_text("s3cret\n")
    made = access(tmp_path, connection)
    assert (made.auth, made.user) == (auth, user)
    assert "s3cret" not in repr(made)


@pytest.mark.parametrize(
    ("connection", "said"),
    [
        ("compress: true", "needs to know one place; allowed: urls or cloud_id"),
        (f"urls: 'https://a:9200', cloud_id: '{CLOUD}'", "needs to know one place"),
        ("cloud_id: nonsense", "is no Cloud id"),
        ("urls: 'ftp://a'", "is no address of an Elasticsearch"),
        ("urls: 'https://joe:hunter2@a:9200'", "without user or password"),
        ("urls: 'https://a:9200', password: hunter2", "unknown field"),
        ("urls: 'https://a:9200', username: joe", "username and password belong together"),
        ("urls: 'https://a:9200', password_env: HOME", "username and password belong together"),
        ("urls: 'https://a:9200', password_env: 'hunter2!', username: joe", "is no name of an environment variable"),
        ("urls: 'https://a:9200', api_key_env: HOME, token_env: HOME", "api_key_env and token_env are given"),
        ("urls: 'https://a:9200', api_key_id: abc", "api_key_id is given without a key"),
        ("urls: 'https://a:9200', token_file: missing", "does not exist"),
        ("urls: 'https://a:9200', client_cert: settings.yaml", "belong together"),
        ("urls: 'https://a:9200', fingerprint: abc", "is no fingerprint"),
        (f"urls: 'https://a:9200', fingerprint: '{'ab' * 32}', ca_file: settings.yaml", "stands alone"),
        ("urls: 'http://es.example:9200', api_key_env: HOME", "unencrypted"),
        ("urls: 'https://a:9200', timeout: 1h", "too long"),
        ("urls: 'https://a:9200', verify: maybe", "verify"),
    ],
)
def test_what_does_not_fit_is_refused(tmp_path: Path, connection: str, said: str) -> None:
    """Each mistake is named, and no secret that stands in the wrong place is repeated."""
    with pytest.raises(ConfigError, match=said) as wrong:
        access(tmp_path, connection)
    assert "hunter2" not in str(wrong.value)


def test_relative_paths_of_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a variable they start at the working folder."""
    (tmp_path / "ca.pem").touch()
    monkeypatch.chdir(tmp_path)
    names = {"KIND": "elasticsearch", "URLS": "https://a:9200", "CA_FILE": "ca.pem"}
    found = load(None, {f"LOGVERDICT_CONNECTIONS__LOGS__{name}": value for name, value in names.items()})
    assert found.connections["logs"].ca_file == tmp_path / "ca.pem"  # type: ignore[union-attr]


def test_without_the_client_the_install_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A service without the extra says what to install when a connection needs it."""
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    settings = load(settings_file(tmp_path, "urls: 'https://a:9200'"), {})
    with pytest.raises(FailedPrecondition, match=r"pip install 'logverdict\[elasticsearch\]'"):
        build_sources(settings)
