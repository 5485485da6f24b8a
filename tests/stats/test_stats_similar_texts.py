"""Nearly equal texts: by sets made in Python, by all pairs, and by what MinHash promises."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from panel_eval.stats.similar_texts import jaccard, likely_pairs, minhashes, shingles


def by_hand(a: str, b: str) -> float:
    """Jaccard similarity of the five-character stretches of two texts."""
    sets = [{text.ljust(5, "\0")[i : i + 5] for i in range(max(len(text) - 4, 1))} for text in (a, b)]
    return len(sets[0] & sets[1]) / len(sets[0] | sets[1])


@settings(max_examples=50)
@given(st.lists(st.text("ab é漢👍", max_size=30), min_size=2, max_size=6))
def test_similarity_is_that_of_the_sets(texts: list[str]) -> None:
    of = shingles(texts)
    for i in range(len(texts)):
        assert jaccard(of.set_of(0), of.set_of(i)) == pytest.approx(by_hand(texts[0], texts[i]))


def edited_pairs(seed: int, n: int) -> list[str]:
    """Texts in pairs: a text, and the same with a few words replaced."""
    generator = random.Random(seed)
    words = [f"w{i:04d}" for i in range(5000)]
    texts = []
    for _ in range(n):
        own = generator.choices(words, k=30)
        other = list(own)
        for place in generator.sample(range(30), generator.randint(0, 3)):
            other[place] = generator.choice(words)
        texts += [" ".join(own), " ".join(other)]
    return texts


def test_nearly_all_similar_pairs_are_looked_at_and_few_others() -> None:
    texts = edited_pairs(3, 400)
    pairs = set(likely_pairs(minhashes(shingles(texts))))
    similar = {(i, i + 1) for i in range(0, len(texts), 2) if by_hand(texts[i], texts[i + 1]) >= 0.8}
    assert len(similar) > 150
    assert len(similar & pairs) >= 0.98 * len(similar)  # .996 at .8, more above
    assert len(pairs) <= 400 + 20  # all others share next to nothing


def test_the_share_of_equal_minhashes_is_the_similarity() -> None:
    texts = edited_pairs(4, 300)
    signatures = minhashes(shingles(texts))
    shares = (signatures[::2] == signatures[1::2]).mean(axis=1)
    truth = np.array([by_hand(a, b) for a, b in zip(texts[::2], texts[1::2], strict=True)])
    errors = (shares - truth) / np.sqrt(np.maximum(truth * (1 - truth), 1e-4) / 70)
    assert abs(errors.mean()) < 3 / np.sqrt(300)
    assert errors.std() < 1.2  # the hash functions are as good as independent


def test_a_thousand_equal_signatures_make_few_pairs_that_hold_together() -> None:
    pairs = list(likely_pairs(minhashes(shingles(["the same text again and again"] * 1000))))
    assert len(pairs) <= 8 * 1000
    assert {b for _, b in pairs} == set(range(1, 1000))
