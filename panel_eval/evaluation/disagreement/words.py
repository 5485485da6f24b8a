"""Disagreement in plain sentences."""

from __future__ import annotations

from panel_eval.schema import Estimate
from panel_eval.schema.disagreement import Disagreement


def disagreement_sentences(found: Disagreement) -> list[str]:
    """What the numbers say, an interval beside each of them.

    Args:
        found: the document; its own sentences are not read.
    """
    return [_classes(found), *_quadrants(found), *([] if found.criteria is None else [found.criteria.advice])]


def _classes(found: Disagreement) -> str:
    classes = found.classes
    split = sum(classes.counts.get(name, 0) for name in ("major", "unresolved"))
    said = (
        f"By their votes {split:,} of {found.n_items:,} items are of class major or unresolved "
        f"({_share(split, found.n_items)})"
    )
    everyone = [
        f"{_with_interval(classes.population[name])} {name}"
        for name in ("major", "unresolved")
        if name in classes.population and classes.population[name].estimate is not None
    ]
    if everyone:
        said += f"; were everyone asked, {' and '.join(everyone)} would be expected"
    if classes.observed_is_population.estimate is not None:
        said += (
            f". The class of an item's votes is that of everyone with a chance of "
            f"{_with_interval(classes.observed_is_population)} on average"
        )
    return f"{said}."


def _quadrants(found: Disagreement) -> list[str]:
    quadrants = found.quadrants
    if not quadrants.n_with_confidence:
        return [
            "No confidences are stated: an unclear rubric and an honest disagreement look alike. Ask reviewers how "
            "sure they are."
        ]
    problem, honest = (quadrants.quadrants[name] for name in ("rubric_problem", "genuine_ambiguity"))
    said = [
        f"{problem.items:,} items, {_with_interval(problem.share)}, are split with unsure reviewers: often the "
        f"rubric leaves them alone. {honest.items:,}, {_with_interval(honest.share)}, are split with sure ones: "
        "more than one answer is defensible, keep the soft label."
    ]
    test = quadrants.confidence_test
    if test is not None and test.p_value is not None and test.p_value <= 0.05 and test.spearman.low is not None:
        less = (test.spearman.estimate or 0.0) < 0
        said.append(
            f"Reviewers are {'less' if less else 'more'} sure where they disagree (p = {test.p_value:.2g})."
        )
    return said


def _with_interval(share: Estimate) -> str:
    if share.estimate is None:
        return "–"
    if share.low is None or share.high is None or _percent(share.low) == _percent(share.high):
        return _percent(share.estimate)  # an interval without length: nothing moves, which is not to be sure
    return f"{_percent(share.estimate)} ({_percent(share.low)} to {_percent(share.high)})"


def _share(part: int, whole: int) -> str:
    return _percent(part / whole)


def _percent(value: float) -> str:
    return f"{round(100 * value)} %"  # a whole number: no -0 %
