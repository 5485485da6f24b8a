"""A run fitted to its human labels, and panels scored with the pool that comes of it. The pilot is synthetic."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from fitted_runs import JUDGES, LABELS, RUBRIC, votes_of, write_pilot

import panel_eval as pe
from panel_eval import api
from panel_eval.api.labelled_run import judge_forecasts
from panel_eval.pooling import item_digests, share_fitted_on, surely_new
from panel_eval.schema import FittedPool, read_json

QUICK = {"method": "temperature", "folds": 3, "resamples": 100}
N_ITEMS = 90


@pytest.fixture(scope="module")
def pilot(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the pilot scored to `run`, and fitted."""
    folder = tmp_path_factory.mktemp("pilot")
    labels, votes, rubric = write_pilot(folder, N_ITEMS)
    pe.score(labels, votes, rubric=rubric, out=folder / "run", resamples=100)
    pe.fit(folder / "run", out=folder / "run" / "fit", **QUICK)
    return folder


def pool_of(pilot: Path) -> FittedPool:
    return read_json(pilot / "run" / "fit" / "fitted.json", FittedPool)


def test_fitting_leaves_the_run_as_it_was_and_gives_the_same_bytes_again(pilot: Path, tmp_path: Path) -> None:
    before = {path.name: path.read_bytes() for path in (pilot / "run").iterdir() if path.is_file()}
    pe.fit(pilot / "run", out=tmp_path / "again", **QUICK)
    assert {path.name: path.read_bytes() for path in (pilot / "run").iterdir() if path.is_file()} == before
    written = {path.name: path.read_bytes() for path in (pilot / "run" / "fit").iterdir()}
    assert {path.name: path.read_bytes() for path in (tmp_path / "again").iterdir()} == written
    assert set(written) == {"fit.json", "fitted.json", "policy.json"}


def test_a_pool_read_from_its_file_forecasts_what_the_fit_forecast(pilot: Path) -> None:
    result = pe.fit(pilot / "run", **QUICK)
    forecasts = judge_forecasts(result.run)
    facts = {"labels": result.run.humans.labels}
    from_memory = result.run.pooling.__class__(fitted=result.pool).forecast(forecasts, **facts)
    from_file = result.run.pooling.__class__(fitted=pool_of(pilot)).forecast(forecasts, **facts)
    np.testing.assert_array_equal(from_memory, from_file)


def test_scores_out_of_fold_are_those_of_the_report_and_better_than_the_raw_panel(pilot: Path) -> None:
    """One label in three is a liking for `high`; a temperature cannot mend that, but the panel's overconfidence."""
    report = api.read_fit(pilot / "run")
    assert report is not None
    assert report.fitting.fitted["soft"] == pool_of(pilot).out_of_fold
    change = report.fitting.ce_change_bits
    fitted, raw = report.fitting.fitted["soft"]["ce_bits"], report.fitting.raw_panel["ce_bits"]
    assert change.estimate == pytest.approx(fitted.estimate - raw.estimate)


def test_new_items_are_scored_with_the_pool_and_the_run_keeps_it(pilot: Path, tmp_path: Path) -> None:
    labels, votes, rubric = write_pilot(tmp_path / "new", 40, prefix="n", seed=5)
    scored = pe.score(
        labels,
        votes,
        rubric=rubric,
        fitted=pilot / "run" / "fit" / "fitted.json",
        out=tmp_path / "out",
        resamples=100,
    )
    again = pe.open_run(tmp_path / "out")
    assert again.pool == scored.pool == pool_of(pilot)
    q = again.pooling.forecast(judge_forecasts(again), LABELS)
    np.testing.assert_allclose(q, again.items[[f"q_{label}" for label in LABELS]].to_numpy(), atol=1e-12)
    assert again.metrics.settings["pooling"] == "fitted: temperature, soft labels"
    assert "fitted_on_these_items" not in {warning.code for warning in again.metrics.warnings}


def test_a_pool_that_meets_its_own_items_is_said_to_flatter_itself(pilot: Path, tmp_path: Path) -> None:
    labels, votes, rubric = write_pilot(tmp_path, N_ITEMS)
    scored = pe.score(labels, votes, rubric=rubric, fitted=pool_of(pilot), resamples=100)
    warning = next(warning for warning in scored.metrics.warnings if warning.code == "fitted_on_these_items")
    assert "100%" in warning.text


