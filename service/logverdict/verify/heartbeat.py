"""What a replica does every now and then: it says that it lives, and takes its share of what the living ones have."""

from datetime import timedelta

from logverdict.analysis.rules import KNOWN_RULES
from logverdict.analysis.versions import JUDGE_VERSION
from logverdict.verify.means import Means
from logverdict.verify.observe import Beat


async def beat(means: Means, lease: timedelta) -> None:
    """Leases hold for so long from now on. Raises StoreUnavailable, StoreBusy."""
    replicas = await means.store.live(lease, KNOWN_RULES, JUDGE_VERSION)
    means.gates.share(replicas)
    leases, feedback = await means.store.held(), await means.feedback.number(means.clock.now())
    means.observer.beat(Beat(replicas, len(leases), feedback))
