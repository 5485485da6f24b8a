"""The alternative annotator test: worked cases, exact ranks, and the published results of three data sets."""

import json
from itertools import product

import numpy as np
import pytest
from scipy import stats as scipy_stats

from panel_eval.stats.alternative_annotator import alternative_annotator_test


def flat(table):
    """Labels (n_items, n_annotators), -1 for none, as (item, annotator, label) codes."""
    table = np.asarray(table)
    item, annotator = np.nonzero(table >= 0)
    return item, annotator, table[item, annotator]


def test_three_annotators_by_hand():
    # The judge always sides with annotators 0 and 1; annotator 2 is alone on half of the items.
    table = np.zeros((40, 3), dtype=int)
    table[:20, 2] = 1
    result = alternative_annotator_test(*flat(table), np.tile([1.0, 0.0], (40, 1)), epsilon=0.1)
    # Against 0 (rest: 1 and 2) both score the same on every item: differences all 0 < .1.
    # Against 2 the judge wins the 20 lone items and ties on 20: mean -.5.
    assert result.advantages == pytest.approx([1, 1, 1])
    assert result.p_values[:2] == pytest.approx([0, 0])
    expected = scipy_stats.ttest_1samp([-1.0] * 20 + [0.0] * 20, 0.1, alternative="less").pvalue
    assert result.p_values[2] == pytest.approx(expected)
    assert result.winning_rate == 1.0


def test_a_judge_that_knows_nothing_fails():
    draw = np.random.default_rng(0)
    truth = draw.integers(0, 4, 200)
    table = np.where(draw.random((200, 3)) < 0.9, truth[:, None], draw.integers(0, 4, (200, 3)))
    result = alternative_annotator_test(*flat(table), np.eye(4)[draw.integers(0, 4, 200)], epsilon=0.2)
    assert result.winning_rate == 0.0
    assert result.advantage < 0.5
    again = alternative_annotator_test(*flat(table), np.eye(4)[truth], epsilon=0.2)
    assert again.winning_rate == 1.0


def test_a_tied_judge_wins_by_halves():
    # Annotator 0 says 0, the rest (0, 0), (0, 1), (1, 1) in turn: it scores 1, 1/2, 0; answer 1 scores 0, 1/2, 1.
    table = np.tile([[0, 0, 0], [0, 0, 1], [0, 1, 1]], (10, 1))
    result = alternative_annotator_test(*flat(table), np.full((30, 2), 0.5), epsilon=0.0)
    # The judge's answer 0 always ties, answer 1 loses, ties, wins: W^f = 1/2, 1, 1 and W^h = 1, 1, 1/2.
    assert result.advantages[0] == pytest.approx(5 / 6)
    assert result.p_values[0] == pytest.approx(0.5)


def test_a_judge_that_varies_as_people_do_is_as_good_as_one():
    draw = np.random.default_rng(3)
    populations = draw.dirichlet([1.0, 1.0, 1.0], size=3000)
    table = np.array([draw.choice(3, size=4, p=p) for p in populations])
    result = alternative_annotator_test(*flat(table), populations, epsilon=0.15)
    assert result.winning_rate == 1.0
    # Neither is ahead: without any allowance nothing is proven in its favour.
    level = alternative_annotator_test(*flat(table), populations, epsilon=0.0)
    assert level.winning_rate == 0.0
    assert (level.p_values > 0.001).all()
    assert (level.p_values < 0.999).all()


def test_few_items_are_ranked_exactly():
    """Wilcoxon's signed ranks of d - ε by going through all signs."""
    outcomes = np.array([-1.0] * 5 + [0.0] * 3 + [1.0] * 2)
    # Three annotators; 0's difference from the judge is set by the rest, which never agree with each other here.
    table = np.array([[0, 1, 1]] * 5 + [[0, 0, 1]] * 3 + [[1, 1, 1]] * 2)
    judge = np.eye(2)[[1] * 5 + [1] * 3 + [0] * 2]
    result = alternative_annotator_test(*flat(table), judge, epsilon=0.2, fewest_items=10)
    shifted = outcomes - 0.2
    ranks = scipy_stats.rankdata(np.round(np.abs(shifted), 9))
    observed = ranks[shifted > 0].sum()
    totals = np.array([np.dot(signs, ranks) for signs in product((0, 1), repeat=10)])
    assert result.p_values[0] == pytest.approx((totals <= observed + 1e-9).mean())
    assert result.n_items[0] == 10


def test_who_is_not_tested():
    table = np.zeros((40, 3), dtype=int)
    table[5:, 2] = -1  # annotator 2 labelled five items
    result = alternative_annotator_test(*flat(table), np.tile([1.0, 0.0], (40, 1)), epsilon=0.1)
    assert result.annotators.tolist() == [0, 1]
    lonely = np.zeros((40, 1), dtype=int)  # nobody to compare with
    nothing = alternative_annotator_test(*flat(lonely), np.tile([1.0, 0.0], (40, 1)), epsilon=0.1)
    assert np.isnan(nothing.winning_rate)
    assert np.isnan(nothing.advantage)
    silent = np.tile([1.0, 0.0], (40, 1))
    silent[10:] = np.nan  # the judge answered ten items
    assert alternative_annotator_test(*flat(table), silent, epsilon=0.1).annotators.size == 0


