"""logverdict as its next version might be: another mask table, with that of today kept beside it, and another judge.

Run as a program, with the words of `logverdict`. Worker processes import it too, and get the same table.
"""

from logverdict.analysis import mask, mask_rules, versions  # before anything that takes its version from them

NEXT = "next"
CHANGED = mask_rules._rule("order", r"\border\b", "<thing>", "order # stored", "<thing> <num> stored")
mask.TABLES = {**mask.TABLES, NEXT: (CHANGED, *mask_rules.RULES)}
mask.MASK_VERSION = NEXT
mask.mask.__defaults__ = (NEXT,)
versions.JUDGE_VERSION = NEXT

if __name__ == "__main__":
    from logverdict.cli.main import main

    main()
