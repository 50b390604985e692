"""Connections of kind splunk in the settings."""

from pathlib import Path

import pytest

from logverdict.adapters.profiles.faults import ConfigError
from logverdict.adapters.sources.splunk_session import Secret
from logverdict.app import build_sources
from logverdict.connections import SplunkConnection
from logverdict.settings import Settings, load


def loaded(folder: Path, fields: str) -> Settings:
    file = folder / "settings.yaml"
    file.write_text(f"connections:\n  prod:\n    kind: splunk\n    {fields.replace('; ', chr(10) + '    ')}\n")
    return load(file, {})


URL = "url: https://splunk.example:8089; "


def test_a_token_from_the_environment_is_enough(tmp_path: Path) -> None:
    """All else has a default: verified TLS, nobody/search, timeouts."""
    connection = loaded(tmp_path, URL + "token_env: SPLUNK_TOKEN").connections["prod"]
    assert isinstance(connection, SplunkConnection)
    access = connection.access()
    assert (access.kind, access.secret, access.verify) == ("token", Secret("SPLUNK_TOKEN"), True)
    assert (access.namespace.owner, access.namespace.app) == ("nobody", "search")
    assert (access.timeout, access.search_timeout, access.threads) == (60.0, 300.0, 4)


def test_files_start_at_the_folder_of_the_settings(tmp_path: Path) -> None:
    """Secrets and certificates by name, never by value."""
    for name in ("password", "ca.pem", "me.pem"):
        (tmp_path / name).write_text("x")
    text = URL + "username: verifier; password_file: password; ca_file: ca.pem; client_cert: me.pem; timeout: 5s"
    connection = loaded(tmp_path, text).connections["prod"]
    assert isinstance(connection, SplunkConnection)
    access = connection.access()
    assert (access.kind, access.username) == ("password", "verifier")
    assert access.secret == Secret(file=tmp_path / "password")
    assert (access.ca_file, access.client_cert, access.timeout) == (tmp_path / "ca.pem", tmp_path / "me.pem", 5.0)


def test_the_source_is_built_without_a_secret_or_a_connection(tmp_path: Path) -> None:
    """Profiles can be checked on a machine that has neither."""
    settings = loaded(tmp_path, URL + "token_env: NO_SUCH_VARIABLE")
    assert type(build_sources(settings)["prod"]).__name__ == "SplunkSource"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (URL, "no secret given; allowed: one of password_env"),
        (URL + "token_env: A; session_key_env: B", "token_env and session_key_env given; allowed: one of"),
        (URL + "password_env: A", "username and password belong together"),
        (URL + "token_env: A; username: u", "username and password belong together"),
        (URL + "token_env: a-b", "is no name of an environment variable"),
        (URL + "token_file: nix", "nix does not exist"),
        (URL + "token: abc", "token: unknown field"),
        (URL + "token_env: A; app: a/b", "'a/b' is no name in Splunk"),
        (URL + "token_env: A; threads: 0", "0 is out of bounds"),
        (URL + "token_env: A; verify: 'no'", "verify"),
        (URL + "token_env: A; client_key: settings.yaml", "client_key is given without client_cert"),
        ("url: http://splunk.example:8089; token_env: A", "would get the credentials unencrypted"),
        ("url: splunk.example; token_env: A", "is no address of a Splunk"),
        ("url: https://splunk.example/en-GB; token_env: A", "is no address of a Splunk"),
        ("url: https://splunk.example:99999; token_env: A", "is no address of a Splunk"),
        ("token_env: A", "url"),
    ],
)
def test_mistakes_are_told(tmp_path: Path, text: str, fault: str) -> None:
    """What was wrong and what is allowed."""
    with pytest.raises(ConfigError) as wrong:
        loaded(tmp_path, text)
    assert fault in str(wrong.value)


def test_a_password_in_the_url_is_not_repeated(tmp_path: Path) -> None:
    """Not even in the error that refuses it."""
    with pytest.raises(ConfigError) as wrong:
        loaded(tmp_path, "url: https://me:hunter2@splunk.example:8089; token_env: A")
    assert "hunter2" not in str(wrong.value)


def test_an_unknown_field_is_told_what_this_kind_has(tmp_path: Path) -> None:
    """Fields of other kinds are no help."""
    with pytest.raises(ConfigError) as raised:
        loaded(tmp_path, URL + "token_env: A; tokn_file: x")
    (said,) = map(str, raised.value.faults)
    first = list(SplunkConnection.model_fields)[:12]
    assert f"unknown field; allowed: {', '.join(first)}" in said
    assert said.endswith("did you mean token_file?")
