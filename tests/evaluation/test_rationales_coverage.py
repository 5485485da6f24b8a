"""Coverage, chance and lift of a corpus: by hand, against scikit-learn, and what must hold whatever is said."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rationale_examples import corpus_of, evidence, resampled, tally_of
from sklearn.feature_extraction.text import TfidfVectorizer

from panel_eval.evaluation.rationales import TermWeights
from panel_eval.evaluation.rationales.numbers import evidence_coverage
from panel_eval.evaluation.rationales.tally import FEWEST_OTHERS, common_labels


def test_coverage_and_chance_by_hand():
    """Three items; idf = log2(5 / (items with the term + 1)).

    lesion stands in two items: log2(5/3) = 0.737; edema, margin, necrosis in one: log2(5/2) = 1.322.
    Item 0 cites lesion and edema, 2.059 bits; its judge says lesion: coverage 0.737 / 2.059.
    Item 1 cites lesion and margin; its judge says margin: 1.322 / 2.059.
    Item 2 cites necrosis; its judge says edema: 0.
    By chance: on item 0, of the other two judges one says edema and none lesion: (1.322 / 2) / 2.059. On item 1
    one of two says lesion and none margin: (0.737 / 2) / 2.059. On item 2 nobody says necrosis: 0.
    """
    items = [evidence(0, ["lesion edema"]), evidence(1, ["lesion margin"]), evidence(2, ["necrosis"])]
    said = [{"ada": ["a lesion"]}, {"ada": ["margins"]}, {"ada": ["edema"]}]
    tally = tally_of(items, said)
    rare, common = math.log2(5 / 2), math.log2(5 / 3)
    both = rare + common
    assert tally.coverage() == pytest.approx([common / both, rare / both, 0])
    table = tally.table(np.ones(3, dtype=bool))
    assert table[:, 0] == pytest.approx([common / both, rare / both, 0])
    assert table[:, 1].sum() == pytest.approx((rare / 2 + common / 2) / both)
    numbers = evidence_coverage(table, resampled(3))
    coverage, chance = 1 / 3, 1 / 6
    assert numbers.coverage.estimate == pytest.approx(coverage)
    assert numbers.chance.estimate == pytest.approx(chance)
    assert numbers.lift.estimate == pytest.approx((coverage - chance) / (1 - chance))
    assert numbers.coverage.low is None
    assert numbers.coverage.note == "no interval: fewer than 8 items"


def test_weights_are_scikit_learns_idf_with_an_item_that_holds_nothing():
    """scikit-learn's smooth idf adds one item that holds every term; ours adds an empty one as well."""
    texts = ["lesion edema", "lesion margin lesion", "lesion necrosis edema", "halo"]
    oracle = TfidfVectorizer(smooth_idf=True).fit([*texts, ""])
    weights = TermWeights.of(set(text.split()) for text in texts)
    for term, idf in zip(oracle.get_feature_names_out(), oracle.idf_, strict=True):
        assert weights.bits(term) == pytest.approx((idf - 1) / math.log(2))


def test_what_all_evidence_says_weighs_almost_nothing():
    weights = TermWeights.of({"severe", f"w{row}"} for row in range(1000))
    assert weights.bits("severe") < 0.002
    assert weights.bits("w7") == pytest.approx(math.log2(501))


def test_chance_comes_from_items_of_the_same_label_and_another_cluster():
    """Items 0 to 4 are of label 0, 5 to 9 of label 1; only those of label 1 speak of edema.

    Item 5's evidence is met by chance by 6 to 9, which all say edema: 1. With 6 and 7 in its cluster, by 8 and 9,
    of which one says so: 1/2.
    """
    items = [evidence(row, ["edema"]) for row in range(10)]
    labels = [0] * 5 + [1] * 5
    said = [{"ada": ["nothing"]}] * 5 + [{"ada": ["edema"]}] * 5
    tally = tally_of(items, said, labels)
    assert tally.chance.tolist() == [0] * 5 + [1] * 5
    said = [{"ada": ["nothing"]}] * 5 + [{"ada": ["edema"]}] * 4 + [{"ada": ["nothing"]}]
    near = tally_of(items, said, [0] * 10, clusters=[0, 1, 2, 3, 4, 5, 5, 5, 8, 9])
    assert near.chance[5] == pytest.approx(1 / 7)


def test_labels_of_few_items_are_counted_with_the_commonest():
    label = np.array([0] * 6 + [1] * 5 + [2] * (FEWEST_OTHERS - 1))
    merged = common_labels(label, np.arange(label.size), np.ones(label.size, dtype=bool))
    assert merged.tolist() == [0] * 6 + [1] * 5 + [0] * (FEWEST_OTHERS - 1)
    one_cluster = common_labels(label, np.where(label == 1, 99, np.arange(label.size)), np.ones(label.size, bool))
    assert one_cluster.tolist() == [0] * label.size


def test_without_other_items_there_is_coverage_but_no_chance():
    numbers = evidence_coverage(
        tally_of([evidence(0, ["edema"])], [{"ada": ["edema"]}]).table(np.ones(1, bool)), resampled(1)
    )
    assert numbers.coverage.estimate == 1
    assert numbers.chance.estimate is None
    assert "no other item" in (numbers.chance.note or "")
    assert numbers.lift.estimate is None


