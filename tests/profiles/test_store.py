"""Profiles in force: chosen, resolved, reloaded."""

import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from logverdict.adapters.profiles.faults import ConfigError
from logverdict.adapters.profiles.store import FileProfiles
from logverdict.adapters.profiles.tree import node
from logverdict.domain.errors import InvalidRequest, NotFound
from logverdict.domain.policy import Policy
from logverdict.domain.profile import FieldNames, Profile, SourceSpec, Timing
from logverdict.domain.wanted import InlineProfile
from logverdict.domain.words import Comparison, Decision, Mode, Sensitivity, Severity

SHOP = """
variables: {index: "shop-${environment}"}
defaults:
  each_source: {connection: logs, severities: {notice: INFO}}
  policy: {sensitivity: low}
  environments:
    dev: {policy: {mode: OBSERVE}}
profiles:
  web:
    abstract: true
    sources: {app: {query: "${index}/${service}", fields: {time: when}}}
    timing: {settle: 2m, duration: 1h}
  checkout:
    extends: web
    comparison: concurrent
    variables: {index: "pay-$${x}-${environment}"}
    policy: {on_warn: ASK}
    timing: {duration: 30m}
    sources: {db: {connection: more, query: db, options: {format: json, deep: true, n: 3}}}
    environments:
      dev: {sources: {app: {query: dev}}}
"""
PLAIN = "profiles: {%s: {sources: {app: {connection: logs, query: '${service}'}}}}"


@pytest.fixture
def profiles(write: Callable[..., Path], operator: Any) -> Callable[..., FileProfiles]:
    return lambda **texts: FileProfiles(operator(write(**texts)))


def test_a_profile_without_a_word_has_the_defaults(profiles: Callable[..., FileProfiles]) -> None:
    """What nobody says is as the domain has it."""
    source = SourceSpec("app", "logs", "x", FieldNames())
    assert profiles(f=PLAIN % "x").named("x", "x", "prod") == Profile("x", (source,), Policy(), Timing())


def test_a_profile_is_resolved(profiles: Callable[..., FileProfiles]) -> None:
    """Defaults, inheritance and variables are in place; mappings merge, scalars and lists replace."""
    assert profiles(f=SHOP).named("", "checkout", "prod") == Profile(
        "checkout",
        (
            SourceSpec("app", "logs", "pay-${x}-prod/checkout", FieldNames(time=("when",)), {"notice": Severity.INFO}),
            SourceSpec(
                "db",
                "more",
                "db",
                severities={"notice": Severity.INFO},
                options={"format": "json", "deep": "true", "n": "3"},
            ),
        ),
        Policy(sensitivity=Sensitivity.LOW, on_warn=Decision.ASK),
        Timing(settle=timedelta(minutes=2), duration=timedelta(minutes=30)),
        Comparison.CONCURRENT,
    )


def test_an_environment_is_laid_over_all(profiles: Callable[..., FileProfiles]) -> None:
    """What defaults and profile say of an environment holds there only, and over what they say of all."""
    found = profiles(f=SHOP).named("checkout", "checkout", "dev")
    assert (found.policy.mode, found.sources[0].query) == (Mode.OBSERVE, "dev")


def test_settings_come_before_files(write: Callable[..., Path], operator: Any) -> None:
    """The operator's defaults hold where the files say nothing."""
    settings = operator(write(f=SHOP), defaults_tree=node({"policy": {"sensitivity": "HIGH", "on_error": "STOP"}}))
    policy = FileProfiles(settings).named("checkout", "checkout", "prod").policy
    assert (policy.sensitivity, policy.on_error) == (Sensitivity.LOW, Decision.STOP)


def test_every_value_knows_its_origin(profiles: Callable[..., FileProfiles]) -> None:
    """The line it was written in, or that it is built in."""
    tree = profiles(f=SHOP).resolved("checkout", "checkout", "prod").tree
    assert tree.get("timing").get("settle").origin.line == 12
    assert tree.get("sources").get("app").get("connection").origin.line == 4
    assert str(tree.get("policy").get("mode").origin) == "built-in default"


def test_a_service_has_the_profile_of_its_name_else_the_default(profiles: Callable[..., FileProfiles]) -> None:
    """The fallback is the profile named default, which knows the service."""
    store = profiles(a=PLAIN % "default", b=PLAIN % "cart")
    assert store.named("", "cart", "prod").name == "cart"
    assert (store.named("", "other", "prod").name, store.named("", "other", "prod").sources[0].query) == (
        "default",
        "other",
    )


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("", r"no profile of its name.*did you mean checkout\?; known: checkout"),
        ("chekout", r"unknown profile 'chekout'; did you mean checkout\?; known: checkout"),
        ("web", "abstract"),
    ],
)
def test_an_unknown_profile_is_an_error_that_names_the_known(
    profiles: Callable[..., FileProfiles], name: str, text: str
) -> None:
    """A name that was given never falls back to another profile."""
    with pytest.raises(NotFound, match=text):
        profiles(f=SHOP).named(name, "checkouts", "prod")


