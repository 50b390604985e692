"""Names of resources, as ids."""

import re

from logverdict.domain.errors import InvalidRequest

VERIFICATION = re.compile(r"verifications/([a-z0-9-]{1,64})")
FEEDBACK = re.compile(r"feedback/([a-z0-9][a-z0-9-]{0,62})")
TEMPLATE = re.compile(r"templates/([A-Za-z0-9_-]{1,64})")


def verification_id(name: str, field: str = "name") -> str:
    """Raises InvalidRequest for what is no name of a verification."""
    return _id(VERIFICATION, name, field, "verification; write verifications/ID")


def feedback_id(name: str, field: str = "name") -> str:
    return _id(FEEDBACK, name, field, "feedback; write feedback/ID")


def template_id(name: str, field: str = "name") -> str:
    return _id(TEMPLATE, name, field, "template; write templates/ID")


def _id(pattern: re.Pattern[str], name: str, field: str, what: str) -> str:
    found = pattern.fullmatch(name)
    if found is None:
        raise InvalidRequest(field, f"{name!r} is no {what}")
    return found[1]
