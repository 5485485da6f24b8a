"""Votes and human labels in, `Evaluation` out: every metric with its interval, overall and per class."""
