"""Both tongues have the same words."""

import pytest

from logverdict.domain.afterwards import Outcome
from logverdict.domain.errors import InvalidRequest
from logverdict.domain.feedback import FeedbackChange, FeedbackLevel
from logverdict.rpc import words
from logverdict.rpc.words import Words
from logverdict.verify.export import Format
from logverdict.verify.history_ports import Grouping

ALL = {name: value for name, value in vars(words).items() if isinstance(value, Words)}


@pytest.mark.parametrize("vocabulary", ALL.values(), ids=ALL)
def test_each_of_our_words_has_one_in_the_protocol_and_back(vocabulary):
    """Every word of the domain goes to its own number and comes back."""
    assert all(vocabulary.word(vocabulary.number(word), "f") is word for word in vocabulary.kind)


@pytest.mark.parametrize("vocabulary", ALL.values(), ids=ALL)
def test_each_word_of_the_protocol_is_one_of_ours(vocabulary):
    """Every number of the protocol but 0 is a word of the domain."""
    numbers = {number for number in vocabulary.descriptor.values_by_number if number}
    assert all(vocabulary.word(number, "f") is not None for number in numbers)


def test_an_unknown_number_is_refused_with_the_known_words():
    """A number beyond the vocabulary names the field and what is allowed."""
    with pytest.raises(InvalidRequest, match=r"policy\.mode: 9 is no Mode; allowed: ENFORCE, OBSERVE"):
        words.MODE.word(9, "policy.mode")


def test_nothing_said_stays_nothing_said():
    """0 is no word, and no word is 0."""
    assert words.DECISION.word(0, "f") is None
    assert words.DECISION.number(None) == 0


def test_every_vocabulary_of_the_domain_is_here():
    """No closed vocabulary that the protocol shows is left out; reasons travel as text."""
    from logverdict.domain import words as domain

    ours = {kind for kind in vars(domain).values() if isinstance(kind, type) and kind.__module__ == domain.__name__}
    ours |= {FeedbackLevel, FeedbackChange, Outcome, Grouping, Format}
    assert {vocabulary.kind for vocabulary in ALL.values()} == ours - {domain.Reason}
