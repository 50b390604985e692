"""Lines become entries: continuations join the entry before them, and what can't be understood is counted."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from logverdict.adapters.sources.file_batch import Batch
from logverdict.adapters.sources.file_formats import Format
from logverdict.adapters.sources.file_parts import Held, Parts
from logverdict.adapters.sources.file_tally import BROKEN, NOTED, UNDATED, Tally
from logverdict.adapters.sources.lines import LONGEST_LINE, Lines, Passed
from logverdict.adapters.sources.records import LONGEST_MESSAGE, Parsed

MOST_LINES = 200

# How stack traces of Java, Python, Go, .NET, Node and Ruby go on.
TRACE = re.compile(
    r"\s+\S|at |Caused by: |Suppressed: |\.\.\. \d+ |Traceback \(most|During handling of |The above exception "
    r"|panic: |goroutine \d|created by |exit status \d|\[signal |--- End of "
    r"|(?:[\w$]+[.:]+)*\w*(?:Exception|Error|Throwable)\b"
    r"|[\w.*/-]+\.[\w.()*-]+\("
)
NEAR = 300
"""Characters of a line that tell whether it is of a trace."""
BINARY = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")

CUT = f"entries are longer than {LONGEST_MESSAGE:,} characters or {MOST_LINES} lines; the rest of them was cut"
REPLACED = "entries hold bytes that are not UTF-8; those were replaced"
TOO_LONG = f"are longer than {LONGEST_LINE >> 20} MiB and could not be read whole"


@dataclass(frozen=True, slots=True)
class Rest:
    """What the lines of a file so far leave to those that follow: the number of the last one, the entry that they may
    go on with, the line it began at, what goes on with it, whether it is in the span (None: there was no entry yet),
    what is not counted before that is known, and parts of lines."""

    line: int = 0
    entry: Parsed | None = None
    at: int = 0
    more: tuple[str, ...] = ()
    notes: frozenset[str] = frozenset()
    in_span: bool | None = None
    waiting: tuple[str, ...] = ()
    parts: Held = ()


class Entries:
    """Feeds on the lines of one file. A line that is no entry and belongs to none counts where the entry before it
    is: in the span or not; so the counts of adjoining spans add up. Of a file without any entry they count in each."""

    def __init__(
        self, file: str, formats: Sequence[Format], span: tuple[int, int], out: tuple[Batch, Tally], rest: Rest
    ) -> None:
        self._file, self._formats, (self._batch, self._tally) = file, formats, out
        self._start, self._end = span
        self._parse = formats[0].parse
        self._columns = formats[0].columns()
        self._times: list[int] = []
        self._held: pl.DataFrame | None = None
        self._line, self._entry, self._at, self._in_span = rest.line, rest.entry, rest.at, rest.in_span
        self._more, self._notes, self._waiting = [*rest.more], {*rest.notes}, [*rest.waiting]
        self._parts = Parts(rest.parts)

    def rest(self) -> Rest:
        """What is left for the lines that follow; all before it is given out."""
        if self._held is not None:
            self._batch.add_columns(self._held[:-1] if self._in_span else self._held)
            self._held = None
        return Rest(
            self._line,
            self._entry,
            self._at,
            tuple(self._more),
            frozenset(self._notes),
            self._in_span,
            tuple(self._waiting),
            self._parts.held,
        )

    def skip(self, block: Passed) -> None:
        """Lines of which the first begins an entry, and none an entry of the span."""
        self._release()
        self._begin((self._end, "", "", "", ""))
        self._line += block.lines

    def glance(self, block: Lines) -> tuple[int, int] | None:
        """Skips the block, if it is plainly all outside of the span; the first and the last of its times then, or a
        longer span. None where it has to be fed."""
        if not block.clean or self._columns is None:
            return None
        size = len(block)
        found = self._columns.times(block.block, size)
        if found is None or (found[0] < self._end and found[1] >= self._start):
            return None
        if self._parse(block.block.partition(b"\n")[0]) is None:
            return None
        self.skip(Passed(size))
        return found

    def feed(self, block: Lines) -> tuple[int, int] | None:
        """The first and the last time of the entries that begin in the block; None where it does not begin with one."""
        size = len(block)
        if block.clean and self._columns is not None and (frame := self._columns.read(block.block, size)) is not None:
            return self._feed_columns(frame)
        first, cut, self._times = self._line + 1, bool(self._parts), []
        began = self._feed_lines(block)
        # Where a line goes on from one block to the next, the time of it is not one of both.
        return (min(self._times), max(self._times)) if began == first and not cut and not self._parts else None

    def _feed_columns(self, frame: pl.DataFrame) -> tuple[int, int]:
        """Of the last entry nobody knows yet whether the next line goes on with it: all are held until then."""
        times = frame["time"].dt.epoch("us")
        first, last = int(times.min()), int(times.max())  # type: ignore[arg-type]
        self._release()
        self._finish()
        self._told(int(times[0]))
        held = None
        if first < self._end and last >= self._start:
            offsets = pl.int_range(self._line + 1, self._line + 1 + len(frame), dtype=pl.Int64)
            held = frame.with_columns(stream=pl.lit(self._file), offset=offsets)
            if first < self._start or last >= self._end:
                held = held.filter((times >= self._start) & (times < self._end))
        self._line += len(frame)
        self._begin((int(times[-1]), *frame.row(-1)[1:]))
        self._held = held
        return first, last

    def _feed_lines(self, block: Lines) -> int:
        """The number of the first line that began an entry; 0 where none did."""
        began, clean = 0, block.clean and not self._parts
        for number, line in enumerate(self._parts.whole(block), self._line + 1):
            self._line = number
            if not clean or len(line) > LONGEST_LINE:
                self._mended(line)
            elif (parsed := self._parse(line)) is not None:
                self._begin(parsed)
            elif line and not line.isspace():
                self._unlike(line, None)
            if not began and self._times:
                began = number
        return began

    def close(self) -> None:
        """The last entry ends, and lines that waited for a first one count."""
        self._release()
        self._finish()
        for what in self._waiting:
            self._tally.count(UNDATED, what, self._file)

    def _release(self) -> None:
        """Lines whose end does not come."""
        for line in self._parts.release():
            self._mended(line)

    def _mended(self, line: bytes) -> None:
        """A line of a block that holds something bad, maybe not in this line."""
        long = len(line) > LONGEST_LINE
        good = line[:LONGEST_LINE].lstrip(b"\0").decode(errors="replace").encode()
        note = CUT if long else REPLACED if good != line.lstrip(b"\0") else None
        if (parsed := self._parse(good)) is not None and b"\0" not in good:
            self._begin(parsed, note)
        elif good and not good.isspace():
            self._unlike(good, note)

    def _begin(self, parsed: Parsed, note: str | None = None) -> None:
        if self._entry is not None:
            self._finish()
        self._entry, self._at = parsed, self._line
        self._times.append(parsed[0])
        self._told(parsed[0])
        if note:
            self._notes.add(note)

    def _told(self, time: int) -> None:
        """The time of an entry tells where lines belong that are none."""
        self._in_span = self._start <= time < self._end
        if self._waiting:
            for what in self._waiting:
                self._count(BROKEN, what)
            self._waiting = []

    def _finish(self) -> None:
        entry, self._entry = self._entry, None
        held, self._held = self._held, None
        lives = entry is not None and self._in_span
        whole = not (lives and (self._more or self._notes))
        if held is not None:
            self._batch.add_columns(held if whole else held[:-1])
        if entry is not None and lives and not (held is not None and whole):
            self._add(entry)
        self._more, self._notes = [], set()

    def _add(self, entry: Parsed) -> None:
        """With the lines that go on with it."""
        message = "\n".join([entry[1], *self._more]) if self._more else entry[1]
        if len(message) > LONGEST_MESSAGE:
            message = message[:LONGEST_MESSAGE]
            self._notes.add(CUT)
        for note in sorted(self._notes):
            self._count(NOTED, note)
        self._batch.add((entry[0], message, *entry[2:]), self._file, self._at)

    def _unlike(self, line: bytes, note: str | None) -> None:
        """A line that the file's first format does not understand."""
        text = line.decode().rstrip()
        if BINARY.search(text):
            self._break("hold binary data")
            return
        for other in self._formats[1:]:
            if (parsed := other.parse(line)) is not None:
                self._begin(parsed, note)
                return
        if self._entry is not None and (self._formats[0].loose or self._more or TRACE.match(text[:NEAR])):
            self._join(text, note)
        else:
            self._break(TOO_LONG if note == CUT else self._formats[0].fault(line))

    def _join(self, text: str, note: str | None) -> None:
        if len(self._more) >= MOST_LINES - 1:
            note = CUT
        elif self._in_span:
            self._more.append(text[: LONGEST_MESSAGE + 1])
        else:
            self._more = [""]  # nothing to keep but that there was a continuation
        if note:
            self._notes.add(note)

    def _break(self, what: str) -> None:
        self._finish()
        self._count(BROKEN, what)

    def _count(self, subject: str, what: str) -> None:
        if self._in_span is None:  # no entry, so there is none that something is noted of
            self._waiting.append(what)
        elif self._in_span:
            self._tally.count(subject, what, self._file)