def test_a_parrot_covers_all_and_a_mute_judge_nothing():
    texts = [["lesion 18mm"], ["T2-FLAIR edema"], ["水肿"], ["strict reading"]]
    items = [evidence(row, own) for row, own in enumerate(texts)]
    said = [{"parrot": own, "mute": ["?!"]} for own in texts]
    everything = np.ones(4, dtype=bool)
    parrot, mute = (tally_of(items, said, judge=judge).table(everything) for judge in ("parrot", "mute"))
    assert parrot[:, 0] == pytest.approx([1] * 4)
    assert mute[:, 0] == pytest.approx([0] * 4)
    assert tally_of(items, said).coverage() == pytest.approx([1] * 4)


def test_evidence_without_terms_and_items_where_nothing_was_said_do_not_count():
    items = [evidence(0, ["the and of", "edema"]), evidence(1, ["edema"])]
    tally = tally_of(items, [{"ada": ["edema"]}, {"bo": ["edema"]}], judge="ada")
    assert tally.table(np.ones(3, dtype=bool))[:, 2].tolist() == [1, 0]
    assert np.isnan(tally.coverage()).tolist() == [True, False, True]


def test_what_an_item_lends_to_chance_sums_to_nothing():
    generator = np.random.default_rng(3)
    words = np.array([f"w{k}x" for k in range(30)])
    items = [evidence(row, [" ".join(generator.choice(words, 6))]) for row in range(40)]
    said = [{"ada": [" ".join(generator.choice(words, generator.integers(1, 25)))]} for _ in items]
    tally = tally_of(items, said, generator.integers(3, size=40), np.arange(40) // 2)
    table = tally.table(np.ones(40, dtype=bool))
    bits = tally.corpus.bits
    direct = tally.corpus.piece_sums(bits * tally.chance) / tally.corpus.piece_bits
    assert table[:, 1].sum() == pytest.approx(direct.sum())
    assert np.abs(table[:, 1] - direct).max() > 0.01


def test_chance_is_the_mean_over_all_other_rationales_taken_one_by_one():
    generator = np.random.default_rng(4)
    words = np.array([f"w{k}x" for k in range(20)])
    items = [evidence(row, [" ".join(generator.choice(words, 5)) for _ in range(2)]) for row in range(15)]
    said = [{"ada": [" ".join(generator.choice(words, 8))]} for _ in items]
    tally = tally_of(items, said)
    swapped = np.zeros(30)
    for shift in range(1, 15):
        swapped += tally_of(items, [said[(row + shift) % 15] for row in range(15)]).coverage() / 14
    chance = tally.corpus.piece_sums(tally.corpus.bits * tally.chance) / tally.corpus.piece_bits
    assert chance == pytest.approx(swapped)


def test_terms_beyond_the_content_cannot_be_had_by_pasting_it():
    """Of "lesion edema", lesion stands in the content; a judge that pastes it covers half, and nothing beyond."""
    items = [evidence(row, ["lesion edema"], content="A lesion.") for row in range(3)]
    corpus = corpus_of(items, [{"ada": ["A lesion."]}] * 3)
    assert corpus.in_content.tolist() == [False, True] * 3
    tally = tally_of(items, [{"ada": ["A lesion."]}] * 3)
    assert tally.table(np.ones(3, dtype=bool))[:, 0] == pytest.approx([0.5] * 3)
    assert tally.table(np.ones(3, dtype=bool), ~corpus.in_content)[:, 0] == pytest.approx([0] * 3)


_WORDS = st.lists(st.sampled_from([f"w{k}x" for k in range(8)]), max_size=6).map(" ".join)
_ITEMS = st.lists(st.tuples(_WORDS, _WORDS, _WORDS), min_size=2, max_size=8)


@given(_ITEMS)
def test_saying_more_never_lowers_coverage_and_any_judge_mentions_as_much_as_each(
    texts: list[tuple[str, str, str]],
):
    items = [evidence(row, [own]) for row, (own, _, _) in enumerate(texts)]
    said = [{"ada": [one], "bo": [other]} for _, one, other in texts]
    anyone = np.nan_to_num(tally_of(items, said).coverage())
    for judge in ("ada", "bo"):
        alone = np.nan_to_num(tally_of(items, said, judge=judge).coverage())
        assert (alone <= anyone + 1e-12).all()
    assert ((anyone >= 0) & (anyone <= 1 + 1e-12)).all()


@given(_ITEMS)
def test_the_order_of_items_does_not_matter(texts: list[tuple[str, str, str]]):
    def sums(rows: list[tuple[str, str, str]]) -> list[float]:
        items = [evidence(row, [own]) for row, (own, _, _) in enumerate(rows)]
        table = tally_of(items, [{"ada": [one]} for _, one, _ in rows]).table(np.ones(len(rows), dtype=bool))
        return table.sum(axis=0).tolist()

    assert sums(texts) == pytest.approx(sums(texts[::-1]))
