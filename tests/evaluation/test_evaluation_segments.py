import numpy as np
import pytest

from panel_eval.evaluation import segments as segments_module
from panel_eval.evaluation.segments import Segment, make_resampling, make_segments
from panel_eval.humans import load_soft_labels


def labelled(tmp_path, clusters):
    """Items with three reviewers each; `clusters` names the cluster of each, or None."""
    lines = []
    for i, cluster in enumerate(clusters):
        named = "" if cluster is None else f', "cluster": "{cluster}"'
        lines.append(
            f'{{"item_id": "i{i:05}", "task": "t", "counts": {{"a": {1 + i % 3}, "b": {2 - i % 3}}}{named}}}'
        )
    path = tmp_path / "labels.jsonl"
    path.write_text("\n".join(lines))
    return load_soft_labels(path)


def mean_of(scores):
    return lambda rows, w: np.mean(scores[rows]) if w is None else (w @ scores[rows]) / w.sum(axis=1)


def test_clusters_come_or_stay_away_whole(tmp_path):
    humans = labelled(tmp_path, ["b", "a", "b", "c", "a", "b"])
    everything = make_segments(humans, 200, 3)[0]
    drawn = everything.sums(np.eye(6))  # column i: how often item i was drawn
    assert (drawn[:, [0, 0]] == drawn[:, [2, 5]]).all()
    assert (drawn[:, 1] == drawn[:, 4]).all()
    assert (drawn[:, [0, 1, 3]].sum(axis=1) == 3).all()  # three clusters are drawn each time
    assert len({*drawn.sum(axis=1)}) > 1


def test_means_leave_out_missing_scores_in_every_resample(tmp_path):
    everything = make_segments(labelled(tmp_path, [None] * 20), 300, 1)[0]
    drawn = everything.sums(np.eye(20))
    scores = np.column_stack([np.arange(20.0), np.where(np.arange(20) % 3, np.nan, np.arange(20.0))])
    means = everything.means(scores)
    assert means[:, 0] == pytest.approx(drawn @ np.arange(20.0) / 20)
    kept = np.arange(0, 20, 3)
    assert means[:, 1] == pytest.approx(drawn[:, kept] @ kept.astype(float) / drawn[:, kept].sum(axis=1))


def test_replicates_of_a_class_use_the_draws_of_all_items(tmp_path):
    humans = labelled(tmp_path, [None] * 30)
    everything, *classes = make_segments(humans, 50, 2)
    drawn = everything.sums(np.eye(30))
    scores = np.arange(30.0) ** 2
    for segment in classes:
        if segment.rows.size:
            value, replicates = segment.replicates(mean_of(scores))
            own = drawn[:, segment.rows]
            assert value == pytest.approx(scores[segment.rows].mean())
            assert replicates == pytest.approx(own @ scores[segment.rows] / own.sum(axis=1))


@pytest.mark.parametrize("clustered", [False, True])
def test_many_items_keep_the_spread_of_few(tmp_path, monkeypatch, clustered):
    # 6,000 items (3,000 clusters of two alike) with at most 1,000 units: the standard error of the mean is known.
    monkeypatch.setattr(segments_module, "MAX_UNITS", 1000)
    draw = np.random.default_rng(0)
    clusters = [f"c{i // 2}" for i in range(6000)] if clustered else [None] * 6000
    scores = np.repeat(draw.normal(size=3000), 2) if clustered else draw.normal(size=6000)
    everything = make_segments(labelled(tmp_path, clusters), 2000, 4)[0]
    expected = scores.std() / np.sqrt(3000 if clustered else 6000)
    blocks = everything.means(scores[:, None])[:, 0]
    value, picked = everything.replicates(mean_of(scores))
    assert value == pytest.approx(scores.mean())
    # Two thousand replicates and a thousand units: the spread itself is known to about 3 %.
    for replicates in (blocks, picked):
        assert replicates.std() == pytest.approx(expected, rel=0.1)
        assert replicates.mean() == pytest.approx(scores.mean(), abs=0.15 * expected)


def test_few_huge_clusters_cannot_stand_in_for_all(tmp_path, monkeypatch):
    monkeypatch.setattr(segments_module, "MAX_UNITS", 100)
    everything = make_segments(labelled(tmp_path, [f"c{i % 9}" for i in range(900)]), 20, 4)[0]
    value, replicates = everything.replicates(mean_of(np.arange(900.0)))
    assert value == 449.5
    assert np.isnan(replicates).all()


def test_the_interval_note_counts_what_is_drawn(tmp_path):
    humans = labelled(tmp_path, ["a"] * 10 + [f"c{i}" for i in range(6)])
    resampling = make_resampling(humans, 10, 0)
    assert Segment("all", np.arange(16), resampling).interval_note() == "no interval: fewer than 8 clusters"
    plain = make_resampling(labelled(tmp_path, [None] * 16), 10, 0)
    assert Segment("all", np.arange(16), plain).interval_note() is None
    assert Segment("all", np.arange(7), plain).interval_note() == "no interval: fewer than 8 items"


@pytest.mark.parametrize("most", [10_000, 300])
def test_a_table_of_statistics_holds_what_each_alone_gives(tmp_path, monkeypatch, most):
    # In blocks of 7 resamples and one of 1; with at most 300 units, 300 of the 390 items stand in for all.
    monkeypatch.setattr(segments_module, "MAX_UNITS", most)
    monkeypatch.setattr(segments_module, "_CELLS", 7 * min(most, 390))
    everything = make_segments(labelled(tmp_path, [None] * 400), 50, 5)[0]
    part = np.arange(400) < 390
    means = [mean_of(np.arange(400.0)), mean_of(np.sqrt(np.arange(400.0)))]

    def both(rows, w):
        return np.stack([mean(rows, w) for mean in means], axis=-1)

    values, table = everything.replicate_table(both, part)
    assert table.shape == (50, 2)
    for column, mean in enumerate(means):
        value, replicates = everything.replicates(mean, part)
        assert values[column] == value
        assert table[:, column] == pytest.approx(replicates, abs=1e-12)
