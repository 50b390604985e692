"""${name} in texts: profile variables, and ${service} and ${environment} of the request."""

import re
from collections.abc import Callable, Mapping

from logverdict.adapters.profiles.faults import listed, near
from logverdict.domain.errors import InvalidRequest

BUILT_IN = ("service", "environment")
SAFE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_REFERENCE = re.compile(r"\$(\$?)\{([^{}]*)(\}?)")


class VariableFault(ValueError):
    def __init__(self, message: str, allowed: str = "", hint: str = "") -> None:
        super().__init__(message)
        self.message, self.allowed, self.hint = message, allowed, hint


class Variables:
    """`texts` may use each other and the request's words. `$${` stands for `${` itself."""

    def __init__(self, texts: Mapping[str, str], service: str, environment: str) -> None:
        self._texts = texts
        self._request = {"service": service, "environment": environment}

    def expand(self, text: str, *, request: bool = True) -> str:
        """`request` False: the text must not depend on who asks.

        Raises VariableFault for what the operator wrote, InvalidRequest for a service or environment that cannot
        stand in a query.
        """
        return self._expand(text, (), self._word if request else self._refused)

    def _expand(self, text: str, inside: tuple[str, ...], word: Callable[[str], str]) -> str:
        def replace(match: re.Match[str]) -> str:
            escaped, name, end = match.groups()
            if escaped:
                return match[0][1:]
            if not end:
                raise VariableFault(f"'${{{name[:20]}' is not closed", "${name}, or $${ for the characters themselves")
            if name in BUILT_IN:
                return word(name)
            if name not in self._texts:
                known = sorted({*self._texts, *BUILT_IN})
                raise VariableFault(f"unknown variable {name!r}", listed(known), near(name, known))
            if name in inside:
                raise VariableFault(f"variables use each other in a circle: {' → '.join((*inside, name))}")
            return self._expand(self._texts[name], (*inside, name), word)

        return _REFERENCE.sub(replace, text)

    def _word(self, name: str) -> str:
        value = self._request[name]
        if not SAFE.fullmatch(value):
            raise InvalidRequest(
                f"deployment.{name}",
                f"{value!r} goes into a query of its profile; allowed there: letters, digits and . _ - "
                "(first a letter or digit)",
            )
        return value

    def _refused(self, name: str) -> str:
        raise VariableFault(f"${{{name}}} would let a request choose the connection", "other variables, `environments`")
