"""The example that `logverdict demo` runs: a small checkout service, load on it, and a fleet that deploys it."""