def test_no_profiles_at_all_is_said(operator: Any) -> None:
    """Settings without profiles are right; a request that needs one is told what to do."""
    with pytest.raises(NotFound, match="no profiles are configured"):
        FileProfiles(operator(None)).named("", "x", "prod")


@pytest.mark.parametrize("service", ["../etc", 'x" OR *', "a b", "", "*", "-x", "${index}"])
def test_a_service_that_could_change_a_query_is_refused(profiles: Callable[..., FileProfiles], service: str) -> None:
    """Callers' words go into queries only when they can mean nothing there."""
    with pytest.raises(InvalidRequest) as wrong:
        profiles(f=PLAIN % "x").named("x", service, "prod")
    assert wrong.value.field == "deployment.service"


def test_an_odd_service_is_fine_where_no_query_uses_it(profiles: Callable[..., FileProfiles]) -> None:
    """Only what is used is restricted."""
    text = "profiles: {x: {sources: {app: {connection: logs, query: q}}}}"
    assert profiles(f=text).named("x", "my service", "eu/prod").sources[0].query == "q"


def test_mistakes_stop_the_start(profiles: Callable[..., FileProfiles]) -> None:
    """All of them are in the error."""
    with pytest.raises(ConfigError) as wrong:
        profiles(f="profiles: {x: {}}\nprofles: {}\n")
    assert len(wrong.value.faults) == 2
    assert "2 mistakes" in wrong.value.message


def test_changed_files_are_read_again(profiles: Callable[..., FileProfiles], write: Callable[..., Path]) -> None:
    """A file that is new or changed counts from the next call on."""
    store = profiles(f=PLAIN % "x")
    write(g=PLAIN % "y")
    assert store.named("y", "y", "prod").name == "y"


def test_a_broken_change_leaves_profiles_as_they_were(
    profiles: Callable[..., FileProfiles], write: Callable[..., Path]
) -> None:
    """A slip in an editor must not stop verifications; mending it does count."""
    store = profiles(f=PLAIN % "x")
    folder = write(f="profiles: {")
    assert store.named("x", "x", "prod").name == "x"
    write(f=PLAIN % "zz")
    os.utime(folder / "f.yaml", ns=(1, 1))
    assert store.named("zz", "zz", "prod").name == "zz"


def inline(**changes: Any) -> InlineProfile:
    values = {"name": "app", "connection": "logs", "query": "${as it is}", **changes}
    return InlineProfile((SourceSpec(**values),), {"on_warn": Decision.STOP}, {"settle": timedelta(0)})


def test_an_inline_profile_lies_over_the_defaults(profiles: Callable[..., FileProfiles]) -> None:
    """Policy and timing start from the operator's; sources are the request's own, word for word."""
    brought = inline()
    found = profiles(f=SHOP).inline(brought, "any service", "dev")
    assert found == Profile(
        "inline",
        brought.sources,
        Policy(sensitivity=Sensitivity.LOW, mode=Mode.OBSERVE, on_warn=Decision.STOP),
        Timing(settle=timedelta(0)),
    )


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"connection": "nix"}, "inline_profile.sources[0].connection"),
        ({"query": " "}, "inline_profile.sources[0].query"),
        ({"query": "x" * 16_001}, "inline_profile.sources[0].query"),
        ({"name": ""}, "inline_profile.sources[0].name"),
    ],
)
def test_an_inline_source_beyond_the_limits_is_refused(operator: Any, changes: dict[str, str], field: str) -> None:
    """The field is named as the caller wrote it."""
    with pytest.raises(InvalidRequest) as wrong:
        FileProfiles(operator(None)).inline(inline(**changes), "s", "e")
    assert wrong.value.field == field


@pytest.mark.parametrize(
    ("brought", "field"),
    [
        (InlineProfile(()), "inline_profile.sources"),
        (InlineProfile(inline().sources * 17), "inline_profile.sources"),
        (InlineProfile(inline().sources * 2), "inline_profile.sources"),
        (InlineProfile(inline().sources, {"min_entries": -1}), "inline_profile.policy.min_entries"),
        (InlineProfile(inline().sources, {"nix": 1}), "inline_profile.policy.nix"),
        (InlineProfile(inline().sources, {}, {"interval": timedelta(0)}), "inline_profile.timing.interval"),
    ],
)
def test_an_inline_profile_beyond_the_limits_is_refused(operator: Any, brought: InlineProfile, field: str) -> None:
    """Too few, too many or twin sources, and what policy and timing refuse."""
    with pytest.raises(InvalidRequest) as wrong:
        FileProfiles(operator(None)).inline(brought, "s", "e")
    assert wrong.value.field == field
