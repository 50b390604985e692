"""The commands that look back and decide, against a real server over a short history."""

import csv
import io
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from fakes.past_server import past_server


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[str]:
    async with past_server(tmp_path) as (address, _):
        yield address


async def test_history_goes_page_by_page(call: Any, server: str) -> None:
    """A page names what to type for the next one; JSON is the protocol's."""
    first = await call("history", "--limit", "1", server=server)
    assert "1.2.0" in first.out and "--next " in first.err
    rest = await call("history", "--limit", "1", "--next", first.err.split()[-1], server=server)
    assert (rest.code, "bad" in rest.out, rest.err) == (0, True, "")
    told = json.loads((await call("history", "--verdict", "fail", "--json", server=server)).out)
    assert [one["name"] for one in told["verifications"]] == ["verifications/bad"]
    wrong = await call("history", "--outcome", "fine", server=server)
    assert (wrong.code, "NONE, GOOD" in wrong.err) == (2, True)


async def test_an_outcome_shows_in_history_and_statistics(call: Any, server: str) -> None:
    """Recorded by name or by deployment, then counted as a true alarm or a miss."""
    one = await call("outcome", "bad", "bad", "--link", "https://t.example/1", server=server)
    two = await call("outcome", "checkout@1.2.0", "rolled-back", "-e", "prod", server=server)
    assert (one.code, two.code, "ROLLED_BACK" in two.out) == (0, 0, True)
    assert "https://t.example/1" in (await call("outcome", "bad", server=server)).out
    assert "BAD" in (await call("history", "--outcome", "bad", server=server)).out
    period = ("--until", "2026-11-21T00:00:00Z", "--by", "service")
    found = await call("stats", *period, server=server)
    assert "1 true, 0 false, 0 unknown" in found.out and "1 missed" in found.out and "50.0 %" in found.out
    assert json.loads((await call("stats", *period, "--json", server=server)).out)["total"]["true_alarms"] == 1


async def test_outcomes_of_a_file(call: Any, server: str, tmp_path: Path) -> None:
    """Each line for itself: what is broken or not found is named by its line, the rest is recorded, exit code 2."""
    file = tmp_path / "outcomes.csv"
    broken = "checkout,prod,1.1.0,fine,\r\ncheckout,prod,1.1.0,bad,x,y\r\n,,,,\r\ncheckout,prod,1.1.0\r\n"
    good = 'checkout,prod,1.1.0,good,"two\r\nlines"\r\ncheckout,prod,9,bad,\r\n'
    text = f"Service,environment,version,outcome,note\r\n{good}"
    file.write_bytes(b"\xef\xbb\xbf" + (text + broken).encode())
    ended = await call("outcome", "--csv", str(file), server=server)
    assert (ended.code, ended.out) == (2, "1 of 5 outcomes recorded\n")
    said = [line.partition(".")[0].partition(";")[0] for line in ended.err.splitlines()]
    assert said == [
        "line 4: there is no verification of checkout 9 in prod",
        "line 5: 'fine' is no outcome",
        "line 6: has 6 cells, and there are 5 columns",
        "line 8: '' is no outcome",
    ]
    told = json.loads((await call("outcome", "--csv", str(file), "--json", server=server)).out)["items"]
    assert [one["line"] for one in told if one["recorded"]] == [3]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"who,outcome\n", "columns are who"),
        (b"", "columns are none"),
        (b"verification;outcome\nbad;good\n", "columns are verification;outcome"),
        (b"verification,outcome,outcome\nbad,good,bad\n", "columns are verification, outcome, outcome"),
        (b'verification,outcome\nbad,"good\n', "is no CSV: unexpected end of data"),
        (b"verification,outcome,note\nbad,good,\xe4\n", "is not UTF-8 text"),
    ],
)
async def test_of_a_file_that_is_no_csv_of_outcomes_nothing_is_sent(
    call: Any, server: str, tmp_path: Path, data: bytes, said: str
) -> None:
    """It says why, and no line of it is recorded."""
    file = tmp_path / "outcomes.csv"
    file.write_bytes(data)
    wrong = await call("outcome", "--csv", str(file), server=server)
    assert (wrong.code, wrong.out, said in wrong.err) == (2, "", True)
    assert (await call("outcome", "bad", server=server)).out == ""


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("--csv", "x.csv", "--note", "x"), "--note is given beside --csv"),
        (("bad", "--note", "x"), "--note is given without an outcome"),
        (
            ("bad", "good", "--time", "-1h", "-e", "prod"),
            "--environment and --time are given beside a verification's name",
        ),
    ],
)
async def test_an_option_of_an_outcome_is_never_ignored(call: Any, args: tuple[str, ...], said: str) -> None:
    """What would do nothing is refused, before the server is asked."""
    wrong = await call("outcome", *args)
    assert (wrong.code, said in wrong.err) == (2, True)