def test_scoring_without_a_pool_removes_the_one_of_an_earlier_score(pilot: Path, tmp_path: Path) -> None:
    labels, votes, rubric = write_pilot(tmp_path / "new", 20, prefix="n")
    pe.score(labels, votes, rubric=rubric, fitted=pool_of(pilot), out=tmp_path / "out", resamples=100)
    assert (tmp_path / "out" / "pool.json").exists()
    pe.score(labels, votes, rubric=rubric, out=tmp_path / "out", resamples=100)
    assert not (tmp_path / "out" / "pool.json").exists()
    assert pe.open_run(tmp_path / "out").pooling.fitted is None


def test_items_that_the_pool_of_a_policy_was_fitted_to_are_told_of(pilot: Path, tmp_path: Path) -> None:
    """45 of the 90 fitted its pool and 23 calibrated it: in a vote file and a run of another name just as well."""
    policy = pilot / "run" / "fit" / "policy.json"
    told = "about 76% of the items had a part in making the policy"
    by_votes = pe.apply_policy(None, policy, votes=pilot / "votes.jsonl")
    again = pe.score(pilot / "labels.jsonl", pilot / "votes.jsonl", rubric=pilot / "mood.yaml", resamples=100)
    by_run = pe.apply_policy(replace(again, manifest=again.manifest.model_copy(update={"run_id": "again"})), policy)
    assert all(any(told in note for note in applied.notes) for applied in (by_votes, by_run))
    _, new, _ = write_pilot(tmp_path, 30, prefix="n")
    assert not any(told in note for note in pe.apply_policy(None, policy, votes=new).notes)


@pytest.mark.parametrize("prefix", ["new", "i"])
def test_a_fit_is_held_against_the_panel_as_it_pools_today(pilot: Path, tmp_path: Path, prefix: str) -> None:
    """That is its pool, or the judges' mean where the pool was fitted to the labels of these very items."""
    labels, votes, rubric = write_pilot(tmp_path, 60, prefix=prefix)
    own = pool_of(pilot) if prefix == "new" else None
    today = pe.score(labels, votes, rubric=rubric, fitted=own, resamples=100)
    run = pe.score(labels, votes, rubric=rubric, fitted=pool_of(pilot), resamples=100)
    held_against = pe.fit(run, **QUICK).report.fitting.raw_panel["ce_bits"]
    assert held_against.estimate == pytest.approx(today.metrics.panel.overall["ce_bits"].estimate)


def test_a_run_that_lost_its_pool_is_not_pooled_in_another_way(pilot: Path, tmp_path: Path) -> None:
    """Nor is one whose settings no longer tell how it pooled."""
    labels, votes, rubric = write_pilot(tmp_path / "new", 20, prefix="n")
    out = pe.score(
        labels, votes, rubric=rubric, fitted=pool_of(pilot), out=tmp_path / "out", resamples=100
    ).directory
    assert out is not None
    (out / "pool.json").rename(tmp_path / "lost.json")
    with pytest.raises(pe.InputError, match=r"holds no pool\.json.*put the pool\.json back"):
        pe.fit(out, **QUICK)
    (tmp_path / "lost.json").rename(out / "pool.json")
    metrics = json.loads((out / "metrics.json").read_text())
    for settings in ({**metrics["settings"], "weights": '{"a": ['}, {"vote_strength": 20.0}):
        (out / "metrics.json").write_text(json.dumps({**metrics, "settings": settings}))
        with pytest.raises(pe.InputError, match="settings: tell no pooling"):
            _ = pe.open_run(out).pooling


Edit = Callable[[list[dict]], list[dict]]


def lines(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text().splitlines()]


