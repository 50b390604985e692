"""Fixtures of the use cases' tests."""

from fakes.world import world as world
