"""Who may ask Splunk, over what connection, and in whose name."""

import logging
import re
from dataclasses import replace
from pathlib import Path

import pytest

from contract.log_source import results, window
from fakes import splunk
from fakes.splunk import TEN, coverage, refused
from logverdict.adapters.sources.splunk import SplunkSource
from logverdict.adapters.sources.splunk_session import Secret
from logverdict.domain.errors import FailedPrecondition, QueryRejected, SourceUnavailable
from logverdict.domain.verification import Coverage
from servers.splunk.knobs import Rule
from servers.splunk.server import SplunkServer

pytestmark = pytest.mark.usefixtures("no_pauses")

CREATE = re.compile("POST .*/jobs$")


@pytest.mark.parametrize("cookies", [True, False])
async def test_a_session_that_ended_is_renewed(server: SplunkServer, paged: SplunkSource, cookies: bool) -> None:
    """One new login, and the request again, with cookies or with the session key."""
    server.access.cookies = cookies
    await coverage(paged)
    server.access.end_sessions()
    assert await coverage(paged) == Coverage(expected=10, read=10)
    assert server.access.logins == 2


async def test_sessions_that_never_hold_are_refused(server: SplunkServer, paged: SplunkSource) -> None:
    """A login for each request would go on for ever."""
    server.knobs.requests_per_session = 0
    await refused(paged, QueryRejected, r"refused the credentials \(401\)")


async def test_a_missing_capability_is_refused(server: SplunkServer, paged: SplunkSource) -> None:
    """403 with the server's words."""
    server.knobs.rules.append(Rule(CREATE, status=403, body=b'{"messages":[{"type":"WARN","text":"no search"}]}'))
    await refused(paged, QueryRejected, r"\(403\): no search")


@pytest.mark.parametrize("kind", ["password", "token", "session_key"])
async def test_wrong_credentials_are_refused_without_showing_them(
    server: SplunkServer, tmp_path: Path, caplog: pytest.LogCaptureFixture, kind: str
) -> None:
    """Neither in the error nor in any log, whatever its level."""
    caplog.set_level(logging.DEBUG)
    (tmp_path / "wrong").write_text("wr0ng-secret")
    source = splunk.source(server, tmp_path, kind=kind, secret=Secret(file=tmp_path / "wrong"))
    text = await refused(source, QueryRejected, r"refused the credentials \(401\)")
    assert "wr0ng-secret" not in text + caplog.text
    source.close()


async def test_a_session_key_is_enough(server: SplunkServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody else has logged in."""
    monkeypatch.setenv("KEY", server.access.login("verifier", splunk.PASSWORD) or "")
    source = splunk.source(server, tmp_path, kind="session_key", secret=Secret("KEY"), username="")
    assert await coverage(source) == Coverage(expected=10, read=10)
    source.close()


async def test_an_untrusted_certificate_is_refused(certificates: Path, tmp_path: Path) -> None:
    """Splunk's own default certificate is: the sentence says where to name its CA. Nothing was sent."""
    with SplunkServer(certificates) as server:
        source = splunk.source(server, tmp_path)
        await refused(source, SourceUnavailable, "not trusted: .*ca_file")
        assert server.seen == []
        source.close()


async def test_unverified_is_a_choice(certificates: Path, tmp_path: Path) -> None:
    """verify: false takes any certificate."""
    with SplunkServer(certificates) as server:
        source = splunk.source(server, tmp_path, verify=False)
        assert (await coverage(source)).read == 0
        source.close()


async def test_a_client_certificate_is_shown(certificates: Path, tmp_path: Path) -> None:
    """To a server that wants one; without it the connection fails."""
    with SplunkServer(certificates, client_ca=True) as server:
        pair = {"client_cert": certificates / "client.pem", "client_key": certificates / "client.key"}
        source = splunk.source(server, tmp_path, certificates=certificates, **pair)
        assert (await coverage(source)).complete
        bare = splunk.source(server, tmp_path, certificates=certificates)
        await refused(bare, SourceUnavailable, "the connection to Splunk")
        source.close()
        bare.close()


async def test_an_older_splunk_is_asked_by_its_own_paths(tmp_path: Path) -> None:
    """Before 9.0.2 there is no second version, and results are GET."""
    with SplunkServer(version="8.2.6") as server:
        splunk.fill(server, TEN)
        source = splunk.source(server, tmp_path)
        assert await coverage(source) == Coverage(expected=10, read=10)
        assert not any("v2" in path for _, path, _ in server.seen)
        assert {method for method, path, _ in server.seen if path.endswith("/results")} == {"GET"}
        source.close()


async def test_every_search_has_both_ends_and_its_namespace(server: SplunkServer, paged: SplunkSource) -> None:
    """A search without them would be over all time, or see other knowledge than was meant."""
    spec = replace(splunk.SPEC, options={"index": "app", "owner": "ops", "app": "shop"})
    await results((paged, spec), window(0.25, 10))
    assert {(form["earliest_time"], form["latest_time"]) for form in server.searches()} == {
        ("1795316400.250000", "1795316410.000000")
    }
    jobs = [path for _, path, _ in server.seen if "jobs" in path]
    assert all(path.startswith("/servicesNS/ops/shop/search/v2/jobs") for path in jobs)


def test_a_missing_secret_is_told_by_its_place(server: SplunkServer, tmp_path: Path) -> None:
    """Before anything is asked of Splunk."""
    source = splunk.source(server, tmp_path, secret=Secret("NO_SUCH_VARIABLE"))
    with pytest.raises(FailedPrecondition, match="NO_SUCH_VARIABLE holds no secret"):
        source.open()


def test_without_the_sdk_the_command_that_installs_it_is_told(
    server: SplunkServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A service without the extra starts with a clear fault."""
    monkeypatch.setitem(__import__("sys").modules, "splunklib.client", None)
    with pytest.raises(FailedPrecondition, match=r"pip install 'logverdict\[splunk\]'"):
        splunk.source(server, tmp_path).open()
