"""Messages that many watchers get are made once."""

from collections import OrderedDict

from logverdict.rpc.convert_out import write_step
from logverdict.v1 import verification_service_pb2 as pb
from logverdict.verify.watch import Step

KEPT = 64
"""Verifications whose last message is kept."""


class SharedSteps:
    def __init__(self) -> None:
        self._last: OrderedDict[str, tuple[Step, pb.WatchVerificationResponse]] = OrderedDict()

    def write(self, name: str, step: Step) -> pb.WatchVerificationResponse:
        """The same message for the same step of a verification; nobody may change it."""
        known = self._last.get(name)
        if step is not None and known is not None and known[0] is step:
            return known[1]
        message = write_step(name, step)
        if step is not None:
            self._last[name] = (step, message)
            self._last.move_to_end(name)
            if len(self._last) > KEPT:
                self._last.popitem(last=False)
        return message
