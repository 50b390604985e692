"""logverdict tells from the logs whether a deployment made things worse."""

__version__ = "0.1.0"
