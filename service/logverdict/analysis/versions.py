"""The version of the judge: told without loading what judges. Those of key and mask are in `rules`."""

JUDGE_VERSION = "9"
