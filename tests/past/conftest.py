"""Fixtures of the tests of what comes after a verdict."""

from fakes.world import world as world
