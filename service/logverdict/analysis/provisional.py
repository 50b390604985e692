"""What new messages are worth at a look before the last: each look is another chance to be above the noise floor."""

import numpy as np

from logverdict.analysis.compare import Compared, Mask
from logverdict.analysis.spells import SEPARATE
from logverdict.domain.words import Severity


def awaited(compared: Compared, clear: Mask) -> Mask:
    """New messages that are only warned of until a later look, or another rule, confirms them; `clear` are those far
    beyond the noise floor.

    All that is not clear, and what is clear in one spell only. What lasts is judged by its own chance, corrected for
    looks (`floor.lasting`), and a fatal message needs no second look.
    """
    errors = compared.new_trouble(Severity.ERROR)
    sure = clear if compared.bins_of(errors) >= SEPARATE else np.zeros_like(clear)
    waits: Mask = compared.new & ~sure & (compared.severity < int(Severity.FATAL))
    return waits
