"""The feedback that a judgement hears, read before each."""

from logverdict.domain.feedback import Feedback
from logverdict.domain.verification import Request
from logverdict.verify.means import Means
from logverdict.verify.patience import patiently


async def standing(request: Request, means: Means) -> tuple[Feedback, ...]:
    """The feedback that holds now for what a request asks."""
    deployment, now = request.deployment, means.clock.now()
    found = await patiently(
        lambda: means.feedback.standing(deployment.service, deployment.environment, now), means.retry_for
    )
    return tuple(found)
