"""The request id: one CI attempt, one verification."""

import pytest

from logverdict.cli.ci import ATTEMPTS, request_id

GITHUB = {"GITHUB_RUN_ID": "7", "GITHUB_RUN_ATTEMPT": "1", "GITHUB_JOB": "verify"}
WHAT = ("checkout", "prod", "1.1")


def test_the_same_attempt_gives_the_same_id():
    """A call that is repeated within one CI attempt gets the verification of the first."""
    assert request_id(GITHUB, WHAT, ()) == request_id(dict(GITHUB), WHAT, ())


@pytest.mark.parametrize("name", GITHUB)
def test_another_attempt_gives_another_id(name):
    """A new attempt, job or run never gets an old verdict."""
    assert request_id(GITHUB, WHAT, ()) != request_id({**GITHUB, name: "2"}, WHAT, ())


def test_another_deployment_or_call_gives_another_id():
    """Two services, or two ways to judge one, do not meet within an attempt."""
    ids = {
        request_id(GITHUB, WHAT, ()),
        request_id(GITHUB, ("checkout", "prod", "1.2"), ()),
        request_id(GITHUB, WHAT, ("x",)),
    }
    assert len(ids) == 3


@pytest.mark.parametrize("mark", ATTEMPTS)
def test_each_ci_system_is_known(mark):
    """Each CI system is told by its variable; the id fits the protocol's 100 characters."""
    environ = {name: "1" for name in ATTEMPTS[mark]} | {mark: "1"}
    found = request_id(environ, WHAT, ())
    assert found.startswith("ci-")
    assert len(found) <= 100
    assert found == request_id(environ, WHAT, ())


def test_outside_ci_every_call_is_new():
    """A person who types the same line twice gets two verifications."""
    assert request_id({}, WHAT, ()) != request_id({}, WHAT, ())


def test_a_name_of_ones_own_comes_first():
    """LOGVERDICT_ATTEMPT names the attempt whatever the CI system says."""
    own = {"LOGVERDICT_ATTEMPT": "a"}
    assert request_id({**GITHUB, **own}, WHAT, ()) == request_id(own, WHAT, ())
