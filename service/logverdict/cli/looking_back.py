"""The commands that look back, or come after a verdict."""

from logverdict.cli.entry import Entry

_PAST = "Look back, decide, learn"

LOOKING_BACK = {
    "history": Entry(
        "List what was verified, with decisions and outcomes.",
        "logverdict.cli.history:history",
        _PAST,
        (
            "logverdict history --service checkout --since 30d",
            "logverdict history --decision stop --outcome good --json",
        ),
    ),
    "stats": Entry(
        "Sum up a period: verdicts, stops, true and false alarms.",
        "logverdict.cli.stats:stats",
        _PAST,
        ("logverdict stats --last 30d --by service", "logverdict stats --last 7d --by day -e prod --json"),
    ),
    "template": Entry(
        "Tell where a message was first and last seen.",
        "logverdict.cli.template:template",
        _PAST,
        ("logverdict template 9f2c51d0a7e3b846", "logverdict template --text timeout --service checkout"),
    ),
    "outcome": Entry(
        "Record how a deployment turned out.",
        "logverdict.cli.record_outcome:outcome",
        _PAST,
        (
            "logverdict outcome 4f1c0a7e good",
            "logverdict outcome checkout@1.4.2 -e prod incident --link https://t.example/1",
            "logverdict outcome --csv outcomes.csv",
            "logverdict outcome 4f1c0a7e",
        ),
    ),
    "override": Entry(
        "Give another decision for this attempt.",
        "logverdict.cli.override:override",
        _PAST,
        ("logverdict override 4f1c0a7e --decision proceed --reason 'OPS-17: renamed'",),
    ),
    "judge": Entry(
        "Judge a stored verification again, under another policy.",
        "logverdict.cli.judge:judge",
        _PAST,
        ("logverdict judge 4f1c0a7e --sensitivity high",),
    ),
    "what-if": Entry(
        "Judge a month of them again: which verdicts would change.",
        "logverdict.cli.what_if:what_if",
        _PAST,
        ("logverdict what-if --sensitivity high --since 30d", "logverdict what-if --mode enforce --service checkout"),
    ),
    "pin": Entry(
        "Make a good verification a baseline.",
        "logverdict.cli.pin:pin",
        _PAST,
        ("logverdict pin 4f1c0a7e --reason 'load test of May'",),
    ),
    "unpin": Entry("Take a pin back.", "logverdict.cli.pin:unpin", _PAST, ("logverdict unpin 4f1c0a7e",)),
    "pins": Entry("List pinned baselines.", "logverdict.cli.pin:pins", _PAST, ("logverdict pins --service checkout",)),
    "export": Entry(
        "Write verifications as lines for other tools.",
        "logverdict.cli.export:export",
        _PAST,
        ("logverdict export --since 30d --format csv --out month.csv",),
    ),
}