def test_rmse_follows_the_values():
    # Rest 0 and 2 (values 0, 10): the judge says 1 (value 1), annotator 0 says 2 (value 10).
    table = np.tile([[2, 0, 2]], (30, 1))
    judge = np.tile([0.0, 1.0, 0.0], (30, 1))
    far = alternative_annotator_test(*flat(table), judge, epsilon=0.1, score="neg_rmse", values=[0.0, 1.0, 10.0])
    near = alternative_annotator_test(*flat(table), judge, epsilon=0.1, score="neg_rmse", values=[0.0, 5.0, 10.0])
    # √((1 + 81) / 2) = 6.40 against √(100 / 2) = 7.07; the middle √25 = 5.
    assert far.advantages[0] == near.advantages[0] == 1.0
    # Against annotator 1 (rest both 10): it is off by 10, the judge by 9 or 5.
    assert far.advantages[1] == near.advantages[1] == 1.0
    hit = alternative_annotator_test(*flat(table), judge, epsilon=0.1, values=[0.0, 1.0, 10.0])
    assert hit.advantages[0] == 0.0  # by accuracy the judge matches nobody


def test_codes_out_of_range_are_refused():
    judge = np.full((2, 2), 0.5)
    with pytest.raises(ValueError, match="label codes"):
        alternative_annotator_test([0], [0], [2], judge, epsilon=0.1)
    with pytest.raises(ValueError, match="item codes"):
        alternative_annotator_test([2], [0], [0], judge, epsilon=0.1)
    with pytest.raises(ValueError, match="annotator codes"):
        alternative_annotator_test([0], [-1], [0], judge, epsilon=0.1)
    with pytest.raises(ValueError, match="alike"):
        alternative_annotator_test([0, 1], [0], [0], judge, epsilon=0.1)
    with pytest.raises(ValueError, match="judge must be"):
        alternative_annotator_test([0], [0], [0], [0.5], epsilon=0.1)


PUBLISHED = {
    ("cebab_stars", "neg_rmse", 0.1): {
        "gemini_flash": (0.60, 0.82),
        "gemini_pro": (0.80, 0.87),
        "gpt-4o": (0.90, 0.90),
        "llama-31": (0.60, 0.85),
        "gpt-4o-mini": (0.90, 0.89),
        "mistral-v03": (0.50, 0.83),
    },
    ("10k_prompts", "neg_rmse", 0.15): {
        "gemini_flash": (0.31, 0.67),
        "gemini_pro": (0.08, 0.63),
        "gpt-4o": (0.69, 0.76),
        "llama-31": (0.15, 0.67),
        "gpt-4o-mini": (0.92, 0.80),
        "mistral-v03": (0.15, 0.67),
    },
    ("lgbteen", "accuracy", 0.2): {
        "gemini_flash": (0.25, 0.71),
        "gemini_pro": (0.00, 0.67),
        "gpt-4o": (0.75, 0.77),
        "llama-31": (0.00, 0.72),
        "gpt-4o-mini": (0.75, 0.76),
        "mistral-v03": (0.25, 0.75),
    },
}
"""(ω, ρ) as the authors print them in github.com/nitaytech/AltTest, alt_test_example.ipynb."""


@pytest.mark.parametrize(("dataset", "score", "epsilon"), PUBLISHED)
def test_published_results(dataset, score, epsilon, data_folder):
    folder = data_folder / "alttest" / dataset
    humans, judges = (json.loads((folder / f"{who}_annotations.json").read_text()) for who in ("human", "llm"))
    items = {name: i for i, name in enumerate(sorted({name for votes in humans.values() for name in votes}))}
    labels = sorted({label for votes in (*humans.values(), *judges.values()) for label in votes.values()})
    rows = [
        (items[name], annotator, labels.index(label))
        for annotator, votes in enumerate(humans.values())
        for name, label in votes.items()
    ]
    for judge, expected in PUBLISHED[dataset, score, epsilon].items():
        q = np.full((len(items), len(labels)), np.nan)
        for name, label in judges[judge].items():
            if name in items:
                q[items[name]] = np.eye(len(labels))[labels.index(label)]
        values = labels if score == "neg_rmse" else None
        result = alternative_annotator_test(*np.array(rows).T, q, epsilon=epsilon, score=score, values=values)
        assert (round(result.winning_rate, 2), round(result.advantage, 2)) == expected, judge
        if (dataset, judge) == ("cebab_stars", "gpt-4o"):
            assert result.advantage == pytest.approx(0.8986, abs=5e-5)
