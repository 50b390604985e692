"""`get` names what else was deployed at the time."""

from logverdict.cli.render import verification_page
from logverdict.v1 import verification_service_pb2 as pb


def test_get_names_deployments_of_the_same_time() -> None:
    """Each by service and version with what was found so far; without any there is no such line."""
    known = pb.Verification(name="verifications/v1", state=pb.Verification.State.RUNNING)
    assert not any("same time" in line.plain for line in verification_page(known, [], 80, 3))
    known.concurrent.add(service="payments", version="2.1", verdict=pb.Verification.Verdict.FAIL)
    known.concurrent.add(service="cart", version="7")
    page = [line.plain.strip() for line in verification_page(known, [], 80, 3)]
    assert "At the same time: payments@2.1 (FAIL), cart@7 (no verdict yet)" in page
