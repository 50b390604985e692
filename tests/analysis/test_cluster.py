"""Templates that say the same thing become one cluster."""

import numpy as np
import polars as pl
from sklearn.feature_extraction.text import TfidfVectorizer

from logverdict.analysis.cluster import clusters
from logverdict.analysis.similar import WORD, jaccard, nearest, stories, vectors, words


def table(*templates: str, band: int = 0) -> pl.DataFrame:
    ordered = sorted(templates)
    return pl.DataFrame({"template": ordered, "band": [band] * len(ordered)})


def groups(frame: pl.DataFrame) -> set[frozenset[str]]:
    found = clusters(frame)
    names = np.array(frame["template"].to_list())
    return {frozenset(names[found == number].tolist()) for number in set(found.tolist())}


def test_a_place_with_many_words_is_a_variable() -> None:
    """Sentences that differ at one place, where many words stand, are one cluster."""
    users = [f"session of user {name} was begun" for name in ("ann", "bob", "cid", "dan")]
    assert groups(table(*users)) == {frozenset(users)}


def test_few_words_at_a_place_stay_apart() -> None:
    """Two or three values are meanings, not a variable."""
    assert len(groups(table("mode of the cache is fast", "mode of the cache is safe"))) == 2


def test_words_that_tell_good_from_bad_never_vary() -> None:
    """An outcome at a variable place keeps its sentence out of the cluster."""
    names = [f"the check of today said {word} again" for word in ("ann", "bob", "cid", "dan", "FAILED", "ok")]
    found = groups(table(*names))
    assert frozenset({"the check of today said FAILED again"}) in found
    assert frozenset({"the check of today said ok again"}) in found


def test_stories_join_what_is_alike() -> None:
    """Templates with nearly the same words share a story; others do not; hundreds of them are no trouble."""
    texts = sorted(
        [f"could not write chunk of file to disk {word} because it is full" for word in ("alpha", "beta")]
        + [f"{chr(97 + at % 26) * 5} {chr(97 + at // 26) * 6} differs" for at in range(300)]
    )
    found = stories(texts)
    alike = [found[at] for at, text in enumerate(texts) if "chunk" in text]
    assert alike[0] == alike[1]
    assert len(set(found.tolist())) > 250


def test_nearest_prefers_the_most_alike() -> None:
    """The known template of greatest cosine is found; texts without words have none."""
    match, none = nearest(["disk is full now", "#"], ["network is down", "disk is full"])
    assert match is not None and match.place == 1 and match.cosine > 0.7
    assert none is None
    assert jaccard(words("a disk"), words("disk")) == 1.0


def test_vectors_are_those_of_scikit_learn() -> None:
    """Words are split for all texts at once, and what comes out is the same to the last bit."""
    texts = [
        "disk is full FULL",
        "b12 of 7 disks",
        "",
        "ΑΣ straße\tnew\nline",
        "- _ #",
        "İ is ² of 12345",
        "full is disk",
    ]
    found, expected = vectors(texts), TfidfVectorizer(token_pattern=WORD, sublinear_tf=True).fit_transform(texts)
    for name in ("data", "indices", "indptr"):
        assert getattr(found, name).tolist() == getattr(expected, name).tolist()
