"""Pure functions on numpy arrays: divergences, proper scores, calibration, selective prediction, resampling.

Arrays are (n_items, n_labels), items first. Nothing here knows files, pydantic, pandas or logging.
"""

from panel_eval.stats.bootstrap import membership, percentile_interval, resampling_weights
from panel_eval.stats.brier import (
    brier,
    brier_debiased,
    human_equivalent_reviewers,
    impurity,
    squared_distance,
)
from panel_eval.stats.calibration import (
    TopLabel,
    binned_calibration_error,
    equal_mass_bins,
    equal_width_bins,
    top_label_calibration,
)
from panel_eval.stats.calibration_errors import CalibrationErrors, calibration_errors
from panel_eval.stats.correlation import weighted_auroc, weighted_pearson, weighted_spearman
from panel_eval.stats.divergence import (
    cross_entropy_bits,
    hellinger,
    js_distance,
    jsd_bits,
    kl_bits,
    total_variation,
)
from panel_eval.stats.entropy import entropy_bits
from panel_eval.stats.mode import mode_accuracy, mode_sets, rank_match
from panel_eval.stats.ordinal import rps, rps_divergence, wasserstein_1
from panel_eval.stats.panel_spread import between_judge_bits, total_spread_bits, within_judge_bits
from panel_eval.stats.selective import RiskCoverage, augrc, aurc, aurc_trapezoid, risk_coverage
from panel_eval.stats.smooth_calibration import smooth_calibration_error

__all__ = [
    "CalibrationErrors",
    "RiskCoverage",
    "TopLabel",
    "augrc",
    "aurc",
    "aurc_trapezoid",
    "between_judge_bits",
    "binned_calibration_error",
    "brier",
    "brier_debiased",
    "calibration_errors",
    "cross_entropy_bits",
    "entropy_bits",
    "equal_mass_bins",
    "equal_width_bins",
    "hellinger",
    "human_equivalent_reviewers",
    "impurity",
    "js_distance",
    "jsd_bits",
    "kl_bits",
    "membership",
    "mode_accuracy",
    "mode_sets",
    "percentile_interval",
    "rank_match",
    "resampling_weights",
    "risk_coverage",
    "rps",
    "rps_divergence",
    "smooth_calibration_error",
    "squared_distance",
    "top_label_calibration",
    "total_spread_bits",
    "total_variation",
    "wasserstein_1",
    "weighted_auroc",
    "weighted_pearson",
    "weighted_spearman",
    "within_judge_bits",
]
