"""The feedback that a judgement hears, read before each."""

from logverdict.domain.feedback import Feedback
from logverdict.domain.verification import Request
from logverdict.verify.means import Means


async def standing(request: Request, means: Means) -> tuple[Feedback, ...]:
    """The feedback that holds now for what a request asks."""
    deployment, now = request.deployment, means.clock.now()
    heard = means.feedback.standing
    return tuple(await means.patiently(lambda: heard(deployment.service, deployment.environment, now)))
