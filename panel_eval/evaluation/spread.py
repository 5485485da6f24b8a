"""Where the panel's uncertainty comes from: what each judge is unsure of, where judges contradict."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from panel_eval.evaluation.answers import Answers
from panel_eval.evaluation.means import Mean, estimate, mean_estimate, null, segment_means
from panel_eval.evaluation.segments import MIN_ITEMS, Segment
from panel_eval.pooling import JudgeForecasts
from panel_eval.schema import OUTCOMES, Estimate
from panel_eval.schema.spread_metrics import Spread, SpreadTerms
from panel_eval.stats.arrays import BoolArray, FloatArray, quotient
from panel_eval.stats.entropy import entropy_bits
from panel_eval.stats.panel_spread import PanelSpread, corrected_spread

_TERMS = ("within_judge_bits", "between_judge_bits", "total_spread_bits")
_WHOLE = 1e-6
_CONSTANT = 1e-12
_FEW_VOTES = 5
_ONE_JUDGE = "no item was answered by two or more judges"
_NOTHING = "the judges spread over labels on no item"
_SAME = "undefined: the same on every item"


def spread_section(comparison: Answers) -> Spread:
    """Within-judge, between-judge and total spread of the judges' unsmoothed answers.

    Over the items that two or more judges answered; over all that were answered where there is no such item.

    Args:
        comparison: the panel beside the people.
    """
    votes = votes_cast(comparison.forecasts)
    spread = corrected_spread(comparison.forecasts.q_raw, votes)
    corrected = dict(zip(_TERMS, (spread.within, spread.between, spread.total), strict=True))
    plain = dict(zip(_TERMS, (spread.plain_within, spread.plain_between, spread.plain_total), strict=True))
    several = comparison.forecasts.answered.sum(axis=0) >= 2
    part = np.asarray(several if several.any() else comparison.forecasts.answered.any(axis=0))
    segment = comparison.everything.take(part[comparison.everything.rows])
    one_judge = None if several.any() else _ONE_JUDGE
    counted = np.isfinite(votes) & (votes > 0)
    changed = part & spread.corrected & counted.any(axis=0)
    means = segment_means(corrected, segment)
    uncorrected = segment_means(plain, segment)
    human = entropy_bits(comparison.humans.distribution)
    return Spread(
        mean=_of_means(means, one_judge),
        plain=_of_means(uncorrected, one_judge),
        between_share=_share(means["between_judge_bits"], means["total_spread_bits"], one_judge),
        pearson_human_entropy=_correlations(corrected, human, segment, one_judge),
        n_corrected=int(changed.sum()),
        note=_what_votes_hide(votes, part, spread),
    )


def votes_cast(forecasts: JudgeForecasts) -> FloatArray:
    """(n_judges, n_items) labels that each judge cast; 0 for no answer, inf where it stated a distribution."""
    usable = forecasts.outcomes[:, :, OUTCOMES.index("ok")]
    votes = np.empty(usable.shape)
    # Judge by judge: at a million items the shares of all of them at once would be large.
    for row, (q, strength, number) in enumerate(zip(forecasts.q_raw, forecasts.strength, usable, strict=True)):
        shares = q * number[:, None]
        whole = (np.abs(shares - np.round(shares)) <= _WHOLE).all(axis=1)
        labels = whole & (np.abs(strength - number) <= _WHOLE)
        votes[row] = np.where(strength > 0, np.where(labels, number, np.inf), 0.0)
    return votes


def _of_means(means: Mapping[str, Mean], one_judge: str | None) -> SpreadTerms:
    return _as_terms({name: mean_estimate(mean) for name, mean in means.items()}, one_judge)


def _as_terms(numbers: Mapping[str, Estimate], one_judge: str | None) -> SpreadTerms:
    """The three numbers; nothing lies between the judges where there is but one."""
    between = numbers["between_judge_bits"]
    return SpreadTerms(
        within_judge_bits=numbers["within_judge_bits"],
        between_judge_bits=null(one_judge, between.n) if one_judge else between,
        total_spread_bits=numbers["total_spread_bits"],
    )


def _share(between: Mean, total: Mean, one_judge: str | None) -> Estimate:
    if one_judge:
        return null(one_judge, total.n)
    if not total.value > _CONSTANT:
        return null(_NOTHING, total.n)
    replicates = None if total.interval_note else quotient(between.replicates, total.replicates)
    return estimate(between.value / total.value, replicates, total.n, total.interval_note)


def _correlations(
    terms: Mapping[str, FloatArray], human: FloatArray, segment: Segment, one_judge: str | None
) -> SpreadTerms:
    """Pearson's correlation of each term with the reviewers' entropy, from moments that are resampled as means."""
    rows = segment.rows
    if rows.size < MIN_ITEMS:
        few = null(f"fewer than {MIN_ITEMS} items", rows.size)
        return _as_terms(dict.fromkeys(terms, few), one_judge)
    y = human[rows] - human[rows].mean()
    columns = [y, y * y]
    for values in terms.values():
        x = values[rows] - values[rows].mean()
        columns += [x, x * x, x * y]
    table = np.column_stack(columns)
    value, drawn = _pearson(table.mean(axis=0)[None]), _pearson(segment.means(table))
    no_interval = segment.interval_note()
    numbers = {
        name: estimate(
            value[0, column], None if no_interval else drawn[:, column], rows.size, no_interval, undefined=_SAME
        )
        for column, name in enumerate(terms)
    }
    return _as_terms(numbers, one_judge)


def _pearson(moments: FloatArray) -> FloatArray:
    """(n, n_terms) from rows of means: y, yy, then x, xx, xy of each term."""
    y, yy = moments[:, :1], moments[:, 1:2]
    x, xx, xy = moments[:, 2::3], moments[:, 3::3], moments[:, 4::3]
    spread = (xx - x * x) * (yy - y * y)
    exists = (xx - x * x > _CONSTANT) & (yy - y * y > _CONSTANT)
    correlation = quotient(xy - x * y, np.sqrt(np.where(exists, spread, 0.0)))
    return np.clip(correlation, -1.0, 1.0)


def _what_votes_hide(votes: FloatArray, part: BoolArray, spread: PanelSpread) -> str | None:
    """What the number of votes behind each judge leaves open, in plain words."""
    counted = np.isfinite(votes) & (votes > 0) & part
    if not counted.any():
        return None
    if votes[counted].max() <= 1 and counted.sum() == ((votes > 0) & part).sum():
        return (
            "each judge cast one label an item: it shows no spread of its own, so within is 0 and everything "
            "counts as between; no correction is possible"
        )
    said = []
    single = part & ~spread.corrected
    if single.any():
        said.append(
            f"{int(single.sum())} of {int(part.sum())} items are not corrected, as a judge cast a single label "
            "there: their within is too low and their between too high"
        )
    few = counted & (votes > 1) & (votes < _FEW_VOTES)
    if few.any():
        said.append(
            f"some judges cast fewer than {_FEW_VOTES} labels an item: even corrected, judges who agree seem to "
            "differ somewhat"
        )
    return "; ".join(said) or None
