"""JSON of answers, fast: a page is a hundred thousand small objects."""

import gc
from typing import Any

from elasticsearch.serializer import OrjsonSerializer


class PageSerializer(OrjsonSerializer):
    def loads(self, data: bytes) -> Any:
        """Without the collector of cycles, which would walk over the growing page again and again: half of the
        time of a read. Nothing else runs meanwhile, as the interpreter's lock is held."""
        collecting = gc.isenabled()
        gc.disable()
        try:
            return super().loads(data)
        finally:
            if collecting:
                gc.enable()
