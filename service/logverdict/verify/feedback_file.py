"""Feedback as a file, for review: what a file would change, the change itself, and the file of what is kept."""

import difflib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from logverdict.analysis.hashing import short_hash
from logverdict.domain.errors import InvalidRequest, InvalidText, NotFound
from logverdict.domain.feedback import Author, Feedback, FeedbackChange, FeedbackRevision
from logverdict.domain.redaction import Redaction
from logverdict.verify.feedback_ports import FeedbackStore, FeedbackTexts, WrittenFeedback
from logverdict.verify.feedback_wish import cleaned, likeness_of
from logverdict.verify.ports import Clock

PAGE = 500
MOST_MISTAKES = 20
"""That are told at once."""


@dataclass(frozen=True, slots=True)
class FileChange:
    """What a file does to one feedback; `change` is None where they agree. `diff` are lines that begin with + or -."""

    feedback: Feedback
    change: FeedbackChange | None
    diff: tuple[str, ...] = ()


class FeedbackFiles:
    def __init__(self, kept: FeedbackStore, texts: FeedbackTexts, clock: Clock, own: Sequence[Redaction] = ()) -> None:
        self._own = own
        self._kept = kept
        self._texts = texts
        self._clock = clock

    async def export(self, filter: str) -> str:
        """All that is kept and that the filter lets through; the same is always the same text."""
        found = await self._all(filter)
        found.sort(key=lambda one: (one.scope.service, one.scope.environment, one.about.template, one.id))
        return self._texts.write([written(one) for one in found])

    async def read_in(self, text: str, author: Author, *, dry_run: bool, prune: bool) -> Sequence[FileChange]:
        """Makes what is kept what the file says, all or nothing; the same file again changes nothing. With `prune` what
        is not in the file is deleted. `dry_run` only tells. Raises InvalidRequest, and as the store does."""
        now, entries = self._clock.now(), self._texts.read(text)
        entries = [replace(entry, templates=tuple(cleaned(entry.templates, self._own))) for entry in entries]
        wanted = _all_wanted(entries, author, now)
        names = {one.id for one in wanted}
        changes = [await self._compared(one) for one in wanted]
        if prune:
            gone = [one for one in await self._all("") if one.id not in names]
            changes += [self._told(FeedbackChange.DELETED, one, [written(one)], []) for one in gone]
        if not dry_run:
            rows = [FeedbackRevision(0, one.change, now, author, one.feedback) for one in changes if one.change]
            if rows:
                await self._kept.change(rows)
        return changes

    async def _compared(self, wanted: Feedback) -> FileChange:
        try:
            stored = await self._kept.get(wanted.id)
        except NotFound:
            return self._told(FeedbackChange.CREATED, wanted, [], [written(wanted)])
        if written(stored) == written(wanted):
            return FileChange(stored, None)
        same = (stored.about.templates, stored.about.severity) == (wanted.about.templates, wanted.about.severity)
        changed = replace(wanted, created=stored.created, revision=stored.revision)
        if same:
            changed = replace(changed, about=stored.about, event=stored.event, rate=stored.rate)
        return self._told(FeedbackChange.UPDATED, changed, [written(stored)], [written(changed)])

    def _told(
        self, change: FeedbackChange, feedback: Feedback, old: Sequence[WrittenFeedback], new: Sequence[WrittenFeedback]
    ) -> FileChange:
        before, after = (_body(self._texts.write(one)) if one else [] for one in (old, new))
        lines = difflib.unified_diff(before, after, lineterm="", n=0)
        return FileChange(feedback, change, tuple(line for line in lines if line[:3] not in ("---", "+++", "@@ ")))

    async def _all(self, filter: str) -> list[Feedback]:
        found: list[Feedback] = []
        token = ""
        while True:
            page, token = await self._kept.list(filter, token, PAGE)
            found += page
            if not token:
                return found


def written(feedback: Feedback) -> WrittenFeedback:
    return WrittenFeedback(
        level=feedback.level,
        scope=feedback.scope,
        templates=feedback.about.templates,
        reason=feedback.reason,
        id=feedback.id,
        severity=feedback.about.severity,
        expires=feedback.expires,
        ticket=feedback.ticket,
    )


def _body(text: str) -> list[str]:
    """The entries of a file, without what stands above them in each."""
    lines = text.splitlines()
    return lines[lines.index("feedback:") + 1 :]


def _all_wanted(entries: Sequence[WrittenFeedback], author: Author, now: datetime) -> Sequence[Feedback]:
    """Raises InvalidText with what is wrong with each entry."""
    found: dict[str, Feedback] = {}
    mistakes = []
    for place, entry in enumerate(entries):
        try:
            one = _wanted(entry, author, now)
            if one.id in found:
                raise InvalidRequest("id", f"{one.id!r} is in the file twice")
            found[one.id] = one
        except InvalidRequest as fault:
            mistakes.append(f"feedback[{place}].{fault}")
    if mistakes:
        raise InvalidText("yaml", mistakes[:MOST_MISTAKES])
    return list(found.values())


def _wanted(entry: WrittenFeedback, author: Author, now: datetime) -> Feedback:
    """Without an id it has one that its scope and templates give: the same entry is never said twice."""
    about = likeness_of(entry.templates, entry.severity, "template")
    said = f"{entry.scope}\n{about.severity.name}\n" + "\n".join(about.templates)
    return Feedback(
        id=entry.id or f"file-{short_hash(said).lower()}",
        level=entry.level,
        scope=entry.scope,
        about=about,
        reason=entry.reason.strip(),
        author=author,
        created=now,
        updated=now,
        expires=entry.expires,
        ticket=entry.ticket,
    )
