"""What each part of grouping contributes: leaves one out, judges recorded cases, and counts what a person has to read.

Run:  .venv/bin/python benchmarks/grouping.py CASES [OUT]

Prints a line a variant: events that are not KNOWN and those that count against the candidate, per case; good
deployments that FAIL and bad ones that do; seconds. OUT is a folder for the predictions of each variant. Then how well
the map of events keeps distances, over all cases.
"""

import json
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

import numpy as np
from scipy import sparse, stats
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.preprocessing import normalize

from logverdict.adapters.cases import case_folders, read_case
from logverdict.analysis import compare, similar
from logverdict.analysis.engine import analyse
from logverdict.analysis.projection import MOST, dissimilarity, points
from logverdict.domain.policy import Policy
from logverdict.domain.words import EventKind, Impact, Verdict
from logverdict.verify.backtest import Prediction, as_row, named_lines, recorded_sides

NEAREST = 5


def words_without_weights(texts: list[str]) -> sparse.csr_matrix:
    """Words that are there or not: no TF-IDF."""
    try:
        counts = CountVectorizer(token_pattern=similar.WORD, binary=True).fit_transform(texts)
    except ValueError:
        return sparse.csr_matrix((len(texts), 1))
    return sparse.csr_matrix(normalize(counts.astype(np.float64)))


def alone(texts: list[str]) -> np.ndarray:
    return np.arange(len(texts))


def each_alone(table: object) -> np.ndarray:
    return np.arange(len(table))  # type: ignore[arg-type]


VARIANTS: dict[str, tuple[tuple[object, str, object], ...]] = {
    "all": (),
    "without cosine": ((similar, "ALIKE_COSINE", 0.0),),
    "without Jaccard": ((similar, "ALIKE_JACCARD", 0.0),),
    "without TF-IDF (words there or not)": ((similar, "vectors", words_without_weights),),
    "without k-means (all pairs)": ((similar, "_blocks", lambda rows: [np.arange(rows.shape[0])]),),
    "without all four": ((compare, "stories", alone),),
    "without variable places": ((compare, "clusters", each_alone),),
    "without any grouping": ((compare, "stories", alone), (compare, "clusters", each_alone)),
}


@dataclass
class Sum:
    cases: int = 0
    events: int = 0
    counted: int = 0
    alarms: int = 0
    good: int = 0
    found: int = 0
    bad: int = 0
    seconds: float = 0.0


@contextmanager
def left_out(variant: str) -> Iterator[None]:
    with ExitStack() as stack:
        for module, name, value in VARIANTS[variant]:
            stack.enter_context(patch.object(module, name, value))
        yield


def main(cases: Path, out: Path | None) -> None:
    sums, maps = defaultdict[str, Sum](Sum), list[tuple[float, float, float]]()
    files = {name: (out / f"{number}.jsonl").open("w") for number, name in enumerate(VARIANTS)} if out else {}
    for folder in case_folders(cases, "*"):
        case = read_case(folder)
        sides = recorded_sides(case)
        for name in VARIANTS:
            with left_out(name):
                began = time.perf_counter()
                found = analyse(sides, Policy(min_entries=1), look=1, looks=1)
                seconds = time.perf_counter() - began
            verdict = "fail" if found.judgement.verdict is Verdict.FAIL else "pass"
            add(sums[name], found.judgement.events, case.truth.verdict if case.truth else "", verdict, seconds)
            if files:
                lines = named_lines(case.candidate, found)
                row = as_row(Prediction(case.name, verdict, found.judgement, lines, case.truth), Policy(), seconds)
                files[name].write(json.dumps(row) + "\n")
            if name == "all":
                maps += kept([event.template for event in found.judgement.events])
    for name, its in sums.items():
        print(
            f"{name:36} {its.events / its.cases:7.1f} {its.counted / its.cases:6.2f}  alarms {its.alarms}/{its.good} "
            f"found {its.found}/{its.bad}  {its.seconds:6.1f} s"
        )
    rank, stress, near = np.mean(maps, axis=0)
    print(f"map: rank correlation {rank:.2f}, stress {stress:.2f}, of the {NEAREST} nearest {near:.0%} stay")


def add(its: Sum, events: tuple, truth: str, verdict: str, seconds: float) -> None:  # type: ignore[type-arg]
    its.cases += 1
    its.events += sum(event.kind is not EventKind.KNOWN for event in events)
    its.counted += sum(event.impact is not Impact.NONE for event in events)
    its.good += truth == "pass"
    its.bad += truth == "fail"
    its.alarms += (truth, verdict) == ("pass", "fail")
    its.found += (truth, verdict) == ("fail", "fail")
    its.seconds += seconds


def kept(texts: list[str]) -> Iterator[tuple[float, float, float]]:
    """Spearman's correlation of distances with dissimilarities, Kruskal's stress, share of nearest that stay."""
    texts = sorted(set(texts[:MOST]))
    if len(texts) < 2 * NEAREST:
        return
    wanted, places = dissimilarity(texts), points(texts)
    mapped = np.sqrt(((places[:, None] - places[None]) ** 2).sum(axis=-1))
    upper = np.triu_indices(len(texts), 1)
    scale = (wanted * mapped)[upper].sum() / (mapped[upper] ** 2).sum()
    stress = ((wanted - scale * mapped)[upper] ** 2).sum() / (wanted[upper] ** 2).sum()
    for table in (wanted, mapped):
        np.fill_diagonal(table, np.inf)
    pairs = zip(wanted.argsort(axis=1)[:, :NEAREST], mapped.argsort(axis=1)[:, :NEAREST], strict=True)
    near = np.mean([len(set(one) & set(other)) / NEAREST for one, other in pairs])
    yield float(stats.spearmanr(wanted[upper], mapped[upper]).statistic), float(stress**0.5), float(near)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else None)
