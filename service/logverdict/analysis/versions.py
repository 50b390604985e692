"""The versions of the rules by which verdicts are found: told without loading what applies them."""

from logverdict.analysis.key import KEY_VERSION
from logverdict.analysis.mask import MASK_VERSION

JUDGE_VERSION = "3"
RULES_VERSION = f"{KEY_VERSION}.{MASK_VERSION}"
"""Of key and mask together: what counts of another version can't be compared with."""
