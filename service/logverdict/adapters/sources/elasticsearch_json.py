"""JSON of answers, fast: a page is a hundred thousand small objects."""

import gc
import re
from typing import Any

from elastic_transport import SerializationError
from elasticsearch.serializer import OrjsonSerializer

ESCAPES = re.compile(
    rb"\\\\|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(?P<half>\\u[dD][89a-fA-F][0-9a-fA-F]{2})"
)
"""Escaped backslashes, signs written as two halves, and halves that stand alone."""
UNKNOWN = rb"\ufffd"


class PageSerializer(OrjsonSerializer):
    def loads(self, data: bytes) -> Any:
        """Without the collector of cycles, which would walk over the growing page again and again: half of the
        time of a read. Nothing else runs meanwhile, as the interpreter's lock is held.

        The server stores half a sign (a cut emoji) and gives it back, which no text can hold: it becomes U+FFFD."""
        collecting = gc.isenabled()
        gc.disable()
        try:
            return super().loads(data)
        except SerializationError:
            whole = ESCAPES.sub(lambda found: UNKNOWN if found["half"] else found[0], data)
            if whole == data:
                raise
            return super().loads(whole)
        finally:
            if collecting:
                gc.enable()
