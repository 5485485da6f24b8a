"""Published figures computed by panel-eval, side by side with what was printed.

Baan et al. (2022) Table 1 and the chance row of ChaosNLI, the alternative annotator test of Calderon et al. (2025),
worked coefficients of agreement, areas under risk-coverage curves, and vanilla RoBERTa against 100 people.

    python benchmarks/published.py [--quick] [--json FILE]

The data sets are read from PANEL_EVAL_DATA (default ../shared/data); without them nothing is compared.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from chaosnli import DATA, load_counts, load_logits, require_data, softmax

from panel_eval import stats
from panel_eval.stats.alternative_annotator import alternative_annotator_test
from panel_eval.stats.chance_agreement import agreement_weights, cohen_kappa, fleiss_kappa, gwet_ac
from panel_eval.stats.error_correlation import effective_judges, effective_judges_eigen, kappa_p
from panel_eval.stats.krippendorff import krippendorff_alpha
from panel_eval.stats.mode import rank_match_argsort
from panel_eval.stats.selective import asymptotic_aurc_optimum
from panel_eval.stats.standard_errors import clustered_standard_error, iid_standard_error
from panel_eval.stats.vote_pairs import coincidences, pair_agreement

LN2 = float(np.log(2.0))


@dataclass(frozen=True)
class Figure:
    """One number as we compute it and as it was printed."""

    name: str
    ours: float
    theirs: str
    why: str = ""
    """Why the two may differ, where we mean them to."""

    @property
    def agrees(self) -> bool:
        """Whether ours, rounded as theirs is, is theirs."""
        decimals = len(self.theirs.partition(".")[2])
        return abs(self.ours - float(self.theirs)) <= 0.5 * 10.0**-decimals * (1 + 1e-9)


# Seed, temperature: accuracy, hard ECE, RankCS, mean |entropy error| in nats, mean TVD.
BAAN_TABLE_1 = {
    (0, 1): (".740", ".147", ".625", ".310", ".259"),
    (1, 1): (".736", ".119", ".596", ".273", ".249"),
    (2, 1): (".752", ".141", ".627", ".314", ".261"),
    (0, 2): (None, ".036", None, ".208", ".217"),
    (1, 2): (None, ".030", None, ".236", ".222"),
    (2, 2): (None, ".020", None, ".198", ".214"),
}
WHY = {"entropy_spearman": "equal entropies are ties here; there their last bits rank them"}
_COLUMNS = ("accuracy", "hard_ece", "rank_cs", "ent_ce_abs", "dist_ce")


def baan(ids: list[str], counts: np.ndarray) -> Iterator[Figure]:
    """Baan et al. (2022), Table 1, ChaosNLI-SNLI.

    Tied votes go where their code puts them: accuracy and RankCS take the last of an ascending argsort, hard ECE
    the first of the largest (argmax); its ten bins are (a, b].
    """
    p = counts / counts.sum(axis=1, keepdims=True)
    for (seed, temperature), printed in BAAN_TABLE_1.items():
        q = softmax(load_logits(ids, seed), temperature)
        majority = (q.argmax(axis=1) == counts.argmax(axis=1)).astype(float)
        ours = (
            (q.argsort(axis=1)[:, -1] == counts.argsort(axis=1)[:, -1]).mean(),
            stats.binned_calibration_error(q.max(axis=1), majority, stats.equal_width_bins(q.max(axis=1))),
            rank_match_argsort(p, q).mean(),
            np.abs(stats.entropy_bits(q) - stats.entropy_bits(p)).mean() * LN2,
            stats.total_variation(p, q).mean(),
        )
        for column, value, theirs in zip(_COLUMNS, ours, printed, strict=True):
            if theirs is not None:
                yield Figure(f"baan_seed{seed}_t{temperature}_{column}", float(value), theirs)


def chaosnli(ids: list[str], counts: np.ndarray) -> Iterator[Figure]:
    """The chance row of Nie et al. (2020), and RoBERTa (seed 0) as it comes, and the base rate."""
    p = counts / counts.sum(axis=1, keepdims=True)
    uniform = np.full_like(p, 1 / 3)
    yield Figure("chaosnli_chance_js_distance", float(stats.js_distance(p, uniform).mean()), ".3829")
    yield Figure("chaosnli_chance_kl_nats", float(stats.kl_bits(p, uniform).mean()) * LN2, ".5455")
    q, n = softmax(load_logits(ids, 0)), counts.sum(axis=1)
    top = q.argmax(axis=1)
    hit = (top == counts.argmax(axis=1)).astype(float)
    confidence = q.max(axis=1)
    bins = stats.equal_width_bins(confidence)
    entropies = stats.entropy_bits(p), stats.entropy_bits(q)
    worth = stats.human_equivalent_reviewers(stats.impurity(p, n), stats.brier_debiased(p, q, n))
    ours = {
        "kl_nats": (stats.kl_bits(p, q).mean() * LN2, ".6173"),
        "kl_bits": (stats.kl_bits(p, q).mean(), ".8906"),
        "js_distance": (stats.js_distance(p, q).mean(), ".2454"),
        "tvd": (stats.total_variation(p, q).mean(), ".2594"),
        "accuracy_argmax": (hit.mean(), ".7384"),
        "hard_ece": (stats.binned_calibration_error(confidence, hit, bins), ".1470"),
        "soft_ece": (stats.binned_calibration_error(confidence, p[np.arange(len(p)), top], bins), ".2294"),
        "entropy_pearson": (stats.weighted_pearson(*entropies), ".3615"),
        "entropy_spearman": (stats.weighted_spearman(*entropies), ".3671"),
        "n_eq": (worth, "1.58"),
    }
    yield from (
        Figure(f"vanilla_{name}", float(value), theirs, WHY.get(name, "")) for name, (value, theirs) in ours.items()
    )


def cebab_stars() -> Iterator[Figure]:
    """Alternative annotator test of Calderon et al. (2025): gpt-4o against ten people, -RMSE, epsilon .1."""
    folder = DATA / "alttest" / "cebab_stars"
    humans = json.loads((folder / "human_annotations.json").read_text())
    judge = json.loads((folder / "llm_annotations.json").read_text())["gpt-4o"]
    items = {name: row for row, name in enumerate(sorted({name for votes in humans.values() for name in votes}))}
    stars = sorted({star for votes in (*humans.values(), judge) for star in votes.values()})
    votes = [
        (items[name], person, stars.index(star))
        for person, answers in enumerate(humans.values())
        for name, star in answers.items()
    ]
    q = np.full((len(items), len(stars)), np.nan)
    for name in items.keys() & judge.keys():
        q[items[name]] = np.eye(len(stars))[stars.index(judge[name])]
    result = alternative_annotator_test(*np.array(votes).T, q, epsilon=0.1, score="neg_rmse", values=stars)
    yield Figure("alttest_cebab_gpt4o_omega", result.winning_rate, ".9")
    yield Figure("alttest_cebab_gpt4o_rho", result.advantage, ".8986")


# Krippendorff (2011): four coders, twelve units, labels 1 to 5, 0 = none.
FOUR_CODERS = np.array(
    [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, 0, 0, 0],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, 0, 3],
        [0, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, 0],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, 0],
    ]
)
# Ten items, fourteen raters, five labels: the worked example of Wikipedia's article on Fleiss' kappa.
FLEISS_TABLE = np.array(
    [
        [0, 0, 0, 0, 14], [0, 2, 6, 4, 2], [0, 0, 3, 5, 6], [0, 3, 9, 2, 0], [2, 2, 8, 1, 1],
        [7, 7, 0, 0, 0], [3, 2, 6, 3, 0], [2, 5, 3, 2, 2], [6, 5, 2, 1, 0], [0, 2, 2, 3, 7],
    ]
)  # fmt: skip


def agreement() -> Iterator[Figure]:
    """Coefficients of agreement on published tables."""
    counts = np.array([np.bincount(unit, minlength=6)[1:] for unit in FOUR_CODERS.T], dtype=float)
    table = coincidences(counts).sum(axis=0)
    for level, theirs in (("nominal", ".7434210526"), ("ordinal", ".8153875038"), ("interval", ".8491071429")):
        yield Figure(f"krippendorff_alpha_{level}", float(krippendorff_alpha(table, level)), theirs)
    for name, kind, theirs in (
        ("gwet_ac1", "identity", ".7754440681"),
        ("gwet_ac2_ordinal", "ordinal", ".8989397699"),
        ("gwet_ac2_linear", "linear", ".8587391364"),
        ("gwet_ac2_quadratic", "quadratic", ".9140007236"),
    ):
        weights = agreement_weights(np.arange(5.0), kind)
        yield Figure(name, float(gwet_ac(*_observed(counts, weights), weights)), theirs)
    yield Figure("fleiss_kappa", float(fleiss_kappa(*_observed(FLEISS_TABLE, np.eye(5)))), ".2099307044")
    skewed = _observed(np.array([[4, 0]] * 45 + [[3, 1]] * 4 + [[0, 4]]), np.eye(2))
    yield Figure("fleiss_kappa_skewed", float(fleiss_kappa(*skewed)), ".4792")
    yield Figure("gwet_ac1_skewed", float(gwet_ac(*skewed, np.eye(2))), ".9567")
    yield Figure("cohen_kappa", float(cohen_kappa([[20, 5], [10, 15]])), ".4")


def _observed(counts: np.ndarray, weights: np.ndarray) -> tuple[float, np.ndarray]:
    voted = counts[counts.sum(axis=1) > 0]
    shares = voted / voted.sum(axis=1, keepdims=True)
    return float(np.nanmean(pair_agreement(coincidences(counts), weights))), shares.mean(axis=0)


def judges() -> Iterator[Figure]:
    """How alike judges err: Goel et al. (2025), and effective numbers of judges."""
    a = np.array([(0.8, 0.1, 0.1), (0.2, 0.7, 0.1), (0.3, 0.3, 0.4), (0.6, 0.2, 0.2)])
    b = np.array([(0.7, 0.2, 0.1), (0.1, 0.8, 0.1), (0.2, 0.5, 0.3), (0.5, 0.3, 0.2)])
    truth = np.eye(3)[[0, 1, 2, 0]]
    hits = [(judge * truth).sum(axis=1).mean() for judge in (a, b)]
    yield Figure("kappa_p", float(kappa_p((a * b).sum(axis=1).mean(), *hits, n_labels=3)), ".0685236769")
    for number, theirs in ((3, "1.3636"), (5, "1.4706"), (9, "1.5517")):
        yield Figure(f"effective_judges_{number}", float(effective_judges(0.6, number)), theirs)
    alike = np.full((3, 3), 0.6) + 0.4 * np.eye(3)
    yield Figure("effective_judges_eigen_3", float(effective_judges_eigen(alike)), "1.7442")


def deferral() -> Iterator[Figure]:
    """Areas under the risk-coverage curves of ten decisions, in both conventions."""
    confidence = np.arange(0.95, 0.45, -0.05)
    error = np.array([0, 0, 1, 0, 0, 1, 0, 1, 0, 1.0])
    mean_of_prefixes = float(stats.aurc(confidence, error))
    optimum = float(asymptotic_aurc_optimum(np.array(error.mean())))
    curve = stats.risk_coverage(confidence, error)
    ours = {
        "aurc_prefixes": (mean_of_prefixes, ".2510714286"),
        "aurc_trapezoid": (stats.aurc_trapezoid(confidence, error), ".2310714286"),
        "aurc_optimum": (optimum, ".0935046257"),
        # The excess is over the trapezoid: .2310714286 - .0935046257.
        "e_aurc": (float(stats.aurc_trapezoid(confidence, error)) - optimum, ".1375668028"),
        "augrc": (stats.augrc(confidence, error), ".15"),
        "augrc_optimum": (stats.augrc(-error, error), ".08"),
        "auroc_failure": (stats.weighted_auroc(-confidence, error > 0), ".7083333"),
        "accuracy_at_50": (1 - curve.selective_risk[4], ".8"),
        "accuracy_at_80": (1 - curve.selective_risk[7], ".625"),
    }
    yield from (Figure(name, float(value), theirs) for name, (value, theirs) in ours.items())


def errors() -> Iterator[Figure]:
    """Standard errors of Miller (2024): four clusters of three items."""
    scores, cluster = np.array([1, 1, 0, 1, 0, 0, 1, 1, 1, 0, 1, 1.0]), np.repeat(np.arange(4), 3)
    plain = clustered_standard_error(scores, cluster, finite_clusters=False, fewest=2)
    yield Figure("se_iid", float(iid_standard_error(scores)), ".1421338109")
    yield Figure("se_clustered", float(plain), ".1178511302")
    yield Figure("se_clustered_finite", float(clustered_standard_error(scores, cluster, fewest=2)), ".1360827635")


def figures() -> list[Figure]:
    """Every figure, in the order of the table."""
    ids, counts = load_counts()
    return [
        *baan(ids, counts), *chaosnli(ids, counts), *cebab_stars(),
        *agreement(), *judges(), *deferral(), *errors(),
    ]  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="the same: it takes seconds")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    arguments = parser.parse_args()
    require_data("chaosnli", "alttest")
    rows = figures()
    print(f"{'figure':<32}{'ours':>14}{'theirs':>14}")
    for row in rows:
        print(f"{row.name:<32}{row.ours:>14.10f}{row.theirs:>14}{'' if row.agrees else '   differs: ' + row.why}")
    agreeing = sum(row.agrees for row in rows)
    print(f"{agreeing} of {len(rows)} agree to the printed precision")
    if arguments.json:
        flat = {}
        for row in rows:
            flat |= {f"{row.name}_ours": row.ours, f"{row.name}_theirs": float(row.theirs)}
        arguments.json.write_text(json.dumps(flat) + "\n")
    sys.exit(0 if all(row.agrees or row.why for row in rows) else 1)


if __name__ == "__main__":
    main()
