"""What further reviewers of each item are worth."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from panel_eval.stats.alike_posteriors import AlikePosteriors, alike_posteriors
from panel_eval.stats.arrays import FloatArray
from panel_eval.stats.class_information import class_information, labels_told_apart, outcomes
from panel_eval.stats.expected_information import vote_information_bits

_GROUPS = 2_000
"""Posteriors whose classes are drawn apart; items beyond that share those of items that are nearly alike."""
_CELLS = 200_000_000
"""Likelihoods of further votes under drawn populations, in all."""
_FEWEST_DRAWS, _MOST_DRAWS = 400, 20_000
_FEWER = 4
"""So many times fewer are drawn under each other prior: only sums over items are made of them."""
_SEED = 402


@dataclass(frozen=True)
class Worth:
    """What m = 0 … most further reviewers of each item are expected to tell.

    Attributes:
        gain: (n_items, most + 1) bits; 0 for none, and never falling with m.
        unknown: (n_items, most + 1) bits that stay unknown after them.
    """

    gain: FloatArray
    unknown: FloatArray


@dataclass(frozen=True)
class Valuing:
    """How worth is told from posteriors, also under other priors.

    Attributes:
        worth: (n_items, n_labels) Dirichlet parameters -> the worth, as exact as it gets.
        rough: the same with fewer draws.
        notes: what must be said of it.
    """

    worth: Callable[[FloatArray], Worth]
    rough: Callable[[FloatArray], Worth]
    notes: tuple[str, ...]


def value_of_shares(alpha: FloatArray, most: int) -> Valuing:
    """Worth for the labels' shares: information about the population, exact.

    Unknown is the expected KL of the population from its estimate, which is also what the next vote would tell.

    Args:
        alpha: (n_items, n_labels) Dirichlet parameters of the items.
        most: further reviewers an item at most.
    """
    groups = alike_posteriors(alpha, len(alpha) + 1, ordinal=False)

    def worth(parameters: FloatArray) -> Worth:
        steps = vote_information_bits(groups.means(parameters), most + 1)
        gain = np.zeros(steps.shape)
        gain[:, 1:] = np.cumsum(steps[:, :-1], axis=1)
        return Worth(gain[groups.code], steps[groups.code])

    return Valuing(worth, worth, ())


def value_of_class(alpha: FloatArray, most: int, ordinal: bool, seed: int) -> Valuing:
    """Worth for the class: the expected fall of its entropy, from drawn populations.

    Args:
        alpha: (n_items, n_labels) Dirichlet parameters of the items.
        most: further reviewers an item at most.
        ordinal: whether the labels have an order.
        seed: of the draws.
    """
    groups = alike_posteriors(alpha, _GROUPS, ordinal)
    columns = outcomes(labels_told_apart(alpha.shape[1], most), most)
    draws = int(np.clip(_CELLS // (groups.n_groups * columns), _FEWEST_DRAWS, _MOST_DRAWS))

    def worth(parameters: FloatArray, draws: int) -> Worth:
        generator = np.random.default_rng([seed, _SEED])
        found = class_information(groups.means(parameters), most, draws, generator, ordinal)
        return Worth(found.gain_bits[groups.code], (found.entropy_bits[:, None] - found.gain_bits)[groups.code])

    return Valuing(
        lambda parameters: worth(parameters, draws),
        lambda parameters: worth(parameters, max(100, draws // _FEWER)),
        tuple(_class_notes(alpha, most, groups, draws)),
    )


def _class_notes(alpha: FloatArray, most: int, groups: AlikePosteriors, draws: int) -> list[str]:
    said = [f"{draws:,} populations were drawn for each of {groups.n_groups:,} different posteriors"]
    if groups.width:
        said.append(
            f"items whose posteriors differ by less than about {2 * groups.width:g} of their own standard "
            "deviations share their draws"
        )
    told = labels_told_apart(alpha.shape[1], most)
    if told < alpha.shape[1]:
        said.append(
            f"looking ahead, votes for all but an item's {told - 1} likeliest labels count as one: the gains are "
            "a little too low"
        )
    return said
