"""What Splunk counts is what a read gives: on the emulator, however it reads what is not told, and on a real Splunk."""

import os
import random
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from contract.log_source import START, at, row, window
from fakes import splunk, tricky
from fakes.counted import agree, entries
from logverdict.adapters.sources.splunk import SplunkSource
from logverdict.adapters.sources.splunk_spl import MARK
from logverdict.analysis.key import SUSPECT_STARTS
from logverdict.domain.profile import FieldNames, SourceSpec
from logverdict.domain.window import Grid
from servers.splunk.functions import Dialect
from servers.splunk.real import MISSING, RealSplunk
from servers.splunk.server import SplunkServer

Make = Callable[[Sequence[str]], tuple[SplunkSource, SourceSpec]]
"""From texts, one a second, a source that holds them, and a spec that reads all of them."""

GRID = Grid(START, timedelta(seconds=1))


def times(texts: Sequence[str]) -> list[tuple[datetime, str]]:
    return [(at(number), text) for number, text in enumerate(texts)]


class Counts:
    """Each entry in a bin of its own, so that one which is to be read hides no other."""

    async def test_plain_texts_have_the_same_keys(self, make: Make) -> None:
        """Thousands of tricky texts: keys are those that `analysis.key` gives; what is left to be read begins like a
        line of a stack trace or like JSON, is a number, is too long and not ASCII, or holds our mark."""
        texts = list(tricky.messages(2_500))
        source, spec = make(texts)
        span = window(0, len(texts))
        reduced, frame = await source.reduce(spec, span, GRID), await entries(source, spec, span)
        unread = agree(reduced, frame, GRID)
        assert reduced.coverage.expected == reduced.coverage.read == frame.height
        assert reduced.coverage.complete
        for number in unread:
            text = texts[number]
            assert (
                text.startswith((*SUSPECT_STARTS, "{"))
                or len(text) > 900
                or MARK in text
                or set(text) <= set("-+.0123456789abcdefABCDEFxX")
            )

    async def test_json_has_the_same_fields(self, make: Make) -> None:
        """Fields nested, dotted, missing, null, empty, numbers, truths, lists, in escapes; texts that are nearly JSON:
        the same levels, instances, versions and keys, or the bin is to be read."""
        dice, texts = random.Random(5), [message for message in tricky.messages(2_000) if len(message) < 900]
        source, spec = make([tricky.in_json(dice, text) for text in texts])
        span = window(0, len(texts))
        agree(await source.reduce(spec, span, GRID), await entries(source, spec, span), GRID)

    async def test_instances_have_the_same_counts(self, make: Make) -> None:
        """A survey gives for each bin and instance what a read gives, and nothing is in doubt."""
        dice, texts = random.Random(6), [message for message in tricky.messages(900) if len(message) < 900]
        source, spec = make([tricky.in_json(dice, text) if dice.random() < 0.7 else text for text in texts])
        span, grid = window(5.5, len(texts)), Grid(at(0.7), timedelta(seconds=4.8))
        found, frame = await source.survey(spec, span, grid), await entries(source, spec, span)
        assert found is not None
        assert found.faults == ()
        bins = pl.Series([grid.number(time) for time in frame["time"]], dtype=pl.Int32)
        read = frame.select("instance", bin=bins).group_by("bin", "instance").len()
        assert sorted(found.rows.select("bin", "instance", "count").rows()) == sorted(
            read.select("bin", "instance", "len").rows()
        )

    async def test_a_profiles_own_fields_are_taken(self, make: Make) -> None:
        """Also of plain texts, where Splunk extracts them."""
        texts = []
        for number in range(60):
            parts = [
                f'text="took {number} ms"' if number % 3 else "",
                "sev=3" if number % 2 else "",
                f"v=1.{number % 2}",
            ]
            texts.append(" ".join(filter(None, [*parts, "node=n1" if number % 5 else "end"])))
        source, spec = make(texts)
        names = FieldNames(message=("text",), level=("sev",), instance=("node", "host"), version=("v",))
        spec, span, grid = replace(spec, fields=names), window(0, 60), Grid(START, timedelta(seconds=7))
        assert agree(await source.reduce(spec, span, grid), await entries(source, spec, span), grid) == set()


class TestCounts(Counts):
    @pytest.fixture(params=[Dialect(), Dialect(in_bytes=True, strict_nulls=True)], ids=["lenient", "strict"])
    def make(self, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Make]:
        with SplunkServer() as server:
            server.dialect = request.param
            source = splunk.source(server, tmp_path)

            def make(texts: Sequence[str]) -> tuple[SplunkSource, SourceSpec]:
                for time, text in times(texts):
                    server.indexes.add(time, text)
                return source, splunk.SPEC

            yield make
            source.close()
            assert server.jobs == {}

    async def test_most_json_need_not_be_read(self, make: Make) -> None:
        """Of entries as programs write them none is: with a stack trace in a field of its own, or without."""
        texts = [splunk.in_json(row(second, f"took {second} ms")) for second in range(50)]
        texts += [text[:-1] + ', "stack_trace": "java.io.IOException\\n\\tat a.B(B.java:7)"}' for text in texts]
        source, spec = make(texts)
        span = window(0, len(texts))
        assert agree(await source.reduce(spec, span, GRID), await entries(source, spec, span), GRID) == set()


@pytest.mark.skipif("SPLUNK_URL" not in os.environ, reason=MISSING)
class TestRealCounts(Counts):
    """What the emulator only assumes is proved here."""

    @pytest.fixture
    def make(self) -> Iterator[Make]:
        server = RealSplunk()

        def make(texts: Sequence[str]) -> tuple[SplunkSource, SourceSpec]:
            name = f"counts-{uuid.uuid4().hex}"
            server.send(times(texts), name, "logverdict:test")
            server.await_entries(name, len(texts))
            return server.source, SourceSpec("app", "splunk", f'source="{name}"', options={"index": server.index})

        yield make
        server.source.close()
