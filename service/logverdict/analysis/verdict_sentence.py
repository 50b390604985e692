"""The verdict in one sentence that a tired person understands without the manual."""

from datetime import UTC, datetime

import polars as pl

from logverdict.analysis import restarts
from logverdict.analysis.at_once import at_once_in_words
from logverdict.analysis.floor import Floor
from logverdict.analysis.frequency import TOLD
from logverdict.analysis.judge import Findings
from logverdict.analysis.quoting import informs, quoted, says
from logverdict.analysis.redact import samples
from logverdict.analysis.sentences import amount, ground, listed, lowered, number, seen
from logverdict.analysis.sides import Sides
from logverdict.analysis.thresholds import DEFAULT
from logverdict.domain.result import Event
from logverdict.domain.words import Direction, EventKind, Impact, Severity

USUAL = 0.5
"""New errors by chance that are worth a word."""


def own_words(sides: Sides, found: Findings, events: tuple[Event, ...]) -> str:
    """What the candidate says of itself, and what may have led to it."""
    (said,) = samples(pl.Series([found.own.key]))
    causes = [event for event in events if event.impact is Impact.FAIL and said not in event.samples]
    because = f", with {lowered(what_counts(sides, found, causes, worst_of(causes)))}" if causes else "."
    return f"The candidate says of itself that it failed: “{quoted(said)}”{because}"


def harmless(sides: Sides, found: Findings, events: tuple[Event, ...]) -> str:
    if not sides.candidate.quiet:
        with_runs = f" with {len(sides.baselines):,} good runs" if len(sides.baselines) > 1 else ""
        new = [event for event in events if event.kind is EventKind.UNKNOWN]
        bad = sum(event.severity >= Severity.WARN for event in new)
        compared = f"{number(len(events), 'kind')} of message compared{with_runs}"
        told = (
            f", {bad:,} new and bad{_spared(found, new) or ' but no more than usual'}"
            if bad
            else f", {len(new):,} new and harmless"
            if new
            else ""
        )
        return f"{compared}{told or ', none new'}, none {_unsure(sides, events) or 'of unexpected frequency'}"
    before, after = sum(one.entries for one in sides.own), sides.candidate.entries
    where = "on either side" if all(one.quiet for one in sides.own) else "in the candidate"
    runs = f"{entries_of(after)} of evidence show that the service runs"
    return f"the query finds no entry {where}, and {runs} (the baseline has {entries_of(before)})"


def _unsure(sides: Sides, events: tuple[Event, ...]) -> str:
    """What of known trouble came far more often than expected, but may have done so by chance."""
    more = [event for event in events if event.kind is EventKind.KNOWN and _more_trouble_than(event, DEFAULT.later)]
    if not more:
        return ""
    worst = max(more, key=lambda event: (event.severity, event.ratio, event.id))
    which = f"{number(len(more), 'known warning or error')} came more than threefold"
    return f"surely of unexpected frequency, though {which}: “{says(worst)}”, {seen(worst, ground(sides))}"


def _more_trouble_than(event: Event, times: float) -> bool:
    return event.severity >= Severity.WARN and event.candidate_count >= TOLD and times <= event.ratio < float("inf")


def what_counts(sides: Sides, found: Findings, counted: list[Event], worst: Event) -> str:
    """How many there are of what, how many are usual, and the worst of them with all that is to be known of it."""
    of = {kind: [event for event in counted if event.kind is kind] for kind in EventKind}
    several = [found.together[event.id].times for event in counted if event.id in found.together]
    changed = [event for event in of[EventKind.UNEXPECTED_FREQUENCY] if event.id not in found.together]
    gone, parts = of[EventKind.GONE], _new(sides, found, of[EventKind.UNKNOWN])
    if several:
        comes = f"comes {at_once_in_words(several[0])}" if len(several) == 1 else "come several times at once"
        parts.append(f"{number(len(several), 'message')} that {comes}")
    if changed:
        parts.append(f"{number(len(changed), 'message')} of unexpected frequency")
    if gone:
        parts.append(f"{number(len(gone), 'message')} gone{_reworded(found, gone)}")
    what = listed(parts) or "What counts against it"
    worse = "; the worst" if len(counted) > 1 else ""
    loops = f"; {restarts.told(found.loops)}" if found.loops else ""
    hung = "; nothing else came after it" if worst.id in found.hung else ""
    return f"{what[0].upper()}{what[1:]}{worse}: “{says(worst)}”, {seen(worst, ground(sides))}{hung}{loops}."


