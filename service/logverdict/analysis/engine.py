"""The engine: entries become counts (`reduce`), counts of two sides a verdict (`judge`). Pure and deterministic."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import polars as pl

from logverdict.analysis import at_once, beside, ending, mended, reworded, spells, starts, throughout
from logverdict.analysis.compare import Compared, compare
from logverdict.analysis.count import reduce
from logverdict.analysis.declare import under
from logverdict.analysis.explain import MAX_EXPLAINED, events
from logverdict.analysis.feedback import Heard, hear, noted, overruled
from logverdict.analysis.hashing import short_hash
from logverdict.analysis.judge import Findings, findings, impacts
from logverdict.analysis.members import apart
from logverdict.analysis.power import detectable, noise_floor
from logverdict.analysis.projection import projected
from logverdict.analysis.restarts import fewer, silent
from logverdict.analysis.rules import RULES_VERSION
from logverdict.analysis.sentences import added
from logverdict.analysis.sides import Sides, Stretch
from logverdict.analysis.similar import MOST
from logverdict.analysis.strength import Strength
from logverdict.analysis.values import new_values, told, with_severities
from logverdict.analysis.verdict import Ruling, rule, too_small
from logverdict.analysis.versions import JUDGE_VERSION
from logverdict.domain.feedback import Feedback
from logverdict.domain.policy import Policy
from logverdict.domain.result import Event, Judgement, Side
from logverdict.domain.words import EventKind, Impact, Reason, Severity


@dataclass(frozen=True)
class Analysis:
    """A judgement and what it came from."""

    judgement: Judgement
    compared: Compared

    @cached_property
    def events_of_keys(self) -> pl.DataFrame:
        """The events that each key belongs to: key, severity, event. A key has several where entries of it do."""
        pairs = self.compared.cells.select("key", "severity", "cluster").unique().sort("key", "severity", "cluster")
        ids = self.compared.table["template"].map_elements(short_hash, return_dtype=pl.String)
        return pairs.select("key", "severity", event=ids.gather(pairs["cluster"]))

    @cached_property
    def new(self) -> frozenset[str]:
        """The events that are new."""
        return frozenset(map(short_hash, self.compared.table["template"].filter(pl.Series(self.compared.new))))


def judge(sides: Sides, policy: Policy, *, look: int, looks: int, feedback: Sequence[Feedback] = ()) -> Judgement:
    """The verdict at one look (1 is the first) of `looks`, with a map of its events; `feedback` is what stands for the
    service and environment. Raises nothing that depends on the entries."""
    found = analyse(sides, policy, look=look, looks=looks, feedback=feedback).judgement
    return replace(found, events=projected(found.events))


def analyse(sides: Sides, policy: Policy, *, look: int, looks: int, feedback: Sequence[Feedback] = ()) -> Analysis:
    sides = sides.alike()
    compared = apart(compare(sides), policy, looks)
    values = new_values(compared)
    compared = with_severities(compared, values)
    found, shared = beside.beside(compared, findings(compared, policy, looks, last=look == looks), policy.sensitivity)
    listed = told(events(compared, found, impacts(found, policy.sensitivity)), compared, values)
    why = (beside.told(shared), found.reworded.told, at_once.told(found.together), *_why(compared, found))
    listed = added(listed, *why)
    small = too_small(sides, policy)

    def ruled(these: tuple[Event, ...]) -> Ruling:
        return rule(sides, found, these, {event.id: int(event.weight) for event in these if event.weight})

    ruling = _unless_dying(small, listed, found, look == looks) or ruled(listed)
    heard = Heard(listed, ())
    if feedback:
        heard = hear(
            listed, _members(compared), under(feedback, sides.rules), policy.sensitivity, sides.candidate.exposure
        )
    small = _unless_dying(small, heard.events, found, look == looks)
    last = overruled(heard, small, ruled) if heard.used else ruling
    judgement = noted(_judgement(sides, compared, last, heard.events), heard, ruling)
    if small is None:
        notes = (*judgement.notes, *reworded.note(found.reworded))
        floor, sizes = noise_floor(sides, found), detectable(compared, found)
        judgement = replace(judgement, floor=floor, detectable=sizes, notes=notes)
    return Analysis(judgement, compared)


def _unless_dying(small: Ruling | None, listed: Sequence[Event], found: Findings, last: bool) -> Ruling | None:
    """What hardly logs in the whole window because it ends again and again, or broke off, is judged all the same: it
    says so."""
    dying = any(event.severity is Severity.FATAL and event.impact is Impact.FAIL for event in listed)
    broke = found.broken.any() and any(event.impact is Impact.FAIL for event in listed)
    told = small and small.reason is Reason.CANDIDATE_TOO_SMALL and last and (dying or broke)
    return None if told else small


def _why(compared: Compared, found: Findings) -> tuple[dict[str, str], ...]:
    """What is added to events' sentences of why they fail or do not, by event."""
    unsure = (found.strengths == Strength.UNSURE) & ~found.begun & spells.too_few(compared, found.level.spent)
    said = (
        (found.begun, starts.WHY),
        (found.ongoing, throughout.WHY),
        (found.recovered, mended.WHY),
        (found.broken, ending.WHY),
        (unsure, spells.why(compared)),
    )
    told = ({compared.event_id(one): why for one in np.flatnonzero(which).tolist()} for which, why in said)
    return (*told, dict.fromkeys(found.hung, ending.WHY_HUNG))


def _judgement(sides: Sides, compared: Compared, ruling: Ruling, listed: tuple[Event, ...]) -> Judgement:
    kinds = [event.kind for event in listed]
    counted = {kind: kinds.count(kind) for kind in EventKind}
    return Judgement(
        verdict=ruling.verdict,
        score=ruling.score,
        reason=ruling.reason,
        sentence=ruling.sentence,
        comparison=sides.comparison,
        comparison_reason=sides.reason,
        baseline=side(sides.own),
        candidate=side((sides.candidate,)),
        events=listed,
        event_counts=tuple(counted.items()),
        notes=(*sides.notes, *_notes(compared, counted[EventKind.UNKNOWN]), *silent(sides.candidate), *fewer(sides)),
        judge_version=JUDGE_VERSION,
        mask_version=sides.rules,
    )


def side(stretches: Sequence[Stretch]) -> Side:
    """What a side holds, in the numbers that people see."""
    keys = pl.concat([one.counts.counts["key"].unique() for one in stretches]).n_unique() if stretches else 0
    return Side(
        entries=sum(one.counts.total() for one in stretches),
        templates=keys,
        instances=sum(one.instances for one in stretches if one.entries),
        exposure_seconds=round(sum(one.exposure for one in stretches), 6),
    )


def _notes(compared: Compared, unknown: int) -> tuple[str, ...]:
    notes = []
    if unknown > MAX_EXPLAINED:
        notes.append(f"The nearest baseline cluster is given for the strongest {MAX_EXPLAINED} events only.")
    if compared.beyond:
        notes.append(f"More than {MOST:,} clusters: those beyond are not grouped by similarity.")
    return tuple(notes)


def _members(compared: Compared) -> dict[str, list[str]]:
    pairs = compared.table.select("template", "members").iter_rows()
    return {short_hash(name): members for name, members in pairs}


__all__ = ["JUDGE_VERSION", "RULES_VERSION", "Analysis", "analyse", "judge", "reduce", "side"]
