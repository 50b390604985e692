"""The words of many texts at once, as numbers: of a word that comes again nothing is done twice."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Words:
    """What stands between the blanks of texts. Those of text t are `distinct`, which are in the order in which they
    first come, at `codes` from `starts[t]` to `starts[t + 1]`."""

    distinct: pl.Series
    codes: Numbers
    starts: Numbers

    def __len__(self) -> int:
        """Texts."""
        return len(self.starts) - 1

    @property
    def sizes(self) -> Numbers:
        """Words of each text, at least 1."""
        return np.diff(self.starts)

    def places(self, texts: Numbers, size: int) -> Numbers:
        """Where in `codes` the first `size` words of those texts are: a row a text."""
        return self.starts[texts][:, None] + np.arange(size)


def words_of(texts: pl.Series, most: int | None = None) -> Words:
    """Of the first `most` words of each text, or of all."""
    split = texts.str.split(" ")
    if most is not None:
        split = split.list.head(most)
    flat = split.explode()
    distinct = flat.unique(maintain_order=True)
    codes = flat.cast(pl.Enum(distinct)).to_physical().to_numpy().astype(np.int64)
    return Words(distinct, codes, np.cumsum(np.append(0, split.list.len().to_numpy())))