async def test_an_override_is_shown(call: Any, server: str) -> None:
    """`get` tells who decided, instead of what, and why; `history` marks it."""
    ended = await call("override", "bad", "--decision", "proceed", "--reason", "known, OPS-17", server=server)
    assert "decision PROCEED instead of STOP; the verdict stays FAIL" in ended.out
    shown = " ".join((await call("get", "bad", server=server)).out.split())
    assert "overridden, STOP before, by local (unverified)" in shown and "known, OPS-17" in shown
    assert "mode" not in shown
    assert "PROCEED*" in (await call("history", server=server)).out


async def test_judged_again_and_what_if(call: Any, server: str) -> None:
    """What it was and what it would be; a table needs a policy that differs."""
    again = await call("judge", "good", "--sensitivity", "high", server=server)
    assert again.out.startswith("under sensitivity HIGH: FAIL, STOP; the verdict of record stays PASS, PROCEED")
    gone = await call("judge", "bad", server=server)
    assert (gone.code, "COUNTS_DELETED" in gone.err) == (2, True)
    table = await call("what-if", "--sensitivity", "high", "--since", "2026-11-01T00:00:00Z", server=server)
    assert "1 could not be judged again: COUNTS_DELETED" in table.out
    assert "1 would change:" in table.out and "PROCEED → STOP" in table.out
    none = await call("what-if", server=server)
    assert (none.code, "--sensitivity high" in none.err) == (2, True)


async def test_pins(call: Any, server: str) -> None:
    """Pinned, listed, taken back."""
    assert "pinned for checkout in prod" in (await call("pin", "good", "--reason", "may", server=server)).out
    assert "may" in (await call("pins", server=server)).out
    assert (await call("unpin", "good", server=server)).code == 0
    assert "nothing is pinned" in (await call("pins", "--service", "checkout", server=server)).err


async def test_template(call: Any, server: str) -> None:
    """Found by text, and told by its id, which is that of its event."""
    assert "e1" in (await call("template", "--text", "encrypt", server=server)).out
    told = await call("template", "e1", server=server)
    assert "first in verifications/bad" in told.out and "UNKNOWN" in told.out


async def test_a_template_in_some_verifications_only(call: Any, server: str) -> None:
    """Each option holds for one template too; where none of those has it, that is said."""
    where = ("--service", "checkout", "-e", "prod", "--version", "1.1.0", "--since", "2026-11-01T00:00:00Z")
    assert "verifications/bad" in (await call("template", "e1", *where, server=server)).out
    for other in (("--version", "1.2.0"), ("--since", "1h"), ("--filter", "verdict = PASS"), ("--service", "cart")):
        none = await call("template", "e1", *other, server=server)
        assert (none.code, "no verification of those asked for" in none.err) == (2, True)
    both = await call("template", "e1", "--text", "encrypt", server=server)
    assert (both.code, "--text finds templates" in both.err) == (2, True)


async def test_a_template_tells_its_feedback(call: Any, server: str) -> None:
    """What is said of it now, what was applied and by whom; the same as JSON, at each sighting too."""
    told = " ".join((await call("template", "e1", server=server)).out.split())
    assert "now is ignored in checkout in prod by feedback/f1 of ann: “known noise”" in told
    assert "applied in 1 verification, 2026-11-20, changed nothing: MEDIUM by feedback/f0 of bob (unverified)" in told
    full = json.loads((await call("template", "e1", "--json", server=server)).out)
    assert [one["author"] for one in (full["applied_feedback"][0], full["reaching_feedback"][0])] == ["bob", "ann"]
    (seen,) = full["sightings"]
    assert (seen["applied_feedback"][0]["level"], seen["reaching_feedback"][0]["level"]) == ("MEDIUM", "IGNORE")


async def test_export(call: Any, server: str, tmp_path: Path) -> None:
    """To stdout or a file, in both forms."""
    lines = (await call("export", server=server)).out.splitlines()
    assert [json.loads(line)["name"] for line in lines] == ["verifications/good", "verifications/bad"]
    await call("export", "--format", "csv", "--verdict", "fail", "--out", str(tmp_path / "a.csv"), server=server)
    (row,) = csv.DictReader(io.StringIO((tmp_path / "a.csv").read_text()))
    assert (row["name"], row["decision"]) == ("verifications/bad", "STOP")


async def test_an_export_that_fails_leaves_a_file_alone(call: Any, server: str, tmp_path: Path) -> None:
    """A filter that is refused costs no file; a full disk is told, and is no error of ours."""
    file = tmp_path / "month.csv"
    file.write_text("of last month")
    wrong = await call("export", "--format", "csv", "--filter", "typo", "--out", str(file), server=server)
    assert (wrong.code, wrong.out, file.read_text()) == (2, "", "of last month")
    piped = await call("export", "--format", "csv", "--filter", "typo", server=server)
    assert (piped.code, piped.out) == (2, "")
    full = await call("export", "--out", "/dev/full", server=server)
    assert (full.code, "No space left" in full.err, "itself failed" in full.err) == (2, True, False)