@pytest.mark.parametrize(
    ("edit_votes", "said"),
    [
        (lambda votes: [vote for vote in votes if vote["judge"] != "b"], "it needs votes of b"),
        (
            lambda votes: [*votes, {"item_id": "n0001", "judge": "stranger", "label": "low"}],
            "does not know stranger",
        ),
    ],
)
def test_a_pool_for_other_judges_is_refused(pilot: Path, tmp_path: Path, edit_votes: Edit, said: str) -> None:
    labels, votes, rubric = write_pilot(tmp_path, 20, prefix="n")
    votes.write_text("".join(json.dumps(vote) + "\n" for vote in edit_votes(lines(votes))))
    with pytest.raises(pe.NotComparableError, match=said):
        pe.score(labels, votes, rubric=rubric, fitted=pool_of(pilot), out=tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_pool_for_another_rubric_or_scale_is_refused(pilot: Path, tmp_path: Path) -> None:
    labels, votes, rubric = write_pilot(tmp_path, 20, prefix="n")
    rubric.write_text(json.dumps({**RUBRIC, "version": "2"}))
    with pytest.raises(pe.NotComparableError, match="another rubric"):
        pe.score(labels, votes, rubric=rubric, fitted=pool_of(pilot))
    with pytest.raises(pe.NotComparableError, match="scale is ordinal, here it is nominal"):
        pe.score(labels, votes, scale="nominal", fitted=pool_of(pilot))


def test_the_share_of_own_items_is_told_of_few_and_of_many() -> None:
    """A list keeps 4,096 digests: all of 1,000 items, one in five of 20,000."""
    few, many = ([f"item-{n}" for n in range(size)] for size in (1_000, 20_000))
    assert len(item_digests(few).split()) == 1_000
    for fitted, scored, share, tolerance in (
        (few, few[:100], 1.0, 0.0),
        (few, [*few[:50], *(f"new-{n}" for n in range(50))], 0.5, 0.0),
        (many, many[:500], 1.0, 0.0),
        (many, [*many[:2_000], *(f"new-{n}" for n in range(2_000))], 0.5, 4 * (0.25 / 800) ** 0.5),
        (many, [f"new-{n}" for n in range(500)], 0.0, 0.0),
    ):
        document = FittedPool.model_construct(fitted_on=type("On", (), {"item_digests": item_digests(fitted)})())
        assert share_fitted_on(document, scored) == pytest.approx(share, abs=tolerance)


def test_items_are_new_only_if_enough_of_them_can_be_looked_up() -> None:
    """Of 100,000 items a list keeps one in 24: of 40 items it tells of one or two, if any; of 2,000 of some 80."""
    many = [f"item-{n}" for n in range(100_000)]
    document = FittedPool.model_construct(fitted_on=type("On", (), {"item_digests": item_digests(many)})())
    few = FittedPool.model_construct(fitted_on=type("On", (), {"item_digests": item_digests(many[:1_000])})())
    unseen = [
        part for part in (many[n : n + 40] for n in range(0, 4_000, 40)) if not share_fitted_on(document, part)
    ]
    assert unseen
    assert not any(surely_new(document, part) for part in unseen)
    assert surely_new(document, [f"new-{n}" for n in range(2_000)])
    assert not surely_new(document, [*many[:500], *(f"new-{n}" for n in range(2_000))])
    assert surely_new(few, ["new-1", "new-2"])
    assert not surely_new(few, ["new-1", "item-2"])


def panel_of(folder: Path, n_items: int, prefix: str, **settings: object) -> pe.Panel:
    labels, _, rubric = write_pilot(folder, n_items, prefix, seed=7)
    return pe.Panel(
        panel="live",
        rubric=str(rubric),
        labels=str(labels),
        judges=[pe.Judge(id=name, model=f"fake/{name}", label_orders="fixed") for name in JUDGES],
        **settings,
    )


def judges(n_items: int, prefix: str) -> dict[str, pe.FakeTransport]:
    said = votes_of(n_items, seed=7)
    return {
        name: pe.FakeTransport({f"{prefix}{row:04d}": label for row, label in enumerate(said[name])})
        for name in JUDGES
    }


def test_a_panel_runs_with_a_fitted_pool_and_the_policy_it_asks_for(pilot: Path, tmp_path: Path) -> None:
    pooling = {"fitted": str(pilot / "run" / "fit" / "fitted.json")}
    panel = panel_of(tmp_path, 60, "r", pooling=pooling, deferral={"loss": "majority", "risk": 0.4, "delta": 0.2})
    ran = pe.run(panel, transports=judges(60, "r"), results=tmp_path / "results", resamples=100)
    stored = pe.open_run(ran.directory)
    assert stored.pool == pool_of(pilot)
    assert stored.manifest.hashes["pool"]
    assert stored.metrics.policy is not None
    assert stored.metrics.policy.settings.risk == 0.4
    policy = json.loads((ran.directory / "policy.json").read_text())
    assert policy["pooling"]["method"] == "temperature"
    assert policy["calibration"]["run_id"] == ran.manifest.run_id
    assert stored.metrics.policy.n_calibration + stored.metrics.policy.n_test == 60


def test_no_policy_is_made_for_a_pool_that_has_seen_the_items(pilot: Path, tmp_path: Path) -> None:
    pooling = {"fitted": str(pilot / "run" / "fit" / "fitted.json")}
    panel = panel_of(tmp_path, 20, "i", pooling=pooling, deferral={})
    ran = pe.run(panel, transports=judges(20, "i"), results=tmp_path / "results", resamples=100)
    assert ran.metrics.policy is None
    assert not (ran.directory / "policy.json").exists()
    assert "no_policy" in {warning.code for warning in ran.metrics.warnings}


def test_nothing_is_asked_where_the_pool_or_the_loss_does_not_fit(pilot: Path, tmp_path: Path) -> None:
    pooling = {"fitted": str(pilot / "run" / "fit" / "fitted.json")}
    panel = panel_of(tmp_path, 10, "r", pooling=pooling)
    two = panel.model_copy(update={"judges": panel.judges[:2]})
    with pytest.raises(pe.NotComparableError, match="it needs votes of c"):
        pe.run(two, transports=judges(10, "r"), results=tmp_path / "results")
    edited = pool_of(pilot).model_dump(mode="json")
    edited["parameters"] = {"method": "linear_pool", "weights": {"a": 1}, "sharpness": 1, "label_bias_nats": {}}
    (tmp_path / "edited.json").write_text(json.dumps(edited))
    for_others = panel_of(tmp_path, 10, "r", pooling={"fitted": str(tmp_path / "edited.json")})
    with pytest.raises(pe.InputError, match="numbers for other names"):
        pe.run(for_others, transports=judges(10, "r"), results=tmp_path / "results")
    nominal = {**RUBRIC, "scale": "nominal"}
    (tmp_path / "mood.yaml").write_text(json.dumps(nominal))
    ranked = panel.model_copy(update={"pooling": "linear", "deferral": pe.Panel.model_fields["deferral"].default})
    ranked = pe.Panel.model_validate({**ranked.model_dump(), "deferral": {"loss": "distance"}})
    with pytest.raises(pe.InputError, match=r"deferral\.loss.*no order"):
        pe.run(ranked, transports=judges(10, "r"), results=tmp_path / "results")
    assert not (tmp_path / "results").exists()


def test_too_few_items_are_said_to_be_too_few(tmp_path: Path) -> None:
    labels, votes, rubric = write_pilot(tmp_path, 12)
    result = pe.fit(pe.score(labels, votes, rubric=rubric, resamples=100), **QUICK)
    assert result.policy is None
    assert "fewer than 40 items" in (result.report.policy_note or "")


def test_a_pool_that_was_changed_after_scoring_is_refused(pilot: Path, tmp_path: Path) -> None:
    labels, votes, rubric = write_pilot(tmp_path / "new", 20, prefix="n")
    pe.score(labels, votes, rubric=rubric, fitted=pool_of(pilot), out=tmp_path / "out", resamples=100)
    pool = tmp_path / "out" / "pool.json"
    document = json.loads(pool.read_text())
    document["parameters"]["sharpness"] = 5.0
    pool.write_text(json.dumps(document))
    with pytest.raises(pe.InputError, match=r"pool\.json.*not the pool that run\.json tells of"):
        pe.open_run(tmp_path / "out")


def test_the_order_of_lines_changes_nothing_that_fit_finds_out(pilot: Path, tmp_path: Path) -> None:
    labels, votes, rubric = write_pilot(tmp_path, N_ITEMS)
    for path in (labels, votes):
        path.write_text("".join(reversed(path.read_text().splitlines(keepends=True))))
    turned = pe.fit(pe.score(labels, votes, rubric=rubric, resamples=100), **QUICK)
    report = api.read_fit(pilot / "run")
    assert report is not None
    assert turned.report.model_copy(update={"run_id": report.run_id}) == report


def test_judges_of_one_model_asked_in_different_ways_are_no_prompts_of_one_another(tmp_path: Path) -> None:
    """Two judges of model x, one by vote and one by distribution: models with all settings, so different ones."""
    panel = panel_of(tmp_path, 50, "r")
    asked = [pe.Judge(id=name, model="fake/x", elicit=how) for name, how in (("a", "vote"), ("b", "distribution"))]
    said = votes_of(50, seed=7)
    transports = {
        "a": pe.FakeTransport({f"r{row:04d}": label for row, label in enumerate(said["a"])}),
        "b": pe.FakeTransport(
            {f"r{row:04d}": {each: float(each == label) for each in LABELS} for row, label in enumerate(said["b"])}
        ),
    }
    ran = pe.run(
        panel.model_copy(update={"judges": asked}),
        transports=transports,
        results=tmp_path / "results",
        resamples=100,
    )
    parts = pe.fit(ran, **QUICK).report.uncertainty.parts
    assert not any("prompts" in part.sources for part in parts)


def test_of_a_blend_it_is_said_that_curve_and_sub_panels_take_its_stacked_part(tmp_path: Path) -> None:
    labels, votes, rubric = write_pilot(tmp_path, N_ITEMS)
    run = pe.score(labels, votes, rubric=rubric, resamples=100)
    blend, alone = (pe.fit(run, **{**QUICK, "method": method}).report for method in ("blend", "stacking"))
    for report, said in ((blend, True), (alone, False)):
        for section in (report.learning_curve, report.panel_value):
            assert any("stacked part of the blend" in note for note in section.notes) is said
