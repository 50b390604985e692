"""`python -m logverdict`."""

from logverdict.cli.main import main

main()
