"""What to do about each source of uncertainty, and how to tell sources apart, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from panel_eval.schema.uncertainty_metrics import Source

_NAMES: Final[Mapping[Source, str]] = {
    "judges": "judges that contradict each other",
    "prompts": "the wording of the prompt",
    "label_orders": "the order in which labels are listed",
    "samples": "answers of one judge to one and the same question",
}
_REMEDIES: Final[Mapping[Source, str]] = {
    "judges": "look at the items they contradict each other on: say in the rubric what holds there, or hand such "
    "items to people",
    "prompts": "keep the prompt that comes closest to people, or pool over several",
    "label_orders": "balance the label orders (label_orders: balanced, as many samples as labels)",
    "samples": "report the distribution rather than one answer; more samples (or logprobs) make it steadier",
}
WITHIN_JUDGE: Final = (
    "Each judge by itself is torn between labels, as people often are on such items: report the distribution; "
    "handing these items to people brings their disagreement, not an answer."
)
BETWEEN_JUDGE: Final = (
    "Judges that are each sure contradict each other: look at the rubric where they do, or hand these items to "
    "people."
)


def remedy(sources: Sequence[Source]) -> str:
    """What helps against one source, or how several that cannot be told apart could be."""
    return _REMEDIES[sources[0]] if len(sources) == 1 else f"to tell these apart, {_how_to_tell_apart(sources)}"


def together(sources: Sequence[Source]) -> str:
    """The sources in words."""
    *others, last = [_NAMES[source] for source in sources]
    return f"{', '.join(others)} and {last}" if others else last


def _how_to_tell_apart(sources: Sequence[Source]) -> str:
    asked = []
    if "prompts" in sources:
        asked.append("ask two models or more with two prompts or more each")
    if {"label_orders", "samples"} <= set(sources):
        asked.append("ask each judge for more samples than there are labels, in balanced orders")
    elif "samples" in sources:
        asked.append("ask each judge for two samples or more")
    elif "label_orders" in sources:
        asked.append("ask each judge in several label orders")
    return " and ".join(asked)
