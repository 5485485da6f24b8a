"""One pass over all segments gives what each segment gives by itself."""

import numpy as np
import pytest

from panel_eval.evaluation import blocks as blocks_module
from panel_eval.evaluation import segments as segments_module
from panel_eval.evaluation.class_means import ClassMeans
from panel_eval.evaluation.means import segment_means
from panel_eval.evaluation.segments import make_segments


@pytest.mark.parametrize("clusters", [None, 40])
@pytest.mark.parametrize("most_units", [5000, 60])
def test_one_pass_is_every_segment_by_itself(make_humans, monkeypatch, clusters, most_units):
    monkeypatch.setattr(segments_module, "MAX_UNITS", most_units)
    draw = np.random.default_rng(3)
    counts = draw.multinomial(4, [0.5, 0.3, 0.2], size=200)
    humans = make_humans(counts.tolist(), ("a", "b", "c"))
    if clusters:
        names = tuple(f"c{i % clusters}" for i in range(200))
        humans = type(humans)(**{**humans.__dict__, "clusters": names})
    segments = make_segments(humans, 30, 5)
    columns = {f"score {k}": draw.normal(size=200) for k in range(10)}
    columns["some"] = np.where(draw.random(200) < 0.3, np.nan, columns["score 1"])
    columns["infinite"] = np.where(counts[:, 0] == 4, np.inf, columns["some"])
    columns["none"] = np.full(200, np.nan)
    monkeypatch.setattr(blocks_module, "_ROWS", 70)  # three blocks
    means = ClassMeans.over(segments).of(lambda rows: {name: values[rows] for name, values in columns.items()})
    for segment in segments:
        alone = segment_means(columns, segment)
        for name, expected in alone.items():
            found = means[segment.name][name]
            assert (found.n, found.n_infinite) == (expected.n, expected.n_infinite)
            if not expected.n_infinite:  # an infinite mean has no interval to say anything of
                assert found.interval_note == expected.interval_note
            assert found.value == pytest.approx(expected.value, nan_ok=True)
            assert found.replicates == pytest.approx(expected.replicates, nan_ok=True)