def _new(sides: Sides, found: Findings, new: list[Event]) -> list[str]:
    """How many new errors, warnings and other messages, and why so many count; to the last is added what holds for
    all."""
    of = {severity: [event for event in new if event.severity is severity] for severity in Severity}
    fatal, errors, warnings = (of.pop(severity) for severity in (Severity.FATAL, Severity.ERROR, Severity.WARN))
    parts = [
        _number(fatal, "fatal error", _none_usual(found.fatals)),
        _number(errors, "error", _kept(found, found.errors, errors) or _usual(sides, found)),
        _number(warnings, "warning", _kept(found, found.warnings, warnings)),
        _number([event for others in of.values() for event in others], "message"),
    ]
    parts = [part for part in parts if part]
    if parts:
        parts[-1] += f"{_reworded(found, new)}{_spared(found, new)}"
    return parts


def _number(new: list[Event], kind: str, more: str = "") -> str:
    return f"{number(len(new), f'new {kind}')}{more}" if new else ""


def _none_usual(fatals: Floor) -> str:
    return " (none is usual here)" if fatals.beyond and fatals.expected <= USUAL else ""


def _kept(found: Findings, floor: Floor, new: list[Event]) -> str:
    """What fails although there are no more of its kind than usual does so because it lasts."""
    fails = new and new[0].impact is Impact.FAIL
    if not fails or floor.beyond or found.failed or found.loops:
        return ""
    return " that keeps coming" if len(new) == 1 else " that keep coming"


def worst_of(counted: list[Event]) -> Event:
    """Of those that are as strong one that says what is wrong: more trouble, which tells why other messages go, before
    what changed; the most frequent, then the earliest."""
    alike = [event for event in counted if int(event.weight) == int(counted[0].weight)]
    never = datetime.max.replace(tzinfo=UTC)
    alike.sort(key=lambda event: (not _more_trouble(event), -event.weight, event.first_seen or never))
    return next((event for event in alike if informs(event)), alike[0])


def _more_trouble(event: Event) -> bool:
    return event.direction is Direction.UP and event.severity >= Severity.WARN


def _usual(sides: Sides, found: Findings) -> str:
    """How many new errors chance brings; "" where that is none."""
    usual, most = found.errors.expected, found.errors.most
    if usual <= USUAL:
        return ""
    at_most = f", at most {amount(most)} in one of {len(sides.baselines)} good runs" if len(sides.baselines) > 1 else ""
    return f" (about {usual:.0f} {'is' if round(usual) == 1 else 'are'} usual here{at_most})"


def _reworded(found: Findings, some: list[Event]) -> str:
    """How many of them only the other side says in other words; "" where they fail all the same, or none does."""
    same = sum(event.id in found.reworded.told and event.impact is not Impact.FAIL for event in some)
    if not same:
        return ""
    which = "" if same == len(some) else f"{same:,} of them "
    return f", {which}only reworded"


def _spared(found: Findings, new: list[Event]) -> str:
    """Why new errors that would fail do not; "" where nothing kept them from it, or they fail all the same."""
    on = [found.spared[event.id] for event in new if event.id in found.spared and event.impact is not Impact.FAIL]
    if not on:
        return ""
    which = "" if len(on) == len(new) else f" {len(on):,} of them"
    most = "" if min(on) == max(on) else "up to "
    return f",{which} also new on {most}{number(max(on), 'unchanged instance')} and so not of this deployment"


def entries_of(count: int) -> str:
    return "no entries" if not count else "1 entry" if count == 1 else f"{count:,} entries"
