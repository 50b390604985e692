"""Fixtures of the tests of feedback."""

from fakes.world import world as world
