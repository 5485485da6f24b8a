"""How a panel's judges become one forecast: their weighted mean, smoothed, or a fitted pool."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from panel_eval.errors import InputError, Problem, shorten
from panel_eval.pooling.fitted_panel import PanelFacts, fitted_forecast, refuse_other_panel
from panel_eval.pooling.linear import pool_linear
from panel_eval.pooling.smoothing import smooth
from panel_eval.pooling.votes import JudgeForecasts
from panel_eval.schema import FittedPool, Smoothing
from panel_eval.stats.arrays import FloatArray

SettingValue = str | int | float | None


@dataclass(frozen=True)
class PanelPooling:
    """How a panel pools.

    Attributes:
        smoothing: keeps forecasts off zero: the weighted mean's, and that of single judges.
        weights: judge id to weight in the mean; judges not named weigh 1.
        fitted: joins the judges instead of the mean.

    Raises:
        InputError: weights beside a fitted pool.
    """

    smoothing: Smoothing | Literal["none"] = field(default_factory=Smoothing)
    weights: Mapping[str, float] = field(default_factory=dict)
    fitted: FittedPool | None = None

    def __post_init__(self) -> None:
        if self.fitted is not None and len({1.0, *self.weights.values()}) > 1:
            raise InputError("judges have weights, which a fitted pool does not know: leave one of the two out")

    @classmethod
    def of_settings(cls, settings: Mapping[str, SettingValue], fitted: FittedPool | None) -> PanelPooling:
        """The pooling that gave metrics these settings; `fitted` where they tell of a fitted pool.

        Raises:
            InputError: no pooling has such settings.
        """
        try:
            return cls._of_settings(settings, fitted)
        except (KeyError, ValueError) as error:
            problem = Problem(f"tell no pooling: {shorten(str(error))}", key="settings", fix="score the run again")
            raise InputError(problem) from None

    @classmethod
    def _of_settings(cls, settings: Mapping[str, SettingValue], fitted: FittedPool | None) -> PanelPooling:
        weights, base = settings.get("weights"), settings.get("smoothing_base")
        smoothing: Smoothing | Literal["none"] = "none"
        if settings.get("smoothing") != "none":
            smoothing = Smoothing.model_validate(
                {
                    "alpha": settings["smoothing_alpha"],
                    "strength": settings["vote_strength"],
                    "base": base if base == "uniform" else json.loads(str(base)),
                }
            )
        return cls(smoothing, {} if weights in (None, "equal") else json.loads(str(weights)), fitted)

    @property
    def vote_strength(self) -> float:
        """How many votes a probability-valued vote counts as."""
        if self.fitted is not None:
            return self.fitted.vote_strength
        return Smoothing().strength if self.smoothing == "none" else self.smoothing.strength

    def refuse_other(self, facts: PanelFacts) -> None:
        """Check that a fitted pool was fitted for this panel.

        Raises:
            NotComparableError: it was not; names everything that differs.
        """
        if self.fitted is not None:
            refuse_other_panel(self.fitted, facts)

    def forecast(self, forecasts: JudgeForecasts, labels: Sequence[str]) -> FloatArray:
        """The panel's forecast of each item.

        Args:
            forecasts: what each judge said; for a fitted pool, the judges that it was fitted on.
            labels: the label set, in the order of the columns.

        Returns:
            (n_items, n_labels) distributions; NaN rows where nobody answered.

        Raises:
            InputError: weights or a base measure that do not fit judges or labels.
        """
        if self.fitted is not None:
            return fitted_forecast(self.fitted, forecasts)
        return smooth(*pool_linear(forecasts, self.weights), self.smoothing, labels)

    def settings(self) -> dict[str, SettingValue]:
        """The settings, as metrics.json repeats them."""
        given, fitted = (None if self.smoothing == "none" else self.smoothing), self.fitted
        base = None if given is None else given.base
        return {
            "pooling": "linear" if fitted is None else f"fitted: {fitted.method}, {fitted.target} labels",
            "weights": json.dumps(dict(sorted(self.weights.items()))) if self.weights else "equal",
            "smoothing": "none" if given is None else "dirichlet",
            "smoothing_alpha": None if given is None else given.alpha,
            "smoothing_base": base
            if base is None or isinstance(base, str)
            else json.dumps(dict(sorted(base.items()))),
        }
