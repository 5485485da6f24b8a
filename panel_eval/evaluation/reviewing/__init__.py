"""What is known of single reviewers from a label file alone, more than `label_quality` needs for its verdict.

Computed for `panel-eval reviewers` only: confusion matrices (`confusion`), change over time (`drift`), single votes
to send back (`votes`), put together in `section`.
"""

from panel_eval.evaluation.reviewing.section import reviewer_report

__all__ = ["reviewer_report"]
