"""Why the panel is unsure: judges, prompts, label orders or samples; and what helps against each."""

from panel_eval.evaluation.uncertainty.section import uncertainty_section

__all__ = ["uncertainty_section"]
